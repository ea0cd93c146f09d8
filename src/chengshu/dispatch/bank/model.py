"""An order in the problem bank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from chengshu.dispatch.workflow import Why
from chengshu.kit.times import local

_LEAST_WORDS: Final = 4
_LONGEST: Final = timedelta(days=366)
_MORNING: Final = time(9)


class BankState(StrEnum):
    """Where an order stands in the problem bank."""

    PROPOSED = "proposed"  # 已申请
    APPROVED = "approved"  # 已挂账
    REFUSED = "refused"  # 不准
    RESUMED = "resumed"  # 已销账，恢复办理
    CLOSED = "closed"  # 已销账，办结
    LAPSED = "lapsed"  # 工单已另行处理


@dataclass(frozen=True, slots=True)
class Plea:
    """Why an order cannot be done now.

    Attributes:
        condition: What must happen before it can be.
        review_on: When it is looked at again.
        public_reason: What citizens are told.
    """

    condition: str = ""
    review_on: date | None = None
    public_reason: str = ""


@dataclass(frozen=True, slots=True)
class Shelving:
    """挂账: an order that cannot be done now, under a condition and a review date.

    Attributes:
        timer: When the centre that approved it is reminded of the review.
    """

    id: int
    order: int
    incident: int
    unit: str
    state: BankState
    condition: str
    review_on: date
    public_reason: str
    proposed_at: datetime
    account: int | None
    actor: str
    decided_at: datetime | None = None
    decided_actor: str = ""
    decided_unit: str | None = None
    decided_words: str = ""
    ended_at: datetime | None = None
    ended_words: str = ""
    timer: datetime | None = None
    reminded: int = 0


def why_not_plea(plea: Plea, now: datetime) -> tuple[str, Why] | None:
    """Which field of a plea is wrong and why; None: it is complete."""
    for field, text, name, name_en in (
        ("condition", plea.condition, "恢复办理的条件", "the condition"),
        ("public_reason", plea.public_reason, "对外说明的理由", "the public reason"),
    ):
        if len(text.strip()) < _LEAST_WORDS:
            return field, Why(
                f"请写明{name}（至少 {_LEAST_WORDS} 个字）",
                f"say {name_en} in at least {_LEAST_WORDS} characters",
            )
    today = local(now).date()
    if plea.review_on is None or not today < plea.review_on <= today + _LONGEST:
        return "review_on", Why(
            "请选明天起一年之内的复核日期", "choose a review date from tomorrow on, within a year"
        )
    return None


def review_at(review_on: date, now: datetime) -> datetime:
    """The instant at which a review is due: nine in the morning of its day, in the city's zone."""
    return datetime.combine(review_on, _MORNING, local(now).tzinfo)


def resumed_due(due_at: datetime | None, shelved_at: datetime, now: datetime) -> datetime | None:
    """When an order is due that is taken up again: what was left of its time when it was shelved is
    left of it now. One that was late stays late."""
    if due_at is None or due_at <= shelved_at:
        return due_at
    return now + (due_at - shelved_at)
