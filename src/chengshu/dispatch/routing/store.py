"""Routing in the database: lessons, who settled what, similar cases' units, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chengshu.dispatch.routing.combine import Mix
from chengshu.kit.db import Connection, dumps


@dataclass(frozen=True, slots=True)
class Lesson:
    """One correction.

    Attributes:
        power: Line and tier of the unit that a person chose, as text.
        buckets, amounts: The text as numbered features.
    """

    id: int
    power: str
    buckets: tuple[int, ...]
    amounts: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What stood first for an incident, and who settled it."""

    proposed: str
    probability: float
    unit: str
    at: datetime


def add_lesson(
    conn: Connection, incident: int, proposed: str, unit: str, lesson: Lesson, account: int | None, now: datetime
) -> None:  # fmt: skip
    """Keep a correction; its number is given here."""
    conn.execute(
        """insert into routing_lesson (incident, proposed, unit, power, buckets, amounts, account, at)
           values (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (incident, proposed, unit, lesson.power, list(lesson.buckets), list(lesson.amounts), account, now),
    )  # fmt: skip


def lessons(conn: Connection, after: int) -> list[Lesson]:
    """Corrections after a number, in order."""
    rows = conn.execute(
        "select id, power, buckets, amounts from routing_lesson where id > %s order by id", (after,)
    )
    return [Lesson(i, power, tuple(b), tuple(a)) for i, power, b, a in rows]


def first_words(conn: Connection, incident: int) -> tuple[str, str, str] | None:
    """Title, text and nature of an incident's first report within the scope."""
    return conn.execute(
        """select r.title, r.text, r.nature from membership m join report r on r.id = m.report where m.incident = %s
           order by r.said_at, r.id limit 1""",
        (incident,),
    ).fetchone()


def first_proposed(conn: Connection, incident: int) -> str | None:
    """The unit that stood first."""
    row = conn.execute(
        "select unit from proposal where incident = %s and rank = 1", (incident,)
    ).fetchone()
    return row[0] if row else None


def settled(
    conn: Connection, asked: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], dict[str, float]]:
    """Who settled a matter in a county, and how often; county 0 where none is known."""
    rows = conn.execute(
        """select matter, county, unit, settled from routing_count
           join unnest(%s::text[], %s::bigint[]) a(matter, county) using (matter, county)""",
        ([matter for matter, _ in asked], [county for _, county in asked]),
    )
    found: dict[tuple[str, int], dict[str, float]] = {}
    for matter, county, unit, number in rows:
        found.setdefault((matter, county), {})[unit] = float(number)
    return found


def recount(conn: Connection, since: datetime) -> None:
    """Count anew who settled what, from orders closed since a moment."""
    conn.execute("delete from routing_count")
    conn.execute(
        """insert into routing_count (matter, county, unit, settled)
           select i.matter, case when i.area %% 100000000000 = 0 then 0 else i.area - i.area %% 1000000000 end, o.unit, count(*)
           from work_order o join incident i on i.id = o.incident
           where o.stage in ('closed', 'archived') and o.closed_at >= %s and o.veil = 0 group by 1, 2, 3""",
        (since,),
    )


def settled_by(conn: Connection, incidents: Sequence[int]) -> dict[int, str]:
    """The unit that settled each of these incidents; those that none settled are left out."""
    rows = conn.execute(
        """select distinct on (incident) incident, unit from work_order
           where incident = any(%s) and stage in ('closed', 'archived') order by incident, closed_at desc""",
        (list(incidents),),
    )
    return dict(rows.fetchall())


def decided(conn: Connection, since: datetime) -> list[Decided]:
    """What stood first for incidents that a unit settled since a moment."""
    rows = conn.execute(
        """select distinct on (o.incident) p.unit, p.probability, o.unit, o.closed_at from work_order o
           join proposal p on p.incident = o.incident and p.rank = 1
           where o.stage in ('closed', 'archived') and o.closed_at >= %s order by o.incident, o.closed_at desc""",
        (since,),
    )
    return [Decided(*row) for row in rows]


def active(conn: Connection) -> Mix | None:
    """The calibration in use; None for the shipped one."""
    row = conn.execute("select mix from routing_version where state = 'active'").fetchone()
    return Mix.of(row[0]) if row else None


def propose_version(conn: Connection, mix: Mix, figures: Mapping[str, float], now: datetime) -> int:
    """Keep a calibration that waits for a person's word in place of an earlier one; returns its number."""
    conn.execute("update routing_version set state = 'dropped' where state = 'proposed'")
    row = conn.execute("select coalesce(max(version), 0) + 1 from routing_version").fetchone()
    number = int(row[0]) if row else 1
    record = {**mix.record(), "version": number}
    conn.execute(
        """insert into routing_version (version, mix, figures, made_at, state)
           values (%s, %s::jsonb, %s::jsonb, %s, 'proposed')""",
        (number, dumps(record), dumps(dict(figures)), now),
    )
    return number


def activate(conn: Connection, version: int, by: str, reason: str, now: datetime) -> bool:
    """Put a calibration in use, 0 for the shipped one; False when there is none of that number."""
    if version:
        known = conn.execute(
            "select from routing_version where version = %s for update", (version,)
        ).fetchone()
        if known is None:
            return False
    conn.execute("update routing_version set state = 'retired' where state = 'active'")
    conn.execute(
        """update routing_version set state = 'active', activated_at = %s, activated_by = %s, reason = %s
           where version = %s""",
        (now, by, reason, version),
    )
    return True


def versions(conn: Connection) -> list[tuple[int, str, datetime, datetime | None, dict[str, float]]]:  # fmt: skip
    """Number, state, when made and put in use, and figures of every version, the newest first."""
    return conn.execute(
        "select version, state, made_at, activated_at, figures from routing_version order by version desc"
    ).fetchall()
