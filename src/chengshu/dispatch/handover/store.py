"""All SQL of hand-overs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.handover.model import Handover, HandoverAnswer, HandoverState, OtherSide
from chengshu.kit.db import Connection

_COLUMNS = (
    "h.id, h.number, h.incident, h.report, h.party, h.state, h.said, h.place, h.lon, h.lat, h.third, h.offered_at, "
    "h.account, h.actor, h.unit, h.attempts, h.timer, h.climbed, h.last_error, h.their_number, h.answered_at, "
    "h.answered_by, h.words, h.holds"
)


def _handover(row: Sequence[Any]) -> Handover:
    values = list(row)
    values[4], values[5] = OtherSide(values[4]), HandoverState(values[5])
    return Handover(*values)


def add(conn: Connection, h: Handover) -> bool:
    """Write a new one; False when the incident is offered to that party already."""
    done = conn.execute(
        """insert into handover (id, number, incident, report, party, state, said, place, lon, lat, third, offered_at,
             account, actor, unit, timer)
           values (%s, %s, %s, %s, %s, 'offered', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (incident, party) where state in ('offered', 'lost', 'acknowledged') do nothing""",
        (h.id, h.number, h.incident, h.report, str(h.party), h.said, h.place, h.lon, h.lat, h.third, h.offered_at,
         h.account, h.actor, h.unit, h.timer),
    )  # fmt: skip
    return done.rowcount == 1


def of_incident(conn: Connection, incident: int) -> list[Handover]:
    """The hand-overs of an incident, the first first."""
    rows = conn.execute(
        f"select {_COLUMNS} from handover h where h.incident = %s order by h.id", (incident,)
    )
    return [_handover(row) for row in rows]


def one(conn: Connection, handover_id: int) -> Handover | None:
    """One hand-over."""
    row = conn.execute(
        f"select {_COLUMNS} from handover h where h.id = %s", (handover_id,)
    ).fetchone()
    return _handover(row) if row else None


def unanswered(conn: Connection, limit: int = 200) -> list[tuple[Handover, str, str]]:
    """Those that nobody has answered, oldest first, with their incident's number and title."""
    rows = conn.execute(
        f"""select {_COLUMNS}, i.number, i.title from handover h join incident i on i.id = h.incident
            where h.state in ('offered', 'lost') order by h.offered_at limit %s""",
        (limit,),
    )
    return [(_handover(r[:-2]), r[-2], r[-1]) for r in rows]


def claim(conn: Connection, now: datetime, until: datetime, limit: int) -> list[Handover]:
    """Take unanswered ones whose timer has gone off, so that nobody else does before `until`."""
    rows = conn.execute(
        f"""update handover h set timer = %s, attempts = h.attempts + 1 where h.id = any(array(
              select id from handover where timer <= %s order by timer limit %s for update skip locked))
            returning {_COLUMNS}""",
        (until, now, limit),
    )
    return [_handover(row) for row in rows]


def answered(
    conn: Connection, h: Handover, answer: HandoverAnswer, *, by: str, now: datetime
) -> bool:
    """Write the first answer; False when there is one already. The caller holds the incident's lock."""
    done = conn.execute(
        """update handover h set state = %(state)s, their_number = %(number)s, answered_at = %(now)s,
             answered_by = %(by)s, words = %(words)s, timer = null, last_error = '',
             holds = %(taken)s and not exists (select 1 from handover o where o.incident = h.incident and o.holds)
           where h.id = %(id)s and h.state in ('offered', 'lost')""",
        {
            "state": "acknowledged" if answer.taken else "refused",
            "number": answer.number,
            "now": now,
            "by": answer.by or by,
            "words": answer.words,
            "taken": answer.taken,
            "id": h.id,
        },
    )
    return done.rowcount == 1


def not_answered(conn: Connection, h: Handover, *, state: HandoverState, climbed: int, error: str,
                 timer: datetime) -> bool:  # fmt: skip
    """Remember a failed attempt; False when it was answered meanwhile."""
    done = conn.execute(
        """update handover set state = %s, climbed = %s, last_error = %s, timer = %s
           where id = %s and state in ('offered', 'lost')""",
        (str(state), climbed, error[:500], timer, h.id),
    )
    return done.rowcount == 1


def hand_back(conn: Connection, h: Handover, words: str) -> bool:
    """They gave it back; False when they do not have it."""
    done = conn.execute(
        "update handover set state = 'handed_back', holds = false, words = %s where id = %s and state = 'acknowledged'",
        (words, h.id),
    )
    return done.rowcount == 1
