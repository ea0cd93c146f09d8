"""What workers do about closed and shelved orders: citizens' ratings, reviews of the problem bank, archiving."""

from __future__ import annotations

from datetime import datetime

import psycopg

from chengshu.app.world import World
from chengshu.dispatch.archive import archive_closed
from chengshu.dispatch.bank_act import review_due
from chengshu.dispatch.checks_do import RATED, settle_rating
from chengshu.dispatch.request import area_of
from chengshu.kit import outbox
from chengshu.kit.db import Database
from chengshu.kit.log import logger

_log = logger("aftercare")


def handle_aftercare(database: Database, world: World, now: datetime, limit: int = 50) -> int:
    """Act on what was rated, is to be reviewed or may be archived; returns how many."""
    acted = 0
    for _ in range(limit):
        taken = _one_rating(database, world, now)
        acted += taken
        if not taken:
            break
    with database.transaction() as conn:
        reviewed = review_due(conn, now, limit)
        for one in reviewed:
            outbox.changed(conn, "order", one.order, area_of(conn, one.incident))
    with database.transaction() as conn:
        archived = archive_closed(conn, world.office.checks.archive_after, now, limit)
        outbox.changed_many(conn, "order", [o.id for o in archived], [o.area for o in archived])
    return acted + len(reviewed) + len(archived)


def _one_rating(database: Database, world: World, now: datetime) -> int:
    """Take one citizen's rating to its consequences; one that cannot be handled is recorded as such."""
    with database.transaction() as conn:
        messages = outbox.claim(conn, RATED, 1, now)
        if not messages:
            return 0
        try:
            with conn.transaction():
                incident = settle_rating(conn, messages[0].key, world.office, now)
                if incident is not None:
                    outbox.changed(conn, "incident", incident, area_of(conn, incident))
                outbox.done(conn, messages)
        except psycopg.OperationalError:
            raise
        except Exception as failure:  # the record on the message is what makes this loop allowed
            _log.exception("rating_failed", callback=messages[0].key)
            outbox.fail(conn, messages[0], f"{type(failure).__name__}: {failure}", now)
        return 1
