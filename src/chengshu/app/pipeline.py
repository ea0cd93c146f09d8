"""What the workers do: new reports to incidents to orders, and orders whose clock ran out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import psycopg

from chengshu.app.world import World
from chengshu.dispatch.assign import Office, take
from chengshu.dispatch.clocks_known import reckon_known
from chengshu.dispatch.disputes_late import watch_disputes
from chengshu.dispatch.escalate import escalate_due
from chengshu.dispatch.inside_act import late_contacts, open_contacts
from chengshu.dispatch.replies_late import mark_late
from chengshu.dispatch.whistles.blow import climb_silent
from chengshu.incidents.attach import Attached, attach
from chengshu.intake import store as intake_store
from chengshu.kit import outbox
from chengshu.kit.db import Connection, Database
from chengshu.kit.errors import Refused
from chengshu.kit.log import logger
from chengshu.kit.outbox import Message

BATCH = 128
_log = logger("pipeline")


def handle_reports(database: Database, world: World, now: datetime, limit: int = BATCH) -> int:
    """Take waiting reports through merging and dispatch, a batch in one transaction.

    When a batch fails, its reports are tried one by one, so that one bad report stops no other.

    Returns:
        How many messages were taken.
    """
    try:
        with database.transaction() as conn:
            messages = outbox.claim(conn, intake_store.RECEIVED, limit, now)
            if messages:
                _work(conn, world, messages, now)
            return len(messages)
    except psycopg.OperationalError:
        raise  # the database went away: nothing is wrong with the reports
    except (psycopg.Error, Refused, ValueError, KeyError, TypeError, ArithmeticError) as failure:
        _log.warning("batch_failed", reason=repr(failure))
    return _one_by_one(database, world, now, limit)


def _one_by_one(database: Database, world: World, now: datetime, limit: int) -> int:
    taken = 0
    for _ in range(limit):
        with database.transaction() as conn:
            messages = outbox.claim(conn, intake_store.RECEIVED, 1, now)
            if not messages:
                return taken
            taken += 1
            try:
                with conn.transaction():
                    _work(conn, world, messages, now)
            except psycopg.OperationalError:
                raise
            except (
                Exception
            ) as failure:  # the record on the message is what makes this loop allowed
                _log.exception("report_failed", report=messages[0].key)
                outbox.fail(conn, messages[0], f"{type(failure).__name__}: {failure}", now)
    return taken


def _work(conn: Connection, world: World, messages: Sequence[Message], now: datetime) -> None:
    reports = intake_store.reports(conn, [m.key for m in messages])
    results: list[Attached] = attach(conn, reports, world.rules, now)
    orders = take(conn, results, world.office, now)
    incidents = {r.incident.id: r.incident.area for r in results}
    outbox.changed_many(conn, "incident", list(incidents), list(incidents.values()))
    outbox.changed_many(conn, "order", [o.id for o in orders], [o.area for o in orders])
    outbox.done(conn, messages)


def handle_known_years(database: Database, office: Office, now: datetime, limit: int = 200) -> int:
    """Reckon again the clocks whose year's holidays have been published since; returns how many."""
    taken = 0
    while True:
        with database.transaction() as conn:
            orders = reckon_known(conn, office, now, limit)
            outbox.changed_many(conn, "order", [o.id for o in orders], [o.area for o in orders])
        taken += len(orders)
        if len(orders) < limit:
            return taken


def handle_contacts(database: Database, world: World, now: datetime, limit: int = 500) -> int:
    """Set the clocks of the first word with the citizen for new orders and mark those that ran out."""
    with database.transaction() as conn:
        opened = open_contacts(conn, world.office, now, limit)
    with database.transaction() as conn:
        late = late_contacts(conn, now, limit)
        outbox.changed_many(conn, "order", [o for o, _ in late], [area for _, area in late])
    return opened + len(late)


def handle_clocks(
    database: Database, now: datetime, limit: int = 200, office: Office | None = None
) -> int:
    """Urge and escalate orders whose timer has gone off, disputes that nobody ruled and returned matters
    that nobody has, mark statutory replies that are late, tell of whistles without an answer; returns how many."""
    with database.transaction() as conn:
        escalated = escalate_due(conn, now, limit, office)
        outbox.changed_many(conn, "order", [o.id for o in escalated], [o.area for o in escalated])
        outbox.changed_many(
            conn, "incident", [o.incident for o in escalated], [o.area for o in escalated]
        )
    with database.transaction() as conn:
        late = mark_late(conn, now, limit)
        outbox.changed_many(
            conn, "incident", [one.incident for one in late], [one.incident_area for one in late]
        )
    with database.transaction() as conn:
        watched = watch_disputes(conn, now, limit)
        outbox.changed_many(
            conn, "incident", [one.id for one in watched], [one.area for one in watched]
        )
    with database.transaction() as conn:
        silent = climb_silent(conn, now, limit)
        outbox.changed_many(
            conn, "incident", [one.incident for one in silent], [one.area for one in silent]
        )
    return len(escalated) + len(late) + len(watched) + len(silent)
