"""Deadlines: adding hours, days, working hours and working days to an instant."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.matters import Limit, Span

_LONGEST_CLOSURE = timedelta(days=31)


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """When a limit that began at `start` ends, in the zone of `start`.

    «n working days» end at closing time of the n-th working day after the day of `start`.
    Working hours run while the office is open (half-open: not at closing time itself).

    Raises:
        ValueError: `start` has no zone, the limit is not positive, or no office day follows within a month.

    Examples:
        >>> from datetime import UTC
        >>> nine_to_five = WorkCalendar(time(9), time(17))
        >>> due_at(datetime(2026, 5, 6, 16, tzinfo=UTC), Limit(2, Span.WORKING_HOURS), nine_to_five)
        datetime.datetime(2026, 5, 7, 10, 0, tzinfo=datetime.timezone.utc)
    """
    if start.tzinfo is None:
        raise ValueError("start must be timezone-aware")
    if limit.amount <= 0:
        raise ValueError("a limit must be positive")
    if limit.span is Span.HOURS:
        return start + timedelta(hours=limit.amount)
    if limit.span is Span.DAYS:
        return start + timedelta(days=limit.amount)
    if limit.span is Span.WORKING_HOURS:
        return _after_working_time(start, timedelta(hours=limit.amount), calendar)
    day = start.date()
    for _ in range(limit.amount):
        day = _next_working_day(day + timedelta(days=1), calendar)
    return _at(day, calendar.closes, start)


def _at(day: date, clock: time, like: datetime) -> datetime:
    return datetime.combine(day, clock, like.tzinfo)


def _next_working_day(day: date, calendar: WorkCalendar) -> date:
    """The first working day at or after `day`."""
    first = day
    while not calendar.works_on(day):
        day += timedelta(days=1)
        if day - first > _LONGEST_CLOSURE:
            raise ValueError(f"no working day within a month of {first}")
    return day


def _after_working_time(start: datetime, left: timedelta, calendar: WorkCalendar) -> datetime:
    day = start.date()
    while True:
        day = _next_working_day(day, calendar)
        opens, closes = _at(day, calendar.opens, start), _at(day, calendar.closes, start)
        begin = max(start, opens)
        if begin + left <= closes:
            return begin + left
        left -= max(closes - begin, timedelta())
        day += timedelta(days=1)
