"""Two workers never act twice; what a worker that is killed had begun, another one does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from chengshu.app import pipeline
from chengshu.dispatch.escalate import escalate_due
from tests.conftest import NOW, Home
from tests.dispatch.clocks.seeding import deeds, seed

pytestmark = pytest.mark.db


def test_many_workers_act_once_on_each_order(db: Home) -> None:
    seed(db, 0, 120, NOW)
    with ThreadPoolExecutor(6) as pool:
        turns = [
            pool.submit(pipeline.handle_clocks, db.worker, NOW, 17, db.world.office)
            for _ in range(30)
        ]
        acted = sum(t.result() for t in turns)
    while acted < 120 and (more := pipeline.handle_clocks(db.worker, NOW, 17, db.world.office)):
        acted += more
    assert acted == 120
    assert deeds(db) == {"overdue": (120, 120)}
    assert pipeline.handle_clocks(db.worker, NOW, 500, db.world.office) == 0
    later = NOW + timedelta(days=1)  # the supervision orders, each once, with a number of its own
    while pipeline.handle_clocks(db.worker, later, 50, db.world.office):
        pass
    assert deeds(db)["supervise"] == (120, 120)
    with db.owner() as conn:
        told = conn.execute("select count(*), count(distinct number) from supervision").fetchone()
    assert told == (120, 120)


def test_a_worker_that_is_killed_leaves_everything_to_the_next(db: Home) -> None:
    seed(db, 0, 40, NOW)
    doomed = psycopg.connect(db.dsns.worker)
    try:
        assert len(escalate_due(doomed, NOW, 25, db.world.office)) == 25
        # its orders are held: another worker passes them over
        assert pipeline.handle_clocks(db.worker, NOW, 100, db.world.office) == 15
    finally:
        doomed.pgconn.finish()  # the socket is gone, nothing was committed
    done = 0
    for _ in range(100):  # the server needs a moment to let the dead one's locks go
        done += pipeline.handle_clocks(db.worker, NOW, 100, db.world.office)
        if done == 25:
            break
    assert deeds(db) == {"overdue": (40, 40)}


def test_an_order_that_nobody_wound_gets_its_clocks_from_the_worker(db: Home) -> None:
    seed(db, 0, 3, NOW + timedelta(days=2))
    with db.owner() as conn:
        conn.execute("truncate clock")
        conn.execute("update work_order set escalate_at = %s", (NOW,))
    assert pipeline.handle_clocks(db.worker, NOW, 100, db.world.office) == 0
    with db.owner() as conn:
        found = conn.execute(
            "select kind, count(*) from clock group by kind order by kind"
        ).fetchall()
        woken = conn.execute(
            "select count(*) from work_order where escalate_at > %s", (NOW,)
        ).fetchone()
    assert found == [("settle", 3), ("sign", 3)]
    assert woken == (3,)


def test_a_provisional_end_is_reckoned_again_when_the_year_is_published(db: Home) -> None:
    office = db.world.office
    seed(db, 0, 2, NOW + timedelta(days=2))
    with db.owner() as conn:  # registered on Monday 13 July; the Wednesday turns out a holiday
        conn.execute("update clock set provisional = true, amount = 3, span = 'working_days'")
        conn.execute("update work_order set due_at = null")
        conn.execute("update clock set due_at = '2026-07-16 09:30+00'")
        conn.execute("update work_order set due_at = '2026-07-16 09:30+00'")
    unknown = replace(office.calendar, known=frozenset({2025}))
    assert pipeline.handle_known_years(db.worker, replace(office, calendar=unknown), NOW) == 0
    holiday = frozenset({*office.calendar.holidays, date(2026, 7, 15)})
    published = replace(office.calendar, holidays=holiday)
    fresh = replace(office, calendar=published, calendars=None)
    assert pipeline.handle_known_years(db.worker, fresh, NOW) == 2
    with db.owner() as conn:
        due = conn.execute("select distinct due_at, provisional from clock").fetchall()
        orders = conn.execute("select distinct due_at from work_order").fetchall()
        told = conn.execute("select count(*) from notice where text like '%重新计算%'").fetchone()
    assert due == [(datetime(2026, 7, 17, 9, 30, tzinfo=UTC), False)]
    assert orders == [(due[0][0],)]
    assert told == (2,)
    assert pipeline.handle_known_years(db.worker, fresh, NOW) == 0
