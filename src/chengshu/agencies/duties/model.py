"""One row of the responsibility list, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chengshu.agencies.matters import Limit, Matter, Span
from chengshu.agencies.model import Tier, Unit

TOWNSHIP = "镇街"  # lead or assistant: the centre of the place's own township


class DutyStage(StrEnum):
    """For which part of the work a row names the unit that has the power."""

    ACCEPT = "accept"  # 受理
    HANDLE = "handle"  # 处置
    ENFORCE = "enforce"  # 执法
    SUPERVISE = "supervise"  # 监管


@dataclass(frozen=True, slots=True)
class Basis:
    """One article of one document.

    Attributes:
        edition: Year of the edition whose numbering is meant; empty for the one in force.
        checked: The article was looked up; False where it stands on general knowledge.
    """

    document: str
    article: str
    edition: str = ""
    checked: bool = True

    def text(self) -> str:
        """As it is quoted."""
        return f"《{self.document}》{f'（{self.edition}）' if self.edition else ''}{self.article}"


@dataclass(frozen=True, slots=True)
class Limits:
    """Until when the unit signs, calls the reporter, and is done, by urgency."""

    sign: Limit
    contact: Limit
    normal: Limit
    urgent: Limit
    very_urgent: Limit

    def of(self, urgency: int) -> Limit:
        """The limit for handling at an urgency of 1, 2 or 3."""
        return (self.normal, self.urgent, self.very_urgent)[min(max(urgency, 1), 3) - 1]


@dataclass(frozen=True, slots=True)
class Duty:
    """Matter × area × stage → who leads, who helps, by which law, from when to when.

    Attributes:
        areas: Codes of counties or townships; empty for the whole city.
        tier: The tier that holds the power.
        lead: A line of business as in units.csv, or 镇街.
        file_when: 立案条件. `close_when`: 结案条件.
        valid_to: The last day, None for no end.
        excludes: Matters that are often taken for this one (「不属于」).
    """

    matter: str
    stage: DutyStage
    tier: Tier
    lead: str
    assist: tuple[str, ...]
    basis: tuple[Basis, ...]
    file_when: str
    close_when: str
    limits: Limits
    valid_from: date
    valid_to: date | None = None
    areas: tuple[int, ...] = ()
    excludes: tuple[str, ...] = ()
    file_when_en: str = ""
    close_when_en: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether the row is in force on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and where it was read: file and line, or row of a table."""

    duty: Duty
    file: str
    row: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a list is refused: which row, which value, and the reason in both languages."""

    file: str
    row: int
    matter: str
    field: str
    chinese: str
    english: str

    def text(self, english: bool = False) -> str:
        """One line for people."""
        if english:
            return f"{self.file}:{self.row} {self.matter} · {self.field}: {self.english}"
        return f"{self.file} 第 {self.row} 行 {self.matter} · {self.field}：{self.chinese}"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a list is checked against.

    Attributes:
        leaves: Townships, and counties that have none → the county each lies in.
        names: Names of all areas, by code.
        where: Matter → the counties in which it can arise; absent for everywhere.
    """

    matters: Mapping[str, Matter]
    units: tuple[Unit, ...]
    leaves: Mapping[int, int]
    names: Mapping[int, str]
    where: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def counties(self) -> list[int]:
        """Codes of the counties, in order."""
        return sorted(set(self.leaves.values()))

    def lines(self) -> Iterator[tuple[str, int]]:
        """Every line of business with the area in which it has a unit."""
        return ((u.line, u.area) for u in self.units if u.line)


@dataclass(frozen=True, slots=True)
class DutyVersion:
    """One version of the list; at most one is active.

    Attributes:
        state: draft, active or retired.
        made_by: Login of who made it, empty for the command line.
        source: Where it came from: a folder, a file, the workbench.
    """

    version: int
    made_at: datetime
    made_by: str
    source: str
    state: str
    note: str
    based_on: int | None
    activated_at: datetime | None
    activated_by: str
    reason: str


# How long a limit is in hours of a clock, so that limits of different units can be compared: an
# office day has eight hours of 24, a week five working days of seven.
_HOURS = {Span.HOURS: 1.0, Span.WORKING_HOURS: 3.0, Span.DAYS: 24.0, Span.WORKING_DAYS: 33.6}


def clock_hours(limit: Limit) -> float:
    """About how many hours of a clock a limit is."""
    return limit.amount * _HOURS[limit.span]
