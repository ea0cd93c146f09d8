"""A row as plain values, from a file, a table or a form, into a Duty and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from chengshu.agencies.duties.model import Basis, Duty, DutyStage, Limits
from chengshu.agencies.matters import Limit, Span
from chengshu.agencies.model import Tier

LIMITS = ("sign", "contact", "normal", "urgent", "very_urgent")
KEYS = frozenset({"matter", "area", "stage", "tier", "lead", "assist", "basis", "file_when", "close_when",
                  "file_when_en", "close_when_en", "limits", "valid_from", "valid_to", "not"})  # fmt: skip
_ARTICLE = re.compile(
    r"第[〇零一二三四五六七八九十百千]+条(之[一二三四五六七八九十]+)?(第[一二三四五六七八九十]+[款项])*"
)
_LIMIT = re.compile(r"(\d{1,4})\s*([a-z_]+)")
_LONGEST = 400
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One value that cannot be read."""

    field: str
    chinese: str
    english: str


class Unreadable(ValueError):
    """A value cannot be read; carries both sentences."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(english)
        self.chinese, self.english = chinese, english


def read_duty(row: Mapping[str, Any]) -> Duty | list[Wrong]:
    """Read a row.

    Args:
        row: Keys as in the files; values as TOML, JSON or a table's text gives them.

    Returns:
        The duty, or every value that cannot be read.
    """
    wrong = [Wrong(key, "没有这个字段", "there is no such key") for key in sorted(set(row) - KEYS)]

    def take(key: str, read: Callable[[Any], _T], default: _T) -> _T:
        try:
            return read(row.get(key))
        except Unreadable as why:
            wrong.append(Wrong(key, why.chinese, why.english))
            return default

    nothing = Limit(1, Span.HOURS)
    duty = Duty(
        matter=take("matter", _word, ""),
        stage=take("stage", lambda v: _choice(DutyStage, v), DutyStage.HANDLE),
        tier=take("tier", lambda v: _choice(Tier, v), Tier.COUNTY),
        lead=take("lead", _word, ""),
        assist=take("assist", _words, ()),
        basis=take("basis", _bases, ()),
        file_when=take("file_when", _sentence, ""),
        close_when=take("close_when", _sentence, ""),
        limits=take("limits", _limits, Limits(nothing, nothing, nothing, nothing, nothing)),
        valid_from=take("valid_from", _day, date.min),
        valid_to=take("valid_to", lambda v: None if v in (None, "") else _day(v), None),
        areas=take("area", _areas, ()),
        excludes=take("not", _words, ()),
        file_when_en=take("file_when_en", _remark, ""),
        close_when_en=take("close_when_en", _remark, ""),
    )
    return wrong or duty


def as_row(duty: Duty) -> dict[str, Any]:
    """The row as JSON holds it; `read_duty` reads it back."""
    row: dict[str, Any] = {
        "matter": duty.matter, "stage": str(duty.stage), "tier": str(duty.tier), "lead": duty.lead,
        "area": [str(a) for a in duty.areas], "assist": list(duty.assist),
        "basis": [{"document": b.document, "article": b.article, "edition": b.edition, "checked": b.checked}
                  for b in duty.basis],
        "file_when": duty.file_when, "close_when": duty.close_when,
        "file_when_en": duty.file_when_en, "close_when_en": duty.close_when_en,
        "limits": {name: limit_text(getattr(duty.limits, name)) for name in LIMITS},
        "valid_from": duty.valid_from.isoformat(),
        "valid_to": duty.valid_to.isoformat() if duty.valid_to else None,
        "not": list(duty.excludes),
    }  # fmt: skip
    return row


def limit_text(limit: Limit) -> str:
    """A limit as files write it, such as «5 working_days»."""
    return f"{limit.amount} {limit.span}"


def read_limit(value: Any) -> Limit:
    """A limit from its text.

    Raises:
        Unreadable: It is no amount with a unit.

    >>> read_limit("5 working_days").amount
    5
    """
    found = _LIMIT.fullmatch(str(value or "").strip())
    if found is None or found[2] not in tuple(Span) or int(found[1]) == 0:
        units = "、".join(Span)
        raise Unreadable(f"时限“{value}”读不懂，应如 5 working_days（单位：{units}）",
                         f"cannot read the limit “{value}”: write 5 working_days ({', '.join(Span)})")  # fmt: skip
    return Limit(int(found[1]), Span(found[2]))


def read_basis(text: str) -> Basis:
    """A citation from one line: document, edition in brackets, article; `?` behind it: not looked up.

    Raises:
        Unreadable: There is no article in it.

    >>> read_basis("噪声污染防治法 第六十四条").article
    '第六十四条'
    """
    said = text.strip()
    checked = not said.endswith("?")
    found = re.fullmatch(r"《?(.+?)》?\s*(?:[（(](\d{4})[）)])?\s*(第\S+)", said.rstrip("? "))
    if found is None:
        raise Unreadable(
            f"依据“{said}”读不懂，应写文件名和条号",
            f"cannot read the basis “{said}”: document and article",
        )
    return _basis(
        {"document": found[1], "edition": found[2] or "", "article": found[3], "checked": checked}
    )


def _basis(value: Any) -> Basis:
    if isinstance(value, str):
        return read_basis(value)
    if not isinstance(value, Mapping):
        raise Unreadable("依据应写文件名和条号", "a basis is a document and an article")
    document, article = (
        str(value.get("document", "")).strip(),
        str(value.get("article", "")).strip(),
    )
    if not document:
        raise Unreadable("依据缺少文件名", "a basis lacks its document")
    if not _ARTICLE.fullmatch(article):
        raise Unreadable(f"《{document}》的条号“{article}”读不懂，应如 第十四条",
                         f"“{article}” of {document} is no article such as 第十四条")  # fmt: skip
    return Basis(
        document, article, str(value.get("edition", "") or ""), bool(value.get("checked", True))
    )


def _bases(value: Any) -> tuple[Basis, ...]:
    listed = (
        [part for part in value.split(";") if part.strip()] if isinstance(value, str) else value
    )
    if not listed or not isinstance(listed, list | tuple):
        raise Unreadable("缺少法律依据", "the legal basis is missing")
    return tuple(_basis(one) for one in listed)


def _limits(value: Any) -> Limits:
    if not isinstance(value, Mapping):
        raise Unreadable("缺少时限", "the limits are missing")
    missing = [name for name in LIMITS if not value.get(name)]
    if missing:
        raise Unreadable(
            f"缺少时限：{'、'.join(missing)}", f"limits are missing: {', '.join(missing)}"
        )
    if unknown := sorted(set(value) - set(LIMITS)):
        raise Unreadable(
            f"没有这种时限：{'、'.join(unknown)}", f"there is no such limit: {', '.join(unknown)}"
        )
    return Limits(*(read_limit(value[name]) for name in LIMITS))


def _word(value: Any) -> str:
    said = str(value or "").strip()
    if not said or len(said) > 80:
        raise Unreadable(
            "不能为空" if not said else "太长", "must not be empty" if not said else "is too long"
        )
    return said


def _words(value: Any) -> tuple[str, ...]:
    if value in (None, ""):
        return ()
    parts = re.split(r"[;；、,，]", value) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise Unreadable("应是一串名称", "must be a list of names")
    return tuple(dict.fromkeys(str(p).strip() for p in parts if str(p).strip()))


def _sentence(value: Any) -> str:
    said = str(value or "").strip()
    if len(said) < 6 or len(said) > _LONGEST:
        raise Unreadable(
            f"要写清楚，6 到 {_LONGEST} 字", f"must be said in 6 to {_LONGEST} letters"
        )
    return said


def _remark(value: Any) -> str:
    said = str(value or "").strip()
    if len(said) > 2 * _LONGEST:
        raise Unreadable(f"最多 {2 * _LONGEST} 字", f"at most {2 * _LONGEST} letters")
    return said


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    said = str(value or "").strip().replace("/", "-")[:10]
    try:
        return date(*(int(part) for part in said.split("-")))
    except (ValueError, TypeError) as why:
        raise Unreadable(f"日期“{value}”读不懂，应如 2026-01-01",
                         f"cannot read the date “{value}”: write 2026-01-01") from why  # fmt: skip


def _areas(value: Any) -> tuple[int, ...]:
    if value in (None, "", "city", [], ()):
        return ()
    parts = re.split(r"[;；、,，\s]+", value) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        parts = [value]
    try:
        return tuple(sorted({int(part) for part in parts if str(part).strip()}))
    except ValueError as why:
        raise Unreadable(f"区域“{value}”读不懂，应为区划代码或 city",
                         f"cannot read the area “{value}”: codes, or city") from why  # fmt: skip


_E = TypeVar("_E", bound=StrEnum)


def _choice(kind: type[_E], value: Any) -> _E:
    try:
        return kind(str(value or "").strip())
    except ValueError as why:
        known = "、".join(kind)
        raise Unreadable(f"“{value or ''}”不在可选值内：{known}",
                         f"“{value or ''}” is none of {', '.join(kind)}") from why  # fmt: skip
