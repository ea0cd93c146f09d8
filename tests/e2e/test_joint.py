"""联动指挥 as four people meet it: the zone's desk, the labour bureau that leads, housing that helps, a leader."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from chengshu.agencies.model import Role
from tests.acceptance.conftest import until

from .conftest import TIMEOUT_MS, Desk, Product

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=TIMEOUT_MS)
ZONE, LABOUR, HOUSING, POLICE = "nt.kaifaqu", "nt.kaifaqu.rsj", "nt.kaifaqu.zjj", "nt.kaifaqu.gaj"
OWED = "开发区海工船厂内舾装车间工地拖欠农民工工资三个月，一百多名工人没拿到钱，共五百万元"
AT = {"place": "南通开发区", "lon": 120.94, "lat": 31.92}


def shot(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for pictures."""
    folder = os.environ.get("CHENGSHU_SHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def does(product: Product, order: str, unit: str) -> None:
    """A unit does its part, the zone's desk confirms."""
    handler, desk = product.person(Role.HANDLER, unit), product.person(Role.DISPATCHER, ZONE)
    handler.post(f"/orders/{order}/sign")
    handler.post(f"/orders/{order}/handle", {"reply": "已按要求办结并附凭证"})
    # nobody checks what her own unit did
    checker = product.person(Role.DISPATCHER, "nt") if unit == ZONE else desk
    checker.post(f"/orders/{order}/verify", {"ok": True})


def started(product: Product, desk: Desk, incident: str) -> tuple[Page, str]:
    """The zone's dispatcher starts it from the incident's page, by the template."""
    page = desk.open(f"/incidents/{incident}", product.person(Role.DISPATCHER, ZONE))
    panel = page.get_by_role("region", name="联动指挥")
    expect(panel.get_by_text("群体性风险")).to_be_visible()
    panel.get_by_role("button", name="启动联动指挥").click()
    box = page.get_by_role("dialog")
    expect(box.get_by_label("模板")).to_have_value("wage_dispute")
    box.get_by_label("启动理由").fill("百人以上欠薪，跨人社、住建、公安")
    shot(page, "start")
    box.get_by_role("button", name="启动联动指挥").click()
    page.wait_for_url("**/joint/*")
    expect(page.get_by_role("heading", name="时间轴")).to_be_visible()
    return page, page.url.rsplit("/", 1)[1]


def test_four_people_bring_a_case_to_its_end(product: Product, desk: Desk) -> None:
    incident = product.call(OWED, **AT)["id"]
    page, joint = started(product, desk, incident)
    expect(page.get_by_role("status").get_by_text("项子任务未办结")).to_be_visible()
    expect(page.get_by_role("button", name="结束联动")).to_have_attribute("aria-disabled", "true")
    shot(page, "running")

    lead = desk.open(f"/joint/{joint}", product.person(Role.HANDLER, LABOUR))
    lead.get_by_role("button", name="召集会商").click()
    box = lead.get_by_role("dialog")
    box.get_by_label("议题").fill("研究工资垫付方案")
    box.get_by_label("地点").fill("船厂项目部会议室")
    shot(lead, "meeting-dialog")
    box.get_by_role("button", name="召集会商").click()
    expect(lead.get_by_role("heading", name="第 1 次会商：研究工资垫付方案")).to_be_visible()

    housing = desk.open(f"/joint/{joint}", product.person(Role.HANDLER, HOUSING))
    expect(housing.get_by_role("button", name="召集会商")).to_have_count(
        0
    )  # a member, not the lead
    housing.get_by_role("status").get_by_role("button", name="参加", exact=True).click()
    expect(housing.get_by_text("您单位被召集参加会商")).to_have_count(0)

    card = lead.get_by_role("article")
    card.get_by_role("button", name="登记到会 南通经济技术开发区住房和城乡建设局").click()
    lead.get_by_role("dialog").get_by_label("参会人").fill("王科长")
    lead.get_by_role("dialog").get_by_role("button", name="登记到会").click()
    expect(card.get_by_text("已到会 王科长")).to_be_visible()
    card.get_by_role("button", name="记决定").click()
    box = lead.get_by_role("dialog")
    box.get_by_label("决定", exact=True).fill("启用工资保证金先行支付")
    box.get_by_label("责任单位").select_option(HOUSING)
    box.get_by_role("button", name="记决定").click()
    expect(card.get_by_text("已转为子任务 7")).to_be_visible()
    card.get_by_role("button", name="结束会商").click()
    lead.get_by_role("dialog").get_by_role("button", name="结束会商").click()
    expect(card.get_by_role("link", name="打印纪要")).to_be_visible()
    lead.get_by_role("button", name="调用资源").click()
    box = lead.get_by_role("dialog")
    box.get_by_label("资源").fill("法律援助律师两名")
    box.get_by_label("从哪里调").fill("开发区司法局")
    box.get_by_role("button", name="调用资源").click()
    lead.get_by_role("button", name="已到达").click()
    for name, words in (
        ("wages", "工资已由总包先行清偿并发放到个人"),
        ("contract", "工程款由住建组织调解"),
    ):
        lead.locator(f"[data-strand={name}]").get_by_role("button", name="统一答复").click()
        lead.get_by_role("dialog").get_by_label("答复内容").fill(words)
        lead.get_by_role("dialog").get_by_role("button", name="统一答复").click()
        expect(lead.locator(f"[data-strand={name}]").get_by_text(words)).to_be_visible()
    shot(lead, "met")

    zone = product.person(Role.DISPATCHER, ZONE)
    for task in zone.get(f"/joint/{joint}")["tasks"]:
        does(product, task["order"], task["unit"])
        if not task["lead"]:
            zone.post(f"/orders/{task['order']}/close")
    expect(page.get_by_text("全部子任务已办结，可以结束")).to_be_visible()
    page.get_by_role("button", name="结束联动").click()
    page.get_by_role("dialog").get_by_role("button", name="结束联动").click()
    expect(page.get_by_text("已结束").first).to_be_visible()
    shot(page, "ended")
    until(lambda: zone.get(f"/incidents/{incident}")["stage"] == "closed")

    leader = desk.open("/joint", product.person(Role.LEADER, "nt"))
    expect(leader.get_by_text("没有进行中的联动指挥")).to_be_visible()
    leader.get_by_role("button", name="已结束").click()
    expect(leader.get_by_role("article")).to_contain_text("牵头单位")
    shot(leader, "list")


def test_a_zone_whistles_and_the_department_answers_from_its_inbox(
    product: Product, desk: Desk
) -> None:
    incident = product.call("开发区通盛大道路灯全灭，晚上走路看不见，请派人来看", **AT)["id"]
    page = desk.open(f"/incidents/{incident}", product.person(Role.DISPATCHER, ZONE))
    page.get_by_role("button", name="吹哨").click()
    box = page.get_by_role("dialog")
    box.get_by_role("combobox", name="召集部门").fill("开发区分局")
    page.get_by_role("option", name="南通市公安局开发区分局", exact=True).click()
    box.get_by_label("请他们来做什么").fill("现场昏暗车多，请派人维护秩序")
    shot(page, "whistle-dialog")
    box.get_by_role("button", name="吹哨").click()
    expect(page.get_by_text("南通经济技术开发区市域治理现代化指挥中心 吹哨")).to_be_visible()
    shot(page, "incident")

    inbox = desk.open("/inbox", product.person(Role.HANDLER, POLICE))
    marks = inbox.get_by_role("region", name="镇街吹哨，等您单位报到")
    expect(marks.get_by_text("请派人维护秩序")).to_be_visible()
    shot(inbox, "inbox")
    marks.get_by_role("button", name="报到").click()
    inbox.get_by_role("dialog").get_by_label("谁去、何时到").fill("民警两人十分钟内到")
    inbox.get_by_role("dialog").get_by_role("button", name="报到").click()
    expect(marks).to_have_count(0)
    expect(page.get_by_text("民警两人十分钟内到")).to_be_visible()
    page.get_by_role("button", name="上下转办").click()
    box = page.get_by_role("dialog")
    box.get_by_label("方式").select_option("up")
    box.get_by_role("combobox", name="去向").fill("南通市市域治理")
    page.get_by_role("option", name="南通市市域治理现代化指挥中心").click()
    box.get_by_label("理由").fill("路灯产权属市级，需市里协调")
    box.get_by_role("button", name="上下转办").click()
    expect(page.get_by_text("路灯产权属市级").first).to_be_visible()
    shot(page, "passed")
