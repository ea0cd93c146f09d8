"""Scenario 1, 楼道堆物: 110, a web page and a grid worker speak of one stairwell; one incident, to its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.drill import SCENES, Scene, Site
from chengshu.drill.reporting import form_of, public_form_of
from chengshu.drill.scenes import photo_of_clutter

from .conftest import ZONE, Town, until

pytestmark = [pytest.mark.db, pytest.mark.slow]


@pytest.fixture
def begins_at() -> datetime:
    return datetime(2026, 7, 14, 19, 2, tzinfo=ZONE)


@pytest.fixture
def scene(sites: tuple[Site, ...], begins_at: datetime) -> Scene:
    return SCENES["corridor_clutter"](sites, begins_at)


def tell_all(town: Town, scene: Scene, begins_at: datetime) -> tuple[list[str], dict[str, Any]]:
    """Send the three reports at their times over their channels; the codes, and the first's incident."""
    call, page, found = (step.told for step in scene.steps)
    police = town.channel("police110")
    sent = police.post(
        "/channels/police110/reports",
        {**form_of(call, call.said_at), "channel_id": "110-20260714-1902"},
        202,
    )
    incident = town.incident_of(sent["id"])
    town.clock.set(begins_at + scene.steps[1].after)
    citizen = town.anybody().post(
        "/public/reports", public_form_of(page, "a-page-of-hers-0001"), 202
    )
    town.clock.set(begins_at + scene.steps[2].after)
    assert found.grid is not None
    worker = worker_of(town, scene, found.grid)
    photo = worker.upload(found.photos[0])
    report = {**form_of(found, found.said_at), "channel": "grid", "attachments": [photo]}
    walked = worker.post("/reports", report, 202)
    return [sent["code"], citizen["code"], walked["code"]], incident


def worker_of(town: Town, scene: Scene, grid: int) -> Any:
    township = next(
        u
        for u in town.home.world.office.directory.units.values()
        if u.kind == "centre" and u.area == scene.expected.township
    )
    return town.person(Role.GRID_WORKER, township.unit, grid)


def test_three_reports_become_one_incident_with_reasons(
    town: Town, scene: Scene, begins_at: datetime
) -> None:
    _, incident = tell_all(town, scene, begins_at)
    desk = town.person(Role.DISPATCHER, "nt")
    town_settled(town, 3)
    detail = desk.get(f"/incidents/{incident['id']}")
    channels = {r["channel"]: r for r in detail["report_list"]}
    joined = {c: r["probability"] for c, r in channels.items()}
    assert set(channels) == {"police110", "web", "grid"}, joined
    for channel in ("web", "grid"):
        assert channels[channel]["outcome"] == "merged"
        assert channels[channel]["probability"] >= 0.9
        assert {c["about"] for c in channels[channel]["clues"]} >= {"words", "place", "time"}
        assert all(c["because"] and c["because_en"] for c in channels[channel]["clues"])
    assert detail["reports"] == 3
    assert detail["people"] == 3


def town_settled(town: Town, reports: int) -> None:
    """Wait until the worker has decided about all reports."""

    def all_decided() -> bool:
        with town.home.owner() as conn:
            row = conn.execute("select count(*) from membership").fetchone()
        return row is not None and row[0] == reports

    until(all_decided)


def test_what_is_understood(town: Town, scene: Scene, begins_at: datetime) -> None:
    _, incident = tell_all(town, scene, begins_at)
    town_settled(town, 3)
    detail = town.person(Role.DISPATCHER, "nt").get(f"/incidents/{incident['id']}")
    assert detail["matter"] == "estate.corridor"
    assert detail["urgency"] >= scene.expected.urgency
    assert not detail["danger"]
    assert int(detail["area"]) // 10**6 * 10**6 == scene.expected.township
    assert scene.steps[0].told.place in detail["place"]
    assert abs(detail["lon"] - scene.expected.lon) < 0.01
    assert abs(detail["lat"] - scene.expected.lat) < 0.01


def test_the_township_comes_first(town: Town, scene: Scene, begins_at: datetime) -> None:
    _, incident = tell_all(town, scene, begins_at)
    first = incident["proposals"][0]
    unit = town.home.world.office.directory.units[first["unit"]]
    assert (unit.kind, unit.tier, unit.area) == ("centre", "township", scene.expected.township)
    assert any("镇街" in clue["because"] for clue in first["clues"])


def test_to_the_end_and_all_are_told(town: Town, scene: Scene, begins_at: datetime) -> None:
    codes, incident = tell_all(town, scene, begins_at)
    desk, number = town.person(Role.DISPATCHER, "nt"), incident["id"]
    by_hand(town, number)
    unit = incident["proposals"][0]["unit"]
    order = ordered(town, number, unit)
    assert order["sign_due_at"] > order["assigned_at"]
    assert datetime.fromisoformat(order["due_at"]) > town.clock()

    handler = town.person(Role.HANDLER, unit)
    assert [o["id"] for o in handler.get("/orders")["items"]] == [order["id"]]
    town.clock.forward(timedelta(minutes=12))
    assert handler.post(f"/orders/{order['id']}/sign")["stage"] == "signed"
    assert desk.get(f"/incidents/{number}")["stage"] == "handling"

    town.clock.forward(timedelta(minutes=55))
    photo = handler.upload(photo_of_clutter(8))
    reply = "会同社区和物业上门，平台与楼梯已清空，消火栓前留出空间"
    done = handler.post(f"/orders/{order['id']}/handle", {"reply": reply, "attachments": [photo]})
    assert done["stage"] == "handled"

    told = scene.steps[2].told
    assert told.grid is not None
    worker = worker_of(town, scene, told.grid)
    seen = worker.post(f"/orders/{order['id']}/verify", {"ok": True, "reason": "楼梯确已畅通"})
    assert seen["stage"] == "verified"
    closed = desk.post(f"/orders/{order['id']}/close")
    assert closed["stage"] == "closed"
    assert closed["incident_detail"]["stage"] == "closed"
    assert [s["verb"] for s in closed["incident_detail"]["steps"]][-4:] == [
        "sign", "handle", "accept", "close",
    ]  # fmt: skip

    for code in codes:
        track = town.anybody().get(f"/public/track/{code}")
        assert track["state"] == "closed", track
        assert any(reply in step["text"] for step in track["steps"])
        assert datetime.fromisoformat(track["closed_at"]) <= town.clock().astimezone(UTC)


def by_hand(town: Town, lead: str) -> None:
    """What a dispatcher does with a report that merging left apart: she sees the street and merges."""
    town_settled(town, 3)
    desk = town.person(Role.DISPATCHER, "nt")
    for item in desk.get("/incidents")["items"]:
        if item["id"] != lead and item["stage"] != "merged":
            desk.post(f"/incidents/{lead}/merge", {"other": item["id"], "reason": "七幢即7号楼"})
    assert desk.get(f"/incidents/{lead}")["reports"] == 3


def ordered(town: Town, incident: str, unit: str) -> dict[str, Any]:
    """The order to this unit: given by the system when it was sure, else by the dispatcher."""
    desk = town.person(Role.DISPATCHER, "nt")
    detail = desk.get(f"/incidents/{incident}")
    if not detail["orders"]:
        detail = desk.post(f"/incidents/{incident}/assign", {"unit": unit})
    (order,) = detail["orders"]
    assert order["unit"] == unit
    assert order["stage"] == "assigned"
    found: dict[str, Any] = order
    return found
