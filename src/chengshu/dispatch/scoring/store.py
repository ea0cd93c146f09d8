"""All SQL of months, versions and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from chengshu.dispatch.scoring.model import Counted, Difficulty, Measured, UnitScore
from chengshu.kit.db import Connection, dumps, insert_many

_MONTH = "month, state, version, stale, wake_at, published_at, appeals_until, frozen_at"


@dataclass(frozen=True, slots=True)
class MonthRow:
    """考核月份: where a month stands."""

    month: date
    state: str
    version: int
    stale: bool
    wake_at: datetime | None
    published_at: datetime | None
    appeals_until: datetime | None
    frozen_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One reckoning of a month."""

    month: date
    version: int
    made_at: datetime
    because: str
    rules: dict[str, Any]
    difficulty: list[dict[str, Any]]
    excluded: dict[str, int]
    flags: dict[str, int]
    orders: int
    digest: str


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One unit's figures as they are kept."""

    unit: str
    tier: str
    matter: str
    orders: int
    flagged: int
    excluded: int
    points: float | None
    low: float | None
    high: float | None
    measured: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order as it counted."""

    order: int
    number: str
    incident: int
    unit: str
    matter: str
    factor: float
    share: float
    marks: dict[str, dict[str, Any]]
    flags: list[dict[str, str]]
    cleared: bool
    excluded: str


def begin_month(conn: Connection, month: date, wake_at: datetime) -> bool:
    """Make a month known; False when it was."""
    done = conn.execute(
        "insert into score_month (month, wake_at) values (%s, %s) on conflict do nothing",
        (month, wake_at),
    )
    return done.rowcount == 1


def due(conn: Connection, now: datetime) -> MonthRow | None:
    """The oldest month whose time has come, locked; what another worker holds is passed over."""
    row = conn.execute(
        f"""select {_MONTH} from score_month where wake_at <= %s order by wake_at, month limit 1
            for update skip locked""",
        (now,),
    ).fetchone()
    return MonthRow(*row) if row else None


def month(conn: Connection, of: date) -> MonthRow | None:
    """Where a month stands."""
    row = conn.execute(f"select {_MONTH} from score_month where month = %s", (of,)).fetchone()
    return MonthRow(*row) if row else None


def months(conn: Connection) -> list[MonthRow]:
    """All months, newest first."""
    rows = conn.execute(f"select {_MONTH} from score_month order by month desc limit 240")
    return [MonthRow(*row) for row in rows]


def disturb(conn: Connection, of: date, now: datetime) -> bool:
    """Something was decided that changes a month: a worker reckons it anew. False when it is frozen or unknown."""
    done = conn.execute(
        """update score_month set stale = true, wake_at = least(coalesce(wake_at, %(now)s), %(now)s)
           where month = %(month)s and state <> 'frozen'""",
        {"now": now, "month": of},
    )
    return done.rowcount == 1


def sleep(conn: Connection, of: date, wake_at: datetime | None) -> None:
    """A month is up to date; look again then."""
    conn.execute("update score_month set stale = false, wake_at = %s where month = %s", (wake_at, of))  # fmt: skip


def publish(conn: Connection, of: date, now: datetime, until: datetime, wake_at: datetime) -> None:
    """公示: from now on units may appeal."""
    conn.execute(
        """update score_month set state = 'published', published_at = %s, appeals_until = %s, wake_at = %s,
             stale = false where month = %s and state = 'open'""",
        (now, until, wake_at, of),
    )


def freeze(conn: Connection, of: date, now: datetime) -> None:
    """定版: from now on the table itself refuses any change."""
    conn.execute(
        """update score_month set state = 'frozen', frozen_at = %s, wake_at = null, stale = false
           where month = %s and state = 'published'""",
        (now, of),
    )


def add_version(conn: Connection, v: VersionRow, scores: Sequence[UnitScore], orders: Sequence[Counted]) -> None:  # fmt: skip
    """Write a reckoning whole, and make it the month's newest."""
    conn.execute(
        """insert into score_version (month, version, made_at, because, rules, difficulty, excluded, flags, orders, digest)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (v.month, v.version, v.made_at, v.because, dumps(v.rules), dumps(v.difficulty), dumps(v.excluded),
         dumps(v.flags), v.orders, v.digest),
    )  # fmt: skip
    _add_rows(conn, v, scores)
    _add_orders(conn, v, orders)
    conn.execute("update score_month set version = %s where month = %s", (v.version, v.month))


def _add_rows(conn: Connection, v: VersionRow, scores: Sequence[UnitScore]) -> None:
    columns = {
        "month": "date", "version": "int", "unit": "text", "tier": "text", "matter": "text", "orders": "int",
        "flagged": "int", "excluded": "int", "points": "float8", "low": "float8", "high": "float8", "measured": "jsonb",
    }  # fmt: skip
    insert_many(conn, "score_row", columns, [
        (v.month, v.version, s.unit, s.tier, s.matter, s.orders, s.flagged, s.excluded, s.points, s.low, s.high,
         dumps({str(i): measured_record(m) for i, m in s.measured.items()}))
        for s in scores
    ])  # fmt: skip


def _add_orders(conn: Connection, v: VersionRow, orders: Sequence[Counted]) -> None:
    columns = {
        "month": "date", "version": "int", "work_order": "bigint", "number": "text", "incident": "bigint",
        "unit": "text", "matter": "text", "factor": "float8", "share": "float8", "marks": "jsonb", "flags": "jsonb",
        "cleared": "boolean", "excluded": "text",
    }  # fmt: skip
    insert_many(conn, "score_order", columns, [
        (v.month, v.version, c.order, c.number, c.incident, c.unit, c.matter, c.factor, c.share,
         dumps({str(i): {"value": m.value, "why": m.why, "why_en": m.why_en} for i, m in c.marks.items()}),
         dumps([{"flag": str(f.flag), "why": f.chinese, "why_en": f.english} for f in c.flags]), c.cleared, c.excluded)
        for c in orders
    ])  # fmt: skip


def measured_record(m: Measured) -> dict[str, Any]:
    """One indicator as it is kept."""
    return {"orders": m.orders, "hits": m.hits, "misses": m.misses, "plain": m.plain, "value": m.value,
            "low": m.low, "high": m.high}  # fmt: skip


def difficulty_record(d: Difficulty) -> dict[str, Any]:
    """One matter's difficulty as it is kept."""
    return {
        "matter": d.matter,
        "orders": d.orders,
        "hours": d.hours,
        "again": d.again,
        "factor": d.factor,
    }


def drop_older(conn: Connection, of: date, than: int) -> None:
    """Forget the earlier reckonings of an open month; the table refuses it for any other."""
    for table in ("score_order", "score_row", "score_version"):
        conn.execute(f"delete from {table} where month = %s and version < %s", (of, than))


_VERSION = "month, version, made_at, because, rules, difficulty, excluded, flags, orders, digest"


def versions(conn: Connection, of: date) -> list[VersionRow]:
    """The reckonings of a month, newest first."""
    rows = conn.execute(
        f"select {_VERSION} from score_version where month = %s order by version desc", (of,)
    )
    return [VersionRow(*row) for row in rows]


def rows(conn: Connection, of: date, version: int, matter: str, tier: str) -> list[ScoreRow]:
    """Figures within the scope, best first; an empty tier stands for all."""
    found = conn.execute(
        """select unit, tier, matter, orders, flagged, excluded, points, low, high, measured from score_row
           where month = %s and version = %s and matter = %s and (%s = '' or tier = %s)
           order by tier, points desc nulls last, unit""",
        (of, version, matter, tier, tier),
    )
    return [ScoreRow(*row) for row in found]


def matters_of(conn: Connection, of: date, version: int, unit: str) -> list[ScoreRow]:
    """A unit's figures within each matter, most orders first."""
    found = conn.execute(
        """select unit, tier, matter, orders, flagged, excluded, points, low, high, measured from score_row
           where month = %s and version = %s and unit = %s and matter <> '' order by orders desc, matter""",
        (of, version, unit),
    )
    return [ScoreRow(*row) for row in found]


_ORDER = (
    "work_order, number, incident, unit, matter, factor, share, marks, flags, cleared, excluded"
)


def orders(conn: Connection, of: date, version: int, unit: str, matter: str) -> list[OrderRow]:
    """How each order of a unit counted; an empty matter stands for all."""
    found = conn.execute(
        f"""select {_ORDER} from score_order where month = %s and version = %s and unit = %s
              and (%s = '' or matter = %s) order by work_order""",
        (of, version, unit, matter, matter),
    )
    return [OrderRow(*row) for row in found]


def month_of_order(conn: Connection, order: int) -> date | None:
    """The newest month in which an order was counted; None: in none yet."""
    row = conn.execute(
        "select max(month) from score_order where work_order = %s", (order,)
    ).fetchone()
    return row[0] if row else None


def order_in(conn: Connection, of: date, version: int, order: int) -> OrderRow | None:
    """How one order counted."""
    row = conn.execute(
        f"select {_ORDER} from score_order where month = %s and version = %s and work_order = %s",
        (of, version, order),
    ).fetchone()
    return OrderRow(*row) if row else None


def tell(conn: Connection, told: Sequence[tuple[str, str]], now: datetime) -> None:
    """Tell units: unit, text; about no incident."""
    columns = {"unit": "text", "text": "text", "at": "timestamptz"}
    insert_many(conn, "notice", columns, [(unit, text, now) for unit, text in told])


def packed(value: object) -> bytes:
    """Bytes that are the same for the same figures."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)


def matters_in(conn: Connection, of: date, version: int) -> list[str]:
    """The matters of a reckoning within the scope."""
    found = conn.execute(
        "select distinct matter from score_row where month = %s and version = %s and matter <> '' order by matter",
        (of, version),
    )
    return [row[0] for row in found]
