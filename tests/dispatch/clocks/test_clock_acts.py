"""Pauses, extensions, caps and supervision orders, over HTTP with the real workers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from chengshu.kit.times import local
from tests.conftest import NOW, Home
from tests.security.people import Api, Someone, log_in, make_api, person, rows
from tests.security.scene import RUGAO, file, incident_of, ok

pytestmark = pytest.mark.db
PLATE = "路面破损，施工钢板松动翘起，夜里车一过就哐当响，附近住户睡不着"
UNIT = "nt.rugao.jtj"
MORNING = NOW + timedelta(hours=15)  # 10:02 on Wednesday 15 July 2026


class Desk:
    """A signed order of a county bureau, and the people around it."""

    def __init__(self, home: Home) -> None:
        self.api: Api = make_api(home, MORNING)
        self.bureau = person(self.api, Role.HANDLER, UNIT)
        self.desk = person(self.api, Role.DISPATCHER, "nt.rugao")
        report = file(person(self.api, Role.CALL_TAKER, "nt.rugao"), RUGAO, PLATE)
        self.api.work()
        self.incident = incident_of(self.api, report)
        given = self.sql("select id from work_order where incident = %s", int(self.incident))
        if not given:
            done = ok(self.desk.post(f"/incidents/{self.incident}/assign", {"unit": UNIT}))
            given = [(int(done["orders"][-1]["id"]),)]
        self.order = str(given[0][0])
        unit = self.sql("select unit from work_order where id = %s", int(self.order))[0][0]
        if unit != UNIT:
            self.bureau = person(self.api, Role.HANDLER, unit)
        self.unit = unit
        ok(self.bureau.post(f"/orders/{self.order}/sign"))

    def sql(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return rows(self.api.home, query, *args)

    def shown(self, who: Someone | None = None) -> dict[str, Any]:
        return dict(ok((who or self.bureau).get(f"/orders/{self.order}")))

    def due(self) -> datetime:
        return datetime.fromisoformat(self.shown()["due_at"])

    def why(self, verb: str) -> str | None:
        found: str | None = next(m["why_not"] for m in self.shown()["may"] if m["verb"] == verb)
        return found

    def at(self, now: datetime) -> None:
        """The workers do everything up to this instant; people go on from there."""
        self.api.clock.now = now
        for _ in range(12):
            if not pipeline.handle_clocks(self.api.home.worker, now, office=self.api.home.world.office):  # fmt: skip
                break
        self.bureau, self.desk = (
            log_in(self.api, s.account) for s in (self.bureau, self.desk) if s.account
        )

    def ask(self, verb: str, **body: Any) -> Any:
        return self.bureau.post(f"/orders/{self.order}/{verb}", body)

    def answer(self, approve: bool, words: str = "情况属实", who: Someone | None = None) -> Any:
        request = self.sql("select id from clock_request order by id desc limit 1")[0][0]
        return (who or self.desk).post(
            f"/clock-requests/{request}/answer", {"approve": approve, "words": words}
        )


@pytest.fixture
def desk(db: Home) -> Desk:
    return Desk(db)


EXTEND = {"reason": "complex", "words": "涉及三家单位协调", "amount": 1, "span": "hours"}
PAUSE = {"reason": "citizen", "words": "等来电人补充照片", "amount": 2, "span": "working_days"}


def test_an_extension_is_asked_answered_above_and_counted(desk: Desk) -> None:
    before = desk.due()
    told = ok(desk.ask("extend", **EXTEND))
    assert told["requests"][0]["state"] == "open"
    again = desk.ask("extend", **EXTEND)
    assert (again.status_code, again.json()["detail"]) == (409, desk.why("extend"))
    own = desk.answer(True, who=desk.bureau)
    assert own.status_code == 403
    town = person(desk.api, Role.DISPATCHER, "nt.rugao.baipu")
    assert desk.answer(True, who=town).status_code in (403, 404)
    waiting = ok(desk.desk.get("/clock-requests"))["items"]
    assert [w["why_not"] for w in waiting] == [None]
    assert desk.answer(False, words="不").status_code == 422
    left = ok(desk.answer(True))
    assert left["items"] == []
    assert desk.due() == before + timedelta(hours=1)
    assert datetime.fromisoformat(waiting[0]["would_end_at"]) == desk.due()
    assert desk.answer(True).status_code == 409
    assert "延期 1 小时" in desk.shown()["clocks"][-1]["how"] + desk.shown()["clocks"][0]["how"]
    more = desk.ask("extend", **EXTEND)
    assert more.status_code == 409
    assert more.json()["detail"] == "本工单最多延期 1 次，已延期 1 次" == desk.why("extend")


def test_an_extension_is_no_longer_than_the_limit_and_has_a_named_reason(desk: Desk) -> None:
    for wrong in ({"amount": 1000, "span": "working_days"}, {"reason": "tired"}, {"words": "x"}):
        assert desk.ask("extend", **{**EXTEND, **wrong}).status_code == 422
    ok(desk.ask("extend", **EXTEND))
    ok(desk.answer(False, words="理由不充分"))
    assert desk.why("extend") is None  # a refused one does not count


def test_a_pause_stops_the_clock_until_the_unit_goes_on(desk: Desk) -> None:
    before = desk.due()
    assert desk.why("resume") == "时限没有暂停"
    ok(desk.ask("pause", **PAUSE))
    ok(desk.answer(True))
    shown = desk.shown()
    assert (shown["light"], shown["due_at"]) == ("paused", None)
    asked_at = desk.api.clock.now
    desk.at(asked_at + timedelta(hours=3))
    ok(desk.ask("resume", words="照片已收到"))
    assert desk.why("resume") == "时限没有暂停"
    assert desk.due() > before
    assert desk.shown()["incident_detail"]["due_at"] == desk.shown()["due_at"]
    settle = next(c for c in desk.shown()["clocks"] if c["kind"] == "settle")
    assert "暂停" in settle["how"]
    assert "paused from" in settle["how_en"]


def test_a_pause_ends_by_itself(desk: Desk) -> None:
    ok(desk.ask("pause", **PAUSE))
    ok(desk.answer(True))
    until = desk.sql("select until_at from clock_request")[0][0]
    desk.at(until - timedelta(seconds=1))
    assert desk.shown()["light"] == "paused"
    desk.at(until)
    assert desk.shown()["due_at"] is not None
    assert desk.sql("select ended from clock_request") == [(True,)]


def test_what_was_asked_in_time_and_granted_late_is_not_overdue(desk: Desk) -> None:
    due = desk.due()
    ok(desk.ask("extend", **EXTEND))
    desk.at(due + timedelta(minutes=1))
    assert desk.shown()["overdue"]
    assert desk.why("pause") == "已超过办理时限，须在到期前申请"
    ok(desk.answer(True))
    shown = desk.shown()
    assert (shown["overdue"], shown["escalated"], shown["incident_detail"]["overdue"]) == (False, 0, False)  # fmt: skip
    desk.at(due + timedelta(hours=1))
    assert desk.shown()["overdue"]


def test_from_yellow_to_the_third_supervision_order(desk: Desk) -> None:
    due = desk.due()
    yellow = desk.sql("select yellow_at from clock where kind = 'settle'")[0][0]
    desk.at(yellow)
    assert desk.shown()["light"] == "yellow"
    assert desk.sql("select count(*) from step where verb = 'urge' and account is null")[0][0] == 1
    desk.at(due)
    assert (desk.shown()["light"], desk.shown()["overdue"]) == ("red", True)
    desk.at(due + timedelta(days=1))
    (first,) = ok(desk.bureau.get("/supervisions"))["items"]
    assert (first["grade"], first["cause"], first["state"]) == (1, "overdue", "open")
    assert first["why_not"] is None
    desk.at(datetime.fromisoformat(first["explain_by"]))
    assert any("逾期未作说明" in n["text"] for n in ok(desk.desk.get("/notices")))
    assert desk.desk.post(f"/supervisions/{first['id']}/explain", {"words": "已经在办"}).status_code == 403  # fmt: skip
    ok(desk.bureau.post(f"/supervisions/{first['id']}/explain", {"words": "等材料，明日完成"}))
    gone = desk.bureau.post(f"/supervisions/{first['id']}/explain", {"words": "再说明一次"})
    assert gone.status_code == 409
    desk.at(due + timedelta(days=30))
    found = desk.sql("select grade, copied from supervision order by nth")
    assert [g for g, _ in found] == [1, 2, 3]
    assert found[1][1] == ["nt.rugao", "nt"]
    assert desk.sql("select escalated from work_order where id = %s", int(desk.order)) == [(3,)]


def test_a_deadline_from_above_caps_even_a_paused_clock(desk: Desk) -> None:
    until = desk.due() - timedelta(minutes=30)
    body = {"until": until.isoformat(), "source": "leader", "words": "领导批示"}
    assert desk.bureau.post(f"/orders/{desk.order}/cap", body).status_code == 403
    ok(desk.desk.post(f"/orders/{desk.order}/cap", body))
    assert desk.due() == until
    ok(desk.ask("pause", **PAUSE))
    ok(desk.answer(True))
    assert desk.due() == until
    desk.at(until)
    assert desk.shown()["light"] == "red"
    assert f"领导批示时限 {local(until):%Y-%m-%d %H:%M}" in str(desk.shown()["clocks"])


def test_a_person_supervises(desk: Desk) -> None:
    assert desk.ask("supervise", words="请立即办理").status_code == 403
    told = ok(
        desk.desk.post(f"/orders/{desk.order}/supervise", {"words": "请立即办理", "grade": 2})
    )
    (one,) = told["supervisions"]
    assert (one["cause"], one["grade"], len(one["copied"])) == ("person", 2, 2)
    assert one["number"].endswith("-督1")
    assert any("请立即办理" in n["text"] for n in ok(desk.bureau.get("/notices")))
