"""All SQL of work inside a unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.inside.model import (
    DraftReply,
    DraftState,
    FirstContact,
    Handling,
    House,
    Post,
)
from chengshu.kit.db import Connection, insert_many

_DRAFT = (
    "id, work_order, words, attachments, account, actor, at, state, head_name, decided_at, remark"
)
_CONTACT = "work_order, due_at, late, made_at, way, reached, words, actor"


# ------------------------------------------------------------------ posts
def house(conn: Connection, unit: str) -> House:
    """Who has which post in the caller's own unit."""
    rows = conn.execute("select account, post from unit_post where unit = %s", (unit,)).fetchall()
    return House(
        frozenset(r[0] for r in rows if r[1] == Post.LIAISON),
        frozenset(r[0] for r in rows if r[1] == Post.HEAD),
    )


def posts(conn: Connection, unit: str) -> list[tuple[int, str, str]]:
    """Posts of a unit: account, name, post."""
    rows = conn.execute(
        "select account, name, post from unit_post where unit = %s order by post, at", (unit,)
    )
    return [(r[0], r[1], r[2]) for r in rows]


def set_post(
    conn: Connection, unit: str, account: int, post: Post, name: str, now: datetime
) -> None:
    """Give somebody a post; once is enough."""
    conn.execute(
        """insert into unit_post (unit, account, post, name, at) values (%s, %s, %s, %s, %s)
           on conflict do nothing""",
        (unit, account, post, name, now),
    )


def drop_post(conn: Connection, unit: str, account: int, post: Post) -> bool:
    """Take a post back; False when she had none."""
    done = conn.execute(
        "delete from unit_post where unit = %s and account = %s and post = %s",
        (unit, account, post),
    )
    return done.rowcount == 1


# ------------------------------------------------------------------ who has it
def handlings(conn: Connection, orders: Sequence[int]) -> dict[int, Handling]:
    """Who has these orders inside their units now."""
    rows = conn.execute(
        """select work_order, section, account, name, at from handling
           where work_order = any(%s) and ended_at is null""",
        (list(orders),),
    )
    return {r[0]: Handling(*r) for r in rows}


def pass_on(conn: Connection, one: Handling, by: int | None, now: datetime) -> None:
    """Give an order to somebody of the unit; whoever had it has it no more."""
    conn.execute(
        "update handling set ended_at = %s where work_order = %s and ended_at is null",
        (now, one.order),
    )
    conn.execute(
        "insert into handling (work_order, section, account, name, passed_by, at) values (%s, %s, %s, %s, %s, %s)",
        (one.order, one.section, one.account, one.name, by, one.at),
    )


def live_orders(conn: Connection, unit: str, limit: int) -> list[int]:
    """The unit's orders that are being handled, soonest due first."""
    rows = conn.execute(
        """select id from work_order where unit = %s and stage in ('assigned', 'signed')
           order by due_at nulls last, id limit %s""",
        (unit, limit),
    )
    return [r[0] for r in rows]


# ------------------------------------------------------------------ replies
def _draft(row: Sequence[Any]) -> DraftReply:
    values = list(row)
    values[3], values[7] = tuple(row[3]), DraftState(row[7])
    return DraftReply(*values)


def add_draft(conn: Connection, order: int, words: str, files: Sequence[int], account: int, actor: str,
              now: datetime) -> bool:  # fmt: skip
    """Submit a reply; False when one waits already."""
    done = conn.execute(
        """insert into draft_reply (work_order, words, attachments, account, actor, at)
           values (%s, %s, %s, %s, %s, %s) on conflict do nothing""",
        (order, words, list(files), account, actor, now),
    )
    return done.rowcount == 1


def drafts(conn: Connection, orders: Sequence[int]) -> list[DraftReply]:
    """Replies of these orders that were submitted, oldest first."""
    rows = conn.execute(
        f"select {_DRAFT} from draft_reply where work_order = any(%s) order by id", (list(orders),)
    )
    return [_draft(row) for row in rows]


def decide(conn: Connection, draft: int, state: DraftState, head: int, name: str, remark: str,
           now: datetime) -> bool:  # fmt: skip
    """Sign a reply or send it back; False when somebody was first."""
    done = conn.execute(
        """update draft_reply set state = %s, head = %s, head_name = %s, remark = %s, decided_at = %s
           where id = %s and state = 'waiting'""",
        (state, head, name, remark, now, draft),
    )
    return done.rowcount == 1


# ------------------------------------------------------------------ the first word
def contacts(conn: Connection, orders: Sequence[int]) -> dict[int, FirstContact]:
    """The first word with the citizen, of these orders."""
    rows = conn.execute(
        f"select {_CONTACT} from first_contact where work_order = any(%s)", (list(orders),)
    )
    return {r[0]: FirstContact(*r) for r in rows}


def without_contact(conn: Connection, limit: int) -> list[tuple[int, int, datetime, bool]]:
    """Orders whose clock of the first word was not set, locked: order, urgency, assigned, whether
    there is anybody to speak with."""
    rows = conn.execute(
        """select o.id, i.urgency, o.assigned_at, exists (
               select 1 from membership m join report r on r.id = m.report
               join reporter p on p.report = r.id
               where m.incident = o.incident and not r.anonymous and not r.imported and p.erased_at is null)
           from work_order o join incident i on i.id = o.incident
           where not o.contact_set and o.stage in ('assigned', 'signed')
           order by o.id limit %s for update of o skip locked""",
        (limit,),
    )
    return [(r[0], r[1], r[2], r[3]) for r in rows]


def open_contacts(
    conn: Connection, seen: Sequence[int], due: Sequence[tuple[int, datetime]]
) -> None:
    """Set the clocks of the first word; orders without anybody to speak with get none."""
    conn.execute("update work_order set contact_set = true where id = any(%s)", (list(seen),))
    columns = {"work_order": "bigint", "due_at": "timestamptz", "timer": "timestamptz"}
    insert_many(conn, "first_contact", columns, [(o, at, at) for o, at in due],
                tail="on conflict do nothing")  # fmt: skip


def late_contacts(
    conn: Connection, now: datetime, limit: int
) -> list[tuple[int, int, str, str, int]]:
    """OrderMark first words that nobody spoke in time, each once: order, incident, unit, number, area."""
    rows = conn.execute(
        """with late as (
             select c.work_order from first_contact c where c.timer <= %s order by c.timer limit %s
             for update skip locked),
           marked as (
             update first_contact c set timer = null, late = o.stage in ('assigned', 'signed')
             from late l join work_order o on o.id = l.work_order where c.work_order = l.work_order
             returning c.work_order, c.late)
           select o.id, o.incident, o.unit, o.number, o.area from marked m join work_order o on o.id = m.work_order
           where m.late order by o.id""",
        (now, limit),
    )
    return [(r[0], r[1], r[2], r[3], r[4]) for r in rows]


def make_contact(conn: Connection, one: FirstContact, account: int | None) -> bool:
    """Write the first word; False when it was spoken already, or there is no clock for it."""
    done = conn.execute(
        """update first_contact set made_at = %s, way = %s, reached = %s, words = %s, actor = %s, account = %s,
             timer = null, late = late or due_at <= %s
           where work_order = %s and made_at is null""",
        (one.made_at, one.way, one.reached, one.words, one.actor, account, one.made_at, one.order),
    )
    return done.rowcount == 1
