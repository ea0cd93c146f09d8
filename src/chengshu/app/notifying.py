"""The thread that carries notices and hand-overs out of the house; a slow gateway holds up nobody else.

Nothing is sent inside a transaction: claim and commit, send, write down.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg_pool import PoolTimeout

from chengshu.app.world import World
from chengshu.dispatch.handover import carry
from chengshu.dispatch.handover.http_line import HttpLine
from chengshu.dispatch.handover.line import Line
from chengshu.dispatch.handover.model import OtherSide
from chengshu.dispatch.urgent_reports.act import watch_urgent
from chengshu.kit import outbox
from chengshu.kit.db import Database
from chengshu.kit.log import logger
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.kit.times import utc_now
from chengshu.notices import climb, deliver
from chengshu.notices.channels.opened import open_channels
from chengshu.notices.model import Way
from chengshu.notices.sender import Sender
from chengshu.notices.spread import Post, spread

_BATCH = 40
_AT_ONCE = 8
_IDLE_S = 0.5
_AWAY_S = 1.0
_log = logger("notices")


@dataclass(frozen=True, slots=True)
class Ways:
    """What is open to the outside."""

    senders: Mapping[Way, Sender]
    lines: Mapping[OtherSide, Line]


def open_ways(settings: Settings) -> Ways:
    """The ways that the settings open.

    Raises:
        CannotStart: One is opened without what it needs.
    """
    lines: dict[OtherSide, Line] = {
        OtherSide(party): HttpLine(url, settings.handover_keys.get(party, ""))
        for party, url in settings.handover_urls.items()
    }
    return Ways(open_channels(settings), lines)


def post_of(world: World, ways: Ways) -> Post:
    """What writing notices needs of the city."""
    return Post(
        world.notices, frozenset(ways.senders), world.office.directory.units, world.city.centre_name
    )


def handle_notices(
    database: Database, world: World, ways: Ways, keyring: Keyring, now: datetime
) -> int:
    """One round: write deliveries, repeat alarms, send, carry hand-overs, watch urgent reports; how much was done."""
    post = post_of(world, ways)
    with database.transaction() as conn:
        told = watch_urgent(conn, now, world.urgent, _BATCH)
    with database.transaction() as conn:
        repeated = climb.climb_alarms(conn, post, now, _BATCH)
    with database.transaction() as conn:
        spreads = spread(conn, post, now, 200)
    return (
        len(told)
        + len(repeated)
        + spreads
        + send_due(database, world, ways, keyring, now)
        + carry_due(database, world, ways, keyring, now)
    )


def send_due(database: Database, world: World, ways: Ways, keyring: Keyring, now: datetime) -> int:
    """Send what is due by the ways that are open; how many attempts were made."""
    if not ways.senders:
        return 0
    with database.transaction() as conn:
        taken = deliver.claim(conn, world.notices, sorted(ways.senders), keyring, now, _BATCH)
    if not taken:
        return 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        failures = list(pool.map(lambda one: deliver.attempt(one, ways.senders), taken))
    for one, failure in zip(taken, failures, strict=True):
        with database.transaction() as conn:
            deliver.record(conn, one.delivery, failure, world.notices, now)
    return len(taken)


def carry_due(database: Database, world: World, ways: Ways, keyring: Keyring, now: datetime) -> int:
    """Try the hand-overs whose time has come; how many."""
    with database.transaction() as conn:
        attempts = carry.due(
            conn, now, ways.lines, world.handover, keyring, world.city.centre_name, _BATCH
        )
    if not attempts:
        return 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(lambda one: carry.ask(one, ways.lines), attempts))
    for one, (answer, error) in zip(attempts, answers, strict=True):
        with database.transaction() as conn:
            carry.carried(conn, one, answer, error, world.handover, now)
            outbox.changed(
                conn, "incident", one.handover.incident, carry.area_of(conn, one.handover.incident)
            )
    return len(attempts)


def run_notices(
    database: Database, world: World, ways: Ways, keyring: Keyring, ending: threading.Event
) -> None:
    """Run until `ending` is set, in the calling thread; a lost database is waited for."""
    away = False
    while not ending.is_set():
        try:
            done = handle_notices(database, world, ways, keyring, utc_now())
            away = False
        except (psycopg.OperationalError, PoolTimeout) as failure:
            if not away:
                away = True
                _log.error("database_away", reason=str(failure).strip()[:300])
            ending.wait(_AWAY_S)
            continue
        if not done:
            ending.wait(_IDLE_S)
