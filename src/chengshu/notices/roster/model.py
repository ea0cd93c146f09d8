"""People on duty, their shifts, and the note from one shift to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Part(StrEnum):
    """What somebody on duty is there for."""

    LEADER = "leader"  # 带班领导
    OFFICER = "officer"  # 值班员


@dataclass(frozen=True, slots=True)
class DutyPerson:
    """值班人员; her telephone is sealed and only its mask is here."""

    id: int
    unit: str
    name: str
    title: str
    masked: str
    active: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's time on duty, half-open.

    Attributes:
        absent: She is not there and the deputy stands in.
    """

    id: int
    unit: str
    part: Part
    person: int
    deputy: int | None
    from_at: datetime
    to_at: datetime
    absent: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """A unit's own duty telephone and mailbox; neither is anybody's personal one."""

    unit: str
    phone: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class DutyNote:
    """交接班记录: what one shift leaves to the next, in writing, and who took it over.

    Attributes:
        open_items: Name to how many at that moment: unsigned and late orders, alarms, hand-overs, reports due.
    """

    id: int
    unit: str
    text: str
    open_items: Mapping[str, int]
    given_at: datetime
    given_by: str
    account: int
    taken_at: datetime | None
    taken_by: str


def on_duty(shifts: Sequence[Shift], part: Part, now: datetime) -> int | None:
    """Who is on duty: of the shifts that run, the one that began last; her deputy when she is absent.

    None when nobody is, or the one who is absent has no deputy.
    """
    running = [s for s in shifts if s.part is part and s.from_at <= now < s.to_at]
    for shift in sorted(running, key=lambda s: (s.from_at, s.id), reverse=True):
        if not shift.absent:
            return shift.person
        if shift.deputy is not None:
            return shift.deputy
    return None
