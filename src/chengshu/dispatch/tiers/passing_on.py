"""An incident goes to another centre: its order with it, its clock running on."""

from __future__ import annotations

from chengshu.agencies.model import Unit
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import new_order
from chengshu.dispatch.facts.store import commanded
from chengshu.dispatch.joint.acting import Acting, needed
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.tiers import store
from chengshu.dispatch.tiers.model import Passing, PassKind
from chengshu.dispatch.tiers.rules import NAMES, why_not_pass
from chengshu.dispatch.workflow import LIVE, OrderStage, incident_stage
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident
from chengshu.kit.errors import Conflict, Forbidden, NotFound


def pass_on(a: Acting, incident_id: int, kind: PassKind, to: str, reason: str) -> Passing:
    """Pass an incident to another centre, with the reason.

    The centre that gives it withdraws its own order, the one that takes it gets one; what is due stays due.

    Args:
        to: The other centre; with TAKE_OVER the one below; not needed with GIVE_BACK.

    Raises:
        NotFound: No such incident or unit within the scope.
        Forbidden: It is not for this person or centre; the sentence is `rules.why_not_pass`'s.
        Conflict: The incident has ended, is under joint command, or what the giver did awaits its check.
        Invalid: No reason.
    """
    said = needed("reason", reason)
    incident = incident_store.locked(a.conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    other = a.office.directory.units.get(to)
    if to and other is None:
        raise NotFound("单位", to)
    before = store.passings(a.conn, incident_id)
    last = before[-1] if before else None
    why = why_not_pass(kind, a.role, a.unit, other, last, incident.area)
    if why is not None:
        raise Forbidden(why.chinese, why.english)
    if incident.stage in ENDED:
        raise Conflict("事件已结束，不能转办", "the incident has ended: it is not passed on")
    if commanded(a.conn, incident_id):
        raise Conflict(
            "事件正在联动指挥，不转办", "the incident is under joint command: it is not passed on"
        )
    if kind is PassKind.GIVE_BACK:
        assert last is not None  # the rule refuses it otherwise
        other = a.office.directory.units[last.giver]
    assert other is not None
    giver, taker = (other, a.unit) if kind is PassKind.TAKE_OVER else (a.unit, other)
    return _pass(a, incident, kind, giver, taker, said)


def _pass(
    a: Acting, incident: Incident, kind: PassKind, giver: Unit, taker: Unit, reason: str
) -> Passing:
    orders = [o for o in order_store.orders_of(a.conn, [incident.id]) if o.stage in LIVE]
    for order in (o for o in orders if o.unit == giver.unit):
        _make_way(a, order, kind, reason)
    held = next((o for o in orders if o.unit == taker.unit), None)
    order = held or _give(a, incident, taker, kind, reason)
    passing = Passing(
        incident.id, kind, giver.unit, taker.unit, reason, order.id, a.now, a.by.account, a.by.name
    )
    store.add(a.conn, passing)
    name = NAMES[kind][0]
    order_store.add_steps(a.conn, [Step(incident.id, None, a.now, a.by.account, a.by.name, a.by.unit, f"pass_{kind}",
                                        reason=reason, detail=(("giver", giver.unit), ("taker", taker.unit)),
                                        address=a.by.address)])  # fmt: skip
    told = {giver.unit, taker.unit} | (
        {a.unit.parent} if kind is PassKind.ACROSS and a.unit.parent else set()
    )
    text = f"{name} {incident.number}：{a.short(giver.unit)} → {a.short(taker.unit)}。{reason[:60]}"
    order_store.notify_units(
        a.conn, [(u, incident.id, text) for u in sorted(told - {a.unit.unit})], a.now
    )
    stage = incident_stage(order_store.parts_of(a.conn, incident.id))
    order_store.set_incidents(a.conn, [(incident.id, stage, None, a.now)])
    return passing


def _make_way(a: Acting, order: WorkOrder, kind: PassKind, reason: str) -> None:
    if order.stage not in (OrderStage.ASSIGNED, OrderStage.SIGNED):
        raise Conflict(
            "本单位的工单已反馈，请先核查", "the giver has reported back: check that first"
        )
    if not order_store.move(a.conn, order, OrderStage.WITHDRAWN, a.now):
        raise Conflict("工单刚被别人处理过，请刷新", "somebody else was first: reload the order")
    order_store.add_steps(a.conn, [Step(order.incident, order.id, a.now, a.by.account, a.by.name, a.by.unit, "withdraw",
                                        order.stage, OrderStage.WITHDRAWN, f"{NAMES[kind][0]}：{reason}", (),
                                        a.by.address)])  # fmt: skip


def _give(a: Acting, incident: Incident, taker: Unit, kind: PassKind, reason: str) -> WorkOrder:
    order = new_order(
        incident, taker.unit, a.office, a.now, number=order_store.given(a.conn, incident.id) + 1,
        due=incident.due_at or a.office.due_at(incident), instruction=f"{NAMES[kind][0]}：{reason}",
    )  # fmt: skip
    order_store.add_orders(a.conn, [order])
    order_store.add_steps(a.conn, [Step(incident.id, order.id, a.now, a.by.account, a.by.name, a.by.unit, "assign", None,
                                        OrderStage.ASSIGNED, reason, (("unit", taker.unit),), a.by.address)])  # fmt: skip
    return order
