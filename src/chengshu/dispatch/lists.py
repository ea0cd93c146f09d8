"""Lists of incidents and orders: filters, full-text search, paging by key."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chengshu.dispatch import store
from chengshu.dispatch.model import WorkOrder
from chengshu.incidents import store as incident_store
from chengshu.incidents import words
from chengshu.incidents.model import ENDED, Incident
from chengshu.kit.db import Connection
from chengshu.kit.errors import Invalid
from chengshu.places import area_span, level_of

COUNTED = 10_000
_MOST_WORDS = 8
_ORDERS = {"opened": "opened_at", "due": "due_at", "changed": "changed_at"}
_ENDED = [str(s) for s in ENDED]
# the same cases in the same order as incidents.model.state_of
_STATE = """case when i.stage = any(%s) then 'closed' when i.danger then 'danger'
  when i.overdue or i.due_at <= %s then 'overdue' when i.due_at - %s <= interval '1 hour' then 'due_soon'
  when i.stage = 'received' then 'new' else 'handling' end"""
_WAITING = "i.stage = 'received' and i.closed_at is null and i.merged_into is null"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents a list shows; what is empty does not filter."""

    stages: Sequence[str] = ()
    states: Sequence[str] = ()
    matters: Sequence[str] = ()
    domains: Sequence[str] = ()
    area: int | None = None
    unit: str = ""
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    closed_since: datetime | None = None
    order: str = "opened"
    limit: int = 50
    after: str = ""


@dataclass(slots=True)
class _Where:
    parts: list[str] = field(default_factory=lambda: ["true"])
    args: list[Any] = field(default_factory=list)

    def add(self, sql: str, *args: Any) -> None:
        self.parts.append(sql)
        self.args += args

    def sql(self) -> str:
        return " and ".join(f"({p})" for p in self.parts)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of incidents and where the next begins."""

    items: list[Incident]
    total: int
    after: str | None


def incidents(conn: Connection, wanted: Wanted, now: datetime) -> Page:
    """Incidents that match, newest (or most urgent) first, only those the scope shows.

    Raises:
        Invalid: The paging mark is not one of ours.
    """
    column = _ORDERS.get(wanted.order, "opened_at")
    where = _where(wanted, now)
    counted = conn.execute(
        f"select count(*) from (select 1 from incident i where {where.sql()} limit {COUNTED}) c",
        where.args,
    ).fetchone()
    up = column == "due_at"
    if wanted.after:
        at, last = read_mark(wanted.after)
        where.add(f"(i.{column}, i.id) {'>' if up else '<'} (%s, %s)", at, last)
    if up:
        where.add("i.due_at is not null")
    direction = "asc" if up else "desc"
    rows = conn.execute(
        f"""select {incident_store.COLUMNS} from incident i where {where.sql()}
            order by i.{column} {direction}, i.id {direction} limit %s""",
        [*where.args, wanted.limit + 1],
    ).fetchall()
    items = [incident_store.incident_of(row) for row in rows[: wanted.limit]]
    more = len(rows) > wanted.limit
    after = mark(getattr(items[-1], column), items[-1].id) if more else None
    return Page(items, counted[0] if counted else 0, after)


def _where(wanted: Wanted, now: datetime) -> _Where:
    where = _Where()
    if wanted.stages:
        where.add("i.stage = any(%s)", list(wanted.stages))
    else:  # a merged one is shown as its leader
        where.add("i.stage <> 'merged'")
    if wanted.states:
        where.add(f"{_STATE} = any(%s)", _ENDED, now, now, list(wanted.states))
    if wanted.matters:
        where.add("i.matter = any(%s)", list(wanted.matters))
    if wanted.domains:
        where.add("i.domain = any(%s)", list(wanted.domains))
    if wanted.area is not None:
        low, high = area_span(wanted.area, level_of(wanted.area))
        where.add("i.area >= %s and i.area < %s", low, high)
    if wanted.unit:
        where.add(
            "exists (select 1 from work_order o where o.incident = i.id and (o.unit = %s or starts_with(o.unit, %s)))",
            wanted.unit, wanted.unit + ".",
        )  # fmt: skip
    if wanted.since:
        where.add("i.opened_at >= %s", wanted.since)
    if wanted.until:
        where.add("i.opened_at < %s", wanted.until)
    if wanted.closed_since:
        where.add("i.closed_at >= %s", wanted.closed_since)
    for term in words.terms("s", words.search_words(wanted.words)[:_MOST_WORDS]):
        where.add("i.id in (select w.incident from word w where w.term = %s)", term)
    return where


def mark(at: datetime, last: int) -> str:
    """Where the next page of a list begins."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {last}".encode()).decode()


def read_mark(text: str) -> tuple[datetime, int]:
    """Where a page begins.

    Raises:
        Invalid: The mark is not one of ours.
    """
    try:
        at, last = base64.urlsafe_b64decode(text.encode()).decode().rsplit(" ", 1)
        moment, number = datetime.fromisoformat(at), int(last)
        if moment.tzinfo is None or not 0 <= number < 2**63:
            raise ValueError(text)
    except ValueError as wrong:
        raise Invalid(
            "after", "翻页标记读不懂，请从头读起", "the paging mark cannot be read: start again"
        ) from wrong
    return moment, number


def lead_units(conn: Connection, ids: Sequence[int]) -> dict[int, str]:
    """The unit of each incident's newest order that still counts."""
    rows = conn.execute(
        """select distinct on (incident) incident, unit from work_order
           where incident = any(%s) and stage not in ('returned', 'withdrawn', 'void') order by incident, lead desc, id desc""",
        (list(ids),),
    )
    return {r[0]: r[1] for r in rows}


def queue(conn: Connection, limit: int) -> tuple[list[Incident], int]:
    """What waits for a dispatcher: danger first, then urgency, then age."""
    counted = conn.execute(
        f"select count(*) from (select 1 from incident i where {_WAITING} limit {COUNTED}) c"
    ).fetchone()
    rows = conn.execute(
        f"""select {incident_store.COLUMNS} from incident i
            where {_WAITING}
            order by i.danger desc, i.urgency desc, i.opened_at, i.id limit %s""",
        (limit,),
    )
    return [incident_store.incident_of(row) for row in rows], counted[0] if counted else 0


_BOXES = {
    "inbox": "o.stage in ('assigned', 'signed')",
    # whose incident was moved out of the scope can be seen there but not verified
    "verify": "o.stage = 'handled' and exists (select 1 from incident i where i.id = o.incident)",
    "verified": "o.stage = 'verified'",
    "overdue": "o.overdue and o.stage in ('assigned', 'signed')",
    "shelved": "o.stage = 'shelved'",
    "done": "o.stage in ('handled', 'verified', 'closed', 'archived')",
    "all": "true",
}


def orders(
    conn: Connection, box: str, unit: str, limit: int, after: str
) -> tuple[list[WorkOrder], int, str | None]:
    """Orders of a box, the most pressing first (done ones: the newest first).

    Args:
        unit: Only this unit's own, when given.
    """
    where = _Where()
    where.add(_BOXES.get(box, "true"))
    if unit:
        where.add("o.unit = %s", unit)
    counted = conn.execute(
        f"select count(*) from (select 1 from work_order o where {where.sql()} limit {COUNTED}) c",
        where.args,
    ).fetchone()
    newest = box in ("done", "all")
    column, sign, direction = (
        ("o.changed_at", "<", "desc") if newest else ("coalesce(o.due_at, 'infinity')", ">", "asc")
    )
    if after:
        at, last = read_mark(after)
        where.add(f"({column}, o.id) {sign} (%s, %s)", at, last)
    rows = conn.execute(
        f"select {store.COLUMNS} from work_order o where {where.sql()} order by {column} {direction}, o.id {direction} limit %s",
        [*where.args, limit + 1],
    ).fetchall()
    items = [store.order_of(row) for row in rows[:limit]]
    more = len(rows) > limit and (newest or items[-1].due_at is not None)
    at_last = (items[-1].changed_at if newest else items[-1].due_at) if more else None
    return items, counted[0] if counted else 0, mark(at_last, items[-1].id) if at_last else None
