"""Undoing when work was done in between: it stays with its order, and the person is told what and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from chengshu.app.retention import retain
from chengshu.dispatch.workflow import Verb
from tests.dispatch.test_regroup import state
from tests.dispatch.test_verbs import do
from tests.security.people import Someone, person, rows
from tests.security.scene import RUGAO, Scene, file, incident_of, ok

pytestmark = pytest.mark.db
SLJ = "nt.rugao.slj"


def act(who: Someone, verb: str, one: str, other: str) -> Any:
    return ok(who.post(f"/incidents/{one}/{verb}", {"other": other, "reason": f"因为要做 {verb}"}))


def foretold(who: Someone, one: str, other: str) -> list[tuple[str, str]]:
    """What the page shows before undoing: kinds of things that stay, and the Chinese sentences."""
    told = ok(who.get(f"/incidents/{one}/undo", params={"other": other}))
    assert told["possible"], told
    for kept in told["kept"]:
        assert kept["because"] != kept["because_en"]
        assert not kept["because_en"].isspace()
    return [(k["what"], k["because"]) for k in told["kept"]]


def kept(who: Someone, incident: str) -> list[tuple[str, str]]:
    """What the last undoing says in the history."""
    steps = [
        s for s in ok(who.get(f"/incidents/{incident}"))["steps"] if s["verb"].startswith("un")
    ]
    return [(k["what"], k["because"]) for k in steps[-1]["detail"]["kept"]]


def order_of(scene: Scene, order: str) -> tuple[str, str]:
    ((incident, stage),) = rows(
        scene.api.home, "select incident::text, stage from work_order where id = %s", int(order)
    )
    return incident, stage


def test_orders_that_went_along_come_back_with_what_was_done(scene: Scene) -> None:
    """The leading incident has none: the other's order goes on under it, is signed and handled, and returns."""
    ids, who, bureau = (
        scene.rugao.ids,
        scene.rugao.people["dispatcher"],
        scene.rugao.people["bureau"],
    )
    lead, other, order = ids["waiting"], ids["sent_incident"], ids["sent_order"]
    number = ok(who.get(f"/orders/{order}"))["number"]
    act(who, "merge", lead, other)
    moved = ok(who.get(f"/orders/{order}"))
    assert (moved["incident"], moved["number"], moved["reports"]) == (lead, number, 2)
    assert ok(who.get(f"/incidents/{lead}"))["stage"] == "assigned"
    assert bureau.get(f"/incidents/{other}").status_code == 404  # its order is elsewhere now
    ok(do(bureau, Verb.SIGN, order))
    ok(do(bureau, Verb.HANDLE, order))
    assert ok(who.get(f"/incidents/{lead}"))["stage"] == "verifying"
    told = foretold(who, lead, other)
    assert [what for what, _ in told] == ["order"]
    assert number in told[0][1]
    act(who, "unmerge", lead, other)
    assert kept(who, lead) == kept(who, other) == told
    assert order_of(scene, order) == (other, "handled")
    assert ok(who.get(f"/incidents/{other}"))["stage"] == "verifying"
    assert ok(who.get(f"/incidents/{lead}"))["stage"] == "received"
    assert rows(scene.api.home, "select reply from work_order where id = %s", int(order)) == [
        ("已经派人处理",)
    ]


def test_numbers_of_orders_are_never_used_twice(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead, other = ids["waiting"], ids["sent_incident"]
    act(who, "merge", lead, other)
    ok(who.post(f"/incidents/{lead}/assign", {"unit": SLJ}))
    act(who, "unmerge", lead, other)
    for incident in (lead, other):
        ok(who.post(f"/incidents/{incident}/assign", {"unit": "nt.rugao.gaj"}))


def test_a_new_order_and_a_new_report_stay_where_they_came(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead, other = ids["incident"], ids["waiting"]
    act(who, "merge", lead, other)
    ok(who.post(f"/incidents/{lead}/assign", {"unit": SLJ}))
    more = file(
        scene.rugao.people["call_taker"], RUGAO, "葫芦作坊半夜切割石料,噪音扰民，我家也听见了"
    )
    scene.api.work()
    assert incident_of(scene.api, more) == lead
    told = foretold(who, lead, other)
    assert sorted(what for what, _ in told) == ["order", "reports"]
    act(who, "unmerge", lead, other)
    seen = ok(who.get(f"/incidents/{lead}"))
    assert {r["id"] for r in seen["report_list"]} == {ids["report"], more}
    assert seen["reports"] == 2
    assert [o["stage"] for o in seen["orders"]] == ["signed", "assigned"]
    assert {r["id"] for r in ok(who.get(f"/incidents/{other}"))["report_list"]} == {
        ids["waiting_report"]
    }


def test_a_correction_made_since_holds(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead, other = ids["incident"], ids["waiting"]
    act(who, "merge", lead, other)
    matter = rows(scene.api.home, "select matter from incident where id = %s", int(other))[0][0]
    body = {"matter": matter, "urgency": 3, "reason": "看过现场"}
    ok(who.post(f"/incidents/{lead}/correct", body))
    told = foretold(who, lead, other)
    assert {what for what, _ in told} >= {"urgency"}
    act(who, "unmerge", lead, other)
    assert rows(
        scene.api.home, "select matter, urgency from incident where id = %s", int(lead)
    ) == [(matter, 3)]


def test_what_ended_stays_ended_and_the_other_part_is_open_again(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people
    desk, lead, other = who["dispatcher"], ids["incident"], ids["sent_incident"]
    act(desk, "merge", lead, other)
    ok(do(who["bureau"], Verb.HANDLE, ids["order"]))
    ok(do(who["supervisor"], Verb.ACCEPT, ids["order"]))
    ok(do(desk, Verb.CLOSE, ids["order"]))
    told = foretold(desk, lead, other)
    assert "stage" in {what for what, _ in told}
    act(desk, "unmerge", lead, other)
    assert kept(desk, lead) == told
    assert ok(desk.get(f"/incidents/{lead}"))["stage"] == "closed"
    again = ok(desk.get(f"/incidents/{other}"))
    assert (again["stage"], again["closed_at"], again["reports"]) == ("assigned", None, 1)
    assert order_of(scene, ids["sent_order"]) == (other, "assigned")


def test_an_order_that_went_along_and_was_closed_there_stays_there(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people
    desk, lead, other, order = who["dispatcher"], ids["waiting"], ids["sent_incident"], ids["sent_order"]  # fmt: skip
    act(desk, "merge", lead, other)
    for person_, verb in (
        (who["bureau"], Verb.SIGN), (who["bureau"], Verb.HANDLE), (desk, Verb.ACCEPT), (desk, Verb.CLOSE),
    ):  # fmt: skip
        ok(do(person_, verb, order))
    told = foretold(desk, lead, other)
    assert sorted(what for what, _ in told) == ["order", "stage"]
    act(desk, "unmerge", lead, other)
    assert order_of(scene, order) == (lead, "closed")
    assert ok(desk.get(f"/incidents/{lead}"))["stage"] == "closed"
    assert ok(desk.get(f"/incidents/{other}"))["stage"] == "received"  # for a dispatcher to decide


def test_the_last_act_is_undone_first(scene: Scene) -> None:
    """A merge whose lead was merged on; a split whose part was split again: refused, with a sentence, then done."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    a, b, c = ids["waiting"], ids["sent_incident"], ids["incident"]
    start = state(scene.api.home)
    act(who, "merge", a, b)
    act(who, "merge", c, a)
    told = ok(who.get(f"/incidents/{a}/undo", params={"other": b}))
    refused = who.post(f"/incidents/{a}/unmerge", {"other": b, "reason": "不是一件"})
    assert told["possible"] is False
    assert told["why_not"] == refused.json()["detail"]
    assert "请先撤销" in told["why_not"]
    assert "must be undone first" in told["why_not_en"]
    assert refused.status_code == 409
    assert ok(who.get(f"/incidents/{c}/undo"))["other"] == a
    act(who, "unmerge", c, a)
    act(who, "unmerge", a, b)
    assert state(scene.api.home) == start
    assert ok(who.get(f"/incidents/{a}/undo", params={"other": b}))["possible"] is False
    for other in (a, b):
        act(who, "merge", c, other)
    three = state(scene.api.home)
    reports = [ids["waiting_report"], ids["sent"]]
    part = ok(who.post(f"/incidents/{c}/split", {"reports": reports, "reason": "另一件"}))["id"]
    alone = ok(who.post(f"/incidents/{part}/split", {"report": reports[0], "reason": "再拆"}))["id"]
    refused = who.post(f"/incidents/{part}/unsplit", {"other": c, "reason": "是一件"})
    assert refused.status_code == 409
    act(who, "unsplit", alone, part)
    act(who, "unsplit", part, c)
    assert state(scene.api.home, [int(part), int(alone)]) == three


def test_a_part_that_was_merged_back_by_hand_has_two_acts_between_the_two(scene: Scene) -> None:
    """Split off, merged back by hand, given to a unit: each act is asked about and undone by its name."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead = ids["incident"]
    act(who, "merge", lead, ids["waiting"])
    homes = "select report, incident from membership order by report"
    start = rows(scene.api.home, homes)
    part = ok(who.post(f"/incidents/{lead}/split", {"report": ids["waiting_report"], "reason": "另一件"}))["id"]  # fmt: skip
    apart = rows(scene.api.home, homes)
    act(who, "merge", lead, part)
    ok(who.post(f"/incidents/{lead}/assign", {"unit": SLJ}))

    def told(verb: str, of: str = lead) -> Any:
        other = part if of == lead else lead
        return ok(who.get(f"/incidents/{of}/undo", params={"other": other, "verb": verb}))

    for one in (lead, part):
        assert told("split", one)["possible"] is False
        assert (told("merge", one)["verb"], told("merge", one)["lead"]) == ("merge", lead)
    why = {
        "zh-CN": "此后又做过一次合并，请先撤销那一次",
        "en": "a later merge must be undone first",
    }
    for language, words in why.items():
        refused = who.post(f"/incidents/{part}/unsplit", {"other": lead, "reason": "是一件"},
                           headers={"Accept-Language": language})  # fmt: skip
        assert (refused.status_code, refused.json()["detail"]) == (409, words)
    assert told("split")["why_not"] == why["zh-CN"]
    turned = who.post(f"/incidents/{part}/unmerge", {"other": lead, "reason": "是一件"})
    assert "方向不对" in turned.json()["detail"]
    order = ok(who.get(f"/incidents/{lead}"))["orders"][-1]["id"]
    ok(do(who, Verb.WITHDRAW, order))
    act(who, "unmerge", lead, part)
    assert rows(scene.api.home, homes) == apart
    act(who, "unsplit", part, lead)
    assert rows(scene.api.home, homes) == start
    assert told("split")["possible"] is told("merge")["possible"] is False


def test_a_part_with_an_order_of_its_own_comes_back(scene: Scene) -> None:
    """The part was given to another unit: where the whole has a live order, that one makes way."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead = ids["incident"]
    act(who, "merge", lead, ids["waiting"])
    part = ok(who.post(f"/incidents/{lead}/split", {"report": ids["waiting_report"], "reason": "另一件"}))["id"]  # fmt: skip
    order = ok(who.post(f"/incidents/{part}/assign", {"unit": SLJ}))["orders"][0]["id"]
    ok(do(scene.rugao.people["neighbour"], Verb.SIGN, order))
    told = foretold(who, part, lead)
    assert [what for what, _ in told] == ["order"]
    act(who, "unsplit", part, lead)
    assert order_of(scene, order) == (part, "withdrawn")
    assert "不计考核" in scene.rugao.people["neighbour"].get("/notices").text
    gone = ok(who.get(f"/incidents/{part}"))
    assert (gone["stage"], gone["merged_into"], gone["reports"]) == ("merged", lead, 0)


def test_a_unit_sees_what_its_order_made_way_for(scene: Scene) -> None:
    """The number, though it may not read that incident; over the border not even the number."""
    ids, who, bureau = scene.rugao.ids, scene.rugao.people["dispatcher"], scene.rugao.people["bureau"]  # fmt: skip
    lead, other, order = ids["incident"], ids["waiting"], ids["order"]
    theirs = ok(who.post(f"/incidents/{other}/assign", {"unit": SLJ}))["orders"][0]["id"]
    number = ok(who.get(f"/incidents/{other}"))["number"]
    assert ok(bureau.get(f"/orders/{order}"))["withdrawn_for"] is None
    act(who, "merge", other, lead)
    for person_ in (who, bureau):
        assert ok(person_.get(f"/orders/{order}"))["withdrawn_for"] == number
    assert bureau.get(f"/incidents/{other}").status_code == 404
    assert ok(who.get(f"/orders/{theirs}"))["withdrawn_for"] is None
    act(who, "unmerge", other, lead)
    assert ok(bureau.get(f"/orders/{order}"))["withdrawn_for"] is None
    city, foreign = scene.city["dispatcher"], scene.haian.ids["incident"]
    act(city, "merge", foreign, lead)
    there = ok(city.get(f"/incidents/{foreign}"))["number"]
    assert ok(city.get(f"/orders/{order}"))["withdrawn_for"] == there
    for person_ in (who, bureau):
        assert ok(person_.get(f"/orders/{order}"))["withdrawn_for"] is None
        assert there not in person_.get(f"/orders/{order}").text


def test_a_part_at_work_does_not_go_back_into_what_has_ended(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead = ids["waiting"]
    act(who, "merge", lead, ids["other"])
    part = ok(who.post(f"/incidents/{lead}/split", {"report": ids["other_report"], "reason": "另一件"}))["id"]  # fmt: skip
    ok(who.post(f"/incidents/{part}/assign", {"unit": SLJ}))
    ok(who.post(f"/incidents/{lead}/answer", {"answer": "已经答复市民", "source": "知识库"}))
    told = ok(who.get(f"/incidents/{part}/undo", params={"other": lead}))
    assert told["possible"] is False
    assert "已结束" in told["why_not"]
    ok(who.post(f"/incidents/{part}/void", {"reason": "重复录入作废"}), 409)
    order = ok(who.get(f"/incidents/{part}"))["orders"][0]["id"]
    ok(do(who, Verb.WITHDRAW, order))
    assert "stage" in {what for what, _ in foretold(who, part, lead)}
    act(who, "unsplit", part, lead)
    assert ok(who.get(f"/incidents/{lead}"))["stage"] == "answered"


def test_danger_shortens_the_clocks_and_undoing_lengthens_them(scene: Scene) -> None:
    """What only ran out by the merge's earlier limit did not run out."""
    ids, who, home = scene.rugao.ids, scene.rugao.people["dispatcher"], scene.api.home
    clocks = "select due_at, escalate_at, escalated, overdue from work_order where id = %s"
    before = rows(home, clocks, int(ids["order"]))
    burning = file(scene.rugao.people["call_taker"], RUGAO, "仓库着火了,有人被困在里面")
    scene.api.work()
    other = incident_of(scene.api, burning)
    assert other not in ids.values()
    due = rows(home, "select due_at from incident where id = %s", int(other))[0][0]
    act(who, "merge", ids["incident"], other)
    lead = rows(home, "select danger, urgency, due_at from incident where id = %s", int(ids["incident"]))  # fmt: skip
    assert lead == [(True, 3, due)]
    assert rows(home, clocks, int(ids["order"])) == [(due, due, 0, False)]
    assert "期限提前" in scene.rugao.people["bureau"].get("/notices").text
    pipeline.handle_clocks(home.worker, due + timedelta(minutes=1))
    assert rows(home, clocks, int(ids["order"]))[0][2:] == (2, True)
    act(who, "unmerge", ids["incident"], other)
    pipeline.handle_clocks(home.worker, scene.api.clock.now)
    ((due_at, wakes, *marks),) = rows(home, clocks, int(ids["order"]))
    assert (due_at, *marks) == (before[0][0], *before[0][2:])
    assert wakes <= due_at  # a worker wound it anew: it urges before expiry
    assert rows(home, "select danger, overdue from incident where id = %s", int(ids["incident"])) == [(False, False)]  # fmt: skip


def test_danger_that_a_report_brought_leaves_with_it(scene: Scene) -> None:
    ids, who, home = scene.rugao.ids, scene.rugao.people["dispatcher"], scene.api.home
    burning = file(scene.rugao.people["call_taker"], RUGAO, "仓库着火了,有人被困在里面")
    scene.api.work()
    act(who, "merge", ids["incident"], incident_of(scene.api, burning))
    together = state(home)
    part = ok(who.post(f"/incidents/{ids['incident']}/split", {"report": burning, "reason": "另一处"}))  # fmt: skip
    assert part["danger"] is True
    seen = ok(who.get(f"/incidents/{ids['incident']}"))
    assert seen["danger"] is False
    act(who, "unsplit", part["id"], ids["incident"])
    assert state(home, [int(part["id"])]) == together


def test_every_reporter_follows_to_the_end_and_hears_of_each_step(scene: Scene) -> None:
    """A citizen's report goes through a merge of merges; she sees the unit at its end, and no number of others."""
    ids, who, citizen = scene.rugao.ids, scene.rugao.people["dispatcher"], Someone(scene.api)
    body = {"client_id": "c" * 20, "text": "鹦鹉市场门口的路面塌陷了一块", "place": RUGAO.town}
    filed = ok(citizen.post("/public/reports", body), 202)
    scene.api.work()
    mine = rows(scene.api.home, "select incident::text from membership m join report r on r.id = m.report "
                                "where r.channel = 'web'")[0][0]  # fmt: skip
    assert mine not in ids.values()

    def track() -> Any:
        return ok(citizen.get(f"/public/track/{filed['code']}"))

    alone = track()["state"]
    act(who, "merge", ids["waiting"], mine)
    act(who, "merge", ids["incident"], ids["waiting"])

    assert track()["state"] == "handling"
    assert track()["unit_name"]
    told = [s["text"] for s in track()["steps"]]
    assert sum("已合并办理" in text for text in told) == 2
    assert not any(ids[n] in text for n in ids if n.startswith("number_") for text in told)
    act(who, "unmerge", ids["incident"], ids["waiting"])
    act(who, "unmerge", ids["waiting"], mine)
    assert track()["state"] == alone
    assert sum("合并已撤销" in s["text"] for s in track()["steps"]) == 2


@pytest.mark.parametrize("verb", ["merge", "unmerge", "split", "unsplit"])
def test_every_act_says_why(scene: Scene, verb: str) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    body = {"report": ids["report"]} if verb == "split" else {"other": ids["waiting"]}
    for reason in ({}, {"reason": ""}, {"reason": "  "}):
        refused = who.post(f"/incidents/{ids['incident']}/{verb}", {**body, **reason})
        assert refused.status_code == 422, refused.text
        assert "理由" in refused.text


def test_what_cannot_be_split(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead = ids["incident"]
    act(who, "merge", lead, ids["waiting"])
    for body, status in (
        ({"reports": []}, 422),
        ({"reports": [ids["report"], ids["waiting_report"]]}, 409),  # nothing would be left
        ({"reports": [ids["report"], ids["quiet"]]}, 404),  # not of this incident
        ({"report": ids["quiet"]}, 404),
    ):
        answer = who.post(f"/incidents/{lead}/split", {**body, "reason": "另一件"})
        assert answer.status_code == status, (body, answer.text)


def test_only_the_desk_undoes(scene: Scene) -> None:
    ids = scene.rugao.ids
    act(scene.rugao.people["dispatcher"], "merge", ids["incident"], ids["waiting"])
    analyst = person(scene.api, Role.ANALYST, "nt.rugao")
    assert analyst.get(f"/incidents/{ids['incident']}/undo").status_code == 403
    foreign = scene.haian.people["dispatcher"]
    assert foreign.get(f"/incidents/{ids['incident']}/undo").status_code == 404


def test_what_retention_erased_does_not_come_back(scene: Scene) -> None:
    """What was kept to be put back holds callers too: it goes with them, and undoing makes it anew."""
    ids, who, home = scene.rugao.ids, scene.rugao.people["dispatcher"], scene.api.home
    act(who, "merge", ids["incident"], ids["waiting"])
    kept_callers = "select count(*) from regroup where derived::text like '%%callers%%'"
    assert rows(home, kept_callers) == [(1,)]
    late = scene.api.clock.now + timedelta(days=400)
    retain(home.worker, {"reporter": 365, "session": 0, "notice": 0}, late)
    assert rows(home, kept_callers) == [(0,)]
    act(who, "unmerge", ids["incident"], ids["waiting"])
    assert rows(home, "select 1 from profile where body->>'callers' <> '[]'") == []
    for report, incident in (("report", "incident"), ("waiting_report", "waiting")):
        assert incident_of(scene.api, ids[report]) == ids[incident]


def test_an_order_leads_across_the_border(scene: Scene) -> None:
    """The city merges 如皋's into 海安's, which has no order: 如皋's bureau goes on, and 海安's centre sees it."""
    theirs, ours, home = scene.haian, scene.rugao, scene.api.home
    lead, other, order = theirs.ids["waiting"], ours.ids["sent_incident"], ours.ids["sent_order"]
    before = state(home)
    act(scene.city["dispatcher"], "merge", lead, other)
    ok(theirs.people["dispatcher"].get(f"/orders/{order}"))
    assert ok(ours.people["bureau"].get(f"/incidents/{lead}"))["reports"] == 2
    refused = ours.people["dispatcher"].post(
        f"/incidents/{lead}/unmerge", {"other": other, "reason": "两件"}
    )
    assert refused.status_code == 403
    assert "上级中心" in refused.json()["detail"]
    act(scene.city["dispatcher"], "unmerge", lead, other)
    assert state(home) == before
    assert ours.people["bureau"].get(f"/incidents/{lead}").status_code == 404


def test_work_that_was_reported_back_in_a_part_leads_when_it_comes_back(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead, slj = ids["incident"], scene.rugao.people["neighbour"]
    act(who, "merge", lead, ids["waiting"])
    part = ok(who.post(f"/incidents/{lead}/split", {"report": ids["waiting_report"], "reason": "另一件"}))["id"]  # fmt: skip
    order = ok(who.post(f"/incidents/{part}/assign", {"unit": SLJ}))["orders"][0]["id"]
    ok(do(slj, Verb.SIGN, order))
    ok(do(slj, Verb.HANDLE, order))
    told = foretold(who, part, lead)
    assert [what for what, _ in told] == ["order", "order"]  # the one goes on, the other makes way
    act(who, "unsplit", part, lead)
    assert order_of(scene, order) == (lead, "handled")
    assert order_of(scene, ids["order"]) == (lead, "withdrawn")
    assert ok(who.get(f"/incidents/{lead}"))["stage"] == "verifying"


def test_a_part_of_what_had_ended_before_does_not_take_its_work_back(scene: Scene) -> None:
    """Splitting what has ended reopens the part only."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead = ids["waiting"]
    act(who, "merge", lead, ids["other"])
    ok(who.post(f"/incidents/{lead}/answer", {"answer": "已经答复市民", "source": "知识库"}))
    ended = state(scene.api.home)
    body = {"report": ids["other_report"], "reason": "另一件"}
    part = ok(who.post(f"/incidents/{lead}/split", body))["id"]
    act(who, "unsplit", part, lead)
    assert state(scene.api.home, [int(part)]) == ended
    part = ok(who.post(f"/incidents/{lead}/split", body))["id"]
    ok(who.post(f"/incidents/{part}/assign", {"unit": SLJ}))
    refused = who.post(f"/incidents/{part}/unsplit", {"other": lead, "reason": "是一件"})
    assert refused.status_code == 409
    assert "在办工单" in refused.json()["detail"]
