"""When a clock ends, given where it started, its limit, pauses, extensions and a deadline from above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.clocks.model import StartRule
from chengshu.dispatch.deadlines import (
    after_working_time,
    before_working_time,
    due_at,
    extended,
    opening_after,
    working_time,
)

_WORKING = frozenset({Span.WORKING_HOURS, Span.WORKING_DAYS})


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch in which a clock stands, half-open; `until_at` is None while it does."""

    from_at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class Extension:
    """More time, given at an instant."""

    at: datetime
    limit: Limit


@dataclass(frozen=True, slots=True)
class Terms:
    """What a clock is reckoned from; all instants in the zone of working hours.

    Attributes:
        start_at: Registration.
        limit: None where the end itself was set: then `fixed_at` is it, and what is left of it at a
            pause counts by the clock on the wall.
        changes: Pauses, which do not overlap, and extensions.
    """

    start_at: datetime
    limit: Limit | None
    start_rule: StartRule = StartRule.REGISTRATION
    fixed_at: datetime | None = None
    changes: Sequence[Pause | Extension] = ()
    cap_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How a clock stands.

    Attributes:
        due_at: None while it is paused and no deadline from above runs on.
        provisional: A year up to there is not in the calendar yet.
    """

    begun_at: datetime
    due_at: datetime | None
    yellow_at: datetime | None
    provisional: bool


def begins(start_at: datetime, rule: StartRule, calendar: WorkCalendar) -> datetime:
    """When counting begins: at once, or when the next working day opens."""
    if rule is StartRule.NEXT_WORKING_DAY:
        return opening_after(start_at, calendar)
    return start_at


def first_due(terms: Terms, calendar: WorkCalendar) -> datetime:
    """When a clock ends that nothing stops or lengthens.

    Working days are counted from the day after the registration by either rule of starting.
    """
    if terms.limit is None:
        assert terms.fixed_at is not None
        return terms.fixed_at
    if terms.limit.span is Span.WORKING_DAYS:
        return due_at(terms.start_at, terms.limit, calendar)
    return due_at(begins(terms.start_at, terms.start_rule, calendar), terms.limit, calendar)


def reckon(terms: Terms, calendar: WorkCalendar, share: float = 0.25,
           least: timedelta = timedelta(minutes=30)) -> Reckoned:  # fmt: skip
    """When a clock ends, and when little is left.

    A pause keeps what is left: working time on the unit's calendar for limits in working hours or
    days, time by the clock on the wall for others; the clock goes on with it when the pause ends. An
    extension is added to the end as it then stands; one given during a pause, after that. A pause that
    begins when the clock has run out stops nothing. A cap ends the clock whatever else there is.

    Args:
        share: Of the limit, left when the light turns yellow.
        least: At the latest with this much left, in the same measure.
    """
    working = terms.limit is not None and terms.limit.span in _WORKING
    begun = begins(terms.start_at, terms.start_rule, calendar)
    due = first_due(terms, calendar)
    lead = _lead(_between(begun, due, calendar, working), share, least)
    open_pause, floor, counted_working = False, begun, working
    for change in sorted(terms.changes, key=_when):
        if isinstance(change, Extension):
            due = extended(due, change.limit, calendar)
            counted_working = counted_working or change.limit.span in _WORKING
            continue
        if change.from_at >= due:
            continue
        if change.until_at is None:
            open_pause = True
            break
        left = _between(max(change.from_at, begun), due, calendar, working)
        floor = max(change.until_at, begun)
        due = after_working_time(floor, left, calendar) if working else floor + left
    if open_pause:
        return Reckoned(begun, terms.cap_at, None, False)
    provisional = counted_working and not _known(begun, due, calendar)
    if terms.cap_at is not None and terms.cap_at <= due:
        due, provisional = terms.cap_at, False
    yellow = before_working_time(due, lead, calendar, floor) if working else due - lead
    return Reckoned(begun, due, max(yellow, min(floor, due)), provisional)


def _when(change: Pause | Extension) -> datetime:
    return change.at if isinstance(change, Extension) else change.from_at


def _lead(total: timedelta, share: float, least: timedelta) -> timedelta:
    seconds = max(int(total.total_seconds() * share), int(least.total_seconds()))
    return min(timedelta(seconds=seconds), total)


def _between(start: datetime, end: datetime, calendar: WorkCalendar, working: bool) -> timedelta:
    if working:
        return working_time(start, end, calendar)
    return max(end - start, timedelta())


def _known(start: datetime, end: datetime, calendar: WorkCalendar) -> bool:
    years = range(start.year, end.year + 1)
    return all(calendar.knows(end.date().replace(year=year, month=1, day=1)) for year in years)
