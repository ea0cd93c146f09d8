"""All SQL of exclusions, appeals and measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chengshu.dispatch.scoring.claims.model import (
    Appeal,
    Exclusion,
    Measure,
    MeasureKind,
    MeasureState,
)
from chengshu.dispatch.scoring.model import Amend, Relief
from chengshu.kit.db import Connection

_MOST = 500


# Exclusions
_EXCLUSION = (
    "e.id, e.work_order, o.number, e.unit, e.to_unit, e.reason, e.words, e.account, e.actor, e.at, e.due_at, e.late, "
    "e.state, e.decided_by, e.decided_actor, e.decided_at, e.decided_words"
)
_EXCLUSIONS = f"select {_EXCLUSION} from score_exclusion e join work_order o on o.id = e.work_order"


def add_exclusion(conn: Connection, e: Exclusion) -> bool:
    """Write a proposal; False when the order has one that stands."""
    done = conn.execute(
        """insert into score_exclusion (id, work_order, unit, to_unit, reason, words, account, actor, at, due_at, timer)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (work_order) where state <> 'refused' do nothing""",
        (e.id, e.order, e.unit, e.to_unit, e.reason, e.words, e.account, e.actor, e.at, e.due_at, e.due_at),
    )  # fmt: skip
    return done.rowcount == 1


def exclusion(conn: Connection, one: int) -> Exclusion | None:
    """One proposal."""
    row = conn.execute(f"{_EXCLUSIONS} where e.id = %s", (one,)).fetchone()
    return Exclusion(*row) if row else None


def exclusions(conn: Connection) -> list[Exclusion]:
    """Proposals within the scope: open ones soonest due first, then the newest."""
    rows = conn.execute(
        f"{_EXCLUSIONS} order by e.state <> 'open', case when e.state = 'open' then e.due_at end, e.at desc limit {_MOST}"
    )
    return [Exclusion(*row) for row in rows]


def decide_exclusion(conn: Connection, one: int, state: str, account: int, actor: str, words: str,
                     now: datetime) -> bool:  # fmt: skip
    """Decide on a proposal; False when somebody was first."""
    done = conn.execute(
        """update score_exclusion set state = %s, decided_by = %s, decided_actor = %s, decided_words = %s, decided_at = %s,
             timer = null where id = %s and state = 'open'""",
        (state, account, actor, words, now, one),
    )
    return done.rowcount == 1


def excluded(conn: Connection, orders: Sequence[int]) -> dict[int, str]:
    """Reason code of each of these orders that is left out."""
    rows = conn.execute(
        "select work_order, reason from score_exclusion where state = 'approved' and work_order = any(%s)",
        (list(orders),),
    )
    return {row[0]: row[1] for row in rows}


# Appeals
_APPEAL = (
    "p.id, p.month, p.work_order, o.number, p.unit, p.to_unit, p.wants, p.indicator, p.words, p.evidence, p.account, "
    "p.actor, p.at, p.due_at, p.late, p.state, p.answered_by, p.answered_actor, p.answered_at, p.answer"
)
_APPEALS = f"select {_APPEAL} from score_appeal p join work_order o on o.id = p.work_order"


def _appeal(row: Sequence[Any]) -> Appeal:
    values = list(row)
    values[9] = tuple(values[9])
    return Appeal(*values)


def add_appeal(conn: Connection, p: Appeal) -> bool:
    """Write an appeal; False when the same is open."""
    done = conn.execute(
        """insert into score_appeal (id, month, work_order, unit, to_unit, wants, indicator, words, evidence, account, actor,
             at, due_at, timer) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (work_order, wants, indicator) where state = 'open' do nothing""",
        (p.id, p.month, p.order, p.unit, p.to_unit, p.wants, p.indicator, p.words, list(p.evidence), p.account, p.actor,
         p.at, p.due_at, p.due_at),
    )  # fmt: skip
    return done.rowcount == 1


def appeal(conn: Connection, one: int) -> Appeal | None:
    """One appeal."""
    row = conn.execute(f"{_APPEALS} where p.id = %s", (one,)).fetchone()
    return _appeal(row) if row else None


def appeals(conn: Connection) -> list[Appeal]:
    """Appeals within the scope: open ones soonest due first, then the newest."""
    rows = conn.execute(
        f"{_APPEALS} order by p.state <> 'open', case when p.state = 'open' then p.due_at end, p.at desc limit {_MOST}"
    )
    return [_appeal(row) for row in rows]


def answer(conn: Connection, one: int, state: str, account: int, actor: str, words: str, now: datetime) -> bool:  # fmt: skip
    """Answer an appeal; False when somebody was first."""
    done = conn.execute(
        """update score_appeal set state = %s, answered_by = %s, answered_actor = %s, answer = %s, answered_at = %s,
             timer = null where id = %s and state = 'open'""",
        (state, account, actor, words, now, one),
    )
    return done.rowcount == 1


def open_appeals(conn: Connection, month: date) -> int:
    """How many appeals of a month wait for an answer."""
    row = conn.execute(
        "select count(*) from score_appeal where month = %s and state = 'open'", (month,)
    ).fetchone()
    return int(row[0]) if row else 0


def amends(conn: Connection, orders: Sequence[int]) -> dict[int, list[Amend]]:
    """What upheld appeals changed about these orders."""
    found: dict[int, list[Amend]] = {}
    for order, wants, indicator, one in conn.execute(
        """select work_order, wants, indicator, id from score_appeal
           where state = 'upheld' and work_order = any(%s) order by id""",
        (list(orders),),
    ):
        found.setdefault(order, []).append(Amend(Relief(wants), one, indicator))
    return found


# Measures
_MEASURE = (
    "m.id, m.kind, m.unit, m.month, m.words, m.by_unit, m.account, m.actor, m.at, m.due_at, m.late, m.state, "
    "m.approved_by, m.reported_by, m.struck_at"
)


@dataclass(frozen=True, slots=True)
class MeasureStep:
    """One line of a measure's history."""

    measure: int
    at: datetime
    account: int
    actor: str
    unit: str
    act: str
    words: str


def _measure(row: Sequence[Any]) -> Measure:
    values = list(row)
    values[1], values[11] = MeasureKind(values[1]), MeasureState(values[11])
    return Measure(*values)


def add_measure(conn: Connection, m: Measure) -> None:
    """Write a proposal."""
    conn.execute(
        """insert into score_measure (id, kind, unit, month, words, by_unit, account, actor, at, due_at, timer)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
        (m.id, str(m.kind), m.unit, m.month, m.words, m.by_unit, m.account, m.actor, m.at, m.due_at, m.due_at),
    )  # fmt: skip


def measure(conn: Connection, one: int) -> Measure | None:
    """One measure."""
    row = conn.execute(f"select {_MEASURE} from score_measure m where m.id = %s", (one,)).fetchone()
    return _measure(row) if row else None


def measures(conn: Connection) -> list[Measure]:
    """Measures within the scope: those not finished soonest due first, then the newest."""
    rows = conn.execute(
        f"""select {_MEASURE} from score_measure m
            order by m.state in ('struck', 'refused'), case when m.state not in ('struck', 'refused') then m.due_at end,
              m.at desc limit {_MOST}"""
    )
    return [_measure(row) for row in rows]


def move_measure(conn: Connection, m: Measure, to: MeasureState, account: int, due: datetime | None,
                 now: datetime) -> bool:  # fmt: skip
    """Move a measure on; False when somebody was first. Without a due time its clock stops."""
    done = conn.execute(
        """update score_measure set state = %(to)s, due_at = coalesce(%(due)s, due_at), timer = %(due)s, late = false,
             approved_by = case when %(at)s = 'proposed' then %(who)s else approved_by end,
             approved_at = case when %(at)s = 'proposed' then %(now)s else approved_at end,
             reported_by = case when %(to)s = 'reported' then %(who)s else reported_by end,
             struck_at = case when %(to)s = 'struck' then %(now)s end
           where id = %(id)s and state = %(at)s""",
        {"to": str(to), "due": due, "at": str(m.state), "who": account, "now": now, "id": m.id},
    )
    return done.rowcount == 1


def add_step(conn: Connection, s: MeasureStep) -> None:
    """Append a line of history."""
    conn.execute(
        "insert into score_measure_step (measure, at, account, actor, unit, act, words) values (%s, %s, %s, %s, %s, %s, %s)",
        (s.measure, s.at, s.account, s.actor, s.unit, s.act, s.words),
    )


def steps(conn: Connection, ids: Sequence[int]) -> list[MeasureStep]:
    """The history of these measures."""
    rows = conn.execute(
        """select measure, at, account, actor, unit, act, words from score_measure_step
           where measure = any(%s) order by id""",
        (list(ids),),
    )
    return [MeasureStep(*row) for row in rows]


# Clocks
def overdue(conn: Connection, now: datetime, limit: int) -> list[tuple[str, int, str, str, str]]:
    """Mark what nobody did in time, each once: what, id, whose turn it was, whose order or figures, state.

    What somebody else holds is passed over.
    """
    found: list[tuple[str, int, str, str, str]] = []
    for table, turn in (
        ("score_exclusion", "to_unit"),
        ("score_appeal", "to_unit"),
        ("score_measure", "case when state = 'approved' then unit else by_unit end"),
    ):
        rows = conn.execute(
            f"""with taken as (select id from {table} where timer <= %s order by timer limit %s for update skip locked)
                update {table} x set late = true, timer = null from taken where x.id = taken.id
                returning %s, x.id, {turn}, unit, state""",
            (now, limit, table.removeprefix("score_")),
        )
        found += [(r[0], r[1], r[2], r[3], r[4]) for r in rows]
    return found
