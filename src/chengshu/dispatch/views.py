"""Incidents and orders as pages and other systems read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import fsum, log2
from typing import Any

from pydantic import BaseModel, Field

from chengshu.agencies.matters import Matter
from chengshu.dispatch.checks.rules import CheckRules
from chengshu.dispatch.clocks.model import ClockRules
from chengshu.dispatch.clocks.shown import ClockView
from chengshu.dispatch.component_evidence import ComponentView
from chengshu.dispatch.disputes.model import Ruling
from chengshu.dispatch.filing.lines import Lines
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.propose import Directory
from chengshu.dispatch.workflow import Labels, Verb, Why, label_of
from chengshu.incidents.marks import Mark
from chengshu.incidents.model import Incident, state_of
from chengshu.places import City


class ClueView(BaseModel):
    """One reason, with its log2 odds."""

    about: str
    bits: float
    because: str
    because_en: str


class MayView(BaseModel):
    """Something that may be done, or the sentence that says why not."""

    verb: str
    label: str
    label_en: str
    why_not: str | None = None
    why_not_en: str | None = None


class IncidentView(BaseModel):
    """An incident in a list."""

    id: str
    number: str
    title: str
    matter: str
    matter_name: str
    matter_name_en: str
    domain: str
    stage: str
    state: str = Field(
        description="new, handling, due_soon, overdue, danger or closed: decides colour and shape"
    )
    urgency: int
    danger: bool
    area: str
    area_name: str
    area_name_en: str
    place: str
    lon: float | None
    lat: float | None
    reports: int
    people: int
    urged: int = Field(description="of the reports, those that only urged")
    first_at: datetime
    last_at: datetime
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    closed_at: datetime | None
    changed_at: datetime
    unit: str | None = None
    unit_name: str | None = None
    unit_name_en: str | None = None


class AttachmentView(BaseModel):
    """A file."""

    id: str
    name: str
    kind: str
    bytes: int


class OrderView(BaseModel):
    """An order in a list."""

    id: str
    number: str
    incident: str
    incident_title: str
    unit: str
    unit_name: str
    unit_name_en: str
    stage: str
    instruction: str
    assigned_at: datetime
    sign_due_at: datetime | None
    due_at: datetime | None
    signed_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    escalated: int
    returns: int
    reply: str | None
    withdrawn_for: str | None = Field(
        description="number of the incident it made way for when two were merged: counts against nobody; "
        "null too where that lies in another county"
    )
    return_by: datetime | None = Field(description="until when it may be handed back")
    ruling: str | None = Field(description="number of the ruling that chose the unit")
    lead: bool = Field(description="it leads (主办); else it assists")
    handlings: int = Field(description="2: its unit handled it a second time")
    false_closing: bool = Field(description="what its reply says was found not to be so")
    was_overdue: bool = Field(description="it was late before it was opened again")
    document: str | None = Field(description="number of the document that proves the reply")
    needs_evidence: bool = Field(False, description="a reply needs a file or a document's number")
    danger: bool
    urgency: int
    matter_name: str
    matter_name_en: str
    area: str
    area_name: str
    area_name_en: str
    place: str
    lon: float | None
    lat: float | None
    reports: int
    attachments: list[AttachmentView] = []
    may: list[MayView] = []
    light: str = Field(
        "green", description="of the clock that runs now: green, yellow, red, paused or off"
    )
    clocks: list[ClockView] = []


class ReplyView(BaseModel):
    """法定答复: what one complaint or denunciation is owed by law, with its own clock."""

    nature: str
    source: str = Field(description="the regulation")
    source_en: str
    nameless: bool = Field(description="anonymous: it is decided on, but there is nobody to tell")
    accept_due_at: datetime
    accepted_at: datetime | None
    declined_at: datetime | None
    declined_because: str | None
    reply_due_at: datetime | None = Field(description="runs from acceptance")
    replied_at: datetime | None
    text: str | None
    due_at: datetime | None = Field(description="end of the clock that runs now")
    overdue: bool
    may: list[MayView]


class ReportView(BaseModel):
    """One report of an incident, with why it belongs there."""

    id: str
    channel: str
    said_at: datetime
    received_at: datetime
    title: str
    text: str
    nature: str
    place: str
    lon: float | None
    lat: float | None
    anonymous: bool
    confidential: bool
    reporter_masked: str
    relation: str = Field(description="first, joined, repeated or urged")
    reply: ReplyView | None = None
    outcome: str
    probability: float | None
    clues: list[ClueView]
    attachments: list[AttachmentView]


class ProposalView(BaseModel):
    """A unit that may be the right one."""

    rank: int
    unit: str
    unit_name: str
    unit_name_en: str
    probability: float
    clues: list[ClueView]


class SuggestionView(BaseModel):
    """Another incident that may be the same."""

    id: str
    other: IncidentView
    probability: float
    prior_bits: float
    clues: list[ClueView]


class RelatedView(BaseModel):
    """Another incident that has to do with this one and is not the same (关联)."""

    incident: IncidentView
    kind: str = Field(description="related, or recurrence: the same again after closing")
    reason: str


class StepView(BaseModel):
    """One line of history."""

    id: str
    at: datetime
    actor: str
    unit_name: str
    unit_name_en: str
    verb: str
    from_stage: str | None
    to_stage: str | None
    reason: str
    detail: dict[str, Any]
    order: str | None


class MarkView(BaseModel):
    """A span of a text that was understood; `said` is as what, empty where the words say it all."""

    start: int
    end: int
    kind: str
    text: str
    said: str = ""
    said_en: str = ""
    confidence: float = 1.0


def mark_views(marks: Iterable[Mark]) -> list[MarkView]:
    """Marks as they are sent."""
    return [
        MarkView(start=m.start, end=m.end, kind=m.kind, text=m.text, said=m.said, said_en=m.said_en,
                 confidence=round(m.confidence, 2))
        for m in marks
    ]  # fmt: skip


class TransferView(BaseModel):
    """To which line (110, 119 or 120) it was proposed to hand a report, by whom and why."""

    report: str
    service: str
    reason: str
    actor: str
    at: datetime


class FilingView(BaseModel):
    """By which line of business an incident goes, and whether it is filed (立案)."""

    line: str
    line_name: str
    line_name_en: str
    registered_at: datetime | None
    registered_by: str
    asked_at: datetime | None
    asked_words: str
    confirmed: bool | None
    confirmed_at: datetime | None
    confirmed_by: str
    confirmed_words: str


class DetailView(IncidentView):
    """An incident with everything that belongs to it."""

    answer: str | None
    answer_source: str | None
    merged_into: str | None
    recurrence_of: str | None
    joined: int = Field(description="of the reports, those of other people")
    repeated: int = Field(description="of the reports, those of somebody who said it before")
    open_replies: int = Field(description="statutory replies that are still owed")
    related: list[RelatedView]
    report_list: list[ReportView]
    orders: list[OrderView]
    proposals: list[ProposalView]
    suggestions: list[SuggestionView]
    steps: list[StepView]
    marks: list[MarkView]
    transfers: list[TransferView] = []
    component: ComponentView | None = None
    filing: FilingView | None = Field(None, description="null: from before incidents were filed")
    may: list[MayView]


_SUREST = 1e-6  # a stored probability is rounded: beyond this its log-odds say nothing


def prior_bits(probability: float, clues: Sequence[Mapping[str, Any]]) -> float:
    """What the log2 odds were before the clues; a suggestion keeps those and the probability only."""
    p = min(max(probability, _SUREST), 1 - _SUREST)
    return round(log2(p / (1 - p)) - fsum(float(clue["bits"]) for clue in clues), 2)


class Names:
    """Turns codes into names: areas, units, matters; knows the words of each line, and what proves a reply."""

    def __init__(
        self,
        city: City,
        directory: Directory,
        matters: Mapping[str, Matter],
        lines: Lines | None = None,
        checks: CheckRules | None = None,
        clocks: ClockRules | None = None,
    ) -> None:
        self.lines, self.checks = lines or Lines(), checks or CheckRules()
        self._areas = {area.code: area for area in city.areas}
        self._city = city.code
        self.directory = directory
        self.matters = matters
        self.clocks = clocks or ClockRules()
        self._english = {unit.name: unit.name_en for unit in directory.units.values()}

    def area(self, code: int) -> tuple[str, str]:
        """Chinese and English name of an area: the township with its county."""
        area = self._areas.get(code) or self._areas.get(code // 10**6 * 10**6)
        if area is None or area.code == self._city:
            return "", ""
        county = self._areas.get(code // 10**9 * 10**9)
        if county is None or county.code == area.code:
            return area.name, area.name_en
        return f"{county.short}{area.name}", f"{area.name_en}, {county.name_en}"

    def unit(self, path: str | None) -> str | None:
        """Name of a unit."""
        found = self.directory.units.get(path or "")
        return found.name if found else path

    def unit_en(self, path: str | None) -> str | None:
        """English name of a unit."""
        found = self.directory.units.get(path or "")
        return found.name_en if found else path

    def english(self, unit_name: str) -> str:
        """English name of a unit that history names in Chinese."""
        return self._english.get(unit_name, unit_name)

    def matter(self, matter_id: str) -> tuple[str, str]:
        """Chinese and English name of a matter."""
        matter = self.matters.get(matter_id)
        return (matter.name, matter.name_en) if matter else (matter_id, matter_id)


def incident_fields(
    incident: Incident, names: Names, now: datetime, unit: str | None = None
) -> dict[str, Any]:
    """The fields of an IncidentView."""
    area_name, area_name_en = names.area(incident.area)
    matter_name, matter_name_en = names.matter(incident.matter)
    state = state_of(incident.stage, incident.danger, incident.overdue, incident.due_at, now)
    return {
        "id": str(incident.id), "number": incident.number, "title": incident.title, "matter": incident.matter,
        "matter_name": matter_name, "matter_name_en": matter_name_en, "domain": incident.domain,
        "stage": str(incident.stage), "state": state, "urgency": incident.urgency,
        "danger": incident.danger, "area": str(incident.area), "area_name": area_name, "area_name_en": area_name_en,
        "place": incident.place, "lon": incident.lon, "lat": incident.lat, "reports": incident.reports,
        "people": incident.people, "urged": incident.urged, "first_at": incident.first_at, "last_at": incident.last_at,
        "opened_at": incident.opened_at, "due_at": incident.due_at, "overdue": incident.overdue,
        "closed_at": incident.closed_at, "changed_at": incident.changed_at, "unit": unit,
        "unit_name": names.unit(unit), "unit_name_en": names.unit_en(unit),
    }  # fmt: skip


def order_fields(
    order: WorkOrder,
    incident: Incident | None,
    names: Names,
    made_way_for: str | None,
    ruling: Ruling | None,
) -> dict[str, Any]:
    """The fields of an OrderView.

    Args:
        made_way_for: The number of the incident it was withdrawn for.
    """
    matter_name, matter_name_en = names.matter(incident.matter) if incident else ("", "")
    area_name, area_name_en = names.area(order.area)
    return {
        "id": str(order.id), "number": order.number, "incident": str(order.incident),
        "incident_title": incident.title if incident else "", "unit": order.unit,
        "unit_name": names.unit(order.unit) or order.unit,
        "unit_name_en": names.unit_en(order.unit) or order.unit, "stage": str(order.stage), "instruction": order.instruction,
        "assigned_at": order.assigned_at, "sign_due_at": order.sign_due_at, "due_at": order.due_at,
        "signed_at": order.signed_at, "handled_at": order.handled_at, "closed_at": order.closed_at,
        "overdue": order.overdue, "escalated": order.escalated, "returns": order.returns, "reply": order.reply,
        "withdrawn_for": made_way_for, "return_by": order.return_by, "ruling": ruling.number if ruling else None,
        "lead": order.lead, "handlings": order.handlings, "false_closing": order.false_closing,
        "was_overdue": order.was_overdue, "document": order.document,
        "danger": bool(incident and incident.danger), "urgency": incident.urgency if incident else 1,
        "matter_name": matter_name, "matter_name_en": matter_name_en,
        "area": str(order.area), "area_name": area_name, "area_name_en": area_name_en,
        "place": incident.place if incident else "",
        "lon": incident.lon if incident else None, "lat": incident.lat if incident else None,
        "reports": incident.reports if incident else 0,
    }  # fmt: skip


def may_view(verb: Verb, why: Why | None, labels: Labels) -> MayView:
    """A verb of an order, as its line of business calls it, with the sentence why it may not be done."""
    label, label_en = label_of(verb, labels)
    return MayView(verb=verb, label=label, label_en=label_en, why_not=why.chinese if why else None,
                   why_not_en=why.english if why else None)  # fmt: skip
