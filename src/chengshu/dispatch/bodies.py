"""What requests about incidents and orders may say, and what they are answered with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from chengshu.dispatch.views import DetailView, IncidentView, OrderView, ProposalView
from chengshu.kit.problem import problems

Id = Annotated[int, Path(ge=0, lt=2**63)]
Words = Annotated[str, Field(min_length=1, max_length=5000)]
READ = problems(401, 403, 404, 422)
ACT = problems(400, 401, 403, 404, 409, 422)


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AssignBody(Body):
    """Give an incident to a unit; `lead`: it leads or assists, null: it leads when nobody does."""

    unit: Annotated[str, Field(min_length=1, max_length=120)]
    instruction: Annotated[str, Field(max_length=2000)] = ""
    reason: Annotated[str, Field(max_length=1000)] = ""
    lead: bool | None = None


class AnswerBody(Body):
    """Answer at the desk, with the source of the answer."""

    answer: Words
    source: Annotated[str, Field(min_length=1, max_length=500)]
    reply_all: bool = Field(
        False,
        description="the answer is also the statutory reply to every complaint of the incident",
    )


class CloseBody(Body):
    """Whether the common answer is also the statutory reply to every complaint of the incident."""

    reply_all: bool = False


class RefuseBody(Body):
    """Not taken on, with the rule."""

    rule: Annotated[str, Field(min_length=1, max_length=500)]
    notice: Words


class ReferBody(RefuseBody):
    """Another way is right: petition, discipline or judiciary."""

    to: Literal["petition", "discipline", "judiciary"]


class ReasonBody(Body):
    """Why."""

    reason: Annotated[str, Field(max_length=1000)] = ""


class CorrectBody(Body):
    """What was understood wrongly."""

    matter: Annotated[str, Field(max_length=80)] | None = None
    area: Annotated[str, Field(pattern=r"^\d{15}$")] | None = None
    place: Annotated[str, Field(max_length=300)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    urgency: Annotated[int, Field(ge=1, le=3)] | None = None
    danger: bool | None = None
    reason: Annotated[str, Field(max_length=1000)] = ""


class OtherBody(Body):
    """The other incident."""

    other: Annotated[str, Field(pattern=r"^\d{1,18}$")]
    reason: Annotated[str, Field(max_length=1000)] = ""


class SplitBody(Body):
    """Which reports are taken out, and why: one, or several that become one incident together."""

    report: Annotated[str, Field(pattern=r"^\d{1,18}$")] | None = None
    reports: Annotated[
        list[Annotated[str, Field(pattern=r"^\d{1,18}$")]], Field(max_length=400)
    ] = []
    reason: Annotated[str, Field(max_length=1000)] = ""


class KeptView(BaseModel):
    """Something that undoing a merge or split does not move back, and why."""

    what: str
    because: str
    because_en: str


class UndoView(BaseModel):
    """What undoing a merge or split would do; `verb` is what was done, `other` with which."""

    possible: bool
    verb: Literal["merge", "split"] | None = None
    lead: str | None = None
    other: str | None = None
    why_not: str | None = None
    why_not_en: str | None = None
    kept: list[KeptView] = []


class SuggestionBody(Body):
    """A person's answer to «maybe the same»."""

    accept: bool
    relate: bool = Field(False, description="with a refusal: not the same, but linked (关联)")
    reason: Annotated[str, Field(max_length=1000)] = ""


_Number = Annotated[str, Field(pattern=r"^\d{1,18}$")]


class HandleBody(Body):
    """What was done, with photos or the number of the document that proves it."""

    reply: Annotated[str, Field(max_length=5000)] = ""
    attachments: Annotated[list[_Number], Field(max_length=12)] = []
    document: Annotated[str, Field(max_length=120)] = ""


class VerifyBody(Body):
    """What a check found; `untrue`: it is not done, and the reply says what was not so."""

    ok: bool = True
    reason: Annotated[str, Field(max_length=5000)] = ""
    untrue: bool = False


class ReassignBody(Body):
    """To whom an order goes instead, and why."""

    unit: Annotated[str, Field(min_length=1, max_length=120)]
    reason: Annotated[str, Field(max_length=1000)] = ""
    instruction: Annotated[str, Field(max_length=2000)] = ""


class ShelveBody(Body):
    """Why an order cannot be done now."""

    condition: Annotated[str, Field(max_length=1000)] = ""
    review_on: date | None = None
    public_reason: Annotated[str, Field(max_length=1000)] = ""


class ConfirmBody(Body):
    """What was found on the spot before filing."""

    ok: bool
    reason: Annotated[str, Field(max_length=1000)] = ""


class ReturnBody(Body):
    """Why an order is handed back.

    Attributes:
        duty: The matter whose row of the responsibility list it leans on; without it the incident's own.
    """

    reason: Annotated[str, Field(max_length=5000)] = ""
    reason_code: Literal["not_my_matter", "not_my_area", "not_my_power"] | None = None
    duty: Annotated[str, Field(max_length=80)] = ""
    attachments: Annotated[list[_Number], Field(max_length=12)] = []


class IncidentList(BaseModel):
    """One page of incidents."""

    items: list[IncidentView]
    next: str | None
    total: int
    as_of: datetime


class OrderList(BaseModel):
    """One page of orders."""

    items: list[OrderView]
    next: str | None
    total: int
    as_of: datetime


class OrderDetail(OrderView):
    """An order with its incident."""

    incident_detail: DetailView


class ReportStateView(BaseModel):
    """What became of a report."""

    id: str
    channel: str
    said_at: datetime
    state: Literal["waiting", "done"]
    incident: str | None
    number: str | None


class QueueItem(IncidentView):
    """What waits for a dispatcher, with the best proposal."""

    top: ProposalView | None
    waiting_s: int


class Queue(BaseModel):
    """The dispatcher's queue."""

    items: list[QueueItem]
    total: int
    as_of: datetime


class NoticeView(BaseModel):
    """What a unit was told."""

    id: str
    text: str
    at: datetime
    incident: str | None
    read: bool
