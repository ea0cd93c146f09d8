"""What is exchanged with the platform above, and the comparison of a day by both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final


class UpperState(StrEnum):
    """Where an order from above stands, as both sides call it."""

    RECEIVED = "received"  # 已接收
    TAKEN = "taken"  # 办理中
    RETURNED = "returned"  # 已退回
    ANSWERED = "answered"  # 已回复


class UpKind(StrEnum):
    """What goes up."""

    RECEIPT = "receipt"  # 回执
    RETURN = "return"  # 退回
    EXTENSION = "extension"  # 延期申请
    REPLY = "reply"  # 回复


@dataclass(frozen=True, slots=True)
class PassedDown:
    """上级转办: an order as the platform above hands it down.

    Attributes:
        number: Theirs; the same order has the same number however often it comes.
        due_at: By when they want the reply.
    """

    number: str
    title: str
    text: str
    place: str
    due_at: datetime
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class UpMessage:
    """What goes up until it is acknowledged.

    Attributes:
        id: Its idempotent number: repeated, it is one message.
    """

    id: int
    number: str
    kind: UpKind
    body: Mapping[str, Any]
    at: datetime
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class UpReceipt:
    """That a message arrived; `verdict` is what was decided of an extension."""

    receipt: str
    verdict: str | None = None


@dataclass(frozen=True, slots=True)
class DayEntry:
    """An order as one side has it."""

    number: str
    state: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the two sides disagree; None: that side does not know the order."""

    number: str
    ours: str | None
    theirs: str | None

    def record(self) -> dict[str, str | None]:
        """As the database keeps it."""
        return {"number": self.number, "ours": self.ours, "theirs": self.theirs}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """日对账: one day, both sides' counts and where they disagree."""

    party: str
    day: date
    ours: int
    theirs: int
    differences: tuple[Difference, ...]
    at: datetime


_ALIKE: Final = {UpperState.TAKEN: UpperState.RECEIVED}


def compare(ours: Sequence[DayEntry], theirs: Sequence[DayEntry]) -> tuple[Difference, ...]:
    """Where the two sides disagree, by number.

    That an order we received is being worked on is our own business: above it is received.

    Examples:
        >>> compare([DayEntry("a", "taken"), DayEntry("b", "received")], [DayEntry("a", "received"), DayEntry("c", "sent")])
        (Difference(number='b', ours='received', theirs=None), Difference(number='c', ours=None, theirs='sent'))
    """
    mine = {e.number: _alike(e.state) for e in ours}
    their = {e.number: _alike(e.state) for e in theirs}
    return tuple(
        Difference(n, mine.get(n), their.get(n))
        for n in sorted(mine.keys() | their.keys())
        if mine.get(n) != their.get(n)
    )


def _alike(state: str) -> str:
    return str(_ALIKE.get(UpperState(state), state)) if state in set(UpperState) else state
