"""An emergency that is reported upward, and its reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class UrgentKind(StrEnum):
    """Which report of an emergency."""

    FIRST = "first"  # 首报
    FOLLOW_UP = "follow_up"  # 续报
    FINAL = "final"  # 终报


KIND_NAMES: Mapping[UrgentKind, str] = {
    UrgentKind.FIRST: "首报",
    UrgentKind.FOLLOW_UP: "续报",
    UrgentKind.FINAL: "终报",
}


@dataclass(frozen=True, slots=True)
class UrgentCase:
    """An incident that is reported upward.

    Attributes:
        level: 1 (特别重大) to 4 (一般).
        unit: Who reports.
        ended_at: When the emergency was declared over; the final report is then due.
    """

    incident: int
    level: int
    unit: str
    began_at: datetime
    account: int | None
    actor: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class UrgentReport:
    """One report, due or signed; of an incident one is due at most.

    Attributes:
        climbed: 0 in time, 1 its unit was told that it is late, 2 the unit above too.
        entries: What a person wrote into the named fields.
        text: As it was signed; nothing in it that no fact, entry or quoted reply says.
    """

    id: int
    incident: int
    nth: int
    kind: UrgentKind
    due_at: datetime
    timer: datetime | None
    climbed: int
    entries: Mapping[str, str]
    text: str
    recipients: tuple[str, ...]
    submitted_at: datetime | None
    account: int | None
    signer: str

    def late(self, now: datetime) -> bool:
        """It was signed, or is still missing, after its time."""
        return (self.submitted_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Facts:
    """What the system itself knows of an emergency; every line of a report comes from here or from a person.

    Attributes:
        orders: Unit name, stage in words, signed reply verbatim (may be empty).
        handovers: Party, state in words, their number (may be empty).
    """

    number: str
    title: str
    matter: str
    place: str
    area: str
    first_at: datetime
    opened_at: datetime
    reports: int
    people: int
    danger: bool
    first_words: str
    orders: tuple[tuple[str, str, str], ...] = field(default=())
    handovers: tuple[tuple[str, str, str], ...] = field(default=())
