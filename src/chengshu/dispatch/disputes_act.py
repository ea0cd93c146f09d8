"""An order is handed back: the first time to the centre that gave it, the second time to arbitration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chengshu.agencies.duties.model import Duty, DutyStage
from chengshu.dispatch import store
from chengshu.dispatch.assign import SYSTEM, Actor, Office, new_order
from chengshu.dispatch.disputes import store as dispute_store
from chengshu.dispatch.disputes import terms
from chengshu.dispatch.disputes.model import (
    MOST_RETURNS,
    REASON_NAMES,
    Dispute,
    DisputeState,
    Handback,
    ReturnReason,
)
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import OrderStage
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Invalid
from chengshu.kit.ids import new_id
from chengshu.kit.times import local


@dataclass(frozen=True, slots=True)
class Claim:
    """Why a unit hands an order back.

    Attributes:
        reason: One of the three.
        words: The evidence in words.
        matter: Whose row of the responsibility list it leans on; empty for the incident's own matter.
    """

    reason: str
    words: str
    matter: str = ""


def row_of(incident: Incident, office: Office, now: datetime, matter: str = "") -> Duty | None:
    """The row of the responsibility list for an incident's place and today."""
    day = local(now).date()
    return office.duties.of(matter or incident.matter, incident.area, DutyStage.HANDLE, day)


def check_claim(claim: Claim, order: WorkOrder, incident: Incident, office: Office, conn: Connection,
                now: datetime) -> Duty | None:  # fmt: skip
    """See that an order may be handed back for this reason; the row of the responsibility list it leans on.

    Raises:
        Conflict: Its time is over, it was returned twice, or a ruling settled this very reason.
        Invalid: The reason is none of the three, or the list has no row for the matter it names.
    """
    if claim.reason not in REASON_NAMES:
        raise Invalid(
            "reason_code",
            "退回要说明属于哪一种：非职责、非辖区、无权限",
            "a return needs one of: not_my_matter, not_my_area, not_my_power",
        )
    standing = dispute_store.standing(conn, [order])[order.id]
    why = terms.why_not_return(order, standing, now) or terms.why_not_reason(claim.reason, standing)
    if why is not None:
        raise Conflict(why.chinese, why.english)
    duty = row_of(incident, office, now, claim.matter)
    if claim.matter and duty is None:
        raise Invalid(
            "duty",
            f"职责清单在此地没有事项 {claim.matter} 的处置条目",
            f"the responsibility list has no row for handling {claim.matter} at this place",
        )
    return duty


def handed_back(conn: Connection, order: WorkOrder, incident: Incident, claim: Claim, duty: Duty | None,
                office: Office, by: Actor, now: datetime) -> list[int]:  # fmt: skip
    """Write a return whose order was just moved; with the second one a dispute begins.

    The incident's row is locked, so that two returns at once count as two.

    Returns:
        Orders that were opened for it.

    Raises:
        Conflict: It was returned twice meanwhile.
    """
    earlier = dispute_store.handbacks(conn, [incident.id])
    nth = len(earlier) + 1
    name = terms.matter_name(office.matters, duty.matter) if duty else ""
    one = Handback(
        incident.id, nth, order.id, order.unit, ReturnReason(claim.reason), claim.words,
        terms.cite(duty, name, office.duties.version) if duty else None, by.account, by.name, now,
        _watch(incident, order, office, now) if nth < MOST_RETURNS else None,
    )  # fmt: skip
    if nth > MOST_RETURNS or not dispute_store.add_handback(conn, one):
        raise Conflict("工单刚被别人处理过，请刷新", "somebody else was first: reload the order")
    if nth < MOST_RETURNS:
        return []
    for before in earlier:
        dispute_store.watch(conn, before, None)
    return [_begin(conn, incident, [h.unit for h in (*earlier, one)], office, now)]


def _watch(incident: Incident, order: WorkOrder, office: Office, now: datetime) -> datetime:
    """Somebody else must have the matter within the time for signing; what is due goes on running."""
    again = now + office.matters[incident.matter].sign_within
    return max(min(again, order.due_at), now) if order.due_at else again


def _begin(conn: Connection, incident: Incident, parties: list[str], office: Office, now: datetime) -> int:  # fmt: skip
    directory = office.directory
    arbiter = terms.arbiter_of(parties, incident.area, directory)
    interim = terms.interim_of(parties, incident.area, office.fallback, directory)
    assert arbiter is not None  # a city is not loaded without its centre
    assert interim is not None
    urgent = terms.is_urgent(incident)
    due = terms.rule_by(now, urgent, office.arbitrate_hours, office.calendar)
    said = f"先办后议：{arbiter.name}裁定前请先行处置，责任以裁定为准"
    fresh = new_order(incident, interim.unit, office, now, number=store.given(conn, incident.id) + 1,
                      due=incident.due_at or office.due_at(incident), instruction=said)  # fmt: skip
    given = dispute_store.add_interim(conn, fresh)
    dispute = Dispute(new_id(), incident.id, arbiter.unit, urgent, now, due, DisputeState.OPEN, due, 0, interim.unit,
                      given, None, None)  # fmt: skip
    dispute_store.add_dispute(conn, dispute)
    steps = [Step(incident.id, None, now, None, SYSTEM, arbiter.unit, "dispute", reason=(
        f"第二次退回，交{arbiter.name}裁定，{local(due):%m月%d日 %H:%M} 前作出；{interim.name}先行处置"),
        detail=(("dispute", str(dispute.id)), ("interim", interim.unit)))]  # fmt: skip
    if given == fresh.id:
        steps.append(Step(incident.id, given, now, None, SYSTEM, arbiter.unit, "assign", None, OrderStage.ASSIGNED, said,
                          (("unit", interim.unit),)))  # fmt: skip
    store.add_steps(conn, steps)
    wanted = "请值班领导裁定" if urgent else "请裁定"
    told = [(arbiter.unit, incident.id, f"争议 {incident.number} {wanted}，时限 {local(due):%m月%d日 %H:%M}:{incident.title}"),
            (interim.unit, incident.id, f"{said}:{incident.title}")]  # fmt: skip
    told += [
        (unit, incident.id, f"争议 {incident.number} 已交{arbiter.name}裁定")
        for unit in dict.fromkeys(parties)
    ]
    store.notify_units(conn, told, now)
    return given


def live_interim(orders: list[WorkOrder], dispute: Dispute) -> WorkOrder | None:
    """The interim order while it can still be taken back."""
    return next(
        (o for o in orders if o.id == dispute.interim_order
         and o.stage in (OrderStage.ASSIGNED, OrderStage.SIGNED)),
        None,
    )  # fmt: skip
