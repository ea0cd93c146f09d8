"""An inspection, a call-back, a review and a score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class CheckKind(StrEnum):
    """How a reply is checked (核查)."""

    GRID = "grid"  # 网格核查
    SAMPLE = "sample"  # 抽查
    CENTRE = "centre"  # 中心核查


class CallOutcome(StrEnum):
    """What a citizen said when she was asked (回访)."""

    SATISFIED = "satisfied"  # 满意
    BASIC = "basic"  # 基本满意
    UNSATISFIED = "unsatisfied"  # 不满意
    NO_ANSWER = "no_answer"  # 无人接听
    REFUSED = "refused"  # 拒绝评价


RATINGS: Final = frozenset({CallOutcome.SATISFIED, CallOutcome.BASIC, CallOutcome.UNSATISFIED})


@dataclass(frozen=True, slots=True)
class Inspection:
    """核查: somebody looks whether what a unit replied is so.

    Attributes:
        unit: Whose people look; never the unit that handled it.
        passed: None while nobody looked, and where the reply was sent back unread.
        untrue: The reply says what was not so.
    """

    id: int
    order: int
    kind: CheckKind
    asked_at: datetime
    due_at: datetime
    unit: str
    account: int | None = None
    passed: bool | None = None
    untrue: bool = False
    words: str = ""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallTask:
    """回访任务: those who reported an incident are to be asked after it was closed.

    Attributes:
        round: How many times the incident was closed.
        script: By which questions.
        next_at: Nobody rings before this instant.
    """

    incident: int
    round: int
    script: str
    opened_at: datetime
    due_at: datetime
    next_at: datetime
    attempts: int
    ended_at: datetime | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Callback:
    """回访: one attempt to ask, or a rating that a citizen gave by herself.

    Attributes:
        account: Who rang; None for a citizen's own rating.
        reasonable: False when a second person found the demand unreasonable; None: nobody doubts it.
    """

    id: int
    incident: int
    order: int
    report: int | None
    round: int
    attempt: int
    at: datetime
    channel: str
    outcome: CallOutcome
    words: str
    account: int | None
    reasonable: bool | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """复核: a second person looks at what somebody called an unreasonable demand."""

    id: int
    callback: int
    incident: int
    asked_at: datetime
    account: int
    actor: str
    unit: str
    evidence: str
    done_at: datetime | None = None
    done_by: int | None = None
    upheld: bool | None = None
    words: str = ""
