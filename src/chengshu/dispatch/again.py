"""Handled again (二次办理): once by the same unit under supervision, then by the centre above it."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor, Office, new_order, wind
from chengshu.dispatch.checks import store as check_store
from chengshu.dispatch.clocks import store as clock_store
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import DONE, LIVE, OrderStage, Verb, incident_stage
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident, Stage
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict
from chengshu.kit.times import local

_ONCE = 1


def again(conn: Connection, order: WorkOrder, incident: Incident, office: Office, by: Actor, now: datetime,
          words: str) -> int:  # fmt: skip
    """Have a closed order handled again; the incident's row is locked.

    The first time its own unit does it, with the whole limit anew from now and the unit above looking
    on; what was late in the first handling stays written. The second time the centre above has it, in
    an order that leads; the city's own centre has nobody above it and goes on.

    Returns:
        The order that is live now.

    Raises:
        Conflict: Somebody was first, or the unit has another live order of the incident.
    """
    above = order.unit.rpartition(".")[0]
    check_store.end_inspection(conn, order.id, None, False, None, "转入二次办理", now)
    if order.handlings == _ONCE or not above:
        live = _same_unit(conn, order, incident, office, by, now, words)
    else:
        live = _above(conn, order, incident, above, office, by, now, words)
    stage = incident_stage(store.parts_of(conn, incident.id))
    if incident.stage is not stage:
        incident_store.move(conn, incident.id, [incident.stage], stage, now, closed=False)
    store.restart(conn, incident.id, office.due_since(incident, now), now)
    store.notify_reporters(
        conn, incident.id, "您反映的事项将再次办理，由上级中心督办，结果另行告知", now
    )
    return live


def _same_unit(conn: Connection, order: WorkOrder, incident: Incident, office: Office, by: Actor, now: datetime,
               words: str) -> int:  # fmt: skip
    busy = any(
        o.unit == order.unit and o.stage in LIVE for o in store.orders_of(conn, [incident.id])
    )
    if busy:
        raise Conflict(
            "该单位已有这个事件的在办工单", "this unit already has a live order of the incident"
        )
    due = office.due_since(incident, now)
    if not store.move(conn, order, OrderStage.SIGNED, now, escalate_at=due):
        raise Conflict("工单刚被别人处理过，请刷新", "somebody else was first: reload the order")
    store.begin_again(conn, order, due, due, now)
    _wind_again(conn, order.id, incident, office, now)
    if order.lead:  # somebody may have been given the lead since it was closed: one leads
        store.set_lead(conn, incident.id, order.id, now)
    before = (
        ("handlings", order.handlings + 1), ("reply", order.reply or ""), ("overdue", order.overdue),
        ("due_at", order.due_at.isoformat() if order.due_at else ""),
        ("closed_at", order.closed_at.isoformat() if order.closed_at else ""),
    )  # fmt: skip
    store.add_steps(conn, [Step(incident.id, order.id, now, by.account, by.name, by.unit, Verb.REOPEN, order.stage,
                                OrderStage.SIGNED, words, before, by.address)])  # fmt: skip
    above = order.unit.rpartition(".")[0] or order.unit
    text = (
        f"工单 {order.number} 二次办理，上级督办，{local(due):%m月%d日 %H:%M} 前办结：{words[:60]}"
    )
    store.notify_units(conn, [(u, incident.id, text) for u in sorted({order.unit, above})], now)
    return order.id


def _wind_again(
    conn: Connection, order_id: int, incident: Incident, office: Office, now: datetime
) -> None:
    """New clocks for an order that runs a second time; those of the first are in its history."""
    current = store.order(conn, order_id)
    assert current is not None  # it was moved a moment ago
    wound, clocks = wind(current, incident, office, since=now)
    clock_store.drop_clocks(conn, order_id)
    clock_store.put_clocks(conn, clocks)
    clock_store.set_order(conn, order_id, due=wound.due_at, wakes=wound.escalate_at, escalated=0, overdue=False,
                          now=now)  # fmt: skip


def _above(conn: Connection, order: WorkOrder, incident: Incident, above: str, office: Office, by: Actor, now: datetime,
           words: str) -> int:  # fmt: skip
    """The centre above has it; the order that was handled twice stays closed as it is."""
    orders = store.orders_of(conn, [incident.id])
    live = next((o.id for o in orders if o.unit == above and o.stage in LIVE), None)
    if live is None:
        said = f"二次办理后仍不满意，提级由{office.directory.units[above].name}办理"
        fresh = new_order(incident, above, office, now, number=store.given(conn, incident.id) + 1,
                          due=office.due_since(incident, now), instruction=said, follows=order.id)  # fmt: skip
        store.add_orders(conn, [fresh])
        live = fresh.id
        store.add_steps(conn, [Step(incident.id, live, now, by.account, by.name, by.unit, "assign", None,
                                    OrderStage.ASSIGNED, said, (("unit", above), ("follows", str(order.id))),
                                    by.address)])  # fmt: skip
    store.add_steps(conn, [Step(incident.id, order.id, now, by.account, by.name, by.unit, "raise", order.stage,
                                order.stage, words, (("unit", above), ("order", str(live))), by.address)])  # fmt: skip
    store.set_lead(conn, incident.id, live, now)
    text = f"事件 {incident.number} 二次办理后仍不满意，提级办理：{words[:60]}"
    store.notify_units(conn, [(u, incident.id, text) for u in sorted({order.unit, above})], now)
    return live


def last_done(orders: list[WorkOrder]) -> WorkOrder | None:
    """The order whose reply an incident was closed with: the leading one before those that assisted."""
    done = [o for o in orders if o.stage in DONE]
    return max(done, key=lambda o: (o.lead, o.id), default=None)


def may_again(incident: Incident) -> bool:
    """Whether an incident can be handled again: it is closed, or goes on anyway."""
    return incident.stage in (Stage.CLOSED, Stage.HANDLING, Stage.ASSIGNED, Stage.VERIFYING)
