"""What became of a report, a suggestion that was answered already, and since when a unit has a matter."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chengshu.agencies.model import Role
from chengshu.kit.ids import new_id
from tests.security.people import person, rows
from tests.security.scene import HAIAN, RUGAO, Scene, file, incident_of, ok

pytestmark = pytest.mark.db


def test_a_report_waits_and_then_has_its_incident(scene: Scene) -> None:
    who = scene.rugao.people["call_taker"]
    report = file(who, RUGAO, "鹦鹉广场的路灯坏了三盏", said_at="2026-07-10T08:00:00+08:00")
    waiting = ok(who.get(f"/reports/{report}"))
    assert waiting == {"id": report, "channel": "hotline", "said_at": waiting["said_at"], "state": "waiting",
                       "incident": None, "number": None}  # fmt: skip
    assert datetime.fromisoformat(waiting["said_at"]) == datetime.fromisoformat(
        "2026-07-10T08:00:00+08:00"
    )
    scene.api.work()
    done = ok(who.get(f"/reports/{report}"))
    ((number,),) = rows(
        scene.api.home,
        "select number from incident where id = %s",
        int(incident_of(scene.api, report)),
    )
    assert (done["state"], done["incident"], done["number"]) == (
        "done",
        incident_of(scene.api, report),
        number,
    )


def test_of_a_merged_incident_the_leading_one_is_told(scene: Scene) -> None:
    who, ids = scene.rugao.people["dispatcher"], scene.rugao.ids
    ok(who.post(f"/incidents/{ids['other']}/merge", {"other": ids["waiting"], "reason": "同一件"}))
    assert ok(who.get(f"/reports/{ids['waiting_report']}"))["incident"] == ids["other"]


def test_nobody_learns_of_a_report_that_is_not_hers(scene: Scene) -> None:
    who = scene.rugao.people["dispatcher"]
    assert who.get(f"/reports/{scene.haian.ids['report']}").status_code == 404
    assert who.get(f"/reports/{new_id()}").status_code == 404
    assert scene.rugao.people["neighbour"].get(f"/reports/{scene.rugao.ids['report']}").status_code == 404  # fmt: skip
    assert scene.api.request("GET", f"/api/v1/reports/{new_id()}").status_code == 401


def test_what_lies_elsewhere_is_done_without_its_incident(scene: Scene) -> None:
    """The desk that wrote it down waits no longer, and learns nothing of the other county."""
    who = scene.rugao.people["call_taker"]
    report = file(who, HAIAN, "风筝厂门口的路面塌了", said_at="2026-07-09T08:00:00+08:00")
    scene.api.work()
    told = ok(who.get(f"/reports/{report}"))
    assert (told["state"], told["incident"], told["number"]) == ("done", None, None)


def test_a_suggestion_is_answered_once(scene: Scene) -> None:
    who, other = scene.rugao.people["dispatcher"], scene.haian.people["dispatcher"]
    path = f"/suggestions/{scene.rugao.ids['suggestion']}"
    assert other.post(path, {"accept": False}).status_code == 404
    ok(who.post(path, {"accept": False}))
    again = who.post(path, {"accept": True})
    assert again.status_code == 409
    assert again.json()["detail"] == "这条合并建议已有人答复，请刷新"
    assert other.post(path, {"accept": False}).status_code == 404
    assert who.post(f"/suggestions/{new_id()}", {"accept": True}).status_code == 404


def test_a_citizen_sees_when_the_unit_got_it(scene: Scene) -> None:
    sent = {"client_id": "track-track-track-1", "text": "如皋市白蒲镇纺织路的井盖不见了"}
    code = ok(scene.api.request("POST", "/api/v1/public/reports", json=sent), 202)["code"]
    scene.api.clock.now += timedelta(hours=3)
    scene.api.work()
    ((incident,),) = rows(
        scene.api.home,
        "select incident from membership m join report r on r.id = m.report where r.source = 'public'",
    )
    if not rows(scene.api.home, "select 1 from work_order where incident = %s", incident):
        body = {"unit": "nt.rugao.cgj"}
        ok(scene.city["dispatcher"].post(f"/incidents/{incident}/assign", body))
    told = ok(scene.api.request("GET", f"/api/v1/public/track/{code}"))
    assert told["steps"][1]["text"] == f"已交给{told['unit_name']}"
    received, given = (datetime.fromisoformat(step["at"]) for step in told["steps"][:2])
    assert given - received == timedelta(hours=3)


def test_orders_name_their_area(scene: Scene) -> None:
    (order,) = [o for o in ok(scene.rugao.people["dispatcher"].get("/orders?box=all&mine=false"))["items"]
                if o["id"] == scene.rugao.ids["order"]]  # fmt: skip
    assert order["area"] == str(RUGAO.township)


def test_a_grid_worker_is_shown_only_what_she_may_verify(scene: Scene) -> None:
    """An order whose incident was moved to another grid is no longer hers to verify."""
    order, incident = scene.rugao.ids["quiet_order"], int(scene.rugao.ids["quiet_incident"])
    grid = RUGAO.township + 1001
    worker = person(scene.api, Role.GRID_WORKER, RUGAO.unit, grid=grid)
    assert ok(worker.get("/orders?box=verify"))["items"] == []
    with scene.api.home.owner() as conn:
        conn.execute("update work_order set area = %s where id = %s", (grid, int(order)))
        conn.execute("update incident set area = %s where id = %s", (grid, incident))
    (shown,) = ok(worker.get("/orders?box=verify"))["items"]
    assert shown["id"] == order
    assert {m["verb"] for m in shown["may"] if m["why_not"] is None} == {"accept", "reject"}
    with scene.api.home.owner() as conn:
        conn.execute("update incident set area = %s where id = %s", (grid + 1, incident))
    assert ok(worker.get("/orders?box=verify"))["items"] == []
    assert worker.post(f"/orders/{order}/verify", {"ok": True}).status_code == 404
