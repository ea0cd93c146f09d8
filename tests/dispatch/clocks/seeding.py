"""Many orders with clocks, written straight into the database."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.conftest import Home

FIRST = 10**12  # ids far from those the product gives in these tests


def seed(home: Home, first: int, count: int, due: datetime, *, spread: timedelta = timedelta(),
         yellow: timedelta = timedelta(hours=1)) -> None:  # fmt: skip
    """Signed orders, each of an incident of its own; due at `due`, or evenly over `spread` from there."""
    values = {"first": FIRST + first, "last": FIRST + first + count - 1, "due": due, "opened": due - timedelta(days=3),
              "spread": spread.total_seconds() / count, "yellow": yellow.total_seconds(), "level": 1}  # fmt: skip
    due_at = "%(due)s::timestamptz + (n - %(first)s) * %(spread)s * interval '1 second'"
    with home.owner() as conn, conn.transaction():
        conn.execute(
            f"""insert into incident (id, number, title, matter, domain, stage, area, first_at, last_at, opened_at, due_at,
                  changed_at)
                select n, 'T' || n, '测试事件', 'city.garbage', '城市运行', 'handling', 320682105000000, %(opened)s, %(opened)s,
                  %(opened)s, {due_at}, %(opened)s from generate_series(%(first)s::bigint, %(last)s::bigint) n""",
            values,
        )
        conn.execute(
            f"""insert into work_order (id, number, incident, unit, area, stage, assigned_at, sign_due_at, due_at, signed_at,
                  escalate_at, changed_at)
                select n, 'T' || n || '-1', n, 'nt.rugao.cgj', 320682105000000, 'signed', %(opened)s,
                  %(opened)s + interval '2 hours', {due_at}, %(opened)s, {due_at}, %(opened)s
                from generate_series(%(first)s::bigint, %(last)s::bigint) n""",
            values,
        )
        conn.execute(
            f"""insert into clock (work_order, kind, start_at, begun_at, amount, span, unit, due_at, yellow_at, state, level)
                select n, 'settle', %(opened)s, %(opened)s, 3, 'days', 'nt.rugao.cgj', {due_at},
                  {due_at} - %(yellow)s * interval '1 second', 'running', %(level)s
                from generate_series(%(first)s::bigint, %(last)s::bigint) n""",
            values,
        )


def deeds(home: Home) -> dict[str, tuple[int, int]]:
    """What workers did: deed → how often, and on how many orders."""
    with home.owner() as conn:
        rows = conn.execute(
            """select detail->>'deed', count(*), count(distinct work_order) from step
               where account is null and detail ? 'deed' group by 1"""
        ).fetchall()
    return {str(r[0]): (int(str(r[1])), int(str(r[2]))) for r in rows}
