"""Where life is in danger the clock is two hours and the order goes out at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chengshu.agencies.model import Role
from tests.conftest import NOW
from tests.security.people import Api, person, rows
from tests.security.scene import RUGAO, file, incident_of, ok

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
        assert opened_at < due_at <= opened_at + timedelta(hours=hours)  # the list may be stricter
    else:
        assert due_at > NOW + timedelta(hours=24)


CALM = "春江花园小区3号楼楼道的路灯坏了,晚上漆黑一片"


def test_a_report_that_brings_danger_shortens_what_runs(api: Api) -> None:
    """Counted from when that report came in; the unit hears of it, and what is due earlier stays so."""
    desk, who = person(api, Role.CALL_TAKER, "nt.rugao"), person(api, Role.DISPATCHER, "nt.rugao")
    unit = "nt.rugao.zjj"
    first = file(desk, RUGAO, CALM)
    api.work()
    incident = incident_of(api, first)
    if not rows(api.home, "select 1 from work_order"):
        ok(who.post(f"/incidents/{incident}/assign", {"unit": unit}))
    ((unit, before),) = rows(api.home, "select unit, due_at from work_order")
    bureau = person(api, Role.HANDLER, unit)
    assert before > NOW + timedelta(hours=12)
    api.clock.now = NOW + timedelta(hours=3)
    second = file(desk, RUGAO, f"{CALM},老人摔倒受伤,有人触电了,危险")
    api.work()
    assert incident_of(api, second) == incident
    due = api.clock.now + timedelta(hours=2)
    clocks = """select danger, i.due_at, o.due_at, o.escalate_at <= o.due_at
      from incident i join work_order o on o.incident = i.id"""
    assert rows(api.home, clocks) == [(True, due, due, True)]
    assert "期限提前" in bureau.get("/notices").text
    assert [s["verb"] for s in ok(who.get(f"/incidents/{incident}"))["steps"]][-1] == "hasten"
    api.clock.now += timedelta(hours=1)
    third = file(desk, RUGAO, f"{CALM},有人触电了,快来人")
    api.work()
    assert incident_of(api, third) == incident
    assert rows(api.home, clocks) == [(True, due, due, True)]  # a later one brings no later limit
