"""What pages are told of a joint command."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class MemberView(BaseModel):
    """A unit that takes part."""

    unit: str
    name: str
    name_en: str
    lead: bool
    centre: bool


class JointTaskView(BaseModel):
    """A part with its order's state and clock."""

    id: str | None = Field(description="null: an order of the incident that is no planned part")
    nth: int
    strand: str
    unit: str
    unit_name: str
    unit_name_en: str
    text: str
    order: str
    order_number: str
    stage: str
    stage_name: str
    stage_name_en: str
    lead: bool = Field(description="the parent: it closes last")
    open: bool
    assigned_at: datetime
    sign_due_at: datetime | None
    due_at: datetime | None
    signed_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    reply: str | None


class StrandView(BaseModel):
    """A matter with its own answer."""

    code: str
    name: str
    name_en: str
    answer: str | None
    answered_at: datetime | None
    answered_by: str | None
    reports: list[str] | None = Field(
        description="reports of this matter; null where the caller does not see the incident"
    )
    told: int


class MeetingCallView(BaseModel):
    """One unit called in."""

    unit: str
    name: str
    name_en: str
    coming: bool | None
    words: str
    answered_at: datetime | None
    attended: bool | None
    person: str


class DecisionView(BaseModel):
    """A decision, and the part that it became."""

    id: str
    nth: int
    text: str
    task: int | None = Field(description="number of the part")
    at: datetime
    actor: str


class MeetingView(BaseModel):
    """A meeting: called, answered, decided."""

    id: str
    nth: int
    subject: str
    place: str
    link: str
    starts_at: datetime
    called_at: datetime
    actor: str
    ended_at: datetime | None
    summary: str
    calls: list[MeetingCallView]
    decisions: list[DecisionView]
    mine: bool = Field(description="the caller's unit is called and has not answered")


class ResourceView(BaseModel):
    """What was called, from whom, when, and when it arrived."""

    id: str
    what: str
    source: str
    contact: str
    called_at: datetime
    actor: str
    arrived_at: datetime | None
    arrived_by: str | None


class LineView(BaseModel):
    """One line of the shared time line."""

    at: datetime
    actor: str
    unit_name: str
    unit_name_en: str
    verb: str
    words: str


class JointBrief(BaseModel):
    """A command in a list."""

    id: str
    incident: str
    number: str
    title: str
    area_name: str
    area_name_en: str
    lead: str
    lead_name: str
    lead_name_en: str
    members: int
    people: int | None
    crowd: bool
    parts: int
    parts_open: int
    parts_late: int
    next_due_at: datetime | None
    started_at: datetime
    ended_at: datetime | None


class JointView(JointBrief):
    """A command in full."""

    incident_seen: bool = Field(description="the caller sees the incident itself")
    centre: str
    centre_name: str
    centre_name_en: str
    template: str
    template_name: str
    template_name_en: str
    reason: str
    basis: list[str]
    actor: str
    ended_by: str | None
    member_list: list[MemberView]
    tasks: list[JointTaskView]
    strands: list[StrandView]
    meetings: list[MeetingView]
    resources: list[ResourceView]
    line: list[LineView]
    open: str | None = Field(description="what keeps the parent from closing")
    open_en: str | None
    why_not_run: str | None
    why_not_run_en: str | None
    why_not_take_part: str | None
    why_not_take_part_en: str | None
    why_not_conclude: str | None
    why_not_conclude_en: str | None


class JointList(BaseModel):
    """Commands within the scope."""

    items: list[JointBrief]
    total: int
    as_of: datetime


class TemplateView(BaseModel):
    """A template as it would fall out at the incident's place."""

    id: str
    name: str
    name_en: str
    proposed: bool = Field(description="it is for the incident's matter")
    lead: str
    lead_name: str
    lead_name_en: str
    parts: list[str]
    basis: list[str]


class OfferView(BaseModel):
    """What somebody must know who thinks of a joint command."""

    joint: str | None = Field(description="the running command, else the last that ended")
    running: bool
    people: int | None
    crowd: bool
    templates: list[TemplateView]
    why_not_start: str | None
    why_not_start_en: str | None
