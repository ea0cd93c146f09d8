"""Exclusions, appeals and measures: each proposed by one person and decided by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class MeasureKind(StrEnum):
    """What follows from bad figures."""

    NOTICE = "notice"  # 通报
    TALK = "talk"  # 约谈
    RECTIFY = "rectify"  # 整改


class MeasureState(StrEnum):
    """Where a measure stands."""

    PROPOSED = "proposed"  # 待审批
    REFUSED = "refused"  # 未批准
    APPROVED = "approved"  # 整改中
    REPORTED = "reported"  # 已报送，待销号
    STRUCK = "struck"  # 已销号


class MeasureAct(StrEnum):
    """What is done about a measure."""

    APPROVE = "approve"  # 批准
    REFUSE = "refuse"  # 不批准
    REPORT = "report"  # 报送整改情况
    AGAIN = "again"  # 退回重改
    STRIKE = "strike"  # 销号


@dataclass(frozen=True, slots=True)
class Exclusion:
    """剔除: an order that somebody wants left out, with the reason, and what another person decided."""

    id: int
    order: int
    number: str
    unit: str
    to_unit: str
    reason: str
    words: str
    account: int
    actor: str
    at: datetime
    due_at: datetime
    late: bool
    state: str
    decided_by: int | None
    decided_actor: str
    decided_at: datetime | None
    decided_words: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """考核申诉: a unit objects to how one of its orders was counted, with evidence.

    Attributes:
        wants: A `Relief`.
        indicator: Which one is to count as met, where that is wanted.
        evidence: Attachments.
    """

    id: int
    month: date
    order: int
    number: str
    unit: str
    to_unit: str
    wants: str
    indicator: str
    words: str
    evidence: tuple[int, ...]
    account: int
    actor: str
    at: datetime
    due_at: datetime
    late: bool
    state: str
    answered_by: int | None
    answered_actor: str
    answered_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class Measure:
    """通报、约谈、整改: approved by a second person, reported on by the unit, struck off by the centre.

    Attributes:
        by_unit: The centre whose measure it is.
        due_at: Of the step that is next.
    """

    id: int
    kind: MeasureKind
    unit: str
    month: date
    words: str
    by_unit: str
    account: int
    actor: str
    at: datetime
    due_at: datetime
    late: bool
    state: MeasureState
    approved_by: int | None
    reported_by: int | None
    struck_at: datetime | None
