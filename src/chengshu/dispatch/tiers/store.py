"""All SQL of passing between tiers."""

from __future__ import annotations

from chengshu.dispatch.tiers.model import Passing, PassKind
from chengshu.kit.db import Connection


def add(conn: Connection, p: Passing) -> None:
    """Append a line."""
    conn.execute(
        """insert into passing (incident, kind, giver, taker, reason, work_order, at, account, actor)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (p.incident, str(p.kind), p.giver, p.taker, p.reason, p.order, p.at, p.account, p.actor),
    )


def passings(conn: Connection, incident: int) -> list[Passing]:
    """How an incident was passed, oldest first."""
    rows = conn.execute(
        """select incident, kind, giver, taker, reason, work_order, at, account, actor from passing
           where incident = %s order by id""",
        (incident,),
    )
    return [Passing(r[0], PassKind(r[1]), *r[2:]) for r in rows]
