"""All SQL of orders, proposals, steps and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chengshu.dispatch.model import Proposal, Step, WorkOrder
from chengshu.dispatch.workflow import LIVE, CountedOrder, OrderStage
from chengshu.incidents.model import Stage
from chengshu.kit.db import Connection, dumps, insert_many

COLUMNS = (
    "o.id, o.number, o.incident, o.unit, o.area, o.stage, o.instruction, o.assigned_at, o.sign_due_at, o.due_at, "
    "o.signed_at, o.handled_at, o.closed_at, o.escalate_at, o.escalated, o.overdue, o.returns, o.reply, o.changed_at, "
    "o.withdrawn_for, o.return_by, o.ruling, o.lead, o.handlings, o.follows, o.false_closing, o.was_overdue, o.document"
)
_LIVE = [str(s) for s in LIVE]


def order_of(row: Sequence[Any]) -> WorkOrder:
    """An order from a row of COLUMNS."""
    values = list(row)
    values[5] = OrderStage(values[5])
    return WorkOrder(*values)


_ORDER = {
    "id": "bigint", "number": "text", "incident": "bigint", "unit": "text", "area": "bigint", "stage": "text",
    "instruction": "text", "assigned_at": "timestamptz", "sign_due_at": "timestamptz", "due_at": "timestamptz",
    "escalate_at": "timestamptz", "changed_at": "timestamptz", "return_by": "timestamptz", "ruling": "bigint",
    "lead": "boolean", "handlings": "int", "follows": "bigint",
}  # fmt: skip


def add_orders(conn: Connection, orders: Sequence[WorkOrder]) -> None:
    """Write new orders."""
    insert_many(conn, "work_order", _ORDER, [[getattr(o, name) for name in _ORDER] for o in orders])


def order(conn: Connection, order_id: int) -> WorkOrder | None:
    """One order."""
    row = conn.execute(
        f"select {COLUMNS} from work_order o where o.id = %s", (order_id,)
    ).fetchone()
    return order_of(row) if row else None


def orders(conn: Connection, ids: Sequence[int]) -> list[WorkOrder]:
    """Orders with these ids."""
    rows = conn.execute(f"select {COLUMNS} from work_order o where o.id = any(%s)", (list(ids),))
    return [order_of(row) for row in rows]


def orders_of(conn: Connection, incidents: Sequence[int]) -> list[WorkOrder]:
    """The orders of these incidents, oldest first."""
    rows = conn.execute(
        f"select {COLUMNS} from work_order o where o.incident = any(%s) order by o.id",
        (list(incidents),),
    )
    return [order_of(row) for row in rows]


def made_way(conn: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The number of the incident that an order was withdrawn for, by order, where it may be known.

    A unit does not see that incident; its history names it unless it lies in another county.
    """
    rows = conn.execute(
        """select o.id, coalesce(i.number, s.number)
           from work_order o left join incident i on i.id = o.withdrawn_for
           left join lateral (select detail->>'into' as number from step
                              where work_order = o.id and verb = 'withdraw' order by id desc limit 1) s on true
           where o.id = any(%s) and o.withdrawn_for is not null and coalesce(i.number, s.number) is not null""",
        (list(ids),),
    )
    return {r[0]: r[1] for r in rows}


def parts_of(conn: Connection, incident: int) -> list[CountedOrder]:
    """How far all orders of an incident are, those of units that the scope does not show included."""
    rows = conn.execute("select stage, lead from order_stages(%s)", (incident,))
    return [CountedOrder(OrderStage(row[0]), row[1]) for row in rows]


def live_units(conn: Connection, incidents: Sequence[int]) -> list[tuple[int, int, str]]:
    """Incident, order and unit of every live order of these incidents."""
    rows = conn.execute(
        "select incident, id, unit from work_order where incident = any(%s) and stage = any(%s)",
        (list(incidents), _LIVE),
    )
    return [(r[0], r[1], r[2]) for r in rows]


def move(conn: Connection, order: WorkOrder, to: OrderStage, now: datetime, *, reply: str | None = None,
         document: str | None = None, escalate_at: datetime | None = None) -> bool:  # fmt: skip
    """Move an order's stage by one conditional update; False when somebody was first."""
    done = conn.execute(
        """update work_order set stage = %(to)s, changed_at = %(now)s, escalate_at = %(timer)s,
             signed_at = case when %(to)s = 'signed' then coalesce(signed_at, %(now)s) else signed_at end,
             handled_at = case when %(to)s = 'handled' then %(now)s else handled_at end,
             closed_at = case when %(to)s in ('closed', 'returned', 'withdrawn', 'void') then %(now)s
                              when %(to)s = 'archived' then closed_at end,
             returns = returns + case when %(to)s = 'returned' then 1 else 0 end,
             reply = coalesce(%(reply)s, reply),
             document = case when %(reply)s is null then document else %(document)s end
           where id = %(id)s and stage = %(at)s""",
        {
            "to": to,
            "now": now,
            "timer": escalate_at,
            "reply": reply,
            "document": document,
            "id": order.id,
            "at": order.stage,
        },
    )
    return done.rowcount == 1


def begin_again(
    conn: Connection, order: WorkOrder, due_at: datetime, timer: datetime, now: datetime
) -> None:
    """Give an order that was just opened again its second clock, and forget the level of its first."""
    conn.execute(
        """update work_order set handlings = 2, due_at = %s, escalate_at = %s, escalated = 0,
             was_overdue = was_overdue or overdue, overdue = false, changed_at = %s where id = %s""",
        (due_at, timer, now, order.id),
    )


def set_clock(
    conn: Connection, order: int, due_at: datetime | None, timer: datetime | None
) -> None:
    """Write when an order is due, and when a worker looks at it next."""
    conn.execute(
        "update work_order set due_at = %s, escalate_at = %s where id = %s", (due_at, timer, order)
    )


def set_lead(conn: Connection, incident: int, lead: int, now: datetime) -> list[int]:
    """Make one order of an incident its leading one; the orders that changed."""
    rows = conn.execute(
        """update work_order set lead = (id = %(lead)s), changed_at = %(now)s
           where incident = %(incident)s and lead <> (id = %(lead)s) returning id""",
        {"lead": lead, "now": now, "incident": incident},
    )
    return [r[0] for r in rows]


def mark_false(conn: Connection, order: int, now: datetime) -> bool:
    """Mark that what an order's reply says was not so; False when it was marked already."""
    done = conn.execute(
        """update work_order set false_closing = true, changed_at = %s
           where id = %s and not false_closing""",
        (now, order),
    )
    return done.rowcount == 1


def shorten(conn: Connection, limits: Mapping[int, datetime], now: datetime) -> list[WorkOrder]:
    """Bring what is due of live orders forward to these instants, one per incident; returns those that changed."""
    rows = conn.execute(
        f"""update work_order o set due_at = s.due_at, changed_at = %(now)s,
              escalate_at = case when o.escalated < 2 and o.escalate_at > s.due_at then s.due_at else o.escalate_at end
            from unnest(%(incidents)s::bigint[], %(due)s::timestamptz[]) s(incident, due_at)
            where o.incident = s.incident and o.stage = any(%(live)s) and (o.due_at is null or o.due_at > s.due_at)
            returning {COLUMNS}""",
        {"now": now, "incidents": list(limits), "due": list(limits.values()), "live": _LIVE},
    )
    return [order_of(row) for row in rows]


def hasten(
    conn: Connection, rows: Sequence[tuple[int, datetime]], now: datetime
) -> dict[int, datetime]:
    """Bring what is due of open incidents forward: id, instant; returns those that it moved."""
    moved = conn.execute(
        """update incident i set due_at = s.due_at, changed_at = %s
           from unnest(%s::bigint[], %s::timestamptz[]) s(id, due_at)
           where i.id = s.id and i.closed_at is null and (i.due_at is null or i.due_at > s.due_at)
           returning i.id, i.due_at""",
        (now, [r[0] for r in rows], [r[1] for r in rows]),
    )
    return {r[0]: r[1] for r in moved}


def given(conn: Connection, incident: int) -> int:
    """How many orders an incident was ever given, those that went with a merge included."""
    row = conn.execute(
        "select count(*) from step where incident = %s and verb = 'assign'", (incident,)
    ).fetchone()
    return int(row[0]) if row else 0


def due(conn: Connection, now: datetime, limit: int) -> list[WorkOrder]:
    """Orders whose timer has gone off, locked with their incidents; those somebody else holds are
    passed over, so that a worker never waits for a person while a person waits for it."""
    rows = conn.execute(
        f"""select {COLUMNS} from work_order o join incident i on i.id = o.incident where o.escalate_at <= %s
            order by o.escalate_at limit %s for update of o, i skip locked""",
        (now, limit),
    )
    return [order_of(row) for row in rows]


def escalate(conn: Connection, order: WorkOrder, *, level: int, overdue: bool, next_at: datetime | None,
             now: datetime) -> bool:  # fmt: skip
    """Raise an order's level once; False when another worker was first."""
    done = conn.execute(
        """update work_order set escalated = %s, overdue = %s, escalate_at = %s, changed_at = %s
           where id = %s and escalate_at = %s""",
        (level, overdue, next_at, now, order.id, order.escalate_at),
    )
    if overdue:
        conn.execute("update incident set overdue = true, changed_at = %s where id = %s and closed_at is null",
                     (now, order.incident))  # fmt: skip
    return done.rowcount == 1


def set_incidents(
    conn: Connection, rows: Sequence[tuple[int, Stage, datetime | None, datetime]]
) -> None:
    """Write stage and due time of incidents that were just assigned: id, stage, due_at, now."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "update incident set stage = %s, due_at = coalesce(%s, due_at), changed_at = %s where id = %s",
            [(stage, due_at, now, incident) for incident, stage, due_at, now in rows],
        )


def set_due(conn: Connection, incident: int, due_at: datetime) -> None:
    """Write when an incident must be settled."""
    conn.execute("update incident set due_at = %s where id = %s", (due_at, incident))


def restart(conn: Connection, incident: int, due_at: datetime | None, now: datetime) -> None:
    """Write when an open incident is to be settled or looked at again; whether it is late follows."""
    conn.execute(
        """update incident set due_at = %(due)s, changed_at = %(now)s, overdue = coalesce(%(due)s <= %(now)s, false)
           where id = %(id)s and closed_at is null""",
        {"due": due_at, "now": now, "id": incident},
    )


def save_proposals(
    conn: Connection, rows: Sequence[tuple[int, Sequence[Proposal]]], now: datetime
) -> None:
    """Replace the proposals of these incidents."""
    values = [
        (incident, rank, p.unit, p.probability, dumps([c.record() for c in p.clues]), now)
        for incident, proposals in rows for rank, p in enumerate(proposals, 1)
    ]  # fmt: skip
    insert_many(
        conn, "proposal",
        {"incident": "bigint", "rank": "smallint", "unit": "text", "probability": "real", "clues": "jsonb", "at": "timestamptz"},
        values,
        tail="""on conflict (incident, rank) do update set unit = excluded.unit, probability = excluded.probability,
                clues = excluded.clues, at = excluded.at""",
    )  # fmt: skip


def drop_proposals(conn: Connection, incident: int, after: int) -> None:
    """Drop proposals beyond the first `after`: an earlier answer had more of them."""
    conn.execute("delete from proposal where incident = %s and rank > %s", (incident, after))


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal as it is kept."""

    incident: int
    rank: int
    unit: str
    unit_name: str
    probability: float
    clues: list[dict[str, Any]]


def proposals(
    conn: Connection, incidents: Sequence[int], *, top_only: bool = False
) -> list[StoredProposal]:
    """Proposals of these incidents, best first."""
    rows = conn.execute(
        """select p.incident, p.rank, p.unit, u.name, p.probability, p.clues from proposal p join unit u using (unit)
           where p.incident = any(%s) and (p.rank = 1 or not %s) order by p.incident, p.rank""",
        (list(incidents), top_only),
    )
    return [StoredProposal(*row) for row in rows]


_STEP = {
    "incident": "bigint", "work_order": "bigint", "at": "timestamptz", "account": "bigint", "actor": "text",
    "unit": "text", "verb": "text", "from_stage": "text", "to_stage": "text", "reason": "text", "detail": "jsonb",
    "address": "text",
}  # fmt: skip


def add_steps(conn: Connection, steps: Sequence[Step]) -> None:
    """Append lines of history."""
    insert_many(conn, "step", _STEP, [
        (s.incident, s.order, s.at, s.account, s.actor, s.unit, s.verb, s.from_stage, s.to_stage, s.reason,
         dumps(dict(s.detail)), s.address)
        for s in steps
    ])  # fmt: skip


def steps(conn: Connection, incident: int) -> list[tuple[Any, ...]]:
    """History of an incident, and of its orders before they came to it:
    id, order, at, actor, unit name, verb, from, to, reason, detail."""
    return conn.execute(
        """select s.id, s.work_order, s.at, s.actor, coalesce(u.name, s.unit), s.verb, s.from_stage,
             s.to_stage, s.reason, s.detail
           from step s left join unit u on u.unit = s.unit
           where s.incident = %(i)s or s.work_order in (select id from work_order where incident = %(i)s)
           order by s.id""",
        {"i": incident},
    ).fetchall()


def notify_units(conn: Connection, rows: Sequence[tuple[str, int, str]], now: datetime, *, event: str = "",
                 level: int = 0) -> None:  # fmt: skip
    """Tell units: unit, incident, text. What happened chooses the words and ways of notices that leave
    the house; level 1 is urgent, 2 a danger: those must be acknowledged."""
    columns = {"unit": "text", "incident": "bigint", "text": "text", "at": "timestamptz", "event": "text",
               "level": "smallint"}  # fmt: skip
    insert_many(conn, "notice", columns, [(*row, now, event, level) for row in rows])


def notify_reporters(conn: Connection, incident: int, text: str, now: datetime) -> int:
    """Tell everybody who reported an incident; imported reports are left in peace. Returns how many."""
    return conn.execute(
        """insert into notice (report, incident, text, at)
           select m.report, m.incident, %s, %s from membership m join report r on r.id = m.report
           where m.incident = %s and not r.imported""",
        (text, now, incident),
    ).rowcount


def notify_reporter(conn: Connection, report: int, incident: int, text: str, now: datetime) -> None:
    """Tell one reporter."""
    conn.execute(
        "insert into notice (report, incident, text, at) values (%s, %s, %s, %s)",
        (report, incident, text, now),
    )


def notices(conn: Connection, unit: str, limit: int) -> list[tuple[Any, ...]]:
    """A unit's notices, newest first: id, text, at, incident, read."""
    return conn.execute(
        "select id, text, at, incident, read_at is not null from notice where unit = %s order by at desc, id desc limit %s",
        (unit, limit),
    ).fetchall()


def read_notices(conn: Connection, unit: str, now: datetime) -> int:
    """Mark a unit's notices as read."""
    return conn.execute(
        "update notice set read_at = %s where unit = %s and read_at is null", (now, unit)
    ).rowcount


def told(conn: Connection, report: int) -> list[tuple[datetime, str]]:
    """What a reporter was told."""
    rows = conn.execute("select at, text from notice where report = %s order by id", (report,))
    return [(r[0], r[1]) for r in rows]


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a citizen's report stands; `assigned_at` is when the unit got it."""

    said_at: datetime
    stage: str
    unit_name: str | None
    assigned_at: datetime | None
    due_at: datetime | None
    answer: str | None
    closed_at: datetime | None


def followed(conn: Connection, code_hash: str) -> Followed | None:
    """Where the report with this code stands."""
    row = conn.execute(
        """select said_at, stage, unit_name, assigned_at, due_at, answer, closed_at
           from follow_report(%s)""",
        (code_hash,),
    ).fetchone()
    return Followed(*row) if row else None


def add_link(conn: Connection, pair: tuple[int, int], kind: str, reason: str, account: int | None, actor: str,
             now: datetime) -> bool:  # fmt: skip
    """Link two incidents, the smaller id first; False when they are linked already."""
    done = conn.execute(
        """insert into link (one, other, kind, reason, account, actor, at) values (%s, %s, %s, %s, %s, %s, %s)
           on conflict (one, other) do nothing""",
        (*pair, kind, reason, account, actor, now),
    )
    return done.rowcount == 1


def drop_link(conn: Connection, pair: tuple[int, int]) -> bool:
    """Take a link back; False when there is none."""
    done = conn.execute("delete from link where one = %s and other = %s", pair)
    return done.rowcount == 1


def links(conn: Connection, incident: int) -> list[tuple[int, str, str]]:
    """The incidents that this one is linked with: id, kind, reason; newest first."""
    rows = conn.execute(
        """select case when one = %(i)s then other else one end, kind, reason from link
           where one = %(i)s or other = %(i)s order by at desc, one, other limit 200""",
        {"i": incident},
    )
    return [(r[0], r[1], r[2]) for r in rows]
