"""An order's clock after a pause, an extension or a deadline from above: reckoned again, and all that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from chengshu.agencies.calendar import WorkCalendar
from chengshu.dispatch.assign import Office
from chengshu.dispatch.clocks import plan
from chengshu.dispatch.clocks import store as clock_store
from chengshu.dispatch.clocks.model import (
    RED,
    Clock,
    ClockKind,
    ClockRules,
    Request,
    Supervision,
)
from chengshu.dispatch.clocks.winding import again, watched
from chengshu.dispatch.model import WorkOrder
from chengshu.kit.db import Connection

Reckoning: TypeAlias = tuple[ClockRules, WorkCalendar]


def reckoning(office: Office, unit: str) -> Reckoning:
    """By what a unit's clocks are reckoned."""
    return office.clocks, office.calendar_of(unit)


def clocks_of(conn: Connection, order: WorkOrder) -> dict[ClockKind, Clock]:
    """An order's clocks as they stand, what was moved from outside taken in."""
    known = clock_store.clocks_of(conn, [order.id])[order.id]
    if (settle := known.get(ClockKind.SETTLE)) is not None:
        known[ClockKind.SETTLE] = plan.agreed(settle, order.due_at, order.overdue)
    return known


def turn(conn: Connection, order: WorkOrder, clocks: dict[ClockKind, Clock], asked: Sequence[Request], by: Reckoning,
         now: datetime) -> Clock:  # fmt: skip
    """Reckon the clock for settling again and keep order and incident in step; both rows are locked.

    What had run out and now has not is no longer overdue, and what the clock itself demanded for it and
    nobody answered yet is withdrawn.
    """
    rules, calendar = by
    was = clocks[ClockKind.SETTLE]
    clock = again(was, asked, calendar, rules, now)
    clock_store.put_clocks(conn, [*(c for c in clocks.values() if c is not was), clock])
    overdue, escalated = order.overdue, order.escalated
    if clock.level < RED and (was.level >= RED or overdue):
        overdue, escalated = False, 0
        clock_store.withdraw(conn, order.id, now)
    fresh = replace(order, due_at=clock.due_at, overdue=overdue, escalated=escalated)
    standing = next((r for r in asked if r.stands), None)
    given: list[Supervision] = clock_store.supervisions_of(conn, [order.id]).get(order.id, [])
    seen = replace(watched(fresh, {**clocks, ClockKind.SETTLE: clock}), supervisions=given,
                   pause_until=standing.until_at if standing else None)  # fmt: skip
    wakes = plan.wakes_at(plan.pending(seen, rules, calendar))
    clock_store.set_order(conn, order.id, due=clock.due_at, wakes=wakes, escalated=escalated, overdue=overdue,
                          now=now)  # fmt: skip
    clock_store.set_incident(conn, order.incident, now)
    return clock


def resume(conn: Connection, order: WorkOrder, pause: Request, at: datetime, by: Reckoning, now: datetime) -> Clock:  # fmt: skip
    """End a pause at an instant: the clock goes on with what was left."""
    clock_store.end_pause(conn, pause.id, at)
    asked = clock_store.requests_of(conn, [order.id])[order.id]
    clocks = clocks_of(conn, order)
    return turn(conn, order, clocks, asked, by, now)
