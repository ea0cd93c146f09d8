"""What bears on an order's verbs besides its own row."""

from __future__ import annotations

from collections.abc import Sequence

from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.obstacles import Facts
from chengshu.incidents.model import Stage
from chengshu.kit.db import Connection


def facts(conn: Connection, orders: Sequence[WorkOrder]) -> dict[int, Facts]:
    """What is so around each of these orders, by order."""
    if not orders:
        return {}
    rows = conn.execute(
        """select o.id, i.stage,
             exists (select 1 from shelving s where s.work_order = o.id and s.state = 'proposed'),
             (select count(*) from inspection c where c.work_order = o.id and c.done_at is null)
               + (select count(*) from callback_task t where t.incident = o.incident and t.ended_at is null)
               + (select count(*) from review v where v.incident = o.incident and v.done_at is null),
             exists (select 1 from work_order w where w.incident = o.incident and w.unit = o.unit and w.id <> o.id
                     and w.stage in ('assigned', 'signed', 'handled', 'verified', 'shelved'))
           from work_order o left join incident i on i.id = o.incident where o.id = any(%s)""",
        ([o.id for o in orders],),
    )
    return {
        r[0]: Facts(Stage(r[1]) if r[1] else Stage.HANDLING, bool(r[2]), int(r[3]), bool(r[4]))
        for r in rows
    }


__all__ = ["facts"]


def commanded(conn: Connection, incident: int) -> bool:
    """Whether the scope shows a running joint command of this incident."""
    row = conn.execute(
        "select 1 from joint where incident = %s and ended_at is null", (incident,)
    ).fetchone()
    return row is not None
