"""A city's rules for clocks (clocks.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.clocks.model import (
    ClockRules,
    ExtensionReason,
    Grade,
    PauseReason,
    StartRule,
)
from chengshu.kit.errors import CannotStart


def read_clock_rules(path: Path, matters: Collection[str]) -> ClockRules:
    """Read a city's rules.

    Raises:
        CannotStart: They cannot be read, or name what does not exist; the message says what.
    """
    try:
        return _rules(tomllib.loads(path.read_text("utf-8")), matters)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise CannotStart(
            f"{path.name} 读不懂：{wrong}", f"cannot read {path.name}: {wrong}"
        ) from wrong


def _rules(data: Mapping[str, Any], matters: Collection[str]) -> ClockRules:
    light, pause, extension = data["light"], data["pause"], data["extension"]
    groups = {m.partition(".")[0] for m in matters}
    most_of = {str(k): int(v) for k, v in extension.get("most_of", {}).items()}
    unknown = (set(data["start"]) - set(matters) - groups) | (set(most_of) - set(matters))
    if unknown:
        raise ValueError(f"unknown matters: {', '.join(sorted(unknown))}")
    rules = ClockRules(
        starts={str(k): StartRule(v) for k, v in data["start"].items()},
        yellow_share=float(light["yellow_share"]),
        yellow_least=timedelta(minutes=float(light["yellow_minutes"])),
        pause_reasons=tuple(
            PauseReason(r["id"], r["name"], r["name_en"], limit_of(r["longest"]))
            for r in pause["reason"]
        ),
        extension_reasons=tuple(
            ExtensionReason(r["id"], r["name"], r["name_en"]) for r in extension["reason"]
        ),
        most_pauses=int(pause["most"]),
        most_extensions=int(extension["most"]),
        extension_share=float(extension["longest_share"]),
        most_extensions_of=most_of,
        grades=tuple(
            Grade(limit_of(g["after"]), int(g["copies"]), limit_of(g["explain"]), g["name"], g["name_en"])
            for g in data["supervision"]
        ),
    )  # fmt: skip
    if not 0 < rules.yellow_share < 1 or not rules.grades:
        raise ValueError("yellow_share lies between 0 and 1; at least one grade of supervision")
    return rules


def limit_of(text: str) -> Limit:
    """A limit from «amount unit», such as "4 working_hours".

    Raises:
        ValueError: It is none.
    """
    amount, _, span = text.partition(" ")
    limit = Limit(int(amount), Span(span))
    if limit.amount <= 0:
        raise ValueError(f"a limit must be positive: {text}")
    return limit
