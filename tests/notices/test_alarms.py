"""An urgent notice is repeated and climbs until somebody acknowledges it, or it needs nobody any more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chengshu.agencies.model import Role
from tests.notices.conftest import LEADER, OFFICER, Town
from tests.security.scene import ok

pytestmark = pytest.mark.db
FIVE = timedelta(minutes=5)
ABOVE = "13955556666"
BUREAU, REPORTER = "nt.rugao.zjj", "13911110001"


@pytest.fixture
def incident(town: Town) -> str:
    """A danger whose order lies with a bureau of the county; what the county itself was told is over."""
    found = town.happens()
    with town.api.home.owner() as conn:
        conn.execute("update notice set spread_at = now()")
    ok(town.at(Role.DISPATCHER, "nt.rugao").post(f"/incidents/{found}/assign", {"unit": BUREAU}))
    town.duty(BUREAU, leader=LEADER)
    town.duty("nt.rugao", officer="", leader=ABOVE)
    town.round()
    return found


def test_it_is_repeated_then_goes_to_the_leader_then_above(town: Town, incident: str) -> None:
    assert [p for p, _ in town.texts()] == [OFFICER]
    town.round(FIVE - timedelta(seconds=1))
    assert len(town.texts()) == 1
    town.round(timedelta(seconds=1))
    assert [p for p, _ in town.texts()] == [OFFICER, OFFICER]
    assert "第2次提醒" in town.texts()[1][1]
    town.round(FIVE)
    assert [p for p, _ in town.texts()] == [OFFICER, OFFICER, LEADER]
    town.round(FIVE)
    assert [p for p, _ in town.texts()] == [OFFICER, OFFICER, LEADER, ABOVE]
    told = town.sql("select unit, text from notice where event = 'climbed'")
    assert [u for u, _ in told] == ["nt.rugao"]
    assert "仍未确认" in told[0][1]
    town.round(FIVE)
    assert [
        u for (u,) in town.sql("select unit from notice where event = 'climbed' order by id")
    ] == ["nt.rugao", "nt"]
    assert town.sql("select count(*) from alarm") == [(1,)], "what climbs is no new alarm"
    before = town.sql("select rung from alarm")
    town.round(FIVE)
    assert town.sql("select rung from alarm") == before, "then every half hour"
    assert incident


def test_acknowledging_stops_it(town: Town, incident: str) -> None:
    who = town.at(Role.HANDLER, BUREAU)
    (alarm,) = ok(who.get("/alarms"))["items"]
    assert (alarm["incident"], alarm["rung"]) == (incident, 1)
    done = ok(who.post(f"/alarms/{alarm['notice']}/acknowledge"))
    assert done["items"] == []
    assert who.post(f"/alarms/{alarm['notice']}/acknowledge").status_code == 409
    for _ in range(6):
        town.round(FIVE)
    assert [p for p, _ in town.texts()] == [OFFICER]
    assert town.sql("select ended_by from alarm")[0][0] != ""


def test_a_reminder_that_still_waits_is_not_sent_after_it_was_heard(
    town: Town, incident: str
) -> None:
    town.gateway.answers = lambda _: (503, {})
    town.round(FIVE)  # the second one fails and waits
    (alarm,) = ok(town.at(Role.SUPERVISOR, "nt.rugao").get("/alarms"))["items"]
    ok(town.at(Role.SUPERVISOR, "nt.rugao").post(f"/alarms/{alarm['notice']}/acknowledge"))
    town.gateway.answers = lambda _: (200, {})
    before = len(town.texts())
    town.round(FIVE)
    assert len(town.texts()) == before
    assert town.sql("select state from delivery where key like 'n%%-2-%%'") == [("stopped",)]
    assert incident


def test_signing_the_order_stops_it(town: Town, incident: str) -> None:
    order = town.sql("select id, unit from work_order where unit = %s", BUREAU)[0]
    ok(town.at(Role.HANDLER, order[1]).post(f"/orders/{order[0]}/sign"))
    for _ in range(3):
        town.round(FIVE)
    assert [p for p, _ in town.texts() if p != REPORTER] == [OFFICER], (
        "the reporter hears that it is signed"
    )
    assert town.sql("select ended_by from alarm") == [("已处理",)]
    assert incident


def test_only_the_unit_and_those_above_acknowledge(town: Town, incident: str) -> None:
    ((notice,),) = town.sql("select notice from alarm")
    path = f"/alarms/{notice}/acknowledge"
    assert town.at(Role.SUPERVISOR, "nt.haian").post(path).status_code == 404
    assert town.at(Role.HANDLER, "nt.rugao.slj").post(path).status_code == 404
    assert town.at(Role.ANALYST, "nt.rugao").post(path).status_code == 403
    assert ok(town.at(Role.SUPERVISOR, "nt.haian").get("/alarms"))["items"] == []
    ok(town.at(Role.LEADER, "nt").post(path))
    assert incident


def test_two_workers_repeat_it_once(town: Town, incident: str) -> None:
    town.later(FIVE)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: town.round(), range(4)))
    assert [p for p, _ in town.texts()] == [OFFICER, OFFICER]
    assert town.sql("select rung from alarm") == [(2,)]
    assert incident
