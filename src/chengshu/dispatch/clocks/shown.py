"""Clocks, requests and supervision orders as pages and other systems read them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class ClockView(BaseModel):
    """One clock of an order, and how it was reckoned."""

    kind: str
    name: str
    name_en: str
    light: str = Field(description="green, yellow, red, paused or off")
    start_at: datetime
    due_at: datetime | None
    yellow_at: datetime | None
    cap_at: datetime | None
    provisional: bool = Field(description="a year's holidays are not published yet: it may move")
    how: str = Field(description="start, limit, pauses, extensions, cap and end, in one sentence")
    how_en: str


class RequestView(BaseModel):
    """暂停、延期申请: what a unit asks the next tier for, and the answer."""

    id: str
    order: str
    order_number: str
    incident: str
    title: str
    ask: str = Field(description="pause or extension")
    reason: str
    reason_name: str
    reason_name_en: str
    words: str
    length: str | None
    length_en: str | None
    unit: str
    unit_name: str
    unit_name_en: str
    to_name: str
    to_name_en: str
    asked_at: datetime
    actor: str
    due_at: datetime | None = Field(description="the order's end as it stands")
    would_end_at: datetime | None = Field(description="extension: the end if it is approved")
    state: str = Field(description="open, approved, refused or lapsed")
    answered_at: datetime | None
    answer_actor: str
    answer: str
    from_at: datetime | None
    until_at: datetime | None
    standing: bool = Field(description="a pause that stops the clock now")
    why_not: str | None = Field(description="why the caller may not answer; null: she may")
    why_not_en: str | None


class RequestList(BaseModel):
    """Requests within the caller's scope."""

    items: list[RequestView]
    total: int
    as_of: datetime


class SupervisionView(BaseModel):
    """督办单: a unit is told from above to act and to explain itself."""

    id: str
    number: str
    order: str
    incident: str
    title: str
    unit: str
    unit_name: str
    unit_name_en: str
    by_name: str
    by_name_en: str
    actor: str
    grade: int
    grade_name: str
    grade_name_en: str
    cause: str = Field(description="overdue: the clock gave it; person: somebody did")
    words: str
    at: datetime
    explain_by: datetime
    copied: list[str]
    state: str = Field(description="open, late, explained, done or withdrawn")
    explained_at: datetime | None
    explain_actor: str
    explanation: str
    order_due_at: datetime | None
    why_not: str | None = Field(description="why the caller may not explain; null: she may")
    why_not_en: str | None


class SupervisionList(BaseModel):
    """Supervision orders within the caller's scope."""

    items: list[SupervisionView]
    total: int
    as_of: datetime


class ReasonView(BaseModel):
    """A named reason and how much it may give at most."""

    id: str
    name: str
    name_en: str
    longest: str
    longest_en: str


class AskView(BaseModel):
    """What somebody must know who asks for a pause or an extension of an order."""

    pauses: list[ReasonView]
    extensions: list[ReasonView]
    to_name: str = Field(description="who answers")
    to_name_en: str
    due_at: datetime | None
    span: str = Field(description="in what the order's limit is counted")
    longest: int | None = Field(description="the longest extension in that span")
    grades: list[str]
    grades_en: list[str]
    requests: list[RequestView]
    supervisions: list[SupervisionView]
