"""All SQL of the responsibility list's versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from chengshu.agencies.duties.fields import as_row, read_duty
from chengshu.agencies.duties.model import Duty, DutyVersion
from chengshu.kit.db import Connection
from chengshu.kit.errors import CannotStart

_VERSION = """v.version, v.made_at, v.made_by, v.source, v.state, v.note, v.based_on, v.activated_at,
              v.activated_by, v.reason"""


def versions(conn: Connection) -> list[DutyVersion]:
    """Every version, newest first."""
    rows = conn.execute(f"select {_VERSION} from duty_version v order by v.version desc")
    return [DutyVersion(*row) for row in rows]


def active(conn: Connection) -> DutyVersion | None:
    """The version in force, None when none was ever loaded."""
    row = conn.execute(f"select {_VERSION} from duty_version v where v.state = 'active'").fetchone()
    return DutyVersion(*row) if row else None


def version(
    conn: Connection, number: int, *, lock: bool = False
) -> tuple[DutyVersion, int | None] | None:
    """A version and the account that made it."""
    row = conn.execute(
        f"select {_VERSION}, v.maker from duty_version v where v.version = %s"
        + (" for update" if lock else ""),
        (number,),
    ).fetchone()
    return (DutyVersion(*row[:-1]), row[-1]) if row else None


def rows_of(conn: Connection, number: int) -> tuple[Duty, ...]:
    """The rows of a version, in their order.

    Raises:
        CannotStart: A row was written by a program that this one does not understand.
    """
    found = conn.execute("select row from duty where version = %s order by position", (number,))
    return tuple(_duty(row[0]) for row in found)


def rows_of_matter(conn: Connection, matter: str) -> list[tuple[DutyVersion, tuple[Duty, ...]]]:
    """What every version says of a matter, oldest first; versions without it have no rows."""
    found = conn.execute(
        f"""select {_VERSION}, coalesce(jsonb_agg(d.row order by d.position)
                                        filter (where d.version is not null), '[]')
            from duty_version v left join duty d on d.version = v.version and d.matter = %s
            group by v.version order by v.version""",
        (matter,),
    )
    return [(DutyVersion(*row[:-1]), tuple(_duty(one) for one in row[-1])) for row in found]


def add_version(
    conn: Connection, made: DutyVersion, maker: int | None, duties: Sequence[Duty]
) -> None:
    """Write a version with all its rows."""
    conn.execute(
        """insert into duty_version (version, made_at, made_by, maker, source, state, note, based_on)
           values (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (
            made.version,
            made.made_at,
            made.made_by,
            maker,
            made.source,
            made.state,
            made.note,
            made.based_on,
        ),
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into duty (version, position, matter, stage, row) values (%s, %s, %s, %s, %s)",
            [
                (made.version, n, d.matter, d.stage, Jsonb(as_row(d)))
                for n, d in enumerate(duties, 1)
            ],
        )


def next_number(conn: Connection) -> int:
    """The number of the next version; two who ask at once wait for each other."""
    conn.execute("select pg_advisory_xact_lock(hashtext('duty_version'))")
    row = conn.execute("select coalesce(max(version), 0) + 1 from duty_version").fetchone()
    assert row is not None
    return int(row[0])


def activate(conn: Connection, number: int, now: datetime, by: str, reason: str) -> bool:
    """Retire the active version and put a draft in its place; False when it is no draft any more."""
    conn.execute("update duty_version set state = 'retired' where state = 'active'")
    done = conn.execute(
        """update duty_version set state = 'active', activated_at = %s, activated_by = %s, reason = %s
           where version = %s and state = 'draft'""",
        (now, by, reason, number),
    )
    return done.rowcount == 1


def _duty(row: Any) -> Duty:
    duty = read_duty(row)
    if isinstance(duty, Duty):
        return duty
    first = duty[0]
    raise CannotStart(
        f"数据库里的职责清单读不懂：{first.field} {first.chinese}",
        f"cannot read the responsibility list in the database: {first.field} {first.english}",
    )
