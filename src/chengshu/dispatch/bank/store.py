"""All SQL of the problem bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.bank.model import BankState, Plea, Shelving
from chengshu.dispatch.model import WorkOrder
from chengshu.kit.db import Connection

_COLUMNS = (
    "s.id, s.work_order, s.incident, s.unit, s.state, s.condition, s.review_on, s.public_reason, s.proposed_at, s.account, "
    "s.actor, s.decided_at, s.decided_actor, s.decided_unit, s.decided_words, s.ended_at, s.ended_words, s.timer, s.reminded"
)
_MOST = 500


def _shelving(row: Sequence[Any]) -> Shelving:
    values = list(row)
    values[4] = BankState(values[4])
    return Shelving(*values)


def propose(conn: Connection, order: WorkOrder, plea: Plea, account: int | None, actor: str,
            now: datetime) -> None:  # fmt: skip
    """Write a plea."""
    conn.execute(
        """insert into shelving (work_order, incident, unit, state, condition, review_on, public_reason, proposed_at,
             account, actor) values (%s, %s, %s, 'proposed', %s, %s, %s, %s, %s, %s)""",
        (order.id, order.incident, order.unit, plea.condition, plea.review_on, plea.public_reason, now, account, actor),
    )  # fmt: skip


def open_of(conn: Connection, order: int) -> Shelving | None:
    """What is proposed or approved for an order, its row locked."""
    row = conn.execute(
        f"select {_COLUMNS} from shelving s where s.work_order = %s and s.state in ('proposed', 'approved') for update",
        (order,),
    ).fetchone()
    return _shelving(row) if row else None


def decide(conn: Connection, one: Shelving, to: BankState, by: tuple[int | None, str, str], words: str,
           timer: datetime | None, now: datetime) -> bool:  # fmt: skip
    """Approve or refuse what was proposed; False when somebody was first."""
    done = conn.execute(
        """update shelving set state = %s, decided_at = %s, decided_by = %s, decided_actor = %s, decided_unit = %s,
             decided_words = %s, timer = %s where id = %s and state = 'proposed'""",
        (str(to), now, *by, words, timer, one.id),
    )
    return done.rowcount == 1


def end(conn: Connection, order: int, to: BankState, actor: str, words: str, now: datetime) -> int:
    """End whatever is open of an order; how many there were, 0 or 1."""
    return conn.execute(
        """update shelving set state = %s, ended_at = %s, ended_actor = %s, ended_words = %s, timer = null
           where work_order = %s and state in ('proposed', 'approved')""",
        (str(to), now, actor, words, order),
    ).rowcount


def listed(conn: Connection, states: Sequence[str]) -> list[Shelving]:
    """The bank, those to be reviewed first."""
    rows = conn.execute(
        f"""select {_COLUMNS} from shelving s where s.state = any(%s)
            order by s.review_on, s.id limit %s""",
        (list(states), _MOST),
    )
    return [_shelving(row) for row in rows]


def due(conn: Connection, now: datetime, limit: int) -> list[tuple[Shelving, str]]:
    """What is to be reviewed now, with the stage of its order; both rows locked, held ones passed over."""
    rows = conn.execute(
        f"""select {_COLUMNS}, o.stage from shelving s join work_order o on o.id = s.work_order
            where s.timer <= %s order by s.timer limit %s for update of s, o skip locked""",
        (now, limit),
    )
    return [(_shelving(row[:-1]), row[-1]) for row in rows]


def remind(conn: Connection, one: Shelving, timer: datetime | None) -> None:
    """Its centre was reminded; when it is reminded next."""
    conn.execute(
        "update shelving set timer = %s, reminded = reminded + 1 where id = %s", (timer, one.id)
    )
