"""吹哨报到: departments are called, answer by their own clock, and silence climbs tier by tier."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from tests.dispatch.joint.hall import HOUSING, LABOUR, POLICE, Hall
from tests.security.people import rows
from tests.security.scene import ok

pytestmark = pytest.mark.db
COME = {"units": [HOUSING, POLICE], "words": "工人聚集在项目部门口，请即到场"}


def blown(hall: Hall, **more: Any) -> dict[str, Any]:
    """The zone whistles for two departments."""
    found: dict[str, Any] = ok(
        hall.desk.post(f"/incidents/{hall.says()}/whistle", {**COME, **more})
    )
    return found


def test_a_department_answers_and_its_time_is_kept(hall: Hall) -> None:
    whistle = blown(hall)
    housing = hall.at(Role.HANDLER, HOUSING)
    assert any(n["text"].startswith("吹哨") for n in ok(housing.get("/notices")))
    waiting = ok(housing.get("/whistles", params={"box": "waiting"}))
    assert [w["id"] for w in waiting["items"]] == [whistle["id"]]
    hall.later(timedelta(minutes=6))
    housing = hall.at(Role.HANDLER, HOUSING)
    answered = ok(
        housing.post(f"/whistles/{whistle['id']}/answer", {"words": "李科长十分钟内到场"})
    )
    call = next(c for c in answered["calls"] if c["unit"] == HOUSING)
    assert (call["response_s"], call["late"]) == (360, False)
    assert rows(
        hall.api.home, "select response_s, late from whistle_call where unit = %s", HOUSING
    ) == [(360, False)]
    twice = housing.post(f"/whistles/{whistle['id']}/answer", {"words": "再报一次到"})
    assert (twice.status_code, twice.json()["detail"]) == (409, "已经报到")
    assert ok(housing.get("/whistles", params={"box": "waiting"}))["items"] == []
    told = [n["text"] for n in ok(hall.desk.get("/notices"))]
    assert any(t.startswith("报到") and "李科长" in t for t in told)


def test_silence_climbs_to_the_next_tier_and_then_to_the_city(hall: Hall) -> None:
    whistle = blown(hall)
    ok(
        hall.at(Role.HANDLER, POLICE).post(
            f"/whistles/{whistle['id']}/answer", {"words": "民警已出发"}
        )
    )
    hall.later(timedelta(minutes=31))
    (one,) = ok(hall.desk.get("/whistles"))["items"]
    late = {c["unit"]: (c["late"], c["climbed"]) for c in one["calls"]}
    assert late == {HOUSING: (True, 1), POLICE: (False, 0)}
    assert any("未按时报到" in n["text"] for n in ok(hall.desk.get("/notices")))
    city = hall.at(Role.SUPERVISOR, "nt")
    assert not any("未按时报到" in n["text"] for n in ok(city.get("/notices")))
    hall.later(timedelta(minutes=31))
    assert any(
        "未按时报到" in n["text"] for n in ok(hall.at(Role.SUPERVISOR, "nt").get("/notices"))
    )
    hall.later(timedelta(hours=5))  # nobody is above the city: it rests
    assert rows(
        hall.api.home, "select climbed, timer is null from whistle_call where unit = %s", HOUSING
    ) == [(2, True)]
    answered = ok(
        hall.at(Role.HANDLER, HOUSING).post(
            f"/whistles/{whistle['id']}/answer", {"words": "现已到场"}
        )
    )
    call = next(c for c in answered["calls"] if c["unit"] == HOUSING)
    assert (call["late"], call["response_s"]) == (True, 62 * 60 + 5 * 3600)


def test_two_workers_tell_of_silence_once(hall: Hall) -> None:
    blown(hall)
    hall.api.clock.now += timedelta(minutes=31)
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda _: pipeline.handle_clocks(hall.api.home.worker, hall.api.clock.now), range(4)
            )
        )
    assert rows(hall.api.home, "select count(*) from step where verb = 'whistle_silent'") == [(2,)]


def test_who_may_whistle_for_whom(hall: Hall) -> None:
    incident = hall.says()
    path = f"/incidents/{incident}/whistle"
    city = hall.at(Role.DISPATCHER, "nt").post(path, COME)
    assert (city.status_code, "市级中心" in city.json()["detail"]) == (403, True)
    assert hall.at(Role.CALL_TAKER, "nt.kaifaqu").post(path, COME).status_code == 403
    assert hall.at(Role.HANDLER, LABOUR).post(path, COME).status_code == 403
    foreign = {**COME, "units": ["nt.rugao.zjj"]}
    assert hall.at(Role.DISPATCHER, "nt.rugao").post(path, foreign).status_code == 404
    for unit in ("nt.rugao.zjj", "nt", "nt.kaifaqu.nothing"):
        assert hall.desk.post(path, {**COME, "units": [unit]}).status_code == 422
    assert hall.desk.post(path, {**COME, "words": "来"}).status_code == 422
    ok(hall.desk.post(path, {**COME, "units": ["nt.gaj"]}))  # the city's bureaus too
    again = hall.desk.post(path, {**COME, "units": ["nt.gaj"]})
    assert (again.status_code, "还未报到" in again.json()["detail"]) == (409, True)


def test_only_who_is_called_sees_and_answers(hall: Hall) -> None:
    whistle = blown(hall)
    path = f"/whistles/{whistle['id']}/answer"
    assert hall.at(Role.HANDLER, LABOUR).post(path, {"words": "我们也来看看"}).status_code == 404
    assert ok(hall.at(Role.HANDLER, LABOUR).get("/whistles"))["items"] == []
    assert hall.desk.post(path, {"words": "替他们报到"}).status_code == 403
    assert (
        hall.at(Role.HANDLER, HOUSING).get(f"/incidents/{whistle['incident']}").status_code == 404
    )
