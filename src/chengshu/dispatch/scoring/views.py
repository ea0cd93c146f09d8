"""Scoring as pages and other systems read it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field


class ScoreMonthView(BaseModel):
    """A month of scoring."""

    month: date
    state: str = Field(description="open, published or frozen")
    version: int = Field(description="the newest; 0 while there is none")
    made_at: datetime | None
    publish_at: datetime = Field(description="when it is or was to be published")
    published_at: datetime | None
    appeals_until: datetime | None
    frozen_at: datetime | None
    orders: int
    excluded: dict[str, int] = Field(description="orders left out, by reason code")
    flags: dict[str, int] = Field(description="orders under suspicion, by flag")
    open_appeals: int = Field(description="within the caller's scope")
    digest: str = Field(description="SHA-256 of all figures of the version")


class ScoreVersionView(BaseModel):
    """One reckoning of a month."""

    version: int
    made_at: datetime
    because: str = Field(description="night, publication, decision, checks or request")
    orders: int
    digest: str


class ScoreMeasuredView(BaseModel):
    """One indicator of a unit: shares from 0 to 1."""

    indicator: str
    weight: float
    orders: int = Field(description="how many say something about it")
    hits: float = Field(description="weight of what was met")
    misses: float = Field(description="weight of what was missed")
    plain: float | None = Field(description="hits / (hits + misses)")
    value: float = Field(description="shrunk towards the tier")
    low: float
    high: float


class ScoreRowView(BaseModel):
    """A unit's figures."""

    unit: str
    unit_name: str
    unit_name_en: str
    tier: str
    matter: str
    matter_name: str
    matter_name_en: str
    orders: int
    flagged: int
    excluded: int
    points: float | None = Field(description="0 to 100")
    low: float | None = Field(description="nine chances in ten lie between low and high")
    high: float | None
    measured: list[ScoreMeasuredView]
    opens: bool = Field(description="whether the caller may open the orders behind it")


class ScoreDifficultyView(BaseModel):
    """How hard a matter is, and why."""

    matter: str
    matter_name: str
    matter_name_en: str
    orders: int
    hours: float
    again: float
    factor: float


class ScoreTableView(BaseModel):
    """The figures of a month, best first within each tier."""

    month: ScoreMonthView
    version: int
    made_at: datetime
    versions: list[ScoreVersionView]
    weights: dict[str, float]
    rows: list[ScoreRowView]
    difficulty: list[ScoreDifficultyView]
    matters: list[ScoreDifficultyView] = Field(
        description="matters of the rows, for narrowing the table"
    )
    as_of: datetime


class ScoreMarkView(BaseModel):
    """How an order counts for one indicator."""

    indicator: str
    value: float | None = Field(description="1 met, 0 missed; null: says nothing")
    hits: float
    misses: float
    why: str
    why_en: str


class ScoreFlagView(BaseModel):
    """Why an order is under suspicion."""

    flag: str
    why: str
    why_en: str


class ScoreOrderView(BaseModel):
    """How one order counted."""

    order: str
    number: str
    incident: str
    matter: str
    matter_name: str
    matter_name_en: str
    factor: float
    share: float
    marks: list[ScoreMarkView]
    flags: list[ScoreFlagView]
    cleared: bool
    excluded: str
    why_not_appeal: str | None
    why_not_appeal_en: str | None


class ScoreUnitView(BaseModel):
    """A unit's month: its figures, within each matter too, and every order behind them."""

    month: ScoreMonthView
    version: int
    score: ScoreRowView
    by_matter: list[ScoreRowView]
    orders: list[ScoreOrderView]


class ScoreExclusionView(BaseModel):
    """An order that somebody wants left out, and what another person decided."""

    id: str
    order: str
    number: str
    unit: str
    unit_name: str
    unit_name_en: str
    reason: str
    words: str
    actor: str
    at: datetime
    due_at: datetime
    late: bool
    state: str
    decided_actor: str
    decided_at: datetime | None
    decided_words: str
    why_not_decide: str | None
    why_not_decide_en: str | None


class ScoreExclusionList(BaseModel):
    """Proposals within the caller's scope, and the published counts by month."""

    items: list[ScoreExclusionView]
    published: list[ScoreMonthView]


class ScoreAppealView(BaseModel):
    """A unit's objection and its answer."""

    id: str
    month: date
    order: str
    number: str
    unit: str
    unit_name: str
    unit_name_en: str
    wants: str = Field(description="clear, exclude or count")
    indicator: str
    words: str
    evidence: list[str]
    actor: str
    at: datetime
    due_at: datetime
    late: bool
    state: str = Field(description="open, upheld or refused")
    answered_actor: str
    answered_at: datetime | None
    answer: str
    why_not_answer: str | None
    why_not_answer_en: str | None


class ScoreAppealList(BaseModel):
    """Appeals within the caller's scope."""

    items: list[ScoreAppealView]


class ScoreMeasureStepView(BaseModel):
    """One line of a measure's history."""

    at: datetime
    actor: str
    unit_name: str
    unit_name_en: str
    act: str
    words: str


class ScoreMeasureMayView(BaseModel):
    """What may be done about a measure, or the sentence that says why not."""

    act: str
    label: str
    label_en: str
    why_not: str | None
    why_not_en: str | None


class ScoreMeasureView(BaseModel):
    """通报、约谈、整改: where it stands."""

    id: str
    kind: str
    unit: str
    unit_name: str
    unit_name_en: str
    month: date
    words: str
    by_name: str
    by_name_en: str
    actor: str
    at: datetime
    due_at: datetime
    late: bool
    state: str
    struck_at: datetime | None
    steps: list[ScoreMeasureStepView]
    may: list[ScoreMeasureMayView]


class ScoreMeasureList(BaseModel):
    """Measures within the caller's scope."""

    items: list[ScoreMeasureView]
    may_propose: bool
