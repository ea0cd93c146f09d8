"""When units work: office hours, weekends, public holidays and make-up days (调休)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

import chinese_calendar

from chengshu.kit.errors import CannotStart


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Weekends are off unless listed as make-up days; listed holidays are off.

    Attributes:
        known: Years whose holidays were published; other years only know weekends.
    """

    opens: time
    closes: time
    holidays: frozenset[date] = frozenset()
    makeup_days: frozenset[date] = frozenset()
    known: frozenset[int] = frozenset()

    def works_on(self, day: date) -> bool:
        """Whether the office is open on this day at all."""
        return day in self.makeup_days or (day.weekday() < 5 and day not in self.holidays)

    def knows(self, day: date) -> bool:
        """False when the holidays of that year are not published yet: a limit may still move."""
        return day.year in self.known


def read_calendar(path: Path) -> WorkCalendar:
    """A city's own calendar file over the default one of the package `chinesecalendar`.

    Raises:
        CannotStart: The file cannot be read; the message says why.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        office = data["office"]
        opens, closes = time.fromisoformat(office["opens"]), time.fromisoformat(office["closes"])
        own = {int(y["year"]): y for y in data.get("year", [])}
        holidays = {date.fromisoformat(d) for y in own.values() for d in y["holidays"]}
        makeup = {date.fromisoformat(d) for y in own.values() for d in y["makeup_days"]}
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError) as wrong:
        raise CannotStart(
            f"{path.name} 读不懂：{wrong}", f"cannot read {path.name}: {wrong}"
        ) from wrong
    if opens >= closes:
        raise CannotStart(
            f"{path.name}：上班时间须早于下班时间", f"{path.name}: opens must be before closes"
        )
    for day in chinese_calendar.holidays:
        if day.year not in own and day.weekday() < 5:
            holidays.add(day)
    makeup |= {
        day for day in chinese_calendar.workdays if day.year not in own and day.weekday() >= 5
    }
    known = frozenset(own) | {day.year for day in chinese_calendar.holidays}
    return WorkCalendar(opens, closes, frozenset(holidays), frozenset(makeup), known)
