"""Whether a process is alive, and whether it can do its work; figures of the whole installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from chengshu.kit import migrate
from chengshu.kit.db import Connection, Database

MAX_LAG = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of /healthz: a process that answers is alive."""

    ok: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of being ready, with a sentence when it does not hold."""

    name: str
    ok: bool
    chinese: str = ""
    english: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The answer of /readyz: ready when every check holds."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether all checks hold."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True, slots=True)
class Signs:
    """Totals of the installation.

    Attributes:
        revision: Of the database.
        waiting: Messages in the outbox that were not set aside.
        set_aside: Messages that nobody could handle and that wait for a person.
        lag_s: Seconds that the oldest message has been due.
        overdue: Open orders past their time.
    """

    revision: str
    waiting: int
    set_aside: int
    lag_s: float
    overdue: int


def signs(conn: Connection, now: datetime) -> Signs:
    """Read the totals; every role may."""
    row = conn.execute(
        "select revision, waiting, set_aside, lag_s, overdue from vital_signs(%s)", (now,)
    ).fetchone()
    assert row is not None
    return Signs(*row)


def healthz() -> Health:
    """The process answers."""
    return Health()


def readyz(database: Database, now: datetime, *, max_lag: timedelta = MAX_LAG) -> Ready:
    """Ask the database, which must be reachable, migrated, filled with a city and worked on."""
    try:
        with database.transaction() as conn:
            return _ask(conn, now, max_lag)
    except psycopg.OperationalError:
        return Ready((Check("database", False, "连不上数据库", "the database cannot be reached"),))


def _ask(conn: Connection, now: datetime, max_lag: timedelta) -> Ready:
    reached = Check("database", True)
    try:
        with conn.transaction():
            seen = signs(conn, now)
    except (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedTable):
        return Ready((reached, _migrated("-")))
    row = conn.execute("select exists (select from unit)").fetchone()
    city, late = row is not None and bool(row[0]), seen.lag_s > max_lag.total_seconds()
    return Ready((
        reached,
        _migrated(seen.revision),
        Check("city", True) if city else Check(
            "city", False, "还没有城市，请运行 chengshu init --city 名称",
            "no city was loaded: run chengshu init --city NAME"),
        Check("outbox", True) if not late else Check(
            "outbox", False, f"积压 {seen.waiting} 条，最早的已等 {seen.lag_s:.0f} 秒；请检查 chengshu worker 是否在运行",
            f"{seen.waiting} messages wait, the oldest for {seen.lag_s:.0f} s: check that chengshu worker runs"),
    ))  # fmt: skip


def _migrated(revision: str) -> Check:
    newest = migrate.newest()
    if revision == newest:
        return Check("migrations", True)
    return Check(
        "migrations", False, f"数据库版本 {revision}，程序需要 {newest}；请运行 chengshu migrate",
        f"the database is at {revision} and the program needs {newest}: run chengshu migrate",
    )  # fmt: skip
