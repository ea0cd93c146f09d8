"""平急转换: a declared level turns a table of tasks into orders at once; lowering it ends them in order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from tests.dispatch.joint.hall import Hall
from tests.security.people import rows
from tests.security.scene import ok

pytestmark = pytest.mark.db
BAIPU = "nt.rugao.baipu"
LEVEL = {"level": 3, "number": "通防指〔2026〕7号", "signer": "指挥长", "declarer": "市防指"}


def task(unit: str, text: str, acknowledge: int = 5, finish: int = 120) -> dict[str, Any]:
    """A row of the table."""
    return {"unit": unit, "text": text, "acknowledge_min": acknowledge, "finish_min": finish}


TABLE = [
    task("nt.slj", "调度沿江闸站预降水位"),
    task("nt.slj", "开启排涝泵站"),  # two for one unit
    task("nt.rugao", "转移低洼地群众"),
    task(BAIPU, "巡查圩堤"),
    task("nt.gaj", "管控涉水路段", 10, 60),
]


def storm(hall: Hall) -> str:
    """The emergency's incident."""
    return hall.says("台风将至，开发区沿江道路积水严重")


def declared(hall: Hall, incident: str = "", **more: Any) -> dict[str, Any]:
    """The city's leader declares level Ⅲ."""
    body = {"plan": "防汛防台应急预案", **LEVEL, "tasks": TABLE, **more}
    found: dict[str, Any] = ok(
        hall.at(Role.LEADER, "nt").post(f"/incidents/{incident or storm(hall)}/response", body)
    )
    return found


def test_every_task_is_an_order_at_once_with_minutes_to_acknowledge(hall: Hall) -> None:
    response = declared(hall)
    assert (response["total"], response["level_name"], response["acknowledged"]) == (
        5,
        "Ⅲ级响应",
        0,
    )
    inbox = ok(hall.at(Role.HANDLER, "nt.slj").get("/orders"))["items"]
    assert len(inbox) == 2
    assert any(
        "5 分钟内签收" in n["text"] for n in ok(hall.at(Role.HANDLER, BAIPU).get("/notices"))
    )
    ok(hall.at(Role.HANDLER, BAIPU).post(f"/orders/{response['tasks'][3]['order']}/sign"))
    hall.later(timedelta(minutes=6))
    now = ok(hall.at(Role.LEADER, "nt").get(f"/responses/{response['id']}"))
    assert (now["acknowledged"], now["silent"]) == (1, 3)  # the police have ten minutes
    assert [t["climbed"] for t in now["tasks"]] == [1, 1, 1, 0, 0]
    told = [n["text"] for n in ok(hall.at(Role.LEADER, "nt").get("/notices"))]
    assert sum("超过签收时限仍未签收" in t for t in told) == 3


def test_forty_one_tasks_over_three_tiers_or_none(hall: Hall) -> None:
    incident = storm(hall)
    towns = [
        u for u in sorted(hall.api.home.world.office.directory.units) if u.startswith("nt.rugao.")
    ][:39]
    table = [
        task("nt", "市级值守"),
        task("nt.rugao", "县级值守"),
        *(task(u, "到岗到位") for u in towns),
    ]
    more = [*table, task("nt.nothing", "无此单位")]
    body = {"plan": "防汛防台", **LEVEL, "tasks": more}
    wrong = hall.at(Role.LEADER, "nt").post(f"/incidents/{incident}/response", body)
    assert wrong.status_code == 404
    assert rows(hall.api.home, "select count(*) from response_task") == [(0,)]
    response = declared(hall, incident, tasks=table)
    assert response["total"] == 41
    assert rows(hall.api.home, "select count(distinct work_order) from response_task") == [(41,)]


def test_lowering_ends_what_the_new_table_lacks_and_leaves_what_was_done(hall: Hall) -> None:
    response = declared(hall)
    done = response["tasks"][2]["order"]
    county = hall.at(Role.HANDLER, "nt.rugao")
    ok(county.post(f"/orders/{done}/sign"))
    ok(
        county.post(
            f"/orders/{done}/handle", {"reply": "已转移群众三十人", "document": "转移台账第3号"}
        )
    )
    leader, path = hall.at(Role.LEADER, "nt"), f"/responses/{response['id']}/level"
    lower = {
        **LEVEL,
        "level": 4,
        "number": "通防指〔2026〕8号",
        "tasks": [TABLE[3], task("nt.cgj", "清理雨水口")],
    }
    now = ok(leader.post(path, lower))
    assert [t["stage"] for t in now["tasks"]] == [
        "withdrawn",
        "withdrawn",
        "handled",
        "assigned",
        "withdrawn",
        "assigned",
    ]
    ended = rows(hall.api.home, "select work_order from step where verb = 'withdraw' order by id")
    assert [str(o) for (o,) in ended] == [
        response["tasks"][n]["order"] for n in (0, 1, 4)
    ]  # in their order
    assert leader.post(path, lower).json()["detail"] == "级别没有变化"
    over = ok(leader.post(path, {**LEVEL, "level": None, "number": "通防指〔2026〕9号"}))
    assert over["ended_at"]
    assert [t["stage"] for t in over["tasks"]] == [
        "withdrawn",
        "withdrawn",
        "handled",
        "withdrawn",
        "withdrawn",
        "withdrawn",
    ]
    assert [d["level_name"] for d in over["levels"]] == ["Ⅲ级响应", "Ⅳ级响应", "响应终止"]
    assert leader.post(path, {**LEVEL, "level": 2, "tasks": TABLE}).status_code == 409


def test_raising_keeps_what_runs_and_adds_the_rest(hall: Hall) -> None:
    response = declared(hall)
    more = [*TABLE, task("nt.jtj", "停运客渡船")]
    now = ok(
        hall.at(Role.LEADER, "nt").post(
            f"/responses/{response['id']}/level", {**LEVEL, "level": 2, "tasks": more}
        )
    )
    assert [t["order"] for t in now["tasks"][:5]] == [t["order"] for t in response["tasks"]]
    assert (now["total"], now["level"]) == (6, 2)


def test_who_declares_what(hall: Hall) -> None:
    incident = storm(hall)
    path, body = f"/incidents/{incident}/response", {"plan": "防汛防台", **LEVEL, "tasks": TABLE}
    for role, unit in ((Role.DISPATCHER, "nt"), (Role.HANDLER, "nt"), (Role.LEADER, "nt.slj")):
        assert hall.at(role, unit).post(path, body).status_code in (403, 404)
    beyond = hall.at(Role.LEADER, "nt.kaifaqu").post(path, body)
    assert (beyond.status_code, beyond.json()["detail"]) == (403, "任务只能下达给本级及以下单位")
    leader = hall.at(Role.LEADER, "nt")
    for field in ("number", "signer", "declarer"):
        assert leader.post(path, {**body, field: " "}).json()["fields"][0]["field"] == field
    assert leader.post(path, {**body, "level": None}).status_code == 422
    assert (
        leader.post(path, {**body, "tasks": [*TABLE, TABLE[0]]}).json()["detail"]
        == "任务表有重复项"
    )
    assert leader.post(path, {**body, "tasks": []}).status_code == 422
    late = [task("nt.slj", "签收晚于完成", 30, 10)]
    assert "第 1 项" in leader.post(path, {**body, "tasks": late}).json()["detail"]


def test_only_one_response_runs_and_each_tier_sees_its_own(hall: Hall) -> None:
    incident = storm(hall)
    body = {"plan": "防汛防台应急预案", **LEVEL, "tasks": TABLE}
    leader = hall.at(Role.LEADER, "nt")
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda _: leader.post(f"/incidents/{incident}/response", body).status_code, range(4)
            )
        )
    assert sorted(answers) == [200, 409, 409, 409]
    assert rows(hall.api.home, "select count(*) from response_task") == [(5,)]
    (seen,) = ok(hall.at(Role.DISPATCHER, "nt.rugao").get("/responses"))["items"]
    assert {t["unit"] for t in seen["tasks"]} == {"nt.rugao", BAIPU}
    assert ok(hall.at(Role.DISPATCHER, "nt.haian").get("/responses"))["items"] == []
    assert hall.at(Role.DISPATCHER, "nt.haian").get(f"/responses/{seen['id']}").status_code == 404
    change = {**LEVEL, "level": 4, "tasks": TABLE}
    assert (
        hall.at(Role.LEADER, "nt.rugao").post(f"/responses/{seen['id']}/level", change).status_code
        == 403
    )
