"""A city's lines of business and their words (words.toml), and what may be done before filing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chengshu.agencies.matters import Matter
from chengshu.dispatch.filing.model import Filing, Line
from chengshu.dispatch.workflow import Verb, Why
from chengshu.kit.errors import CannotStart

GENERAL: Final = Line("general", "通用", "General")
DESK_VERBS: Final = frozenset({"assign", "register", "ask_confirm", "confirm"})


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a city, in the order in which they are asked; the last takes what no other does."""

    lines: Sequence[Line] = (GENERAL,)

    def of(self, channel: str, matter: Matter | None) -> Line:
        """The line of an incident that begins with such a report."""
        first = matter.path[0] if matter and matter.path else ""
        for line in self.lines:
            if (not line.channels or channel in line.channels) and (
                not line.paths or first in line.paths
            ):
                return line
        return self.lines[-1]

    def named(self, line_id: str) -> Line:
        """The line that an incident was begun in; the general one when the city has dropped it since."""
        return next((line for line in self.lines if line.id == line_id), self.lines[-1])


def why_not_assign(filing: Filing | None) -> Why | None:
    """Why an order may not be given yet; an incident from before there was filing is filed."""
    if filing is None or filing.registered_at is not None:
        return None
    return Why("还没有立案，请先立案再派遣", "it is not filed yet: file it first")


def why_not_register(filing: Filing | None) -> Why | None:
    """Why an incident may not be filed."""
    if filing is None or filing.registered_at is not None:
        return Why("已经立案", "it is filed already")
    if filing.asked_at is not None and filing.confirmed is None:
        return Why("核实还没有结果，等核实后再立案", "somebody is still to look on the spot")
    if filing.confirmed is False:
        return Why(
            "核实结果为情况不属实，不能立案；请作废或不予受理",
            "it was found not to be so: void or refuse it instead",
        )
    return None


def why_not_ask(filing: Filing | None) -> Why | None:
    """Why nobody may be sent to look before filing."""
    if filing is None or filing.registered_at is not None:
        return Why("已经立案，不再核实", "it is filed already")
    if filing.asked_at is not None and filing.confirmed is None:
        return Why("已经派人核实，等结果", "somebody is to look already")
    return None


def why_not_confirm(filing: Filing | None) -> Why | None:
    """Why nobody may say what she saw."""
    if filing is None or filing.registered_at is not None:
        return Why("已经立案，不再核实", "it is filed already")
    if filing.asked_at is None or filing.confirmed is not None:
        return Why("没有待办的核实", "nobody was asked to look")
    return None


def read_lines(path: Path) -> Lines:
    """Read a city's lines; a city without the file has one, with the table's own words.

    Raises:
        CannotStart: It cannot be read, or names what does not exist; the message says which entry.
    """
    if not path.is_file():
        return Lines()
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["line"]
        found = tuple(_line(table) for table in tables)
        if not found or found[-1].channels or found[-1].paths:
            raise ValueError("the last line must take every channel and class")
        if len({line.id for line in found}) != len(found):
            raise ValueError("a line's id stands twice")
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise CannotStart(
            f"{path.name} 有误：{wrong}", f"{path.name}: {wrong}"
        ) from wrong  # fmt: skip
    return Lines(found)


def _line(table: Mapping[str, Any]) -> Line:
    register = str(table["register"])
    if register not in ("automatic", "explicit"):
        raise ValueError(f"{table['id']}: register is automatic or explicit")
    words = {str(k): (str(v[0]), str(v[1])) for k, v in table.get("orders", {}).items()}
    desk = {str(k): (str(v[0]), str(v[1])) for k, v in table.get("desk", {}).items()}
    if unknown := sorted(set(desk) - DESK_VERBS):
        raise ValueError(f"{table['id']}: unknown verbs {', '.join(unknown)}")
    return Line(
        str(table["id"]), str(table["name"]), str(table["name_en"]), register == "explicit",
        frozenset(table.get("channels", ())), frozenset(table.get("paths", ())),
        {Verb(k): v for k, v in words.items()}, desk,
    )  # fmt: skip
