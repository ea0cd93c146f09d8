"""When units work: office hours and shifts, weekends, public holidays and make-up days (调休)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path
from typing import Any

import chinese_calendar

from chengshu.agencies.model import Kind, Unit
from chengshu.kit.errors import CannotStart

_DAY_S = 24 * 3600
_OFFICE_WEEK = frozenset(range(5))


@dataclass(frozen=True, slots=True)
class Shift:
    """One stretch of work (班次), half-open.

    Attributes:
        start_s: Seconds after midnight of the day it belongs to.
        end_s: The same; beyond 86400 for one that ends on the next day.
    """

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Weekends are off unless listed as make-up days; listed holidays are off.

    Attributes:
        known: Years whose holidays were published; other years only know weekends.
        shifts: The day's work in order; empty for one stretch from `opens` to `closes`. A shift
            over midnight belongs to the day on which it begins.
        weekdays: Days of the week that are worked, 0 for Monday.
        fixed: Public holidays do not concern it, so every year is known.
    """

    opens: time
    closes: time
    holidays: frozenset[date] = frozenset()
    makeup_days: frozenset[date] = frozenset()
    known: frozenset[int] = frozenset()
    shifts: tuple[Shift, ...] = ()
    weekdays: frozenset[int] = _OFFICE_WEEK
    fixed: bool = False

    def works_on(self, day: date) -> bool:
        """Whether any work begins on this day."""
        return day in self.makeup_days or (
            day.weekday() in self.weekdays and day not in self.holidays
        )

    def knows(self, day: date) -> bool:
        """False when the holidays of that year are not published yet: a limit may still move."""
        return self.fixed or day.year in self.known

    def hours(self, day: date, zone: tzinfo | None) -> list[tuple[datetime, datetime]]:
        """The stretches of work that belong to a day, half-open and in order; none on a day off."""
        if not self.works_on(day):
            return []
        midnight = datetime.combine(day, time(), zone)
        return [
            (midnight + timedelta(seconds=s.start_s), midnight + timedelta(seconds=s.end_s))
            for s in self.shifts or (_shift_of(self.opens, self.closes),)
        ]


@dataclass(frozen=True, slots=True)
class Calendars:
    """The city's calendar and those of units that keep other hours."""

    default: WorkCalendar
    units: Mapping[str, WorkCalendar] = field(default_factory=dict)
    lines: Mapping[str, WorkCalendar] = field(default_factory=dict)
    kinds: Mapping[str, WorkCalendar] = field(default_factory=dict)

    def of(self, unit: Unit) -> WorkCalendar:
        """A unit's own calendar; else its line's, its kind's, that of the nearest unit above that has
        one of its own, and the city's last."""
        own = self.units.get(unit.unit) or self.lines.get(unit.line) or self.kinds.get(unit.kind)
        above = unit.parent
        while own is None and above:
            own = self.units.get(above)
            above = above.rpartition(".")[0]
        return own or self.default


def read_calendar(path: Path) -> WorkCalendar:
    """A city's own calendar file over the default one of the package `chinesecalendar`.

    Raises:
        CannotStart: The file cannot be read; the message says why.
    """
    return read_calendars(path).default


def read_calendars(path: Path) -> Calendars:
    """The city's calendar and those of single units, lines and kinds of unit.

    Raises:
        CannotStart: The file cannot be read; the message says why.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        default = _default(path, data)
        return _with_own(default, data.get("calendar", []))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise CannotStart(
            f"{path.name} 读不懂：{wrong}", f"cannot read {path.name}: {wrong}"
        ) from wrong


def _default(path: Path, data: Mapping[str, Any]) -> WorkCalendar:
    office = data["office"]
    opens, closes = time.fromisoformat(office["opens"]), time.fromisoformat(office["closes"])
    own = {int(y["year"]): y for y in data.get("year", [])}
    holidays = {date.fromisoformat(d) for y in own.values() for d in y["holidays"]}
    makeup = {date.fromisoformat(d) for y in own.values() for d in y["makeup_days"]}
    if opens >= closes:
        raise CannotStart(
            f"{path.name}：上班时间须早于下班时间", f"{path.name}: opens must be before closes"
        )
    holidays |= {day for day in chinese_calendar.holidays if day.year not in own}
    makeup |= {
        day for day in chinese_calendar.workdays if day.year not in own and day.weekday() >= 5
    }
    known = frozenset(own) | {day.year for day in chinese_calendar.holidays}
    return WorkCalendar(opens, closes, frozenset(holidays), frozenset(makeup), known)


def _with_own(default: WorkCalendar, tables: list[dict[str, Any]]) -> Calendars:
    found: dict[str, dict[str, WorkCalendar]] = {"units": {}, "lines": {}, "kinds": {}}
    for table in tables:
        calendar = _own(default, table)
        for sort, known in found.items():
            for name in table.get(sort, []):
                key = Kind(name) if sort == "kinds" else str(name)
                if key in known:
                    raise ValueError(f"{name}: two calendars / 有两个日历")
                known[key] = calendar
    return Calendars(default, found["units"], found["lines"], found["kinds"])


def _own(default: WorkCalendar, table: Mapping[str, Any]) -> WorkCalendar:
    """One `[[calendar]]` table: shifts, weekdays (1 for Monday), holidays kept or worked, days of its own."""
    shifts = read_shifts(table["shifts"])
    weekdays = frozenset(int(n) - 1 for n in table.get("weekdays", (1, 2, 3, 4, 5)))
    if not weekdays <= frozenset(range(7)) or not weekdays:
        raise ValueError(f"{table.get('name')}: weekdays 1-7")
    off = {date.fromisoformat(d) for d in table.get("off", [])}
    on = {date.fromisoformat(d) for d in table.get("on", [])}
    fixed = table.get("holidays", "off") == "work"
    holidays = off | (set() if fixed else default.holidays - on)
    makeup = on | (set() if fixed else default.makeup_days - off)
    return replace(
        default, holidays=frozenset(holidays), makeup_days=frozenset(makeup), shifts=shifts,
        weekdays=weekdays, fixed=fixed,
    )  # fmt: skip


def read_shifts(texts: list[str]) -> tuple[Shift, ...]:
    """Shifts such as "07:00-11:30", "22:00-06:00" (ends on the next day) or "00:00-24:00".

    Raises:
        ValueError: There is none, one cannot be read, or two of them overlap, the next day's included.
    """
    shifts = []
    for text in texts:
        start, _, end = text.partition("-")
        start_s, end_s = _seconds(start), _seconds(end)
        shifts.append(Shift(start_s, end_s if end_s > start_s else end_s + _DAY_S))
    in_order = all(a.end_s <= b.start_s for a, b in pairwise(shifts))
    if not shifts or not in_order or shifts[-1].end_s > shifts[0].start_s + _DAY_S:
        raise ValueError(f"shifts overlap / 班次重叠：{', '.join(texts) or '-'}")
    return tuple(shifts)


def _seconds(text: str) -> int:
    if text.strip() == "24:00":
        return _DAY_S
    clock = time.fromisoformat(text.strip())
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _shift_of(opens: time, closes: time) -> Shift:
    start, end = (t.hour * 3600 + t.minute * 60 + t.second for t in (opens, closes))
    return Shift(start, end)
