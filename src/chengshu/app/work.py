"""A worker process: reports, clocks and timed jobs, until it is told to end."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType

import psycopg
from psycopg_pool import PoolTimeout

from chengshu.app import aftercare, jobs, notifying, pipeline
from chengshu.app import world as worlds
from chengshu.kit import sealing
from chengshu.kit.db import Database
from chengshu.kit.log import logger
from chengshu.kit.settings import Settings
from chengshu.kit.times import utc_now

_IDLE_S = 0.05
_CLOCKS_S = 1.0
_MOST = 500  # orders of one round of clocks, in one transaction
_AWAY_S = 1.0
_log = logger("worker")


def work(settings: Settings, dsn: str, stop: threading.Event | None = None) -> None:
    """Run until SIGTERM, SIGINT or `stop`.

    A database that goes away is waited for; what was being done then is undone by the
    database and taken up again.
    """
    ending = stop or threading.Event()
    if stop is None:

        def end(_number: int, _frame: FrameType | None) -> None:
            ending.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
    database = Database(dsn, size=settings.pool_size, name="chengshu-worker")
    database.open()
    try:
        with database.transaction() as conn:
            world = worlds.load(settings, conn)
        pipeline.handle_known_years(
            database, world.office, utc_now()
        )  # a new calendar comes with a start
        timed = jobs.make_jobs(dsn, world, settings)
        runner = threading.Thread(
            target=jobs.run_jobs, args=(timed, ending), name="jobs", daemon=True
        )
        runner.start()
        ways = notifying.open_ways(settings)
        keyring = sealing.make(settings.data_dir / "keys.json", settings.cipher)
        carrier = threading.Thread(
            target=notifying.run_notices,
            args=(database, world, ways, keyring, ending),
            name="notices",
            daemon=True,
        )
        carrier.start()
        _loop(database, world, ending)
        runner.join(10)
        carrier.join(10)
    finally:
        database.close()


def _loop(database: Database, world: worlds.World, ending: threading.Event) -> None:
    clocks_at, away = 0.0, False
    while not ending.is_set():
        try:
            taken = pipeline.handle_reports(database, world, utc_now())
            if time.monotonic() >= clocks_at:
                taken += pipeline.handle_clocks(database, utc_now())
                taken += aftercare.handle_aftercare(database, world, utc_now())
                acted = pipeline.handle_clocks(database, utc_now(), _MOST, world.office)
                taken += acted
                taken += pipeline.handle_contacts(database, world, utc_now())
                with database.transaction() as conn:
                    world = worlds.refreshed(world, conn)
                # at closing time thousands go off at once: no pause while rounds come back full
                clocks_at = time.monotonic() + (0 if acted >= _MOST else _CLOCKS_S)
            if away:
                away = False
                _log.info("database_back")
        except (psycopg.OperationalError, PoolTimeout) as failure:
            if not away:
                away = True
                _log.error("database_away", reason=str(failure).strip()[:300])
            ending.wait(_AWAY_S)
            continue
        if not taken:
            ending.wait(_IDLE_S)
