"""Disputes and rulings as pages and other systems read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from chengshu.agencies.duties.model import Duty
from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import read, store
from chengshu.dispatch.assign import Office
from chengshu.dispatch.disputes import store as dispute_store
from chengshu.dispatch.disputes import terms
from chengshu.dispatch.disputes.model import MOST_RETURNS, REASON_NAMES, Dispute, Handback, Ruling
from chengshu.dispatch.disputes_act import row_of
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.views import AttachmentView, IncidentView, Names
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.errors import NotFound


class CitedView(BaseModel):
    """A row of the responsibility list as it was quoted."""

    matter: str
    name: str
    stage: str
    tier: str
    lead: str
    assist: list[str]
    basis: list[str]
    version: int
    sign: str


class PositionView(BaseModel):
    """What one unit said when it handed the matter back."""

    nth: int
    order: str
    unit: str
    unit_name: str
    unit_name_en: str
    reason: str
    reason_name: str
    reason_name_en: str
    words: str
    duty: CitedView | None
    named: bool = Field(description="the responsibility list names this unit's line as the lead")
    actor: str
    at: datetime
    attachments: list[AttachmentView]


class RulingView(BaseModel):
    """A ruling, and the rule that it became."""

    number: str
    incident: str | None = Field(description="null where the caller may not see that incident")
    origin: str = Field(description="number of the incident it was made for")
    matter: str
    matter_name: str
    matter_name_en: str
    area: str
    area_name: str
    area_name_en: str
    words: list[str]
    lead: str
    lead_name: str
    lead_name_en: str
    assist: list[str]
    assist_names: list[str]
    assist_names_en: list[str]
    reason: str
    basis: list[str]
    at: datetime
    actor: str
    unit: str
    unit_name: str
    unit_name_en: str
    meeting: date | None
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_because: str | None
    why_not_revoke: str | None
    why_not_revoke_en: str | None


class DisputeView(BaseModel):
    """A dispute with the positions side by side, its clock and what was ruled before."""

    id: str
    state: str
    incident: IncidentView
    arbiter: str
    arbiter_name: str
    arbiter_name_en: str
    urgent: bool = Field(description="natural hours; the leader on duty rules")
    opened_at: datetime
    due_at: datetime
    escalated: int
    overdue: bool
    age_s: int
    interim: str
    interim_name: str
    interim_name_en: str
    interim_order: str | None
    duty: CitedView | None = Field(description="the row of the list for the matter and the place")
    positions: list[PositionView]
    precedents: list[RulingView]
    ruling: RulingView | None
    ended_at: datetime | None
    why_not_rule: str | None
    why_not_rule_en: str | None


class DisputeList(BaseModel):
    """Disputes within the scope."""

    items: list[DisputeView]
    total: int
    as_of: datetime


class RulingList(BaseModel):
    """Rulings within the scope, newest first."""

    items: list[RulingView]
    total: int
    as_of: datetime


class AgendaItem(BaseModel):
    """One matter of the agenda: its open disputes, oldest first, and what was ruled before."""

    matter: str
    matter_name: str
    matter_name_en: str
    disputes: list[DisputeView]
    precedents: list[RulingView]


class AgendaView(BaseModel):
    """The agenda of the meeting on hard cases (疑难工单会)."""

    items: list[AgendaItem]
    total: int
    as_of: datetime


class ReasonView(BaseModel):
    """One of the three reasons, with the sentence why it may not be given here."""

    reason: str
    label: str
    label_en: str
    why_not: str | None
    why_not_en: str | None


class ReturnView(BaseModel):
    """What somebody must know who wants to hand an order back."""

    order: str
    return_by: datetime | None
    returns: int
    most: int
    why_not: str | None
    why_not_en: str | None
    duty: CitedView | None
    named: bool = Field(description="the responsibility list names this unit's line as the lead")
    reasons: list[ReasonView]
    goes_to: str = Field(description="centre: it is given anew; arbitration: it is ruled on")
    to_name: str
    to_name_en: str


class Reading:
    """Who reads, and with what."""

    def __init__(self, conn: Connection, names: Names, office: Office, role: Role, unit: Unit,
                 now: datetime) -> None:  # fmt: skip
        self.conn, self.names, self.office = conn, names, office
        self.role, self.unit, self.now = role, unit, now

    def rulings(self, found: Sequence[Ruling]) -> list[RulingView]:
        """Views of these rulings."""
        known = incident_store.incidents(self.conn, list({r.incident for r in found}))
        return [self._ruling(r, r.incident in known) for r in found]

    def _ruling(self, r: Ruling, seen: bool) -> RulingView:
        matter, matter_en = self.names.matter(r.matter)
        area, area_en = self.names.area(r.area)
        why = terms.why_not_revoke(r, self.role, self.unit.unit)
        return RulingView(
            number=r.number, incident=str(r.incident) if seen else None, origin=r.origin, matter=r.matter,
            matter_name=matter, matter_name_en=matter_en, area=str(r.area), area_name=area or "全市",
            area_name_en=area_en or "the whole city", words=list(r.words), lead=r.lead,
            lead_name=self._name(r.lead), lead_name_en=self._english(r.lead), assist=list(r.assist),
            assist_names=[self._name(u) for u in r.assist], assist_names_en=[self._english(u) for u in r.assist],
            reason=r.reason, basis=list(r.basis), at=r.at, actor=r.actor, unit=r.unit, unit_name=self._name(r.unit),
            unit_name_en=self._english(r.unit), meeting=r.meeting, revoked_at=r.revoked_at, revoked_by=r.revoked_by,
            revoked_because=r.revoked_because, why_not_revoke=why.chinese if why else None,
            why_not_revoke_en=why.english if why else None,
        )  # fmt: skip

    def disputes(self, found: Sequence[Dispute]) -> list[DisputeView]:
        """Views of these disputes, those whose incident the scope shows."""
        incidents = incident_store.incidents(self.conn, [d.incident for d in found])
        seen = [d for d in found if d.incident in incidents]
        briefs = {
            int(v.id): v
            for v in read.briefs(self.conn, list(incidents.values()), self.names, self.now)
        }
        positions: dict[int, list[Handback]] = {}
        for one in dispute_store.handbacks(self.conn, list(incidents)):
            positions.setdefault(one.incident, []).append(one)
        orders = [h.order for some in positions.values() for h in some]
        files: dict[int, list[AttachmentView]] = {}
        for file in intake_store.attachments(self.conn, orders=orders) if orders else ():
            assert file.work_order is not None
            files.setdefault(file.work_order, []).append(read.attachment_view(file))
        before = dispute_store.in_force(self.conn, sorted({i.matter for i in incidents.values()}))
        made = [d.ruling for d in seen if d.ruling is not None]
        ruled = {r.id: r for r in dispute_store.rulings(self.conn, made)} if made else {}
        return [
            self._dispute(d, incidents[d.incident], briefs[d.incident], positions.get(d.incident, []), files,
                          [r for r in before if r.matter == incidents[d.incident].matter and r.id != d.ruling],
                          ruled.get(d.ruling or 0))
            for d in seen
        ]  # fmt: skip

    def _dispute(self, d: Dispute, incident: Incident, brief: IncidentView, positions: Sequence[Handback],
                 files: Mapping[int, list[AttachmentView]], before: Sequence[Ruling],
                 ruling: Ruling | None) -> DisputeView:  # fmt: skip
        why = terms.why_not_rule(d, self.role, self.unit.unit)
        duty = row_of(incident, self.office, self.now)
        return DisputeView(
            id=str(d.id), state=d.state, incident=brief, arbiter=d.arbiter, arbiter_name=self._name(d.arbiter),
            arbiter_name_en=self._english(d.arbiter), urgent=d.urgent, opened_at=d.opened_at, due_at=d.due_at,
            escalated=d.escalated, overdue=(d.ended_at or self.now) >= d.due_at,
            age_s=int(((d.ended_at or self.now) - d.opened_at).total_seconds()), interim=d.interim,
            interim_name=self._name(d.interim), interim_name_en=self._english(d.interim),
            interim_order=None if d.interim_order is None else str(d.interim_order), duty=self.cited(duty),
            positions=[self._position(h, files.get(h.order, [])) for h in positions],
            precedents=self.rulings(before), ruling=self.rulings([ruling])[0] if ruling else None,
            ended_at=d.ended_at, why_not_rule=why.chinese if why else None, why_not_rule_en=why.english if why else None,
        )  # fmt: skip

    def _position(self, h: Handback, files: list[AttachmentView]) -> PositionView:
        name, name_en = REASON_NAMES[h.reason]
        return PositionView(
            nth=h.nth, order=str(h.order), unit=h.unit, unit_name=self._name(h.unit), unit_name_en=self._english(h.unit),
            reason=h.reason, reason_name=name, reason_name_en=name_en, words=h.words,
            duty=CitedView.model_validate(h.duty) if h.duty else None, named=self._named(h.unit, h.duty), actor=h.actor,
            at=h.at, attachments=files,
        )  # fmt: skip

    def _named(self, unit: str, duty: Mapping[str, Any] | None) -> bool:
        """Whether the list names the unit itself, whatever it says."""
        known = self.office.directory.units.get(unit)
        return bool(duty and known and known.line and known.line == duty["lead"])

    def cited(self, duty: Duty | None) -> CitedView | None:
        """A row of the list in force."""
        if duty is None:
            return None
        name = terms.matter_name(self.office.matters, duty.matter)
        return CitedView.model_validate(terms.cite(duty, name, self.office.duties.version))

    def returning(self, order: WorkOrder) -> ReturnView:
        """What bears on handing this order back.

        Raises:
            NotFound: Its incident lies outside the scope.
        """
        incident = incident_store.incidents(self.conn, [order.incident]).get(order.incident)
        if incident is None:
            raise NotFound("工单", order.id)
        standing = dispute_store.standing(self.conn, [order])[order.id]
        why = terms.why_not_return(order, standing, self.now)
        duty = row_of(incident, self.office, self.now)
        cited = self.cited(duty)
        last = standing.returns + 1 >= MOST_RETURNS
        parties = [h.unit for h in dispute_store.handbacks(self.conn, [incident.id])] + [order.unit]
        arbiter = terms.arbiter_of(parties, incident.area, self.office.directory) if last else None
        to = arbiter.unit if arbiter else order.unit.rpartition(".")[0] or order.unit
        return ReturnView(
            order=str(order.id), return_by=order.return_by, returns=standing.returns, most=MOST_RETURNS,
            why_not=why.chinese if why else None, why_not_en=why.english if why else None, duty=cited,
            named=self._named(order.unit, cited.model_dump() if cited else None),
            reasons=[ReasonView(reason=reason, label=name, label_en=name_en, why_not=w.chinese if w else None,
                                why_not_en=w.english if w else None)
                     for reason, (name, name_en) in REASON_NAMES.items()
                     for w in [terms.why_not_reason(reason, standing)]],
            goes_to="arbitration" if last else "centre", to_name=self._name(to), to_name_en=self._english(to),
        )  # fmt: skip

    def agenda(self) -> AgendaView:
        """Open disputes grouped by matter: the matter that waits longest first."""
        views = sorted(
            self.disputes(dispute_store.disputes(self.conn, "open")), key=lambda v: v.opened_at
        )
        groups: dict[str, list[DisputeView]] = {}
        for view in views:
            groups.setdefault(view.incident.matter, []).append(view)
        items = []
        for matter, some in groups.items():
            name, name_en = self.names.matter(matter)
            before = self.rulings(dispute_store.listed(self.conn, matter=matter, active=True))
            items.append(AgendaItem(matter=matter, matter_name=name, matter_name_en=name_en, disputes=some,
                                    precedents=before))  # fmt: skip
        return AgendaView(items=items, total=len(views), as_of=self.now)

    def _name(self, unit: str) -> str:
        return self.names.unit(unit) or unit

    def _english(self, unit: str) -> str:
        return self.names.unit_en(unit) or unit


def order_of(conn: Connection, order_id: int) -> WorkOrder:
    """One order.

    Raises:
        NotFound: There is none, or not within the scope.
    """
    order = store.order(conn, order_id)
    if order is None:
        raise NotFound("工单", order_id)
    return order
