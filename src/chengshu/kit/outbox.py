"""The outbox: what must travel upwards or be done later, written with the row it is about.

A consumer claims messages, does its work and removes them in one transaction, so that a
killed worker leaves everything as it was; a message that fails again and again is set aside
with its reason, where a person sees it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from chengshu.kit.db import Connection

MAX_ATTEMPTS = 5
_RETRY_S = (1, 5, 30, 120)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its topic, the id of the thing it is about, and facts."""

    id: int
    topic: str
    key: int
    body: Mapping[str, Any]
    attempts: int


def send(conn: Connection, topic: str, key: int, body: Mapping[str, Any] | None = None) -> None:
    """Write one message in the caller's transaction."""
    conn.execute(
        "insert into outbox (topic, key, body) values (%s, %s, %s)", (topic, key, Jsonb(body or {}))
    )


def send_many(conn: Connection, topic: str, keys: Sequence[int]) -> None:
    """Write one message without body for each key."""
    conn.execute(
        "insert into outbox (topic, key) select %s, k from unnest(%s::bigint[]) k",
        (topic, list(keys)),
    )


def claim(conn: Connection, topic: str, limit: int, now: datetime) -> list[Message]:
    """Take up to `limit` waiting messages, oldest first, locked until the transaction ends.

    Messages that another worker holds are passed over, and so are later messages of a key
    whose earlier one is held or has to wait: those of one key are handled in order.
    """
    rows = conn.execute(
        """select id, topic, key, body, attempts from outbox o
           where topic = %s and due_at <= %s and set_aside_at is null
             and not exists (select 1 from outbox e where e.topic = o.topic and e.key = o.key
                             and e.id < o.id and e.set_aside_at is null)
           order by id limit %s for update skip locked""",
        (topic, now, limit),
    ).fetchall()
    return [Message(*row) for row in rows]


def done(conn: Connection, messages: Iterable[Message]) -> None:
    """Remove claimed messages, in the transaction that did their work."""
    conn.execute("delete from outbox where id = any(%s)", ([m.id for m in messages],))


def fail(conn: Connection, message: Message, reason: str, now: datetime) -> None:
    """Keep a message that could not be handled: try later, or set it aside after MAX_ATTEMPTS."""
    attempts = message.attempts + 1
    aside = now if attempts >= MAX_ATTEMPTS else None
    wait = timedelta(seconds=_RETRY_S[min(attempts, len(_RETRY_S)) - 1])
    conn.execute(
        "update outbox set attempts = %s, failed = %s, due_at = %s, set_aside_at = %s where id = %s",
        (attempts, reason[:2000], now + wait, aside, message.id),
    )


def waiting(conn: Connection, topic: str | None = None) -> int:
    """How many messages wait, those set aside not counted."""
    row = conn.execute(
        "select count(*) from outbox where set_aside_at is null and (%s::text is null or topic = %s)",
        (topic, topic),
    ).fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that nobody could handle, as an administrator sees it."""

    id: int
    topic: str
    key: int
    attempts: int
    reason: str
    at: datetime


def set_aside(conn: Connection, limit: int = 200) -> list[SetAside]:
    """Messages that were set aside, newest first."""
    rows = conn.execute(
        """select id, topic, key, attempts, coalesce(failed, ''), set_aside_at from outbox
           where set_aside_at is not null order by set_aside_at desc limit %s""",
        (limit,),
    ).fetchall()
    return [SetAside(*row) for row in rows]


def again(conn: Connection, message_id: int) -> bool:
    """Put a message that was set aside back into the queue; False when there is none."""
    changed = conn.execute(
        "update outbox set set_aside_at = null, attempts = 0, due_at = '-infinity' "
        "where id = %s and set_aside_at is not null",
        (message_id,),
    )
    return changed.rowcount == 1


def changed(conn: Connection, kind: str, subject: int, area: int) -> None:
    """Tell open pages that something changed; they read it again under their own scope."""
    conn.execute(
        "insert into change (kind, subject, area) values (%s, %s, %s)", (kind, subject, area)
    )


def changed_many(
    conn: Connection, kind: str, subjects: Sequence[int], areas: Sequence[int]
) -> None:
    """The same for many subjects at once."""
    conn.execute(
        "insert into change (kind, subject, area) select %s, s, a from unnest(%s::bigint[], %s::bigint[]) t(s, a)",
        (kind, list(subjects), list(areas)),
    )
