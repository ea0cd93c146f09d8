"""Each complaint's own statutory reply: its clock, who may act, and what becomes of it in a merged incident."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from chengshu.dispatch.replies.owe import is_owed
from chengshu.incidents.model import Relation
from chengshu.intake.model import Nature
from tests.incidents.conftest import report
from tests.security.people import Api, Someone, log_in, person, rows
from tests.security.scene import HAIAN, RUGAO, Place, incident_of, ok

pytestmark = pytest.mark.db

_CHEAT = "张芝麻烧饼店卖过期烧饼，退款不给"  # a market regulator's matter
_LAMP = "白蒲镇文峰路路灯坏了三盏，晚上漆黑"


@dataclass
class Desk:
    """A county's desk, with a bureau that handles."""

    api: Api
    taker: Someone
    dispatcher: Someone
    bureau: Someone
    codes: dict[str, str] = field(default_factory=dict)

    def file(self, text: str, *, place: Place = RUGAO, **more: Any) -> str:
        """A complaint that was decided about; returns the report's id."""
        body = {"channel": "hotline", "text": text, "nature": "complaint", "place": place.town, "lon": place.lon,
                "lat": place.lat, "reporter": {"name": "甲", "phone": "13911110001"}, **more}  # fmt: skip
        answer = ok(self.taker.post("/reports", body), 202)
        self.api.work()
        self.codes[str(answer["id"])] = answer["code"]
        return str(answer["id"])

    def detail(self, report: str) -> Any:
        return ok(self.dispatcher.get(f"/incidents/{incident_of(self.api, report)}"))

    def reply(self, report: str) -> Any:
        """What is shown of a report's reply."""
        return next(r["reply"] for r in self.detail(report)["report_list"] if r["id"] == report)

    def track(self, report: str) -> Any:
        """What its citizen sees."""
        return ok(Someone(self.api).get(f"/public/track/{self.codes[report]}"))

    def order(self, report: str) -> str:
        """A signed order of the bureau."""
        incident = incident_of(self.api, report)
        found = ok(self.dispatcher.post(f"/incidents/{incident}/assign", {"unit": "nt.rugao.slj"}))
        order = next(o["id"] for o in found["orders"] if o["unit"] == "nt.rugao.slj")
        ok(self.bureau.post(f"/orders/{order}/sign"))
        return str(order)


@pytest.fixture
def desk(api: Api) -> Desk:
    """如皋's."""
    return Desk(
        api,
        person(api, Role.CALL_TAKER, "nt.rugao"),
        person(api, Role.DISPATCHER, "nt.rugao"),
        person(api, Role.HANDLER, "nt.rugao.slj"),
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# ------------------------------------------------------------------ who is owed one, and by when
@pytest.mark.parametrize(
    ("text", "nature", "accept_due", "reply_due", "why"),
    [
        # received on Tuesday 14 July 2026 at 19:02
        (_LAMP, "complaint", "2026-07-29T19:02:00+08:00", "2026-09-12T19:02:00+08:00", "15 days, then 60"),
        (_LAMP, "denunciation", "2026-07-29T19:02:00+08:00", "2026-09-12T19:02:00+08:00", "15 days, then 60"),
        (_CHEAT, "complaint", "2026-07-23T17:30:00+08:00", "2026-09-15T17:30:00+08:00", "7 and 45 working days"),
        (_CHEAT, "denunciation", "2026-08-04T17:30:00+08:00", "2026-07-21T17:30:00+08:00", "15 and 5 working days"),
    ],
)  # fmt: skip
def test_the_clock_is_that_of_nature_and_matter(
    desk: Desk, text: str, nature: str, accept_due: str, reply_due: str, why: str
) -> None:
    report = desk.file(text, nature=nature)
    begun = desk.reply(report)
    assert (_at(begun["accept_due_at"]), begun["reply_due_at"]) == (_at(accept_due), None), why
    assert begun["source"]
    ok(desk.dispatcher.post(f"/reports/{report}/accept"))
    accepted = desk.reply(report)
    assert _at(accepted["reply_due_at"]) == _at(reply_due), why
    assert accepted["due_at"] == accepted["reply_due_at"]


@pytest.mark.parametrize(
    ("more", "owed", "why"),
    [
        ({"nature": "help"}, False, "not a complaint"),
        ({"nature": "inquiry"}, False, "not a complaint"),
        ({"nature": "complaint"}, True, "a complaint"),
        ({"nature": "complaint", "anonymous": True, "reporter": None}, False, "nobody to tell"),
        ({"nature": "denunciation", "anonymous": True, "reporter": None}, True, "still to be decided"),
    ],
)  # fmt: skip
def test_who_is_owed_one(desk: Desk, more: dict[str, Any], owed: bool, why: str) -> None:
    assert (desk.reply(desk.file(_LAMP, **more)) is not None) is owed, why


@pytest.mark.parametrize(
    ("relation", "more", "owed", "why"),
    [
        (Relation.FIRST, {}, True, "a complaint"),
        (Relation.REPEATED, {}, True, "said again is a complaint again"),
        (Relation.URGED, {}, False, "her complaint has its reply already"),
        (Relation.FIRST, {"imported": True}, False, "answered where it came from"),
    ],
)
def test_what_the_rule_says(relation: Relation, more: dict[str, Any], owed: bool, why: str) -> None:
    assert is_owed(report("灯坏了", nature=Nature.COMPLAINT, **more), relation) is owed, why


def test_who_urges_complains_only_once(desk: Desk) -> None:
    """The second complaint of the same person has a clock of its own, her urging none; the unit hears of it as such."""
    first = desk.file(_LAMP)
    desk.order(first)
    again = desk.file(_LAMP)
    urge = desk.file(f"上次反映的{_LAMP}，至今无人处理，请催办")
    assert (
        incident_of(desk.api, first) == incident_of(desk.api, again) == incident_of(desk.api, urge)
    )
    shown = desk.detail(first)
    assert {r["id"]: (r["relation"], r["reply"] is not None) for r in shown["report_list"]} == {
        first: ("first", True), again: ("repeated", True), urge: ("urged", False)}  # fmt: skip
    assert (shown["reports"], shown["people"], shown["urged"], shown["repeated"], shown["joined"]) == (3, 1, 1, 1, 0)  # fmt: skip
    assert [s["verb"] for s in shown["steps"]].count("urged") == 1
    told = [n["text"] for n in ok(desk.bureau.get("/notices"))]
    assert told[0].startswith("来电人催办：")
    assert told[1].startswith("事件又有一条反映：")
    figures = ok(desk.dispatcher.get("/figures/today"))["figures"]
    assert next(f["value"] for f in figures if f["key"] == "reports") == 2


# ------------------------------------------------------------------ acts
def test_accepting_and_answering_one_reporter(desk: Desk) -> None:
    hers, other = desk.file(_LAMP), desk.file(_LAMP, reporter={"phone": "13911110002"})
    incident = incident_of(desk.api, hers)
    assert incident_of(desk.api, other) == incident
    ok(desk.dispatcher.post(f"/reports/{hers}/accept"))
    assert "已受理" in desk.track(hers)["steps"][-1]["text"]
    done = ok(desk.dispatcher.post(f"/reports/{hers}/reply", {"text": "您门前的灯已换"}))
    replies = {r["id"]: r["reply"] for r in done["report_list"]}
    assert (replies[hers]["text"], replies[hers]["due_at"]) == ("您门前的灯已换", None)
    assert (replies[other]["text"], replies[other]["accepted_at"]) == (None, None)
    assert done["open_replies"] == 1
    seen = desk.track(hers)
    assert (seen["reply"]["text"], seen["answer"]) == ("您门前的灯已换", None)
    assert "您门前的灯已换" in seen["steps"][-1]["text"]
    assert "您门前的灯已换" not in str(desk.track(other))
    assert [s["verb"] for s in done["steps"]][-2:] == ["reply_accepted", "replied"]


def test_declining_says_why(desk: Desk) -> None:
    report = desk.file(_LAMP)
    assert desk.dispatcher.post(f"/reports/{report}/decline", {"reason": "不"}).status_code == 422
    ok(desk.dispatcher.post(f"/reports/{report}/decline", {"reason": "不属于受理范围"}))
    assert desk.track(report)["reply"]["declined_because"] == "不属于受理范围"
    assert desk.reply(report)["due_at"] is None
    for act, body in (("accept", None), ("reply", {"text": "还是答复一下"})):
        assert desk.dispatcher.post(f"/reports/{report}/{act}", body).status_code == 409


def test_an_anonymous_denunciation_is_decided_and_nobody_is_told(desk: Desk) -> None:
    report = desk.file(_CHEAT, nature="denunciation", anonymous=True, reporter=None)
    refused = desk.dispatcher.post(f"/reports/{report}/reply", {"text": "已经依法查处"})
    assert (refused.status_code, "没有可答复的人" in refused.text) == (409, True)
    ok(desk.dispatcher.post(f"/reports/{report}/accept"))
    decided = desk.reply(report)
    assert (decided["nameless"], decided["reply_due_at"], decided["due_at"]) == (True, None, None)
    assert rows(desk.api.home, "select count(*) from notice where report = %s", int(report)) == [(0,)]  # fmt: skip


def test_button_and_answer_say_the_same(desk: Desk) -> None:
    """Also for the bureau, which acts while it has the order, and for one that has none."""
    report = desk.file(_LAMP)
    desk.order(report)
    others = [person(desk.api, role, "nt.rugao") for role in (Role.SUPERVISOR, Role.LEADER, Role.ANALYST)]  # fmt: skip
    bodies = {
        "accept": None,
        "decline": {"reason": "不属于受理范围"},
        "reply": {"text": "已经派人处理"},
    }
    said = []
    for who in (desk.taker, *others[1:]):
        shown = ok(who.get(f"/incidents/{incident_of(desk.api, report)}"))["report_list"][0]
        for may in shown["reply"]["may"]:
            answer = who.post(f"/reports/{report}/{may['verb']}", bodies[may["verb"]])
            assert answer.status_code == 403
            assert answer.json()["detail"] == may["why_not"]
            said.append(may["verb"])
    assert len(said) == 9
    ok(desk.bureau.post(f"/reports/{report}/accept"))
    ok(others[0].post(f"/reports/{report}/reply", bodies["reply"]))


def test_a_bureau_answers_while_it_has_the_order(desk: Desk) -> None:
    report = desk.file(_LAMP)
    order = desk.order(report)
    ok(desk.bureau.post(f"/orders/{order}/return", {"reason": "不归我们管理", "reason_code": "not_my_matter"}))  # fmt: skip
    refused = desk.bureau.post(f"/reports/{report}/accept")
    assert (refused.status_code, "在办工单" in refused.text) == (403, True)


def test_twenty_people_answer_one_reporter(desk: Desk) -> None:
    report = desk.file(_LAMP)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(
            lambda n: desk.dispatcher.post(f"/reports/{report}/reply", {"text": f"第{n}个人的答复"}).status_code,
            range(20)))  # fmt: skip
    assert sorted(answers) == [200] + [409] * 19
    assert len([s for s in desk.detail(report)["steps"] if s["verb"] == "replied"]) == 1


# ------------------------------------------------------------------ ending the incident
@pytest.mark.parametrize(("chosen", "left"), [({}, 2), ({"reply_all": False}, 2), ({"reply_all": True}, 0)])  # fmt: skip
def test_answering_at_the_desk_answers_complaints_only_by_choice(
    desk: Desk, chosen: dict[str, bool], left: int
) -> None:
    one, two = desk.file(_LAMP), desk.file(_LAMP, reporter={"phone": "13911110002"})
    body = {"answer": "今晚全部修好", "source": "供电公司", **chosen}
    done = ok(desk.taker.post(f"/incidents/{incident_of(desk.api, one)}/answer", body))
    assert (done["stage"], done["open_replies"]) == ("answered", left)
    assert ok(desk.dispatcher.get("/replies"))["total"] == left
    expected = {None} if left else {"今晚全部修好"}
    assert {desk.track(r)["reply"]["text"] for r in (one, two)} == expected
    assert desk.track(one)["answer"] == "今晚全部修好"


@pytest.mark.parametrize(("body", "left"), [(None, 1), ({"reply_all": True}, 0)])
def test_closing_answers_complaints_only_by_choice(
    desk: Desk, body: dict[str, bool] | None, left: int
) -> None:
    report = desk.file(_LAMP)
    order = desk.order(report)
    ok(
        desk.bureau.post(
            f"/orders/{order}/handle", {"reply": "三盏灯都换了", "document": "皋照明〔2026〕7号"}
        )
    )
    ok(desk.dispatcher.post(f"/orders/{order}/verify", {"ok": True}))
    done = ok(desk.dispatcher.post(f"/orders/{order}/close", body))["incident_detail"]
    assert (done["stage"], done["open_replies"]) == ("closed", left)
    assert desk.track(report)["reply"]["text"] == (None if left else "三盏灯都换了")
    if left:  # and can still be answered
        ok(desk.dispatcher.post(f"/reports/{report}/reply", {"text": "三盏灯都换了"}))


# ------------------------------------------------------------------ merging and splitting
def test_every_reply_stays_with_its_report(desk: Desk) -> None:
    lamp = desk.file(_LAMP)
    shop = desk.file(_CHEAT, said_at="2026-07-13T08:00:00+08:00", reporter={"phone": "13911110002"})
    ok(desk.dispatcher.post(f"/reports/{shop}/accept"))
    lead, other = incident_of(desk.api, lamp), incident_of(desk.api, shop)
    assert lead != other
    before = rows(desk.api.home, "select * from reply order by report")
    assert len(before) == 2
    ok(desk.dispatcher.post(f"/incidents/{lead}/merge", {"other": other, "reason": "同一家店门前"}))
    merged = desk.detail(lamp)
    assert {r["id"]: r["reply"]["due_at"] for r in merged["report_list"]}.keys() == {lamp, shop}
    assert [r["relation"] for r in merged["report_list"]] == ["first", "joined"]
    ok(desk.dispatcher.post(f"/incidents/{lead}/split", {"report": shop, "reason": "两回事"}))
    assert incident_of(desk.api, shop) != lead
    assert rows(desk.api.home, "select * from reply order by report") == before
    assert [r["relation"] for r in desk.detail(shop)["report_list"]] == ["first"]
    ok(desk.dispatcher.post(f"/reports/{shop}/reply", {"text": "已责令退款"}))


def test_an_urging_that_is_split_off_turns_out_to_be_a_complaint(desk: Desk) -> None:
    first = desk.file(_LAMP)
    urge = desk.file(f"上次反映的{_LAMP}，至今无人处理，请催办")
    assert desk.reply(urge) is None
    ok(desk.dispatcher.post(f"/incidents/{incident_of(desk.api, first)}/split",
                            {"report": urge, "reason": "另一盏路灯"}))  # fmt: skip
    assert desk.reply(urge)["due_at"]
    shown = desk.detail(urge)
    assert (shown["urged"], shown["report_list"][0]["relation"]) == (0, "first")
    assert desk.detail(first)["urged"] == 0


# ------------------------------------------------------------------ the clock runs out
def test_two_workers_mark_each_late_reply_once(desk: Desk) -> None:
    home = desk.api.home
    for n in range(6):
        desk.file(_LAMP, reporter={"phone": f"1391111{n:04}"}, anonymous=False)
    pipeline.handle_clocks(home.worker, desk.api.clock.now + timedelta(days=14))
    assert rows(home, "select count(*) from reply where overdue") == [(0,)]
    later = desk.api.clock.now + timedelta(days=16)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: pipeline.handle_clocks(home.worker, later), range(6)))
    pipeline.handle_clocks(home.worker, later)
    assert rows(home, "select count(*) from reply where overdue") == [(6,)]
    steps = (
        "select count(*), count(distinct detail->>'report') from step where verb = 'reply_overdue'"
    )
    assert rows(home, steps) == [(6, 6)]
    told = rows(
        home, "select unit, count(*) from notice where text like '投诉是否受理%%' group by 1"
    )
    assert ("nt.rugao", 6) in told


def test_accepting_starts_the_next_clock_which_runs_out_again(desk: Desk) -> None:
    home, report = desk.api.home, desk.file(_LAMP)
    desk.api.clock.now += timedelta(days=16)
    pipeline.handle_clocks(home.worker, desk.api.clock.now)
    desk.dispatcher = log_in(desk.api, desk.dispatcher.account)  # type: ignore[arg-type] # a dispatcher has an account
    assert desk.reply(report)["overdue"] is True
    ok(desk.dispatcher.post(f"/reports/{report}/accept"))
    assert desk.reply(report)["overdue"] is False
    pipeline.handle_clocks(home.worker, desk.api.clock.now + timedelta(days=61))
    assert desk.reply(report)["overdue"] is True
    assert rows(home, "select count(*) from step where verb = 'reply_overdue'") == [(2,)]


def test_a_worker_passes_over_what_a_person_holds(desk: Desk) -> None:
    home, report = desk.api.home, desk.file(_LAMP)
    later = desk.api.clock.now + timedelta(days=16)
    pipeline.handle_clocks(home.worker, later)  # orders first, so that only the reply is left
    with home.owner() as conn:
        conn.execute("update reply set overdue = false")
    with home.worker.transaction() as held:
        held.execute(
            "select 1 from incident where id = %s for update", (incident_of(desk.api, report),)
        )
        assert pipeline.handle_clocks(home.worker, later) == 0
    assert pipeline.handle_clocks(home.worker, later) == 1


# ------------------------------------------------------------------ the list
def test_the_list_shows_what_is_due_soonest_and_pages(desk: Desk) -> None:
    lamp, shop = desk.file(_LAMP), desk.file(_CHEAT, said_at="2026-07-13T08:00:00+08:00")
    tip = desk.file(
        "张芝麻烧饼店的秤不准", nature="denunciation", said_at="2026-07-12T08:00:00+08:00"
    )
    first = ok(desk.dispatcher.get("/replies", params={"limit": 2}))
    rest = ok(desk.dispatcher.get("/replies", params={"limit": 2, "after": first["next"]}))
    listed = [i["report"] for i in first["items"] + rest["items"]]
    assert (set(listed), first["total"], rest["next"]) == ({lamp, shop, tip}, 3, None)
    dues = [i["reply"]["due_at"] for i in first["items"] + rest["items"]]
    assert [_at(d) for d in dues] == sorted(_at(d) for d in dues)
    assert first["items"][0]["incident"] == incident_of(desk.api, listed[0])
    ok(desk.dispatcher.post(f"/reports/{lamp}/decline", {"reason": "不属于受理范围"}))
    assert [
        i["report"] for i in ok(desk.dispatcher.get("/replies", params={"open": False}))["items"]
    ] == [lamp]
    tips = ok(desk.dispatcher.get("/replies", params={"nature": "denunciation"}))
    assert [i["report"] for i in tips["items"]] == [tip]
    assert ok(desk.dispatcher.get("/replies", params={"overdue": True}))["items"] == []
    assert desk.dispatcher.get("/replies", params={"after": "x"}).status_code == 422
    abroad = person(desk.api, Role.DISPATCHER, "nt.haian")
    assert ok(abroad.get("/replies"))["total"] == 0


def test_a_complaint_merged_across_the_border_is_answered_by_the_city(desk: Desk) -> None:
    """Its own county sees that it is owed a reply, and that its incident lies elsewhere."""
    city = person(desk.api, Role.DISPATCHER, "nt")
    ours = desk.file(_LAMP)
    theirs = Desk(
        desk.api, person(desk.api, Role.CALL_TAKER, "nt.haian"), desk.dispatcher, desk.bureau
    )
    lead = theirs.file("琥珀大厦电梯关不上门", place=HAIAN)
    ok(city.post(f"/incidents/{incident_of(desk.api, lead)}/merge",
                 {"other": incident_of(desk.api, ours), "reason": "误合"}))  # fmt: skip
    (item,) = ok(desk.dispatcher.get("/replies"))["items"]
    assert (item["report"], item["incident"]) == (ours, None)
    refused = desk.dispatcher.post(f"/reports/{ours}/accept")
    assert (refused.status_code, "上级中心" in refused.text) == (403, True)
    ok(city.post(f"/reports/{ours}/accept"))
