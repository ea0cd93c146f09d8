"""All SQL of filing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chengshu.dispatch.filing.model import Filing
from chengshu.kit.db import Connection, insert_many

_COLUMNS = (
    "incident, line, registered_at, account, actor, asked_at, asked_words, confirmed, confirmed_at, confirmed_by, "
    "confirmed_words"
)


def add(conn: Connection, filings: Sequence[Filing]) -> None:
    """Write by which line new incidents go."""
    columns = {
        "incident": "bigint",
        "line": "text",
        "registered_at": "timestamptz",
        "actor": "text",
    }
    insert_many(conn, "filing", columns, [
        (f.incident, f.line, f.registered_at, f.actor) for f in filings
    ])  # fmt: skip


def filings(conn: Connection, incidents: Sequence[int]) -> dict[int, Filing]:
    """How these incidents are filed, where anything is known of it."""
    rows = conn.execute(
        f"select {_COLUMNS} from filing where incident = any(%s)", (list(incidents),)
    )
    return {row[0]: Filing(*row) for row in rows}


def register(conn: Connection, incident: int, account: int | None, actor: str, now: datetime) -> bool:  # fmt: skip
    """File an incident; False when somebody was first."""
    done = conn.execute(
        """update filing set registered_at = %s, account = %s, actor = %s
           where incident = %s and registered_at is null""",
        (now, account, actor, incident),
    )
    return done.rowcount == 1


def ask(conn: Connection, incident: int, words: str, now: datetime) -> None:
    """Somebody is to look on the spot; what an earlier look found no longer counts."""
    conn.execute(
        """update filing set asked_at = %s, asked_words = %s, confirmed = null, confirmed_at = null,
             confirmed_by = '', confirmed_words = '' where incident = %s""",
        (now, words, incident),
    )


def confirm(conn: Connection, incident: int, so: bool, actor: str, words: str, now: datetime) -> bool:  # fmt: skip
    """Write what somebody found; False when somebody was first."""
    done = conn.execute(
        """update filing set confirmed = %s, confirmed_at = %s, confirmed_by = %s, confirmed_words = %s
           where incident = %s and asked_at is not null and confirmed is null""",
        (so, now, actor, words, incident),
    )
    return done.rowcount == 1
