"""The clerk's desk: what was understood is marked, asked, put right, and danger rings."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from chengshu.agencies.model import Role
from tests.acceptance.conftest import until

from .conftest import TIMEOUT_MS, Desk, Product, code_in

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=TIMEOUT_MS)

GAS = "昨晚十点开始闻到煤气味，楼道里很浓，屋里有2名老人，请马上来人"


def shot(page: Page, name: str) -> None:
    """A picture for whoever looks at it, where CHENGSHU_SHOTS names a folder."""
    folder = os.environ.get("CHENGSHU_SHOTS")
    if folder:
        page.wait_for_timeout(600)
        page.screenshot(path=f"{folder}/{name}.png")


def test_danger_rings_marks_are_put_right_and_everything_is_kept(
    desk: Desk, product: Product
) -> None:
    page = desk.open("/intake", product.person(Role.CALL_TAKER, "nt"))
    page.locator("#words").press_sequentially(GAS)
    alarm = page.locator(".alarm")
    expect(alarm).to_contain_text("煤气")
    expect(alarm.get_by_role("button", name="建议转接 119")).to_be_visible()
    for mark in ("danger", "time", "people"):
        expect(page.locator(f".marks .mark.{mark}").first).to_be_visible()
    expect(page.locator(".chips")).to_contain_text("2 人")
    questions = page.locator(".ask button")
    expect(questions.first).to_contain_text("哪个县")
    shot(page, "intake-alarm")

    page.keyboard.press("Alt+0")
    expect(alarm).to_contain_text("已建议转接 119")

    first = questions.first.text_content() or ""
    page.keyboard.press("Alt+1")
    expect(page.locator(".ask .asked")).to_have_count(1)
    assert first.replace("Alt 1", "").strip() in (page.locator(".ask .asked").text_content() or "")
    expect(page.locator("input:focus")).to_have_count(1)  # the place is answered in its field
    page.keyboard.type("如皋市如城街道海阳路")
    expect(page.locator(".chips")).to_contain_text("如皋")

    page.keyboard.press("Alt+m")
    expect(page.locator(".marks .mark.on")).to_have_count(1)
    expect(page.locator(".marks .mark.on")).to_contain_text("昨晚十点开始")
    page.keyboard.press("Alt+c")
    expect(page.locator(".choices button").first).to_be_focused()
    shot(page, "intake-correct")
    page.locator(".choices input").fill("今天凌晨")
    page.keyboard.press("Enter")
    expect(page.locator(".marks .mark.changed")).to_have_count(1)
    expect(page.locator("#words")).to_be_focused()
    shot(page, "intake-corrected")

    if os.environ.get("CHENGSHU_SHOTS"):
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        shot(page, "intake-dark")
        page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.keyboard.press("Control+Enter")
    code_in(page.locator(".toast.good span").text_content())
    expect(page.locator(".alarm")).to_have_count(0)

    with product.home.owner() as conn:
        kept = conn.execute("select kind, was, now, first, last from correction").fetchall()
        sent = conn.execute("select service, reason from emergency").fetchall()
    kind, was, now, start, end = kept[0]
    assert isinstance(start, int)
    assert isinstance(end, int)
    assert (kind, now) == ("time", "今天凌晨")
    assert str(was).endswith("起")
    assert GAS[start:end] == "昨晚十点开始"
    assert sent[0][0] == "119"
    assert "煤气" in str(sent[0][1])

    dispatcher = product.person(Role.DISPATCHER, "nt")
    until(lambda: dispatcher.get("/queue")["items"] or dispatcher.get("/incidents")["items"])
    (incident, *_) = dispatcher.get("/incidents")["items"]
    shown = desk.open(f"/incidents/{incident['id']}", dispatcher)
    expect(shown.locator(".transfer")).to_contain_text("建议转接 119")
    shot(shown, "incident-transfer")


def test_the_desk_reads_english_too(desk: Desk, product: Product) -> None:
    page = desk.open("/intake", product.person(Role.CALL_TAKER, "nt"), language="en")
    page.locator("#words").press_sequentially(
        "如皋市如城街道海阳路三十多人围住工地讨薪，每天凌晨两点还在施工，渣土车压坏路灯，请立即处理"
    )
    expect(page.locator(".legend")).to_contain_text("People")
    expect(page.locator(".chips")).to_contain_text("31–39 people")
    expect(page.locator(".chips")).to_contain_text("every day 02:00")
    page.locator(".marks .mark.place").first.click()
    expect(page.locator(".choices")).to_contain_text("Not where it happened")
    shot(page, "intake-english")
    page.keyboard.press("Escape")
    expect(page.locator("#words")).to_be_focused()
