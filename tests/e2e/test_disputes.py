"""Disputes as people meet them: the unit hands back with a reason, the centre rules, the ruling is revoked."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from chengshu.agencies.model import Role

from .conftest import TIMEOUT_MS, Desk, Product

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=TIMEOUT_MS)
PLATE = "如皋市白蒲镇路面破损，施工钢板松动翘起，夜里车一过就哐当响，附近住户睡不着"
WORDS = "钢板是施工单位铺的，不归我们管"


def given(product: Product, incident: str, unit: str) -> str:
    desk = product.person(Role.DISPATCHER, "nt")
    done = desk.post(f"/incidents/{incident}/assign", {"unit": unit})
    return str(done["orders"][-1]["id"])


def test_two_units_hand_it_back_and_the_centre_rules(product: Product, desk: Desk) -> None:
    incident = product.call(PLATE)["id"]
    roads, water = "nt.rugao.jtj", "nt.rugao.gongshui"
    order = given(product, incident, roads)
    body = {"reason": WORDS, "reason_code": "not_my_matter"}
    product.person(Role.HANDLER, roads).post(f"/orders/{order}/return", body)
    given(product, incident, water)

    page = desk.open("/inbox", product.person(Role.HANDLER, water))
    page.get_by_role("button", name="退回").click()
    box = page.get_by_role("dialog")
    expect(box.get_by_text("第 2 次退回")).to_be_visible()
    expect(box.get_by_text("由城管局牵头")).to_be_visible()
    expect(box.get_by_role("button", name="退回")).to_be_disabled()
    box.get_by_label("非本单位职责").check()
    box.get_by_label("事实与证据").fill("管道是我们的，路面上的钢板不是")
    box.get_by_role("button", name="退回").click()
    expect(box).to_have_count(0)

    page = desk.open("/disputes", product.person(Role.SUPERVISOR, "nt"))
    card = page.get_by_role("article")
    expect(card.get_by_text(WORDS)).to_be_visible()
    expect(card.get_by_text("管道是我们的")).to_be_visible()
    card.get_by_role("button", name="裁定").click()
    lead = card.get_by_role("combobox", name="牵头单位")
    lead.fill("如皋市住房")
    page.get_by_role("option", name="如皋市住房和城乡建设局").click()
    card.get_by_label("裁定理由").fill("钢板为施工单位所铺，由住建部门督促加固")
    card.get_by_label("规则适用词语").fill("钢板，铁板")
    card.get_by_role("button", name="裁定").click()
    expect(page.get_by_text("没有待裁定的争议")).to_be_visible()
    expect(page.get_by_text("裁字〔2026〕1号").first).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    page.get_by_label("撤销理由").fill("权属已移交水务")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("撤销理由：权属已移交水务")).to_be_visible()
