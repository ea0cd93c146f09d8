"""A city's rules for statutory replies (replies.toml): which holds, and when its clocks end."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.replies.model import OWED, ReplyRule
from chengshu.intake.model import Nature
from chengshu.kit.errors import CannotStart
from chengshu.kit.times import local


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """The rules of a city; without any, nothing is owed."""

    rules: Sequence[ReplyRule] = ()

    def holding(self, nature: Nature, matter: str) -> ReplyRule | None:
        """The rule for a report of this nature and matter: the one that names the matter before the general one."""
        own = [r for r in self.rules if r.nature is nature]
        named = next((r for r in own if matter in r.matters), None)
        return named or next((r for r in own if not r.matters), None)

    def named(self, rule_id: str, nature: Nature) -> ReplyRule | None:
        """The rule under which a reply was begun; the general one when the city has dropped it since."""
        found = next((r for r in self.rules if r.id == rule_id), None)
        return found or self.holding(nature, "")


def accept_due(rule: ReplyRule, received_at: datetime, calendar: WorkCalendar) -> datetime:
    """By when it must be said whether it is accepted."""
    return due_at(local(received_at), rule.accept, calendar)


def reply_due(rule: ReplyRule, accepted_at: datetime, calendar: WorkCalendar) -> datetime:
    """By when it must be answered."""
    return due_at(local(accepted_at), rule.reply, calendar)


def read_replies(path: Path, matters: Collection[str]) -> ReplyRules:
    """Read a city's rules.

    Raises:
        CannotStart: It cannot be read, or names what does not exist; the message says which entry.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["rule"]
    except (OSError, tomllib.TOMLDecodeError, KeyError) as wrong:
        raise CannotStart(
            f"{path.name} 读不懂：{wrong}", f"cannot read {path.name}: {wrong}"
        ) from wrong
    rules: list[ReplyRule] = []
    for number, table in enumerate(tables, 1):
        try:
            rules.append(_rule(table, matters))
        except (KeyError, TypeError, ValueError) as wrong:
            raise CannotStart(
                f"{path.name} 第 {number} 条有误：{wrong}", f"{path.name}, entry {number}: {wrong}"
            ) from wrong
    for nature in sorted(OWED):
        general = [r for r in rules if r.nature is nature and not r.matters]
        if len(general) != 1:
            raise CannotStart(
                f"{path.name}：{nature} 须有且只有一条不限事项的规则",
                f"{path.name}: {nature} needs exactly one rule without matters",
            )
    if len({r.id for r in rules}) != len(rules):
        raise CannotStart(f"{path.name}：规则编号重复", f"{path.name}: a rule's id stands twice")
    return ReplyRules(tuple(rules))


def _rule(table: Mapping[str, Any], matters: Collection[str]) -> ReplyRule:
    nature = Nature(table["nature"])
    if nature not in OWED:
        raise ValueError(f"no statutory reply for {nature}")
    named = frozenset(table.get("matters", ()))
    if unknown := sorted(named - set(matters)):
        raise ValueError(f"unknown matters: {', '.join(unknown)}")
    if not str(table["source"]).strip():
        raise ValueError("source is empty")
    return ReplyRule(
        id=str(table["id"]), nature=nature, matters=named, accept=_limit(table["accept"]),
        reply=_limit(table["reply"]), source=str(table["source"]), source_en=str(table["source_en"]),
    )  # fmt: skip


def _limit(table: Mapping[str, Any]) -> Limit:
    limit = Limit(int(table["amount"]), Span(table["unit"]))
    if limit.amount <= 0:
        raise ValueError("a limit must be positive")
    return limit
