"""Orders whose clock ran out: urge, mark overdue, tell the unit above."""

from __future__ import annotations

from datetime import datetime, timedelta

from chengshu.dispatch import store
from chengshu.dispatch.assign import SYSTEM
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import OrderStage
from chengshu.kit.db import Connection

_STILL_OVERDUE = timedelta(days=1)
_UNSIGNED, _OVERDUE, _STILL = 1, 2, 3


def escalate_due(conn: Connection, now: datetime, limit: int) -> list[WorkOrder]:
    """Act on every order whose timer has gone off, each level once.

    Not signed for in time: the unit is urged and the unit above it told. Not settled in time:
    marked overdue, the unit above told. Still not a day later: told once more, one unit higher.
    """
    acted = []
    for order in store.due(conn, now, limit):
        level, text, next_at = _next(order, now)
        if level is None:
            store.escalate(
                conn, order, level=order.escalated, overdue=order.overdue, next_at=None, now=now
            )
            continue
        overdue = order.overdue or level >= _OVERDUE
        if not store.escalate(conn, order, level=level, overdue=overdue, next_at=next_at, now=now):
            continue
        above = order.unit.rpartition(".")[0] or order.unit
        if level == _STILL:
            above = above.rpartition(".")[0] or above
        store.add_steps(conn, [Step(order.incident, order.id, now, None, SYSTEM, order.unit, "escalate", order.stage,
                                    order.stage, text, (("level", level),))])  # fmt: skip
        store.notify_units(
            conn,
            [(u, order.incident, f"工单 {order.number} {text}") for u in {order.unit, above}],
            now,
        )
        acted.append(order)
    return acted


def _next(order: WorkOrder, now: datetime) -> tuple[int | None, str, datetime | None]:
    """Level, sentence and next timer of an order whose timer has gone off."""
    past_due = order.due_at is not None and order.due_at <= now
    if past_due and order.escalated < _OVERDUE:
        assert order.due_at is not None
        return _OVERDUE, "已超期，请立即办理并说明原因", order.due_at + _STILL_OVERDUE
    if past_due and order.escalated < _STILL:
        return _STILL, "超期已满一天，报上级督办", None
    if order.stage is OrderStage.ASSIGNED and order.escalated < _UNSIGNED:
        return _UNSIGNED, "超过签收时限仍未签收", order.due_at
    return None, "", None
