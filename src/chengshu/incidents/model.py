"""An incident: one happening, however many people report it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Stage(StrEnum):
    """Where an incident stands."""

    RECEIVED = "received"  # 受理: open, nobody has it yet
    ASSIGNED = "assigned"  # 派遣
    HANDLING = "handling"  # 处置
    VERIFYING = "verifying"  # 核查
    CLOSED = "closed"  # 结案
    ANSWERED = "answered"  # 直接答复
    REFUSED = "refused"  # 不予受理
    REFERRED = "referred"  # 转信访、纪检或司法
    VOID = "void"  # 作废
    MERGED = "merged"  # 已并入另一事件


class Relation(StrEnum):
    """How a report relates to its incident; counted apart."""

    FIRST = "first"  # 首报
    JOINED = "joined"  # 他人附议
    REPEATED = "repeated"  # 本人重复
    URGED = "urged"  # 本人催办


ENDED = frozenset(
    {Stage.CLOSED, Stage.ANSWERED, Stage.REFUSED, Stage.REFERRED, Stage.VOID, Stage.MERGED}
)


@dataclass(frozen=True, slots=True)
class Incident:
    """The current state of one incident; its history is in the steps.

    Attributes:
        first_at, last_at: When it was first and last said to happen.
        opened_at: When our clocks began.
        spread_m: Standard distance of the reports' positions.
        people: Different reporters, as far as they can be told apart; machines are none.
        urged: Reports that only urged.
    """

    id: int
    number: str
    title: str
    matter: str
    domain: str
    stage: Stage
    urgency: int
    danger: bool
    area: int
    place: str
    lon: float | None
    lat: float | None
    spread_m: float
    reports: int
    people: int
    first_at: datetime
    last_at: datetime
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    closed_at: datetime | None
    answer: str | None
    answer_source: str | None
    merged_into: int | None
    recurrence_of: int | None
    imported: bool
    changed_at: datetime
    urged: int = 0


_SOON = timedelta(hours=1)


def state_of(
    stage: str, danger: bool, overdue: bool, due_at: datetime | None, now: datetime
) -> str:
    """How an incident is drawn: colour, shape and word follow from it.

    Returns:
        closed, danger, overdue, due_soon, new or handling, the first that holds.
    """
    if stage in ENDED:
        return "closed"
    if danger:
        return "danger"
    if overdue or (due_at is not None and due_at <= now):
        return "overdue"
    if due_at is not None and due_at - now <= _SOON:
        return "due_soon"
    return "new" if stage == Stage.RECEIVED else "handling"
