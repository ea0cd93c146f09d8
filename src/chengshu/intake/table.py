"""表格导入: one row of an old system's export as a report that keeps its own time."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from chengshu.intake.columns import Column
from chengshu.intake.form import Taker
from chengshu.intake.model import MAX_TEXT, Channel, Nature, Report, Reporter, check_said_at, clean
from chengshu.intake.sheet import cell_text
from chengshu.intake.submit import caller_hash
from chengshu.intake.where import Datum, area_of, point_of, where
from chengshu.intake.written_time import read_time
from chengshu.kit.errors import Invalid
from chengshu.kit.ids import new_id
from chengshu.places import Point

_NATURES = {
    "咨询": Nature.INQUIRY, "求助": Nature.HELP, "求决": Nature.HELP, "投诉": Nature.COMPLAINT,
    "举报": Nature.DENUNCIATION, "建议": Nature.SUGGESTION, "意见": Nature.SUGGESTION,
    "表扬": Nature.PRAISE, "感谢": Nature.PRAISE, **{n.value: n for n in Nature},
}  # fmt: skip
_YES = frozenset({"是", "1", "true", "yes", "y", "匿名", "保密", "√"})
_NO = frozenset({"否", "0", "false", "no", "n", "不匿名", "不保密", "公开", "实名", ""})
_LONGEST = {Column.ID: 200, Column.TITLE: 200, Column.PLACE: 500, Column.TEXT: MAX_TEXT, Column.NAME: 80,
            Column.PHONE: 40, Column.AREA: 200, Column.CHANNEL: 200, Column.NATURE: 200}  # fmt: skip
_SAID = {Column.ID: "编号", Column.TITLE: "标题", Column.PLACE: "地址", Column.TEXT: "内容", Column.NAME: "姓名",
         Column.PHONE: "电话", Column.AREA: "区域", Column.CHANNEL: "渠道", Column.NATURE: "性质",
         Column.LON: "经度", Column.LAT: "纬度", Column.ANONYMOUS: "匿名", Column.CONFIDENTIAL: "保密"}  # fmt: skip


def report_of_row(cells: Mapping[Column, object], taker: Taker, *, datum: Datum = "wgs84",
                  nature: Nature = Nature.HELP) -> tuple[Report, Reporter | None]:  # fmt: skip
    """Read a row.

    Args:
        nature: Of rows that name none.

    Raises:
        Invalid: A cell cannot be read; the sentence quotes it.
    """
    said = {column: _text(column, cells.get(column)) for column in _LONGEST}
    text = said[Column.TEXT] or said[Column.TITLE]
    if not text:
        raise Invalid("text", "没有内容", "there is no text")
    extra: dict[str, Any] = {"channel": said[Column.CHANNEL]} if said[Column.CHANNEL] else {}
    said_at = _said_at(cells.get(Column.TIME), taker.now)
    if said_at is None:
        extra["no_time"] = True
    kind = _nature(said[Column.NATURE])
    if kind is None and said[Column.NATURE]:
        extra["category"] = said[Column.NATURE]
    point = _point(cells.get(Column.LON), cells.get(Column.LAT), datum)
    area, outside = _area(taker, said, point, text)
    if outside:
        extra["outside"] = True
    anonymous = _yes(Column.ANONYMOUS, cells.get(Column.ANONYMOUS))
    reporter = Reporter(said[Column.NAME], said[Column.PHONE])
    known = not anonymous and bool(reporter.name or reporter.phone)
    report = Report(
        id=new_id(), channel=Channel.TABLE, source=taker.source, channel_id=said[Column.ID],
        received_at=taker.now, said_at=said_at or taker.now, title=said[Column.TITLE], text=text,
        nature=kind or nature, place=said[Column.PLACE], area=area,
        lon=point.lon if point else None, lat=point.lat if point else None,
        caller=caller_hash(taker.keyring, reporter.phone) if known else "", anonymous=anonymous,
        confidential=_yes(Column.CONFIDENTIAL, cells.get(Column.CONFIDENTIAL)), imported=True, extra=extra,
    )  # fmt: skip
    if not report.channel_id:
        report = replace(report, channel_id=_number(report, said_at, said))
    return report, reporter if known else None


def _number(report: Report, said_at: datetime | None, said: Mapping[Column, str]) -> str:
    """A number made of the content, for rows without one."""
    when = said_at.isoformat() if said_at else ""
    parts = [when, report.title, report.text, report.place, said[Column.NAME], said[Column.PHONE],
             report.lon, report.lat]  # fmt: skip
    return "h" + sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _text(column: Column, value: object) -> str:
    text = clean(cell_text(value))
    if len(text) > _LONGEST[column]:
        raise Invalid(
            column,
            f"{_SAID[column]}太长：{len(text)} 字，最多 {_LONGEST[column]} 字",
            f"{column} is too long: {len(text)} letters, at most {_LONGEST[column]}",
        )
    return text


def _said_at(value: object, now: datetime) -> datetime | None:
    """When it was said; None when the cell is empty."""
    if not cell_text(value).strip():
        return None
    return check_said_at(read_time(value), now).astimezone(UTC)


def _nature(words: str) -> Nature | None:
    """The first nature that the words name: 投诉举报 is a complaint.

    >>> _nature("投诉举报"), _nature("城市管理")
    (<Nature.COMPLAINT: 'complaint'>, None)
    """
    places = {
        kind: words.lower().find(word) for word, kind in _NATURES.items() if word in words.lower()
    }
    return min(places, key=lambda kind: places[kind]) if places else None


def _area(
    taker: Taker, said: Mapping[Column, str], point: Point | None, text: str
) -> tuple[int, bool]:
    area = said[Column.AREA]
    code = area if area.isdecimal() and len(area) == 15 else None
    if code is not None:
        area_of(taker.locator, code)
    place = f"{'' if code else area} {said[Column.PLACE]}".strip()
    return where(
        taker.locator, place=place, text=f"{said[Column.TITLE]} {text}", point=point, area=code
    )


def _point(lon: object, lat: object, datum: Datum) -> Point | None:
    """A position; 0 and 0 is how many systems write that there is none."""
    x, y = _degrees(Column.LON, lon), _degrees(Column.LAT, lat)
    if not x and not y:
        return None
    if x is not None and y is not None and not (-180 <= x <= 180 and -90 <= y <= 90):
        hint = "(可能写反了)" if -90 <= x <= 90 and -180 <= y <= 180 else ""
        raise Invalid(
            "lon", f"经纬度 {x:g}, {y:g} 不在地球上{hint}", f"{x:g}, {y:g} is not on Earth"
        )
    return point_of(x, y, datum)


def _degrees(column: Column, value: object) -> float | None:
    text = unicodedata.normalize("NFKC", cell_text(value)).strip().rstrip("°")
    if not text:
        return None
    try:
        degrees = float(text)
    except ValueError:
        degrees = math.nan
    if not math.isfinite(degrees):
        raise Invalid(
            column, f"{_SAID[column]}“{text[:40]}”读不懂", f"cannot read {column} “{text[:40]}”"
        )
    return degrees


def _yes(column: Column, value: object) -> bool:
    text = unicodedata.normalize("NFKC", cell_text(value)).strip().lower()
    if text not in _YES and text not in _NO:
        raise Invalid(
            column,
            f"{_SAID[column]}“{text[:40]}”读不懂，请写是或否",
            f"cannot read {column} “{text[:40]}”",
        )
    return text in _YES
