"""All SQL of printed forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chengshu.dispatch.papers.model import Paper, PaperKind
from chengshu.kit.db import Connection, dumps

_COLUMNS = "id, number, kind, incident, work_order, facts, actor, unit, at"


def _paper(row: Sequence[Any]) -> Paper:
    values = list(row)
    values[2] = PaperKind(row[2])
    return Paper(*values)


def add(conn: Connection, one: Paper, account: int | None) -> None:
    """Write a form; it is never changed."""
    conn.execute(
        """insert into paper (id, number, kind, incident, work_order, facts, account, actor, unit, at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (one.id, one.number, one.kind, one.incident, one.order, dumps(dict(one.facts)), account, one.actor, one.unit,
         one.at),
    )  # fmt: skip


def paper(conn: Connection, paper_id: int) -> Paper | None:
    """One form that the scope shows."""
    row = conn.execute(f"select {_COLUMNS} from paper where id = %s", (paper_id,)).fetchone()
    return _paper(row) if row else None


def papers(conn: Connection, incident: int) -> list[Paper]:
    """The forms of an incident that the scope shows, newest first."""
    rows = conn.execute(
        f"select {_COLUMNS} from paper where incident = %s order by at desc, id desc limit 200",
        (incident,),
    )
    return [_paper(row) for row in rows]


def earlier(conn: Connection, kind: PaperKind, incident: int, order: int | None) -> Paper | None:
    """The form of this kind that was printed of this order, or of the incident where it is about that."""
    row = conn.execute(
        f"""select {_COLUMNS} from paper where kind = %s and incident = %s and work_order is not distinct from %s
            order by at desc, id desc limit 1""",
        (kind, incident, order),
    ).fetchone()
    return _paper(row) if row else None
