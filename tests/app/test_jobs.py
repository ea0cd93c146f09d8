"""Timed jobs: each runs once however many workers there are, and the database may go away meanwhile."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from datetime import time as clock
from typing import Protocol
from zoneinfo import ZoneInfo

import psycopg
import pytest
from procrastinate import App, SyncPsycopgConnector
from procrastinate.types import JSONDict

from chengshu.agencies.calendar import WorkCalendar
from chengshu.app.jobs import calendar_sentence, make_jobs, run_jobs, unknown_years
from chengshu.app.world import World
from chengshu.kit.embedded import Dsns
from chengshu.kit.settings import Settings

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Home(Protocol):
    """What these tests use of the shared database."""

    dsns: Dsns
    world: World
    settings: Settings

    def owner(self) -> psycopg.Connection[tuple[object, ...]]: ...


def _jobs(home: Home, probe: Callable[[int], None] | None = None) -> App:
    app = make_jobs(home.dsns.worker, home.world, home.settings)
    if probe is not None:
        app.task(name="probe")(probe)
    return app


@contextmanager
def _running(*apps: App) -> Iterator[list[threading.Thread]]:
    stop = threading.Event()
    threads = [threading.Thread(target=run_jobs, args=(app, stop)) for app in apps]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        stop.set()
        for thread in threads:
            thread.join(15)
            assert not thread.is_alive()


def _until(true: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def _defer(home: Home, app: App, name: str, *calls: JSONDict) -> None:
    with (
        app.replace_connector(SyncPsycopgConnector(conninfo=home.dsns.worker)) as deferring,
        deferring.open(),
    ):
        deferring.configure_task(name).batch_defer(*calls)


@pytest.mark.db
def test_each_job_runs_once_with_two_workers(db: Home) -> None:
    ran: Counter[int] = Counter()
    apps = [_jobs(db, lambda n: ran.update([n])) for _ in range(2)]
    calls: list[JSONDict] = [{"n": n} for n in range(40)]
    _defer(db, _jobs(db), "probe", *calls)
    with _running(*apps):
        _until(lambda: len(ran) == 40)
        time.sleep(0.5)
    assert set(ran.values()) == {1}
    with db.owner() as conn:
        left = conn.execute(
            "select count(*) from procrastinate_jobs where task_name = 'probe'"
        ).fetchone()
    assert left == (0,)  # what succeeded is removed


@pytest.mark.db
def test_the_workers_role_can_do_the_real_jobs(db: Home, now: datetime) -> None:
    with db.owner() as conn:
        conn.execute(
            "insert into change (kind, subject, area, at) values ('incident', 1, 320600, '2020-01-01')"
        )
        conn.execute(
            """insert into report (id, channel, source, channel_id, received_at, said_at, text, nature, area, code,
                 body_hash) values (1, 'web', 'public', '1', '2010-01-01', '2010-01-01', 'x', 'help', 320600, 'c', '')"""
        )
        conn.execute(
            "insert into reporter (report, key_version, sealed, confidential) values (1, 1, 'x', false)"
        )
    app = _jobs(db)
    for name in ("retention", "prune_changes", "calendar", "tidy"):
        _defer(db, app, name, {"timestamp": 0})
    with _running(_jobs(db)), db.owner() as conn:
        count = "select count(*) from procrastinate_jobs where status <> 'succeeded'"
        _until(lambda: conn.execute(count).fetchone() == (0,))
        assert conn.execute("select count(*) from change").fetchone() == (0,)
        assert conn.execute("select sealed from reporter").fetchone() == (b"",)
        assert conn.execute("select count(*) from audit where act = 'retention'").fetchone() == (1,)


@pytest.mark.db
def test_a_lost_connection_is_made_again(db: Home) -> None:
    ran: list[int] = []
    kill = """select count(pg_terminate_backend(pid)) from pg_stat_activity
              where application_name = 'chengshu-jobs' and datname = current_database()"""
    with (
        _running(_jobs(db, lambda n: ran.append(n))),
        psycopg.connect(db.dsns.worker, autocommit=True) as conn,
    ):
        _until(lambda: conn.execute(kill).fetchone() != (0,))
        _defer(db, _jobs(db), "probe", {"n": 1})
        _until(lambda: ran == [1])


@pytest.mark.db
def test_a_job_whose_worker_was_killed_is_put_away(db: Home) -> None:
    with db.owner() as conn:
        conn.execute(
            """with w as (insert into procrastinate_workers (last_heartbeat) values ('2020-01-01') returning id)
               insert into procrastinate_jobs (queue_name, task_name, status, worker_id)
               select 'default', 'retention', 'doing', id from w"""
        )
    _defer(db, _jobs(db), "tidy", {"timestamp": 0})
    with _running(_jobs(db)), db.owner() as conn:
        _until(
            lambda: (
                conn.execute("select status from procrastinate_jobs").fetchall() == [("failed",)]
            )
        )


@pytest.mark.db
def test_the_clocks(home: Home) -> None:
    """Read from the registry: crontabs are in UTC, people's clocks are not."""
    start = datetime(2026, 7, 14, 0, 0, tzinfo=UTC)
    when = {
        name: datetime.fromtimestamp(
            periodic.croniter.get_next(ret_type=float, start_time=start.timestamp()), SHANGHAI
        )
        for (name, _), periodic in _jobs(home).periodic_registry.periodic_tasks.items()
    }
    assert when["retention"].time() == clock(3, 10)
    assert when["tidy"].time() == clock(3, 40)
    assert (when["calendar"].weekday(), when["calendar"].time()) == (0, clock(9, 0))
    assert when["prune_changes"].astimezone(UTC) - start == (start.replace(minute=10) - start)


@pytest.mark.parametrize(
    ("today", "unknown"),
    [
        (date(2026, 7, 14), []),
        (date(2026, 11, 1), []),  # sixty days on it is still this year
        (date(2026, 11, 15), [2027]),
        (date(2027, 1, 5), [2027]),
        (date(2027, 12, 1), [2027, 2028]),
    ],
)
def test_years_that_the_calendar_does_not_know(today: date, unknown: list[int]) -> None:
    calendar = WorkCalendar(clock(9), clock(17), known=frozenset({2025, 2026}))
    assert unknown_years(calendar, today) == unknown
    assert all(str(year) in calendar_sentence(year).chinese for year in unknown)
