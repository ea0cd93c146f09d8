"""Running numbers: gap-free and never twice, however many take one at once and however many give up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from chengshu.dispatch.kinds import store
from tests.conftest import Home
from tests.security.people import rows

pytestmark = pytest.mark.db


class _GaveUpError(Exception):
    pass


def test_at_once_nobody_gets_a_number_twice_and_none_is_left_out(db: Home, now: datetime) -> None:
    rules = db.world.office.kinds

    def take(n: int) -> str | None:
        try:
            with db.app.transaction({"role": "dispatcher", "account": "1"}) as conn:
                number = store.take_number(conn, rules, "leader", now)
                if n % 3 == 0:
                    raise _GaveUpError
                return number
        except _GaveUpError:
            return None

    with ThreadPoolExecutor(12) as pool:
        taken = [t for t in pool.map(take, range(90)) if t is not None]
    assert sorted(taken, key=lambda t: int(t.split("〕")[1][:-1])) == [
        f"通枢批〔2026〕{n}号" for n in range(1, 61)
    ]


def test_a_new_year_of_the_citys_calendar_counts_anew(db: Home, now: datetime) -> None:
    rules = db.world.office.kinds
    new_year = now.replace(month=12, day=31, hour=16, minute=0)  # midnight in the city
    with db.worker.transaction() as conn:
        taken = [
            store.take_number(conn, rules, "leader", at)
            for at in (new_year - timedelta(seconds=1), new_year, new_year)
        ]
    assert taken == ["通枢批〔2026〕1号", "通枢批〔2027〕1号", "通枢批〔2027〕2号"]
    assert rows(db, "select series, period, last from counter order by period") == [
        ("leader", "2026", 1), ("leader", "2027", 2),
    ]  # fmt: skip
