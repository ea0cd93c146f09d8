"""All SQL of hooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chengshu.kit.db import Connection

_HOOK = "h.id, h.name, h.url, h.unit, h.events, h.active, h.created_at"


@dataclass(frozen=True, slots=True)
class Hook:
    """订阅系统: where to, which units' notices, which events (none: all)."""

    id: int
    name: str
    url: str
    unit: str
    events: tuple[str, ...]
    active: bool
    created_at: datetime

    def hears(self, unit: str, event: str) -> bool:
        """Whether it wants a notice to this unit."""
        under = unit == self.unit or unit.startswith(self.unit + ".")
        return self.active and under and (not self.events or event in self.events)


def hooks(conn: Connection) -> list[Hook]:
    """All of them."""
    rows = conn.execute(f"select {_HOOK} from hook h order by h.id")
    return [Hook(r[0], r[1], r[2], r[3], tuple(r[4]), r[5], r[6]) for r in rows]


def sealed(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[str, int, bytes, str]]:
    """URL, key version, sealed secret and what it is bound to, of those that are on."""
    rows = conn.execute(
        "select id, url, key_version, sealed, token from hook where id = any(%s) and active",
        (list(ids),),
    )
    return {r[0]: (r[1], r[2], bytes(r[3]), r[4]) for r in rows}


def add(conn: Connection, name: str, url: str, unit: str, events: Sequence[str], secret: tuple[int, bytes], token: str,
        now: datetime) -> int:  # fmt: skip
    """Write a new one; returns its id."""
    row = conn.execute(
        """insert into hook (name, url, unit, events, key_version, sealed, token, created_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s) returning id""",
        (name, url, unit, list(events), *secret, token, now),
    ).fetchone()
    assert row is not None
    return int(row[0])


def switch(conn: Connection, hook_id: int, active: bool) -> bool:
    """On or off; False when there is none."""
    return (
        conn.execute("update hook set active = %s where id = %s", (active, hook_id)).rowcount == 1
    )
