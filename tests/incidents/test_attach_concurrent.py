"""Twenty people report one new happening at once, and several workers take what they said: one incident."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Event

import pytest

from chengshu.app.pipeline import handle_reports
from chengshu.intake.model import Report
from chengshu.intake.submit import caller_hash, submit
from chengshu.kit.ids import new_id
from tests.conftest import NOW, Home
from tests.incidents.conftest import report
from tests.security.people import rows

pytestmark = pytest.mark.db
CALLERS, WORKERS = 20, 4
_HAPPENINGS = (
    ("春江花园3号楼电梯", "电梯", "停了两天，老人下不了楼", "坏了没人修，老人下不来", "一直停着，孩子老人爬楼梯"),
    ("濠河桥东侧人行道", "地砖", "塌了一个大坑，晚上看不见", "塌陷很大一块，骑车差点摔了", "陷下去一片，行人要绕路走"),
    ("学田菜市场西门", "下水道", "污水冒出来流了一地", "堵了，污水漫到路上很臭", "一直往外冒脏水没人管"),
)  # fmt: skip
_OPENINGS = ("", "你好，", "反映一下，", "我要反映：", "麻烦看一下，")


def _said(rng: random.Random, n: int, home: Home) -> Report:
    place, thing, *ways = _HAPPENINGS[rng.randrange(len(_HAPPENINGS)) if n < 0 else n]
    text = f"{rng.choice(_OPENINGS)}{place}的{thing}{rng.choice(ways)}"
    minutes = rng.randrange(60)
    phone = f"13{rng.randrange(10**9):09d}"
    return replace(
        report(text, place=place, caller=caller_hash(home.keyring, phone)),
        said_at=NOW - timedelta(minutes=minutes), lon=120.86 + rng.uniform(0, 2e-4), lat=32.01 + rng.uniform(0, 2e-4),
    )  # fmt: skip


def _flood(home: Home, reports: list[Report]) -> None:
    """Every caller and every worker a thread; all begin in the same moment."""
    start, filed = Barrier(len(reports) + WORKERS), Event()

    def call(one: Report) -> None:
        start.wait(60)
        with home.worker.transaction() as conn:
            submit(conn, home.keyring, one)

    def work(batch: int) -> None:
        start.wait(60)
        while True:
            last = filed.is_set()  # asked before looking: what was filed until then is seen
            if not handle_reports(home.worker, home.world, NOW, batch) and last:
                return

    with ThreadPoolExecutor(len(reports) + WORKERS) as pool:
        callers = [pool.submit(call, one) for one in reports]
        workers = [pool.submit(work, batch) for batch in (1, 3, 7, 128)[:WORKERS]]
        for caller in callers:
            caller.result()
        filed.set()
        for worker in workers:
            worker.result()


@pytest.mark.parametrize("times", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_one_new_happening_is_one_incident(db: Home, times: int) -> None:
    for n in range(times):
        db.empty()
        rng = random.Random(n)
        reports = [
            replace(_said(rng, n % len(_HAPPENINGS), db), id=new_id()) for _ in range(CALLERS)
        ]
        _flood(db, [replace(r, channel_id=str(r.id)) for r in reports])
        found = rows(db, "select reports, people, stage from incident order by reports desc")
        assert [f[:2] for f in found] == [(CALLERS, CALLERS)], (n, found)
        assert rows(db, "select count(*) from membership") == [(CALLERS,)]
        assert rows(db, "select count(*) from outbox where topic = 'report.received'") == [(0,)]
        opened = "select count(*) from step where verb = 'opened'"
        assert rows(db, opened) == [(1,)]
