"""A city's rules for notices (notices.toml): words, ways, quiet hours, limits, and how an alarm climbs."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from string import Formatter
from typing import Any, Final

from chengshu.kit.errors import CannotStart
from chengshu.notices.model import DANGER, ORDINARY, URGENT, Notice, Recipient, Way
from chengshu.notices.timing import Quiet, Rate, Retry

OTHER: Final = "other"
REPORTER: Final = "reporter"
CLIMBED: Final = "climbed"
FIELDS: Final = frozenset({"text", "number", "title", "place", "unit", "due", "at", "centre"})
EVENTS: Final = frozenset({
    OTHER, REPORTER, CLIMBED, "assigned", "overdue", "handover_lost", "handover_lost_leader", "handover_refused",
    "urgent_due", "urgent_report", "urgent_late", "urgent_late_above",
})  # fmt: skip
RUNGS: Final = frozenset({"duty", "leader", "above", "city"})
_HEADER = re.compile(r"^\s*\[\[template\]\]\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class Template:
    """Words for one event, one kind of recipient, one way."""

    event: str
    to: Recipient
    channel: Way
    text: str
    subject: str


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """A city's rules.

    Attributes:
        alarms: Events that must be acknowledged when their incident is urgent or a danger.
        every: Time between two reminders of an alarm; after the last rung `then`.
        rungs: Who is reminded at the second, third … time.
    """

    templates: Sequence[Template]
    quiet: Mapping[Way, Quiet]
    rates: Mapping[Way, Rate]
    retry: Retry
    alarms: frozenset[str]
    every: timedelta
    then: timedelta
    rungs: tuple[str, ...]

    def words(self, event: str) -> list[Template]:
        """Templates of an event; those of `other` where it has none of its own."""
        return [t for t in self.templates if t.event == event] or [
            t for t in self.templates if t.event == OTHER
        ]

    def level(self, notice: Notice) -> int:
        """How much it matters: as it says itself, or as its incident does where the event is an alarm."""
        if notice.level > ORDINARY or notice.unit is None or notice.event not in self.alarms:
            return notice.level
        return DANGER if notice.danger else URGENT if notice.urgency >= 3 else ORDINARY


def read_notices(path: Path) -> NoticeRules:
    """Read a city's rules.

    Raises:
        CannotStart: It cannot be read, or a template names a field, event, recipient or way that does
            not exist; the message names file and line.
    """
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError) as wrong:
        raise CannotStart(
            f"{path.name} 读不懂：{wrong}", f"cannot read {path.name}: {wrong}"
        ) from wrong
    templates = [_template(path, text, n, t) for n, t in enumerate(table.get("template", ()))]
    try:
        climb, retry = table["climb"], table["retry"]
        rules = NoticeRules(
            templates,
            {Way(c): _quiet(q) for c, q in table.get("quiet", {}).items()},
            {Way(c): Rate(int(r["most"]), timedelta(minutes=float(r["minutes"])))
             for c, r in table.get("rate", {}).items()},
            Retry(timedelta(seconds=float(retry["first_s"])), timedelta(seconds=float(retry["most_s"])),
                  int(retry["attempts"])),
            frozenset(climb["events"]),
            timedelta(minutes=float(climb["every_minutes"])),
            timedelta(minutes=float(climb["then_minutes"])),
            tuple(climb["rungs"]),
        )  # fmt: skip
        if strange := sorted((rules.alarms - EVENTS) | (set(rules.rungs) - RUNGS)):
            raise ValueError(f"unknown: {', '.join(strange)}")
        if rules.every <= timedelta(0) or rules.then <= timedelta(0) or not rules.rungs:
            raise ValueError("climb needs rungs and positive times")
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise CannotStart(f"{path.name} 有误：{wrong}", f"{path.name} is wrong: {wrong}") from wrong
    return rules


def _quiet(table: Mapping[str, Any]) -> Quiet:
    return Quiet(
        time.fromisoformat(table["from"]), time.fromisoformat(table["to"]), int(table["level"])
    )


def _template(path: Path, text: str, nth: int, table: Mapping[str, Any]) -> Template:
    try:
        made = Template(str(table["event"]), Recipient(table["to"]), Way(table["channel"]), str(table["text"]),
                        str(table.get("subject", "")))  # fmt: skip
        if made.event not in EVENTS:
            raise ValueError(f"unknown event {made.event}")
        if (made.to is Recipient.REPORTER) != (made.event == REPORTER):
            raise ValueError("reporters have the event «reporter», and nobody else has it")
        if (made.to is Recipient.HOOK) != (made.channel is Way.WEBHOOK):
            raise ValueError("hooks are reached by webhook, and nobody else is")
    except (KeyError, ValueError) as wrong:
        raise _at(path, _line(text, nth, ""), str(wrong)) from wrong
    for name in ("text", "subject"):
        for unknown in _fields(getattr(made, name)) - FIELDS:
            raise _at(
                path,
                _line(text, nth, name),
                f"未知字段 {{{unknown}}}",
                f"unknown field {{{unknown}}}",
            )
    return made


def _at(path: Path, line: int, chinese: str, english: str = "") -> CannotStart:
    return CannotStart(
        f"{path.name} 第 {line} 行：{chinese}", f"{path.name}, line {line}: {english or chinese}"
    )


def _fields(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        return {text}  # a brace without its partner


def _line(text: str, nth: int, name: str) -> int:
    """The line on which the nth template, or its field `name`, stands; 1 is the first."""
    lines = text.splitlines()
    headers = [n for n, line in enumerate(lines) if _HEADER.match(line)]
    if nth >= len(headers):
        return 1
    start = headers[nth]
    for n in range(start + 1, len(lines)):
        if lines[n].lstrip().startswith("["):
            break
        if name and re.match(rf"\s*{name}\s*=", lines[n]):
            return n + 1
    return start + 1
