"""Scenario 7, 疑难交叉: a loose steel plate at the border of two counties that two units hand back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from chengshu.agencies.model import Role

from .conftest import ZONE, Town, until

pytestmark = [pytest.mark.db, pytest.mark.slow]
ROADS, WATER, HOUSING, PLACE = "nt.haian.jtj", "nt.rugao.gongshui", "nt.rugao.zjj", "nt.rugao.baipu"
NIGHT = "两市交界的通扬路路面破损，铺的施工钢板松动翘起，大车一过就哐当响，一家老小整夜睡不着"


@pytest.fixture
def begins_at() -> datetime:
    return datetime(2026, 7, 14, 22, 5, tzinfo=ZONE)  # at night, the offices are closed


def rings(town: Town, text: str, place: str, lon: float, lat: float) -> dict[str, Any]:
    return town.call(text, place=place, lon=lon, lat=lat)


def returned(town: Town, incident: str, unit: str, words: str, reason: str) -> dict[str, Any]:
    """The desk gives it to a unit, which hands it back with its reason and a photo of its plan."""
    desk, handler = town.person(Role.DISPATCHER, "nt"), town.person(Role.HANDLER, unit)
    given = desk.post(f"/incidents/{incident}/assign", {"unit": unit})
    order = next(o for o in given["orders"] if o["unit"] == unit)
    told = handler.get(f"/orders/{order['id']}/return")
    assert told["duty"]["lead"] == "城管局"
    assert told["why_not"] is None
    body = {"reason": words, "reason_code": reason}
    back: dict[str, Any] = handler.post(f"/orders/{order['id']}/return", body)
    return back


def disputed(town: Town) -> tuple[dict[str, Any], dict[str, Any]]:
    """The plate after both units handed it back: the incident, and the dispute."""
    incident = rings(town, NIGHT, "如皋市白蒲镇", 120.57, 32.37)
    assert incident["matter"] == "road.damage"
    desk = town.person(Role.DISPATCHER, "nt")
    raised = {"urgency": 3, "reason": "夜间扰民，钢板翘起恐伤车"}
    desk.post(f"/incidents/{incident['id']}/correct", raised)
    incident = desk.get(f"/incidents/{incident['id']}")
    first = returned(town, incident["id"], ROADS, "路段在如皋一侧，我局不管养", "not_my_area")
    assert first["incident_detail"]["stage"] == "received"
    assert incident["id"] in [i["id"] for i in desk.get("/queue")["items"]]
    returned(town, incident["id"], WATER, "管道是我们的，钢板是施工单位铺的", "not_my_matter")
    (dispute,) = town.person(Role.LEADER, "nt").get("/disputes")["items"]
    return incident, dispute


def test_two_returns_and_somebody_acts_the_same_night(town: Town) -> None:
    incident, dispute = disputed(town)
    assert dispute["incident"]["id"] == incident["id"]
    assert (dispute["arbiter"], dispute["urgent"]) == ("nt", True)
    opened, due = (datetime.fromisoformat(dispute[k]) for k in ("opened_at", "due_at"))
    assert due - opened == timedelta(hours=4)  # of the clock, through the night
    assert [p["unit"] for p in dispute["positions"]] == [ROADS, WATER]
    assert dispute["interim"] == PLACE
    now = town.person(Role.DISPATCHER, "nt").get(f"/incidents/{incident['id']}")
    assert now["due_at"] == incident["due_at"]
    interim = town.person(Role.HANDLER, PLACE)
    (order,) = interim.get("/orders")["items"]
    interim.post(f"/orders/{order['id']}/sign")
    refused = interim.post(f"/orders/{order['id']}/return",
                           {"reason": "也不是我们的", "reason_code": "not_my_matter"}, 409)  # fmt: skip
    assert "先办后议" in refused["detail"]
    done = {"reply": "连夜在钢板四角加垫橡胶并放警示桩，已不响动", "document": "值班处置单26-0714"}
    interim.post(f"/orders/{order['id']}/handle", done)


def test_nobody_rules_in_time_and_it_climbs(town: Town) -> None:
    _, _ = disputed(town)
    town.clock.forward(timedelta(hours=4, seconds=5))
    leader = town.person(Role.LEADER, "nt")
    until(lambda: leader.get("/disputes")["items"][0]["escalated"] == 1)
    assert leader.get("/disputes")["items"][0]["overdue"]
    assert any("裁定超时" in n["text"] for n in leader.get("/notices"))


def test_the_verdict_becomes_a_rule_and_the_next_plate_goes_right_at_once(town: Town) -> None:
    incident, dispute = disputed(town)
    town.clock.forward(timedelta(hours=1))
    verdict = {"lead": HOUSING, "assist": [WATER], "reason": "钢板为施工单位所铺，由住建部门督促加固，水务配合",
               "basis": ["《城市道路管理条例》第二十三条"], "words": ["钢板"]}  # fmt: skip
    path = f"/disputes/{dispute['id']}/rule"
    town.person(Role.SUPERVISOR, "nt").post(path, verdict, 403)  # urgent: the leader on duty
    town.person(Role.LEADER, "nt.rugao").post(path, verdict, 403)
    ruled = town.person(Role.LEADER, "nt").post(path, verdict)
    number = ruled["ruling"]["number"]
    assert number == "裁字〔2026〕1号"
    desk = town.person(Role.DISPATCHER, "nt")
    now = desk.get(f"/incidents/{incident['id']}")
    assert [o["unit"] for o in now["orders"] if o["stage"] == "assigned"] == [HOUSING, WATER]
    assert now["due_at"] == incident["due_at"]
    verbs = [s["verb"] for s in now["steps"]]
    assert verbs.count("return") == 2
    assert {"dispute", "rule"} <= set(verbs)

    text = "丁堰镇新丁路路面破损，临时铺的钢板没固定，夜里大车一过哐哐响"
    second = rings(town, text, "如皋市丁堰镇", 120.63, 32.41)
    assert second["id"] != incident["id"]
    assert [o["unit"] for o in second["orders"]] == [HOUSING, WATER]
    assert {o["ruling"] for o in second["orders"]} == {number}
    assert number in second["proposals"][0]["clues"][0]["because"]
    housing = town.person(Role.HANDLER, HOUSING)
    order = second["orders"][0]["id"]
    refused = housing.post(
        f"/orders/{order}/return", {"reason": "又不是我们的", "reason_code": "not_my_matter"}, 409
    )
    assert number in refused["detail"]
    housing.post(f"/orders/{order}/sign")

    leader = town.person(Role.LEADER, "nt")
    assert leader.get("/disputes/agenda")["total"] == 0
    leader.post(f"/rulings/{quote(number)}/revoke", {"reason": "施工已完工，权属移交水务"})
    third = rings(
        town, "江安镇路面破损，铺的钢板翘起来了，夜里车过哐当响", "如皋市江安镇", 120.40, 32.33
    )
    assert not [o for o in third["orders"] if o["ruling"]]
    assert all(c["about"] != "ruling" for p in third["proposals"] for c in p["clues"])
