"""Scenario 2, 玻璃碴: glass on a main road in the morning rush; ordered in a minute, urged, done, told."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.drill import SCENES, Scene, Site
from chengshu.drill.reporting import form_of
from chengshu.drill.scenes import photo_of_clutter

from .conftest import ZONE, Town, until

pytestmark = [pytest.mark.db, pytest.mark.slow]
NUMBER = "110-20260714-0731"


@pytest.fixture
def begins_at() -> datetime:
    return datetime(2026, 7, 14, 7, 31, tzinfo=ZONE)  # before office hours


@pytest.fixture
def scene(sites: tuple[Site, ...], begins_at: datetime) -> Scene:
    return SCENES["glass_on_road"](sites, begins_at)


def hand_over(town: Town, scene: Scene) -> dict[str, Any]:
    """The police hand the call over; what they get back."""
    told = scene.steps[0].told
    body = {**form_of(told, told.said_at), "channel_id": NUMBER, "officer": "接警员"}
    answer: dict[str, Any] = town.channel("police110").post(
        "/channels/police110/reports", body, 202
    )
    return answer


def road_cleaners(town: Town, scene: Scene) -> str:
    """Path of the county's bureau of the scene's line."""
    return next(
        u.unit
        for u in town.home.world.office.directory.units.values()
        if u.line == scene.expected.line and u.area == scene.expected.county
    )


def first_order(town: Town, unit: str) -> dict[str, Any]:
    """The one order that the unit's handler finds in her box by itself."""
    handler = town.person(Role.HANDLER, unit)
    found: list[dict[str, Any]] = []

    def arrived() -> bool:
        found[:] = handler.get("/orders")["items"]
        return bool(found)

    until(arrived, within_s=60)
    (order,) = found
    return order


def test_the_order_is_there_within_a_minute_without_anybody(town: Town, scene: Scene) -> None:
    began = time.monotonic()
    receipt = hand_over(town, scene)
    assert receipt["receipt"]
    order = first_order(town, road_cleaners(town, scene))
    assert time.monotonic() - began < 60
    assert scene.expected.ordered_within == timedelta(seconds=60)
    incident = town.incident_of(receipt["id"])
    assert order["incident"] == incident["id"]
    assert incident["matter"] == "city.road_litter"
    assert incident["danger"]
    assert incident["urgency"] == scene.expected.urgency
    assert incident["state"] == "danger"
    (given,) = [s for s in incident["steps"] if s["verb"] == "assign"]
    assert given["actor"] == "系统"
    opened, due = (datetime.fromisoformat(incident[k]) for k in ("opened_at", "due_at"))
    assert due - opened == scene.expected.done_within
    assigned, sign = (datetime.fromisoformat(order[k]) for k in ("assigned_at", "sign_due_at"))
    assert abs((sign - assigned) - timedelta(minutes=20)) < timedelta(seconds=1)


def test_unsigned_for_twenty_minutes_it_is_urged(town: Town, scene: Scene) -> None:
    receipt = hand_over(town, scene)
    unit = road_cleaners(town, scene)
    order = first_order(town, unit)
    handler = town.person(Role.HANDLER, unit)
    town.clock.forward(timedelta(minutes=19))
    time.sleep(0.5)
    assert handler.get(f"/orders/{order['id']}")["escalated"] == 0
    town.clock.forward(timedelta(minutes=1, seconds=5))
    until(lambda: handler.get(f"/orders/{order['id']}")["escalated"] == 1)
    assert any(
        "签收" in n["text"] and order["number"] in n["text"] for n in handler.get("/notices")
    )
    above = town.person(Role.DISPATCHER, unit.rpartition(".")[0])
    assert any("仍未签收" in notice["text"] for notice in above.get("/notices"))

    handler.post(f"/orders/{order['id']}/sign")
    photo = handler.upload(photo_of_clutter(3))
    reply = "机扫车清扫两遍，护栏边人工捡拾，八点二十恢复通行"
    handler.post(f"/orders/{order['id']}/handle", {"reply": reply, "attachments": [photo]})
    assert not handler.get(f"/orders/{order['id']}")["overdue"]
    desk = town.person(Role.DISPATCHER, "nt")
    desk.post(f"/orders/{order['id']}/verify", {"ok": True, "reason": "巡逻车回复路面已净"})
    closed = desk.post(f"/orders/{order['id']}/close")
    assert closed["incident_detail"]["stage"] == "closed"
    assert "escalate" in [s["verb"] for s in closed["incident_detail"]["steps"]]
    assert closed["incident_detail"]["report_list"][0]["id"] == receipt["id"]

    track = town.anybody().get(f"/public/track/{receipt['code']}")
    assert track["state"] == "closed"
    assert any(reply in step["text"] for step in track["steps"])


def test_two_hours_without_an_answer_is_overdue(town: Town, scene: Scene) -> None:
    hand_over(town, scene)
    unit = road_cleaners(town, scene)
    order = first_order(town, unit)
    handler = town.person(Role.HANDLER, unit)
    handler.post(f"/orders/{order['id']}/sign")
    town.clock.forward(timedelta(hours=2, seconds=5))
    until(lambda: bool(handler.get(f"/orders/{order['id']}")["overdue"]))
    assert [o["id"] for o in handler.get("/orders", box="overdue")["items"]] == [order["id"]]


def test_the_police_hear_that_we_have_it(town: Town, scene: Scene) -> None:
    receipt, police = hand_over(town, scene), town.channel("police110")
    again = hand_over(town, scene)
    assert (again["id"], again["receipt"], again["duplicate"]) == (
        receipt["id"], receipt["receipt"], True,
    )  # fmt: skip
    path = f"/channels/police110/reports/{NUMBER}/acknowledge"
    done = police.post(path, {"receipt": receipt["receipt"], "by": "接警员"})
    assert done["acknowledged_at"]
    shown = police.get(f"/channels/reports/{NUMBER}", channel="police110")
    assert shown["receipt"] == receipt["receipt"]
