"""All SQL of returns, disputes and rulings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from chengshu.dispatch.disputes.model import (
    Dispute,
    DisputeState,
    Handback,
    Returnable,
    ReturnReason,
    Ruling,
)
from chengshu.dispatch.model import WorkOrder
from chengshu.kit.db import Connection, dumps
from chengshu.places import area_span, level_of

_HANDBACK = "incident, nth, work_order, unit, reason, words, duty, account, actor, at, watch_at"
_DISPUTE = (
    "d.id, d.incident, d.arbiter, d.urgent, d.opened_at, d.due_at, d.state, d.timer, d.escalated, d.interim, "
    "d.interim_order, d.ruling, d.ended_at"
)
_RULING = (
    "r.id, r.number, r.incident, r.origin, r.matter, r.area, r.words, r.lead, r.assist, r.reason, r.basis, r.settled, "
    "r.at, r.account, r.actor, r.unit, r.meeting, r.revoked_at, r.revoked_by, r.revoked_because"
)
_MOST = 500


# Returns
def _handback(row: Sequence[Any]) -> Handback:
    values = list(row)
    values[4] = ReturnReason(values[4])
    return Handback(*values)


def add_handback(conn: Connection, one: Handback) -> bool:
    """Write a return; False when the incident has one of this rank already."""
    done = conn.execute(
        f"""insert into handback ({_HANDBACK}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (incident, nth) do nothing""",
        (one.incident, one.nth, one.order, one.unit, str(one.reason), one.words,
         None if one.duty is None else dumps(dict(one.duty)), one.account, one.actor, one.at, one.watch_at),
    )  # fmt: skip
    return done.rowcount == 1


def handbacks(conn: Connection, incidents: Sequence[int]) -> list[Handback]:
    """The returns of these incidents, in their order."""
    rows = conn.execute(
        f"select {_HANDBACK} from handback where incident = any(%s) order by incident, nth",
        (list(incidents),),
    )
    return [_handback(row) for row in rows]


def standing(conn: Connection, orders: Sequence[WorkOrder]) -> dict[int, Returnable]:
    """What bears on returning each of these orders, by order."""
    if not orders:
        return {}
    incidents = list({o.incident for o in orders})
    rows = conn.execute(
        """select h.incident, count(*), bool_or(d.state = 'open') from handback h
           left join dispute d on d.incident = h.incident
           where h.incident = any(%s) group by h.incident""",
        (incidents,),
    )
    returned = {r[0]: Returnable(r[1], bool(r[2])) for r in rows}
    named = list({o.ruling for o in orders if o.ruling is not None})
    known = {r.id: r for r in rulings(conn, named)} if named else {}
    return {
        o.id: replace(
            returned.get(o.incident, Returnable()),
            ruling=known.get(o.ruling) if o.ruling is not None else None,
        )
        for o in orders
    }


def watched(conn: Connection, now: datetime, limit: int) -> list[tuple[Handback, datetime | None]]:
    """Returns whose watch has gone off, with their incident's due time; both rows are locked, and what
    somebody else holds is passed over."""
    columns = ", ".join(f"h.{name.strip()}" for name in _HANDBACK.split(","))
    rows = conn.execute(
        f"""select {columns}, i.due_at from handback h join incident i on i.id = h.incident
            where h.watch_at <= %s order by h.watch_at limit %s for update of h, i skip locked""",
        (now, limit),
    )
    return [(_handback(row[:-1]), row[-1]) for row in rows]


def watch(conn: Connection, one: Handback, at: datetime | None) -> None:
    """Look at it again then, or never."""
    conn.execute(
        "update handback set watch_at = %s where incident = %s and nth = %s",
        (at, one.incident, one.nth),
    )


def mark_overdue(conn: Connection, incident: int, now: datetime) -> None:
    """An incident that nobody has and that is not settled in time."""
    conn.execute(
        "update incident set overdue = true, changed_at = %s where id = %s and closed_at is null",
        (now, incident),
    )


# Disputes
def _dispute(row: Sequence[Any]) -> Dispute:
    values = list(row)
    values[6] = DisputeState(values[6])
    return Dispute(*values)


def add_interim(conn: Connection, order: WorkOrder) -> int:
    """Give a centre the matter until it is ruled; the id of its live order, which may be an earlier one."""
    row = conn.execute(
        "select interim_order(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (order.id, order.number, order.incident, order.unit, order.instruction, order.assigned_at,
         order.sign_due_at, order.due_at, order.escalate_at),
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def add_dispute(conn: Connection, d: Dispute) -> None:
    """Write a new dispute."""
    conn.execute(
        """insert into dispute (id, incident, arbiter, urgent, opened_at, due_at, state, timer, interim, interim_order)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (d.id, d.incident, d.arbiter, d.urgent, d.opened_at, d.due_at, str(d.state), d.timer, d.interim,
         d.interim_order),
    )  # fmt: skip


def dispute(conn: Connection, dispute_id: int) -> Dispute | None:
    """One dispute."""
    row = conn.execute(
        f"select {_DISPUTE} from dispute d where d.id = %s", (dispute_id,)
    ).fetchone()
    return _dispute(row) if row else None


def disputes(conn: Connection, state: str, limit: int = _MOST) -> list[Dispute]:
    """Disputes in this state ("all": in any), the open ones soonest due first, then the newest."""
    rows = conn.execute(
        f"""select {_DISPUTE} from dispute d where %(state)s = 'all' or d.state = %(state)s
            order by d.state <> 'open', case when d.state = 'open' then d.due_at end, d.id desc limit %(limit)s""",
        {"state": state, "limit": limit},
    )
    return [_dispute(row) for row in rows]


def disputes_of(conn: Connection, incidents: Sequence[int]) -> dict[int, Dispute]:
    """The dispute of each of these incidents that has one."""
    rows = conn.execute(
        f"select {_DISPUTE} from dispute d where d.incident = any(%s)", (list(incidents),)
    )
    return {d.incident: d for d in map(_dispute, rows)}


def finish(conn: Connection, d: Dispute, state: DisputeState, ruling: int | None, now: datetime) -> bool:  # fmt: skip
    """End an open dispute; False when somebody was first."""
    done = conn.execute(
        """update dispute set state = %s, ruling = %s, ended_at = %s, timer = null
           where id = %s and state = 'open'""",
        (str(state), ruling, now, d.id),
    )
    return done.rowcount == 1


def due(conn: Connection, now: datetime, limit: int) -> list[Dispute]:
    """Open disputes whose timer has gone off, locked with their incidents; those that somebody else holds
    are passed over."""
    rows = conn.execute(
        f"""select {_DISPUTE} from dispute d join incident i on i.id = d.incident
            where d.timer <= %s and d.state = 'open' order by d.timer limit %s for update of d, i skip locked""",
        (now, limit),
    )
    return [_dispute(row) for row in rows]


def escalate(conn: Connection, d: Dispute, level: int, timer: datetime | None) -> None:
    """Raise a dispute's level and wind its timer."""
    conn.execute(
        "update dispute set escalated = %s, timer = %s where id = %s", (level, timer, d.id)
    )


# Rulings
def _ruling(row: Sequence[Any]) -> Ruling:
    values = list(row)
    values[6], values[8], values[10] = tuple(values[6]), tuple(values[8]), tuple(values[10])
    values[11] = frozenset(values[11])
    return Ruling(*values)


def next_serial(conn: Connection, year: int) -> int:
    """The next number of a year; others wait until this transaction ends."""
    row = conn.execute("select next_ruling(%s)", (year,)).fetchone()
    assert row is not None
    return int(row[0])


def add_ruling(conn: Connection, r: Ruling, year: int, serial: int) -> int:
    """Write a ruling; its id."""
    row = conn.execute(
        """insert into ruling (year, serial, number, incident, origin, matter, area, area_to, words, lead, assist,
             reason, basis, settled, at, account, actor, unit, meeting)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning id""",
        (year, serial, r.number, r.incident, r.origin, r.matter, r.area, area_span(r.area, level_of(r.area))[1],
         list(r.words), r.lead, list(r.assist), r.reason, list(r.basis), sorted(r.settled), r.at, r.account, r.actor,
         r.unit, r.meeting),
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def rulings(conn: Connection, ids: Sequence[int]) -> list[Ruling]:
    """These rulings, as far as the scope shows them."""
    rows = conn.execute(f"select {_RULING} from ruling r where r.id = any(%s)", (list(ids),))
    return [_ruling(row) for row in rows]


def numbered(conn: Connection, number: str) -> Ruling | None:
    """The ruling with this number."""
    row = conn.execute(f"select {_RULING} from ruling r where r.number = %s", (number,)).fetchone()
    return _ruling(row) if row else None


def in_force(conn: Connection, matters: Sequence[str]) -> list[Ruling]:
    """The rulings in force about these matters."""
    rows = conn.execute(
        f"select {_RULING} from ruling r where r.revoked_at is null and r.matter = any(%s)",
        (list(matters),),
    )
    return [_ruling(row) for row in rows]


def listed(conn: Connection, *, matter: str = "", active: bool | None = None, meeting: date | None = None,
           limit: int = _MOST) -> list[Ruling]:  # fmt: skip
    """Rulings within the scope, newest first."""
    rows = conn.execute(
        f"""select {_RULING} from ruling r
            where (%(matter)s = '' or r.matter = %(matter)s)
              and (%(active)s::boolean is null or (r.revoked_at is null) = %(active)s)
              and (%(meeting)s::date is null or r.meeting = %(meeting)s)
            order by r.id desc limit %(limit)s""",
        {"matter": matter, "active": active, "meeting": meeting, "limit": limit},
    )
    return [_ruling(row) for row in rows]


def revoke(conn: Connection, ruling: int, by: str, because: str, now: datetime) -> bool:
    """Take a ruling back; False when somebody was first."""
    done = conn.execute(
        """update ruling set revoked_at = %s, revoked_by = %s, revoked_because = %s
           where id = %s and revoked_at is null""",
        (now, by, because, ruling),
    )
    return done.rowcount == 1
