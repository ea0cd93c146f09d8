"""Templates of joint commands: a city's files joint/*.toml, such as the wage dispute."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chengshu.agencies.matters import Limit, Span
from chengshu.agencies.model import Tier
from chengshu.dispatch.joint.model import Strand
from chengshu.kit.errors import CannotStart

_CENTRE = "镇街"  # as in the responsibility list: the centre of the place


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """A part as the template plans it: whose line of business, what, by when.

    Attributes:
        line: Line of business; 镇街 for the centre of the county.
        sign, limit: Until it is signed for, and done.
    """

    strand: str
    line: str
    text: str
    sign: Limit
    limit: Limit


@dataclass(frozen=True, slots=True)
class JointTemplate:
    """A plan for a kind of case: who leads, who takes part, what each does.

    Attributes:
        matters: For which matters it is proposed.
        tier: At which tier bureaus are looked for first.
    """

    id: str
    name: str
    name_en: str
    matters: frozenset[str]
    lead: str
    tier: Tier
    basis: tuple[str, ...]
    strands: tuple[Strand, ...]
    parts: tuple[PlannedPart, ...]


def read_templates(folder: Path, matters: Mapping[str, Any]) -> dict[str, JointTemplate]:
    """Read a city's templates, by id, which is the file's name.

    Raises:
        CannotStart: One cannot be read, or names a matter or strand that does not exist.
    """
    found = {}
    for path in sorted((folder / "joint").glob("*.toml")):
        try:
            found[path.stem] = _template(path.stem, tomllib.loads(path.read_text("utf-8")), matters)
        except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
            raise CannotStart(
                f"joint/{path.name} 有误：{wrong}", f"joint/{path.name}: {wrong}"
            ) from wrong
    return found


def _template(name: str, data: Mapping[str, Any], matters: Mapping[str, Any]) -> JointTemplate:
    named = frozenset(data["matters"])
    if unknown := sorted(named - set(matters)):
        raise ValueError(f"unknown matters: {', '.join(unknown)}")
    strands = tuple(
        Strand(s["code"], s["name"], s["name_en"], tuple(s.get("words", ())))
        for s in data["strand"]
    )
    parts = tuple(
        PlannedPart(p.get("strand", ""), p["line"], p["text"], limit_of(p["sign"]), limit_of(p["limit"]))
        for p in data["part"]
    )  # fmt: skip
    codes = {s.code for s in strands}
    if not strands or len(codes) != len(strands):
        raise ValueError("strands need codes, each once")
    if wrong := sorted({p.strand for p in parts} - codes - {""}):
        raise ValueError(f"unknown strands: {', '.join(wrong)}")
    basis = tuple(f"《{b['document']}》{b['article']}" for b in data["basis"])
    return JointTemplate(name, data["name"], data["name_en"], named, data["lead"], Tier(data["tier"]),
                         basis, strands, parts)  # fmt: skip


def limit_of(text: str) -> Limit:
    """Read a limit such as "2 working_days".

    Raises:
        ValueError: It is none.

    Examples:
        >>> limit_of("24 hours").text()
        '24 小时'
    """
    amount, _, span = text.partition(" ")
    limit = Limit(int(amount), Span(span))
    if limit.amount <= 0:
        raise ValueError(f"{text!r} is no time")
    return limit


def is_centre(line: str) -> bool:
    """Whether a planned part is for the centre of the place."""
    return line == _CENTRE
