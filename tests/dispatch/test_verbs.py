"""Verbs over HTTP: sentences, races, and where the incident goes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from chengshu.dispatch.workflow import Verb
from tests.security.people import Someone, person, rows, system
from tests.security.scene import HAIAN, RUGAO, Scene, file, incident_of, ok, upload

pytestmark = pytest.mark.db
ROUTES: dict[Verb, tuple[str, dict[str, Any] | None]] = {
    Verb.SIGN: ("sign", None),
    Verb.RETURN: ("return", {"reason": "不归我们管理", "reason_code": "not_my_matter"}),
    Verb.HANDLE: ("handle", {"reply": "已经派人处理", "document": "皋城管复〔2026〕18号"}),
    Verb.ACCEPT: ("verify", {"ok": True}),
    Verb.REJECT: ("verify", {"ok": False, "reason": "现场没有变化"}),
    Verb.CLOSE: ("close", None),
    Verb.URGE: ("urge", {"reason": "请尽快办理"}),
    Verb.WITHDRAW: ("withdraw", {"reason": "重复派单撤回"}),
    Verb.REDO: ("redo", {"reason": "答复没有说明结果"}),
    Verb.REASSIGN: ("reassign", {"unit": "nt.rugao.slj", "reason": "应由水务办理"}),
    Verb.LEAD: ("lead", None),
    Verb.SHELVE: (
        "shelve",
        {
            "condition": "等管网改造完工",
            "review_on": "2026-09-01",
            "public_reason": "管网改造尚未完工",
        },
    ),
    Verb.ALLOW_SHELVING: ("allow_shelving", {"reason": "情况属实"}),
    Verb.REFUSE_SHELVING: ("refuse_shelving", {"reason": "可以先行处置"}),
    Verb.STRIKE_OFF: ("strike_off", {"reason": "管网已经完工"}),
    Verb.STRIKE_CLOSE: ("strike_close", {"reason": "问题已经消除"}),
    Verb.ARCHIVE: ("archive", None),
    Verb.REOPEN: ("reopen", {"reason": "现场又出现了"}),
    Verb.VOID: ("void", {"reason": "录入有误作废"}),
    Verb.PAUSE: ("pause", {"reason": "citizen", "words": "等来电人补材料"}),
    Verb.RESUME: ("resume", {"words": "材料已补齐"}),
    Verb.EXTEND: (
        "extend",
        {"reason": "complex", "words": "涉及多方协调", "amount": 1, "span": "hours"},
    ),
    Verb.SUPERVISE: ("supervise", {"words": "请立即办理"}),
}


def do(who: Someone, verb: Verb, order: str, **sent: Any) -> httpx.Response:
    path, body = ROUTES[verb]
    return who.post(f"/orders/{order}/{path}", body, **sent)


def stage_of(scene: Scene, incident: str) -> str:
    return str(
        rows(scene.api.home, "select stage from incident where id = %s", int(incident))[0][0]
    )


def test_the_button_and_the_answer_say_the_same(scene: Scene) -> None:
    """Each verb that `may` says no to is refused with that very sentence, in both languages."""
    said = 0
    for order in (scene.rugao.ids["order"], scene.rugao.ids["quiet_order"]):
        for name in (
            "bureau",
            "dispatcher",
            "supervisor",
            "leader",
            "analyst",
            "call_taker",
            "handler",
        ):
            who = scene.rugao.people[name]
            for may in ok(who.get(f"/orders/{order}"))["may"]:
                if may["why_not"] is None:
                    continue
                chinese = do(who, Verb(may["verb"]), order)
                english = do(who, Verb(may["verb"]), order, headers={"Accept-Language": "en-GB"})
                assert (chinese.json()["detail"], english.json()["detail"]) == (
                    may["why_not"],
                    may["why_not_en"],
                )
                assert chinese.status_code in (403, 409)
                said += 1
    assert said > 60


def test_the_desk_says_why_not_too(scene: Scene) -> None:
    ids = scene.rugao.ids
    bodies = {"answer": {"answer": "已经答复市民", "source": "知识库"}, "void": {"reason": "重复录入作废"},
              "refuse": {"rule": "第十条", "notice": "不在受理范围"}, "assign": {"unit": "nt.rugao.slj"},
              "refer": {"to": "petition", "rule": "第十条", "notice": "请到信访局"}, "correct": {"urgency": 2},
              "merge": {"other": ids["other"], "reason": "同一件"},
              "unmerge": {"other": ids["other"], "reason": "两件事"},
              "split": {"report": ids["report"], "reason": "另一件"},
              "relate": {"other": ids["other"], "reason": "同一家公司"}, "register": {},
              "ask_confirm": {"reason": "请到现场看看"},
              "confirm": {"ok": True, "reason": "现场属实"}}  # fmt: skip
    for name in ("call_taker", "dispatcher", "supervisor", "bureau"):
        who = scene.rugao.people[name]
        for may in ok(who.get(f"/incidents/{ids['incident']}"))["may"]:
            if may["why_not"]:
                answer = who.post(
                    f"/incidents/{ids['incident']}/{may['verb']}", bodies[may["verb"]]
                )
                assert answer.status_code in (403, 409), (name, may, answer.text)


def test_from_assigned_to_closed(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people
    order, incident = ids["order"], ids["incident"]
    proof = upload(who["bureau"])
    assert stage_of(scene, incident) == "handling"
    ok(
        who["bureau"].post(
            f"/orders/{order}/handle", {"reply": "已责令停工", "attachments": [proof]}
        )
    )
    assert stage_of(scene, incident) == "verifying"
    ok(do(who["dispatcher"], Verb.REJECT, order))
    assert stage_of(scene, incident) == "handling"
    ok(do(who["bureau"], Verb.HANDLE, order))
    ok(do(who["supervisor"], Verb.ACCEPT, order))
    done = ok(do(who["dispatcher"], Verb.CLOSE, order))
    assert done["incident_detail"]["stage"] == "closed"
    assert done["incident_detail"]["closed_at"]
    verbs = [s["verb"] for s in done["incident_detail"]["steps"]]
    assert verbs[-5:] == ["handle", "reject", "handle", "accept", "close"]
    assert ok(do(who["dispatcher"], Verb.CLOSE, order), 409)["code"] == "conflict"
    told = rows(
        scene.api.home, "select text from notice where report = %s order by id", int(ids["report"])
    )
    assert "已责令停工" not in told[-1][0]
    assert "已经派人处理" in told[-1][0]  # the reply that counted


def test_a_return_gives_the_incident_back_to_the_desk(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people
    assert do(who["bureau"], Verb.RETURN, ids["order"], params=None).status_code == 200
    assert stage_of(scene, ids["incident"]) == "received"
    assert ids["incident"] in who["dispatcher"].get("/queue").text
    told = ok(who["dispatcher"].get("/notices"))[0]["text"]
    assert "退回" in told
    for body in (
        {"reason": "不归我们管理"},
        {"reason": "x", "reason_code": "not_my_area"},
        {"reason_code": "nonsense"},
    ):
        assert who["bureau"].post(f"/orders/{ids['quiet_order']}/return", body).status_code in (
            409,
            422,
        )


def test_twenty_people_sign_one_order(scene: Scene) -> None:
    incident = scene.rugao.ids["waiting"]
    order = ok(
        scene.rugao.people["dispatcher"].post(
            f"/incidents/{incident}/assign", {"unit": "nt.rugao.slj"}
        )
    )["orders"][0]["id"]
    who = scene.rugao.people["neighbour"]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: do(who, Verb.SIGN, order).status_code, range(20)))
    assert sorted(answers) == [200] + [409] * 19
    signed = "select count(*) from step where work_order = %s and verb = 'sign'"
    assert rows(scene.api.home, signed, int(order)) == [(1,)]


def test_twenty_people_assign_one_incident(scene: Scene) -> None:
    """One order per unit; the same unit is not given a second one."""
    incident, who = scene.rugao.ids["waiting"], scene.rugao.people["dispatcher"]
    units = ["nt.rugao.slj", "nt.rugao.gaj"] * 10
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(
                lambda u: who.post(f"/incidents/{incident}/assign", {"unit": u}).status_code, units
            )
        )
    assert sorted(answers) == [200, 200] + [409] * 18
    orders = rows(
        scene.api.home, "select unit, number from work_order where incident = %s", int(incident)
    )
    assert sorted(unit for unit, _ in orders) == ["nt.rugao.gaj", "nt.rugao.slj"]
    assert len({number for _, number in orders}) == 2


def test_people_who_act_on_one_incident_at_once_never_block_each_other(scene: Scene) -> None:
    """Signing, merging, assigning and escalating lock in one order: nobody hears of a database that does not answer."""
    ids, who = scene.rugao.ids, scene.rugao.people
    later = scene.api.clock.now + timedelta(days=40)

    def round_of(n: int) -> list[int]:
        order = ok(
            who["dispatcher"].post(f"/incidents/{ids['waiting']}/assign", {"unit": "nt.rugao.slj"})
        )["orders"][-1]["id"]
        with ThreadPoolExecutor(4) as pool:
            waiting = [
                pool.submit(do, who["neighbour"], Verb.SIGN, order),
                pool.submit(
                    who["dispatcher"].post,
                    f"/incidents/{ids['other']}/merge",
                    {"other": ids["waiting"], "reason": "同"},
                ),
                pool.submit(do, who["supervisor"], Verb.URGE, order),
            ]
            clocks = pool.submit(pipeline.handle_clocks, scene.api.home.worker, later)
            clocks.result()
            answers = [w.result().status_code for w in waiting]
        if answers[1] == 200:
            ok(
                who["dispatcher"].post(
                    f"/incidents/{ids['other']}/unmerge",
                    {"other": ids["waiting"], "reason": "不同"},
                )
            )
        ok(do(who["dispatcher"], Verb.WITHDRAW, order))
        return answers

    for n in range(6):
        assert not [status for status in round_of(n) if status not in (200, 403, 409)]


def test_two_workers_escalate_each_order_once(scene: Scene) -> None:
    home, later = scene.api.home, scene.api.clock.now + timedelta(hours=100)
    before = rows(home, "select count(*) from work_order where escalate_at <= %s", later)[0][0]
    assert before >= 4
    with ThreadPoolExecutor(6) as pool:
        acted = sum(pool.map(lambda _: pipeline.handle_clocks(home.worker, later), range(6)))
    told = """select detail->>'deed', count(*), count(distinct work_order) from step
              where verb in ('escalate', 'urge', 'supervise') and account is null group by 1"""
    steps = rows(home, told)
    assert sum(n for _, n, _ in steps) == acted >= before
    assert all(n == orders for _, n, orders in steps)  # each level of each order once


def test_an_overdue_order_is_told_once_more_even_when_it_was_signed_in_between(
    scene: Scene,
) -> None:
    home, ids = scene.api.home, scene.rugao.ids
    order = int(ids["sent_order"])
    ((due,),) = rows(home, "select due_at from work_order where id = %s", order)
    levels: list[int] = []
    for at in (
        due + timedelta(minutes=1),
        due + timedelta(minutes=2),
        due + timedelta(days=1, minutes=1),
        due + timedelta(days=9),
    ):
        pipeline.handle_clocks(home.worker, at)
        levels.append(rows(home, "select escalated from work_order where id = %s", order)[0][0])
        if len(levels) == 1:  # signed for only now that it is overdue, under a session of that day
            scene.api.clock.now = at
            ok(do(person(scene.api, Role.HANDLER, "nt.rugao.cgj"), Verb.SIGN, str(order)))
    assert levels == [2, 2, 3, 3]


def test_a_second_unit_brings_the_incident_back_into_handling(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    assert stage_of(scene, ids["quiet_incident"]) == "verifying"
    ok(who.post(f"/incidents/{ids['quiet_incident']}/assign", {"unit": "nt.rugao.hbj"}))
    assert stage_of(scene, ids["quiet_incident"]) == "handling"


def test_a_township_does_not_withdraw_the_countys_order(scene: Scene) -> None:
    """It sees the order, for it lies in its area; it did not give it."""
    town = person(scene.api, Role.DISPATCHER, "nt.rugao.baipu")
    shown = ok(town.get(f"/orders/{scene.rugao.ids['order']}"))
    why = {m["verb"]: m["why_not"] for m in shown["may"]}
    assert why["withdraw"]
    assert do(town, Verb.WITHDRAW, scene.rugao.ids["order"]).json()["detail"] == why["withdraw"]


def test_a_place_is_not_corrected_across_the_border(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    answer = who.post(
        f"/incidents/{ids['waiting']}/correct", {"area": str(HAIAN.county), "reason": "其实在海安"}
    )
    assert answer.status_code == 403
    ok(
        scene.city["dispatcher"].post(
            f"/incidents/{ids['waiting']}/correct",
            {"area": str(HAIAN.county), "reason": "其实在海安"},
        )
    )
    assert who.get(f"/incidents/{ids['waiting']}").status_code == 404
    ok(scene.haian.people["dispatcher"].get(f"/incidents/{ids['waiting']}"))


def test_a_suggestion_that_reaches_over_the_border_is_not_there(scene: Scene) -> None:
    with scene.api.home.owner() as conn:
        conn.execute(
            "update suggestion set other = %s where id = %s",
            (scene.haian.ids["other"], scene.rugao.ids["suggestion"]),
        )
    who, never = scene.rugao.people["dispatcher"], "/suggestions/123456789"
    answers = [who.post(path, {"accept": accept}).text.replace(scene.rugao.ids["suggestion"], "?").replace("123456789", "?")
               for path in (f"/suggestions/{scene.rugao.ids['suggestion']}", never) for accept in (True, False)]  # fmt: skip
    assert len(set(answers)) == 1
    assert rows(
        scene.api.home,
        "select state from suggestion where id = %s",
        int(scene.rugao.ids["suggestion"]),
    ) == [("open",)]


@pytest.mark.parametrize("verb", ["answer", "refuse", "refer", "void"])
def test_ending_at_the_desk(scene: Scene, verb: str) -> None:
    bodies = {"answer": {"answer": "已经答复市民", "source": "知识库"}, "void": {"reason": "重复录入作废"},
              "refuse": {"rule": "第十条", "notice": "不在受理范围"},
              "refer": {"to": "petition", "rule": "第十条", "notice": "请到信访局"}}  # fmt: skip
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: who.post(f"/incidents/{ids['waiting']}/{verb}", bodies[verb]).status_code,
                range(8),
            )
        )
    assert sorted(answers) == [200] + [409] * 7
    told = rows(
        scene.api.home, "select count(*) from notice where report = %s", int(ids["waiting_report"])
    )[0][0]
    assert told == (0 if verb == "void" else 1)
    assert ok(who.get(f"/incidents/{ids['waiting']}"))["closed_at"]


def test_unknown_units_and_matters(
    scene: Scene, api: object, person: Callable[..., Someone]
) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    assert (
        who.post(f"/incidents/{ids['waiting']}/assign", {"unit": "nt.rugao.keiner"}).status_code
        == 404
    )
    assert who.post(f"/incidents/{ids['waiting']}/assign", {"unit": "nt"}).status_code == 403
    assert (
        who.post(f"/incidents/{ids['waiting']}/correct", {"matter": "no.such"}).status_code == 422
    )
    assert (
        who.post(f"/incidents/{ids['waiting']}/correct", {"area": "320682999000000"}).status_code
        == 422
    )
    assert (
        system(scene.api, "other")
        .post(f"/incidents/{ids['waiting']}/assign", {"unit": "nt.rugao.slj"})
        .status_code
        == 401
    )


def test_the_scene_files_merge_when_they_are_one(scene: Scene) -> None:
    """Two calls about one thing are one incident, and the unit that has it is told."""
    first = file(
        scene.rugao.people["call_taker"], RUGAO, "葫芦作坊半夜切割石料,噪音扰民,还没有人来管"
    )
    scene.api.work()
    assert incident_of(scene.api, first) == scene.rugao.ids["incident"]
    assert "来电人催办" in scene.rugao.people["bureau"].get("/notices").text


def test_an_incident_is_as_far_as_its_slowest_order_even_when_the_unit_cannot_see_that_one(
    scene: Scene,
) -> None:
    """A bureau sees its own orders only; the incident must not be taken for finished with them."""
    api, ids = scene.api, scene.rugao.ids
    unit = str(rows(api.home, "select unit from work_order where id = %s", int(ids["order"]))[0][0])
    other = "nt.rugao.slj" if unit != "nt.rugao.slj" else "nt.rugao.zjj"
    dispatcher = scene.rugao.people["dispatcher"]
    handler, second = person(api, Role.HANDLER, unit), person(api, Role.HANDLER, other)
    orders = ok(dispatcher.post(f"/incidents/{ids['incident']}/assign", {"unit": other}))["orders"]
    theirs = next(o["id"] for o in orders if o["unit"] == other)
    ok(do(second, Verb.SIGN, theirs))
    ok(do(second, Verb.HANDLE, theirs))
    assert stage_of(scene, ids["incident"]) == "handling"
    assert handler.get(f"/orders/{theirs}").status_code == 404
