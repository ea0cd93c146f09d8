"""All SQL of whistles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.whistles.model import Whistle, WhistleCall
from chengshu.kit.db import Connection

_WHISTLE = "w.id, w.incident, w.number, w.title, w.place, w.area, w.unit, w.words, w.called, w.at, w.account, w.actor"
_CALL = (
    "c.whistle, c.unit, c.called_at, c.due_at, c.timer, c.told, c.climbed, c.answered_at, c.words, c.actor, "
    "c.response_s, c.late"
)


def _whistle(row: Sequence[Any]) -> Whistle:
    values = list(row)
    values[8] = tuple(values[8])
    return Whistle(*values)


def add(conn: Connection, w: Whistle, calls: Sequence[WhistleCall]) -> None:
    """Write a whistle and whom it calls."""
    conn.execute(
        """insert into whistle (id, incident, number, title, place, area, unit, words, called, at, account, actor)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (w.id, w.incident, w.number, w.title, w.place, w.area, w.unit, w.words, list(w.called), w.at, w.account, w.actor),
    )  # fmt: skip
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into whistle_call (whistle, unit, called_at, due_at, timer, told) values (%s, %s, %s, %s, %s, %s)",
            [(c.whistle, c.unit, c.called_at, c.due_at, c.timer, c.told) for c in calls],
        )


def whistles(conn: Connection, *, unit: str = "", incident: int | None = None, waiting: bool = False,
             limit: int = 200) -> list[Whistle]:  # fmt: skip
    """Whistles within the scope, newest first.

    Args:
        unit: Only those that call it.
        waiting: Only those that somebody (with `unit`: that unit) has not answered.
    """
    rows = conn.execute(
        f"""select {_WHISTLE} from whistle w
            where (%(unit)s = '' or %(unit)s = any(w.called))
              and (%(incident)s::bigint is null or w.incident = %(incident)s)
              and (not %(waiting)s or exists (select 1 from whistle_call c where c.whistle = w.id
                   and c.answered_at is null and (%(unit)s = '' or c.unit = %(unit)s)))
            order by w.at desc, w.id desc limit %(limit)s""",
        {"unit": unit, "incident": incident, "waiting": waiting, "limit": limit},
    )
    return [_whistle(row) for row in rows]


def whistle(conn: Connection, whistle_id: int) -> Whistle | None:
    """One whistle."""
    row = conn.execute(
        f"select {_WHISTLE} from whistle w where w.id = %s", (whistle_id,)
    ).fetchone()
    return _whistle(row) if row else None


def calls(conn: Connection, whistle_ids: Sequence[int]) -> list[WhistleCall]:
    """Whom these whistles call."""
    rows = conn.execute(
        f"select {_CALL} from whistle_call c where c.whistle = any(%s) order by c.whistle, c.unit",
        (list(whistle_ids),),
    )
    return [WhistleCall(*row) for row in rows]


def answer(
    conn: Connection, call: WhistleCall, words: str, actor: str, response_s: int, now: datetime
) -> bool:
    """Write an answer and how long it took; False when it was answered already."""
    done = conn.execute(
        """update whistle_call set answered_at = %s, words = %s, actor = %s, response_s = %s, late = %s, timer = null
           where whistle = %s and unit = %s and answered_at is null""",
        (now, words, actor, response_s, now > call.due_at, call.whistle, call.unit),
    )
    return done.rowcount == 1


def due(conn: Connection, now: datetime, limit: int) -> list[WhistleCall]:
    """Calls whose timer has gone off, locked; those that somebody else holds are passed over."""
    rows = conn.execute(
        f"""select {_CALL} from whistle_call c where c.timer <= %s order by c.timer limit %s
            for update of c skip locked""",
        (now, limit),
    )
    return [WhistleCall(*row) for row in rows]


def climb(conn: Connection, call: WhistleCall, told: str, timer: datetime | None) -> None:
    """Silence reaches the next unit."""
    conn.execute(
        """update whistle_call set told = %s, climbed = climbed + 1, timer = %s, late = true
           where whistle = %s and unit = %s""",
        (told, timer, call.whistle, call.unit),
    )


def stop(conn: Connection, call: WhistleCall) -> None:
    """Nobody is left to be told."""
    conn.execute(
        "update whistle_call set timer = null where whistle = %s and unit = %s",
        (call.whistle, call.unit),
    )
