"""When a clock ends, found by walking through time one minute (or second) after the other.

Slow and obvious on purpose. It knows nothing of the product but what a clock is: it is handed the
bare shifts, weekdays, days off and days worked, and counts. Instants are whole steps since midnight
of a base day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta


@dataclass(frozen=True)
class Week:
    """How a unit works: shifts in minutes after midnight (an end beyond 1440 is on the next day)."""

    shifts: tuple[tuple[int, int], ...]
    weekdays: frozenset[int]
    off: frozenset[date]
    on: frozenset[date]

    def works(self, day: date) -> bool:
        if day in self.on:
            return True
        return day.weekday() in self.weekdays and day not in self.off


@dataclass(frozen=True)
class History:
    """What happened to one clock; lengths and instants in steps.

    Attributes:
        limit: (amount, span) with the span one of hours, days, working_hours, working_days.
        changes: ("pause", from, until or None) and ("extend", at, (amount, span)), in order of time.
    """

    start: int
    limit: tuple[int, str]
    next_working_day: bool
    changes: tuple[tuple[object, ...], ...]
    cap: int | None


@dataclass
class Walker:
    """Time as a row of steps from a base day on."""

    week: Week
    base: date
    days: int
    per_minute: int = 1
    opened: bytearray = field(init=False)
    closings: dict[int, int] = field(
        init=False
    )  # at which step which day (counted from base) closes
    opens: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        steps_a_day = 1440 * self.per_minute
        self.opened = bytearray((self.days + 2) * steps_a_day)
        self.closings, self.opens = {}, {}
        for n in range(-1, self.days):
            if not self.week.works(self.base + timedelta(days=n)):
                continue
            midnight = n * steps_a_day
            for start, end in self.week.shifts:
                for step in range(
                    midnight + start * self.per_minute, midnight + end * self.per_minute
                ):
                    if step >= 0:
                        self.opened[step] = 1
            self.opens[n] = midnight + self.week.shifts[0][0] * self.per_minute
            self.closings[midnight + self.week.shifts[-1][1] * self.per_minute] = n

    def day(self, step: int, *, closes: bool) -> int:
        """The working day to which a step belongs: yesterday's while its night shift lasts."""
        today = step // (1440 * self.per_minute)
        yesterday = today - 1
        if yesterday in self.opens:
            opens = self.opens[yesterday]
            shut = next(s for s, day in self.closings.items() if day == yesterday)
            if (opens < step <= shut) if closes else (opens <= step < shut):
                return yesterday
        return today

    def count(self, start: int, end: int, working: bool) -> int:
        """How many steps between the two are counted."""
        counted = 0
        for step in range(start, end):
            if not working or self.opened[step]:
                counted += 1
        return counted

    def walk(self, start: int, counted: int, working: bool) -> int:
        """Where one stands after so many counted steps."""
        step = start
        while counted > 0:
            if not working or self.opened[step]:
                counted -= 1
            step += 1
        return step

    def close_of(self, after_day: int, start: int, nth: int) -> int:
        """The step at which the nth working day after a day closes."""
        step = start
        while True:
            closed = self.closings.get(step)
            if closed is not None and closed > after_day:
                nth -= 1
                if nth == 0:
                    return step
            step += 1

    def add(self, start: int, limit: tuple[int, str], *, closes: bool) -> int:
        amount, span = limit
        hour = 60 * self.per_minute
        if span == "hours":
            return self.walk(start, amount * hour, working=False)
        if span == "days":
            return self.walk(start, amount * 24 * hour, working=False)
        if span == "working_hours":
            return self.walk(start, amount * hour, working=True)
        return self.close_of(self.day(start, closes=closes), start, amount)

    def next_opening(self, start: int) -> int:
        """The first step of the next working day."""
        day = self.day(start, closes=False) + 1
        while day not in self.opens:
            day += 1
        return self.opens[day]

    def ends(self, h: History) -> int | None:
        """When the clock of a history ends; None while it is paused."""
        working = h.limit[1].startswith("working")
        begun = self.next_opening(h.start) if h.next_working_day else h.start
        due = self.add(h.start if h.limit[1] == "working_days" else begun, h.limit, closes=False)
        for change in h.changes:
            if change[0] == "extend":
                more = change[2]
                assert isinstance(more, tuple)
                due = self.add(due, (more[0], more[1]), closes=True)
                continue
            _, since, until = change
            assert isinstance(since, int)
            if since >= due:
                continue  # it had run out: there is nothing to stop
            if until is None:
                return h.cap
            assert isinstance(until, int)
            left = self.count(max(since, begun), due, working)
            due = self.walk(max(until, begun), left, working)
        return due if h.cap is None else min(due, h.cap)
