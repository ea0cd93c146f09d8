"""All SQL of kinds: what they are, whom they name, running numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.kinds.model import Colleague, MarkFacts, OrderKind, Special, Veil
from chengshu.dispatch.kinds.rules import KindRules
from chengshu.kit.db import Connection
from chengshu.kit.times import local

_SPECIAL = (
    "s.incident, s.kind, s.number, s.leader, s.post, s.words, s.instructed_at, s.due_at, s.upper_number, s.answer, "
    "s.answered_at, s.actor, s.unit, s.at"
)


def _special(row: Sequence[Any]) -> Special:
    return Special(row[0], OrderKind(row[1]), *row[2:])


def take_number(conn: Connection, rules: KindRules, series: str, now: datetime) -> str:
    """The next number of a series, written by the city's rule; its row stays locked until the
    transaction ends, so that none is left out and none given twice."""
    rule, day = rules.numbers[series], local(now).date()
    row = conn.execute("select next_number(%s, %s)", (series, rule.period(day))).fetchone()
    assert row is not None
    return rule.written(day, row[0])


def kind_of(conn: Connection, incident: int) -> tuple[OrderKind, Veil] | None:
    """OrderKind and veil of an incident that the scope shows."""
    row = conn.execute("select kind, veil from incident where id = %s", (incident,)).fetchone()
    return (OrderKind(row[0]), Veil(row[1])) if row else None


def kinds_of(conn: Connection, incidents: Sequence[int]) -> dict[int, OrderKind]:
    """Kinds of those incidents that the scope shows."""
    rows = conn.execute("select id, kind from incident where id = any(%s)", (list(incidents),))
    return {r[0]: OrderKind(r[1]) for r in rows}


def specials(conn: Connection, incidents: Sequence[int]) -> dict[int, Special]:
    """What these incidents carry, those that are not ordinary."""
    rows = conn.execute(
        f"select {_SPECIAL} from special s where s.incident = any(%s)", (list(incidents),)
    )
    return {row[0]: _special(row) for row in rows}


def save_special(conn: Connection, one: Special, account: int | None) -> None:
    """Write what an incident carries; a higher kind replaces a lower one's."""
    conn.execute(
        """insert into special (incident, kind, number, leader, post, words, instructed_at, due_at, upper_number,
             account, actor, unit, at)
           values (%(incident)s, %(kind)s, %(number)s, %(leader)s, %(post)s, %(words)s, %(instructed_at)s, %(due_at)s,
             %(upper_number)s, %(account)s, %(actor)s, %(unit)s, %(at)s)
           on conflict (incident) do update set kind = excluded.kind, number = excluded.number,
             leader = coalesce(nullif(excluded.leader, ''), special.leader),
             post = coalesce(nullif(excluded.post, ''), special.post),
             words = coalesce(nullif(excluded.words, ''), special.words),
             instructed_at = coalesce(excluded.instructed_at, special.instructed_at),
             due_at = least(excluded.due_at, special.due_at),
             upper_number = coalesce(excluded.upper_number, special.upper_number), account = excluded.account,
             actor = excluded.actor, unit = excluded.unit, at = excluded.at""",
        {
            "incident": one.incident, "kind": one.kind, "number": one.number, "leader": one.leader, "post": one.post,
            "words": one.words, "instructed_at": one.instructed_at, "due_at": one.due_at,
            "upper_number": one.upper_number, "account": account, "actor": one.actor, "unit": one.unit, "at": one.at,
        },
    )  # fmt: skip


def set_kind(conn: Connection, incident: int, kind: OrderKind, veil: Veil, now: datetime) -> None:
    """Say what an incident is; its orders and reports are veiled with it."""
    conn.execute(
        """update incident set kind = %(kind)s, veil = greatest(veil, %(veil)s::smallint), changed_at = %(now)s,
             urgency = case when %(kind)s in ('urgent', 'leader') then 3 else urgency end
           where id = %(id)s""",
        {"kind": kind, "veil": int(veil), "now": now, "id": incident},
    )


def answer(conn: Connection, incident: int, words: str, now: datetime) -> bool:
    """Write what the leader is told; False when that was done already."""
    done = conn.execute(
        "update special set answer = %s, answered_at = %s where incident = %s and answer is null",
        (words, now, incident),
    )
    return done.rowcount == 1


# ------------------------------------------------------------------ who may know
def people(conn: Connection, unit: str | None, accounts: Sequence[int] = ()) -> list[Colleague]:
    """People of a unit, or with these accounts, as far as they are of the caller's unit or under it."""
    rows = conn.execute(
        "select account, name, role, unit from people_of(%s, %s)", (unit, list(accounts))
    )
    return [Colleague(*row) for row in rows]


def name(
    conn: Connection, incident: int, persons: Sequence[Colleague], by: int | None, now: datetime
) -> None:
    """Name people who may know of a veiled incident."""
    for one in persons:  # no conflict target: naming one would need the right to see others' names
        conn.execute(
            """insert into named (incident, account, name, unit, named_by, at) values (%s, %s, %s, %s, %s, %s)
               on conflict do nothing""",
            (incident, one.account, one.name, one.unit, by, now),
        )


def named(conn: Connection, incident: int) -> list[Colleague]:
    """Who may know, for one of them; empty for everybody else."""
    rows = conn.execute("select account, name, '', unit from named_people(%s)", (incident,))
    return [Colleague(*row) for row in rows]


def end_naming(conn: Connection, incident: int, account: int) -> bool:
    """Take a name back; False when it was not there, or is the caller's own."""
    row = conn.execute("select end_naming(%s, %s)", (incident, account)).fetchone()
    return bool(row and row[0])


def knows_more(conn: Connection) -> bool:
    """Whether the caller is named anywhere: such a person's pages are not shared with her colleagues'."""
    row = conn.execute("select exists (select 1 from named)").fetchone()
    return bool(row and row[0])


# ------------------------------------------------------------------ marks
def facts(conn: Connection, incidents: Sequence[int]) -> dict[int, MarkFacts]:
    """What marks follow from, for those incidents that the scope shows."""
    rows = conn.execute(
        """select i.id, count(r.id), count(r.id) filter (where r.anonymous), i.people,
             count(r.id) filter (where m.relation = 'repeated'), i.recurrence_of is not null,
             (select count(*) from link l where i.id in (l.one, l.other))
           from incident i left join membership m on m.incident = i.id left join report r on r.id = m.report
           where i.id = any(%s) group by i.id""",
        (list(incidents),),
    )
    return {r[0]: MarkFacts(*r[1:]) for r in rows}
