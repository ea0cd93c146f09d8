"""What a time expression means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Habit(StrEnum):
    """How something comes back; the empty one is something that was once."""

    ONCE = ""
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    YEARLY = "yearly"
    WORKDAYS = "workdays"
    WEEKENDS = "weekends"
    HOLIDAYS = "holidays"
    OFTEN = "often"  # 经常: comes back, nobody says how


_HABITS: Final = {
    Habit.DAILY: ("每天", "every day"), Habit.WEEKLY: ("每周", "every week"),
    Habit.MONTHLY: ("每月", "every month"), Habit.YEARLY: ("每年", "every year"),
    Habit.WORKDAYS: ("工作日", "on working days"), Habit.WEEKENDS: ("周末", "on weekends"),
    Habit.HOLIDAYS: ("节假日", "on holidays"), Habit.OFTEN: ("经常", "often"),
}  # fmt: skip
_WEEKDAYS: Final = "一二三四五六日"
_WEEKDAYS_EN: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Moment:
    """Words that say when: text[start:end].

    Attributes:
        since: When it began or the earliest it can have been, aware, in the city's time; None
            where the words name no instant (每天, 春节).
        until: The latest, not before `since`; equal for an exact clock time.
        lasting: It went on from `since` to the report or still goes on (已经三天, 昨晚起, 正在).
        habit: How it comes back.
        hours: Hours of the day of a habit, from and to in minutes after midnight; the second is
            beyond 1440 where it ends on the next day.
        day: Day of the week (0 Monday) of a weekly habit, of the month of a monthly one.
        confidence: 0..1 that this is what was meant.
    """

    start: int
    end: int
    text: str
    since: datetime | None
    until: datetime | None
    lasting: bool = False
    habit: Habit = Habit.ONCE
    hours: tuple[int, int] | None = None
    day: int | None = None
    confidence: float = 0.9

    def said(self) -> tuple[str, str]:
        """What was understood, for the person who checks it: Chinese and English."""
        if self.habit is not Habit.ONCE:
            name, name_en = _HABITS[self.habit]
            if self.day is not None and self.habit is Habit.WEEKLY:
                name, name_en = f"每周{_WEEKDAYS[self.day]}", f"every {_WEEKDAYS_EN[self.day]}"
            elif self.day is not None and self.habit is Habit.MONTHLY:
                name, name_en = f"每月{self.day}日", f"every month on day {self.day}"
            return name + _hours(self.hours), name_en + _hours(self.hours, "next day ")
        if self.since is None or self.until is None:
            return self.text, self.text
        first, last = f"{self.since:%m-%d %H:%M}", f"{self.until:%m-%d %H:%M}"
        if self.since.year != self.until.year:
            first, last = f"{self.since:%Y-}{first}", f"{self.until:%Y-}{last}"
        if self.lasting:
            return f"{first} 起", f"since {first}"
        if self.since == self.until:
            return first, first
        same = self.since.date() == self.until.date()
        span = f"{first}–{self.until:%H:%M}" if same else f"{first} – {last}"
        return span, span


def _hours(hours: tuple[int, int] | None, after: str = "次日") -> str:
    if hours is None:
        return ""
    first, last = hours
    if first == last:
        return f" {_clock(first % 1440, after)}"  # 每天半夜两点: on the next day or not, it is two
    return f" {_clock(first, after)}–{_clock(last, after)}"


def _clock(minutes: int, after: str) -> str:
    day, rest = divmod(minutes, 1440)
    hour = 24 if day and not rest else rest // 60
    return (after if day and rest else "") + f"{hour:02d}:{rest % 60:02d}"
