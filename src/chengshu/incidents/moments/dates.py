"""From the words for a day to the days that are meant, seen from the day of the report."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chengshu.incidents.moments import words as w

_DAY: Final = timedelta(days=1)
_SOON: Final = timedelta(
    days=31
)  # a date without a year that lies ahead by less is announced, not past
_WEEK: Final = {"上上": -14, "上": -7, "本": 0, "这": 0, "下": 7}
_YEAR: Final = {"去": -1, "前": -2, "今": 0, "本": 0, "明": 1}
_THIRDS: Final = {
    "初": (1, 5),
    "上": (1, 10),
    "中": (11, 20),
    "下": (21, 31),
    "底": (25, 31),
    "末": (25, 31),
}


@dataclass(frozen=True, slots=True)
class Days:
    """The days that words name.

    Attributes:
        first: The first of them.
        last: The last of them.
        end: Where the words end in the text.
        today: They stand for the day of the report itself.
    """

    first: date
    last: date
    end: int
    confidence: float = 0.9
    today: bool = False


def days_at(said: str, at: int, here: date) -> Days | None:
    """The days that the words at a position name; None where no such words stand or no such day exists."""
    for pattern, read in _READERS:
        found = pattern.match(said, at)
        if found is not None:
            try:
                days = read(found, here)
            except (ValueError, OverflowError):  # 2月30日, 9999年
                continue
            if days is not None:
                return days
    return None


def same_month(said: str, at: int, first: date) -> Days | None:
    """The second day of «3月1日到5日»."""
    found = re.compile(r"(\d{1,2})[日号]").match(said, at)
    if found is None:
        return None
    try:
        day = first.replace(day=int(found[1]))
    except ValueError:
        return None
    return Days(day, day, found.end()) if day >= first else None


def _iso(found: re.Match[str], here: date) -> Days | None:
    day = date(int(found["year"]), int(found["month"]), int(found["day"]))
    return Days(day, day, found.end(), 0.97)


def _full(found: re.Match[str], here: date) -> Days | None:
    word = found["year"]
    spoken = w.number(word)
    year = here.year + _YEAR[word] if word in _YEAR else spoken
    if year is None or not 1900 <= year <= here.year + 5:
        return None
    month = w.number(found["month"] or "")
    when = found["when"] or ""
    if month is None:
        if found["day"]:
            return None
        return _of_year(year, when, found.end())
    return _of_month(year, month, found["day"], when, found.end())


def _of_year(year: int, when: str, end: int) -> Days | None:
    name = when.removeprefix("年")
    if name in ("底", "末"):
        return Days(date(year, 12, 1), date(year, 12, 31), end, 0.8)
    if name == "初":
        return Days(date(year, 1, 1), date(year, 2, 28), end, 0.8)
    for season, (first, last) in w.SEASONS.items():
        if when.startswith(season):
            begin = date(year + (first > 12), (first - 1) % 12 + 1, 1)
            return Days(begin, _last_of(year + (last > 12), (last - 1) % 12 + 1), end, 0.75)
    return None if when else Days(date(year, 1, 1), date(year, 12, 31), end, 0.85)


def _of_month(year: int, month: int, day: str | None, when: str, end: int, confidence: float = 0.95) -> Days | None:  # fmt: skip
    number = w.number(day or "")
    if number is not None:
        exact = date(year, month, number)
        return Days(exact, exact, end, confidence)
    last = _last_of(year, month)
    if when and (third := _THIRDS.get(when[:1])):
        return Days(
            date(year, month, third[0]),
            min(date(year, month, min(third[1], last.day)), last),
            end,
            confidence - 0.1,
        )
    return Days(date(year, month, 1), last, end, confidence - 0.05)


def _dated(found: re.Match[str], here: date) -> Days | None:
    month = w.number(found["month"])
    if month is None or not 1 <= month <= 12:
        return None
    days = None
    for year in (here.year, here.year - 1, here.year - 2, here.year - 3, here.year - 4):  # 2月29日
        try:
            days = _of_month(year, month, found["day"], found["when"] or "", found.end(), 0.92)
        except ValueError:
            continue
        if days is not None and days.first <= here + _SOON:
            break
    if days is not None and days.first > here:
        return Days(days.first, days.last, days.end, 0.6)
    return days


def _near_month(found: re.Match[str], here: date) -> Days | None:
    which = found["which"].removesuffix("个")
    months = (
        here.year * 12 + here.month - 1 + {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1}[which]
    )
    return _of_month(months // 12, months % 12 + 1, found["day"], found["when"] or "", found.end())


def _bare_day(found: re.Match[str], here: date) -> Days | None:
    number = w.number(found["day"])
    assert number is not None
    months = here.year * 12 + here.month - 1
    for back in range(3):
        year, month = divmod(months - back, 12)
        try:
            day = date(year, month + 1, number)
        except ValueError:
            continue
        if day <= here:
            return Days(day, day, found.end(), 0.75)
    return None


def _week(found: re.Match[str], here: date) -> Days | None:
    monday = here - _DAY * here.weekday()
    which = (found["which"] or found["whole"] or "").removesuffix("个")
    if found["whole"]:
        first = monday + _DAY * _WEEK[which]
        return Days(first, first + 6 * _DAY, found.end(), 0.85)
    name = found["day"]
    if name == "末":
        first = monday + _DAY * (5 + _WEEK.get(which, 0))
        if not which and first > here:
            first -= 7 * _DAY
        return Days(first, first + _DAY, found.end(), 0.85 if which else 0.6)
    at = 6 if name in "日天" else "一二三四五六".index(name)
    day = monday + _DAY * (at + _WEEK.get(which, 0))
    if which:
        return Days(day, day, found.end(), 0.9)
    if day > here:
        day -= 7 * _DAY
    return Days(day, day, found.end(), 0.75)


def _near(found: re.Match[str], here: date) -> Days | None:
    word = found[1] or found[2]
    day = here + _DAY * w.DAYS[word]
    return Days(day, day, found.end(), 0.6 if word == "当" else 0.95, word in ("今", "当"))


def _holiday(found: re.Match[str], here: date) -> Days | None:
    known = w.HOLIDAYS.get(found["name"])
    if known is None:
        return None  # 春节, 中秋, 端午 move with the moon: the words are marked, the days are not guessed
    month, day, length = known
    year = here.year + _YEAR.get(found["year"] or "", 0)
    first = date(year, month, day)
    if not found["year"] and first > here + _SOON:
        first = date(year - 1, month, day)
    return Days(first, first + _DAY * (length - 1), found.end(), 0.8)


def _last_of(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - _DAY


_READERS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Days | None]], ...]] = (
    (w.ISO_DATE, _iso), (w.HOLIDAY, _holiday), (w.FULL_DATE, _full), (w.NEAR_MONTH, _near_month),
    (w.MONTH_DATE, _dated), (w.BARE_DAY, _bare_day), (w.WEEK, _week), (w.DAY, _near),
)  # fmt: skip
