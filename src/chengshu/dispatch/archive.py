"""Closed orders with nothing open are archived by themselves after a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from chengshu.dispatch import store
from chengshu.dispatch.assign import SYSTEM
from chengshu.dispatch.checks import store as check_store
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import OrderStage, Verb
from chengshu.kit.db import Connection


def archive_closed(conn: Connection, after: timedelta, now: datetime, limit: int) -> list[WorkOrder]:  # fmt: skip
    """Archive what was closed so long ago (归档); the orders that were."""
    found = store.orders(conn, check_store.to_archive(conn, now - after, limit))
    moved = [o for o in found if store.move(conn, o, OrderStage.ARCHIVED, now)]
    store.add_steps(conn, [
        Step(o.incident, o.id, now, None, SYSTEM, o.unit, Verb.ARCHIVE, o.stage, OrderStage.ARCHIVED) for o in moved
    ])  # fmt: skip
    return moved
