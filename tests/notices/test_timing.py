"""Quiet hours, limits per recipient and waits between attempts; and the file they come from."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.kit.errors import CannotStart
from chengshu.kit.times import local
from chengshu.notices.model import Way
from chengshu.notices.rules import read_notices
from chengshu.notices.timing import Quiet, Rate, Retry, again_at, free_at, not_before

NANTONG = Path(__file__).parent.parent.parent / "cities/nantong/notices.toml"
NIGHT = Quiet(time(22), time(7), 1)
instants = st.integers(0, 366 * 86400).map(
    lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


def clock(hour: int, minute: int = 0, day: int = 14) -> datetime:
    """An instant of July 2026 by Nantong's clock."""
    return datetime(2026, 7, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("at", "level", "until"),
    [
        (clock(21, 59), 0, clock(21, 59)),
        (clock(22), 0, clock(7, day=15)),  # tonight until tomorrow
        (clock(3), 0, clock(7)),  # after midnight until this morning
        (clock(6, 59), 0, clock(7)),
        (clock(7), 0, clock(7)),  # half-open
        (clock(3), 1, clock(3)),  # urgent
        (clock(3), 2, clock(3)),  # danger
    ],
)
def test_at_night_only_what_matters(at: datetime, level: int, until: datetime) -> None:
    assert not_before(at, level, NIGHT) == until


@given(
    instants,
    st.times().map(lambda t: t.replace(microsecond=0)),
    st.times().map(lambda t: t.replace(microsecond=0)),
)
def test_held_until_the_first_minute_outside_the_night(
    at: datetime, since: time, until: time
) -> None:
    found = not_before(at, 0, Quiet(since, until, 1))
    assert at <= found <= at + timedelta(days=1)
    if found > at:
        assert local(found).time() == until


@given(st.integers(1, 30), st.text(min_size=1, max_size=12))
def test_waits_double_within_a_quarter_and_end(attempts: int, key: str) -> None:
    retry = Retry(timedelta(seconds=10), timedelta(hours=1), 8)
    now = clock(12)
    found = again_at(now, key, attempts, retry)
    if attempts >= 8:
        assert found is None
        return
    assert found is not None
    wait = min(10 * 2 ** (attempts - 1), 3600)
    assert 0.75 * wait <= (found - now).total_seconds() <= 1.25 * wait
    assert found == again_at(now, key, attempts, retry), "the same failure waits the same"


def test_what_failed_together_is_not_tried_together() -> None:
    retry = Retry(timedelta(seconds=10), timedelta(hours=1), 8)
    assert len({again_at(clock(12), f"n{n}-1-sms-u", 1, retry) for n in range(50)}) > 40


@given(st.lists(st.integers(0, 200), max_size=60), st.integers(1, 10))
def test_no_window_ever_holds_more_than_the_rate(minutes: list[int], most: int) -> None:
    """Messages that come at these minutes, each sent when it is free: counted slowly over every window."""
    rate, sent = Rate(most, timedelta(minutes=60)), list[datetime]()
    for minute in sorted(minutes):
        at = clock(0) + timedelta(minutes=minute)
        while (free := free_at(at, sent, rate)) > at:
            at = free
        sent.append(at)
    for one in sent:
        assert sum(one - rate.within < other <= one for other in sent) <= most


def test_nantongs_file_is_read() -> None:
    rules = read_notices(NANTONG)
    assert rules.quiet[Way.SMS] == NIGHT
    assert {t.event for t in rules.templates} >= {
        "assigned",
        "handover_lost",
        "urgent_report",
        "reporter",
        "other",
    }


@pytest.mark.parametrize(
    ("was", "now", "line", "names"),
    [
        ("新工单，{number}「{title}」，地点{place}", "新工单 {number} {phone}", "新工单 {number} {phone}", "phone"),
        ('subject = "新工单 {number}"', 'subject = "新工单 {nummer}"', 'subject = "新工单 {nummer}"', "nummer"),
        ('event = "overdue"', 'event = "overdo"', None, "overdo"),
        ("请登录签收。", "请登录签收。{", "请登录签收。{", ""),
    ],
)  # fmt: skip
def test_an_unknown_field_stops_the_start_with_file_and_line(tmp_path: Path, was: str, now: str, line: str | None,
                                                             names: str) -> None:  # fmt: skip
    text = NANTONG.read_text("utf-8")
    assert was in text
    path = tmp_path / "notices.toml"
    path.write_text(text.replace(was, now, 1), "utf-8")
    with pytest.raises(CannotStart) as wrong:
        read_notices(path)
    assert names in wrong.value.english
    where = path.read_text("utf-8").splitlines()
    number = int(wrong.value.english.partition("line ")[2].partition(":")[0])
    assert wrong.value.chinese.startswith(f"notices.toml 第 {number} 行")
    if line is not None:
        assert line in where[number - 1]
    else:
        assert where[number - 1] == "[[template]]"
        assert where[number] == 'event = "overdo"'
