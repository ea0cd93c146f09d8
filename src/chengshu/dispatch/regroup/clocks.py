"""When a worker must look at an order, and the clocks of orders whose due time is put back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.workflow import OrderStage

_STILL_OVERDUE = timedelta(days=1)  # as in escalate: told once more a day later
_UNSIGNED, _OVERDUE = 1, 2  # levels of escalation


def timer(order: WorkOrder) -> datetime | None:
    """The next instant at which a worker must look, given how far it was escalated."""
    if order.stage not in (OrderStage.ASSIGNED, OrderStage.SIGNED):
        return None
    if order.escalated == _OVERDUE and order.due_at is not None:
        return order.due_at + _STILL_OVERDUE
    if order.escalated >= _OVERDUE:
        return None
    if order.stage is OrderStage.ASSIGNED and order.escalated < _UNSIGNED:
        return min((t for t in (order.sign_due_at, order.due_at) if t), default=None)
    return order.due_at


def put_back(was: WorkOrder, then: WorkOrder, order: WorkOrder, now: datetime) -> WorkOrder:
    """An order's clock after an act that changed when it is due was taken back.

    What only ran out because of the act's earlier limit did not run out.

    Args:
        was: The order before the act.
        then: Right after it.
        order: As it is now, but for what the act had changed.
    """
    if was.due_at == then.due_at or order.due_at != was.due_at:
        return order
    late = order.due_at is not None and order.due_at <= now
    if order.overdue and not was.overdue and not late:
        unsigned = order.sign_due_at is not None and order.sign_due_at <= now
        waits = order.stage is OrderStage.ASSIGNED and unsigned
        level = max(was.escalated, _UNSIGNED) if waits else was.escalated
        order = replace(order, overdue=False, escalated=level)
    clock = ("stage", "escalate_at", "escalated", "overdue")
    if all(getattr(order, name) == getattr(was, name) for name in clock):
        return order
    # a worker looks at once: it knows the clock's other instants, such as when to urge
    return replace(order, escalate_at=now if timer(order) else None)
