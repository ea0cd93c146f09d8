"""Deadlines: adding hours, days, working hours and working days to an instant; working time between two."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.matters import Limit, Span

_LONGEST_CLOSURE = timedelta(days=31)
_DAY = timedelta(days=1)


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """When a limit that began at `start` ends, in the zone of `start`.

    «n working days» end at closing time of the n-th working day after the day of `start`. A start
    within a shift that began the day before belongs to that day.
    Working hours run while the office is open (half-open: not at closing time itself).

    Raises:
        ValueError: `start` has no zone, the limit is not positive, or no office day follows within a month.

    Examples:
        >>> from datetime import UTC, time
        >>> nine_to_five = WorkCalendar(time(9), time(17))
        >>> due_at(datetime(2026, 5, 6, 16, tzinfo=UTC), Limit(2, Span.WORKING_HOURS), nine_to_five)
        datetime.datetime(2026, 5, 7, 10, 0, tzinfo=datetime.timezone.utc)
    """
    _check(start, limit)
    if limit.span is Span.WORKING_DAYS:
        return closing(_working_day_of(start, calendar), limit.amount, calendar, start)
    return _add(start, limit, calendar)


def extended(due: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """When a limit that would end at `due` ends if this much is added to it.

    «n working days» more end at closing time of the n-th working day after the one that `due` closes
    or lies in.

    Raises:
        ValueError: As in `due_at`.
    """
    _check(due, limit)
    if limit.span is Span.WORKING_DAYS:
        day = _working_day_of(due, calendar, closes=True)
        return closing(day, limit.amount, calendar, due)
    return _add(due, limit, calendar)


def _check(start: datetime, limit: Limit) -> None:
    if start.tzinfo is None:
        raise ValueError("start must be timezone-aware")
    if limit.amount <= 0:
        raise ValueError("a limit must be positive")


def _add(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    if limit.span is Span.HOURS:
        return start + timedelta(hours=limit.amount)
    if limit.span is Span.DAYS:
        return start + timedelta(days=limit.amount)
    return after_working_time(start, timedelta(hours=limit.amount), calendar)


def closing(day: date, nth: int, calendar: WorkCalendar, like: datetime) -> datetime:
    """Closing time of the n-th working day after `day`."""
    for _ in range(nth):
        day = next_working_day(day + _DAY, calendar)
    return calendar.hours(day, like.tzinfo)[-1][1]


def opening_after(start: datetime, calendar: WorkCalendar) -> datetime:
    """When the first working day after the day of `start` opens."""
    day = next_working_day(_working_day_of(start, calendar) + _DAY, calendar)
    return calendar.hours(day, start.tzinfo)[0][0]


def _working_day_of(at: datetime, calendar: WorkCalendar, *, closes: bool = False) -> date:
    """To which day an instant belongs: usually its date, the day before while a night shift runs.

    Args:
        closes: The instant is an end: closing time itself belongs to the day that it closes.
    """
    before = at.date() - _DAY
    stretches = calendar.hours(before, at.tzinfo)
    if not stretches:
        return at.date()
    opens, shut = stretches[0][0], stretches[-1][1]
    inside = opens < at <= shut if closes else opens <= at < shut
    return before if inside else at.date()


def next_working_day(day: date, calendar: WorkCalendar) -> date:
    """The first working day at or after `day`.

    Raises:
        ValueError: There is none within a month.
    """
    first = day
    while not calendar.works_on(day):
        day += _DAY
        if day - first > _LONGEST_CLOSURE:
            raise ValueError(f"no working day within a month of {first}")
    return day


def after_working_time(start: datetime, left: timedelta, calendar: WorkCalendar) -> datetime:
    """The first instant until which this much was worked since `start`; `start` itself for nothing."""
    if left <= timedelta():
        return start
    day = start.date() - _DAY  # a shift of the day before may still run
    while True:
        day = next_working_day(day, calendar)
        for opens, closes in calendar.hours(day, start.tzinfo):
            begin = max(start, opens)
            if begin >= closes:
                continue
            if begin + left <= closes:
                return begin + left
            left -= closes - begin
        day += _DAY


def before_working_time(end: datetime, left: timedelta, calendar: WorkCalendar, floor: datetime) -> datetime:  # fmt: skip
    """The last instant from which this much is worked until `end`; `floor` where less was worked since then."""
    if left <= timedelta():
        return end
    day = end.date()
    while day >= floor.date() - _DAY:
        for opens, closes in reversed(calendar.hours(day, end.tzinfo)):
            until = min(end, closes)
            if until <= opens:
                continue
            if until - left >= opens:
                return max(until - left, floor)
            left -= until - opens
        day -= _DAY
    return floor


def working_time(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """How much is worked between two instants of one zone; nothing when they are in the wrong order."""
    total = timedelta()
    day = start.date() - _DAY
    while day <= end.date():
        for opens, closes in calendar.hours(day, start.tzinfo):
            total += max(min(end, closes) - max(start, opens), timedelta())
        day += _DAY
    return total
