"""Times as people and programs write them into tables; without a zone they are the city's clock."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta

from chengshu.kit.errors import Invalid
from chengshu.kit.times import SHANGHAI, as_local

_SERIAL_ZERO = datetime(1899, 12, 30, tzinfo=SHANGHAI)  # day 0 of a spreadsheet
_SERIALS = (36_526, 73_415)  # 2000 to 2100
_SECONDS = (946_684_800, 4_102_444_800)  # the same in seconds since 1970
_WRITTEN = re.compile(
    r"""(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?
    (?:\s*(?:星期|周)[一二三四五六日天])?
    (?:[T\s]*(?P<half>凌晨|早上|上午|中午|下午|傍晚|晚上|AM|PM)?\s*
       (?P<hour>\d{1,2})\s*(?:[:时点]\s*(?:(?P<minute>\d{1,2})\s*(?:[:分]\s*(?:(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?)?)?)
       \s*(?P<tail>AM|PM)?)?
    \s*(?P<zone>Z|[+-]\d{2}:?\d{2})?""",
    re.VERBOSE | re.IGNORECASE,
)
_RUN_TOGETHER = re.compile(
    r"(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
)
_AFTERNOON = frozenset({"中午", "下午", "傍晚", "晚上", "PM"})


def read_time(value: object) -> datetime:
    """The instant that a cell names.

    Raises:
        Invalid: It cannot be read, or there is no such day.

    Examples:
        >>> read_time("2017年6月8日 17时31分").isoformat()
        '2017-06-08T17:31:00+08:00'
        >>> read_time(42894.73).isoformat(timespec="minutes")
        '2017-06-08T17:31+08:00'
    """
    try:
        found = _read(value)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise Invalid(
            "time", f"时间“{str(value)[:40]}”读不懂", f"cannot read the time “{str(value)[:40]}”"
        )
    return found


def _read(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return as_local(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(float(value))
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if found := _RUN_TOGETHER.fullmatch(text) or _WRITTEN.fullmatch(text):
        return _parts(found.groupdict())
    return _number(float(text)) if re.fullmatch(r"\d{5,13}(\.\d+)?", text) else None


def _number(value: float) -> datetime | None:
    """A spreadsheet's day number, or seconds or milliseconds since 1970."""
    if _SERIALS[0] <= value < _SERIALS[1]:
        return _SERIAL_ZERO + timedelta(seconds=round(value * 86_400))
    seconds = value / 1000 if value >= 10 * _SECONDS[1] else value
    if _SECONDS[0] <= seconds < _SECONDS[1]:
        return datetime.fromtimestamp(seconds, UTC)
    # 20170608 as a number, not as text
    found = _RUN_TOGETHER.fullmatch(f"{value:.0f}")
    return _parts(found.groupdict()) if found else None


def _parts(said: dict[str, str | None]) -> datetime:
    hour, minute, second = (int(said.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (said.get("half") or said.get("tail") or "").upper()
    if half in _AFTERNOON and hour < 12 and not (half == "中午" and hour > 10):
        hour += 12
    if half in ("AM", "凌晨") and hour == 12:
        hour = 0
    ends_day = hour == 24 and minute == second == 0
    zone = said.get("zone")
    day = datetime(
        int(said["year"] or 0), int(said["month"] or 0), int(said["day"] or 0), 0 if ends_day else hour, minute, second,
        tzinfo=datetime.fromisoformat(f"2000-01-01T00:00{zone.upper()}").tzinfo if zone else SHANGHAI,
    )  # fmt: skip
    return day + timedelta(days=1) if ends_day else day
