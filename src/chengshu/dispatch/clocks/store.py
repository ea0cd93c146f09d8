"""All SQL of clocks, requests and supervision orders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.clocks.model import (
    Ask,
    AskState,
    Clock,
    ClockKind,
    ClockState,
    Request,
    Supervision,
)
from chengshu.kit.db import Connection, insert_many

_CLOCK = {
    "work_order": "bigint", "kind": "text", "start_at": "timestamptz", "begun_at": "timestamptz", "amount": "int",
    "span": "text", "unit": "text", "fixed_at": "timestamptz", "cap_at": "timestamptz", "cap_by": "text",
    "due_at": "timestamptz", "yellow_at": "timestamptz", "provisional": "boolean", "state": "text", "level": "smallint",
}  # fmt: skip
_KEPT = ("cap_at", "cap_by", "due_at", "yellow_at", "provisional", "state", "level")
_REQUEST = (
    "r.id, r.work_order, r.ask, r.reason, r.words, r.amount, r.span, r.unit, r.to_unit, r.asked_at, r.account, r.actor, "
    "r.state, r.answered_at, r.answered_by, r.answer_actor, r.answer, r.from_at, r.until_at, r.ended"
)
_SUPERVISION = (
    "s.id, s.number, s.work_order, s.unit, s.by_unit, s.account, s.actor, s.grade, s.cause, s.words, s.at, s.explain_by, "
    "s.copied, s.told_late, s.explained_at, s.explain_actor, s.explanation, s.withdrawn_at"
)
_WORKS = ("assigned", "signed")


def _limit(amount: int | None, span: str | None) -> Limit | None:
    return None if amount is None or span is None else Limit(amount, Span(span))


# Clocks
def put_clocks(conn: Connection, clocks: Sequence[Clock]) -> None:
    """Write clocks; of one that is there already, what can change."""
    values = [
        (c.order, str(c.kind), c.start_at, c.begun_at, c.limit.amount if c.limit else None,
         str(c.limit.span) if c.limit else None, c.unit, c.fixed_at, c.cap_at, c.cap_by, c.due_at, c.yellow_at,
         c.provisional, str(c.state), c.level)
        for c in clocks
    ]  # fmt: skip
    kept = ", ".join(f"{name} = excluded.{name}" for name in _KEPT)
    insert_many(conn, "clock", _CLOCK, values, tail=f"on conflict (work_order, kind) do update set {kept}")  # fmt: skip


def drop_clocks(conn: Connection, order: int) -> None:
    """Forget the clocks of an order that runs anew."""
    conn.execute("delete from clock where work_order = %s", (order,))


def clocks_of(conn: Connection, orders: Sequence[int]) -> dict[int, dict[ClockKind, Clock]]:
    """The clocks of these orders, by order and kind."""
    found: dict[int, dict[ClockKind, Clock]] = defaultdict(dict)
    if not orders:
        return found
    rows = conn.execute(
        """select work_order, kind, start_at, begun_at, amount, span, unit, due_at, yellow_at, fixed_at, cap_at, cap_by,
             provisional, state, level from clock where work_order = any(%s)""",
        (list(orders),),
    )
    for row in rows:
        order, kind, start, begun, amount, span, *rest = row
        rest[-2] = ClockState(rest[-2])
        clock = Clock(order, ClockKind(kind), start, begun, _limit(amount, span), *rest)
        found[order][clock.kind] = clock
    return found


def provisional(conn: Connection, years: Sequence[int], limit: int) -> list[int]:
    """Orders in work whose clocks ended provisionally in one of these years, locked; those somebody
    else holds are passed over."""
    rows = conn.execute(
        """select o.id from work_order o join incident i on i.id = o.incident
           where o.stage = any(%s) and o.id in (select c.work_order from clock c where c.provisional
             and extract(year from c.due_at at time zone 'Asia/Shanghai') = any(%s))
           order by o.id limit %s for update of o, i skip locked""",
        (list(_WORKS), list(years), limit),
    )
    return [r[0] for r in rows]


def set_order(conn: Connection, order: int, *, due: datetime | None, wakes: datetime | None, escalated: int,
              overdue: bool, now: datetime) -> None:  # fmt: skip
    """Keep an order's own due time, timer and mark in step with its clocks; its row is locked."""
    conn.execute(
        """update work_order set due_at = %s, escalate_at = %s, escalated = %s, overdue = %s, changed_at = %s
           where id = %s""",
        (due, wakes, escalated, overdue, now, order),
    )


def set_incident(conn: Connection, incident: int, now: datetime) -> None:
    """An incident is due when the last of its orders in work is, and overdue while one of them is."""
    conn.execute(
        """update incident i set due_at = o.due_at, overdue = o.overdue, changed_at = %(now)s
           from (select case when bool_and(due_at is not null) then max(due_at) end as due_at, bool_or(overdue) as overdue
                 from work_order where incident = %(i)s and stage = any(%(works)s)) o
           where i.id = %(i)s and i.closed_at is null and o.overdue is not null""",
        {"now": now, "i": incident, "works": list(_WORKS)},
    )


def wake(conn: Connection, wakes: Mapping[int, datetime | None], was: Mapping[int, datetime | None],
         levels: Mapping[int, tuple[int, bool]], now: datetime) -> set[int]:  # fmt: skip
    """Wind the timers of orders on, each once; the orders for which no other worker was first.

    Args:
        levels: Where they change: level of escalation and whether overdue.
    """
    ids = list(wakes)
    rows = conn.execute(
        """update work_order o set escalate_at = s.wakes,
             escalated = coalesce(s.level, o.escalated), overdue = coalesce(s.overdue, o.overdue),
             changed_at = case when s.level is null then o.changed_at else %(now)s end
           from unnest(%(ids)s::bigint[], %(was)s::timestamptz[], %(wakes)s::timestamptz[], %(level)s::int[],
                       %(overdue)s::boolean[]) s(id, was, wakes, level, overdue)
           where o.id = s.id and o.escalate_at = s.was returning o.id, o.incident, o.overdue""",
        {"now": now, "ids": ids, "was": [was[i] for i in ids], "wakes": [wakes[i] for i in ids],
         "level": [levels[i][0] if i in levels else None for i in ids],
         "overdue": [levels[i][1] if i in levels else None for i in ids]},
    ).fetchall()  # fmt: skip
    late = [r[1] for r in rows if r[0] in levels and r[2]]
    if late:
        conn.execute(
            """update incident set overdue = true, changed_at = %s
               where id = any(%s) and closed_at is null and not overdue""",
            (now, late),
        )
    return {r[0] for r in rows}


# Requests
def _request(row: Sequence[Any]) -> Request:
    key, order, ask, reason, words, amount, span, *rest = row
    rest[5] = AskState(rest[5])
    return Request(key, order, Ask(ask), reason, words, _limit(amount, span), *rest)


def requests_of(conn: Connection, orders: Sequence[int]) -> dict[int, list[Request]]:
    """What was asked about the clocks of these orders, oldest first."""
    found: dict[int, list[Request]] = defaultdict(list)
    if not orders:
        return found
    rows = conn.execute(
        f"select {_REQUEST} from clock_request r where r.work_order = any(%s) order by r.id",
        (list(orders),),
    )
    for row in rows:
        found[row[1]].append(_request(row))
    return found


def request(conn: Connection, request_id: int) -> Request | None:
    """One request."""
    row = conn.execute(
        f"select {_REQUEST} from clock_request r where r.id = %s", (request_id,)
    ).fetchone()
    return _request(row) if row else None


def requests(conn: Connection, state: str, limit: int = 200) -> list[Request]:
    """Requests within the scope, those that wait longest first, or all of them newest first."""
    rows = conn.execute(
        f"""select {_REQUEST} from clock_request r join work_order o on o.id = r.work_order
            where %(state)s = 'all' or (r.state = 'open' and o.stage = any(%(works)s))
            order by case when %(state)s = 'all' then -r.id else r.id end limit %(limit)s""",
        {"state": state, "works": list(_WORKS), "limit": limit},
    )
    return [_request(row) for row in rows]


def standing_pauses(conn: Connection, orders: Sequence[int]) -> dict[int, Request]:
    """The pause that stops the clock of each of these orders now."""
    rows = conn.execute(
        f"""select {_REQUEST} from clock_request r where r.work_order = any(%s) and r.ask = 'pause'
              and r.state = 'approved' and not r.ended""",
        (list(orders),),
    )
    return {row[1]: _request(row) for row in rows}


def add_request(conn: Connection, r: Request) -> bool:
    """Write a request; False when one of the kind is open already."""
    done = conn.execute(
        """insert into clock_request (id, work_order, ask, reason, words, amount, span, unit, to_unit, asked_at, account,
             actor, state) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (work_order, ask) where state = 'open' do nothing""",
        (r.id, r.order, str(r.ask), r.reason, r.words, r.limit.amount if r.limit else None,
         str(r.limit.span) if r.limit else None, r.unit, r.to_unit, r.asked_at, r.account, r.actor, str(r.state)),
    )  # fmt: skip
    return done.rowcount == 1


def answer(conn: Connection, r: Request) -> bool:
    """Write the answer to an open request; False when somebody was first."""
    done = conn.execute(
        """update clock_request set state = %s, answered_at = %s, answered_by = %s, answer_actor = %s, answer = %s,
             from_at = %s, until_at = %s where id = %s and state = 'open'""",
        (str(r.state), r.answered_at, r.answered_by, r.answer_actor, r.answer, r.from_at, r.until_at, r.id),
    )  # fmt: skip
    return done.rowcount == 1


def end_pause(conn: Connection, request_id: int, until: datetime) -> bool:
    """A pause is over; False when it was already."""
    done = conn.execute(
        """update clock_request set until_at = %s, ended = true
           where id = %s and ask = 'pause' and state = 'approved' and not ended""",
        (until, request_id),
    )
    return done.rowcount == 1


# Supervision orders
def _supervision(row: Sequence[Any]) -> Supervision:
    v = list(row)
    v[12] = tuple(v[12])
    return Supervision(*v)


def supervisions_of(conn: Connection, orders: Sequence[int]) -> dict[int, list[Supervision]]:
    """The supervision orders of these orders, oldest first."""
    found: dict[int, list[Supervision]] = defaultdict(list)
    if not orders:
        return found
    rows = conn.execute(
        f"select {_SUPERVISION} from supervision s where s.work_order = any(%s) order by s.nth",
        (list(orders),),
    )
    for row in rows:
        found[row[2]].append(_supervision(row))
    return found


def supervision(conn: Connection, supervision_id: int) -> Supervision | None:
    """One supervision order."""
    row = conn.execute(
        f"select {_SUPERVISION} from supervision s where s.id = %s", (supervision_id,)
    ).fetchone()
    return _supervision(row) if row else None


def supervisions(conn: Connection, state: str, limit: int = 200) -> list[Supervision]:
    """Supervision orders within the scope: those without an explanation, the most pressing first, or all
    of them newest first."""
    rows = conn.execute(
        f"""select {_SUPERVISION} from supervision s
            where %(state)s = 'all' or (s.explained_at is null and s.withdrawn_at is null)
            order by case when %(state)s = 'open' then s.explain_by end, s.id desc limit %(limit)s""",
        {"state": state, "limit": limit},
    )
    return [_supervision(row) for row in rows]


def add_supervisions(conn: Connection, rows: Sequence[Supervision]) -> None:
    """Write supervision orders; each takes the next number of its order, whose row is locked."""
    for s in rows:
        conn.execute(
            """insert into supervision (id, number, work_order, nth, unit, by_unit, account, actor, grade, cause, words, at,
                 explain_by, copied)
               select %s, %s || '-督' || n.nth, %s, n.nth, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s
               from (select coalesce(max(nth), 0) + 1 as nth from supervision where work_order = %s) n""",
            (s.id, s.number, s.order, s.unit, s.by_unit, s.account, s.actor, s.grade, s.cause, s.words, s.at,
             s.explain_by, list(s.copied), s.order),
        )  # fmt: skip


def tell_late(conn: Connection, ids: Sequence[int]) -> None:
    """That these were not explained in time was told."""
    conn.execute("update supervision set told_late = true where id = any(%s)", (list(ids),))


def explain(conn: Connection, s: Supervision, account: int | None) -> bool:
    """Write the unit's explanation; False when there is one already or it was withdrawn."""
    done = conn.execute(
        """update supervision set explained_at = %s, explain_account = %s, explain_actor = %s, explanation = %s
           where id = %s and explained_at is null and withdrawn_at is null""",
        (s.explained_at, account, s.explain_actor, s.explanation, s.id),
    )
    return done.rowcount == 1


def withdraw(conn: Connection, order: int, now: datetime) -> int:
    """Take back what the clock itself gave and nobody explained yet; how many."""
    return conn.execute(
        """update supervision set withdrawn_at = %s
           where work_order = %s and cause = 'overdue' and explained_at is null and withdrawn_at is null""",
        (now, order),
    ).rowcount


def hasten(conn: Connection, order: int, at: datetime) -> None:
    """A worker looks at an order at this instant at the latest; its row is locked."""
    conn.execute(
        "update work_order set escalate_at = least(escalate_at, %s) where id = %s", (at, order)
    )
