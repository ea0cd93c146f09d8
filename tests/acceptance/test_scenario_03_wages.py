"""Scenario 3, 欠薪: a contractor and eleven workers over three channels, one joint command, two answers, one end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role

from .conftest import Person, Town, until

pytestmark = [pytest.mark.db, pytest.mark.slow]
ZONE, LABOUR, HOUSING = "nt.kaifaqu", "nt.kaifaqu.rsj", "nt.kaifaqu.zjj"
AT = {"place": "开发区海工船厂", "lon": 120.94, "lat": 31.92}
CONTRACTOR = (
    "开发区海工船厂内舾装车间工地，总包拖欠我们分包队工程款五百万元，"
    "工程款结不下来，一百多名工人的工资也发不出，拖欠工资三个月了"
)
WORKERS = [
    "开发区海工船厂内舾装车间工地拖欠农民工工资三个月，一百多名工人没拿到钱",
    "开发区海工船厂舾装车间工地欠薪，我们一百多个工人三个月没发工资",
    "海工船厂内舾装车间的工地拖欠农民工工资，三个月工资没发，一百多人在等",
]
ANSWERS = {
    "wages": "经核查，拖欠的500万元农民工工资由总包先行清偿，已发放到个人工资卡",
    "contract": "工程款争议由住建部门组织双方核对调解，并已告知法律援助途径",
}


def twelve(town: Town) -> tuple[str, list[dict[str, Any]]]:
    """The contractor rings, then workers ring, write and come by 110; a person puts together what was left."""
    first = town.call(CONTRACTOR, **AT)
    receipts = [{"id": first["report"], "code": first["code"]}]
    clerk, public, police = (
        town.person(Role.CALL_TAKER, "nt"),
        town.anybody(),
        town.channel("police110"),
    )
    for n in range(11):
        town.clock.forward(timedelta(minutes=3))
        text, phone = WORKERS[n % 3], f"1381234{n:04}"
        if n % 3 == 0:
            body = {"channel": "hotline", "text": text, "nature": "complaint", **AT,
                    "reporter": {"name": "工人", "phone": phone}}  # fmt: skip
            receipts.append(clerk.post("/reports", body, 202))
        elif n % 3 == 1:
            body = {"client_id": f"worker-worker-worker-{n}", "text": text, **AT, "phone": phone}
            receipts.append(public.post("/public/reports", body, 202))
        else:
            body = {"channel_id": f"CS-{n}", "text": text, "nature": "complaint", **AT,
                    "reporter": {"name": "工人", "phone": phone}}  # fmt: skip
            receipts.append(police.post("/channels/police110/reports", body, 202))
    lead, desk = str(first["id"]), town.person(Role.DISPATCHER, "nt")

    def here() -> list[dict[str, Any]]:
        return [i for i in desk.get("/incidents", limit=50)["items"] if i["stage"] != "merged"]

    until(lambda: sum(i["reports"] for i in here()) == len(receipts))
    for other in [i["id"] for i in here() if i["id"] != lead]:
        desk.post(f"/incidents/{lead}/merge", {"other": other, "reason": "同一工地同一笔欠薪"})
    return lead, receipts


def does(town: Town, desk: Person, task: dict[str, Any], reply: str) -> None:
    """A unit signs and reports back, the desk confirms; a part is closed, the lead's order stays."""
    handler = town.person(Role.HANDLER, task["unit"])
    handler.post(f"/orders/{task['order']}/sign")
    handler.post(f"/orders/{task['order']}/handle", {"reply": reply})
    # nobody checks what her own unit did
    checker = town.person(Role.DISPATCHER, "nt") if task["unit"] == ZONE else desk
    checker.post(f"/orders/{task['order']}/verify", {"ok": True})
    if not task["lead"]:
        desk.post(f"/orders/{task['order']}/close")


def test_from_twelve_reports_to_one_end(town: Town) -> None:
    incident, receipts = twelve(town)
    desk = town.person(Role.DISPATCHER, ZONE)
    detail = desk.get(f"/incidents/{incident}")
    assert detail["matter"] == "labour.wages"
    assert len(detail["report_list"]) == 12
    assert {r["channel"] for r in detail["report_list"]} == {"hotline", "web", "police110"}
    offer = desk.get(f"/incidents/{incident}/joint")
    assert (offer["people"] >= 100, offer["crowd"]) == (True, True)
    assert next(t for t in offer["templates"] if t["proposed"])["id"] == "wage_dispute"

    joint = desk.post(
        f"/incidents/{incident}/joint",
        {"template": "wage_dispute", "reason": "涉及百人以上欠薪，跨人社住建公安"},
    )
    path = f"/joint/{joint['id']}"
    assert joint["lead"] == LABOUR
    assert {"nt.kaifaqu.zjj", "nt.kaifaqu.gaj", "nt.kaifaqu.sfj", ZONE} <= {
        m["unit"] for m in joint["member_list"]
    }
    strands = {s["code"]: s for s in joint["strands"]}
    assert [len(strands[c]["reports"]) for c in ("wages", "contract")] == [11, 1]
    assert strands["contract"]["reports"] == [receipts[0]["id"]]

    lead = town.person(Role.HANDLER, LABOUR)
    starts = (town.clock() + timedelta(minutes=30)).isoformat()
    called = lead.post(f"{path}/meetings", {"subject": "研究工资垫付", "starts_at": starts, "place": "船厂项目部",
                                            "units": [LABOUR, HOUSING, "nt.kaifaqu.gaj"]})  # fmt: skip
    meeting = f"{path}/meetings/{called['meetings'][0]['id']}"
    town.person(Role.HANDLER, HOUSING).post(f"{meeting}/coming", {"coming": True})
    town.clock.forward(timedelta(minutes=31))
    for unit in (LABOUR, HOUSING):
        lead.post(f"{meeting}/attend", {"unit": unit, "attended": True})
    lead.post(
        f"{meeting}/decide",
        {"text": "启用工资保证金和专户先行支付", "unit": HOUSING, "hours": 12, "strand": "wages"},
    )
    lead.post(f"{meeting}/end", {"summary": "先发工资，再理工程款"})
    assert lead.http.get(f"{meeting}/minutes").content.startswith(b"%PDF-")

    town.clock.forward(timedelta(hours=20))  # paid next day
    for person in list(town.people.values()):
        if person.token:
            town.again(person)
    tasks = desk.get(path)["tasks"]
    assert len([t for t in tasks if t["nth"]]) == 7
    does(town, desk, next(t for t in tasks if t["lead"]), "工资已全部发放，工程款进入调解")
    refused = desk.post(f"{path}/end", status=409)
    others = len(tasks) - 1  # the parts, and the order that the zone's centre had before
    assert refused["detail"].startswith(f"还有 {others} 项子任务未办结：")
    early = desk.post(f"/orders/{next(t['order'] for t in tasks if t['lead'])}/close", status=409)
    assert "联动指挥未结束" in early["detail"]
    for task in (t for t in tasks if not t["lead"]):
        does(town, desk, task, "已按要求办结并附凭证")
    assert desk.get(f"/incidents/{incident}")["stage"] == "verifying"
    for code, answer in ANSWERS.items():
        desk.post(f"{path}/strands/{code}/answer", {"answer": answer, "reply_all": True})
    ended = desk.post(f"{path}/end")
    assert ended["ended_at"]
    detail = desk.get(f"/incidents/{incident}")
    assert detail["stage"] == "closed"
    closed = {o["id"]: o["closed_at"] for o in detail["orders"] if o["stage"] == "closed"}
    parent = next(t["order"] for t in tasks if t["lead"])
    assert closed[parent] == max(closed.values())

    told = [town.anybody().get(f"/public/track/{r['code']}") for r in receipts]
    said = [[n["text"] for n in t["steps"] if "答复如下" in n["text"]] for t in told]
    assert all(len(one) == 1 for one in said)  # everybody once
    assert ANSWERS["contract"] in said[0][0]
    assert all(ANSWERS["wages"] in one[0] for one in said[1:])
    late = [t for t in desk.get(path)["tasks"] if t["nth"] and t["overdue"]]
    assert late == [] or {t["unit"] for t in late} <= {
        "nt.kaifaqu.gaj",
        HOUSING,
    }  # what the review will list
