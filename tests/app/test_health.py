"""Being ready: reachable, migrated, filled with a city, and worked on in time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import psycopg
import pytest

from chengshu.app.health import healthz, readyz, signs
from chengshu.kit import migrate
from chengshu.kit.db import Database
from chengshu.kit.embedded import Embedded

pytestmark = pytest.mark.db


class Home(Protocol):
    """What these tests use of the shared database."""

    app: Database
    worker: Database

    def owner(self) -> psycopg.Connection[tuple[object, ...]]: ...


def _wait(
    home: Home, due_at: datetime, created_at: datetime, set_aside_at: datetime | None = None
) -> None:
    with home.owner() as conn:
        conn.execute(
            "insert into outbox (topic, key, due_at, created_at, set_aside_at) values ('t', 1, %s, %s, %s)",
            (due_at, created_at, set_aside_at),
        )


def _failing(home: Home, now: datetime) -> dict[str, str]:
    return {c.name: c.english for c in readyz(home.app, now).checks if not c.ok}


def test_a_process_that_answers_is_alive() -> None:
    assert healthz().ok


def test_ready(db: Home, now: datetime) -> None:
    ready = readyz(db.app, now)  # the serving role may ask
    assert ready.ok
    assert [c.name for c in ready.checks] == ["database", "migrations", "city", "outbox"]


def test_a_backlog(db: Home, now: datetime) -> None:
    _wait(db, now, now - timedelta(seconds=59))
    assert readyz(db.app, now).ok
    assert readyz(db.app, now, max_lag=timedelta(seconds=0)).ok  # due this very moment
    _wait(db, now - timedelta(seconds=90), now - timedelta(seconds=100))
    assert "2 messages wait, the oldest for 90 s" in _failing(db, now)["outbox"]


def test_what_waits_for_its_time_or_for_a_person_is_no_backlog(db: Home, now: datetime) -> None:
    long_ago = now - timedelta(days=1)
    _wait(db, now + timedelta(seconds=5), long_ago)
    _wait(db, long_ago, long_ago, set_aside_at=now)
    assert readyz(db.app, now).ok
    for database in (db.app, db.worker):
        with database.transaction() as conn:
            seen = signs(conn, now)
        assert (seen.waiting, seen.set_aside, seen.lag_s, seen.overdue) == (1, 1, 0, 0)


def test_an_old_database(db: Home, now: datetime) -> None:
    with db.owner() as conn:
        conn.execute("update alembic_version set version_num = '0001'")
        try:
            assert "run chengshu migrate" in _failing(db, now)["migrations"]
        finally:
            conn.execute("update alembic_version set version_num = %s", (migrate.newest(),))


@pytest.mark.parametrize(
    ("to", "check"), [(None, "migrations"), ("0002", "migrations"), ("head", "city")]
)
def test_a_database_that_is_not_set_up(
    server: Embedded, now: datetime, to: str | None, check: str
) -> None:
    with psycopg.connect(server.dsn("postgres", "postgres"), autocommit=True) as conn:
        conn.execute("create database not_set_up owner chengshu_owner")
        try:
            dsns = server.dsns("not_set_up")
            if to is not None:
                migrate.migrate(dsns.owner, to=to)
            database = Database(dsns.app, size=1)
            database.open()
            ready = readyz(database, now)
            database.close()
        finally:
            conn.execute("drop database not_set_up with (force)")
    assert next(c.name for c in ready.checks if not c.ok) == check


def test_nobody_answers(now: datetime) -> None:
    database = Database("host=127.0.0.1 port=1 user=x dbname=x", size=1)
    database._pool.open(wait=False)
    database._pool.timeout = 0.5
    ready = readyz(database, now)
    database.close()
    assert [(c.name, c.ok) for c in ready.checks] == [("database", False)]
    assert not ready.ok
