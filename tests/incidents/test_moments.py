"""Time expressions are resolved against the moment of the report, and nothing else is one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.moments import Habit, Moment, moments
from chengshu.kit.times import SHANGHAI

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
NEW_YEAR = datetime(2026, 1, 1, 8, 0, tzinfo=SHANGHAI)
MARCH_1 = datetime(2027, 3, 1, 10, 0, tzinfo=SHANGHAI)
LEAP_DAY = datetime(2028, 2, 29, 10, 0, tzinfo=SHANGHAI)
SMALL_HOURS = datetime(2026, 11, 24, 2, 0, tzinfo=SHANGHAI)
SUNDAY_NIGHT = datetime(2026, 11, 29, 23, 30, tzinfo=SHANGHAI)


def at(written: str) -> datetime:
    """A local time from its figures."""
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI)


def one(text: str, now: datetime = TUESDAY) -> Moment:
    """The only time expression of a text."""
    (found,) = moments(text, now)
    assert text[found.start : found.end] == found.text
    return found


# text, since, until; said on Tuesday 24 November 2026 at 9:00
SPANS = [
    ("昨晚停电", "2026-11-23 18:00", "2026-11-24 02:00"),
    ("昨天晚上停电", "2026-11-23 18:00", "2026-11-24 02:00"),
    ("昨夜停电", "2026-11-23 21:00", "2026-11-24 05:00"),
    ("昨天", "2026-11-23 00:00", "2026-11-24 00:00"),
    ("昨日上午", "2026-11-23 08:00", "2026-11-23 12:00"),
    ("前天", "2026-11-22 00:00", "2026-11-23 00:00"),
    ("大前天下午", "2026-11-21 12:00", "2026-11-21 18:00"),
    ("今天", "2026-11-24 00:00", "2026-11-24 09:00"),
    ("今早", "2026-11-24 05:00", "2026-11-24 09:00"),
    ("今早七点半", "2026-11-24 07:30", "2026-11-24 07:30"),
    ("今天早上7点半", "2026-11-24 07:30", "2026-11-24 07:30"),
    ("今晨六点", "2026-11-24 06:00", "2026-11-24 06:00"),
    ("今天凌晨两点", "2026-11-24 02:00", "2026-11-24 02:00"),
    ("今天凌晨三四点", "2026-11-24 04:00", "2026-11-24 05:00"),
    ("今晚", "2026-11-24 18:00", "2026-11-25 02:00"),
    ("明天上午", "2026-11-25 08:00", "2026-11-25 12:00"),
    ("后天", "2026-11-26 00:00", "2026-11-27 00:00"),
    # the night belongs to the day before it
    ("昨天半夜两点", "2026-11-24 02:00", "2026-11-24 02:00"),
    ("昨晚两点", "2026-11-24 02:00", "2026-11-24 02:00"),
    ("昨晚凌晨一点", "2026-11-24 01:00", "2026-11-24 01:00"),
    ("今天半夜两点", "2026-11-24 02:00", "2026-11-24 02:00"),
    ("半夜", "2026-11-23 23:00", "2026-11-24 05:00"),
    ("半夜两点多", "2026-11-24 02:00", "2026-11-24 03:00"),
    ("前天半夜", "2026-11-22 23:00", "2026-11-23 05:00"),
    ("昨天凌晨", "2026-11-23 00:00", "2026-11-23 06:00"),
    ("昨晚十二点", "2026-11-24 00:00", "2026-11-24 00:00"),
    ("昨晚11点40分", "2026-11-23 23:40", "2026-11-23 23:40"),
    ("周六半夜一点", "2026-11-22 01:00", "2026-11-22 01:00"),
    # clock times
    ("昨天下午3点", "2026-11-23 15:00", "2026-11-23 15:00"),
    ("昨天三点", "2026-11-23 15:00", "2026-11-23 15:00"),
    ("昨天下午三点一刻", "2026-11-23 15:15", "2026-11-23 15:15"),
    ("昨天下午3点左右", "2026-11-23 14:30", "2026-11-23 15:30"),
    ("昨日上午10时许", "2026-11-23 09:30", "2026-11-23 10:30"),
    ("昨天中午12点半", "2026-11-23 12:30", "2026-11-23 12:30"),
    ("昨天中午1点", "2026-11-23 13:00", "2026-11-23 13:00"),
    ("昨天15:20", "2026-11-23 15:20", "2026-11-23 15:20"),
    ("昨天15：20", "2026-11-23 15:20", "2026-11-23 15:20"),
    ("早上8点", "2026-11-24 08:00", "2026-11-24 08:00"),
    ("晚上10点", "2026-11-23 22:00", "2026-11-23 22:00"),
    ("凌晨零点", "2026-11-24 00:00", "2026-11-24 00:00"),
    ("七点半左右", "2026-11-24 07:00", "2026-11-24 08:00"),
    ("8点20分", "2026-11-24 08:20", "2026-11-24 08:20"),
    # weekdays
    ("上周三", "2026-11-18 00:00", "2026-11-19 00:00"),
    ("上个星期三", "2026-11-18 00:00", "2026-11-19 00:00"),
    ("上上周五", "2026-11-13 00:00", "2026-11-14 00:00"),
    ("这周一", "2026-11-23 00:00", "2026-11-24 00:00"),
    ("周三", "2026-11-18 00:00", "2026-11-19 00:00"),
    ("周一下午", "2026-11-23 12:00", "2026-11-23 18:00"),
    ("礼拜天", "2026-11-22 00:00", "2026-11-23 00:00"),
    ("星期日上午", "2026-11-22 08:00", "2026-11-22 12:00"),
    ("上周末", "2026-11-21 00:00", "2026-11-23 00:00"),
    ("上周", "2026-11-16 00:00", "2026-11-23 00:00"),
    ("本周", "2026-11-23 00:00", "2026-11-24 09:00"),
    ("下周二", "2026-12-01 00:00", "2026-12-02 00:00"),
    # dates
    ("3月5日晚上", "2026-03-05 18:00", "2026-03-06 02:00"),
    ("三月五号", "2026-03-05 00:00", "2026-03-06 00:00"),
    ("十一月二十三日", "2026-11-23 00:00", "2026-11-24 00:00"),
    ("11月23日19时左右", "2026-11-23 18:30", "2026-11-23 19:30"),
    ("2026年11月20日13时20分", "2026-11-20 13:20", "2026-11-20 13:20"),
    ("2026-11-20 08:30", "2026-11-20 08:30", "2026-11-20 08:30"),
    ("2025.3.8", "2025-03-08 00:00", "2025-03-09 00:00"),
    ("20号晚上八点", "2026-11-20 20:00", "2026-11-20 20:00"),
    ("28号早上", "2026-10-28 05:00", "2026-10-28 10:00"),
    ("本月3日", "2026-11-03 00:00", "2026-11-04 00:00"),
    ("上个月15号", "2026-10-15 00:00", "2026-10-16 00:00"),
    ("上个月", "2026-10-01 00:00", "2026-11-01 00:00"),
    ("上月底", "2026-10-25 00:00", "2026-11-01 00:00"),
    ("10月上旬", "2026-10-01 00:00", "2026-10-11 00:00"),
    ("9月份", "2026-09-01 00:00", "2026-10-01 00:00"),
    ("12月份", "2026-12-01 00:00", "2027-01-01 00:00"),
    ("1月3日", "2026-01-03 00:00", "2026-01-04 00:00"),
    ("去年12月", "2025-12-01 00:00", "2026-01-01 00:00"),
    ("去年", "2025-01-01 00:00", "2026-01-01 00:00"),
    ("前年", "2024-01-01 00:00", "2025-01-01 00:00"),
    ("今年3月5日下午3点", "2026-03-05 15:00", "2026-03-05 15:00"),
    ("去年年底", "2025-12-01 00:00", "2026-01-01 00:00"),
    ("今年夏天", "2026-06-01 00:00", "2026-09-01 00:00"),
    ("去年冬天", "2025-12-01 00:00", "2026-03-01 00:00"),
    ("二〇二四年五月", "2024-05-01 00:00", "2024-06-01 00:00"),
    ("国庆期间", "2026-10-01 00:00", "2026-10-08 00:00"),
    ("去年五一", "2025-05-01 00:00", "2025-05-06 00:00"),
    # before now
    ("刚刚", "2026-11-24 08:30", "2026-11-24 09:00"),
    ("刚才", "2026-11-24 08:30", "2026-11-24 09:00"),
    ("两小时前", "2026-11-24 06:45", "2026-11-24 07:15"),
    ("半个小时前", "2026-11-24 08:15", "2026-11-24 08:45"),
    ("三天前", "2026-11-21 00:00", "2026-11-22 00:00"),
    ("10天前晚上", "2026-11-14 18:00", "2026-11-15 02:00"),
    ("前几天", "2026-11-19 09:00", "2026-11-23 09:00"),
    # from, to
    ("从昨晚十点到今天早上六点", "2026-11-23 22:00", "2026-11-24 06:00"),
    ("昨天8点到10点", "2026-11-23 08:00", "2026-11-23 10:00"),
    ("昨天下午2点至5点", "2026-11-23 14:00", "2026-11-23 17:00"),
    ("昨晚10点到凌晨2点", "2026-11-23 22:00", "2026-11-24 02:00"),
    ("从3月1日到3月5日", "2026-03-01 00:00", "2026-03-06 00:00"),
    ("3月1日至5日", "2026-03-01 00:00", "2026-03-06 00:00"),
    ("昨天14:00-16:30", "2026-11-23 14:00", "2026-11-23 16:30"),
    ("上周一到周三", "2026-11-16 00:00", "2026-11-19 00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "since", "until"), SPANS)
def test_a_span_is_resolved(text: str, since: str, until: str) -> None:
    found = one(text)
    assert (found.since, found.until) == (at(since), at(until))
    assert not found.lasting
    assert found.habit is Habit.ONCE


# text, since (said on the same Tuesday); all of them last until the report
LASTING = [
    ("最近一周", "2026-11-17 09:00"),
    ("近两天", "2026-11-22 09:00"),
    ("已经三天了", "2026-11-21 09:00"),
    ("停水三天了", "2026-11-21 09:00"),
    ("三天没来收", "2026-11-21 09:00"),
    ("连续5天", "2026-11-19 09:00"),
    ("持续了两个小时", "2026-11-24 07:00"),
    ("已近两小时", "2026-11-24 07:00"),
    ("昨晚起", "2026-11-23 18:00"),
    ("昨晚十点半开始", "2026-11-23 22:30"),
    ("自去年10月以来", "2025-10-01 00:00"),
    ("从3月5日至今", "2026-03-05 00:00"),
    ("从昨天到现在", "2026-11-23 00:00"),
    ("上周三开始", "2026-11-18 00:00"),
    ("今年以来", "2026-01-01 00:00"),
    ("这几天", "2026-11-21 09:00"),
    ("最近", "2026-11-10 09:00"),
]


@pytest.mark.parametrize(("text", "since"), LASTING)
def test_what_lasts_began_then(text: str, since: str) -> None:
    found = one(text)
    assert found.since == at(since)
    assert found.until == TUESDAY
    assert found.lasting


@pytest.mark.parametrize(("text", "days"), [
    ("连续半个月", 15.2), ("拖欠两年多", 803.6), ("三个多月没有工资", 97.4), ("一个半月了", 45.7), ("大半年了", 255.7),
    ("已有半年", 182.6), ("好几天了", 3.0), ("十几天了", 15.0), ("已经一个星期了", 7.0), ("一百多天了", 100.2),
])  # fmt: skip
def test_how_long(text: str, days: float) -> None:
    found = one(text)
    assert found.since is not None
    assert (TUESDAY - found.since) / timedelta(days=1) == pytest.approx(days, rel=0.03)
    assert found.lasting


# text, habit, hours in minutes, day
HABITS = [
    ("每天凌晨两点", Habit.DAILY, (120, 120), None),
    ("每天晚上", Habit.DAILY, (1080, 1560), None),
    ("每晚十点", Habit.DAILY, (1320, 1320), None),
    ("每晚", Habit.DAILY, (1080, 1560), None),
    ("天天", Habit.DAILY, None, None),
    ("每天晚上10点到次日凌晨4点", Habit.DAILY, (1320, 1680), None),
    ("每天早上6点到8点", Habit.DAILY, (360, 480), None),
    ("每天中午12点到下午2点", Habit.DAILY, (720, 840), None),
    ("每天半夜", Habit.DAILY, (1380, 1740), None),
    ("一到晚上", Habit.DAILY, (1080, 1560), None),
    ("每周三晚上", Habit.WEEKLY, (1080, 1560), 2),
    ("每周", Habit.WEEKLY, None, None),
    ("每周末", Habit.WEEKENDS, None, None),
    ("周末都在施工", Habit.WEEKENDS, None, None),
    ("每月15号", Habit.MONTHLY, None, 15),
    ("每个月", Habit.MONTHLY, None, None),
    ("每年", Habit.YEARLY, None, None),
    ("工作日早上7点", Habit.WORKDAYS, (420, 420), None),
    ("周一到周五", Habit.WORKDAYS, None, None),
    ("早晚高峰", Habit.WORKDAYS, None, None),
    ("节假日", Habit.HOLIDAYS, None, None),
    ("法定节假日", Habit.HOLIDAYS, None, None),
    ("经常", Habit.OFTEN, None, None),
    ("长期", Habit.OFTEN, None, None),
    ("三天两头", Habit.OFTEN, None, None),
]


@pytest.mark.parametrize(("text", "habit", "hours", "day"), HABITS)
def test_a_habit_comes_back(
    text: str, habit: Habit, hours: tuple[int, int] | None, day: int | None
) -> None:
    found = one(text)
    assert (found.habit, found.hours, found.day) == (habit, hours, day)
    assert found.since is None


# where months and years end, and in the small hours
EDGES = [
    (NEW_YEAR, "昨晚", "2025-12-31 18:00", "2026-01-01 02:00"),
    (NEW_YEAR, "昨天", "2025-12-31 00:00", "2026-01-01 00:00"),
    (NEW_YEAR, "上个月", "2025-12-01 00:00", "2026-01-01 00:00"),
    (NEW_YEAR, "12月20日", "2025-12-20 00:00", "2025-12-21 00:00"),
    (NEW_YEAR, "上周三", "2025-12-24 00:00", "2025-12-25 00:00"),
    (NEW_YEAR, "去年", "2025-01-01 00:00", "2026-01-01 00:00"),
    (NEW_YEAR, "元旦", "2026-01-01 00:00", "2026-01-01 08:00"),
    (NEW_YEAR, "31号晚上", "2025-12-31 18:00", "2026-01-01 02:00"),
    (MARCH_1, "昨天", "2027-02-28 00:00", "2027-03-01 00:00"),
    (MARCH_1, "上月底", "2027-02-25 00:00", "2027-03-01 00:00"),
    (MARCH_1, "30号晚上", "2027-01-30 18:00", "2027-01-31 02:00"),
    (MARCH_1, "2月29日", "2024-02-29 00:00", "2024-03-01 00:00"),
    (LEAP_DAY, "去年", "2027-01-01 00:00", "2028-01-01 00:00"),
    (LEAP_DAY, "2月29日", "2028-02-29 00:00", "2028-02-29 10:00"),
    (SMALL_HOURS, "半夜", "2026-11-23 23:00", "2026-11-24 02:00"),
    (SMALL_HOURS, "昨晚", "2026-11-23 18:00", "2026-11-24 02:00"),
    (SMALL_HOURS, "凌晨一点", "2026-11-24 01:00", "2026-11-24 01:00"),
    (SUNDAY_NIGHT, "周日晚上", "2026-11-29 18:00", "2026-11-29 23:30"),
    (SUNDAY_NIGHT, "本周一", "2026-11-23 00:00", "2026-11-24 00:00"),
    (SUNDAY_NIGHT, "上周日", "2026-11-22 00:00", "2026-11-23 00:00"),
    (SUNDAY_NIGHT, "晚上", "2026-11-29 18:00", "2026-11-29 23:30"),
]  # fmt: skip


@pytest.mark.parametrize(("now", "text", "since", "until"), EDGES)
def test_edges(now: datetime, text: str, since: str, until: str) -> None:
    found = one(text, now)
    assert (found.since, found.until) == (at(since), at(until))


@pytest.mark.parametrize("text", [
    "", "路灯坏了", "反映三点建议", "一点都不好", "三天后", "3个工作日内", "24小时营业", "早上好", "一周三次", "2月30日",
    "周围都是垃圾", "人民路3号楼", "5号线", "请在3天内答复", "一年级", "三年级", "有一点小问题", "围着一圈", "12345热线",
    "第3点", "晚饭", "明显", "前面", "后面", "前天然气", "当前面", "上下水", "年轻人", "日报", "13:75", "提前天然",
])  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert moments(text, TUESDAY) == ()


def test_several_in_one_message() -> None:
    found = moments("3月5日晚上起停水，每天凌晨两点抽水，已经三天了", TUESDAY)
    assert [m.text for m in found] == ["3月5日晚上起", "每天凌晨两点", "已经三天了"]


def test_words_that_move_with_the_moon_are_marked_and_not_guessed() -> None:
    found = one("春节期间")
    assert (found.since, found.until) == (None, None)
    assert found.confidence <= 0.4


def test_it_says_what_was_understood_in_both_languages() -> None:
    assert one("每天凌晨两点").said() == ("每天 02:00", "every day 02:00")
    assert one("昨晚十点半开始").said() == ("11-23 22:30 起", "since 11-23 22:30")
    assert one("每周三晚上").said()[1] == "every Wed 18:00–next day 02:00"


WORDS = st.lists(st.sampled_from(
    "昨 晚 今 早 天 前 大 上 下 个 周 星期 三 五 日 号 月 年 点 半 分 时 到 至 从 起 每 已经 多 十 2 30 99 9999 凌晨 夜 "
    "里 去 最近 连续 小时 末 底 ， 。 的 是 ： : - 国庆 百 零 刻 了".split()), max_size=30).map("".join)  # fmt: skip
NOWS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001 # hypothesis takes naive bounds
    lambda naive: naive.replace(tzinfo=SHANGHAI)
)


@given(WORDS | st.text(max_size=200), NOWS)
def test_any_text_at_any_time(text: str, now: datetime) -> None:
    end = 0
    for found in moments(text, now):
        assert end <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.text
        assert 0 <= found.confidence <= 1
        assert all(found.said())
        end = found.end
        assert (found.since is None) == (found.until is None)
        if found.since is not None and found.until is not None:
            assert found.since <= found.until
            assert found.since.tzinfo is not None
        if found.hours is not None:
            assert 0 <= found.hours[0] <= found.hours[1] <= 2880
