"""All SQL that reads what scoring must know of orders, and the one that asks for inspections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.scoring.difficulty import Past
from chengshu.dispatch.scoring.gather.pictures import from_column, to_column
from chengshu.dispatch.scoring.model import CallBack, Check, Evidence, OrderFacts
from chengshu.dispatch.scoring.suspect import Picture
from chengshu.kit.db import Connection, insert_many

# The unit's own people filed every report of it, and no citizen called.
_SELF_REPORTED = """coalesce((select bool_and((r.unit = o.unit or starts_with(r.unit, o.unit || '.'))
    and (r.channel = 'grid' or (r.channel = 'hotline' and r.caller = '' and not r.anonymous)))
  from membership m join report r on r.id = m.report where m.incident = o.incident), false)"""
# What a ruling said of whose it was; without one, who took it up in the end.
_RETURN_RIGHT = """case when o.stage <> 'returned' then null
  when g.lead is not null then g.lead <> o.unit and not o.unit = any(g.assist)
  when exists (select 1 from work_order w where w.incident = o.incident and w.unit = o.unit
               and w.id <> o.id and w.assigned_at >= o.closed_at and w.stage <> 'withdrawn') then false
  when exists (select 1 from work_order w where w.incident = o.incident and w.unit <> o.unit
               and w.assigned_at >= o.assigned_at and w.handled_at is not null) then true end"""
# Confidential matters stand in no figure.
_SEEN = "to_jsonb(i)->>'kind' is distinct from 'confidential'"

_FACTS = f"""
select o.id, o.number, o.incident, o.unit, u.tier, i.matter, o.area, i.urgency, o.assigned_at, o.due_at,
  case when %(contact)s then c.made_at else o.signed_at end,
  case when %(contact)s then c.due_at else o.sign_due_at end,
  o.signed_at, o.handled_at, o.closed_at,
  (select s.account from step s where s.work_order = o.id and s.verb = 'handle' order by s.id desc limit 1),
  i.lon, i.lat, case when o.stage = 'returned' then o.closed_at end, {_RETURN_RIGHT},
  (select count(*) from step s where s.work_order = o.id and s.verb = 'reject')::int,
  coalesce((to_jsonb(o)->>'handlings')::int, 1),
  coalesce((to_jsonb(o)->>'false_closing')::boolean, false)
    or exists (select 1 from inspection n where n.work_order = o.id and n.untrue)
    or exists (select 1 from step s where s.work_order = o.id and s.verb = 'reopen'),
  coalesce(o.reply, ''),
  (select q.total / 100.0 from quality q where q.work_order = o.id and q.callback is null order by q.id desc limit 1)
    ::double precision,
  {_SELF_REPORTED}, o.withdrawn_for is not null or o.stage in ('withdrawn', 'void'),
  to_jsonb(o)->>'document'
from work_order o join incident i on i.id = o.incident join unit u on u.unit = o.unit
left join first_contact c on c.work_order = o.id
left join dispute d on d.incident = o.incident
left join ruling g on g.id = d.ruling and g.revoked_at is null
where coalesce(o.due_at, o.closed_at) >= %(since)s and coalesce(o.due_at, o.closed_at) < %(until)s and {_SEEN}
order by o.id"""


def facts(conn: Connection, since: datetime, until: datetime, *, contact: bool) -> list[OrderFacts]:
    """Every order that was due between two instants (closed, where it had no time limit).

    Args:
        contact: Whether first contact counts as the response; else signing does.
    """
    rows = conn.execute(_FACTS, {"since": since, "until": until, "contact": contact}).fetchall()
    ids = [row[0] for row in rows]
    checks, calls, shown = _checks(conn, ids), _calls(conn, ids), _evidence(conn, ids)
    return [_facts(row, checks, calls, shown) for row in rows]


def _facts(row: Sequence[Any], checks: dict[int, list[Check]], calls: dict[int, list[CallBack]],
           shown: dict[int, list[Evidence]]) -> OrderFacts:  # fmt: skip
    order, handled_at, document = row[0], row[13], row[27]
    evidence = [e for e in shown.get(order, ()) if handled_at is not None and e.at <= handled_at]
    if document and handled_at is not None:
        # one paper may rightly answer several orders, so it is not compared
        evidence.append(Evidence(f"document:{order}", None, handled_at))
    (id_, number, incident, unit, tier, matter, area, urgency, assigned_at, due_at, contact_at, contact_due, signed_at,
     _, closed_at, account, lon, lat, returned_at, right, rejects, handlings, reopened, reply, sheet, self_reported,
     merged_away, _) = row  # fmt: skip
    return OrderFacts(
        id_, number, incident, unit, tier, matter, area, urgency, assigned_at, due_at=due_at, contact_at=contact_at,
        contact_due_at=contact_due, signed_at=signed_at, handled_at=handled_at, closed_at=closed_at, account=account,
        lon=lon, lat=lat, returned_at=returned_at, return_right=right, rejects=rejects, handlings=handlings,
        reopened=reopened, reply=reply, sheet=sheet, checks=tuple(checks.get(order, ())),
        calls=tuple(calls.get(order, ())), evidence=tuple(evidence), self_reported=self_reported,
        merged_away=merged_away,
    )  # fmt: skip


def _checks(conn: Connection, ids: list[int]) -> dict[int, list[Check]]:
    found: dict[int, list[Check]] = {}
    for order, at, passed in conn.execute(
        """select work_order, done_at, passed from inspection
           where work_order = any(%s) and done_at is not null and passed is not null order by done_at, id""",
        (ids,),
    ):
        found.setdefault(order, []).append(Check(at, passed))
    return found


def _calls(conn: Connection, ids: list[int]) -> dict[int, list[CallBack]]:
    found: dict[int, list[CallBack]] = {}
    for order, at, outcome, reasonable in conn.execute(
        "select work_order, at, outcome, reasonable from callback where work_order = any(%s) order by at, id",
        (ids,),
    ):
        found.setdefault(order, []).append(CallBack(at, outcome, reasonable))
    return found


def _evidence(conn: Connection, ids: list[int]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = {}
    for order, digest, look, at in conn.execute(
        """select a.work_order, encode(a.digest, 'hex'), p.look, a.at from attachment a
           left join score_picture p on p.attachment = a.id where a.work_order = any(%s) order by a.at, a.id""",
        (ids,),
    ):
        found.setdefault(order, []).append(Evidence(digest, from_column(look), at))
    return found


def any_due(conn: Connection, since: datetime, until: datetime) -> bool:
    """Whether any order was due between two instants."""
    row = conn.execute(
        "select exists (select 1 from work_order where due_at >= %s and due_at < %s)",
        (since, until),
    ).fetchone()
    return bool(row and row[0])


def past(conn: Connection, since: datetime, until: datetime) -> dict[str, Past]:
    """Handled orders that were due between two instants, by matter; self-reported ones left out."""
    rows = conn.execute(
        f"""select i.matter, count(*)::int,
              sum(least(greatest(extract(epoch from o.handled_at - o.assigned_at) / 3600, 0), 720))::double precision,
              count(*) filter (where coalesce((to_jsonb(o)->>'handlings')::int, 1) > 1
                or coalesce((to_jsonb(o)->>'false_closing')::boolean, false)
                or exists (select 1 from inspection n where n.work_order = o.id and n.untrue)
                or exists (select 1 from step s where s.work_order = o.id and s.verb in ('reject', 'reopen')))::int
            from work_order o join incident i on i.id = o.incident
            where o.handled_at is not null and coalesce(o.due_at, o.closed_at) >= %s and coalesce(o.due_at, o.closed_at) < %s
              and o.withdrawn_for is null and o.stage not in ('withdrawn', 'void') and {_SEEN} and not {_SELF_REPORTED}
            group by i.matter""",
        (since, until),
    )
    return {row[0]: Past(*row[1:]) for row in rows}


def pictures(conn: Connection, since: datetime, until: datetime) -> list[Picture]:
    """What was shown for orders between two instants, to find what is shown again."""
    rows = conn.execute(
        """select encode(a.digest, 'hex'), p.look, o.id, o.number, o.incident, a.at
           from attachment a join work_order o on o.id = a.work_order left join score_picture p on p.attachment = a.id
           where a.at >= %s and a.at < %s and o.handled_at is not null and a.at <= o.handled_at""",
        (since, until),
    )
    return [Picture(r[0], from_column(r[1]), *r[2:]) for r in rows]


def unlooked(conn: Connection, limit: int) -> list[tuple[int, bytes]]:
    """Pictures of orders whose difference hash is not known yet: id and content."""
    rows = conn.execute(
        """select a.id, a.content from attachment a left join score_picture p on p.attachment = a.id
           where a.work_order is not null and p.attachment is null order by a.id limit %s""",
        (limit,),
    )
    return [(row[0], bytes(row[1])) for row in rows]


def keep_looks(conn: Connection, looks: Sequence[tuple[int, int | None]]) -> None:
    """Write difference hashes: attachment, hash."""
    rows = [(attachment, to_column(look)) for attachment, look in looks]
    insert_many(
        conn, "score_picture", {"attachment": "bigint", "look": "bigint"}, rows,
        tail="on conflict do nothing",
    )  # fmt: skip


def ask_inspections(conn: Connection, orders: Sequence[tuple[int, str]], due_at: datetime, words: str,
                    now: datetime) -> int:  # fmt: skip
    """Ask for a look at orders that nobody looked at since they were answered: order, and whose people look."""
    return conn.execute(
        """insert into inspection (work_order, kind, asked_at, due_at, unit, words)
           select o.id, 'sample', %(now)s, %(due)s, t.unit, %(words)s
           from unnest(%(orders)s::bigint[], %(units)s::text[]) t(id, unit) join work_order o on o.id = t.id
           where o.unit <> t.unit and not exists (select 1 from inspection n where n.work_order = o.id
             and (n.done_at is null or n.done_at >= o.handled_at))""",
        {"now": now, "due": due_at, "words": words, "orders": [o for o, _ in orders],
         "units": [u for _, u in orders]},
    ).rowcount  # fmt: skip
