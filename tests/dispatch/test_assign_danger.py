"""Where life is in danger the clock is two hours and the order goes out at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chengshu.agencies.model import Role
from tests.conftest import NOW
from tests.security.people import Api, person, rows
from tests.security.scene import RUGAO, file

pytestmark = pytest.mark.db


@pytest.mark.parametrize(
    ("text", "orders", "hours"),
    [
        ("楼道里有很浓的煤气味,老人已经头晕", 1, 2),  # danger word: ordered by itself, two hours
        (
            "想问一下公园什么时候开放",
            0,
            None,
        ),  # nothing dangerous: a dispatcher decides, ordinary limit
    ],
)
def test_danger_shortens_the_clock(api: Api, text: str, orders: int, hours: int | None) -> None:
    desk = person(api, Role.CALL_TAKER, "nt.rugao")
    file(desk, RUGAO, text)
    api.work()
    ((due_at, opened_at, made),) = rows(
        api.home,
        "select due_at, opened_at, (select count(*) from work_order o where o.incident = i.id) from incident i",
    )
    assert made == orders
    if hours is not None:
        assert due_at == opened_at + timedelta(hours=hours)
    else:
        assert due_at > NOW + timedelta(hours=24)
