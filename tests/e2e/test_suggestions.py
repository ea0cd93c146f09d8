"""«Maybe the same», answered by keys: read beside each other, merged, taken back, refused, taken back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chengshu.agencies.model import Role
from chengshu.incidents import store
from chengshu.incidents.resemble import alike
from chengshu.incidents.store import Suggestion
from chengshu.kit.ids import new_id

from .conftest import TIMEOUT_MS, Desk, Product

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=TIMEOUT_MS)

ONE = "如皋市如城街道海阳路菜场门口下水道堵了，污水漫到路面，三天没人来修"
OTHER = "海阳路菜场旁边的窨井往外冒污水，已经三天没人来修，走路都要绕开"
THIRD = "如皋市如城街道海阳路菜场门口地面湿滑，老人摔倒"


def suggested(product: Product, one: dict[str, Any], other: dict[str, Any], surely: float) -> str:
    """Ask whether two incidents are the same, as the worker does."""
    with product.home.worker.transaction() as conn:
        pair = store.incidents(conn, [int(one["id"]), int(other["id"])])
        verdict = alike(
            conn, pair[int(one["id"])], pair[int(other["id"])], product.home.world.rules
        )
        suggestion = Suggestion(new_id(), int(one["id"]), int(other["id"]), surely,
                                [clue.record() for clue in verdict.clues])  # fmt: skip
        conn.execute("delete from suggestion where incident = any(%(ids)s) and other = any(%(ids)s)",
                     {"ids": [suggestion.incident, suggestion.other]})  # fmt: skip
        store.add_suggestions(conn, [suggestion], product.clock())
    return str(suggestion.id)


def apart(product: Product, *texts: str) -> list[dict[str, Any]]:
    """Incidents of one report each, whatever merging thinks of them."""
    who = product.person(Role.DISPATCHER, "nt")
    made: list[dict[str, Any]] = []
    for text in texts:
        found = product.call(text)
        if len(found["report_list"]) > 1:
            body = {"reports": [found["report"]], "reason": "各是一件"}
            found = who.post(f"/incidents/{found['id']}/split", body)
        made.append(found)
    assert len({i["id"] for i in made}) == len(texts)
    return made


def marked(page: Page, kind: str) -> str:
    """All that is marked in the reports of both sides, as one text."""
    return " ".join(page.locator(f"dialog .texts .words mark.{kind}").all_text_contents())


def test_a_suggestion_is_read_side_by_side_answered_and_taken_back_by_keys(
    desk: Desk, product: Product
) -> None:
    one, other = apart(product, ONE, OTHER)
    suggested(product, one, other, 0.71)
    who = product.person(Role.DISPATCHER, "nt")
    page = desk.open(f"/incidents/{one['id']}", who)
    card = page.locator("article.suggestion")
    expect(card).to_contain_text(other["number"])
    expect(card).to_contain_text("71%")
    expect(card.locator(".track .seg").first).to_be_visible()

    page.keyboard.press("c")
    panel = page.locator("dialog[open]")
    expect(panel.locator(".texts article")).to_have_count(2)
    assert "三天没人来修" in marked(page, "word")
    assert marked(page, "place").count("海阳路") == 2
    expect(panel.locator(".facts")).to_contain_text("事项")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page).to_have_url(f"{product.site}/incidents/{one['id']}")

    page.keyboard.press("c")
    expect(panel.locator(".texts article")).to_have_count(2)
    page.keyboard.press("m")
    expect(page.locator(".toast.good")).to_contain_text("已合并")
    expect(page.locator(".head")).to_contain_text("并入")
    assert who.get(f"/incidents/{one['id']}")["merged_into"] == other["id"]

    page.keyboard.press("u")
    expect(card).to_contain_text(other["number"])
    assert who.get(f"/incidents/{one['id']}")["merged_into"] is None
    assert len(who.get(f"/incidents/{other['id']}")["report_list"]) == 1

    page.keyboard.press("n")
    expect(card).to_have_count(0)
    page.keyboard.press("u")
    expect(card).to_contain_text(other["number"])


def test_the_likeliest_stands_first_and_keys_step_to_the_next(desk: Desk, product: Product) -> None:
    one, other, third = apart(product, ONE + "。", OTHER + "。", THIRD)
    with product.home.worker.transaction() as conn:
        conn.execute("delete from suggestion where incident = %(i)s or other = %(i)s", {"i": int(one["id"])})  # fmt: skip
    suggested(product, one, other, 0.8)
    suggested(product, third, one, 0.6)  # whichever side it is on
    page = desk.open(f"/incidents/{one['id']}", product.person(Role.DISPATCHER, "nt"))
    card = page.locator("article.suggestion")
    expect(card).to_contain_text("80%")
    expect(card).to_contain_text("1/2")
    page.keyboard.press("j")
    expect(card).to_contain_text("60%")
    expect(card).to_contain_text(third["number"])
    page.keyboard.press("k")
    page.keyboard.press("n")
    expect(card).to_contain_text("60%")
    expect(card).not_to_contain_text("1/")


def test_several_reports_are_split_off_together_and_put_back(desk: Desk, product: Product) -> None:
    who = product.person(Role.DISPATCHER, "nt")
    first, *more = apart(
        product, "如皋市搬经镇市场路路灯不亮", "如皋市搬经镇桥头有坑", "如皋市搬经镇桥面塌了一块"
    )
    for incident in more:
        who.post(f"/incidents/{first['id']}/merge", {"other": incident["id"], "reason": "一起看"})
    page = desk.open(f"/incidents/{first['id']}", who)
    reports = page.locator("article.report")
    expect(reports).to_have_count(3)
    for text in ("有坑", "塌了"):
        reports.filter(has_text=text).get_by_role("checkbox").check()
    page.locator(".picked").get_by_role("button", name="拆出为新事件").click()
    dialog = page.locator("dialog[open]")
    dialog.locator("textarea").fill("桥面是另一件事")
    dialog.get_by_role("button", name="拆出为新事件").click()
    expect(page.locator(".toast.good")).to_contain_text("已拆出")
    expect(reports).to_have_count(1)
    page.keyboard.press("u")
    expect(reports).to_have_count(3)


def test_an_undo_from_the_history_first_says_what_it_would_not_move_back(
    desk: Desk, product: Product
) -> None:
    who = product.person(Role.DISPATCHER, "nt")
    first, other = apart(product, "如皋市丁堰镇粮站门口路灯不亮", "如皋市丁堰镇粮站后面有坑")
    who.post(f"/incidents/{first['id']}/merge", {"other": other["id"], "reason": "一起看"})
    page = desk.open(f"/incidents/{first['id']}", who)
    reports, undo = page.locator("article.report"), page.get_by_role("button", name="撤销这次合并")
    expect(reports).to_have_count(2)
    undo.click()
    expect(reports).to_have_count(1)  # nothing stays behind: no question
    expect(undo).to_have_count(0)

    who.post(f"/incidents/{first['id']}/merge", {"other": other["id"], "reason": "一起看"})
    who.post(f"/incidents/{first['id']}/correct", {"urgency": 3, "reason": "看过现场"})
    expect(reports).to_have_count(2)
    undo.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("紧急程度此后有人更正，以更正为准")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_have_count(0)
    assert len(who.get(f"/incidents/{first['id']}")["report_list"]) == 2
    undo.click()
    dialog.get_by_role("button", name="撤销", exact=True).click()
    expect(reports).to_have_count(1)
    assert who.get(f"/incidents/{first['id']}")["urgency"] == 3
