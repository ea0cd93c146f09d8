"""All SQL of emergency responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.responses.model import (
    Declaration,
    DeclaredLevel,
    Response,
    ResponseTask,
    TaskSpec,
)
from chengshu.dispatch.workflow import OrderStage
from chengshu.kit.db import Connection, insert_many

_RESPONSE = (
    "r.id, r.incident, r.area, r.centre, r.plan, r.level, r.number, r.signer, r.declarer, r.declared_at, r.units, "
    "r.ended_at"
)
_ORDER = {
    "id": "bigint", "number": "text", "incident": "bigint", "unit": "text", "area": "bigint", "stage": "text",
    "instruction": "text", "assigned_at": "timestamptz", "sign_due_at": "timestamptz", "due_at": "timestamptz",
    "escalate_at": "timestamptz", "changed_at": "timestamptz", "return_by": "timestamptz",
}  # fmt: skip


def _response(row: Sequence[Any]) -> Response:
    values = list(row)
    values[10] = tuple(values[10])
    return Response(*values)


def add(conn: Connection, r: Response) -> bool:
    """Write a response; False when one is running for the incident."""
    done = conn.execute(
        """insert into response (id, incident, area, centre, plan, level, number, signer, declarer, declared_at, units)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (incident) where ended_at is null do nothing""",
        (r.id, r.incident, r.area, r.centre, r.plan, r.level, r.number, r.signer, r.declarer, r.declared_at, list(r.units)),
    )  # fmt: skip
    return done.rowcount == 1


def response(conn: Connection, response_id: int) -> Response | None:
    """One response."""
    row = conn.execute(
        f"select {_RESPONSE} from response r where r.id = %s", (response_id,)
    ).fetchone()
    return _response(row) if row else None


def locked(conn: Connection, response_id: int) -> Response | None:
    """One response, its row locked until the transaction ends; for whoever may change it."""
    row = conn.execute(
        f"select {_RESPONSE} from response r where r.id = %s for update", (response_id,)
    ).fetchone()
    return _response(row) if row else None


def responses(conn: Connection, limit: int = 100) -> list[Response]:
    """Responses within the scope, running ones first, newest first."""
    rows = conn.execute(
        f"select {_RESPONSE} from response r order by r.ended_at is not null, r.id desc limit %s",
        (limit,),
    )
    return [_response(row) for row in rows]


def set_level(
    conn: Connection, r: Response, d: Declaration, units: Sequence[str], now: datetime
) -> None:
    """Write another level, or the end."""
    conn.execute(
        """update response set level = coalesce(%s, level), number = %s, signer = %s, declarer = %s, units = %s,
             ended_at = case when %s::smallint is null then %s::timestamptz end
           where id = %s""",
        (d.level, d.number, d.signer, d.declarer, list(units), d.level, now, r.id),
    )


def add_level(
    conn: Connection,
    response_id: int,
    d: Declaration,
    at: datetime,
    account: int | None,
    actor: str,
) -> None:
    """Append a declaration."""
    conn.execute(
        """insert into response_level (response, nth, level, number, signer, declarer, words, at, account, actor)
           select %(r)s, coalesce(max(nth), 0) + 1, %(level)s, %(number)s, %(signer)s, %(declarer)s, %(words)s, %(at)s,
             %(account)s, %(actor)s from response_level where response = %(r)s""",
        {"r": response_id, "level": d.level, "number": d.number, "signer": d.signer, "declarer": d.declarer,
         "words": d.words, "at": at, "account": account, "actor": actor},
    )  # fmt: skip


def levels(conn: Connection, response_id: int) -> list[DeclaredLevel]:
    """How the level went."""
    rows = conn.execute(
        """select nth, level, number, signer, declarer, words, at, actor from response_level where response = %s
           order by nth""",
        (response_id,),
    )
    return [DeclaredLevel(*row) for row in rows]


def add_tasks(conn: Connection, response_id: int, first: int, tasks: Sequence[TaskSpec], orders: Sequence[WorkOrder],
              part: int) -> None:  # fmt: skip
    """Write the tasks with their orders, all in one go.

    Args:
        first: The first task's number in the response.
        part: The first order's number among the incident's, by which orders of one unit are told apart.
    """
    rows = [[*(getattr(o, name) for name in _ORDER), part + n] for n, o in enumerate(orders)]
    insert_many(conn, "work_order", {**_ORDER, "part": "bigint"}, rows)
    insert_many(
        conn, "response_task",
        {"response": "bigint", "nth": "bigint", "unit": "text", "text": "text", "work_order": "bigint"},
        [(response_id, first + n, t.unit, t.text, o.id) for n, (t, o) in enumerate(zip(tasks, orders, strict=True))],
    )  # fmt: skip


def tasks(conn: Connection, response_id: int) -> list[ResponseTask]:
    """The tasks whose orders the scope shows."""
    rows = conn.execute(
        """select t.nth, t.unit, t.text, t.work_order, o.number, o.stage, o.sign_due_at, o.due_at, o.signed_at,
             o.escalated, o.overdue
           from response_task t join work_order o on o.id = t.work_order where t.response = %s order by t.nth""",
        (response_id,),
    )
    return [
        ResponseTask(r[0], r[1], r[2], r[3], r[4], OrderStage(r[5]), r[6], r[7], r[8], r[9], r[10])
        for r in rows
    ]
