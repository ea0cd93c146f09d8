"""A city's rules for kinds of order: numbers, marks, the first word with a citizen, replies that say nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.kinds.numbering import Every, NumberRule, rule_of
from chengshu.kit.errors import CannotStart

SERIES: Final = (
    "urgent", "leader", "passed_down", "confidential",
    "assignment", "supervision", "extension", "receipt", "special_report",
)  # fmt: skip
_URGENCIES: Final = 3


def _plain_numbers() -> Mapping[str, NumberRule]:
    return {s: NumberRule(s, s + "-{year}-{n}", Every.YEAR) for s in SERIES}


@dataclass(frozen=True, slots=True)
class KindRules:
    """What a city says of kinds; without its file, numbers are plain and limits usual.

    Attributes:
        numbers: Series to how it is written; every series of SERIES is there.
        group_people: From how many different people on an incident is marked as a group's.
        first_contact: Limits of the first word with the citizen, for urgency 1, 2 and 3.
        empty_replies: Words that say nothing when a reply holds nothing else.
    """

    numbers: Mapping[str, NumberRule] = field(default_factory=_plain_numbers)
    group_people: int = 5
    first_contact: tuple[Limit, ...] = (
        Limit(1, Span.WORKING_DAYS), Limit(4, Span.WORKING_HOURS), Limit(1, Span.HOURS),
    )  # fmt: skip
    empty_replies: tuple[str, ...] = ()


def read_kinds(path: Path) -> KindRules:
    """Read a city's kinds.toml; a city without one gets the plain rules.

    Raises:
        CannotStart: It cannot be read; the message says what is wrong.
    """
    if not path.is_file():
        return KindRules()
    try:
        return _rules(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise CannotStart(f"{path.name} 有误：{wrong}", f"{path.name}: {wrong}") from wrong


def _rules(table: Mapping[str, Any]) -> KindRules:
    rules = [rule_of(one) for one in table["number"]]
    numbers = {rule.series: rule for rule in rules}
    if len(numbers) != len(rules):
        raise ValueError("a series stands twice")
    if strange := sorted(set(SERIES) ^ numbers.keys()):
        raise ValueError(f"series missing or unknown: {', '.join(strange)}")
    forms = [rule.form for rule in rules]
    if len(set(forms)) != len(forms):
        raise ValueError("two series are written alike: their numbers would be the same")
    contact = tuple(_limit(one) for one in table["first_contact"])
    if len(contact) != _URGENCIES:
        raise ValueError("first_contact needs a limit for each of three urgencies")
    people = int(table["group_people"])
    if people < 2:
        raise ValueError("group_people is at least 2")
    return KindRules(numbers, people, contact, tuple(str(w) for w in table["empty_replies"]))


def _limit(table: Mapping[str, Any]) -> Limit:
    limit = Limit(int(table["amount"]), Span(table["unit"]))
    if limit.amount <= 0:
        raise ValueError("a limit must be positive")
    return limit
