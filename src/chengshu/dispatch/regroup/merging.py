"""Merging two incidents by a person: reports, orders, clocks and notices together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor
from chengshu.dispatch.kinds.guard import stays_whole
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.regroup import lessons, store
from chengshu.dispatch.workflow import LIVE, OrderStage, incident_stage
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import DECIDING, Rules
from chengshu.incidents.model import ENDED, Incident, Stage
from chengshu.incidents.rebuild import rebuild
from chengshu.incidents.refit.model import Answer
from chengshu.incidents.store import Member
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.times import local
from chengshu.places import Level, ancestor_at

# How far an order's work is, where it decides which of two incidents' orders lead. Signing is no
# work yet: before anybody reported back, the person's choice of the leading incident holds.
_REPORTED_BACK = {OrderStage.HANDLED: 1, OrderStage.VERIFIED: 2}
_JOINED = "经核对，您反映的情况与其他市民反映的是同一件事，已合并办理，进展仍在这里查看。"


@dataclass(frozen=True, slots=True)
class Sides:
    """Whose live orders lead when two incidents become one.

    Attributes:
        moved: Orders of the other incident that go on under the leading one.
        withdrawn: Orders that make way, of either incident.
        leading: Orders that are live afterwards.
    """

    moved: list[WorkOrder]
    withdrawn: list[WorkOrder]
    leading: list[WorkOrder]


def sides(lead: Sequence[WorkOrder], other: Sequence[WorkOrder]) -> Sides:
    """Decide which live orders lead: those of one incident only, so that no unit gets a happening twice.

    They are the leading incident's, if it has any. The other's lead where the leading incident has
    none, and where they are further: reported back against not, verified against reported back.
    What people did is not thrown away for what nobody has done yet.
    """
    ours = [o for o in lead if o.stage in LIVE]
    theirs = [o for o in other if o.stage in LIVE]
    if theirs and (not ours or _far(theirs) > _far(ours)):
        return Sides(theirs, ours, theirs)
    return Sides([], theirs, ours)


def _far(orders: Sequence[WorkOrder]) -> int:
    return max(_REPORTED_BACK.get(o.stage, 0) for o in orders)


def hold(conn: Connection) -> None:
    """Wait until nobody else decides which report belongs where: neither a batch nor a person."""
    incident_store.lock_keys(conn, [DECIDING])


def pair(conn: Connection, lead_id: int, other_id: int) -> tuple[Incident, Incident]:
    """Both incidents, locked in the order of their ids so that two people cannot block each other."""
    found = {i: incident_store.locked(conn, i) for i in sorted((lead_id, other_id))}
    lead, other = found[lead_id], found[other_id]
    if lead is None or other is None:
        raise NotFound("事件", lead_id if lead is None else other_id)
    return lead, other


def still_within(conn: Connection, *incidents: int) -> None:
    """Refuse to move an order away through which alone this person sees one of the incidents."""
    if len(incident_store.incidents(conn, incidents)) < len(incidents):
        raise Forbidden(
            "其中一个事件在辖区之外，请由上级中心办理",
            "one of the incidents lies outside your area: ask the centre above",
        )


def needs_reason(reason: str) -> None:
    """Refuse to move reports without saying why."""
    if not reason.strip():
        raise Invalid("reason", "请写明理由", "say why")


def merge(
    conn: Connection,
    lead_id: int,
    other_id: int,
    rules: Rules,
    by: Actor,
    now: datetime,
    reason: str,
    *,
    asked: bool = False,
) -> None:
    """Make `other` part of `lead`.

    One side's orders lead (see `sides`); the others are withdrawn with notice, keep their evidence
    and count against nobody. The earliest due time of either holds for both, danger and urgency
    are the higher ones.

    Args:
        asked: Whether it answers a suggestion.

    Raises:
        Invalid: No reason, or they are the same.
        NotFound: One of them is not within the scope.
        Conflict: One has ended or is merged already.
        Forbidden: It is for a centre above to move orders between these two.
    """
    needs_reason(reason)
    if lead_id == other_id:
        raise Invalid("other", "不能与自己合并", "an incident cannot be merged with itself")
    hold(conn)
    lead, other = pair(conn, lead_id, other_id)
    stays_whole(conn, lead_id, other_id)
    _refuse_ended(lead, other)
    kind = Answer.ACCEPTED if asked else Answer.MERGED
    lessons.answered(conn, kind, True, lead, other, rules, by, now)
    orders = store.locked_orders(conn, [lead_id, other_id])
    act = store.open_act(conn, "merge", lead_id, other_id, now)
    moved = incident_store.members(conn, other_id)
    order_store.notify_reporters(conn, other_id, _JOINED, now)
    move_members(conn, moved, lead_id, "合并", "merged", by, now, reason)
    how = sides(
        [o for o in orders if o.incident == lead_id], [o for o in orders if o.incident == other_id]
    )
    due = min((i.due_at for i in (lead, other) if i.due_at), default=None)
    make_way(conn, how, lead, other, by, now)
    _go_on(conn, how, lead, due, len(moved), now)
    still_within(conn, lead_id, other_id)
    incident_store.move(
        conn, other_id, [other.stage], Stage.MERGED, now, closed=True, merged_into=lead_id
    )
    rebuild(conn, lead_id, rules, now)
    rebuild(conn, other_id, rules, now)
    grown = incident_store.incidents(conn, [lead_id])[lead_id]
    store.put_incident(
        conn,
        replace(
            grown,
            urgency=max(lead.urgency, other.urgency),
            danger=lead.danger or other.danger,
            due_at=due,
            stage=incident_stage(order_store.parts_of(conn, lead_id)),
        ),
        now,
    )
    reports = sorted(m.report for m in moved)
    store.end_act(conn, act, lead_id, other_id, reports)
    detail = (
        ("act", act),
        ("other", str(other_id)),
        ("reports", [str(r) for r in reports]),
        ("moved", [o.number for o in how.moved]),
        ("withdrawn", [o.number for o in how.withdrawn]),
    )
    add_steps(conn, lead_id, other_id, "merge", by, now, reason, detail)


def _refuse_ended(lead: Incident, other: Incident) -> None:
    for one in (lead, other):
        if one.stage is Stage.MERGED:
            raise Conflict(
                f"事件 {one.number} 已并入另一事件，请刷新",
                f"{one.number} is part of another incident already: reload",
            )
        if one.stage in ENDED:
            raise Conflict(
                "已结束的事件不能合并，可以作为复发关联", "an ended incident cannot be merged"
            )


def move_members(conn: Connection, members: Sequence[Member], to: int, word: str, word_en: str, by: Actor,
                 now: datetime, reason: str) -> None:  # fmt: skip
    """Move reports to another incident, with the person's reason as the clue."""
    clue = {
        "about": "person",
        "bits": 0.0,
        "because": f"{by.name}{word}：{reason}",
        "because_en": f"{word_en} by {by.name}: {reason}",
    }
    incident_store.save_members(
        conn,
        [replace(m, incident=to, outcome="moved", clues=[clue], at=now) for m in members],
    )


def make_way(
    conn: Connection, how: Sides, lead: Incident, other: Incident, by: Actor, now: datetime
) -> None:
    """Withdraw the orders that do not lead, and tell their units that nobody holds it against them."""
    near = _county(lead) == _county(other)  # else not even the number is theirs to know
    into = f"并入事件 {lead.number}" if near else "并入事件，另有单位办理"
    for order in how.withdrawn:
        gone = replace(order, stage=OrderStage.WITHDRAWN, closed_at=now, escalate_at=None,
                       withdrawn_for=lead.id)  # fmt: skip
        store.put_order(conn, gone, now)
        detail = (("into", lead.number),) if near else ()
        order_store.add_steps(conn, [Step(order.incident, order.id, now, by.account, by.name, by.unit, "withdraw",
                                          order.stage, OrderStage.WITHDRAWN, into, detail, by.address)])  # fmt: skip
        same = next((o.number for o in how.leading if o.unit == order.unit), None)
        goes_on = f"，由工单 {same} 继续办理" if same else ""
        text = f"工单 {order.number} 已撤回：{into}{goes_on}；已交材料保留，不计考核"
        order_store.notify_units(conn, [(order.unit, order.incident, text)], now)


def _county(incident: Incident) -> int | None:
    return ancestor_at(incident.area, Level.COUNTY)


def _go_on(conn: Connection, how: Sides, lead: Incident, due: datetime | None, more: int, now: datetime) -> None:  # fmt: skip
    """The leading orders go on under the leading incident, by the earlier clock."""
    for order in how.leading:
        store.put_order(conn, hastened(replace(order, incident=lead.id, area=lead.area), due), now)
        sooner = due is not None and (order.due_at is None or due < order.due_at)
        limit = f"；办理期限提前到{local(due):%m月%d日 %H:%M}" if due and sooner else ""
        text = f"工单 {order.number} 的事件并入了同一件事的另外 {more} 条反映，请一并办理{limit}"
        if how.moved:
            text = f"工单 {order.number} 转到事件 {lead.number} 名下，与同一件事的其他反映一并办理{limit}"
        order_store.notify_units(conn, [(order.unit, lead.id, text)], now)


def hastened(order: WorkOrder, due: datetime | None) -> WorkOrder:
    """An order that is due no later than this."""
    if due is None or (order.due_at is not None and order.due_at <= due):
        return order
    timer = order.escalate_at
    if (
        timer is not None and order.escalated < 2
    ):  # 2: it is overdue, the timer is for telling again
        timer = min(timer, due)
    return replace(order, due_at=due, escalate_at=timer)


def add_steps(conn: Connection, one: int, other: int, verb: str, by: Actor, now: datetime, reason: str,
              detail: tuple[tuple[str, object], ...]) -> None:  # fmt: skip
    """The same line in the history of both, each naming the other."""
    mirrored = tuple((k, str(one) if k == "other" else v) for k, v in detail)
    order_store.add_steps(conn, [
        Step(one, None, now, by.account, by.name, by.unit, verb, reason=reason, detail=detail, address=by.address),
        Step(other, None, now, by.account, by.name, by.unit, verb, reason=reason, detail=mirrored, address=by.address),
    ])  # fmt: skip
