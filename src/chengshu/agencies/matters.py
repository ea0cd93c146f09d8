"""The responsibility list (事项职责清单): what is reported, who leads, and by when."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from chengshu.agencies.model import Tier
from chengshu.kit.errors import CannotStart

OTHER = "other"


class Span(StrEnum):
    """In what a time limit is counted."""

    HOURS = "hours"
    WORKING_HOURS = "working_hours"
    WORKING_DAYS = "working_days"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit: so many hours, working hours, days or working days."""

    amount: int
    span: Span

    def text(self) -> str:
        """As people say it."""
        unit = {
            "hours": "小时",
            "working_hours": "工作小时",
            "working_days": "个工作日",
            "days": "天",
        }[self.span]
        return f"{self.amount} {unit}"


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of thing that is reported.

    Attributes:
        path: Its three levels of class.
        keywords: Words that speak for it, with their weights.
        lead: Line of business that leads; empty when the place's own centre does.
        window: How long reports of one happening keep coming.
    """

    id: str
    name: str
    name_en: str
    path: tuple[str, ...]
    domain: str
    keywords: Mapping[str, float]
    lead: str
    tier: Tier
    assist: tuple[str, ...]
    urgency: int
    danger: bool
    sign_within: timedelta
    limit: Limit
    window: timedelta
    chronic: bool


def read_matters(path: Path) -> dict[str, Matter]:
    """Read a city's list.

    Raises:
        CannotStart: It cannot be read; the message names the entry and what is wrong with it.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["matter"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as wrong:
        raise CannotStart(
            f"{path.name} 读不懂：{wrong}", f"cannot read {path.name}: {wrong}"
        ) from wrong
    matters: dict[str, Matter] = {}
    for number, table in enumerate(tables, 1):
        name = table.get("id", f"#{number}")
        try:
            matter = matter_of(table)
        except (KeyError, TypeError, ValueError) as wrong:
            raise CannotStart(
                f"{path.name} 第 {number} 项({name})有误：{wrong}",
                f"{path.name}, entry {number} ({name}): {wrong}",
            ) from wrong
        if matter.id in matters:
            raise CannotStart(
                f"{path.name}：事项 {name} 重复", f"{path.name}: the matter {name} stands twice"
            )
        matters[matter.id] = matter
    if OTHER not in matters:
        raise CannotStart(f"{path.name} 缺少事项 {OTHER}", f"{path.name} lacks the matter {OTHER}")
    return matters


def matter_of(table: Mapping[str, Any]) -> Matter:
    """One matter from its table.

    Raises:
        KeyError, TypeError, ValueError: A key is missing or its value cannot be used.
    """
    urgency = int(table["urgency"])
    if not 1 <= urgency <= 3:
        raise ValueError("urgency is 1, 2 or 3")
    limit = table["limit"]
    span = limit["unit"]
    if span == "hours" and limit.get("calendar") == "working":
        span = Span.WORKING_HOURS
    return Matter(
        id=table["id"],
        name=table["name"],
        name_en=table["name_en"],
        path=tuple(table["path"]),
        domain=table["domain"],
        keywords={str(k): float(v) for k, v in table["keywords"].items()},
        lead=table["lead"],
        tier=Tier(table["tier"]),
        assist=tuple(table["assist"]),
        urgency=urgency,
        danger=bool(table["danger"]),
        sign_within=timedelta(hours=float(table["sign_hours"])),
        limit=Limit(int(limit["amount"]), Span(span)),
        window=timedelta(hours=float(table["window_hours"])),
        chronic=bool(table["chronic"]),
    )
