"""会商: called in, answered, attended, decided; a decision becomes a part in the same act; minutes on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from tests.dispatch.joint.hall import HOUSING, JUSTICE, LABOUR, POLICE, Hall
from tests.security.scene import ok

pytestmark = pytest.mark.db


def called(hall: Hall, joint: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A meeting of three members in an hour, called by the lead."""
    body = {"subject": "研究工资垫付方案", "starts_at": (hall.api.clock.now + timedelta(hours=1)).isoformat(),
            "place": "开发区指挥中心二楼", "units": [LABOUR, HOUSING, POLICE]}  # fmt: skip
    view = ok(hall.at(Role.HANDLER, LABOUR).post(f"/joint/{joint['id']}/meetings", body))
    return f"/joint/{joint['id']}/meetings/{view['meetings'][0]['id']}", view


def test_members_are_called_in_and_say_whether_they_come(hall: Hall) -> None:
    path, view = called(hall, hall.begins())
    assert view["meetings"][0]["link"] == ""  # no conference service is set
    housing = hall.at(Role.HANDLER, HOUSING)
    assert any(n["text"].startswith("会商") for n in ok(housing.get("/notices")))
    assert ok(housing.get(path.partition("/meetings")[0]))["meetings"][0]["mine"]
    silent = housing.post(f"{path}/coming", {"coming": False})
    assert (silent.status_code, silent.json()["fields"][0]["field"]) == (422, "words")
    answered = ok(
        housing.post(f"{path}/coming", {"coming": False, "words": "在外地巡查，派副科长参加"})
    )
    assert not answered["meetings"][0]["mine"]
    stranger = hall.at(Role.HANDLER, JUSTICE).post(f"{path}/coming", {"coming": True})
    assert stranger.status_code == 404  # a member, but not called


def test_a_decision_becomes_a_part_in_one_act(hall: Hall) -> None:
    joint = hall.begins()
    path, _ = called(hall, joint)
    lead = hall.at(Role.HANDLER, LABOUR)
    plain = ok(lead.post(f"{path}/decide", {"text": "同意先由总包垫付工资"}))
    assert plain["meetings"][0]["decisions"][0]["task"] is None
    body = {"text": "启用工资保证金支付", "unit": HOUSING, "hours": 8, "strand": "wages"}
    view = ok(lead.post(f"{path}/decide", body))
    decision = view["meetings"][0]["decisions"][1]
    part = next(t for t in view["tasks"] if t["nth"] == decision["task"])
    assert (part["unit"], part["text"], part["stage"]) == (HOUSING, body["text"], "assigned")
    before = len(view["tasks"])
    wrong = lead.post(f"{path}/decide", {**body, "strand": "nothing"})
    assert wrong.status_code == 422
    after = ok(lead.get(f"/joint/{joint['id']}"))
    assert (len(after["tasks"]), len(after["meetings"][0]["decisions"])) == (
        before,
        2,
    )  # all or nothing


def test_minutes_are_a_pdf_once_the_meeting_has_ended(hall: Hall) -> None:
    joint = hall.begins()
    path, _ = called(hall, joint)
    lead = hall.at(Role.HANDLER, LABOUR)
    assert lead.get(f"{path}/minutes").status_code == 409
    nobody = lead.post(f"{path}/end", {"summary": "一致同意"})
    assert (nobody.status_code, nobody.json()["detail"]) == (422, "请先登记到会单位")
    ok(lead.post(f"{path}/attend", {"unit": LABOUR, "attended": True, "person": "王科长"}))
    ok(lead.post(f"{path}/attend", {"unit": POLICE, "attended": False}))
    assert lead.post(f"{path}/attend", {"unit": JUSTICE, "attended": True}).status_code == 404
    ok(lead.post(f"{path}/decide", {"text": "启用工资保证金支付", "unit": HOUSING, "hours": 8}))
    open_ = hall.desk.post(f"/joint/{joint['id']}/end").json()["detail"]
    assert "子任务未办结" in open_
    view = ok(lead.post(f"{path}/end", {"summary": "各方一致同意先发工资，再处理工程款。#panic()"}))
    assert view["meetings"][0]["ended_at"]
    again = lead.post(f"{path}/decide", {"text": "会后又想起一件"})
    assert (again.status_code, again.json()["detail"]) == (409, "会商已结束")
    paper = lead.get(f"{path}/minutes")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    assert paper.content == lead.get(f"{path}/minutes").content
    assert hall.at(Role.HANDLER, "nt.kaifaqu.hbj").get(f"{path}/minutes").status_code == 404


def test_a_meeting_calls_members_only_and_never_into_the_past(hall: Hall) -> None:
    joint = hall.begins()
    now = hall.api.clock.now
    body = {
        "subject": "研究垫付",
        "starts_at": (now + timedelta(hours=1)).isoformat(),
        "units": ["nt.kaifaqu.hbj"],
    }
    path = f"/joint/{joint['id']}/meetings"
    assert hall.desk.post(path, body).json()["detail"] == "会商请召集成员单位"
    past = {**body, "units": [POLICE], "starts_at": (now - timedelta(hours=1)).isoformat()}
    assert hall.desk.post(path, past).json()["detail"] == "会商时间已过"
    assert hall.at(Role.HANDLER, POLICE).post(path, {**body, "units": [POLICE]}).status_code == 403


def test_resources_are_called_and_arrive_once(hall: Hall) -> None:
    joint = hall.begins()
    path = f"/joint/{joint['id']}/resources"
    view = ok(
        hall.desk.post(
            path, {"what": "法律援助律师两名", "source": "开发区司法局", "contact": "0513-12348"}
        )
    )
    one = view["resources"][0]
    assert one["arrived_at"] is None
    hall.later(timedelta(minutes=40))
    view = ok(hall.desk.post(f"{path}/{one['id']}/arrive"))
    assert view["resources"][0]["arrived_at"]
    assert view["line"][0]["verb"] == "arrived"
    assert hall.desk.post(f"{path}/{one['id']}/arrive").status_code == 409
