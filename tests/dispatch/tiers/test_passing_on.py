"""Three tiers: down, up, across, taken over, given back; what is due stays due."""

from __future__ import annotations

from typing import Any

import pytest

from chengshu.agencies.model import Role
from tests.dispatch.joint.hall import Hall
from tests.security.people import rows
from tests.security.scene import RUGAO, file, incident_of, ok

pytestmark = pytest.mark.db
CITY, COUNTY, TOWN = "nt", "nt.rugao", "nt.rugao.baipu"
SAID = "本级无权处理，请上级协调"


def happens(hall: Hall) -> str:
    """A matter in a township, held by nobody."""
    report = file(hall.at(Role.CALL_TAKER, COUNTY), RUGAO, "有件事说不清归谁管，请来看看")
    hall.api.work()
    incident = incident_of(hall.api, report)
    for order in live(hall, incident):
        ok(
            hall.at(Role.DISPATCHER, COUNTY).post(
                f"/orders/{order['id']}/withdraw", {"reason": "重新研判去向"}
            )
        )
    return incident


def passes(hall: Hall, incident: str, unit: str, kind: str, to: str = "", status: int = 200) -> Any:
    """A centre's dispatcher passes it."""
    body = {"kind": kind, "to": to, "reason": SAID}
    return ok(hall.at(Role.DISPATCHER, unit).post(f"/incidents/{incident}/pass", body), status)


def live(hall: Hall, incident: str) -> list[dict[str, Any]]:
    """The live orders, as the city sees them."""
    orders = ok(hall.at(Role.DISPATCHER, CITY).get(f"/incidents/{incident}"))["orders"]
    return [o for o in orders if o["stage"] in ("assigned", "signed", "handled", "verified")]


def units(hall: Hall, incident: str) -> list[str]:
    """Who holds it."""
    return [o["unit"] for o in live(hall, incident)]


def test_it_goes_down_up_and_across_and_its_clock_runs_on(hall: Hall) -> None:
    incident = happens(hall)
    due = ok(hall.at(Role.DISPATCHER, CITY).get(f"/incidents/{incident}"))["due_at"]
    passes(hall, incident, CITY, "down", COUNTY)
    assert units(hall, incident) == [COUNTY]
    passes(hall, incident, COUNTY, "down", TOWN)
    assert units(hall, incident) == [TOWN]
    passes(hall, incident, TOWN, "up", COUNTY)
    assert units(hall, incident) == [COUNTY]
    passes(hall, incident, COUNTY, "across", "nt.haian")
    assert units(hall, incident) == ["nt.haian"]
    history = ok(hall.at(Role.DISPATCHER, COUNTY).get(f"/incidents/{incident}/passings"))
    assert [(p["kind"], p["giver"], p["taker"]) for p in history] == [
        ("down", CITY, COUNTY), ("down", COUNTY, TOWN), ("up", TOWN, COUNTY), ("across", COUNTY, "nt.haian")]  # fmt: skip
    assert ok(hall.at(Role.DISPATCHER, CITY).get(f"/incidents/{incident}"))["due_at"] == due
    assert ok(hall.at(Role.DISPATCHER, "nt.haian").get(f"/incidents/{incident}"))["id"] == incident
    told = [n["text"] for n in ok(hall.at(Role.SUPERVISOR, CITY).get("/notices"))]
    assert any(t.startswith("移交") for t in told)  # the centre above hears of what goes across


def test_taken_over_nothing_is_given_from_below_until_it_is_given_back(hall: Hall) -> None:
    incident = happens(hall)
    passes(hall, incident, COUNTY, "down", TOWN)
    passes(hall, incident, CITY, "take_over", TOWN)
    assert units(hall, incident) == [CITY]
    below = hall.at(Role.DISPATCHER, COUNTY).post(
        f"/incidents/{incident}/assign", {"unit": "nt.rugao.cgj"}
    )
    assert (below.status_code, below.json()["detail"]) == (
        409,
        "上级已提级办理，交回前本级不能派单",
    )
    refused = passes(hall, incident, COUNTY, "down", TOWN, 403)
    assert refused["detail"] == "上级已提级办理，本级不再转办"
    ok(hall.at(Role.DISPATCHER, CITY).post(f"/incidents/{incident}/assign", {"unit": "nt.cgj"}))
    passes(hall, incident, CITY, "give_back")
    assert sorted(units(hall, incident)) == ["nt.cgj", TOWN]
    ok(
        hall.at(Role.DISPATCHER, COUNTY).post(
            f"/incidents/{incident}/assign", {"unit": "nt.rugao.cgj"}
        )
    )
    assert (
        passes(hall, incident, CITY, "give_back", status=403)["detail"] == "没有提级办理，无可交回"
    )


@pytest.mark.parametrize(("unit", "kind", "to", "said"), [
    (TOWN, "up", CITY, "只能上报给上一级中心"),  # not over the county's head
    (CITY, "up", COUNTY, "只能上报给上一级中心"),
    (COUNTY, "across", CITY, "只能移交给同级中心"),
    (COUNTY, "across", "nt.haian.qutang", "只能移交给同级中心"),
    (COUNTY, "down", "nt.haian", "只能交办所辖的下级中心"),
    (COUNTY, "down", "nt.rugao.cgj", "请选一个指挥中心"),
    (CITY, "take_over", "nt.haian", "事件不在这个中心的辖区"),
    (COUNTY, "give_back", "", "没有提级办理，无可交回"),
])  # fmt: skip
def test_which_way_it_may_not_go(hall: Hall, unit: str, kind: str, to: str, said: str) -> None:
    assert passes(hall, happens(hall), unit, kind, to, 403)["detail"] == said


def test_nobody_else_passes_it(hall: Hall) -> None:
    incident = happens(hall)
    body = {"kind": "down", "to": TOWN, "reason": SAID}
    for who in (
        hall.at(Role.HANDLER, COUNTY),
        hall.at(Role.CALL_TAKER, COUNTY),
        hall.at(Role.ANALYST, COUNTY),
    ):
        assert who.post(f"/incidents/{incident}/pass", body).status_code == 403
    assert (
        hall.at(Role.DISPATCHER, "nt.haian").post(f"/incidents/{incident}/pass", body).status_code
        == 404
    )
    assert (
        hall.at(Role.DISPATCHER, "nt.haian").get(f"/incidents/{incident}/passings").status_code
        == 404
    )
    short = hall.at(Role.DISPATCHER, COUNTY).post(
        f"/incidents/{incident}/pass", {**body, "reason": "请办"}
    )
    assert short.status_code == 422
    assert rows(hall.api.home, "select count(*) from passing") == [(0,)]


def test_what_is_under_joint_command_or_done_is_not_passed(hall: Hall) -> None:
    joint = hall.begins()
    up = hall.desk.post(
        f"/incidents/{joint['incident']}/pass", {"kind": "up", "to": CITY, "reason": SAID}
    )
    assert (up.status_code, up.json()["detail"]) == (409, "事件正在联动指挥，不转办")
    incident = happens(hall)
    passes(hall, incident, COUNTY, "down", TOWN)
    (order,) = live(hall, incident)
    town = hall.at(Role.HANDLER, TOWN)
    ok(town.post(f"/orders/{order['id']}/sign"))
    ok(town.post(f"/orders/{order['id']}/handle", {"reply": "已经到场处理完毕"}))
    assert "已反馈" in passes(hall, incident, TOWN, "up", COUNTY, 409)["detail"]


def test_a_line_of_it_is_never_changed(hall: Hall) -> None:
    passes(hall, happens(hall), COUNTY, "down", TOWN)
    with hall.api.home.owner() as conn, pytest.raises(Exception, match="append-only"):
        conn.execute("update passing set reason = 'x'")
