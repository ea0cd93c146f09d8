"""Months, tables and the orders behind every number, as one person may see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chengshu.dispatch.assign import Office
from chengshu.dispatch.scoring import store
from chengshu.dispatch.scoring.claims import store as claim_store
from chengshu.dispatch.scoring.claims.terms import Person, holds, why_not_appeal
from chengshu.dispatch.scoring.model import Indicator
from chengshu.dispatch.scoring.rules import ScoreRules
from chengshu.dispatch.scoring.run import publish_at
from chengshu.dispatch.scoring.store import MonthRow, OrderRow, ScoreRow, VersionRow
from chengshu.dispatch.scoring.views import (
    ScoreDifficultyView,
    ScoreFlagView,
    ScoreMarkView,
    ScoreMeasuredView,
    ScoreMonthView,
    ScoreOrderView,
    ScoreRowView,
    ScoreTableView,
    ScoreUnitView,
    ScoreVersionView,
)
from chengshu.dispatch.views import Names
from chengshu.kit.db import Connection
from chengshu.kit.errors import NotFound

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Reader:
    """One person's view of the figures."""

    conn: Connection
    rules: ScoreRules
    office: Office
    names: Names
    who: Person
    now: datetime

    def months(self) -> list[ScoreMonthView]:
        """All months, newest first."""
        return [self._month(row) for row in store.months(self.conn)]

    def month(self, month: date) -> ScoreMonthView:
        """One month.

        Raises:
            NotFound: It was never scored.
        """
        return self._month(self._known(month))

    def _known(self, month: date) -> MonthRow:
        row = store.month(self.conn, month)
        if row is None:
            raise NotFound("考核月份", f"{month:%Y-%m}")
        return row

    def _month(self, row: MonthRow) -> ScoreMonthView:
        newest = next(iter(store.versions(self.conn, row.month)), None)
        return ScoreMonthView(
            month=row.month, state=row.state, version=row.version, made_at=newest.made_at if newest else None,
            publish_at=publish_at(row.month, self.rules, self.office.calendar), published_at=row.published_at,
            appeals_until=row.appeals_until, frozen_at=row.frozen_at, orders=newest.orders if newest else 0,
            excluded=newest.excluded if newest else {}, flags=newest.flags if newest else {},
            open_appeals=claim_store.open_appeals(self.conn, row.month), digest=newest.digest if newest else "",
        )  # fmt: skip

    def _version(self, month: date, version: int | None) -> tuple[MonthRow, VersionRow, list[VersionRow]]:  # fmt: skip
        row = self._known(month)
        kept = store.versions(self.conn, month)
        wanted = row.version if version is None else version
        found = next((v for v in kept if v.version == wanted), None)
        if found is None:
            raise NotFound("考核版本", wanted)
        return row, found, kept

    def table(self, month: date, tier: str, matter: str, version: int | None) -> ScoreTableView:
        """The figures of a month within the scope, over all matters or within one."""
        row, found, kept = self._version(month, version)
        rows = store.rows(self.conn, month, found.version, matter, tier)
        hard = [self._difficulty(d) for d in found.difficulty]
        return ScoreTableView(
            month=self._month(row), version=found.version, made_at=found.made_at,
            versions=[ScoreVersionView(version=v.version, made_at=v.made_at, because=v.because, orders=v.orders,
                                       digest=v.digest) for v in kept],
            weights=found.rules["weights"], rows=[self._score(r, found) for r in rows], difficulty=hard,
            matters=self._matters(month, found), as_of=self.now,
        )  # fmt: skip

    def _matters(self, month: date, version: VersionRow) -> list[ScoreDifficultyView]:
        known = {d["matter"]: d for d in version.difficulty}
        own = store.matters_in(self.conn, month, version.version)
        plain = {"orders": 0, "hours": 0.0, "again": 0.0, "factor": 1.0}
        return [self._difficulty(known.get(m, {"matter": m, **plain})) for m in own]

    def _difficulty(self, d: dict[str, Any]) -> ScoreDifficultyView:
        name, name_en = self.names.matter(d["matter"])
        return ScoreDifficultyView(matter_name=name, matter_name_en=name_en, **d)

    def _score(self, r: ScoreRow, version: VersionRow) -> ScoreRowView:
        name, name_en = self.names.matter(r.matter) if r.matter else ("", "")
        weights = version.rules["weights"]
        return ScoreRowView(
            unit=r.unit, unit_name=self.names.unit(r.unit) or r.unit, unit_name_en=self.names.unit_en(r.unit) or r.unit,
            tier=r.tier, matter=r.matter, matter_name=name, matter_name_en=name_en, orders=r.orders, flagged=r.flagged,
            excluded=r.excluded, points=r.points, low=r.low, high=r.high, opens=holds(r.unit, self.who.unit),
            measured=[ScoreMeasuredView(indicator=i, weight=weights[i], **r.measured[i])
                      for i in Indicator if i in r.measured],
        )  # fmt: skip

    def unit(self, month: date, unit: str, matter: str, version: int | None) -> ScoreUnitView:
        """A unit's month with every order behind its numbers.

        Raises:
            NotFound: The unit is not the caller's or under hers, or has no order that month.
        """
        row, found, _ = self._version(month, version)
        whole = store.rows(self.conn, month, found.version, matter, "")
        own = next((r for r in whole if r.unit == unit and holds(unit, self.who.unit)), None)
        if own is None:
            raise NotFound("单位的考核", unit)
        orders = store.orders(self.conn, month, found.version, unit, matter)
        return ScoreUnitView(
            month=self._month(row), version=found.version, score=self._score(own, found),
            by_matter=[self._score(r, found) for r in store.matters_of(self.conn, month, found.version, unit)],
            orders=[self._order(o, row) for o in orders],
        )  # fmt: skip

    def _order(self, o: OrderRow, month: MonthRow) -> ScoreOrderView:
        name, name_en = self.names.matter(o.matter)
        why = why_not_appeal(month.state, month.appeals_until, o.unit, self.who, self.now)
        return ScoreOrderView(
            order=str(o.order), number=o.number, incident=str(o.incident), matter=o.matter, matter_name=name,
            matter_name_en=name_en, factor=o.factor, share=o.share, marks=[_mark(i, o) for i in Indicator],
            flags=[ScoreFlagView(**f) for f in o.flags], cleared=o.cleared, excluded=o.excluded,
            why_not_appeal=why.chinese if why else None, why_not_appeal_en=why.english if why else None,
        )  # fmt: skip


def _mark(indicator: Indicator, o: OrderRow) -> ScoreMarkView:
    kept = o.marks[indicator]
    value = kept["value"]
    counts = value is not None and o.share > 0
    return ScoreMarkView(
        indicator=indicator, value=value, hits=o.share * value * o.factor if counts else 0.0,
        misses=o.share * (1 - value) / o.factor if counts else 0.0, why=kept["why"], why_en=kept["why_en"],
    )  # fmt: skip


def to_csv(table: ScoreTableView) -> str:
    """A table as CSV for a spreadsheet: a byte order mark first, shares as numbers, no cell that is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    indicators = [str(i) for i in Indicator]
    writer.writerow(
        ["month", "version", "state", "tier", "unit", "name", "matter", "orders", "flagged", "excluded", "points",
         "low", "high", *(f"{i}{part}" for i in indicators for part in ("", "_orders", "_low", "_high"))]
    )  # fmt: skip
    for r in table.rows:
        known = {m.indicator: m for m in r.measured}
        cells: list[object] = [
            f"{table.month.month:%Y-%m}", table.version, table.month.state, r.tier, r.unit, r.unit_name, r.matter,
            r.orders, r.flagged, r.excluded, *_numbers((r.points, r.low, r.high), 2),
        ]  # fmt: skip
        for i in indicators:
            m = known.get(i)
            cells += [] if m is None else [*_numbers((m.value,), 4), m.orders, *_numbers((m.low, m.high), 4)]  # fmt: skip
            cells += ["", "", "", ""] if m is None else []
        writer.writerow([_plain(c) for c in cells])
    return "\ufeff" + out.getvalue()


def _numbers(values: Sequence[float | None], digits: int) -> list[str]:
    return ["" if v is None else f"{v:.{digits}f}" for v in values]


def _plain(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
