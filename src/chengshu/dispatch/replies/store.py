"""All SQL of statutory replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chengshu.dispatch.replies.model import Reply
from chengshu.intake.model import Nature
from chengshu.kit.db import Connection, insert_many

COUNTED = 10_000
COLUMNS = (
    "y.report, y.nature, y.rule, y.nameless, y.accept_due_at, y.accepted_at, y.declined_at, y.declined_because, "
    "y.reply_due_at, y.replied_at, y.text, y.overdue, y.changed_at, y.due_at"
)


def _reply(row: Sequence[Any]) -> Reply:
    values = list(row)
    values[1] = Nature(values[1])
    return Reply(*values)


_OWED = {
    "report": "bigint", "nature": "text", "rule": "text", "nameless": "boolean", "accept_due_at": "timestamptz",
    "changed_at": "timestamptz",
}  # fmt: skip


def owe(conn: Connection, rows: Sequence[tuple[int, Nature, str, bool, datetime, datetime]]) -> None:  # fmt: skip
    """Begin replies: report, nature, rule, nameless, accept_due_at, now. One that was begun stays as it is."""
    insert_many(conn, "reply", _OWED, rows, tail="on conflict (report) do nothing")


def replies(conn: Connection, reports: Sequence[int]) -> dict[int, Reply]:
    """What these reports are owed, by report."""
    rows = conn.execute(
        f"select {COLUMNS} from reply y where y.report = any(%s)", (list(reports),)
    ).fetchall()
    return {row[0]: _reply(row) for row in rows}


def open_of(conn: Connection, incident: int) -> list[Reply]:
    """What is still owed to the reports of an incident, soonest due first."""
    rows = conn.execute(
        f"""select {COLUMNS} from reply y join membership m on m.report = y.report
            where m.incident = %s and y.due_at is not null order by y.due_at, y.report""",
        (incident,),
    )
    return [_reply(row) for row in rows]


def accept(conn: Connection, report: int, reply_due_at: datetime | None, account: int | None,
           now: datetime) -> bool:  # fmt: skip
    """Note that it is accepted; its next clock starts. False when somebody was first."""
    done = conn.execute(
        """update reply set accepted_at = %s, reply_due_at = %s, overdue = false, account = %s, changed_at = %s
           where report = %s and accepted_at is null and declined_at is null and replied_at is null""",
        (now, reply_due_at, account, now, report),
    )
    return done.rowcount == 1


def decline(conn: Connection, report: int, because: str, account: int | None, now: datetime) -> bool:  # fmt: skip
    """Note that it is not accepted, and why. False when somebody was first."""
    done = conn.execute(
        """update reply set declined_at = %s, declined_because = %s, account = %s, changed_at = %s
           where report = %s and accepted_at is null and declined_at is null and replied_at is null""",
        (now, because, account, now, report),
    )
    return done.rowcount == 1


def answer(conn: Connection, reports: Sequence[int], text: str, account: int | None, now: datetime) -> list[int]:  # fmt: skip
    """Write the reply of these reports; returns those that had none yet."""
    rows = conn.execute(
        """update reply set replied_at = %s, text = %s, accepted_at = coalesce(accepted_at, %s), account = %s,
             changed_at = %s
           where report = any(%s) and not nameless and declined_at is null and replied_at is null returning report""",
        (now, text, now, account, now, list(reports)),
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class Late:
    """A reply whose clock ran out, with where its report is."""

    reply: Reply
    incident: int
    report_area: int
    incident_area: int


def due(conn: Connection, now: datetime, limit: int) -> list[Late]:
    """Replies whose clock has run out and that nobody has marked, locked with their incidents;
    those somebody else holds are passed over, as with orders."""
    rows = conn.execute(
        f"""select {COLUMNS}, m.incident, r.area, i.area
            from reply y join report r on r.id = y.report join membership m on m.report = y.report
            join incident i on i.id = m.incident
            where y.due_at <= %s and not y.overdue order by y.due_at limit %s for update of y, i skip locked""",
        (now, limit),
    )
    return [Late(_reply(row[:-3]), *row[-3:]) for row in rows]


def mark_overdue(conn: Connection, reports: Sequence[int], now: datetime) -> list[int]:
    """Mark replies as overdue; returns those that were not."""
    rows = conn.execute(
        """update reply set overdue = true, changed_at = %s
           where report = any(%s) and not overdue and due_at <= %s returning report""",
        (now, list(reports), now),
    )
    return [row[0] for row in rows]


def centres(conn: Connection) -> dict[int, str]:
    """The centre of each area."""
    return {
        row[0]: row[1] for row in conn.execute("select area, unit from unit where kind = 'centre'")
    }


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    reply: Reply
    incident: int | None


def page(conn: Connection, *, is_open: bool, overdue: bool | None, nature: str, limit: int,
         after: tuple[datetime, int] | None) -> tuple[list[Listed], int]:  # fmt: skip
    """Replies within the scope: open ones soonest due first, settled ones newest first.

    Returns:
        At most limit + 1 of them, so that it shows whether more follow, and how many there are.
    """
    column, sign, direction = ("y.due_at", ">", "asc") if is_open else ("y.changed_at", "<", "desc")
    where = ["y.due_at is not null" if is_open else "y.due_at is null"]
    args: list[Any] = []
    if overdue is not None:
        where.append("y.overdue = %s")
        args.append(overdue)
    if nature:
        where.append("y.nature = %s")
        args.append(nature)
    counted = conn.execute(
        f"select count(*) from (select 1 from reply y where {' and '.join(where)} limit {COUNTED}) c",
        args,
    ).fetchone()
    if after:
        where.append(f"({column}, y.report) {sign} (%s, %s)")
        args += after
    rows = conn.execute(
        f"""select {COLUMNS}, (select m.incident from membership m where m.report = y.report) from reply y
            where {" and ".join(where)} order by {column} {direction}, y.report {direction} limit %s""",
        [*args, limit + 1],
    )
    return [Listed(_reply(row[:-1]), row[-1]) for row in rows], counted[0] if counted else 0
