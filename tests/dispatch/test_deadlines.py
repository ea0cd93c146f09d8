"""Deadlines on Nantong's calendar, and against an oracle that walks minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengshu.agencies.calendar import WorkCalendar, read_calendar
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.deadlines import due_at
from chengshu.kit.times import SHANGHAI

CALENDAR = read_calendar(Path(__file__).parents[2] / "cities/nantong/calendar.toml")
HOURS, DAYS, W_HOURS, W_DAYS = Span.HOURS, Span.DAYS, Span.WORKING_HOURS, Span.WORKING_DAYS


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("start", "amount", "span", "due"), [
    # plain hours and days run through nights, weekends and holidays
    ("2026-02-16 23:30", 1, HOURS, "2026-02-17 00:30"),
    ("2026-01-31 10:00", 1, DAYS, "2026-02-01 10:00"),  # end of a month
    ("2028-02-28 10:00", 1, DAYS, "2028-02-29 10:00"),  # leap day
    ("2026-02-28 10:00", 1, DAYS, "2026-03-01 10:00"),
    ("2025-12-31 23:59", 2, HOURS, "2026-01-01 01:59"),  # end of a year
    # working hours: 09:00 to 17:30, half-open
    ("2026-07-14 09:00", 8, W_HOURS, "2026-07-14 17:00"),
    ("2026-07-14 10:30", 7, W_HOURS, "2026-07-14 17:30"),  # ends exactly at closing time
    ("2026-07-14 10:31", 7, W_HOURS, "2026-07-15 09:01"),
    ("2026-07-14 17:30", 1, W_HOURS, "2026-07-15 10:00"),  # at closing time nobody works any more
    ("2026-07-14 03:00", 1, W_HOURS, "2026-07-14 10:00"),  # before opening
    ("2026-07-17 17:00", 1, W_HOURS, "2026-07-20 09:30"),  # over a weekend
    ("2026-05-08 17:00", 1, W_HOURS, "2026-05-09 09:30"),  # Saturday 9 May 2026 is a make-up day
    ("2026-04-30 17:00", 1, W_HOURS, "2026-05-06 09:30"),  # over Labour Day
    ("2026-02-13 17:00", 1, W_HOURS, "2026-02-14 09:30"),  # Saturday 14 February is worked …
    ("2026-02-14 17:00", 1, W_HOURS, "2026-02-24 09:30"),  # … and then nine days of Spring Festival are not
    ("2025-01-26 17:00", 1, W_HOURS, "2025-01-27 09:30"),  # Sunday 26 January 2025 is worked
    ("2025-01-27 17:00", 1, W_HOURS, "2025-02-05 09:30"),
    ("2025-09-30 17:00", 1, W_HOURS, "2025-10-09 09:30"),  # National Day with Mid-Autumn, eight days
    # working days end at closing time of the n-th working day after the first
    ("2026-07-14 10:00", 1, W_DAYS, "2026-07-15 17:30"),
    ("2026-07-14 23:59", 1, W_DAYS, "2026-07-15 17:30"),
    ("2026-07-17 10:00", 1, W_DAYS, "2026-07-20 17:30"),
    ("2026-07-18 10:00", 1, W_DAYS, "2026-07-20 17:30"),  # received on a Saturday: Monday is the first day
    ("2026-09-30 10:00", 5, W_DAYS, "2026-10-13 17:30"),  # 8, 9, 10 (make-up Saturday), 12, 13 October
    ("2026-09-18 10:00", 2, W_DAYS, "2026-09-21 17:30"),  # Sunday 20 September is worked
    ("2025-04-25 10:00", 3, W_DAYS, "2025-04-29 17:30"),  # Sunday 27 April 2025 is worked
    ("2025-12-31 10:00", 1, W_DAYS, "2026-01-04 17:30"),  # Sunday 4 January 2026 is worked
    ("2026-04-03 12:00", 1, W_DAYS, "2026-04-07 17:30"),  # Qingming to Monday
])  # fmt: skip
def test_due_at(start: str, amount: int, span: Span, due: str) -> None:
    assert due_at(at(start), Limit(amount, span), CALENDAR) == at(due)


@pytest.mark.parametrize(("start", "limit"), [
    (datetime(2026, 7, 14, 10), Limit(1, HOURS)),  # no zone  # noqa: DTZ001
    (at("2026-07-14 10:00"), Limit(0, W_DAYS)),
    (at("2026-07-14 10:00"), Limit(-1, HOURS)),
])  # fmt: skip
def test_impossible_limits_are_refused(start: datetime, limit: Limit) -> None:
    with pytest.raises(ValueError, match=r"zone|aware|positive"):
        due_at(start, limit, CALENDAR)


def test_an_office_that_never_opens_is_said_so() -> None:
    closed = WorkCalendar(
        time(9), time(17), frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(400))
    )
    for span in (W_DAYS, W_HOURS):
        with pytest.raises(ValueError, match="no working day"):
            due_at(at("2026-07-14 10:00"), Limit(1, span), closed)


def test_the_zone_of_the_start_decides_what_a_day_is() -> None:
    """An order opened at 02:00 on the 15th in Nantong was opened on the 14th in UTC."""
    start = datetime(2026, 7, 14, 18, tzinfo=UTC)
    assert due_at(start.astimezone(SHANGHAI), Limit(1, W_DAYS), CALENDAR) == at("2026-07-16 17:30")


@pytest.mark.parametrize(("day", "works"), [
    ("2025-01-28", False), ("2025-02-08", True), ("2025-05-31", False), ("2025-06-02", False), ("2025-09-28", True),
    ("2025-10-11", True), ("2025-10-12", False), ("2026-01-02", False), ("2026-02-28", True), ("2026-06-19", False),
    ("2026-09-25", False), ("2026-10-10", True), ("2026-12-31", True),
])  # fmt: skip
def test_holidays_and_make_up_days_of_two_years(day: str, works: bool) -> None:
    assert CALENDAR.works_on(date.fromisoformat(day)) is works


def _oracle(start: datetime, limit: Limit, calendar: WorkCalendar) -> datetime:
    """Walks a minute at a time, and counts."""
    minute = timedelta(minutes=1)
    if limit.span is W_DAYS:
        days, moment = (
            0,
            datetime.combine(start.date() + timedelta(days=1), calendar.closes, start.tzinfo),
        )
        while True:
            days += calendar.works_on(moment.date())
            if days == limit.amount:
                return moment
            moment += timedelta(days=1)
    left, moment = limit.amount * 60, start
    while left:
        if calendar.works_on(moment.date()) and calendar.opens <= moment.time() < calendar.closes:
            left -= 1
        moment += minute
    return moment


@settings(max_examples=60, deadline=None)
@given(
    minutes=st.integers(0, 2 * 365 * 24 * 60 - 1),
    limit=st.builds(Limit, st.integers(1, 40), st.sampled_from([W_HOURS, W_DAYS])),
)
def test_against_the_oracle(minutes: int, limit: Limit) -> None:
    start = at("2025-01-01 00:00") + timedelta(minutes=minutes)
    assert due_at(start, limit, CALENDAR) == _oracle(start, limit, CALENDAR)


@settings(max_examples=60, deadline=None)
@given(minutes=st.integers(0, 500_000), more=st.integers(0, 5000), limit=st.builds(
    Limit, st.integers(1, 30), st.sampled_from(list(Span))))  # fmt: skip
def test_later_starts_never_end_earlier(minutes: int, more: int, limit: Limit) -> None:
    first = at("2025-06-01 00:00") + timedelta(minutes=minutes)
    second = first + timedelta(minutes=more)
    assert first < due_at(first, limit, CALENDAR) <= due_at(second, limit, CALENDAR)
