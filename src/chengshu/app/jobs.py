"""Jobs by the clock, run by procrastinate inside the worker processes; each once, however many run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from threading import Event

import psycopg
import psycopg_pool
from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status

from chengshu.agencies.calendar import WorkCalendar
from chengshu.app.refits import nightly, nightly_routing
from chengshu.app.retention import prune_changes, retain
from chengshu.app.scores import watch_scores
from chengshu.app.upward import exchange_round, reconcile_yesterday
from chengshu.app.world import World
from chengshu.kit.db import Database
from chengshu.kit.errors import CannotStart
from chengshu.kit.log import logger
from chengshu.kit.settings import Settings
from chengshu.kit.times import local, utc_now

_AHEAD = timedelta(days=60)  # the State Council publishes a year's holidays in the November before
_LOOK_S = 0.2
_AGAIN_S = 5.0
_FAILED_HOURS = 30 * 24
# Crontab in UTC; the city's clock is eight hours ahead all the year.
_NIGHTLY_REFIT = "20 18 * * *"  # 02:20
_NIGHTLY_ROUTING = "30 18 * * *"  # 02:30
_NIGHTLY = "10 19 * * *"  # 03:10
_NIGHTLY_TIDY = "40 19 * * *"  # 03:40
_NIGHTLY_RECONCILE = "0 17 * * *"  # 01:00
_TEN_MINUTES = "*/10 * * * *"
_MINUTE = "* * * * *"
_MONDAYS = "0 1 * * 1"  # 09:00
_log = logger("jobs")


def make_jobs(dsn_worker: str, world: World, settings: Settings) -> App:
    """The timed jobs of one process; `run_jobs` runs them."""
    app = App(
        connector=PsycopgConnector(
            conninfo=dsn_worker,
            min_size=1,
            max_size=3,
            kwargs={"application_name": "chengshu-jobs"},
        )
    )

    @app.periodic(cron=_NIGHTLY)
    @app.task(name="retention", pass_context=True)
    def retention(context: JobContext, timestamp: int) -> None:
        with _database(dsn_worker) as database:
            retain(database, settings.retention, utc_now(), stop=context.should_abort)

    @app.periodic(cron=_NIGHTLY_REFIT)
    @app.task(name="refit")
    def refit(timestamp: int) -> None:
        with _database(dsn_worker) as database:
            nightly(database, settings, utc_now())

    @app.periodic(cron=_NIGHTLY_ROUTING)
    @app.task(name="refit_routing")
    def refit_routing(timestamp: int) -> None:
        if world.office.router is not None:
            with _database(dsn_worker) as database:
                nightly_routing(database, world.office.router.shipped, utc_now())

    @app.periodic(cron=_TEN_MINUTES)
    @app.task(name="prune_changes")
    def prune(timestamp: int) -> None:
        with _database(dsn_worker) as database:
            prune_changes(database, utc_now())

    @app.periodic(cron=_MINUTE)
    @app.task(name="scores")
    def scores(timestamp: int) -> None:
        with _database(dsn_worker) as database:
            watch_scores(database, world, utc_now())

    @app.periodic(cron=_MINUTE)
    @app.task(name="exchange_upward", lock="exchange_upward", queueing_lock="exchange_upward")
    def exchange_upward(timestamp: int) -> None:
        if settings.upper_url:
            with _database(dsn_worker) as database:
                exchange_round(database, world, settings, utc_now())

    @app.periodic(cron=_NIGHTLY_RECONCILE)
    @app.task(name="reconcile_upward")
    def reconcile_upward(timestamp: int) -> None:
        if settings.upper_url:
            with _database(dsn_worker) as database:
                reconcile_yesterday(database, settings, utc_now())

    @app.periodic(cron=_MONDAYS)
    @app.task(name="calendar")
    def calendar(timestamp: int) -> None:
        for year in unknown_years(world.office.calendar, local(utc_now()).date()):
            _log.warning("calendar_unknown", year=year, say=calendar_sentence(year).english)

    @app.periodic(cron=_NIGHTLY_TIDY)
    @app.task(name="tidy", pass_context=True)
    async def tidy(context: JobContext, timestamp: int) -> None:
        jobs = context.app.job_manager
        for (
            stalled
        ) in await jobs.get_stalled_jobs():  # its worker was killed; the clock starts it anew
            await jobs.finish_job(stalled, Status.FAILED, delete_job=False)
        await jobs.delete_old_jobs(_FAILED_HOURS, include_failed=True, include_cancelled=True,
                                   include_aborted=True)  # fmt: skip

    return app


def run_jobs(app: App, stop: Event) -> None:
    """Run jobs until `stop` is set, in the calling thread; a lost database is waited for."""
    while not stop.is_set():
        try:
            asyncio.run(_run(app, stop))
        except (psycopg.Error, psycopg_pool.PoolTimeout, ConnectorException, OSError) as failure:
            _log.warning("jobs_interrupted", reason=repr(failure))
            stop.wait(_AGAIN_S)


async def _run(app: App, stop: Event) -> None:
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                name="chengshu",
                install_signal_handlers=False,  # they belong to the process, and only to its main thread
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                shutdown_graceful_timeout=_AGAIN_S,
            )
        )
        while not stop.is_set() and not worker.done():
            await asyncio.sleep(_LOOK_S)
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker


def unknown_years(calendar: WorkCalendar, today: date) -> list[int]:
    """Years within the next two months whose holidays the calendar does not know."""
    days = (today, today + _AHEAD)
    return sorted({day.year for day in days if not calendar.knows(day)})


def calendar_sentence(year: int) -> CannotStart:
    """What to do about such a year, in both languages."""
    return CannotStart(
        f"工作日历没有 {year} 年的节假日，期限可能算错；请在城市目录的 calendar.toml 补上",
        f"the working calendar lacks the holidays of {year}, so deadlines may be wrong: "
        "add the year to calendar.toml in the city's folder",
    )


@contextmanager
def _database(dsn: str) -> Iterator[Database]:
    database = Database(dsn, size=1, name="chengshu-jobs")
    database.open()
    try:
        yield database
    finally:
        database.close()
