"""A joint command over HTTP: from the template to the parent that closes last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chengshu.agencies.model import Role
from tests.dispatch.joint.hall import (
    CONTRACT,
    HOUSING,
    JUSTICE,
    LABOUR,
    OWED,
    POLICE,
    WHY,
    Hall,
    moment,
)
from tests.security.people import rows
from tests.security.scene import ok

pytestmark = pytest.mark.db


def test_the_template_names_lead_members_and_parts_with_clocks_of_their_own(hall: Hall) -> None:
    incident = hall.says()
    offer = ok(hall.desk.get(f"/incidents/{incident}/joint"))
    assert (offer["joint"], offer["people"], offer["crowd"]) == (None, 101, True)
    assert offer["templates"][0]["proposed"]
    assert offer["templates"][0]["lead"] == LABOUR
    joint = hall.begins(incident)
    assert joint["lead"] == LABOUR
    assert {m["unit"] for m in joint["member_list"]} == {
        LABOUR,
        HOUSING,
        POLICE,
        JUSTICE,
        "nt.kaifaqu",
    }
    assert "《保障农民工工资支付条例》第三十条" in joint["basis"]
    assert [s["code"] for s in joint["strands"]] == ["wages", "contract"]
    parts = [t for t in joint["tasks"] if t["nth"]]
    now = hall.api.clock.now
    hours = [(t["unit"], (moment(t["due_at"]) - now) / timedelta(hours=1)) for t in parts]
    assert hours == [
        (LABOUR, 24),
        (HOUSING, 24),
        (HOUSING, 72),
        (JUSTICE, 72),
        (POLICE, 12),
        ("nt.kaifaqu", 24),
    ]
    assert len([t for t in joint["tasks"] if t["lead"]]) == 1
    inbox = ok(hall.at(Role.HANDLER, HOUSING).get("/orders"))["items"]
    assert len(inbox) == 2  # two parts of one incident, side by side
    again = hall.desk.post(
        f"/incidents/{incident}/joint", {"reason": WHY, "template": "wage_dispute"}
    )
    assert (again.status_code, again.json()["detail"]) == (409, "事件已在联动指挥")


def test_the_parent_closes_only_when_its_parts_have_and_says_what_is_open(hall: Hall) -> None:
    joint = hall.begins()
    lead = next(t for t in joint["tasks"] if t["lead"])
    hall.does(lead["order"], LABOUR)
    ok(hall.desk.post(f"/orders/{lead['order']}/verify", {"ok": True}))
    closing = hall.desk.post(f"/orders/{lead['order']}/close")
    assert (closing.status_code, closing.json()["code"]) == (409, "conflict")
    assert "联动指挥未结束" in closing.json()["detail"]
    english = hall.desk.call(
        "POST", f"/orders/{lead['order']}/close", headers={"Accept-Language": "en"}
    )
    assert english.json()["detail"].startswith("the joint command is running")
    early = hall.desk.post(f"/joint/{joint['id']}/end")
    assert early.status_code == 409
    assert early.json()["detail"].startswith("还有 6 项子任务未办结：")
    assert early.json()["detail"] == ok(hall.desk.get(f"/joint/{joint['id']}"))["why_not_conclude"]
    void = hall.desk.post(f"/incidents/{joint['incident']}/void", {"reason": "录入有误作废"})
    assert void.status_code == 409
    for task in (t for t in joint["tasks"] if not t["lead"]):
        hall.does(task["order"], task["unit"])
        hall.closes(task["order"])
    unanswered = hall.desk.post(f"/joint/{joint['id']}/end")
    assert (
        unanswered.json()["detail"] == "「农民工工资」还没有统一答复"
    )  # nobody spoke of contract money
    hall.answers(joint)
    ended = ok(hall.desk.post(f"/joint/{joint['id']}/end"))
    assert ended["ended_at"]
    detail = ok(hall.desk.get(f"/incidents/{joint['incident']}"))
    assert detail["stage"] == "closed"
    assert {o["stage"] for o in detail["orders"]} == {"closed"}
    assert detail["orders"][0]["id"] == lead["order"] or lead["order"] in {
        o["id"] for o in detail["orders"]
    }
    late = hall.desk.post(f"/joint/{joint['id']}/notes", {"words": "还想补一句"})
    assert (late.status_code, late.json()["detail"]) == (409, "联动指挥已结束")


def test_wages_and_contract_money_are_answered_apart_and_everybody_of_each_hears_the_same(
    hall: Hall,
) -> None:
    incident = hall.says(CONTRACT)
    for n in range(3):
        other = hall.says(OWED, reporter={"name": "工人", "phone": f"1395555000{n}"})
        if other != incident:
            ok(
                hall.desk.post(
                    f"/incidents/{incident}/merge", {"other": other, "reason": "同一工地"}
                )
            )
    joint = hall.begins(incident)
    by_code = {s["code"]: s for s in joint["strands"]}
    assert [len(by_code[c]["reports"]) for c in ("wages", "contract")] == [3, 1]
    path = f"/joint/{joint['id']}/strands"
    ok(
        hall.desk.post(
            f"{path}/wages/answer", {"answer": "工资将于明日发放到个人", "reply_all": True}
        )
    )
    twice = hall.desk.post(f"{path}/wages/answer", {"answer": "再答一次工资"})
    assert (twice.status_code, twice.json()["detail"]) == (409, "这件事已有统一答复")
    moved = hall.desk.post(path, {"report": by_code["wages"]["reports"][0], "strand": "contract"})
    assert moved.status_code == 409  # she was told already
    ok(hall.desk.post(f"{path}/contract/answer", {"answer": "工程款由住建调解，可申请法律援助"}))
    told = rows(
        hall.api.home,
        "select report, text from notice where report is not null and text like '您反映的事项答复%%'",
    )
    texts: dict[str, set[str]] = {}
    for report, text in told:
        texts.setdefault(text.split("：")[1], set()).add(str(report))
    assert texts["工资将于明日发放到个人"] == set(by_code["wages"]["reports"])
    assert texts["工程款由住建调解，可申请法律援助"] == set(by_code["contract"]["reports"])
    late = hall.says(OWED, reporter={"name": "又一个工人", "phone": "13955559999"})
    if late != incident:
        ok(hall.desk.post(f"/incidents/{incident}/merge", {"other": late, "reason": "同一工地"}))
    hall.finishes(joint)
    ok(hall.desk.post(f"/joint/{joint['id']}/end"))
    (count,) = rows(
        hall.api.home,
        "select count(*) from notice where text = '您反映的事项答复如下：工资将于明日发放到个人'",
    )[0]
    assert count == 4
    sent = [t for (t,) in rows(hall.api.home, "select text from notice where report is not null")]
    assert not any("已签收" in t or "已办结" in t for t in sent)  # parts tell citizens nothing


def test_the_lead_gives_parts_and_a_member_does_not(hall: Hall) -> None:
    joint = hall.begins()
    body = {"unit": POLICE, "text": "核查项目负责人是否逃匿", "hours": 6, "strand": "wages"}
    path = f"/joint/{joint['id']}/parts"
    lead = hall.at(Role.HANDLER, LABOUR)
    given = ok(lead.post(path, body))
    assert [t["unit"] for t in given["tasks"]].count(POLICE) == 2
    refused = hall.at(Role.HANDLER, HOUSING).post(path, body)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "由牵头单位或启动联动的中心来做",
    )
    assert hall.at(Role.HANDLER, "nt.kaifaqu.hbj").get(f"/joint/{joint['id']}").status_code == 404
    assert hall.at(Role.DISPATCHER, "nt.rugao").get(f"/joint/{joint['id']}").status_code == 404
    above = hall.desk.post(f"/joint/{joint['id']}/members", {"unit": "nt.rsj"})
    assert above.status_code == 403
    taken = ok(lead.post(f"/joint/{joint['id']}/members", {"unit": "nt.kaifaqu.hbj"}))
    assert "nt.kaifaqu.hbj" in {m["unit"] for m in taken["member_list"]}
    seen = ok(hall.at(Role.HANDLER, "nt.kaifaqu.hbj").get(f"/joint/{joint['id']}"))
    assert not seen["incident_seen"]
    assert [t["stage"] for t in seen["tasks"]] == ["assigned"] * 8  # the others' parts too
    assert all(s["reports"] is None for s in seen["strands"])
    note = hall.at(Role.HANDLER, "nt.kaifaqu.hbj").post(
        f"/joint/{joint['id']}/notes", {"words": "现场无污染情况"}
    )
    assert ok(note)["line"][0]["words"] == "现场无污染情况"


def test_a_part_is_not_handed_back_and_climbs_by_its_own_clock(hall: Hall) -> None:
    joint = hall.begins()
    police = next(t for t in joint["tasks"] if t["unit"] == POLICE)
    hall.later(timedelta(minutes=1))
    back = hall.at(Role.HANDLER, POLICE).post(
        f"/orders/{police['order']}/return",
        {"reason": "不归我们管", "reason_code": "not_my_matter"},
    )
    assert (back.status_code, "先行办理" in back.json()["detail"]) == (409, True)
    hall.later(timedelta(hours=12))
    told = [n["text"] for n in ok(hall.desk.get("/notices"))]
    assert any(police["order_number"] in t and "超期" in t for t in told)
    late = ok(hall.desk.get("/joint"))["items"][0]
    assert (late["parts"], late["parts_open"], late["parts_late"]) == (6, 6, 1)


def test_only_one_of_many_begins_it(hall: Hall) -> None:
    incident = hall.says()
    people = [
        hall.at(Role.DISPATCHER, "nt.kaifaqu"),
        hall.at(Role.SUPERVISOR, "nt.kaifaqu"),
        hall.at(Role.LEADER, "nt.kaifaqu"),
    ]
    body = {"reason": WHY, "template": "wage_dispute"}
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda p: p.post(f"/incidents/{incident}/joint", body).status_code, people * 2)
        )
    assert sorted(answers) == [200, 409, 409, 409, 409, 409]
    assert rows(hall.api.home, "select count(*) from joint") == [(1,)]


def test_two_who_end_it_close_the_parent_once(hall: Hall) -> None:
    joint = hall.begins()
    joint = hall.finishes(joint)
    hall.answers(joint)
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: hall.desk.post(f"/joint/{joint['id']}/end").status_code, range(4))
        )
    assert sorted(answers) == [200, 409, 409, 409]
    lead = next(t["order"] for t in joint["tasks"] if t["lead"])
    assert rows(
        hall.api.home,
        "select count(*) from step where work_order = %s and verb = 'close'",
        int(lead),
    ) == [(1,)]


@pytest.mark.parametrize("role", [Role.CALL_TAKER, Role.ANALYST, Role.HANDLER])
def test_not_everybody_begins_it(hall: Hall, role: Role) -> None:
    answer = hall.at(role, "nt.kaifaqu").post(
        f"/incidents/{hall.says()}/joint", {"reason": WHY, "template": "wage_dispute"}
    )
    assert answer.status_code == 403


def test_by_hand_there_is_one_matter_and_a_lead_is_needed(hall: Hall) -> None:
    incident = hall.says()
    nobody = hall.desk.post(f"/incidents/{incident}/joint", {"reason": WHY})
    assert (nobody.status_code, nobody.json()["detail"]) == (422, "请选牵头单位")
    joint = hall.begins(incident, template="", lead=HOUSING, members=[POLICE])
    assert [s["code"] for s in joint["strands"]] == ["case"]
    assert (joint["lead"], joint["basis"]) == (HOUSING, [])
    assert POLICE in {m["unit"] for m in joint["member_list"]}


def test_an_incident_under_command_is_not_merged_away(hall: Hall) -> None:
    joint = hall.begins()
    other = hall.says("开发区路灯不亮了，晚上走路看不见")
    away = hall.desk.post(
        f"/incidents/{other}/merge", {"other": joint["incident"], "reason": "看着像一件事"}
    )
    assert away.status_code == 409
    assert "联动指挥" in away.json()["detail"]
