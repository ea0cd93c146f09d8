"""Checks, call-backs, ratings, reviews and quality over HTTP, with the real workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from chengshu.agencies.model import Role
from chengshu.kit.ids import new_id
from tests.dispatch.checks.conftest import CGJ, CITY, COUNTY, Chain
from tests.security.people import person
from tests.security.scene import RUGAO, file, ok

pytestmark = pytest.mark.db


def due(chain: Chain, role: Role, unit: str) -> Any:
    return ok(chain.at(role, unit).get("/checks"))


def test_a_reply_is_to_be_checked_by_somebody_outside_the_unit(chain: Chain) -> None:
    _, order = chain.given()
    chain.sign(order)
    ok(chain.reply(order))
    (one,) = due(chain, Role.DISPATCHER, COUNTY)["inspections"]
    assert (one["order"], one["kind"], one["unit"]) == (order, "grid", "nt.rugao.baipu")
    assert not due(chain, Role.HANDLER, CGJ)["inspections"]
    assert (
        chain.unit.post(
            f"/inspections/{one['id']}", {"passed": True, "words": "都好了"}
        ).status_code
        == 403
    )
    ok(
        chain.desk.post(
            f"/inspections/{one['id']}",
            {"passed": False, "words": "桶还是满的", "untrue": True},
        )
    )
    assert chain.order(order, "stage, false_closing") == ("signed", True)
    assert chain.sql("select passed, untrue, words, account is not null from inspection") == [
        (False, True, "桶还是满的", True)
    ]
    ((verb, _),) = chain.sql("select verb, reason from step where verb = 'false_closing'")
    assert verb == "false_closing"
    assert chain.desk.post(f"/inspections/{one['id']}", {"passed": True}).status_code == 409
    ok(chain.reply(order))  # the next reply, the next check
    assert chain.sql("select count(*) from inspection where done_at is null") == [(1,)]


def test_a_grid_worker_checks_what_lies_in_her_grid(chain: Chain, grid: int) -> None:
    worker = person(chain.api, Role.GRID_WORKER, "nt.rugao.baipu", grid=grid)
    _, order = chain.given()
    chain.sign(order)
    ok(chain.reply(order))
    assert not ok(worker.get("/checks"))["inspections"]  # it lies in the township, in no grid
    with chain.api.home.owner() as conn:
        conn.execute("update work_order set area = %s", (grid,))
        conn.execute("update incident set area = %s", (grid,))
    (one,) = ok(worker.get("/checks"))["inspections"]
    ok(worker.post(f"/inspections/{one['id']}", {"passed": True, "words": "已经清干净了"}))
    assert chain.order(order) == "verified"


def test_a_sample_that_fails_is_a_false_closing_and_handled_again(chain: Chain) -> None:
    chain.sample(100)
    incident, order = chain.closed()
    (one,) = due(chain, Role.SUPERVISOR, CITY)["inspections"]
    assert (one["kind"], one["unit"]) == ("sample", CITY)
    who = chain.at(Role.SUPERVISOR, CITY)
    assert who.post(f"/inspections/{one['id']}", {"passed": False}).status_code == 422
    ok(who.post(f"/inspections/{one['id']}", {"passed": False, "words": "现场没有动过"}))
    assert chain.order(order, "stage, handlings, false_closing") == ("signed", 2, True)
    assert chain.stage(incident) == "handling"
    assert chain.sql("select result from callback_task") == [("lapsed",)]
    assert any("虚假办结" in n["text"] for n in ok(chain.unit.get("/notices")))


def test_a_sample_that_passes_changes_nothing(chain: Chain) -> None:
    _, order = chain.closed()
    ok(chain.at(Role.SUPERVISOR, CITY).post(f"/orders/{order}/inspections", {"kind": "centre"}))
    assert (
        chain.at(Role.SUPERVISOR, CITY).post(f"/orders/{order}/inspections", {}).status_code == 409
    )
    (one,) = due(chain, Role.SUPERVISOR, CITY)["inspections"]
    ok(
        chain.at(Role.SUPERVISOR, CITY).post(
            f"/inspections/{one['id']}", {"passed": True, "words": "已清干净"}
        )
    )
    assert chain.order(order, "stage, handlings, false_closing") == ("closed", 1, False)


def test_three_attempts_and_then_it_ends_as_no_answer(chain: Chain) -> None:
    incident, _ = chain.closed()
    path = f"/incidents/{incident}/callback"
    (one,) = due(chain, Role.CALL_TAKER, COUNTY)["callbacks"]
    assert one["questions"]
    assert (one["attempts"], one["most"]) == (0, 3)
    ok(chain.at(Role.CALL_TAKER, COUNTY).post(path, {"outcome": "no_answer"}))
    assert not due(chain, Role.CALL_TAKER, COUNTY)["callbacks"]  # not at once again
    assert chain.at(Role.CALL_TAKER, COUNTY).post(path, {"outcome": "no_answer"}).status_code == 409
    for _ in range(2):
        chain.later(timedelta(hours=5))
        ok(chain.at(Role.CALL_TAKER, COUNTY).post(path, {"outcome": "no_answer"}))
    assert chain.sql("select attempts, result from callback_task") == [(3, "no_answer")]
    assert "凭查询码" in chain.told(incident)[-1]
    chain.later(timedelta(hours=5))
    assert chain.at(Role.CALL_TAKER, COUNTY).post(path, {"outcome": "satisfied"}).status_code == 409
    assert chain.stage(incident) == "closed"


def test_who_is_not_satisfied_has_it_handled_again(chain: Chain) -> None:
    incident, order = chain.closed()
    path = f"/incidents/{incident}/callback"
    assert chain.unit.post(path, {"outcome": "satisfied"}).status_code == 403
    assert chain.desk.post(path, {"outcome": "unsatisfied"}).status_code == 422
    ok(chain.desk.post(path, {"outcome": "unsatisfied", "words": "只清了一半"}))
    assert chain.order(order, "stage, handlings") == ("signed", 2)
    chain.close(order)
    assert chain.sql("select round, result from callback_task order by round") == [
        (1, "unsatisfied"),
        (2, None),
    ]
    ok(chain.desk.post(path, {"outcome": "unsatisfied", "words": "还是老样子"}))
    assert chain.order(order) == "closed"
    assert chain.sql(
        "select unit from work_order where incident = %s and stage = 'assigned'", int(incident)
    ) == [(COUNTY,)]


def test_an_unreasonable_demand_needs_evidence_and_a_second_person(chain: Chain) -> None:
    incident, order = chain.closed()
    first, second = chain.at(Role.SUPERVISOR, COUNTY), person(chain.api, Role.SUPERVISOR, COUNTY)
    path = f"/incidents/{incident}/callback"
    said = {"outcome": "unsatisfied", "words": "要求给他家门口单设一个桶"}
    assert first.post(path, {**said, "unreasonable": "无理"}).status_code == 422
    ok(first.post(path, {**said, "unreasonable": "桶点按规划设置，社区已书面答复（附件）"}))
    assert chain.order(order) == "closed"  # nothing follows before it is reviewed
    assert not due(chain, Role.SUPERVISOR, COUNTY)["reviews"]
    (one,) = ok(second.get("/checks"))["reviews"]
    own = first.post(f"/reviews/{one['id']}", {"upheld": True, "words": "确实如此"})
    assert own.status_code == 403
    assert second.post(f"/reviews/{one['id']}", {"upheld": True}).status_code == 422
    ok(second.post(f"/reviews/{one['id']}", {"upheld": True, "words": "规划和答复属实"}))
    assert chain.sql("select reasonable from callback") == [(False,)]
    assert chain.sql("select result from callback_task") == [("unreasonable",)]
    assert chain.order(order) == "closed"
    assert second.post(f"/reviews/{one['id']}", {"upheld": False, "words": "再看一次"}).status_code == 409  # fmt: skip


def test_a_demand_that_is_not_unreasonable_is_met(chain: Chain) -> None:
    incident, order = chain.closed()
    body = {"outcome": "unsatisfied", "words": "还有臭味", "unreasonable": "现场测过没有超标"}
    ok(chain.desk.post(f"/incidents/{incident}/callback", body))
    (one,) = due(chain, Role.LEADER, COUNTY)["reviews"]
    ok(
        chain.at(Role.LEADER, COUNTY).post(
            f"/reviews/{one['id']}", {"upheld": False, "words": "臭味属实"}
        )
    )
    assert chain.sql("select reasonable from callback") == [(True,)]
    assert chain.order(order, "stage, handlings") == ("signed", 2)


def test_the_database_knows_that_it_takes_two(chain: Chain) -> None:
    incident, _ = chain.closed()
    who = chain.at(Role.SUPERVISOR, COUNTY)
    body = {"outcome": "unsatisfied", "words": "还有臭味", "unreasonable": "现场测过没有超标"}
    ok(who.post(f"/incidents/{incident}/callback", body))
    assert who.account is not None
    with chain.api.home.owner() as conn, pytest.raises(psycopg.errors.CheckViolation):
        conn.execute(
            "update review set done_at = now(), upheld = true, done_by = %s", (who.account.id,)
        )


def rated(chain: Chain) -> tuple[str, str, str]:
    """A closed incident with its order, and the code of whoever reported it on the web."""
    citizen = chain.api
    sent = {"client_id": f"rate-{new_id()}", "text": "菜场门口垃圾成堆，垃圾桶满了三天没人收",
            "place": RUGAO.town, "lon": RUGAO.lon, "lat": RUGAO.lat}  # fmt: skip
    code = str(ok(citizen.request("POST", "/api/v1/public/reports", json=sent), 202)["code"])
    chain.api.work()
    ((incident,),) = chain.sql("select id from incident")
    for order, unit in chain.sql("select id, unit from work_order"):
        if unit != CGJ:
            ok(chain.desk.post(f"/orders/{order}/withdraw", {"reason": "改由城管办理"}))
    if not chain.sql("select 1 from work_order where unit = %s", CGJ):
        chain.give(str(incident), CGJ)
    ((order,),) = chain.sql("select id from work_order where unit = %s", CGJ)
    return str(incident), str(order), code


def test_a_citizen_rates_once_after_each_closing(chain: Chain) -> None:
    _, order, code = rated(chain)

    def rate(outcome: str, words: str = "") -> int:
        body = {"outcome": outcome, "words": words}
        return chain.api.request("POST", f"/api/v1/public/track/{code}/rate", json=body).status_code

    def page() -> Any:
        return ok(chain.api.request("GET", f"/api/v1/public/track/{code}"))["rating"]

    assert rate("satisfied") == 409  # not closed yet
    assert page()["possible"] is False
    chain.sign(order)
    chain.close(order)
    assert page() == {"possible": True, "outcome": None, "words": ""}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: rate("unsatisfied", "只清了一半"), range(8)))
    assert sorted(answers) == [204] + [409] * 7
    assert page() == {"possible": False, "outcome": "unsatisfied", "words": "只清了一半"}
    assert chain.care() == 1
    assert chain.order(order, "stage, handlings") == ("signed", 2)
    chain.later(timedelta(hours=1))
    chain.close(order)
    assert page()["possible"] is True
    assert rate("satisfied") == 204
    assert chain.care() == 1
    assert chain.care() == 0
    assert chain.sql("select round, result from callback_task order by round") == [
        (1, "unsatisfied"),
        (2, "satisfied"),
    ]
    assert rate("satisfied") == 409


def test_nobody_rates_with_a_code_that_is_not_hers(chain: Chain) -> None:
    answer = chain.api.request("POST", "/api/v1/public/track/AAAA-BBBB-CCCC/rate",
                               json={"outcome": "satisfied"})  # fmt: skip
    assert answer.status_code == 404


def test_everybody_who_reported_it_is_told(chain: Chain) -> None:
    incident, order = chain.given()
    second = file(chain.at(Role.CALL_TAKER, COUNTY), RUGAO, "菜场门口垃圾成堆三天没人收，垃圾桶满了",
                  reporter={"name": "钱先生", "phone": "13700000001"})  # fmt: skip
    chain.api.work()
    assert chain.sql("select incident from membership where report = %s", int(second)) == [
        (int(incident),)
    ]
    chain.sign(order)
    chain.close(order)
    told = chain.sql("select report, count(*) from notice where text like '您反映的事项已办结%%' group by 1")  # fmt: skip
    assert sorted(n for _, n in told) == [1, 1]


def test_quality_is_scored_by_the_sheet_and_once(chain: Chain) -> None:
    incident, order = chain.closed()
    ok(chain.desk.post(f"/incidents/{incident}/callback", {"outcome": "satisfied"}))
    judge = chain.at(Role.SUPERVISOR, COUNTY)
    shown = ok(judge.get("/quality"))
    assert {s["order"]["id"] for s in shown["samples"]} == {order}
    assert len(shown["samples"]) == 2  # the reply, and the call about it
    full = {i["id"]: i["points"] for i in shown["reply_sheet"]}
    assert sum(full.values()) == 100
    assert judge.post("/quality", {"order": order, "scores": {}}).status_code == 422
    over = {**full, "answers": 41}
    assert judge.post("/quality", {"order": order, "scores": over}).status_code == 422
    assert ok(judge.post("/quality", {"order": order, "scores": {**full, "basis": 5}})) == {
        "total": 85
    }
    assert judge.post("/quality", {"order": order, "scores": full}).status_code == 409
    assert len(ok(judge.get("/quality"))["samples"]) == 1
    assert chain.unit.get("/quality").status_code == 403
