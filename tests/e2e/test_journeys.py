"""Three walks through the pages of the running product, as the people who use them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from chengshu.agencies.model import Role
from tests.acceptance.conftest import until

from .conftest import PHONE, TIMEOUT_MS, WALL, Desk, Product, code_in, live, log_in, seen

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=TIMEOUT_MS)

# unusual enough that routing leaves it to the dispatcher
RUBBISH = "如皋市如城街道海阳路菜场后面的垃圾没人清运，一下雨就流进河里，水都发黑了"
LAMP = "如皋市如城街道仙鹤路路灯不亮，已经有一个星期了，晚上很黑"
BUS = "海安市城东镇长江路公交站台顶棚漏雨，候车的人没处躲"
DOG = "如皋市如城街道宁海路小区门口有人遛狗不牵绳，小孩害怕"
SCRIPT = (
    "如皋市如城街道海阳路路灯坏了<script>alert(1)</script>"
    "<img src=x onerror=\"alert('two')\">，请来修"
)


def photo() -> bytes:
    """A real JPEG, as a phone takes it."""
    out = io.BytesIO()
    Image.effect_noise((320, 240), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


def row(page: Page, incident: str) -> Any:
    """The row of an incident on a page."""
    return page.locator(f"[data-incident-id='{incident}']").first


def filed(product: Product, text: str) -> dict[str, Any]:
    """A report of somebody who rang, and the incident that came of it."""
    return product.call(text)


def test_a_report_is_taken_sent_handled_verified_and_the_citizen_reads_the_end(
    desk: Desk, product: Product
) -> None:
    queue = desk.open("/queue", product.person(Role.DISPATCHER, "nt"))
    live(queue)
    expect(queue.get_by_role("heading", name="没有等待派单的事件")).to_be_visible()

    intake = desk.open("/intake", product.person(Role.CALL_TAKER, "nt"))
    intake.locator("#words").press_sequentially(RUBBISH[:24])
    expect(intake.locator(".chips")).to_contain_text("如皋")
    intake.locator("#words").press_sequentially(RUBBISH[24:])
    expect(intake.locator(".chips")).to_contain_text("垃圾")
    intake.keyboard.press("Control+Enter")
    code = code_in(intake.locator(".toast.good span").text_content())
    expect(intake.locator("#words")).to_have_value("")
    expect(intake.locator("#words")).to_be_focused()

    item = queue.locator(".queue li[data-incident-id]").first  # nobody reloaded this page
    expect(item).to_contain_text("垃圾")
    incident = item.get_attribute("data-incident-id") or ""
    expect(queue.locator(".proposals .top")).to_be_visible()
    queue.keyboard.press("a")
    expect(queue.locator(".toast.good")).to_contain_text("已派")
    expect(queue.locator(".queue li[data-incident-id]")).to_have_count(0)

    (order,) = product.person(Role.DISPATCHER, "nt").get(f"/incidents/{incident}")["orders"]
    inbox = desk.open("/inbox", product.person(Role.HANDLER, order["unit"]), PHONE)
    card = inbox.locator(f"[data-order-id='{order['id']}']")
    card.get_by_role("button", name="签收").click()
    inbox.get_by_role("tab", name="办理中").click()
    card.get_by_role("button", name="反馈").click()
    dialog = inbox.locator("dialog[open]")
    dialog.locator("textarea").fill("已清运两车，桶点加一次收集")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(dialog.locator("li img")).to_be_visible()
    expect(dialog.get_by_text("上传中")).to_have_count(0)
    expect(dialog.get_by_text("没传上")).to_have_count(0)
    dialog.get_by_role("button", name="反馈").click()
    expect(dialog).to_have_count(0)
    expect(inbox.get_by_role("tab", name="已反馈")).to_contain_text("1")

    verify = desk.open(f"/incidents/{incident}", product.person(Role.DISPATCHER, "nt"))
    work = verify.locator("article.order")
    expect(work).to_contain_text("已清运两车")
    with verify.expect_popup() as opened:
        work.get_by_role("link", name="现场").click()
    assert opened.value.evaluate("document.images[0].naturalWidth") == 320
    work.get_by_role("button", name="核查通过").click()
    verify.locator("dialog[open]").get_by_role("button", name="核查通过").click()
    work.get_by_role("button", name="结案").click()
    expect(verify.locator(".head")).to_contain_text("结案")

    track = desk.open(f"/track/{code}", size=PHONE)
    expect(track.get_by_role("heading", name="已办结")).to_be_visible()
    expect(track.locator(".track")).to_contain_text("已清运两车")


def test_pages_show_what_happens_hide_what_is_not_theirs_and_say_when_they_read_again(
    desk: Desk, product: Product
) -> None:
    rugao = desk.open("/wall", product.person(Role.LEADER, "nt.rugao"), WALL)
    haian = desk.open("/wall", product.person(Role.LEADER, "nt.haian"), WALL)
    live(rugao)
    live(haian)
    lamp = filed(product, LAMP)["id"]
    expect(row(rugao, lamp)).to_be_visible()
    bus = filed(product, BUS)["id"]
    expect(row(haian, bus)).to_be_visible()  # it hears; so it would have heard of the lamp
    assert not seen(haian, lamp)
    assert not seen(rugao, bus)
    assert "仙鹤路" not in haian.content()
    refused = haian.request.get(f"{product.base}/incidents/{lamp}")
    assert refused.status == 404

    nasty = filed(product, SCRIPT)
    expect(row(rugao, nasty["id"])).to_be_visible()
    shown = desk.open(f"/incidents/{nasty['id']}", product.person(Role.DISPATCHER, "nt.rugao"))
    expect(shown.locator("article.report")).to_contain_text("<script>alert(1)</script>")
    assert shown.locator("article.report img, article.report script").count() == 0

    product.stop()
    expect(rugao.locator(".live.lost")).to_contain_text("正在重连")
    with rugao.expect_response("**/api/v1/figures/today"):
        product.start()
    expect(rugao.locator(".toast.good")).to_contain_text("重新读取")
    live(rugao)
    after = filed(product, DOG)["id"]
    expect(row(rugao, after)).to_be_visible()


def test_the_keyboard_is_enough(desk: Desk, product: Product) -> None:
    texts = (
        "如皋市如城街道解放路窨井盖松动，车子压上去很响",
        "如皋市白蒲镇文化路树枝挡住红绿灯，开车看不清",
        "如皋市搬经镇市场路公共厕所没水，已经两天",
    )
    for text in texts:
        filed(product, text)
    queue = product.person(Role.DISPATCHER, "nt.rugao").get("/queue")["items"]
    ids = [item["id"] for item in queue]
    assert len(ids) >= 3

    page = desk.open("/login?next=/queue")
    log_in(page, "dispatcher-nt-rugao-0")()
    rows = page.locator(".queue li[data-incident-id]")
    chosen = page.locator(".queue li:has([aria-current=true])")
    detail = page.locator(".incident .head")
    expect(rows).to_have_count(len(ids))
    for key, at in (("j", 1), ("j", 2), ("k", 1), ("k", 0)):
        page.keyboard.press(key)
        expect(chosen).to_have_attribute("data-incident-id", ids[at])
    expect(detail).to_have_attribute("data-incident-id", ids[0])
    expect(page.locator(".proposals .top")).to_be_visible()
    page.keyboard.press("a")
    expect(rows).to_have_count(len(ids) - 1)
    expect(chosen).to_have_attribute("data-incident-id", ids[1])

    page.keyboard.press("/")
    expect(page.locator("input[type=search]")).to_be_focused()
    page.keyboard.type("厕所")
    expect(rows).to_have_count(1)
    wanted = rows.first.get_attribute("data-incident-id")
    expect(chosen).to_have_attribute("data-incident-id", wanted or "")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/incidents/{wanted}")
    expect(page.locator(".head")).to_contain_text("厕所")
    until(lambda: product.person(Role.DISPATCHER, "nt.rugao").get(f"/incidents/{ids[0]}")["orders"])
