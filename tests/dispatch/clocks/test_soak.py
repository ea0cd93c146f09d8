"""A hundred thousand open orders with clocks, fifty more a second, closing time, and workers that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import Home
from tests.dispatch.clocks.seeding import FIRST, deeds, seed

pytestmark = [pytest.mark.db, pytest.mark.soak]
WORKER = Path(__file__).with_name("clock_worker.py")
OPEN, TRICKLE, RUSH, SECONDS = 100_000, 600, 5_000, 60
ARRIVE = 50


def _start(home: Home) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(WORKER), home.dsns.worker])


def _delays(home: Home, first: int, count: int) -> list[float]:
    """Seconds from an order's due time until it was marked overdue: the step's own instant, in order."""
    with home.owner() as conn:
        rows = conn.execute(
            """select extract(epoch from s.at - o.due_at) from step s join work_order o on o.id = s.work_order
               where o.id >= %s and o.id < %s and s.detail->>'deed' = 'overdue' order by 1""",
            (FIRST + first, FIRST + first + count),
        ).fetchall()
    return [float(str(r[0])) for r in rows]


def _marked(home: Home, first: int, count: int) -> int:
    with home.owner() as conn:
        row = conn.execute(
            "select count(*) from work_order where overdue and id >= %s and id < %s",
            (FIRST + first, FIRST + first + count),
        ).fetchone()
    assert row is not None
    return int(str(row[0]))


def test_a_hundred_thousand_clocks(
    db: Home, record_property: Callable[[str, object], None]
) -> None:
    base = datetime.now(UTC) + timedelta(seconds=70)  # while the others are written
    seed(db, 0, OPEN, base + timedelta(days=5), spread=timedelta(days=20))
    seed(db, OPEN, TRICKLE, base, spread=timedelta(seconds=SECONDS))
    seed(db, OPEN + TRICKLE, RUSH, base + timedelta(seconds=SECONDS + 10))
    assert datetime.now(UTC) < base, "the machine is too slow to write the orders in time"
    workers = [_start(db), _start(db)]
    arrived, began = 0, time.monotonic()
    killed = 0
    rush_first = OPEN + TRICKLE
    try:
        over = base + timedelta(seconds=SECONDS + 10)
        cleared_at: datetime | None = None
        while datetime.now(UTC) < over + timedelta(seconds=60) and cleared_at is None:
            owed = int((time.monotonic() - began) * ARRIVE) - arrived
            if owed >= ARRIVE:
                soon = datetime.now(UTC) + timedelta(days=3)
                seed(db, rush_first + RUSH + arrived, owed, soon)
                arrived += owed
            if killed < 3 and datetime.now(UTC) > base + timedelta(seconds=15 * (killed + 1)):
                os.kill(workers[0].pid, signal.SIGKILL)  # in the midst of whatever it does
                workers[0].wait()
                workers = [workers[1], _start(db)]
                killed += 1
            if datetime.now(UTC) > over and _marked(db, rush_first, RUSH) == RUSH:
                cleared_at = datetime.now(UTC)
            time.sleep(0.2)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    late = _delays(db, OPEN, TRICKLE)
    record_property("late_median_s", late[len(late) // 2])
    record_property("late_worst_s", late[-1])
    record_property("arrived_per_s", arrived / (time.monotonic() - began))
    assert len(late) == TRICKLE
    assert late[-1] <= 5
    assert cleared_at is not None
    assert (cleared_at - over).total_seconds() <= 30
    assert all(n == orders for n, orders in deeds(db).values())  # nobody acted twice
    assert deeds(db)["overdue"] == (TRICKLE + RUSH, TRICKLE + RUSH)
