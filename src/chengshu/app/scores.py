"""Scoring's timers: months are reckoned, published and frozen; what nobody answered in time is told."""

from __future__ import annotations

from datetime import datetime

from chengshu.app.world import World
from chengshu.dispatch.scoring.claims.late import mark_late
from chengshu.dispatch.scoring.run import watch
from chengshu.kit.db import Database
from chengshu.kit.log import logger

_MOST = 50
_log = logger("scores")


def watch_scores(database: Database, world: World, now: datetime) -> int:
    """Do what every timer that has gone off asks for, each month in a transaction of its own; returns how many."""
    done = 0
    for _ in range(_MOST):
        with database.transaction() as conn:
            month = watch(conn, world.scoring, world.office, now)
        if month is None:
            break
        _log.info("scored", month=f"{month:%Y-%m}")
        done += 1
    with database.transaction() as conn:
        return done + mark_late(conn, now, _MOST)
