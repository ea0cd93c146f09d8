"""A centre rules on a dispute; a ruling is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chengshu.agencies import store as agency_store
from chengshu.agencies.matters import OTHER
from chengshu.agencies.model import Role
from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor, Office, assign
from chengshu.dispatch.disputes import store as dispute_store
from chengshu.dispatch.disputes import terms
from chengshu.dispatch.disputes.model import Dispute, DisputeState, Ruling
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import LIVE, OrderStage
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.times import local
from chengshu.places import Level, ancestor_at, area_span, level_of

_LEAST_WORDS = 4
_SHORTEST = 2  # a word of a rule: a single character stands in any message


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a centre decides.

    Attributes:
        basis: Rows of the responsibility list and articles of law, at least one.
        words: The rule holds where one of these stands in a message; empty: for the whole matter.
        area: Where the rule holds; None for the incident's county, or the city where that is unknown.
        matter: For which matter; empty for the incident's.
        meeting: The day of the meeting on hard cases, if it was decided there.
    """

    lead: str
    reason: str
    basis: Sequence[str]
    assist: Sequence[str] = ()
    words: Sequence[str] = ()
    area: int | None = None
    matter: str = ""
    meeting: date | None = None


@dataclass(frozen=True, slots=True)
class Ruled:
    """What came of a ruling: itself, and the orders that changed with it."""

    ruling: Ruling
    orders: tuple[int, ...]


def rule(conn: Connection, dispute_id: int, verdict: Verdict, office: Office, by: Actor, role: Role,
         now: datetime) -> Ruled:  # fmt: skip
    """End a dispute: the lead and those that help get their orders, the interim lead gives back hers.

    The incident's clock is not touched: what is due stays due.

    Raises:
        NotFound: No such dispute within the scope, or no such unit.
        Forbidden: It is not for this person; the sentence is `terms.why_not_rule`'s.
        Conflict: It has ended, or somebody was first.
        Invalid: Something of the verdict is missing or cannot be.
    """
    dispute = dispute_store.dispute(conn, dispute_id)
    if dispute is None:
        raise NotFound("争议", dispute_id)
    _may(dispute, role, by.unit)
    incident = incident_store.locked(conn, dispute.incident)
    current = dispute_store.dispute(conn, dispute_id)
    if incident is None or current is None:
        raise NotFound("争议", dispute_id)
    _may(current, role, by.unit)
    if incident.stage in ENDED:
        raise Conflict(
            "事件已结束，不再裁定", "the incident has ended: there is nothing to rule on"
        )
    ruling = _ruling(conn, incident, verdict, office, by, now)
    year = local(now).year
    serial = dispute_store.next_serial(conn, year)
    ruling = replace(ruling, number=terms.number_of(year, serial))
    ruling = replace(ruling, id=dispute_store.add_ruling(conn, ruling, year, serial))
    if not dispute_store.finish(conn, current, DisputeState.RULED, ruling.id, now):
        raise Conflict("争议刚被别人裁定，请刷新", "somebody else ruled first: reload")
    detail = (("dispute", str(dispute.id)), ("number", ruling.number), ("lead", ruling.lead),
              ("assist", list(ruling.assist)), ("basis", list(ruling.basis)))  # fmt: skip
    store.add_steps(conn, [Step(incident.id, None, now, by.account, by.name, by.unit, "rule", reason=ruling.reason,
                                detail=detail, address=by.address)])  # fmt: skip
    orders = _give(conn, incident, current, ruling, office, by, now)
    _tell(conn, incident, ruling, office, now)
    agency_store.record(conn, now, "ruling_made", account=by.account, role=role, subject=ruling.number,
                        detail={"incident": incident.number, "lead": ruling.lead}, address=by.address)  # fmt: skip
    return Ruled(ruling, orders)


def _may(dispute: Dispute, role: Role, unit: str) -> None:
    why = terms.why_not_rule(dispute, role, unit)
    if why is not None:
        refusal = Forbidden if dispute.state is DisputeState.OPEN else Conflict
        raise refusal(why.chinese, why.english)


def _ruling(conn: Connection, incident: Incident, verdict: Verdict, office: Office, by: Actor,
            now: datetime) -> Ruling:  # fmt: skip
    for name in (verdict.lead, *verdict.assist):
        if name not in office.directory.units:
            raise NotFound("单位", name)
        if not terms.is_under(name, by.unit):
            raise Forbidden(
                "只能裁定由本级及以下单位办理", "a ruling names units of your own or under it"
            )
    if len(verdict.reason.strip()) < _LEAST_WORDS:
        raise Invalid(
            "reason", f"请写明裁定理由（至少 {_LEAST_WORDS} 个字）",
            f"say why in at least {_LEAST_WORDS} characters",
        )  # fmt: skip
    basis = _texts(verdict.basis)
    if not basis:
        raise Invalid(
            "basis", "裁定要引用职责清单条目或法律条文", "a ruling cites the responsibility list or the law"
        )  # fmt: skip
    matter, words = verdict.matter or incident.matter, _texts(verdict.words)
    if matter not in office.matters:
        raise Invalid("matter", f"没有这个事项：{matter}", f"there is no matter {matter}")
    if any(len(word) < _SHORTEST for word in words):
        raise Invalid(
            "words", f"规则用词至少 {_SHORTEST} 个字", f"a rule's word has at least {_SHORTEST} characters"
        )  # fmt: skip
    if matter == OTHER and not words:
        raise Invalid(
            "words", "事项不明的裁定要写明适用的词语", "a ruling on an unclassified matter needs words"
        )  # fmt: skip
    settled = {str(h.reason) for h in dispute_store.handbacks(conn, [incident.id])}
    return Ruling(
        0, "", incident.id, incident.number, matter, _area(incident, verdict.area, office, by), words, verdict.lead,
        tuple(u for u in dict.fromkeys(verdict.assist) if u != verdict.lead), verdict.reason.strip(), basis,
        frozenset(settled), now, by.account, by.name, by.unit, verdict.meeting,
    )  # fmt: skip


def _texts(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in given if text.strip()))


def _area(incident: Incident, wanted: int | None, office: Office, by: Actor) -> int:
    own = office.directory.units[by.unit].area
    area = wanted or ancestor_at(incident.area, Level.COUNTY) or own
    low, high = area_span(area, level_of(area))
    if not low <= incident.area < high:
        raise Invalid(
            "area", "规则适用的区域要包含这件事所在地", "the rule's area must hold the incident's place"
        )  # fmt: skip
    first, end = area_span(own, level_of(own))
    if not (first <= low and high <= end):
        raise Invalid("area", "规则不能超出本级辖区", "a rule does not reach beyond your own area")
    return area


def _give(conn: Connection, incident: Incident, dispute: Dispute, ruling: Ruling, office: Office, by: Actor,
          now: datetime) -> tuple[int, ...]:  # fmt: skip
    named = [ruling.lead, *ruling.assist]
    before = store.orders_of(conn, [incident.id])
    live = {o.unit: o for o in before if o.stage in LIVE}
    changed = []
    for unit in named:
        if unit in live:  # such as the interim lead, who keeps what she has
            continue
        part = "牵头" if unit == ruling.lead else "协办"
        order = assign(conn, incident, unit, office, by, now, instruction=f"{ruling.number}：{part}",
                       reason=f"{ruling.number}：{ruling.reason}", ruling=ruling.id, lead=False)  # fmt: skip
        changed.append(order.id)
    after = store.orders_of(conn, [incident.id])
    leads = next((o.id for o in reversed(after) if o.stage in LIVE and o.unit == ruling.lead), None)
    if leads is not None:
        changed += [i for i in store.set_lead(conn, incident.id, leads, now) if i not in changed]
    for order in live.values():
        if order.id == dispute.interim_order and order.unit not in named:
            changed += _take_back(conn, incident, order, ruling, by, now)
    return tuple(changed)


def _take_back(conn: Connection, incident: Incident, order: WorkOrder, ruling: Ruling, by: Actor,
               now: datetime) -> list[int]:  # fmt: skip
    """The interim lead hands over; what she has reported back already stays hers."""
    if order.stage not in (OrderStage.ASSIGNED, OrderStage.SIGNED):
        return []
    if not store.move(conn, order, OrderStage.WITHDRAWN, now):
        raise Conflict("工单刚被别人处理过，请刷新", "somebody else was first: reload the order")
    said = f"{ruling.number}已裁定，请与牵头单位交接"
    store.add_steps(conn, [Step(incident.id, order.id, now, by.account, by.name, by.unit, "withdraw", order.stage,
                                OrderStage.WITHDRAWN, said, (), by.address)])  # fmt: skip
    store.notify_units(conn, [(order.unit, incident.id, f"工单 {order.number} {said}")], now)
    return [order.id]


def _tell(
    conn: Connection, incident: Incident, ruling: Ruling, office: Office, now: datetime
) -> None:
    lead = office.directory.units[ruling.lead]
    parties = [h.unit for h in dispute_store.handbacks(conn, [incident.id])]
    said = f"{ruling.number}：{incident.number} 由{lead.name}牵头。{ruling.reason[:60]}"
    store.notify_units(
        conn, [(unit, incident.id, said) for unit in dict.fromkeys((*parties, *ruling.assist))], now
    )


def revoke(
    conn: Connection, number: str, reason: str, by: Actor, role: Role, now: datetime
) -> Ruling:
    """Take a ruling back: it decides no further case, and the orders it decided may be handed back again.

    Raises:
        NotFound: No such ruling within the scope.
        Forbidden: It is not for this person.
        Conflict: It was revoked already.
        Invalid: No reason.
    """
    ruling = dispute_store.numbered(conn, number)
    if ruling is None:
        raise NotFound("裁定", number)
    why = terms.why_not_revoke(ruling, role, by.unit)
    if why is not None:
        raise (Forbidden if ruling.in_force else Conflict)(why.chinese, why.english)
    if len(reason.strip()) < _LEAST_WORDS:
        raise Invalid(
            "reason", f"请写明撤销理由（至少 {_LEAST_WORDS} 个字）",
            f"say why in at least {_LEAST_WORDS} characters",
        )  # fmt: skip
    if not dispute_store.revoke(conn, ruling.id, by.name, reason.strip(), now):
        raise Conflict("裁定刚被别人撤销", "somebody else revoked it first")
    store.add_steps(conn, [Step(ruling.incident, None, now, by.account, by.name, by.unit, "revoke", reason=reason.strip(),
                                detail=(("number", number),), address=by.address)])  # fmt: skip
    units = dict.fromkeys((ruling.lead, *ruling.assist))
    store.notify_units(
        conn, [(u, ruling.incident, f"{number}已撤销：{reason.strip()[:60]}") for u in units], now
    )
    agency_store.record(conn, now, "ruling_revoked", account=by.account, role=role, subject=number,
                        detail={"reason": reason.strip()}, address=by.address)  # fmt: skip
    return replace(ruling, revoked_at=now, revoked_by=by.name, revoked_because=reason.strip())
