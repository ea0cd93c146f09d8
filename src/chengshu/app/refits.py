"""Every night: what merging could learn from people's answers is proposed, and old comparisons go."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch.routing import refit as routing_refit
from chengshu.dispatch.routing import store as routing_store
from chengshu.dispatch.routing.combine import Mix
from chengshu.incidents.refit import store, versions
from chengshu.incidents.refit.versions import Operator, Refit
from chengshu.kit.db import Database
from chengshu.kit.log import logger
from chengshu.kit.settings import Settings

BATCH = 5000
_MACHINE = "night"  # a page says it in words
_log = logger("refit")


def nightly(database: Database, settings: Settings, now: datetime, *, batch: int = BATCH) -> Refit:
    """Refit, propose, and switch on where the settings say so and it is night.

    A worker that was away at night may come to this in the middle of the day: then it only proposes.
    """
    with database.transaction() as conn:
        found = versions.refit(conn, _MACHINE, settings.merge_above, now)
        wanted = settings.merging_refit == "night" and found.proposed is not None
        if wanted and versions.is_night(now):
            versions.activate(conn, found.after.version, found.before.version, Operator(_MACHINE),
                              "夜间自动启用：按已有的判断衡量，不比现用的差", now)  # fmt: skip
    _log.info("refit", new=found.figures.new, proposed=found.proposed is not None)
    prune(database, now, batch=batch)
    return found


def nightly_routing(database: Database, shipped: Mix, now: datetime) -> int | None:
    """Count anew who settled what, and propose a calibration; its number, None where none is proposed.

    A person puts it in use: it decides which orders go out alone.
    """
    with database.transaction() as conn:
        proposed = routing_refit.nightly(conn, routing_store.active(conn) or shipped, now)
    _log.info("routing_refit", proposed=proposed)
    return proposed


def prune(database: Database, now: datetime, *, batch: int = BATCH) -> int:
    """Drop comparisons that no answer can be expected to any more; returns how many."""
    pruned = 0
    while True:
        with database.transaction() as conn:
            count = store.prune(conn, now - versions.KEPT_FOR, batch)
        pruned += count
        if count < batch:
            return pruned
