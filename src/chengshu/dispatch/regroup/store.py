"""All SQL of merges and splits by people: how things were before, and putting them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from chengshu.dispatch import store as order_store
from chengshu.dispatch.model import WorkOrder
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection

# What merging derives of an incident's reports; each has a column `incident`.
_DERIVED = ("profile", "posting", "word")
_FIXED = frozenset({"id", "number", "opened_at", "imported", "recurrence_of", "changed_at"})
INCIDENT_FIELDS = tuple(f.name for f in fields(Incident) if f.name not in _FIXED)
_FIXED_OF_ORDERS = frozenset(
    {
        "id",
        "number",
        "unit",
        "instruction",
        "assigned_at",
        "changed_at",
        "return_by",
        "ruling",
        "lead",
        "handlings",
        "follows",
        "false_closing",
        "was_overdue",
        "document",
    }
)
ORDER_FIELDS = tuple(f.name for f in fields(WorkOrder) if f.name not in _FIXED_OF_ORDERS)

_PICTURE = """jsonb_build_object(
  'incidents', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from incident i where i.id = any(%(ids)s)),
  'orders', (select coalesce(jsonb_agg(to_jsonb(o)), '[]') from work_order o where o.incident = any(%(ids)s)),
  'members', (select coalesce(jsonb_agg(to_jsonb(m)), '[]') from membership m where m.incident = any(%(ids)s)))"""


@dataclass(frozen=True, slots=True)
class Act:
    """A merge or split that a person made and nobody took back.

    Attributes:
        lead: The incident that was merged into, or split.
        other: The one that was merged, or split off.
        moved: Reports that changed their incident.
    """

    id: int
    verb: str
    lead: int
    other: int
    at: datetime
    moved: frozenset[int]


@dataclass(frozen=True, slots=True)
class Picture:
    """How two incidents stood: rows, orders, and which report belonged to which."""

    incidents: dict[int, Incident]
    orders: dict[int, WorkOrder]
    members: dict[int, int]

    def members_of(self, incident: int) -> set[int]:
        """Reports of one of them."""
        return {report for report, home in self.members.items() if home == incident}


def open_act(conn: Connection, verb: str, lead: int, other: int, now: datetime) -> int:
    """Keep how both incidents stand, before anything is done."""
    derived = ", ".join(
        f"'{t}', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from {t} t where t.incident = any(%(ids)s))"
        for t in _DERIVED
    )
    row = conn.execute(
        f"""insert into regroup (verb, lead, other, at, moved, before, derived)
            select %(verb)s, %(lead)s, %(other)s, %(now)s, '{{}}', {_PICTURE}, jsonb_build_object({derived})
            returning id""",
        {"verb": verb, "lead": lead, "other": other, "now": now, "ids": [lead, other]},
    ).fetchone()
    assert row is not None
    return int(row[0])


def end_act(conn: Connection, act: int, lead: int, other: int, moved: Sequence[int]) -> None:
    """Keep how both stand when it is done."""
    conn.execute(
        f"update regroup set other = %(other)s, moved = %(moved)s, after = {_PICTURE} where id = %(act)s",
        {"act": act, "other": other, "moved": list(moved), "ids": [lead, other]},
    )


def mark_undone(conn: Connection, act: int, now: datetime) -> bool:
    """An act is undone once; False when it was."""
    done = conn.execute(
        "update regroup set undone_at = %s where id = %s and undone_at is null", (now, act)
    )
    return done.rowcount == 1


def forget(conn: Connection, act: int) -> None:
    """Drop what was only kept to be put back."""
    conn.execute("update regroup set derived = null where id = %s", (act,))


def ask_again(conn: Connection, lead: int, other: int) -> None:
    """Open the suggestion again that merged `other` into `lead`, if it was one that did."""
    conn.execute(
        "update suggestion set state = 'open' where incident = %s and other = %s and state = 'accepted'",
        (other, lead),
    )


def acts(conn: Connection, incidents: Sequence[int]) -> list[Act]:
    """Acts about any of these incidents that nobody took back, newest first."""
    rows = conn.execute(
        """select id, verb, lead, other, at, moved from regroup
           where undone_at is null and (lead = any(%(ids)s) or other = any(%(ids)s)) order by id desc""",
        {"ids": list(incidents)},
    )
    return [Act(row[0], row[1], row[2], row[3], row[4], frozenset(row[5])) for row in rows]


def pictures(conn: Connection, act: int) -> tuple[Picture, Picture]:
    """How both incidents stood before an act, and right after it."""
    return _picture(conn, act, "before"), _picture(conn, act, "after")


def _picture(conn: Connection, act: int, which: str) -> Picture:
    incidents = conn.execute(
        f"""select {incident_store.COLUMNS}
            from regroup g, jsonb_populate_recordset(null::incident, g.{which}->'incidents') i where g.id = %s""",
        (act,),
    )
    orders = conn.execute(
        f"""select {order_store.COLUMNS}
            from regroup g, jsonb_populate_recordset(null::work_order, g.{which}->'orders') o where g.id = %s""",
        (act,),
    ).fetchall()
    members = conn.execute(
        f"""select m.report, m.incident
            from regroup g, jsonb_populate_recordset(null::membership, g.{which}->'members') m where g.id = %s""",
        (act,),
    ).fetchall()
    return Picture(
        {row[0]: incident_store.incident_of(row) for row in incidents},
        {row[0]: order_store.order_of(row) for row in orders},
        {row[0]: row[1] for row in members},
    )


def locked_orders(conn: Connection, incidents: Sequence[int]) -> list[WorkOrder]:
    """The orders of these incidents, their rows locked, oldest first."""
    rows = conn.execute(
        f"select {order_store.COLUMNS} from work_order o where o.incident = any(%s) order by o.id for update",
        (list(incidents),),
    )
    return [order_store.order_of(row) for row in rows]


def put_incident(conn: Connection, incident: Incident, now: datetime) -> None:
    """Write everything of an incident that acts can change; its row is locked."""
    names = ", ".join(f"{name} = %s" for name in INCIDENT_FIELDS)
    values = [getattr(incident, name) for name in INCIDENT_FIELDS]
    conn.execute(
        f"update incident set {names}, changed_at = %s where id = %s", [*values, now, incident.id]
    )


def put_order(conn: Connection, order: WorkOrder, now: datetime) -> None:
    """Write everything of an order that acts can change; its row is locked."""
    names = ", ".join(f"{name} = %s" for name in ORDER_FIELDS)
    values = [getattr(order, name) for name in ORDER_FIELDS]
    conn.execute(
        f"update work_order set {names}, changed_at = %s where id = %s", [*values, now, order.id]
    )


def put_members(conn: Connection, act: int, reports: Sequence[int]) -> None:
    """Give these reports back the membership, with its reasons, that they had before an act."""
    conn.execute(
        """update membership m set incident = b.incident, outcome = b.outcome, probability = b.probability,
             clues = b.clues, at = b.at, relation = b.relation
           from regroup g, jsonb_populate_recordset(null::membership, g.before->'members') b
           where g.id = %s and m.report = b.report and m.report = any(%s)""",
        (act, list(reports)),
    )


def put_derived(conn: Connection, act: int, incident: int) -> bool:
    """Put back what merging had derived of an incident; False when it was not kept."""
    kept = conn.execute("select derived is not null from regroup where id = %s", (act,)).fetchone()
    if kept is None or not kept[0]:
        return False
    for table in _DERIVED:
        conn.execute(f"delete from {table} where incident = %s", (incident,))
        conn.execute(
            f"""insert into {table} select t.*
                from regroup g, jsonb_populate_recordset(null::{table}, g.derived->'{table}') t
                where g.id = %s and t.incident = %s""",
            (act, incident),
        )
    return True


def tell(conn: Connection, reports: Sequence[int], incident: int, text: str, now: datetime) -> None:
    """Tell those who made these reports; imported ones are left in peace."""
    conn.execute(
        """insert into notice (report, incident, text, at)
           select r.id, %s, %s, %s from report r where r.id = any(%s) and not r.imported""",
        (incident, text, now, list(reports)),
    )
