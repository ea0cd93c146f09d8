"""The further verbs of an order over HTTP: redo, reassign, lead, shelve, void, reopen, archive, filing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chengshu.agencies.model import Role
from tests.dispatch.checks.conftest import (
    CGJ,
    CITY,
    COUNTY,
    PROOF,
    RUBBISH,
    SLJ,
    TOWN,
    Chain,
    chain,
)
from tests.security.people import person
from tests.security.scene import RUGAO, incident_of, ok, upload

pytestmark = pytest.mark.db
__all__ = ["chain"]
PLEA = {
    "condition": "等管网改造完工后清运",
    "review_on": "2026-09-01",
    "public_reason": "管网改造尚未完工",
}


def test_a_reply_needs_evidence_and_says_what_is_missing(chain: Chain) -> None:
    _, order = chain.given()
    chain.sign(order)
    refused = ok(chain.reply(order, document=""), 422)
    assert "附现场照片或写明文书号" in refused["detail"]
    assert chain.order(order) == "signed"
    ok(chain.reply(order, document="", attachments=[upload(chain.unit)]))
    assert chain.order(order, "stage, document") == ("handled", None)
    ok(chain.desk.post(f"/orders/{order}/redo", {"reason": "没有写处理结果"}))
    assert chain.order(order) == "signed"
    shown = ok(chain.reply(order))
    assert (shown["document"], shown["needs_evidence"]) == (PROOF, True)
    assert [s["verb"] for s in shown["incident_detail"]["steps"]][-3:] == [
        "handle",
        "redo",
        "handle",
    ]


def test_reassigning_withdraws_and_gives_in_one_act(chain: Chain) -> None:
    incident, order = chain.given()
    chain.sign(order)
    refused = chain.desk.post(f"/orders/{order}/reassign", {"unit": "nt.rugao.nirgends", "reason": "应由别家办理"})  # fmt: skip
    assert refused.status_code == 404
    assert chain.order(order) == "signed"  # the withdrawal was taken back with it
    body = {"unit": SLJ, "reason": "河道保洁归水利", "instruction": "请即清理"}
    ok(chain.desk.post(f"/orders/{order}/reassign", body))
    ((new, lead, follows, due),) = chain.sql(
        "select id, lead, follows, due_at from work_order where incident = %s and unit = %s", int(incident), SLJ)  # fmt: skip
    assert (lead, follows, chain.order(order)) == (True, int(order), "withdrawn")
    assert due == chain.order(order, "due_at")  # the clock runs on
    verbs = chain.sql("select verb, detail from step where work_order = %s order by id", int(order))
    assert verbs[-1] == ("reassign", {"unit": SLJ})
    assert chain.order(str(new)) == "assigned"
    assert "改派" in ok(chain.unit.get("/notices"))[0]["text"]


def test_the_parent_closes_only_with_its_lead_and_its_assistants(chain: Chain) -> None:
    incident, order = chain.given()
    chain.sign(order)
    helper = chain.give(incident, SLJ)
    assert chain.order(helper, "lead") is False
    chain.close(order)
    assert chain.stage(incident) == "assigned" or chain.stage(incident) == "handling"
    assert not any("已办结" in t for t in chain.told(incident))
    chain.sign(helper, SLJ)
    chain.close(helper, SLJ)
    assert chain.stage(incident) == "closed"
    assert [t for t in chain.told(incident) if "已办结" in t] == [
        "您反映的事项已办结：已清运两车，桶点加一次收集"
    ]


def test_one_order_leads_whoever_writes_it(chain: Chain) -> None:
    """Whoever acts may not see every order: the table itself sees to it."""
    incident, first = chain.given()
    second = chain.give(incident, SLJ)
    with chain.api.home.owner() as conn:
        conn.execute("update work_order set lead = true where id = %s", (int(second),))
        assert chain.order(first, "lead") is False
        conn.execute(
            "insert into work_order (id, number, incident, unit, area, stage, assigned_at, changed_at, lead) "
            "select id + 1, number || '-9', incident, 'nt', area, 'assigned', assigned_at, changed_at, true "
            "from work_order where id = %s", (int(second),))  # fmt: skip
    assert chain.sql("select lead from work_order where incident = %s order by lead", int(incident)) == [
        (False,), (False,), (True,)]  # fmt: skip


def test_assistants_alone_close_nothing(chain: Chain) -> None:
    incident, order = chain.given()
    helper = chain.give(incident, SLJ)
    ok(chain.desk.post(f"/orders/{order}/void", {"reason": "录错了单位"}))
    assert chain.order(order) == "void"
    chain.sign(helper, SLJ)
    chain.close(helper, SLJ)
    assert chain.stage(incident) == "received"
    assert incident in [i["id"] for i in ok(chain.desk.get("/queue"))["items"]]
    fresh = chain.give(incident, CGJ)
    assert chain.order(fresh, "lead") is True


def test_another_order_may_be_made_the_leading_one(chain: Chain) -> None:
    incident, order = chain.given()
    helper = chain.give(incident, SLJ)
    ok(chain.desk.post(f"/orders/{helper}/lead"))
    assert (chain.order(order, "lead"), chain.order(helper, "lead")) == (False, True)
    again = ok(chain.desk.post(f"/orders/{helper}/lead"), 409)
    assert again["detail"] == "已经是主办单位"


def test_shelving_is_asked_for_by_the_unit_and_allowed_above(chain: Chain) -> None:
    incident, order = chain.given()
    chain.sign(order)
    chief = chain.at(Role.SUPERVISOR, COUNTY)
    early = ok(chief.post(f"/orders/{order}/allow_shelving", {}), 409)
    assert early["detail"] == "承办单位没有申请挂账"
    for lacking in (
        {"condition": ""},
        {"review_on": None},
        {"review_on": "2026-07-14"},
        {"public_reason": "等"},
    ):
        assert chain.unit.post(f"/orders/{order}/shelve", {**PLEA, **lacking}).status_code == 422, (
            lacking
        )
    ok(chain.unit.post(f"/orders/{order}/shelve", PLEA))
    assert chain.order(order) == "signed"  # its clock goes on meanwhile
    assert chain.reply(order).status_code == 409
    assert chain.unit.post(f"/orders/{order}/allow_shelving", {}).status_code == 403
    left = chain.order(order, "due_at") - chain.api.clock.now
    ok(chief.post(f"/orders/{order}/allow_shelving", {"reason": "情况属实"}))
    assert chain.order(order, "stage, escalate_at") == ("shelved", None)
    assert chain.stage(incident) == "handling"
    assert any("管网改造尚未完工" in t for t in chain.told(incident))
    (held,) = ok(chief.get("/bank"))["items"]
    assert (held["state"], held["review_on"], held["order"]["stage"]) == ("approved", "2026-09-01", "shelved")  # fmt: skip
    chain.later(timedelta(days=60))
    assert chain.care() == 1  # the review date
    assert chain.care() == 0
    assert "挂账到期复核" in ok(chain.at(Role.SUPERVISOR, COUNTY).get("/notices"))[0]["text"]
    ok(chain.desk.post(f"/orders/{order}/strike_off", {"reason": "管网已经完工"}))
    stage, due, timer = chain.order(order, "stage, due_at, escalate_at")
    assert (stage, due - chain.api.clock.now, timer) == ("signed", left, due)
    assert chain.sql("select due_at, overdue from incident where id = %s", int(incident)) == [(due, False)]  # fmt: skip
    assert chain.sql("select state, timer from shelving") == [("resumed", None)]


def test_what_has_settled_itself_is_struck_off_and_closed(chain: Chain) -> None:
    incident, order = chain.given()
    chain.sign(order)
    ok(chain.unit.post(f"/orders/{order}/shelve", PLEA))
    ok(chain.at(Role.SUPERVISOR, COUNTY).post(f"/orders/{order}/refuse_shelving", {"reason": "可以先清表面"}))  # fmt: skip
    assert chain.order(order) == "signed"
    ok(chain.unit.post(f"/orders/{order}/shelve", PLEA))
    ok(chain.at(Role.LEADER, CITY).post(f"/orders/{order}/allow_shelving", {}))
    ok(chain.at(Role.SUPERVISOR, COUNTY).post(f"/orders/{order}/strike_close", {"reason": "菜场已经搬迁"}))  # fmt: skip
    assert chain.order(order, "stage, reply") == ("closed", "菜场已经搬迁")
    assert chain.stage(incident) == "closed"
    assert chain.sql("select state from shelving order by id") == [("refused",), ("closed",)]


def test_withdrawing_a_shelved_order_empties_the_bank(chain: Chain) -> None:
    _, order = chain.given()
    chain.sign(order)
    ok(chain.unit.post(f"/orders/{order}/shelve", PLEA))
    ok(chain.at(Role.SUPERVISOR, COUNTY).post(f"/orders/{order}/allow_shelving", {}))
    body = {"unit": SLJ, "reason": "改由水利局统一办理"}
    ok(chain.desk.post(f"/orders/{order}/reassign", body))
    assert chain.sql("select state, timer from shelving") == [("lapsed", None)]


def test_a_closed_order_is_handled_again_once_then_by_the_centre_above(chain: Chain) -> None:
    incident, order = chain.closed()
    closed_at = chain.order(order, "closed_at")
    assert chain.unit.post(f"/orders/{order}/reopen", {"reason": "现场又出现了"}).status_code == 403
    chain.later(timedelta(days=2))
    ok(chain.desk.post(f"/orders/{order}/reopen", {"reason": "现场又出现了"}))
    stage, handlings, due, timer, was = chain.order(order, "stage, handlings, due_at, escalate_at, closed_at")  # fmt: skip
    assert (stage, handlings, was) == ("signed", 2, None)
    assert due >= timer > chain.api.clock.now
    assert chain.stage(incident) == "handling"
    ((detail,),) = chain.sql("select detail from step where verb = 'reopen'")
    assert detail["closed_at"] == closed_at.isoformat()
    assert chain.told(incident)[-1].startswith("您反映的事项将再次办理")
    assert chain.desk.post(f"/orders/{order}/reopen", {"reason": "现场又出现了"}).status_code == 409
    chain.close(order)
    done = ok(chain.desk.post(f"/orders/{order}/reopen", {"reason": "第三天又是这样"}))
    assert done["stage"] == "closed"  # it stays as it is: the centre above has the matter now
    ((above, lead, follows),) = chain.sql(
        "select unit, lead, follows from work_order where incident = %s and stage = 'assigned'", int(incident))  # fmt: skip
    assert (above, lead, follows) == (COUNTY, True, int(order))
    assert chain.stage(incident) in ("assigned", "handling")
    assert chain.order(order, "lead") is False


def test_a_late_first_handling_stays_late(chain: Chain) -> None:
    _, order = chain.closed()
    with chain.api.home.owner() as conn:
        conn.execute("update work_order set overdue = true, escalated = 3 where id = %s", (int(order),))  # fmt: skip
    ok(chain.desk.post(f"/orders/{order}/reopen", {"reason": "现场又出现了"}))
    assert chain.order(order, "overdue, was_overdue, escalated") == (False, True, 0)


def test_archiving_waits_for_what_is_open(chain: Chain) -> None:
    incident, order = chain.closed()
    why = {m["verb"]: m["why_not"] for m in ok(chain.desk.get(f"/orders/{order}"))["may"]}
    assert why["archive"] == "核查、回访或复核还没有完成，不能归档"
    assert ok(chain.desk.post(f"/orders/{order}/archive"), 409)["detail"] == why["archive"]
    ok(chain.desk.post(f"/incidents/{incident}/callback", {"outcome": "satisfied"}))
    ok(chain.desk.post(f"/orders/{order}/archive"))
    assert chain.order(order, "stage, closed_at is not null") == ("archived", True)
    assert chain.stage(incident) == "closed"
    ok(chain.desk.post(f"/orders/{order}/reopen", {"reason": "归档后又发现"}))
    assert chain.order(order) == "signed"


def test_what_is_long_closed_is_archived_by_itself(chain: Chain) -> None:
    incident, order = chain.closed()
    chain.later(timedelta(days=16))
    assert chain.care() == 0  # nobody has asked the citizen yet
    ok(chain.desk.post(f"/incidents/{incident}/callback", {"outcome": "basic"}))
    assert chain.care() == 1
    assert chain.order(order) == "archived"


def test_nobody_above_is_asked_by_the_unit_itself(chain: Chain) -> None:
    """Neither the check nor the shelving of a centre's own order is its own people's."""
    incident = chain.happens()
    for order, _ in chain.sql("select id, unit from work_order where incident = %s", int(incident)):
        ok(chain.desk.post(f"/orders/{order}/withdraw", {"reason": "改由镇里办理"}))
    order = chain.give(incident, TOWN)
    chain.sign(order, TOWN)
    ok(chain.at(Role.HANDLER, TOWN).post(f"/orders/{order}/shelve", PLEA))
    own = ok(chain.at(Role.SUPERVISOR, TOWN).post(f"/orders/{order}/allow_shelving", {}), 409)
    assert own["detail"] == "批准挂账要由上级中心来做"
    ok(chain.at(Role.SUPERVISOR, COUNTY).post(f"/orders/{order}/refuse_shelving", {"reason": "可以先办"}))  # fmt: skip
    ok(chain.reply(order, TOWN))
    for who in (
        chain.at(Role.DISPATCHER, TOWN),
        person(chain.api, Role.GRID_WORKER, TOWN, grid=RUGAO.township + 1001),
    ):
        answer = who.post(f"/orders/{order}/verify", {"ok": True})
        assert answer.status_code in (404, 409)
        if answer.status_code == 409:
            assert "承办单位以外" in answer.json()["detail"]
    ok(chain.desk.post(f"/orders/{order}/verify", {"ok": True}))


def test_city_management_is_filed_by_a_person_after_somebody_looked(chain: Chain) -> None:
    worker = person(chain.api, Role.GRID_WORKER, TOWN, grid=RUGAO.township + 1001)
    sent = {"channel": "grid", "text": RUBBISH, "place": RUGAO.town, "lon": RUGAO.lon, "lat": RUGAO.lat}  # fmt: skip
    report = str(ok(worker.post("/reports", sent), 202)["id"])
    chain.api.work()
    incident = incident_of(chain.api, report)
    shown = ok(chain.desk.get(f"/incidents/{incident}"))
    filing = shown["filing"]
    assert (filing["line"], filing["registered_at"], shown["orders"]) == (
        "city_management",
        None,
        [],
    )
    may = {m["verb"]: m for m in shown["may"]}
    assert may["assign"]["label"] == "派遣"
    refused = ok(chain.desk.post(f"/incidents/{incident}/assign", {"unit": CGJ}), 409)
    assert refused["detail"] == may["assign"]["why_not"] == "还没有立案，请先立案再派遣"
    ok(chain.desk.post(f"/incidents/{incident}/ask_confirm", {"reason": "请看是否还有垃圾"}))
    assert chain.desk.post(f"/incidents/{incident}/register", {}).status_code == 409
    ok(chain.desk.post(f"/incidents/{incident}/confirm", {"ok": True, "reason": "还有三车左右"}))
    filed = ok(chain.desk.post(f"/incidents/{incident}/register", {}))
    assert filed["filing"]["registered_by"]
    order = chain.give(incident, CGJ)
    labels = {m["verb"]: m["label"] for m in ok(chain.desk.get(f"/orders/{order}"))["may"]}
    assert (labels["withdraw"], labels["reassign"]) == ("撤销派遣", "重新派遣")


def test_the_hotline_is_filed_by_itself_in_its_own_words(chain: Chain) -> None:
    incident, order = chain.given()
    shown = ok(chain.desk.get(f"/incidents/{incident}"))
    assert shown["filing"]["line"] == "hotline"
    assert shown["filing"]["registered_at"]
    assert next(m["label"] for m in shown["may"] if m["verb"] == "assign") == "派单"
    labels = {m["verb"]: m["label"] for m in ok(chain.desk.get(f"/orders/{order}"))["may"]}
    assert (labels["withdraw"], labels["reassign"]) == ("撤回", "改派")
    assert chain.desk.post(f"/incidents/{incident}/register", {}).status_code == 409


def test_what_was_not_so_is_not_filed(chain: Chain) -> None:
    worker = person(chain.api, Role.GRID_WORKER, TOWN, grid=RUGAO.township + 1001)
    sent = {"channel": "grid", "text": RUBBISH, "place": RUGAO.town, "lon": RUGAO.lon, "lat": RUGAO.lat}  # fmt: skip
    report = str(ok(worker.post("/reports", sent), 202)["id"])
    chain.api.work()
    incident = incident_of(chain.api, report)
    ok(chain.desk.post(f"/incidents/{incident}/ask_confirm", {"reason": "请看是否还有垃圾"}))
    ok(chain.desk.post(f"/incidents/{incident}/confirm", {"ok": False, "reason": "已经清走了"}))
    refused = ok(chain.desk.post(f"/incidents/{incident}/register", {}), 409)
    assert "不属实" in refused["detail"]
    ok(chain.desk.post(f"/incidents/{incident}/void", {"reason": "核实不属实"}))


def test_twenty_people_do_different_things_with_one_order(chain: Chain) -> None:
    """Exactly one of them is first; the order is whole afterwards, and somebody has the matter."""
    incident, order = chain.given()
    desk = chain.desk
    acts = [("withdraw", {"reason": "重复派单撤回"}), ("void", {"reason": "录入有误作废"}),
            ("reassign", {"unit": SLJ, "reason": "应由水利办理"})] * 7  # fmt: skip
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda a: desk.post(f"/orders/{order}/{a[0]}", a[1]).status_code, acts)
        )
    assert sorted(answers) == [200] + [409] * 20
    live = chain.sql("select count(*) from work_order where incident = %s and stage = 'assigned'", int(incident))  # fmt: skip
    assert (live[0][0] == 1) == (chain.stage(incident) == "assigned")


def test_twenty_people_reopen_one_order(chain: Chain) -> None:
    _, order = chain.closed()
    desk = chain.desk
    with ThreadPoolExecutor(20) as pool:
        body = {"reason": "现场又出现了"}
        answers = list(
            pool.map(lambda _: desk.post(f"/orders/{order}/reopen", body).status_code, range(20))
        )
    assert sorted(answers) == [200] + [409] * 19
    assert chain.order(order, "stage, handlings") == ("signed", 2)
