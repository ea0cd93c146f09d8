"""A hand-over, its parties and states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OtherSide(StrEnum):
    """Whom a matter is handed to."""

    POLICE = "110"  # 公安
    FIRE = "119"  # 消防
    AMBULANCE = "120"  # 急救
    HOTLINE = "12345"  # 政务服务热线


class HandoverState(StrEnum):
    """Where a hand-over stands."""

    OFFERED = "offered"  # 已转出，待回执
    LOST = "lost"  # 回执逾时
    ACKNOWLEDGED = "acknowledged"  # 对方已接收
    REFUSED = "refused"  # 对方不接收
    HANDED_BACK = "handed_back"  # 对方退回


UNANSWERED = frozenset({HandoverState.OFFERED, HandoverState.LOST})
LIVE = UNANSWERED | {HandoverState.ACKNOWLEDGED}


@dataclass(frozen=True, slots=True)
class Handover:
    """转接: one matter offered to one party.

    Attributes:
        number: Ours; whoever is offered the same number again answers as before.
        report: Whose caller the other side may ring back; None for nobody's.
        said, place: What was said and where, as the other side reads it.
        third: Who else was in the three-party call; empty without one.
        timer: When a worker looks again; None when it is answered.
        climbed: 1 our unit knows that no answer came, 2 the leader on duty too.
        holds: It is the other side who has the matter; true of one hand-over of an incident at most.
    """

    id: int
    number: str
    incident: int
    report: int | None
    party: OtherSide
    state: HandoverState
    said: str
    place: str
    lon: float | None
    lat: float | None
    third: str
    offered_at: datetime
    account: int | None
    actor: str
    unit: str
    attempts: int
    timer: datetime | None
    climbed: int
    last_error: str
    their_number: str
    answered_at: datetime | None
    answered_by: str
    words: str
    holds: bool


@dataclass(frozen=True, slots=True)
class HandoverAnswer:
    """What the other side said.

    Attributes:
        number: Theirs, when they have taken it over; empty when they refuse.
        by: Who there.
        words: Why they refuse.
    """

    number: str = ""
    by: str = ""
    words: str = ""

    @property
    def taken(self) -> bool:
        """They have taken it over."""
        return bool(self.number)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a matter now.

    Attributes:
        party: None: it is ours.
        since: When they took it over; None while it is ours.
        asked: Parties who were offered it and have not answered; until they do we hold it.
        joint: Parties that have taken it over beside the holder.
    """

    party: OtherSide | None
    since: datetime | None
    number: str
    asked: tuple[OtherSide, ...]
    joint: tuple[OtherSide, ...]
