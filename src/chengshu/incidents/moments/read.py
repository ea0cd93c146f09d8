"""Find the time expressions of a text, and resolve each against the time of the report."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from chengshu.incidents.moments import words as w
from chengshu.incidents.moments.dates import Days, days_at, same_month
from chengshu.incidents.moments.model import Habit, Moment
from chengshu.incidents.words import plain
from chengshu.kit.times import SHANGHAI, local

_MOST: Final = 20_000  # characters that are read
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_STARTS: Final = re.compile(
    r"[0-9零一二两三四五六七八九十百半几数多好昨今前大明后上本这下周星礼每天夜逢早平经时常工节法双国元春中清端过除年连接持已近最刚方现目正此眼当马凌晚深午傍白三整全月日日自从打去隔一长总逐都停等拖坏断达超快将头有]"
)
_LONGEST_YEARS: Final = 100
_PAST: Final = (
    "已",
    "已经",
    "连续",
    "持续",
    "接连",
    "一连",
    "连着",
    "最近",
    "最近这",
    "近",
    "过去",
    "这",
    "都",
    "超过",
    "整整",
)
_WITHIN: Final = ("内", "里")
_UNITS: Final = (("分钟", 1), ("小时", 60), ("钟头", 60), ("天", 1440), ("日", 1440), ("夜", 1440), ("晚上", 1440),
                 ("周", 10080), ("星期", 10080), ("礼拜", 10080), ("月", 43_830), ("年", 525_960))  # fmt: skip
_HOW_LONG: Final = re.compile(r"(?<![周期拜])[一整]$")
_BEFORE_SHORT: Final = frozenset("昨今明当天日号末二三四五六")


@dataclass(frozen=True, slots=True)
class _Point:
    """One time that words name, before it is joined with «起» or «到…»."""

    end: int
    since: datetime | None
    until: datetime | None
    confidence: float
    lasting: bool = False
    habit: Habit = Habit.ONCE
    hours: tuple[int, int] | None = None
    day: int | None = None
    on: date | None = None  # the day it was counted from
    named: bool = False  # the words name a day
    part: str = ""
    clock: bool = False


def moments(text: str, now: datetime) -> tuple[Moment, ...]:
    """Every time expression of a text in order, without overlaps.

    Args:
        now: When it was said, aware.

    Examples:
        >>> said = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
        >>> [m.said()[0] for m in moments("昨晚十点半开始，每天凌晨两点又响", said)]
        ['11-23 22:30 起', '每天 02:00']
    """
    said, here = plain(text[:_MOST]), local(now)
    found: list[Moment] = []
    at = 0
    while (start := _STARTS.search(said, at)) is not None:
        at = start.start()
        later = w.LATER.match(said, at)
        if later is not None:  # 三天后: a promise or a wish, not when it happened
            at = later.end()
            continue
        try:
            moment = _moment(text, said, at, here)
        except OverflowError:  # before year 1, after 9999
            moment = None
        if moment is None:
            at += 1
            continue
        found.append(moment)
        at = moment.end
    return tuple(found)


def _moment(text: str, said: str, at: int, here: datetime) -> Moment | None:
    start = at
    source = w.FROM.match(said, at)
    first = _point(said, source.end() if source else at, here)
    if first is None:
        return None
    point = _ranged(said, first, here) or first
    after = w.SINCE.match(said, point.end)
    if after is not None and point.habit is Habit.ONCE and point.since is not None:
        point = replace(point, end=after.end(), lasting=True, until=max(here, point.since))
    elif source is not None:
        start = source.end()
    if point.since is not None and point.until is not None:
        point = _capped(point, here)
    return Moment(start, point.end, text[start : point.end], point.since, point.until, point.lasting,
                  point.habit, point.hours, point.day, round(point.confidence, 2))  # fmt: skip


def _capped(point: _Point, here: datetime) -> _Point:
    """What began cannot have ended after it was reported; what lies ahead stays as it is."""
    assert point.since is not None
    assert point.until is not None
    if point.since <= here < point.until:
        return replace(point, until=here)
    return point


def _ranged(said: str, first: _Point, here: datetime) -> _Point | None:
    """«A到B», both ends together; None where nothing follows that could be B."""
    glue = w.RANGE.match(said, first.end)
    if glue is None or first.lasting or (first.since is None and first.hours is None):
        return None
    if first.habit is not Habit.ONCE:
        second = _clock_point(said, glue.end(), here, first.on or here.date(), first.part)
        if second is None or second.hours is None or first.hours is None or not second.clock:
            return None
        last = second.hours[1]
        if last < first.hours[0]:
            last += 1440
        return replace(first, end=second.end, hours=(first.hours[0], min(last, 2880)))
    base = first.on or here.date()
    day = same_month(said, glue.end(), base) if first.named and not first.clock else None
    second = None if day is None else _day_point(said, day, here)
    named = second is not None
    if second is None:
        second = _point(said, glue.end(), here, base, first.part)
        if (
            second is None
            or second.since is None
            or second.habit is not Habit.ONCE
            or second.lasting
        ):
            return None
        named = second.named
    assert first.since is not None
    assert second.until is not None
    until = second.until if not second.clock else second.since
    assert until is not None
    if not named and until < first.since:
        until += _DAY
    if until < first.since:
        return None
    return replace(first, end=second.end, until=until, confidence=min(first.confidence, second.confidence))  # fmt: skip


def _point(said: str, at: int, here: datetime, base: date | None = None, part: str = "") -> _Point | None:  # fmt: skip
    """The time that the words at a position name.

    Args:
        base: Day that a clock time without a day belongs to, behind «到».
        part: Part of the day said before it.
    """
    for read in (_every, _ago, _recent, _moon):
        found = read(said, at, here)
        if found is not None:
            return found
    days = days_at(said, at, here.date())
    if days is not None:
        return _day_point(said, days, here)
    lasted = _lasted(said, at, here)
    if lasted is not None:
        return lasted
    if (present := w.NOW.match(said, at)) is not None:
        just = present[0] in ("刚刚", "刚才", "方才")
        return _Point(present.end(), here - 30 * _MINUTE if just else here, here, 0.9 if just else 0.5, not just)  # fmt: skip
    return _clock_point(said, at, here, base, part)


def _every(said: str, at: int, here: datetime) -> _Point | None:
    whole = w.TODAY_LONG.match(said, at)
    if whole is not None:
        return _Point(whole.end(), None, None, 0.5, habit=Habit.DAILY, hours=(0, 1440))
    found = w.EVERY.match(said, at)
    if found is None:
        return None
    end, day, word = found.end(), None, found[0]
    kind = {"yearly": Habit.YEARLY, "monthly": Habit.MONTHLY, "weekly": Habit.WEEKLY, "workday": Habit.WORKDAYS,
            "weekend": Habit.WEEKENDS, "holiday": Habit.HOLIDAYS, "rush": Habit.WORKDAYS, "day": Habit.DAILY,
            "often": Habit.OFTEN}  # fmt: skip
    habit = next(value for name, value in kind.items() if found[name] is not None)
    if found["mday"]:
        day = w.number(found["mday"])
        if day is None or not 1 <= day <= 31:
            return None
    if found["wday"]:
        if found["wday"] == "末":
            habit = Habit.WEEKENDS
        else:
            day = 6 if found["wday"] in "日天" else "一二三四五六".index(found["wday"])
    part = (
        "夜"
        if word.endswith("夜")
        else "晚"
        if word.endswith("晚")
        else "早"
        if word.endswith("早")
        else ""
    )
    if word.startswith("一到") or word.endswith("每到"):
        if said.startswith(("周末",), end):
            return _Point(end + 2, None, None, 0.85, habit=Habit.WEEKENDS)
        if said.startswith(("雨天", "下雨"), end):
            return None
    times = _clock_point(said, _gap(said, end), here, here.date(), part)
    if times is not None:
        end = times.end
    hours = times.hours if times is not None else w.PARTS[part] if part else None
    confidence = 0.5 if habit is Habit.OFTEN else 0.9
    if habit is Habit.OFTEN and hours is not None:
        habit, confidence = Habit.DAILY, 0.6
    return _Point(end, None, None, confidence, habit=habit, hours=hours, day=day, on=here.date(),
                  part=times.part if times is not None else part, clock=times is not None and times.clock)  # fmt: skip


def _ago(said: str, at: int, here: datetime) -> _Point | None:
    found = w.AGO.match(said, at)
    if found is None:
        return None
    count, sure = _count(found["n"])
    unit = found["unit"]
    minutes = _minutes_of(unit) * (count + (0.5 if "半" in unit else 0))
    if minutes > _LONGEST_YEARS * 525_960:
        return None
    middle = here - minutes * _MINUTE
    if unit.endswith("天"):
        day = middle.date()
        return _day_point(said, Days(day, day, found.end(), 0.85 if sure else 0.6), here)
    step = _minutes_of(unit) / (4 if sure else 2) * _MINUTE
    if found["more"]:
        return _Point(found.end(), middle - 2 * step, middle, 0.7)
    return _Point(found.end(), middle - step, min(middle + step, here), 0.8 if sure else 0.55)


def _recent(said: str, at: int, here: datetime) -> _Point | None:
    found = w.RECENT.match(said, at)
    if found is None or (
        found["lately"] and w.LASTING.match(said, at) and found[0] in ("最近", "近")
    ):
        return None
    if found["few"]:
        return _Point(found.end(), here - 5 * _DAY, here - _DAY, 0.6)
    if found["back"]:
        return _Point(found.end(), here - 60 * _DAY, here - 7 * _DAY, 0.4)
    days = 3 if found[0] in ("这几天", "这两天") else 14
    return _Point(found.end(), here - days * _DAY, here, 0.6 if days == 3 else 0.5, True)


def _moon(said: str, at: int, here: datetime) -> _Point | None:
    found = w.HOLIDAY.match(said, at)
    if found is None or found["name"] in w.HOLIDAYS:
        return None
    return _Point(found.end(), None, None, 0.4)


def _lasted(said: str, at: int, here: datetime) -> _Point | None:
    found = w.LASTING.match(said, at)
    if found is None:
        return None
    lead, tail = found["lead"], found["tail"]
    recent = lead in ("最近", "最近这", "近", "过去", "这")
    more = found["more"] or found["over"]
    marked = lead in _PAST or bool(found["lead2"]) or (tail is not None and tail not in _WITHIN)
    if not (marked or (more in ("多", "个多") and tail not in _WITHIN)) or (
        tail in _WITHIN and not recent
    ):
        return None
    if lead == "这" and found["n"] in ("半",):
        return None
    written = found["n"]
    large = written.startswith("大")
    count, sure = _count(written.removeprefix("大"))
    half = found["half"] or found["half2"]
    minutes = _minutes_of(found["unit"]) * (count + (0.5 if half else 0.2 if large or more else 0))
    if not 0 < minutes <= _LONGEST_YEARS * 525_960:
        return None
    strong = tail not in (None, "来", "", "都") or lead in (
        "已",
        "已经",
        "连续",
        "持续",
        "最近",
        "过去",
    )
    confidence = (0.9 if strong else 0.7) - (0 if sure else 0.25)
    return _Point(found.end(), here - minutes * _MINUTE, here, confidence, True)


def _count(word: str) -> tuple[float, bool]:
    """How many, and whether the word says it exactly."""
    if word == "半":
        return 0.5, True
    if word in ("十几", "几十", "数十"):
        return (15.0 if word == "十几" else 30.0), False
    number = w.number(word)
    return (3.0, False) if number is None else (float(number), True)


def _minutes_of(unit: str) -> int:
    return next(minutes for name, minutes in _UNITS if unit.endswith(name))


def _day_point(said: str, days: Days, here: datetime) -> _Point:
    """A day, with the part of it and the clock time that follow."""
    times = None
    if days.first == days.last or (days.last - days.first).days == 1:
        times = _times(said, _gap(said, days.end))
    first = days.first
    if times is None:
        begin = _at(days.first, 0)
        return _Point(days.end, begin, _at(days.last, 1440), days.confidence, on=first, named=True)
    end, part, since, until, clock, sure = times
    if (
        days.today
        and part in w.NIGHT
        and part not in ("晚", "晚上", "晚间", "夜晚")
        and _at(first, since) > here
    ):
        first -= _DAY  # 今天半夜两点, said in the morning: the night that has just ended
    if clock and not part and since <= 300 and _at(first, since + 720) <= here:
        since, until = since + 720, until + 720  # 昨天三点: hardly anybody means the night
    last = first if days.first == days.last else days.last
    confidence = min(days.confidence, sure) if not part and clock else days.confidence
    return _Point(end, _at(first, since), _at(last, until), confidence, on=first, named=True, part=part,
                  clock=clock)  # fmt: skip


def _clock_point(
    said: str, at: int, here: datetime, base: date | None, inherited: str
) -> _Point | None:
    """A part of the day or a clock time without a day: the last one that has been, else of `base`."""
    times = _times(said, at, inherited)
    if times is None:
        return None
    end, part, since, until, clock, sure = times
    if base is not None:
        return _Point(end, _at(base, since), _at(base, until), sure, hours=(since, until), on=base, part=part,
                      clock=clock)  # fmt: skip
    day = here.date()
    if clock and not part and since < 720:
        if _at(day, since + 720) <= here:
            since, until = since + 720, until + 720
        elif _at(day, since) > here:
            day -= _DAY
            since, until = since + 720, until + 720
    while _at(day, since) > here:
        day -= _DAY
    return _Point(end, _at(day, since), _at(day, until), sure, hours=(since, until), on=day, part=part, clock=clock)  # fmt: skip


def _times(
    said: str, at: int, inherited: str = ""
) -> tuple[int, str, int, int, bool, float] | None:
    """Parts of the day and a clock time: where they end, the part, first and last minute, and how sure."""
    parts: list[str] = []
    end = at
    pattern = w.SHORT_PART if at and said[at - 1] in _BEFORE_SHORT else w.PART
    while (found := pattern.match(said, end if not parts else _gap(said, end))) is not None:
        if said.startswith(("好", "饭"), found.end()) or (
            not parts and _HOW_LONG.search(said[max(at - 2, 0) : at])
        ):
            break  # 早上好; 一晚上 is how long
        parts.append(found[0])
        end = found.end()
    clock = w.CLOCK.match(said, _gap(said, end))
    hour = None if clock is None else w.number(clock["h"] or clock["hour"] or "")
    if (
        clock is None
        or hour is None
        or hour > 24
        or not _is_clock(said, clock, bool(parts or inherited))
    ):
        if not parts:
            return None
        first, last = w.PARTS[parts[-1]]
        if len(parts) > 1 and parts[0] in w.NIGHT and parts[-1] == "凌晨":
            first, last = first + 1440, last + 1440
        return end, parts[-1], first, last, False, 0.4
    minute = 30 if clock["half"] else 15 * (w.number(clock["quarter"]) or 0) if clock["quarter"] else w.number(
        clock["m"] or (clock["min"] or "").lstrip("零〇") or "0")  # fmt: skip
    if minute is None or minute > 59:
        minute = 0
    part = parts[-1] if parts else inherited
    early = len(parts) > 1 and parts[0] in w.NIGHT and parts[-1] == "凌晨"
    at_minute = _hour(hour, part, early=early) * 60 + minute
    about = clock["about"] or ("多" if clock["some"] else "")
    spread = (0, 60) if about.endswith("多") else (-30, 30) if about else (0, 0)
    sure = 0.75 if parts else 0.9 if hour > 12 or clock["h"] else 0.55
    return clock.end(), part, max(at_minute + spread[0], 0), at_minute + spread[1], True, sure


def _is_clock(said: str, clock: re.Match[str], placed: bool) -> bool:
    """Whether «三点» is a time: 一点 and «反映三点» are seldom."""
    if clock["h"]:
        return (w.number(clock["m"]) or 0) < 60
    if placed:
        return True
    before = said[max(clock.start() - 1, 0) : clock.start()]
    if before and before in "第有提几以下这了共各":
        return False
    plainly = any(clock[name] for name in ("half", "quarter", "min", "about")) or "钟" in clock[0]
    return plainly or clock["hour"] not in ("一", "两", "二")


def _hour(hour: int, part: str, *, early: bool) -> int:
    """The hour from midnight that is meant in a part of the day; beyond 24 the next morning."""
    if early:
        return 24 + hour % 12
    if part in ("下午", "午后", "傍晚"):
        return hour + 12 if hour < 12 else hour
    if part in ("中午", "午间", "正午"):
        return hour + 12 if hour <= 3 else hour
    if part in ("凌晨",):
        return hour % 12 if hour in (12, 24) else hour
    if part in w.NIGHT:
        if hour == 12:
            return 24
        late = part not in ("晚", "晚上", "晚间", "夜晚")
        if hour <= (6 if late else 4):
            return hour + 24
        return hour + 12 if hour < 12 else hour
    return hour


def _gap(said: str, at: int) -> int:
    found = w.GAP.match(said, at)
    return at if found is None else found.end()


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time(), SHANGHAI) + minutes * _MINUTE
