"""Hand-over, urgent reports, the roster and alarms as people meet them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from chengshu.agencies.model import Role
from chengshu.app.notifying import Ways, handle_notices

from .conftest import TIMEOUT_MS, Desk, Product

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=TIMEOUT_MS)
DANGER = "如皋市白蒲镇一楼道里有很浓的煤气味，老人已经头晕"


def picture(page: Page, name: str) -> None:
    """Keep a picture in the folder that PICTURES names, for somebody to look at."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_danger_is_handed_over_reported_and_acknowledged(product: Product, desk: Desk) -> None:
    incident = product.call(DANGER)["id"]
    page = desk.open(f"/incidents/{incident}", product.person(Role.SUPERVISOR, "nt"))
    box = page.get_by_role("region", name="转接")
    expect(box.get_by_text("现由我方负责")).to_be_visible()
    box.get_by_role("button", name="转 110").click()
    expect(box.get_by_text("回执之前仍由我方负责")).to_be_visible()
    expect(box.get_by_role("button", name="转 110")).to_have_attribute("aria-disabled", "true")
    picture(page, "handover_offered")
    box.get_by_role("button", name="登记电话回执").click()
    box.get_by_label("对方受理编号").fill("JJD2026-0017")
    box.get_by_label("对方接件人").fill("接警员07")
    box.get_by_role("button", name="确定").click()
    expect(box.get_by_text("现由 110 负责，对方编号 JJD2026-0017")).to_be_visible()

    box = page.get_by_role("region", name="紧急信息报送")
    box.get_by_role("button", name="启动报送").click()
    expect(box.get_by_text("首报（第1报）")).to_be_visible()
    box.get_by_role("button", name="拟稿").click()
    expect(box.get_by_text("首次反映原文")).to_be_visible()
    expect(box.get_by_role("button", name="签发报出")).to_be_disabled()
    box.get_by_label("伤亡情况").fill("1人头晕，已送医")
    box.get_by_label("已采取措施").fill("已关阀、疏散")
    expect(box.get_by_text("伤亡情况：1人头晕，已送医")).to_be_visible()
    picture(page, "urgent_draft")
    box.get_by_role("button", name="签发报出").click()
    expect(box.get_by_text("续报（第2报）")).to_be_visible()
    picture(page, "incident")


def test_the_night_shift_is_kept_and_handed_over(product: Product, desk: Desk) -> None:
    page = desk.open("/roster", product.person(Role.SUPERVISOR, "nt"))
    expect(page.get_by_text("无人值班").first).to_be_visible()
    person = page.get_by_role("form", name="添加人员")
    for name, phone in (("王值班", "13911112222"), ("李代班", "13933334444")):
        person.get_by_label("姓名").fill(name)
        person.get_by_label("手机").fill(phone)
        person.get_by_role("button", name="添加人员").click()
        expect(person.get_by_label("姓名")).to_have_value("")
    shift = page.get_by_role("form", name="排班")
    shift.get_by_role("combobox", name="值班人员").select_option(label="王值班")
    shift.get_by_role("combobox", name="代班人").select_option(label="李代班")
    shift.get_by_role("button", name="排班").click()
    expect(page.get_by_text("王值班 139****2222", exact=True)).to_be_visible()
    page.get_by_role("button", name="不在岗").click()
    expect(page.get_by_text("李代班 139****4444", exact=True)).to_be_visible()
    page.get_by_label("交接事项").fill("煤气泄漏一事等 110 回电，其余无")
    page.get_by_role("button", name="交班").click()
    expect(page.get_by_text("尚未接班")).to_be_visible()
    picture(page, "roster")
    other = desk.open("/roster", product.person(Role.DISPATCHER, "nt"))
    other.get_by_role("button", name="接班").click()
    expect(other.get_by_text("已接班").first).to_be_visible()


def test_an_alarm_is_acknowledged_and_a_dead_letter_shown(product: Product, desk: Desk) -> None:
    product.call(DANGER + "，另一栋楼")
    home = product.home
    handle_notices(home.worker, home.world, Ways({}, {}), home.keyring, product.clock())
    page = desk.open("/notices", product.person(Role.SUPERVISOR, "nt"))
    box = page.get_by_role("region", name="待确认的紧急通知")
    before = box.get_by_role("button", name="确认").count()
    expect(box.get_by_role("button", name="确认").first).to_be_visible()
    with home.owner() as conn:
        conn.execute(
            """insert into delivery (key, incident, notice, event, level, channel, unit, recipient, text, state, attempts,
                                     last_error, created_at)
               select 'e2e', id, 0, 'assigned', 2, 'sms', 'nt', '王值班 139****2222', '新工单，请登录签收', 'dead', 8, 'HTTP 503',
                 now() from incident limit 1"""
        )
    page.reload()
    expect(page.get_by_text("已试 8 次：HTTP 503")).to_be_visible()
    picture(page, "notices")
    page.get_by_role("button", name="重发").click()
    expect(page.get_by_role("row").get_by_text("待发")).to_be_visible()
    box.get_by_role("button", name="确认").first.click()
    expect(page.get_by_text("已确认，不再提醒").first).to_be_visible()
    assert before >= 0
