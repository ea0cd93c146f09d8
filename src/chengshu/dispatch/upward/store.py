"""All SQL of the exchange with the platform above and with bureaus' own systems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from chengshu.dispatch.upward.model import (
    DayEntry,
    Difference,
    PassedDown,
    Reconciliation,
    UpKind,
    UpMessage,
    UpperState,
    UpReceipt,
)
from chengshu.incidents.model import ENDED
from chengshu.kit.db import Connection, dumps
from chengshu.kit.ids import new_id

_MESSAGE = "m.id, m.upper_number, m.kind, m.body, m.at, m.attempts"
_ENDED = [str(s) for s in ENDED]


def _message(row: Sequence[Any]) -> UpMessage:
    return UpMessage(row[0], row[1], UpKind(row[2]), row[3], row[4], row[5])


# ------------------------------------------------------------------ orders from above
def add_order(conn: Connection, one: PassedDown, report: int, now: datetime) -> bool:
    """Write an order from above; False when it came before."""
    body = {"text": one.text, "place": one.place, "sent_at": one.sent_at.isoformat()}
    done = conn.execute(
        """insert into upper_order (number, report, title, due_at, state, body, at)
           values (%s, %s, %s, %s, 'received', %s, %s) on conflict do nothing""",
        (one.number, report, one.title, one.due_at, dumps(body), now),
    )
    return done.rowcount == 1


def known(conn: Connection, number: str) -> bool:
    """Whether an order from above came before."""
    return (
        conn.execute("select 1 from upper_order where number = %s", (number,)).fetchone()
        is not None
    )


def decided(conn: Connection, limit: int) -> list[tuple[str, int, datetime]]:
    """Orders from above whose incident is known by now, locked: number, incident, due."""
    rows = conn.execute(
        """select u.number, m.incident, u.due_at from upper_order u join membership m on m.report = u.report
           where u.incident is null order by u.at limit %s for update of u skip locked""",
        (limit,),
    )
    return [(r[0], r[1], r[2]) for r in rows]


def set_incident(conn: Connection, number: str, incident: int) -> None:
    """Say what an order from above became."""
    conn.execute(
        "update upper_order set incident = %s, state = 'taken' where number = %s",
        (incident, number),
    )


def to_answer(conn: Connection, limit: int) -> list[tuple[str, int, str, str]]:
    """Orders from above whose incident has ended and that were not answered, locked: number, incident, stage, words."""
    rows = conn.execute(
        """select u.number, i.id, i.stage, coalesce(i.answer, (select o.reply from work_order o where o.incident = i.id
             and o.stage = 'closed' order by o.closed_at desc limit 1), '')
           from upper_order u join incident i on i.id = u.incident
           where u.state = 'taken' and i.stage = any(%s) order by u.at limit %s for update of u skip locked""",
        (_ENDED, limit),
    )
    return [(r[0], r[1], r[2], r[3]) for r in rows]


def proofs(conn: Connection, incident: int) -> list[tuple[str, str, bytes, bytes]]:
    """Files that units gave with their replies: name, kind, digest, content."""
    rows = conn.execute(
        """select a.name, a.kind, a.digest, a.content from attachment a join work_order o on o.id = a.work_order
           where o.incident = %s and o.stage = 'closed' order by a.id limit 20""",
        (incident,),
    )
    return [(r[0], r[1], bytes(r[2]), bytes(r[3])) for r in rows]


def set_state(conn: Connection, number: str, came_from: UpperState, to: UpperState) -> bool:
    """Move an order from above; False when somebody was first."""
    done = conn.execute(
        "update upper_order set state = %s where number = %s and state = %s",
        (to, number, came_from),
    )
    return done.rowcount == 1


def order_of(conn: Connection, incident: int) -> tuple[str, UpperState, datetime] | None:
    """The order from above that an incident is: number, state, due."""
    row = conn.execute(
        "select number, state, due_at from upper_order where incident = %s order by at limit 1",
        (incident,),
    ).fetchone()
    return (row[0], UpperState(row[1]), row[2]) if row else None


# ------------------------------------------------------------------ what goes up
def add_message(
    conn: Connection, number: str, kind: UpKind, body: Mapping[str, Any], now: datetime
) -> int:
    """Write what is to go up; returns its idempotent number."""
    number_of = new_id()
    conn.execute(
        "insert into upper_message (id, upper_number, kind, body, at, due_at) values (%s, %s, %s, %s, %s, %s)",
        (number_of, number, kind, dumps(dict(body)), now, now),
    )
    return number_of


def again(conn: Connection, number: str, now: datetime) -> None:
    """Their platform lacks our receipt: the same message is sent again."""
    conn.execute(
        "update upper_message set due_at = %s where upper_number = %s and kind = 'receipt' and due_at is null",
        (now, number),
    )


def claim(conn: Connection, now: datetime) -> UpMessage | None:
    """The next message to send, locked; those of one order go up in their order."""
    row = conn.execute(
        f"""select {_MESSAGE} from upper_message m where m.due_at <= %s
              and not exists (select 1 from upper_message e where e.upper_number = m.upper_number and e.id < m.id
                              and e.due_at is not null)
            order by m.due_at, m.id limit 1 for update skip locked""",
        (now,),
    ).fetchone()
    return _message(row) if row else None


def acknowledged(conn: Connection, message: int, receipt: UpReceipt, now: datetime) -> None:
    """It arrived."""
    conn.execute(
        """update upper_message set due_at = null, receipt = %s, receipt_at = %s, verdict = %s, failed = null,
             attempts = attempts + 1 where id = %s""",
        (receipt.receipt, now, receipt.verdict, message),
    )


def failed(conn: Connection, message: int, reason: str, next_at: datetime | None) -> None:
    """It did not; None: it will not be sent again."""
    conn.execute(
        "update upper_message set due_at = %s, attempts = attempts + 1, failed = %s where id = %s",
        (next_at, reason[:1000], message),
    )


def messages(conn: Connection, number: str) -> list[tuple[Any, ...]]:
    """What went up for an order: id, kind, at, receipt, receipt_at, attempts, failed, verdict, waits."""
    return conn.execute(
        """select id, kind, at, receipt, receipt_at, attempts, failed, verdict, due_at is not null
           from upper_message where upper_number = %s order by id""",
        (number,),
    ).fetchall()


# ------------------------------------------------------------------ both sides of a day
def of_day(conn: Connection, begins: datetime) -> list[DayEntry]:
    """Orders from above that were sent down within the day that begins then."""
    rows = conn.execute(
        """select number, state from upper_order where (body->>'sent_at')::timestamptz >= %s
             and (body->>'sent_at')::timestamptz < %s order by number""",
        (begins, begins + timedelta(days=1)),
    )
    return [DayEntry(r[0], r[1]) for r in rows]


def orders_of_day(conn: Connection, unit: str, begins: datetime) -> list[DayEntry]:
    """A unit's orders that were given within the day that begins then."""
    rows = conn.execute(
        "select number, stage from work_order where unit = %s and assigned_at >= %s and assigned_at < %s",
        (unit, begins, begins + timedelta(days=1)),
    )
    return [DayEntry(r[0], r[1]) for r in rows]


def save_reconciliation(conn: Connection, one: Reconciliation) -> None:
    """Write the comparison of a day; a later one replaces it."""
    conn.execute(
        """insert into reconciliation (party, day, ours, theirs, differences, at) values (%s, %s, %s, %s, %s, %s)
           on conflict (party, day) do update set ours = excluded.ours, theirs = excluded.theirs,
             differences = excluded.differences, at = excluded.at""",
        (
            one.party,
            one.day,
            one.ours,
            one.theirs,
            dumps([d.record() for d in one.differences]),
            one.at,
        ),
    )


def reconciliations(conn: Connection, limit: int) -> list[Reconciliation]:
    """The comparisons that the scope shows, newest day first."""
    rows = conn.execute(
        "select party, day, ours, theirs, differences, at from reconciliation order by day desc, party limit %s",
        (limit,),
    )
    return [
        Reconciliation(r[0], r[1], r[2], r[3], tuple(Difference(**d) for d in r[4]), r[5])
        for r in rows
    ]


def reconciled(conn: Connection, party: str, day: date) -> bool:
    """Whether a day was compared."""
    row = conn.execute("select 1 from reconciliation where party = %s and day = %s", (party, day))
    return row.fetchone() is not None


# ------------------------------------------------------------------ bureaus' own systems
def bind(conn: Connection, credential: int, unit: str) -> None:
    """Say whose orders a key reads and answers; it had none before."""
    conn.execute("delete from exchange_system where credential = %s", (credential,))
    conn.execute(
        "insert into exchange_system (credential, unit) values (%s, %s)", (credential, unit)
    )


def call(conn: Connection, unit: str, number: str) -> tuple[int, str, bytes, Any] | None:
    """What a bureau's system did under this number of its own: order, verb, digest, answer."""
    row = conn.execute(
        "select work_order, verb, digest, answer from exchange_call where unit = %s and number = %s",
        (unit, number),
    ).fetchone()
    return (row[0], row[1], bytes(row[2]), row[3]) if row else None


def add_call(conn: Connection, unit: str, number: str, order: int, verb: str, digest: bytes, answer: Mapping[str, Any],
             now: datetime) -> None:  # fmt: skip
    """Keep what it did and was answered."""
    conn.execute(
        """insert into exchange_call (unit, number, work_order, verb, digest, answer, at)
           values (%s, %s, %s, %s, %s, %s, %s)""",
        (unit, number, order, verb, digest, dumps(dict(answer)), now),
    )


def lock_number(conn: Connection, unit: str, number: str) -> None:
    """Wait until another request with the same number has ended."""
    conn.execute("select pg_advisory_xact_lock(hashtextextended(%s, 20))", (f"{unit}\n{number}",))


def own_orders(conn: Connection, unit: str, stages: Sequence[str], limit: int) -> list[int]:
    """A unit's own orders at these stages, those that changed last first."""
    rows = conn.execute(
        """select id from work_order where unit = %s and stage = any(%s) order by changed_at desc, id desc limit %s""",
        (unit, list(stages), limit),
    )
    return [r[0] for r in rows]
