"""By when each report is due, what it must say, who signs and who gets it (urgent_reports.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chengshu.agencies.model import Role
from chengshu.dispatch.urgent_reports.model import UrgentCase, UrgentKind, UrgentReport
from chengshu.incidents.model import ENDED, Incident
from chengshu.kit.errors import CannotStart, Refused

STARTERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})


@dataclass(frozen=True, slots=True)
class Entry:
    """A field that a person fills in.

    Attributes:
        needed: Kinds of report that are not signed without it.
    """

    id: str
    name: str
    name_en: str
    needed: frozenset[UrgentKind]


@dataclass(frozen=True, slots=True)
class UrgentRules:
    """A city's rules.

    Attributes:
        first, written: The main facts, and the details in writing, each from the beginning.
        every: Follow-ups after that, each from the one before.
        final: The last report, from the end of the emergency.
        above_after: A late report is told to the unit above when it is late for so long.
        signers: Roles that sign.
        units: Level to the units that get it: "above" and "city" are the reporting unit's own, else a path.
        outside: Level to the names of offices outside this system that the report is addressed to.
    """

    first: timedelta
    written: timedelta
    every: timedelta
    final: timedelta
    above_after: timedelta
    signers: frozenset[Role]
    entries: tuple[Entry, ...]
    units: Mapping[int, tuple[str, ...]]
    outside: Mapping[int, tuple[str, ...]]
    sources: Mapping[str, str]

    def recipients(self, case: UrgentCase) -> tuple[str, ...]:
        """Paths of the units that get a report, the reporting one left out."""
        above, city = case.unit.rpartition(".")[0], case.unit.partition(".")[0]
        meant = {"above": above, "city": city}
        found = (meant.get(name, name) for name in self.units[case.level])
        return tuple(dict.fromkeys(u for u in found if u and u != case.unit))


def read_urgent(path: Path) -> UrgentRules:
    """Read a city's rules.

    Raises:
        CannotStart: It cannot be read; the message says what is wrong.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        clocks = table["clock"]
        levels = {int(v["level"]): v for v in table["recipients"]}
        rules = UrgentRules(
            first=_minutes(clocks, "first"),
            written=_minutes(clocks, "written"),
            every=_minutes(clocks, "every"),
            final=_minutes(clocks, "final"),
            above_after=_minutes(clocks, "above_after"),
            signers=frozenset(Role(r) for r in table["signers"]),
            entries=tuple(
                Entry(
                    e["id"], e["name"], e["name_en"], frozenset(UrgentKind(k) for k in e["needed"])
                )
                for e in table["entry"]
            ),
            units={n: tuple(v["units"]) for n, v in levels.items()},
            outside={n: tuple(v.get("outside", ())) for n, v in levels.items()},
            sources={name: str(c["source"]) for name, c in clocks.items()},
        )
        if set(levels) != {1, 2, 3, 4}:
            raise ValueError("recipients are needed for the levels 1, 2, 3 and 4")
        if rules.written < rules.first:
            raise ValueError("written comes after first")
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise CannotStart(f"{path.name} 有误：{wrong}", f"{path.name} is wrong: {wrong}") from wrong
    return rules


def _minutes(clocks: Mapping[str, Mapping[str, object]], name: str) -> timedelta:
    clock = clocks[name]
    minutes = float(str(clock["minutes"]))
    if minutes <= 0 or not str(clock["source"]).strip():
        raise ValueError(f"clock.{name}: minutes must be positive and the source named")
    return timedelta(minutes=minutes)


def following(rules: UrgentRules, case: UrgentCase, last: UrgentReport, now: datetime
              ) -> tuple[UrgentKind, datetime] | None:  # fmt: skip
    """The report that comes after one that was just signed: kind and when; None after the final one."""
    if last.kind is UrgentKind.FINAL:
        return None
    if case.ended_at is not None:
        return UrgentKind.FINAL, case.ended_at + rules.final
    if last.kind is UrgentKind.FIRST:
        return UrgentKind.FOLLOW_UP, max(case.began_at + rules.written, now)
    return UrgentKind.FOLLOW_UP, now + rules.every


def why_not_begin(role: Role, incident: Incident, case: UrgentCase | None) -> Refused | None:
    """Why this person may not begin reporting an incident upward."""
    if role not in STARTERS:
        return Refused("只有派遣、督办人员和领导可以启动紧急信息报送",
                       "only dispatchers, supervisors and leaders begin urgent reports")  # fmt: skip
    if case is not None:
        return Refused("这件事已经在报送", "this incident is being reported already")
    if incident.stage in ENDED:
        return Refused("事件已结束，不再报送", "the incident has ended: there is nothing to report")
    return None


def why_not_sign(rules: UrgentRules, role: Role, unit: str, case: UrgentCase | None, due: UrgentReport | None
                 ) -> Refused | None:  # fmt: skip
    """Why this person may not sign what is due."""
    if case is None:
        return Refused(
            "这件事没有启动紧急信息报送", "urgent reports of this incident were not begun"
        )
    if due is None:
        return Refused("终报已经报出", "the final report was signed already")
    if role not in rules.signers:
        return Refused("签发人须是领导或督办人员", "a leader or supervisor signs")
    if not (case.unit == unit or case.unit.startswith(unit + ".")):
        return Refused("只能由报送单位或其上级签发", "the reporting unit signs, or one above it")
    return None


def missing(rules: UrgentRules, kind: UrgentKind, entries: Mapping[str, str]) -> Sequence[Entry]:
    """Fields without which this kind of report is not signed."""
    return [e for e in rules.entries if kind in e.needed and not entries.get(e.id, "").strip()]
