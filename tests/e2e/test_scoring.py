"""Scoring as people meet it: the table, the orders behind a number, an appeal and its answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from chengshu.agencies.model import Role
from chengshu.app.scores import watch_scores
from chengshu.dispatch.scoring.run import back, begins, first_of
from tests.dispatch.scoring.months import RUGAO_CGJ, RUGAO_JTJ, RUGAO_ZJJ, Books
from tests.security.people import make_api

from .conftest import TIMEOUT_MS, Desk, Product

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=TIMEOUT_MS)


def test_a_bureau_follows_a_number_and_appeals(product: Product, desk: Desk) -> None:
    now = product.clock().astimezone(UTC)
    month = back(first_of(now), 1)
    begin = begins(month) + timedelta(days=2, hours=9)
    books = Books(product.home, make_api(product.home, now))
    for n in range(9):
        books.order(
            RUGAO_CGJ, begin=begin, hours=8 + n, check=n % 4 > 0, call="satisfied" if n % 2 else ""
        )
        books.order(
            RUGAO_JTJ, begin=begin, hours=20 + 5 * n, call="unsatisfied" if n > 6 else "satisfied"
        )
        books.order(RUGAO_ZJJ, begin=begin, hours=30 + 6 * n, contact=1 + n / 3, check=n != 2)
    late = books.order(RUGAO_CGJ, begin=begin, hours=60)
    books.order(RUGAO_CGJ, begin=begin, hours=0.05, evidence=False, lon=121.9)
    watch_scores(product.home.worker, product.home.world, now)

    page = desk.open("/scoring", product.person(Role.HANDLER, RUGAO_CGJ))
    expect(page.get_by_role("row")).to_have_count(4)
    own = page.get_by_role("row").filter(has_text="如皋市城市管理")
    expect(own.get_by_role("link")).not_to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="交通").get_by_role("link")).to_have_count(0)
    own.get_by_role("link", name="按时办结").click()
    expect(page.get_by_text("11 件计入")).to_be_visible()
    expect(page.get_by_text("超时办理")).to_be_visible()
    expect(page.get_by_text("秒结").first).to_be_visible()
    page.get_by_role("row").filter(has_text="超时办理").get_by_role("button", name="申诉").click()
    box = page.get_by_role("dialog")
    box.get_by_label("事实与理由").fill("延误因供电中断，附停电通知")
    expect(box.get_by_role("button", name="提交")).to_be_disabled()
    notice = {"name": "notice.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
    box.locator("input[type=file]").first.set_input_files(notice)  # type: ignore[arg-type]
    box.get_by_role("button", name="提交").click()
    expect(box).to_have_count(0)

    page = desk.open("/scoring", product.person(Role.SUPERVISOR, "nt.rugao"))
    page.get_by_role("tab", name="申诉").click()
    expect(page.get_by_text("延误因供电中断")).to_be_visible()
    page.get_by_label("意见").fill("停电通知属实")
    page.get_by_role("button", name="同意", exact=True).click()
    expect(page.get_by_text("成立")).to_be_visible()
    watch_scores(product.home.worker, product.home.world, datetime.now(UTC))
    page = desk.open(f"/scoring/{month:%Y-%m}/{RUGAO_CGJ}?indicator=on_time",
                     product.person(Role.HANDLER, RUGAO_CGJ))  # fmt: skip
    expect(page.get_by_text("计为达标")).to_be_visible()
    assert books.sql("select state from score_appeal where work_order = %s", late) == [("upheld",)]
