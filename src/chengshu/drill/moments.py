"""How people say when something was, seen from the moment they report it."""

from datetime import datetime
from random import Random
from typing import Final

_DIGITS: Final = "零一二三四五六七八九"
_WEEKDAYS: Final = "一二三四五六日"
_PARTS: Final = ((5, "凌晨"), (8, "早上"), (11, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
_JUST_NOW_MIN: Final = 25


def spoken_number(value: int) -> str:
    """A number below 100 as people say it.

    Examples:
        >>> [spoken_number(value) for value in (2, 10, 15, 20, 31)]
        ['两', '十', '十五', '二十', '三十一']
    """
    if value == 2:
        return "两"
    tens, units = divmod(value, 10)
    if not tens:
        return _DIGITS[units]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[units] if units else "")


def part_of_day(at: datetime) -> str:
    """凌晨, 早上, 上午, 中午, 下午 or 晚上."""
    return next(word for until, word in _PARTS if at.hour < until)


def clock(at: datetime, rng: Random) -> str:
    """An hour as people say it: 八点多, 八点左右, 八点半, 8点20."""
    hour = at.hour % 12 or 12
    if rng.random() < 0.2:
        return f"{at.hour}点{at.minute:02d}"
    if 25 <= at.minute < 40:
        return f"{spoken_number(hour)}点半"
    return spoken_number(hour) + rng.choice(("点多", "点左右", "点钟", "点来钟"))


def when_phrase(seen_at: datetime, said_at: datetime, rng: Random) -> str:
    """Words for `seen_at`, spoken at `said_at`; both in local time."""
    minutes = (said_at - seen_at).total_seconds() / 60
    days = (said_at.date() - seen_at.date()).days
    if minutes < _JUST_NOW_MIN:
        return rng.choice(("刚才", "刚刚", "这会儿", "几分钟前"))
    part = part_of_day(seen_at)
    if days == 0:
        return _today(seen_at, round(minutes / 60), part, rng)
    if days <= 2:
        day = "昨天" if days == 1 else "前天"
        if part == "晚上" and days == 1:
            return rng.choice(("昨晚", "昨天夜里", "昨儿晚上")) + _maybe(clock(seen_at, rng), rng)
        return f"{day}{part}" + _maybe(clock(seen_at, rng), rng)
    return _days_ago(seen_at, days, part, rng)


def _today(seen_at: datetime, hours: int, part: str, rng: Random) -> str:
    ago = f"{spoken_number(hours)}个小时前" if 1 <= hours <= 6 else "半个多钟头前"
    today = {"早上": "今早", "晚上": "今晚"}.get(part, f"今天{part}")
    full = today + clock(seen_at, rng)
    return rng.choice((full, full, today, ago if hours <= 6 else full))


def _days_ago(seen_at: datetime, days: int, part: str, rng: Random) -> str:
    dated = f"{seen_at.month}月{seen_at.day}号{part}"
    if days < 7:
        week = f"礼拜{_WEEKDAYS[seen_at.weekday()].replace('日', '天')}"
        return rng.choice((dated, week + part, f"{spoken_number(days)}天前"))
    weeks = f"{spoken_number(days // 7)}个礼拜前"
    return rng.choice((dated, dated, weeks))


def _maybe(word: str, rng: Random) -> str:
    return word if rng.random() < 0.6 else ""
