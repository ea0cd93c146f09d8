"""A template filled with a notice's facts."""

from __future__ import annotations

from datetime import datetime

from chengshu.kit.times import local
from chengshu.notices.model import Notice

_QUIET_TITLE = "保密件"
_QUIET_TEXT = "有一件保密件需要处理，请登录系统查看"
_LONGEST = 1000


def fill(text: str, notice: Notice, unit: str, centre: str) -> str:
    """The words of one message. Of a confidential matter only its number leaves the house."""
    return text.format_map({
        "text": _QUIET_TEXT if notice.quiet else notice.text,
        "number": notice.number,
        "title": _QUIET_TITLE if notice.quiet else notice.title,
        "place": "" if notice.quiet else notice.place,
        "unit": unit,
        "due": _clock(notice.due_at),
        "at": _clock(notice.at),
        "centre": centre,
    })[:_LONGEST]  # fmt: skip


def _clock(at: datetime | None) -> str:
    if at is None:
        return "—"
    there = local(at)
    return f"{there.month}月{there.day}日{there:%H:%M}"
