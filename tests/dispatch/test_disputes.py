"""Returns, arbitration, rulings and the rules they become, over HTTP with the real workers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from tests.conftest import NOW, Home
from tests.security.people import Api, Someone, forget_grids, log_in, make_api, person, rows
from tests.security.scene import RUGAO, Place, file, incident_of, ok, upload

pytestmark = pytest.mark.db
PLATE = "路面破损，施工钢板松动翘起，夜里车一过就哐当响，附近住户睡不着"
JTJ, WATER, ZJJ, TOWN = "nt.rugao.jtj", "nt.rugao.gongshui", "nt.rugao.zjj", "nt.rugao.baipu"
DINGYAN = replace(RUGAO, town="如皋市丁堰镇", lon=120.63, lat=32.41)
JIANGAN = replace(RUGAO, town="如皋市江安镇", lon=120.40, lat=32.33)
BASIS = ["《城市道路管理条例》第二十三条"]


@dataclass
class Hall:
    """Rugao and the city with everybody who has to do with disputes."""

    api: Api
    who: dict[str, Someone]

    def at(self, role: Role, unit: str) -> Someone:
        key = f"{role}@{unit}"
        if key not in self.who:
            self.who[key] = person(self.api, role, unit)
        return self.who[key]

    @property
    def desk(self) -> Someone:
        return self.at(Role.DISPATCHER, "nt.rugao")

    def happens(self, text: str = PLATE, place: Place = RUGAO) -> str:
        report = file(self.at(Role.CALL_TAKER, "nt.rugao"), place, text)
        self.api.work()
        return incident_of(self.api, report)

    def give(self, incident: str, unit: str) -> str:
        done = ok(self.desk.post(f"/incidents/{incident}/assign", {"unit": unit}))
        return str(done["orders"][-1]["id"])

    def back(self, order: str, unit: str, reason: str = "not_my_matter", **more: Any) -> Any:
        body = {"reason": "管线和钢板都不是我们的", "reason_code": reason, **more}
        return self.at(Role.HANDLER, unit).post(f"/orders/{order}/return", body)

    def dispute(self, text: str = PLATE, place: Place = RUGAO, units: tuple[str, str] = (JTJ, WATER)
                ) -> tuple[str, dict[str, Any]]:  # fmt: skip
        """An incident that two units handed back, and its dispute."""
        incident = self.happens(text, place)
        for unit in units:
            ok(self.back(self.give(incident, unit), unit))
        found = ok(self.at(Role.SUPERVISOR, "nt").get("/disputes"))["items"]
        return incident, next(d for d in found if d["incident"]["id"] == incident)

    def rule(self, dispute: str, who: Role = Role.SUPERVISOR, unit: str = "nt", **more: Any) -> Any:
        body = {"lead": ZJJ, "assist": [JTJ], "reason": "钢板属施工单位，由住建部门督促", "basis": BASIS,
                "words": ["钢板"], **more}  # fmt: skip
        return self.at(who, unit).post(f"/disputes/{dispute}/rule", body)

    def sql(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return rows(self.api.home, query, *args)

    def later(self, by: timedelta) -> None:
        """Time passes; sessions are begun anew."""
        self.api.clock.now += by
        self.who = {k: log_in(self.api, s.account) for k, s in self.who.items() if s.account}


@pytest.fixture
def hall(db: Home) -> Any:
    # office hours of a Tuesday
    yield Hall(make_api(db, NOW.replace(hour=2, minute=0)), {})
    forget_grids(db)


def owner(hall: Hall, incident: str) -> list[str]:
    return [r[0] for r in hall.sql("select unit from work_order where incident = %s and stage in "
            "('assigned', 'signed', 'handled', 'verified') order by id", int(incident))]  # fmt: skip


def due(hall: Hall, incident: str) -> datetime:
    found: datetime = hall.sql("select due_at from incident where id = %s", int(incident))[0][0]
    return found


def test_the_first_return_goes_to_the_desk_with_its_row_and_evidence(hall: Hall) -> None:
    incident = hall.happens()
    order, before = hall.give(incident, JTJ), due(hall, incident)
    told = ok(hall.at(Role.HANDLER, JTJ).get(f"/orders/{order}/return"))
    assert (told["returns"], told["most"], told["goes_to"], told["why_not"]) == (
        0,
        2,
        "centre",
        None,
    )
    assert told["duty"]["lead"] == "城管局"
    assert told["duty"]["basis"]
    assert [r["reason"] for r in told["reasons"]] == [
        "not_my_matter",
        "not_my_area",
        "not_my_power",
    ]
    proof = upload(hall.at(Role.HANDLER, JTJ))
    done = ok(hall.back(order, JTJ, attachments=[proof]))
    assert (done["stage"], done["returns"]) == ("returned", 1)
    assert due(hall, incident) == before, "the clock keeps running"
    ((nth, reason, duty, at),) = hall.sql("select nth, reason, duty, watch_at from handback where incident = %s",
                                          int(incident))  # fmt: skip
    assert (nth, reason, duty["matter"]) == (1, "not_my_matter", "road.damage")
    assert at is not None
    assert not hall.sql("select 1 from dispute")


def test_a_return_may_lean_on_the_row_of_another_matter(hall: Hall) -> None:
    order = hall.give(hall.happens(), JTJ)
    assert hall.back(order, JTJ, duty="no.such").status_code == 422
    ok(hall.back(order, JTJ, duty="city.manhole"))
    assert hall.sql("select duty->>'matter' from handback") == [("city.manhole",)]


def test_a_return_after_its_time_is_refused_with_the_buttons_sentence(hall: Hall) -> None:
    order = hall.give(hall.happens(), JTJ)
    until = datetime.fromisoformat(
        ok(hall.at(Role.HANDLER, JTJ).get(f"/orders/{order}"))["return_by"]
    )
    hall.later(until - hall.api.clock.now + timedelta(minutes=1))
    shown = ok(hall.at(Role.HANDLER, JTJ).get(f"/orders/{order}"))
    (why,) = [m["why_not"] for m in shown["may"] if m["verb"] == "return"]
    assert "退回时限已过" in why
    answer = hall.back(order, JTJ)
    assert (answer.status_code, answer.json()["detail"]) == (409, why)
    ok(hall.at(Role.HANDLER, JTJ).post(f"/orders/{order}/sign"))


def test_the_second_return_is_ruled_on_and_somebody_acts_meanwhile(hall: Hall) -> None:
    incident, dispute = hall.dispute()
    assert (dispute["arbiter"], dispute["urgent"], dispute["state"]) == ("nt", False, "open")
    assert dispute["interim"] == TOWN
    assert owner(hall, incident) == [TOWN]
    opened, until = (datetime.fromisoformat(dispute[k]) for k in ("opened_at", "due_at"))
    assert (
        opened < until <= opened + timedelta(hours=6)
    )  # four working hours, with a lunch-less day
    assert [(p["unit"], p["reason"]) for p in dispute["positions"]] == [
        (JTJ, "not_my_matter"), (WATER, "not_my_matter")]  # fmt: skip
    shown = ok(hall.desk.get(f"/incidents/{incident}"))
    assert "dispute" in [s["verb"] for s in shown["steps"]]
    (order,) = [o for o in shown["orders"] if o["stage"] == "assigned"]
    assert order["due_at"] == shown["due_at"]
    interim = hall.at(Role.HANDLER, TOWN)
    ok(interim.post(f"/orders/{order['id']}/sign"))
    answer = hall.back(order["id"], TOWN)
    assert answer.status_code == 409
    assert "先办后议" in answer.json()["detail"]
    assert any("请裁定" in n["text"] for n in ok(hall.at(Role.SUPERVISOR, "nt").get("/notices")))
    assert any("已交" in n["text"] for n in ok(hall.at(Role.HANDLER, JTJ).get("/notices")))


def test_two_returns_at_once_are_two_and_never_three(hall: Hall) -> None:
    incident = hall.happens()
    units = [JTJ, WATER, ZJJ]
    orders = [hall.give(incident, u) for u in units]
    for u in units:
        hall.at(Role.HANDLER, u)
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(lambda pair: hall.back(*pair).status_code, zip(orders, units, strict=True))
        )
    assert sorted(answers) == [200, 200, 409]
    assert hall.sql("select count(*) from handback") == [(2,)]
    assert hall.sql("select count(*) from dispute") == [(1,)]
    assert len(owner(hall, incident)) == 2  # who could not return it, and the interim lead


def test_a_ruling_gives_the_lead_and_becomes_a_rule_that_decides_the_next(hall: Hall) -> None:
    incident, dispute = hall.dispute()
    before = due(hall, incident)
    done = ok(hall.rule(dispute["id"]))
    number = done["ruling"]["number"]
    assert number == "裁字〔2026〕1号"
    assert done["state"] == "ruled"
    assert owner(hall, incident) == [ZJJ, JTJ]  # the interim lead handed over
    assert due(hall, incident) == before
    following = hall.happens("丁堰镇路面破损，临时铺的钢板没固定，大车一过哐哐响", DINGYAN)
    assert following != incident
    shown = ok(hall.desk.get(f"/incidents/{following}"))
    assert [o["unit"] for o in shown["orders"]] == [ZJJ, JTJ]
    assert {o["ruling"] for o in shown["orders"]} == {number}
    (best,) = shown["proposals"]
    assert best["probability"] == 1
    assert number in best["clues"][0]["because"]
    assert number in next(s["reason"] for s in shown["steps"] if s["verb"] == "assign")
    # the same dispute does not come twice; another one may
    order = shown["orders"][0]["id"]
    told = ok(hall.at(Role.HANDLER, ZJJ).get(f"/orders/{order}/return"))
    answer = hall.back(order, ZJJ)
    assert answer.status_code == 409
    assert number in answer.json()["detail"]
    assert answer.json()["detail"] == next(r["why_not"] for r in told["reasons"] if r["why_not"])
    ok(hall.back(order, ZJJ, reason="not_my_area"))


def test_withdrawing_the_rule_undoes_it(hall: Hall) -> None:
    _, dispute = hall.dispute()
    number = ok(hall.rule(dispute["id"]))["ruling"]["number"]
    second = hall.happens("丁堰镇路面破损，临时铺的钢板没固定，大车一过哐哐响", DINGYAN)
    order = ok(hall.desk.get(f"/incidents/{second}"))["orders"][0]["id"]
    path = f"/rulings/{quote(number)}/revoke"
    assert (
        hall.at(Role.SUPERVISOR, "nt.rugao").post(path, {"reason": "我们不同意"}).status_code == 403
    )
    assert hall.at(Role.SUPERVISOR, "nt").post(path, {"reason": ""}).status_code == 422
    done = ok(hall.at(Role.SUPERVISOR, "nt").post(path, {"reason": "权属已查明，改由水务负责"}))
    assert done["revoked_because"]
    assert hall.at(Role.SUPERVISOR, "nt").post(path, {"reason": "再撤一次"}).status_code == 409
    third = hall.happens("江安镇路面破损，铺的钢板翘起来了，车过哐当响", JIANGAN)
    shown = ok(hall.desk.get(f"/incidents/{third}"))
    assert ZJJ not in [o["unit"] for o in shown["orders"]]
    assert all(c["about"] != "ruling" for p in shown["proposals"] for c in p["clues"])
    ok(hall.back(order, ZJJ))  # what it had decided may be argued again
    listed = ok(hall.at(Role.ANALYST, "nt").get("/rulings", params={"active": False}))
    assert [r["number"] for r in listed["items"]] == [number]


def test_a_correction_asks_the_rules_again(hall: Hall) -> None:
    _, dispute = hall.dispute()
    ok(hall.rule(dispute["id"]))
    other = hall.happens("工地铺的钢板半夜哐哐响，施工噪音吵得睡不着", JIANGAN)
    shown = ok(hall.desk.get(f"/incidents/{other}"))
    if shown["matter"] != "road.damage":
        shown = ok(
            hall.desk.post(
                f"/incidents/{other}/correct", {"matter": "road.damage", "reason": "是路面"}
            )
        )
    assert [p["unit"] for p in shown["proposals"]] == [ZJJ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"lead": "nt.keiner"}, 404), ({"assist": ["nt.keiner"]}, 404), ({"basis": []}, 422), ({"basis": [" "]}, 422),
        ({"reason": "好"}, 422), ({"words": ["板"]}, 422), ({"area": "320685000000000"}, 422),
        ({"matter": "no.such"}, 422), ({"matter": "other", "words": []}, 422), ({"nonsense": 1}, 422),
    ],
)  # fmt: skip
def test_what_a_ruling_must_say(hall: Hall, body: dict[str, Any], status: int) -> None:
    _, dispute = hall.dispute()
    assert hall.rule(dispute["id"], **body).status_code == status
    assert hall.sql("select state from dispute") == [("open",)]
    assert not hall.sql("select 1 from ruling")


def test_who_rules(hall: Hall) -> None:
    _, dispute = hall.dispute()
    for role, unit in ((Role.DISPATCHER, "nt"), (Role.SUPERVISOR, "nt.rugao"), (Role.HANDLER, JTJ)):
        shown = hall.at(role, unit).get(f"/disputes/{dispute['id']}")
        answer = hall.rule(dispute["id"], role, unit)
        assert answer.status_code == 403, (role, unit)
        assert answer.json()["detail"] == ok(shown)["why_not_rule"]
    assert hall.rule(dispute["id"], Role.LEADER, "nt.haian").status_code == 404
    assert hall.rule("123").status_code == 404
    ok(hall.rule(dispute["id"], Role.LEADER))
    assert hall.rule(dispute["id"], Role.LEADER).status_code == 409


def test_two_rulings_at_once_one_wins(hall: Hall) -> None:
    incident, dispute = hall.dispute()
    who = [hall.at(Role.SUPERVISOR, "nt"), hall.at(Role.LEADER, "nt")] * 4
    leads = [ZJJ, WATER] * 4

    def one(n: int) -> int:
        body = {"lead": leads[n], "reason": "权属清楚，就由它办", "basis": BASIS}
        return who[n].post(f"/disputes/{dispute['id']}/rule", body).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert sorted(answers) == [200] + [409] * 7
    ((lead,),) = hall.sql("select lead from ruling")
    assert owner(hall, incident) == [lead]


def test_an_urgent_dispute_runs_at_night_and_the_leader_rules(hall: Hall) -> None:
    hall.later(timedelta(hours=12))  # ten in the evening
    incident = hall.happens()
    ok(
        hall.desk.post(
            f"/incidents/{incident}/correct", {"urgency": 3, "reason": "夜间多人受扰，恐伤车"}
        )
    )
    for unit in (JTJ, WATER):
        ok(hall.back(hall.give(incident, unit), unit))
    (dispute,) = ok(hall.at(Role.LEADER, "nt").get("/disputes"))["items"]
    assert dispute["urgent"]
    opened, until = (datetime.fromisoformat(dispute[k]) for k in ("opened_at", "due_at"))
    assert until - opened == timedelta(hours=4)
    answer = hall.rule(dispute["id"])
    assert answer.status_code == 403
    assert "值班领导" in answer.json()["detail"]
    ok(hall.rule(dispute["id"], Role.LEADER))


def test_a_dispute_that_nobody_rules_climbs_each_level_once(hall: Hall) -> None:
    incident, dispute = hall.dispute()
    until = datetime.fromisoformat(dispute["due_at"])
    home = hall.api.home

    def level() -> int:
        return int(hall.sql("select escalated from dispute")[0][0])

    pipeline.handle_clocks(home.worker, until - timedelta(seconds=1))
    assert level() == 0
    with ThreadPoolExecutor(4) as pool:
        list(
            pool.map(
                lambda _: pipeline.handle_clocks(home.worker, until + timedelta(minutes=1)),
                range(4),
            )
        )
    assert level() == 1
    pipeline.handle_clocks(home.worker, until + timedelta(days=1, minutes=1))
    pipeline.handle_clocks(home.worker, until + timedelta(days=9))
    assert level() == 2
    told = hall.sql(
        "select text from notice where unit = 'nt' and text like '%%裁定超时%%' order by id"
    )
    assert len(told) == 2
    assert hall.sql("select state from dispute") == [("open",)]
    assert owner(hall, incident) == [TOWN]


def test_a_returned_matter_that_nobody_takes_up_is_seen_to(hall: Hall) -> None:
    incident = hall.happens()
    ok(hall.back(hall.give(incident, JTJ), JTJ))
    home, until = hall.api.home, due(hall, incident)
    pipeline.handle_clocks(home.worker, hall.api.clock.now + timedelta(hours=5))
    assert any("仍未改派" in n["text"] for n in ok(hall.desk.get("/notices")))
    pipeline.handle_clocks(home.worker, until + timedelta(minutes=1))
    assert hall.sql("select overdue from incident where id = %s", int(incident)) == [(True,)]
    assert hall.sql("select watch_at from handback") == [(None,)]


def test_given_on_in_time_nobody_is_told(hall: Hall) -> None:
    incident = hall.happens()
    ok(hall.back(hall.give(incident, JTJ), JTJ))
    hall.give(incident, ZJJ)
    pipeline.handle_clocks(hall.api.home.worker, hall.api.clock.now + timedelta(hours=5))
    assert not hall.sql("select 1 from notice where text like '%%仍未改派%%'")


def test_a_dispute_whose_incident_ends_lapses(hall: Hall) -> None:
    incident, dispute = hall.dispute()
    (order,) = [
        o for o in ok(hall.desk.get(f"/incidents/{incident}"))["orders"] if o["stage"] == "assigned"
    ]
    ok(hall.desk.post(f"/orders/{order['id']}/withdraw", {"reason": "当场已经解决"}))
    ok(
        hall.desk.post(
            f"/incidents/{incident}/answer", {"answer": "钢板已移走", "source": "现场核实"}
        )
    )
    assert hall.rule(dispute["id"]).status_code == 409
    pipeline.handle_clocks(hall.api.home.worker, datetime.fromisoformat(dispute["due_at"]))
    assert hall.sql("select state, timer from dispute") == [("lapsed", None)]


def test_the_meetings_agenda_is_made_of_open_disputes(hall: Hall) -> None:
    first, dispute = hall.dispute()
    hall.later(timedelta(minutes=30))
    second, _ = hall.dispute("葫芦作坊半夜切割石料,噪音扰民", JIANGAN)
    agenda = ok(hall.at(Role.SUPERVISOR, "nt").get("/disputes/agenda"))
    assert agenda["total"] == 2
    assert [[d["incident"]["id"] for d in i["disputes"]] for i in agenda["items"]] == [
        [first],
        [second],
    ]
    assert agenda["items"][0]["disputes"][0]["age_s"] == 1800
    assert len(agenda["items"][0]["disputes"][0]["positions"]) == 2
    done = ok(hall.rule(dispute["id"], meeting="2026-07-14"))
    assert done["ruling"]["meeting"] == "2026-07-14"
    left = ok(hall.at(Role.SUPERVISOR, "nt").get("/disputes/agenda"))
    assert left["total"] == 1
    made = ok(hall.at(Role.ANALYST, "nt").get("/rulings", params={"meeting": "2026-07-14"}))
    assert [r["number"] for r in made["items"]] == ["裁字〔2026〕1号"]
    third, _ = hall.dispute("江安镇路面破损，坑洼很深没人修", JIANGAN)
    again = ok(hall.at(Role.SUPERVISOR, "nt").get("/disputes/agenda"))["items"]
    found = next(i for i in again if i["disputes"][0]["incident"]["id"] == third)
    assert [r["number"] for r in found["precedents"]] == ["裁字〔2026〕1号"]


def test_the_door_for_interim_orders_opens_for_nothing_else(hall: Hall) -> None:
    """A unit that handed nothing back twice writes no order for anybody."""
    incident = hall.happens()
    order = hall.give(incident, JTJ)
    scope = hall.at(Role.HANDLER, JTJ).scope
    assert scope is not None
    call = "select interim_order(5, 'x', %s, %s, '', %s, null, null, null)"
    for unit in (TOWN, ZJJ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            hall.api.home.app.transaction(scope.settings()) as conn,
        ):
            conn.execute(call, (int(incident), unit, hall.api.clock.now))
    ok(hall.back(order, JTJ))
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        hall.api.home.app.transaction(scope.settings()) as conn,
    ):
        conn.execute(call, (int(incident), TOWN, hall.api.clock.now))
