"""A city's folder of responsibilities: further matters and the rows of the list, in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chengshu.agencies.duties.check import check
from chengshu.agencies.duties.fields import read_duty
from chengshu.agencies.duties.model import Duty, DutyStage, Fault, Ground, Placed
from chengshu.agencies.matters import Matter, Span, matter_of, read_matters
from chengshu.agencies.model import Unit
from chengshu.kit.errors import CannotStart, Refused
from chengshu.places import City, Level, ancestor_at

FOLDER = "responsibilities"
_HOURS = {Span.HOURS: 1.0, Span.WORKING_HOURS: 1.0, Span.DAYS: 24.0, Span.WORKING_DAYS: 8.0}


class BadList(Refused):
    """A list that breaks its rules; nothing of it is taken, the running one stays."""

    code = "bad_list"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        shown = self.faults[:50]
        more = len(self.faults) - len(shown)
        super().__init__(
            "\n".join([f"职责清单有 {len(self.faults)} 处不合规，未采用：", *(f.text() for f in shown)]
                      + ([f"……另有 {more} 处"] if more else [])),
            "\n".join([f"the responsibility list has {len(self.faults)} faults and was not taken:",
                       *(f.text(True) for f in shown)] + ([f"… and {more} more"] if more else [])),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All matters of a city and the rows of its list, as its files say.

    Attributes:
        where: Matter → the counties in which it can arise, for those that are not everywhere.
        faults: What could not be read; `check` was not asked yet.
    """

    matters: Mapping[str, Matter]
    rows: tuple[Placed, ...]
    where: Mapping[str, tuple[int, ...]]
    faults: tuple[Fault, ...]


def read_catalogue(folder: Path) -> Catalogue:
    """Read `matters.toml` and whatever stands in `responsibilities`; a city without that folder has no rows.

    Raises:
        CannotStart: A file is no TOML; the message names it.
    """
    matters = dict(read_matters(folder / "matters.toml"))
    tables: list[tuple[str, int, Mapping[str, Any]]] = []
    rows: list[Placed] = []
    faults: list[Fault] = []
    for path in sorted((folder / FOLDER).glob("*.toml")):
        text, found = _load(path)
        tables += [
            (path.name, n, t)
            for n, t in zip(_lines(text, "[[matter]]"), found.get("matter", []), strict=True)
        ]
        some, wrong = read_rows(
            path.name, zip(_lines(text, "[[duty]]"), found.get("duty", []), strict=True)
        )
        rows += some
        faults += wrong
    where: dict[str, tuple[int, ...]] = {}
    for file, number, table in tables:
        name = str(table.get("id", "?"))
        if name in matters:
            faults.append(
                Fault(
                    file, number, name, "id", f"事项 {name} 重复", f"the matter {name} stands twice"
                )
            )
            continue
        first = next(
            (r.duty for r in rows if r.duty.matter == name and r.duty.stage is DutyStage.HANDLE),
            None,
        )
        try:
            matters[name] = matter_of(_whole(table, first))
            if table.get("areas"):
                where[name] = tuple(int(a) for a in table["areas"])
        except (KeyError, TypeError, ValueError) as why:
            faults.append(
                Fault(
                    file,
                    number,
                    name,
                    "matter",
                    f"事项读不懂：{why}",
                    f"cannot read the matter: {why}",
                )
            )
    return Catalogue(matters, tuple(rows), where, tuple(faults))


def read_rows(
    file: str, rows: Iterable[tuple[int, Mapping[str, Any]]]
) -> tuple[list[Placed], list[Fault]]:
    """Rows with their numbers into duties, and a fault for every value that cannot be read."""
    good: list[Placed] = []
    faults: list[Fault] = []
    for number, row in rows:
        duty = read_duty(row)
        if isinstance(duty, Duty):
            good.append(Placed(duty, file, number))
        else:
            faults += [
                Fault(file, number, str(row.get("matter", "?")), w.field, w.chinese, w.english)
                for w in duty
            ]
    return good, faults


def ground_of(catalogue: Catalogue, city: City, units: Iterable[Unit]) -> Ground:
    """What the list of a city is checked against."""
    names = {area.code: area.name for area in city.areas}
    counties = [a.code for a in city.areas if a.level is Level.COUNTY]
    leaves = {
        a.code: ancestor_at(a.code, Level.COUNTY) or a.code
        for a in city.areas
        if a.level is Level.TOWNSHIP
    }
    with_towns = set(leaves.values())
    leaves |= {code: code for code in counties if code not in with_towns}
    return Ground(catalogue.matters, tuple(units), leaves, names, catalogue.where)


def must_hold(
    rows: Iterable[Placed], ground: Ground, on: date, unreadable: Iterable[Fault] = ()
) -> tuple[Duty, ...]:
    """The duties of a list that keeps every rule.

    Raises:
        BadList: It does not; all faults are in it, those of unreadable rows first.
    """
    listed = tuple(rows)
    faults = [*unreadable, *check(listed, ground, on)]
    if faults:
        raise BadList(faults)
    return tuple(row.duty for row in listed)


def _load(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text("utf-8")
        return text, tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise CannotStart(f"{path.name} 读不懂：{why}", f"cannot read {path.name}: {why}") from why


def _lines(text: str, heading: str) -> list[int]:
    """The numbers of the lines on which tables begin."""
    return [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == heading]


def _whole(table: Mapping[str, Any], first: Duty | None) -> dict[str, Any]:
    """A matter of these files as `matters.toml` would hold it: lead and limits come from its row."""
    if first is None:  # `check` says that nobody handles it
        return {**table, "lead": "", "tier": "county", "assist": [], "sign_hours": 1,
                "limit": {"amount": 1, "unit": "hours"}}  # fmt: skip
    sign, limit = first.limits.sign, first.limits.normal
    return {**table, "lead": first.lead, "tier": first.tier, "assist": list(first.assist),
            "sign_hours": sign.amount * _HOURS[sign.span],
            "limit": {"amount": limit.amount, "unit": str(limit.span)}}  # fmt: skip
