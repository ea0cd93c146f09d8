"""A report and whoever made it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chengshu.kit.errors import Invalid

MAX_TEXT = 100_000
_EARLIEST_YEAR = 2000
_CLOCK_SKEW = timedelta(minutes=10)
_BLANKS = re.compile(r"[ \t\u3000]+")


class Nature(StrEnum):
    """What a citizen wants (诉求类型)."""

    INQUIRY = "inquiry"  # 咨询
    HELP = "help"  # 求助
    COMPLAINT = "complaint"  # 投诉
    DENUNCIATION = "denunciation"  # 举报
    SUGGESTION = "suggestion"  # 建议
    PRAISE = "praise"  # 表扬


class Channel(StrEnum):
    """The ways in."""

    HOTLINE = "hotline"  # 12345 热线
    POLICE110 = "police110"  # 110 非警务移交
    WEB = "web"  # 公众网页
    GRID = "grid"  # 网格员
    OTHER = "other"  # 其他系统
    TABLE = "table"  # 表格导入


@dataclass(frozen=True, slots=True)
class Reporter:
    """Personal data: kept apart, sealed, masked.

    Attributes:
        identity: Number of an identity document, when a matter needs it.
    """

    name: str = ""
    phone: str = ""
    identity: str = ""

    def masked(self) -> str:
        """What may be shown without a reason: 陈** 138****0000."""
        name = self.name[:1] + "**" if self.name else ""
        digits = re.sub(r"\D", "", self.phone)
        phone = (
            f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 11 else ("****" if digits else "")
        )
        return f"{name} {phone}".strip()


@dataclass(frozen=True, slots=True)
class Report:
    """线索: one message, never edited.

    Attributes:
        source: Whose numbering `channel_id` belongs to; unique together with the channel.
        said_at: When the reporter said it; imported reports keep their own time.
        received_at: When we got it; clocks start here.
        area: Code of the deepest area known from place, position or words; the city's own
            code when nothing is known.
        lon, lat: WGS-84 degrees, None when not given.
        caller: Keyed hash of the phone number, empty when unknown or anonymous.
    """

    id: int
    channel: Channel
    source: str
    channel_id: str
    received_at: datetime
    said_at: datetime
    title: str
    text: str
    nature: Nature
    place: str
    area: int
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None
    caller: str = ""
    anonymous: bool = False
    confidential: bool = False
    imported: bool = False
    recording: str = ""
    taken_by: int | None = None
    unit: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def clean(text: str) -> str:
    """Text as it may be stored: no control characters, no halves of characters, no runs of blanks."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if (
        not text.replace("\n", "").replace("\t", "").replace("\u3000", "").isprintable()
    ):  # hardly ever
        text = "".join(
            c
            for c in text
            if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn")
        )
    return _BLANKS.sub(" ", text).strip()


def check_said_at(said_at: datetime, now: datetime) -> datetime:
    """Refuse times that cannot be: in the future, or before this century.

    Raises:
        Invalid: With the time in the sentence.
    """
    if said_at > now + _CLOCK_SKEW:
        raise Invalid(
            "said_at",
            f"时间 {said_at:%Y-%m-%d %H:%M} 在未来",
            f"the time {said_at:%Y-%m-%d %H:%M} is in the future",
        )
    if said_at.year < _EARLIEST_YEAR:
        raise Invalid(
            "said_at", f"时间 {said_at:%Y-%m-%d} 太早", f"the time {said_at:%Y-%m-%d} is too early"
        )
    return min(said_at, now)
