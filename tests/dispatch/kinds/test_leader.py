"""A leader's instruction: word for word, with its own clock, for few eyes, and a report in the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from tests.dispatch.kinds.secret import make
from tests.security.people import Someone, person, rows
from tests.security.scene import Scene, ok

pytestmark = pytest.mark.db
WORDS = "请城管局认真核实，三日内报结果。\n——举一反三，面上再排查一遍。"


def wish(scene: Scene, days: int = 1, **more: Any) -> dict[str, Any]:
    due = scene.api.clock.now + timedelta(days=days)
    return {
        "kind": "leader",
        "leader": "王市长",
        "post": "市长",
        "words": WORDS,
        "due_at": due.isoformat(),
        **more,
    }


def clocks(scene: Scene, incident: str) -> tuple[datetime, list[datetime]]:
    ((due,),) = rows(scene.api.home, "select due_at from incident where id = %s", int(incident))
    orders = rows(
        scene.api.home,
        "select due_at from work_order where incident = %s and closed_at is null",
        int(incident),
    )
    return due, [r[0] for r in orders]


def test_it_keeps_the_words_and_caps_every_clock(scene: Scene) -> None:
    incident, desk = scene.rugao.ids["incident"], scene.rugao.people["dispatcher"]
    sooner = scene.api.clock.now + timedelta(hours=1)
    view = ok(desk.post(f"/incidents/{incident}/kind", wish(scene, due_at=sooner.isoformat())))
    assert (view["special"]["words"], view["special"]["leader"]) == (WORDS, "王市长")
    assert view["special"]["number"] == "通枢批〔2026〕1号"
    due, orders = clocks(scene, incident)
    assert due == sooner
    assert set(orders) == {sooner}
    fresh = ok(desk.post(f"/incidents/{incident}/assign", {"unit": "nt.rugao.slj"}))["orders"][-1]
    assert datetime.fromisoformat(fresh["due_at"]) == sooner, "an order given later is capped too"


def test_a_later_time_limit_moves_no_clock_back(scene: Scene) -> None:
    incident = scene.rugao.ids["incident"]
    before = clocks(scene, incident)
    ok(scene.rugao.people["dispatcher"].post(f"/incidents/{incident}/kind", wish(scene, days=90)))
    assert clocks(scene, incident) == before


def test_named_people_and_the_unit_that_acts_see_it(scene: Scene) -> None:
    secret = make(scene, "leader")
    where = f"/incidents/{secret.ids['incident']}"
    seen = {
        name: who.get(where).status_code == 200
        for name, who in secret.outside.items()
        if who.account
    }
    assert {name for name, may in seen.items() if may} == {"handler_beside"}
    assert secret.acts.get(where).status_code == 200
    view = ok(secret.outside["handler_beside"].get(f"{where}/kind"))
    assert (view["veil"], view["named"]) == (1, []), "whom it names is for those named"
    assert (
        secret.number
        not in secret.outside["colleague"].get("/incidents", params={"limit": 200}).text
    )


def test_one_may_leave_it_open(scene: Scene) -> None:
    incident = scene.rugao.ids["incident"]
    ok(
        scene.rugao.people["dispatcher"].post(
            f"/incidents/{incident}/kind", wish(scene, restricted=False)
        )
    )
    assert scene.rugao.people["analyst"].get(f"/incidents/{incident}").status_code == 200


@pytest.mark.parametrize(
    "gap", [{"leader": " "}, {"words": ""}, {"due_at": None}, {"due_at": "2020-01-01T00:00:00Z"}]
)
def test_without_leader_words_or_clock_it_is_none(scene: Scene, gap: dict[str, Any]) -> None:
    incident = scene.rugao.ids["incident"]
    refused = scene.rugao.people["dispatcher"].post(
        f"/incidents/{incident}/kind", {**wish(scene), **gap}
    )
    assert refused.status_code == 422
    assert refused.json()["fields"][0]["field"] in gap
    assert rows(scene.api.home, "select 1 from special where incident = %s", int(incident)) == []
    assert rows(scene.api.home, "select 1 from counter") == [], "no number is lost"


def test_the_leader_is_told_once_and_by_those_who_may(scene: Scene) -> None:
    incident, desk = scene.rugao.ids["incident"], scene.rugao.people["dispatcher"]
    body = {"words": "已核实并拆除，面上排查 12 处。"}
    assert desk.post(f"/incidents/{incident}/leader-report", body).status_code == 409
    ok(desk.post(f"/incidents/{incident}/kind", wish(scene)))
    assert (
        scene.rugao.people["bureau"].post(f"/incidents/{incident}/leader-report", body).status_code
        == 403
    )
    assert (
        ok(desk.post(f"/incidents/{incident}/leader-report", body))["special"]["answer"]
        == body["words"]
    )
    assert desk.post(f"/incidents/{incident}/leader-report", body).status_code == 409


def test_kinds_rise_and_each_gets_a_number_of_its_own(scene: Scene) -> None:
    incident, desk = scene.rugao.ids["incident"], scene.rugao.people["dispatcher"]
    urgent = ok(desk.post(f"/incidents/{incident}/kind", {"kind": "urgent"}))
    assert urgent["special"]["number"] == "通枢急〔20260714〕001号"
    down = {
        "kind": "passed_down",
        "upper_number": "JS-2026-77",
        "due_at": "2026-07-20T00:00:00+08:00",
    }
    assert (
        ok(desk.post(f"/incidents/{incident}/kind", down))["special"]["upper_number"]
        == "JS-2026-77"
    )
    ok(desk.post(f"/incidents/{incident}/kind", wish(scene)))
    lower = desk.post(f"/incidents/{incident}/kind", {"kind": "urgent"})
    assert (lower.status_code, lower.json()["detail"]) == (409, "已是领导批示件，不能改为紧急件")
    last = ok(desk.post(f"/incidents/{incident}/kind", {"kind": "confidential"}))
    assert (last["special"]["upper_number"], last["special"]["words"]) == ("JS-2026-77", WORDS)
    assert rows(scene.api.home, "select urgency from incident where id = %s", int(incident)) == [
        (3,)
    ]


def test_who_may_not_say_what_it_is(scene: Scene) -> None:
    incident = scene.rugao.ids["incident"]
    for role in ("call_taker", "analyst", "bureau"):
        who: Someone = scene.rugao.people[role]
        assert who.post(f"/incidents/{incident}/kind", {"kind": "urgent"}).status_code == 403, role
    leader = person(scene.api, Role.LEADER, "nt.rugao")
    assert ok(leader.post(f"/incidents/{incident}/kind", {"kind": "urgent"}))["kind"] == "urgent"
