"""All SQL of inspections, call-backs, reviews and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.checks.model import (
    Callback,
    CallOutcome,
    CallTask,
    CheckKind,
    Inspection,
    Review,
)
from chengshu.kit.db import Connection, dumps

_INSPECTION = "c.id, c.work_order, c.kind, c.asked_at, c.due_at, c.unit, c.account, c.passed, c.untrue, c.words, c.done_at"
_TASK = "t.incident, t.round, t.script, t.opened_at, t.due_at, t.next_at, t.attempts, t.ended_at, t.result"
_CALL = (
    "b.id, b.incident, b.work_order, b.report, b.round, b.attempt, b.at, b.channel, b.outcome, b.words, "
    "b.account, b.reasonable"
)
_REVIEW = (
    "v.id, v.callback, v.incident, v.asked_at, v.account, v.actor, v.unit, v.evidence, v.done_at, v.done_by, "
    "v.upheld, v.words"
)
_MOST = 200


# Inspections
def _inspection(row: Sequence[Any]) -> Inspection:
    values = list(row)
    values[2] = CheckKind(values[2])
    return Inspection(*values)


def add_inspection(conn: Connection, order: int, kind: CheckKind, unit: str, due_at: datetime,
                   now: datetime) -> bool:  # fmt: skip
    """Ask for an inspection; False when one of this order is open already."""
    done = conn.execute(
        """insert into inspection (work_order, kind, unit, due_at, asked_at) values (%s, %s, %s, %s, %s)
           on conflict (work_order) where done_at is null do nothing""",
        (order, str(kind), unit, due_at, now),
    )
    return done.rowcount == 1


def inspection(conn: Connection, inspection_id: int) -> Inspection | None:
    """One inspection."""
    row = conn.execute(
        f"select {_INSPECTION} from inspection c where c.id = %s", (inspection_id,)
    ).fetchone()
    return _inspection(row) if row else None


def inspections_of(conn: Connection, orders: Sequence[int]) -> list[Inspection]:
    """The inspections of these orders, oldest first."""
    rows = conn.execute(
        f"select {_INSPECTION} from inspection c where c.work_order = any(%s) order by c.id",
        (list(orders),),
    )
    return [_inspection(row) for row in rows]


def end_inspection(conn: Connection, order: int, passed: bool | None, untrue: bool, account: int | None,
                   words: str, now: datetime) -> int:  # fmt: skip
    """End the open inspection of an order; how many there were, 0 or 1."""
    return conn.execute(
        """update inspection set passed = %s, untrue = %s, account = %s, words = %s, done_at = %s
           where work_order = %s and done_at is null""",
        (passed, untrue, account, words, now, order),
    ).rowcount


def due_inspections(conn: Connection, unit: str, kinds: Sequence[str]) -> list[Inspection]:
    """Open inspections that somebody of this unit may do, the most urgent first."""
    rows = conn.execute(
        f"""select {_INSPECTION} from inspection c join work_order o on o.id = c.work_order
            where c.done_at is null and c.kind = any(%s)
              and (o.unit <> %s or position('.' in o.unit) = 0)
              and o.stage in ('handled', 'verified', 'closed')
            order by c.due_at, c.id limit %s""",
        (list(kinds), unit, _MOST),
    )
    return [_inspection(row) for row in rows]


# Call-backs
def _task(row: Sequence[Any]) -> CallTask:
    return CallTask(*row)


def wants_calling(conn: Connection, incident: int, channels: Sequence[str]) -> bool:
    """Whether somebody reported an incident who may be asked about it."""
    row = conn.execute(
        """select exists (select 1 from membership m join report r on r.id = m.report
             where m.incident = %s and r.channel = any(%s) and not r.anonymous and not r.imported)""",
        (incident, list(channels)),
    ).fetchone()
    return bool(row and row[0])


def open_task(conn: Connection, incident: int, script: str, due_at: datetime, now: datetime) -> None:  # fmt: skip
    """Somebody is to be asked about an incident that was just closed."""
    conn.execute(
        """insert into callback_task (incident, round, script, opened_at, due_at, next_at)
           select %(i)s, coalesce(max(round), 0) + 1, %(script)s, %(now)s, %(due)s, %(now)s
           from callback_task where incident = %(i)s""",
        {"i": incident, "script": script, "now": now, "due": due_at},
    )


def task(conn: Connection, incident: int) -> CallTask | None:
    """The last call-back task of an incident, its row locked."""
    row = conn.execute(
        f"select {_TASK} from callback_task t where t.incident = %s order by t.round desc limit 1 for update",
        (incident,),
    ).fetchone()
    return _task(row) if row else None


def put_task(conn: Connection, task: CallTask) -> None:
    """Write how far a task is."""
    conn.execute(
        """update callback_task set attempts = %s, next_at = %s, ended_at = %s, result = %s
           where incident = %s and round = %s""",
        (task.attempts, task.next_at, task.ended_at, task.result, task.incident, task.round),
    )


def due_tasks(conn: Connection, unit: str, now: datetime) -> list[CallTask]:
    """Open tasks whose next attempt is due, but for incidents that this unit handled itself."""
    rows = conn.execute(
        f"""select {_TASK} from callback_task t where t.ended_at is null and t.next_at <= %s
              and exists (select 1 from incident i where i.id = t.incident and i.stage = 'closed')
              and not exists (select 1 from work_order o where o.incident = t.incident and o.unit = %s
                              and position('.' in o.unit) > 0 and o.stage in ('closed', 'archived'))
            order by t.due_at, t.incident limit %s""",
        (now, unit, _MOST),
    )
    return [_task(row) for row in rows]


def _callback(row: Sequence[Any]) -> Callback:
    values = list(row)
    values[8] = CallOutcome(values[8])
    return Callback(*values)


def add_callback(conn: Connection, one: Callback) -> int:
    """Write an attempt; its id."""
    row = conn.execute(
        """insert into callback (incident, work_order, report, round, attempt, at, channel, outcome, words, account)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning id""",
        (one.incident, one.order, one.report, one.round, one.attempt, one.at, one.channel, str(one.outcome),
         one.words, one.account),
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


def callback(conn: Connection, callback_id: int) -> Callback | None:
    """One attempt."""
    row = conn.execute(f"select {_CALL} from callback b where b.id = %s", (callback_id,)).fetchone()
    return _callback(row) if row else None


def callbacks(conn: Connection, incident: int) -> list[Callback]:
    """What was said about an incident, oldest first."""
    rows = conn.execute(
        f"select {_CALL} from callback b where b.incident = %s order by b.id", (incident,)
    )
    return [_callback(row) for row in rows]


def set_reasonable(conn: Connection, callback_id: int, reasonable: bool) -> None:
    """Write what a second person found about a demand."""
    conn.execute("update callback set reasonable = %s where id = %s", (reasonable, callback_id))


def rate(conn: Connection, code_hash: str, outcome: CallOutcome, words: str, via: str,
         now: datetime) -> tuple[str, int | None]:  # fmt: skip
    """A citizen's rating through her one door: ok, open (it is not closed) or rated; and its id."""
    row = conn.execute(
        "select state, rated from rate_report(%s, %s, %s, %s, %s)",
        (code_hash, str(outcome), words, via, now),
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def own_rating(conn: Connection, report: int) -> Callback | None:
    """The last rating that a citizen gave."""
    row = conn.execute(
        f"select {_CALL} from callback b where b.report = %s and b.channel <> 'phone' order by b.round desc limit 1",
        (report,),
    ).fetchone()
    return _callback(row) if row else None


# Reviews
def add_review(conn: Connection, one: Review) -> bool:
    """Ask for a review; False when there was one of this call-back."""
    done = conn.execute(
        """insert into review (callback, incident, asked_at, account, actor, unit, evidence)
           values (%s, %s, %s, %s, %s, %s, %s) on conflict (callback) do nothing""",
        (one.callback, one.incident, one.asked_at, one.account, one.actor, one.unit, one.evidence),
    )
    return done.rowcount == 1


def review(conn: Connection, review_id: int) -> Review | None:
    """One review."""
    row = conn.execute(f"select {_REVIEW} from review v where v.id = %s", (review_id,)).fetchone()
    return Review(*row) if row else None


def end_review(conn: Connection, review_id: int, upheld: bool, account: int | None, actor: str, words: str,
               now: datetime) -> bool:  # fmt: skip
    """Decide a review; False when somebody was first."""
    done = conn.execute(
        """update review set upheld = %s, done_by = %s, done_actor = %s, words = %s, done_at = %s
           where id = %s and done_at is null""",
        (upheld, account, actor, words, now, review_id),
    )
    return done.rowcount == 1


def due_reviews(conn: Connection, account: int) -> list[Review]:
    """Open reviews that somebody else asked for."""
    rows = conn.execute(
        f"""select {_REVIEW} from review v where v.done_at is null and v.account <> %s
            order by v.asked_at, v.id limit %s""",
        (account, _MOST),
    )
    return [Review(*row) for row in rows]


# Quality
def add_score(conn: Connection, order: int, callback_id: int | None, account: int | None, actor: str,
              scores: Mapping[str, int], total: int, words: str, now: datetime) -> bool:  # fmt: skip
    """Write a score; False when it was scored already."""
    done = conn.execute(
        """insert into quality (work_order, callback, at, account, actor, scores, total, words)
           values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
        (order, callback_id, now, account, actor, dumps(dict(scores)), total, words),
    )
    return done.rowcount == 1


def unscored(conn: Connection, unit: str, since: datetime, limit: int) -> list[tuple[int, int | None]]:  # fmt: skip
    """Closed orders, and calls about them, that nobody scored: order and call, drawn by hash.

    Orders of this unit itself are left out.
    """
    rows = conn.execute(
        """select o.id, null::bigint as call, md5('reply' || o.id::text) as draw from work_order o
           where o.stage in ('closed', 'archived') and o.closed_at >= %(since)s and o.unit <> %(unit)s
             and not exists (select 1 from quality q where q.work_order = o.id and q.callback is null)
           union all
           select b.work_order, b.id, md5('call' || b.id::text) from callback b join work_order o on o.id = b.work_order
           where b.channel = 'phone' and b.outcome <> 'no_answer' and b.at >= %(since)s and o.unit <> %(unit)s
             and not exists (select 1 from quality q where q.callback = b.id)
           order by draw limit %(limit)s""",
        {"since": since, "unit": unit, "limit": limit},
    )
    return [(r[0], r[1]) for r in rows]


def to_archive(conn: Connection, before: datetime, limit: int) -> list[int]:
    """Closed orders with nothing open, their incidents closed too; rows that somebody holds are passed over."""
    rows = conn.execute(
        """select o.id from work_order o join incident i on i.id = o.incident
           where o.stage = 'closed' and o.closed_at <= %s and i.closed_at is not null
             and not exists (select 1 from inspection c where c.work_order = o.id and c.done_at is null)
             and not exists (select 1 from callback_task t where t.incident = o.incident and t.ended_at is null)
             and not exists (select 1 from review v where v.incident = o.incident and v.done_at is null)
           order by o.closed_at limit %s for update of o skip locked""",
        (before, limit),
    )
    return [r[0] for r in rows]
