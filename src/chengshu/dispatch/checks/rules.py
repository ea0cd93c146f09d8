"""A city's rules of checking (checks.toml): evidence, inspections, scripts, score sheets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.matters import Limit, Matter, Span
from chengshu.dispatch.checks.model import CheckKind
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.workflow import Why
from chengshu.kit.errors import CannotStart
from chengshu.kit.times import local

FULL: Final = 100


@dataclass(frozen=True, slots=True)
class Script:
    """话术: what is said and asked at a call-back.

    Attributes:
        paths: For matters under these first classes; empty: for every other.
    """

    id: str
    opening: str
    questions: tuple[str, ...]
    paths: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One line of a score sheet; the points of a sheet sum to 100."""

    id: str
    name: str
    name_en: str
    points: int


_SCRIPT: Final = Script(
    "general", "您好，这里是指挥中心，就您反映的事项回访。", ("事情办好了吗？", "您满意吗？")
)
_ONE_DAY: Final = Limit(1, Span.WORKING_DAYS)
_THREE_DAYS: Final = Limit(3, Span.WORKING_DAYS)
_REPLY: Final = (SheetItem("reply", "答复质量", "Quality of the reply", FULL),)
_CALL: Final = (SheetItem("call", "回访质量", "Quality of the call", FULL),)


@dataclass(frozen=True, slots=True)
class CheckRules:
    """How a city checks.

    Attributes:
        on_site: First classes of matters that are handled on the spot: a reply needs a photo or a document.
        evidence: Matters for which it is otherwise, whether they need it.
        sample_percent: Of the closed orders, how many are looked at once more.
        inspect: How long an inspection may take.
        attempts: How often somebody rings before it counts as no answer.
        again_after: How long to wait between two attempts.
        channels: Reports of these channels are called back about.
        archive_after: When a closed order with nothing open is archived by itself.
    """

    on_site: frozenset[str] = frozenset()
    evidence: Mapping[str, bool] = field(default_factory=dict)
    sample_percent: int = 5
    inspect: Limit = _ONE_DAY
    call: Limit = _THREE_DAYS
    attempts: int = 3
    again_after: timedelta = timedelta(hours=4)
    channels: tuple[str, ...] = ("hotline", "web")
    archive_after: timedelta = timedelta(days=15)
    scripts: Sequence[Script] = (_SCRIPT,)
    reply_sheet: Sequence[SheetItem] = _REPLY
    call_sheet: Sequence[SheetItem] = _CALL

    def needs_evidence(self, matter: Matter) -> bool:
        """Whether a reply about this matter is proved by a file or a document."""
        known = self.evidence.get(matter.id)
        return known if known is not None else _first(matter) in self.on_site

    def why_not_reply(self, matter: Matter, files: int, document: str) -> Why | None:
        """Why a reply is not enough; None: it is."""
        if files or document.strip() or not self.needs_evidence(matter):
            return None
        return Why(
            f"{matter.name}要到现场办理，反馈请附现场照片或写明文书号",
            f"{matter.name_en} is handled on the spot: attach a photo, or give the number of a document",
        )

    def kind(self, matter: Matter) -> CheckKind:
        """Who looks: a grid worker where something can be seen, else the centre."""
        return CheckKind.GRID if self.needs_evidence(matter) else CheckKind.CENTRE

    def sampled(self, order: int, handling: int) -> bool:
        """Whether a closed order is looked at once more; the same answer for the same closing.

        Nobody can choose the number of an order, and the hash tells nothing about the next one.
        """
        drawn = blake2b(f"sample/{order}/{handling}".encode(), digest_size=8).digest()
        return int.from_bytes(drawn, "big") % 100 < self.sample_percent

    def script_of(self, matter: Matter | None) -> Script:
        """The script for a matter: the one that names its class before the general one."""
        first = _first(matter) if matter else ""
        named = next((s for s in self.scripts if first in s.paths), None)
        return named or next(s for s in self.scripts if not s.paths)

    def inspect_by(self, now: datetime, calendar: WorkCalendar) -> datetime:
        """By when an inspection is done."""
        return due_at(local(now), self.inspect, calendar)

    def call_by(self, now: datetime, calendar: WorkCalendar) -> datetime:
        """By when a call-back is done."""
        return due_at(local(now), self.call, calendar)


def _first(matter: Matter) -> str:
    return matter.path[0] if matter.path else ""


def total(sheet: Sequence[SheetItem], scores: Mapping[str, int]) -> Why | int:
    """The sum of a filled sheet, 0..100; or what is wrong with it."""
    points = {item.id: item.points for item in sheet}
    if set(scores) != set(points):
        names = "、".join(item.name for item in sheet)
        return Why(f"评分表要逐项打分：{names}", f"score each of: {', '.join(points)}")
    for item in sheet:
        if not 0 <= scores[item.id] <= item.points:
            return Why(
                f"{item.name}为 0 到 {item.points} 分", f"{item.name_en}: 0 to {item.points} points"
            )
    return sum(scores.values())


def read_checks(path: Path, matters: Mapping[str, Matter]) -> CheckRules:
    """Read a city's rules; a city without the file has the defaults.

    Raises:
        CannotStart: It cannot be read, or names what does not exist.
    """
    if not path.is_file():
        return CheckRules()
    try:
        return _rules(tomllib.loads(path.read_text("utf-8")), matters)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise CannotStart(f"{path.name} 有误：{wrong}", f"{path.name}: {wrong}") from wrong


def _rules(table: Mapping[str, Any], matters: Mapping[str, Matter]) -> CheckRules:
    evidence, inspection, call = table["evidence"], table["inspection"], table["callback"]
    named = {str(k): bool(v) for k, v in evidence.get("matters", {}).items()}
    if unknown := sorted(set(named) - set(matters)):
        raise ValueError(f"unknown matters: {', '.join(unknown)}")
    paths = {_first(m) for m in matters.values()}
    scripts = tuple(_script(s, paths) for s in call["script"])
    if sum(not s.paths for s in scripts) != 1:
        raise ValueError("exactly one script is for every matter")
    percent, attempts = int(inspection["sample_percent"]), int(call["attempts"])
    if not 0 <= percent <= FULL or not 1 <= attempts <= 9:
        raise ValueError("sample_percent is 0 to 100, attempts 1 to 9")
    return CheckRules(
        on_site=_known(evidence["on_site"], paths),
        evidence=named,
        sample_percent=percent,
        inspect=_limit(inspection["limit"]),
        call=_limit(call["limit"]),
        attempts=attempts,
        again_after=timedelta(hours=float(call["again_hours"])),
        channels=tuple(str(c) for c in call["channels"]),
        archive_after=timedelta(days=float(table["archive"]["after_days"])),
        scripts=scripts,
        reply_sheet=_sheet(table["sheet"]["reply"]),
        call_sheet=_sheet(table["sheet"]["call"]),
    )


def _known(names: Sequence[str], paths: set[str]) -> frozenset[str]:
    if unknown := sorted(set(names) - paths):
        raise ValueError(f"no matter stands under {', '.join(unknown)}")
    return frozenset(names)


def _script(table: Mapping[str, Any], paths: set[str]) -> Script:
    return Script(
        str(table["id"]), str(table["opening"]), tuple(str(q) for q in table["questions"]),
        _known(table.get("paths", ()), paths),
    )  # fmt: skip


def _sheet(tables: Sequence[Mapping[str, Any]]) -> tuple[SheetItem, ...]:
    items = tuple(
        SheetItem(str(t["id"]), str(t["name"]), str(t["name_en"]), int(t["points"])) for t in tables
    )
    if sum(i.points for i in items) != FULL or len({i.id for i in items}) != len(items):
        raise ValueError("a score sheet has different items whose points sum to 100")
    return items


def _limit(table: Mapping[str, Any]) -> Limit:
    limit = Limit(int(table["amount"]), Span(table["unit"]))
    if limit.amount <= 0:
        raise ValueError("a limit must be positive")
    return limit
