"""Reading the change feed without missing a late committer.

Identity values are handed out before commit, so a cursor on them skips a transaction that
commits late. The reader instead asks for everything at or above the oldest transaction that
was still running last time, and drops what it has already seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chengshu.kit.db import Connection


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed: what kind of thing, which one, and where it lies."""

    id: int
    kind: str
    subject: int
    area: int
    at: datetime


class Reader:
    """One process's place in the feed."""

    def __init__(self) -> None:
        self._horizon: int | None = None
        self._seen: set[int] = set()

    def read(self, conn: Connection) -> list[Change]:
        """Changes committed since the last call, each exactly once; the first call returns none."""
        if self._horizon is None:
            row = conn.execute("select pg_snapshot_xmin(pg_current_snapshot())::text").fetchone()
            assert row is not None
            self._horizon = int(row[0])
            self._seen = {
                r[0]
                for r in conn.execute(
                    "select id from change where xid >= %s::text::xid8", (row[0],)
                )
            }
            return []
        rows = conn.execute(
            """select id, kind, subject, area, at, pg_snapshot_xmin(pg_current_snapshot())::text, xid::text
               from change where xid >= %s::text::xid8 order by id""",
            (str(self._horizon),),
        ).fetchall()
        fresh = [Change(*row[:5]) for row in rows if row[0] not in self._seen]
        if rows:
            self._horizon = int(rows[0][5])
            self._seen = {row[0] for row in rows if int(row[6]) >= self._horizon}
        return fresh
