"""Clocks that ended provisionally, reckoned again when the calendar knows the year."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.assign import SYSTEM, Office
from chengshu.dispatch.clocks import store as clock_store
from chengshu.dispatch.clocks.says import moment
from chengshu.dispatch.clocks_turn import clocks_of, reckoning, turn
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.kit.db import Connection


def reckon_known(conn: Connection, office: Office, now: datetime, limit: int) -> list[WorkOrder]:
    """Reckon again what ended provisionally in a year that the city's calendar holds by now; these orders.

    A unit whose end moved is told.
    """
    ids = clock_store.provisional(conn, sorted(office.calendar.known), limit)
    asked = clock_store.requests_of(conn, ids)
    orders = store.orders(conn, ids)
    for order in orders:
        clocks = clocks_of(conn, order)
        clock = turn(conn, order, clocks, asked[order.id], reckoning(office, order.unit), now)
        if clock.due_at is None or clock.due_at == order.due_at:
            continue
        said = f"节假日安排公布，办理期限重新计算为 {moment(clock.due_at)}"
        store.add_steps(conn, [
            Step(order.incident, order.id, now, None, SYSTEM, order.unit, "reckon", order.stage, order.stage, said)
        ])  # fmt: skip
        store.notify_units(conn, [(order.unit, order.incident, f"工单 {order.number} {said}")], now)
    return orders
