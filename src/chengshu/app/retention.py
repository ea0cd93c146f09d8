"""Erasing what was kept long enough, in batches; every batch leaves its count in the audit trail.

Never erased: reports, incidents, orders, their history, and the audit trail itself, which no
role may change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from psycopg.types.json import Jsonb

from chengshu.kit.db import Connection, Database
from chengshu.kit.log import logger

BATCH = 2000
CHANGES_FOR = timedelta(hours=1)
_log = logger("retention")

# Erases up to `limit` things that are older than an instant; returns how many.
Eraser: TypeAlias = Callable[[Connection, datetime, datetime, int], int]


def retain(
    database: Database,
    days: Mapping[str, int],
    now: datetime,
    *,
    batch: int = BATCH,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Erase everything whose time is up, as the workers' role.

    Run twice, the second time finds nothing; two at once share the work.

    Args:
        days: Kind of data to days that it is kept; 0 keeps it for ever.
        stop: Asked before every batch; what is left waits for the next run.

    Returns:
        Name in the audit trail to how many were erased: reporter, caller, session, notice.
    """
    erased: dict[str, int] = {}
    for kind, name, erase in _ERASERS:
        if days[kind]:
            erased[name] = _erase(database, name, erase, days[kind], now, batch, stop)
    _log.info("retention", **erased)
    return erased


def _erase(database: Database, name: str, erase: Eraser, days: int, now: datetime, batch: int,
           stop: Callable[[], bool]) -> int:  # fmt: skip
    total = 0
    while not stop():
        with database.transaction() as conn:
            count = erase(conn, now - timedelta(days=days), now, batch)
            if count:
                conn.execute(
                    """insert into audit (at, role, act, subject, detail)
                       values (%s, 'worker', 'retention', %s, %s)""",
                    (now, name, Jsonb({"erased": count, "days": days})),
                )
        total += count
        if not count:
            break
    return total


# Below, what a batch takes is an array: a limit under «in» may be run anew for every row, and take more.
def prune_changes(database: Database, now: datetime, *, batch: int = BATCH) -> int:
    """Drop what open pages had to hear more than an hour ago; returns how many.

    These rows only say that something changed and hold nothing of it, so they are counted in
    the log and not, every ten minutes for ever, in the audit trail.
    """
    pruned = 0
    while True:
        with database.transaction() as conn:
            count = conn.execute(
                """delete from change where id = any(array(
                     select id from change where at < %s order by id limit %s for update skip locked))""",
                (now - CHANGES_FOR, batch),
            ).rowcount
        pruned += count
        if count < batch:
            _log.info("changes_pruned", rows=pruned)
            return pruned


def _reporters(conn: Connection, before: datetime, now: datetime, limit: int) -> int:
    """Whoever reported: name, number and identity."""
    return conn.execute(
        """update reporter set sealed = '', masked = '', erased_at = %s where report = any(array(
             select r.report from reporter r join report p on p.id = r.report
             where r.erased_at is null and p.received_at < %s
             order by r.report limit %s for update of r skip locked))""",
        (now, before, limit),
    ).rowcount


def _callers(conn: Connection, before: datetime, now: datetime, limit: int) -> int:
    """The hash by which a number is recognised: who has the keys could try all numbers."""
    due = conn.execute(
        """select id, caller from report where caller <> '' and received_at < %s
           limit %s for update skip locked""",
        (before, limit),
    ).fetchall()
    reports, hashes = [row[0] for row in due], [row[1] for row in due]
    conn.execute("update report set caller = '' where id = any(%s)", (reports,))
    conn.execute(
        """update profile set body = jsonb_set(body, '{callers}', (body->'callers') - %s::text[])
           where body ? 'callers' and incident in (select incident from membership where report = any(%s))""",
        (hashes, reports),
    )
    # what a person's merge or split kept to be put back holds them too: undoing makes it anew then
    conn.execute(
        """update regroup set derived = null where derived is not null
             and (lead in (select incident from membership where report = any(%(reports)s))
               or other in (select incident from membership where report = any(%(reports)s)))""",
        {"reports": reports},
    )
    return len(due)


def _sessions(conn: Connection, before: datetime, now: datetime, limit: int) -> int:
    return conn.execute(
        """delete from session where token_hash = any(array(
             select token_hash from session where expires_at < %s limit %s for update skip locked))""",
        (before, limit),
    ).rowcount


def _notices(conn: Connection, before: datetime, now: datetime, limit: int) -> int:
    """Notices to units that were read, and what was sent out and is over; what citizens were told stays with
    their report."""
    conn.execute(
        """delete from delivery where id = any(array(
             select id from delivery where created_at < %s and next_at is null
             order by id limit %s for update skip locked))""",
        (before, limit),
    )
    conn.execute(
        """delete from alarm where notice = any(array(
             select notice from alarm where ended_at < %s order by notice limit %s for update skip locked))""",
        (before, limit),
    )
    return conn.execute(
        """delete from notice where id = any(array(
             select id from notice where unit is not null and read_at < %s
             order by id limit %s for update skip locked))""",
        (before, limit),
    ).rowcount


# Kind of data in the settings, name in the audit trail, how it is erased.
_ERASERS: Sequence[tuple[str, str, Eraser]] = (
    ("reporter", "reporter", _reporters),
    ("reporter", "caller", _callers),
    ("session", "session", _sessions),
    ("notice", "notice", _notices),
)
