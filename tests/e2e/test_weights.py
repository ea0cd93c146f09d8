"""What merging learnt, as an analyst meets it: before and after, switched on with a reason, and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from chengshu.agencies.model import Role
from chengshu.incidents.refit import store, versions
from chengshu.incidents.refit.model import Answer, Comparison, Kept

from .conftest import TIMEOUT_MS, Desk, Product

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]
expect.set_options(timeout=TIMEOUT_MS)

# What people found of four sorts of pairs: in this city two houses of one estate are two happenings, and
# the same caller near the same spot is one.
FOUND = (
    (Answer.ACCEPTED, True, 16, {"site_same": 0.6, "same_town": 1.0, "title": 0.3, "text": 0.25, "run": 0.6,
                                 "topic_same": 0.8, "hours": 3.0, "windows": 1.6}),
    (Answer.REFUSED, False, 14, {"quarter_same": 1.0, "same_town": 1.0, "title": 0.3, "text": 0.2, "matter_same": 1.0,
                                 "topic_same": 2.0, "spot_other": 1.0, "hours": 1.2, "windows": 0.4}),
    (Answer.SPLIT, False, 12, {"site_same": 0.6, "same_town": 1.0, "title": 0.5, "text": 0.3, "matter_same": 1.0,
                               "topic_same": 2.0, "spot_other": 1.0, "hours": 0.8, "windows": 0.3}),
    (Answer.MERGED, True, 11, {"nowhere": 1.0, "same_town": 1.0, "near": 0.5, "title": 0.2, "text": 0.2, "hours": 1.5,
                               "caller_same": 1.0}),
)  # fmt: skip


def answered(product: Product) -> None:
    """People's answers about two incidents of the running product, spread over time."""
    texts = ("崇川区学田街道学田新村楼道堆物请清理", "如皋市白蒲镇文化路路灯不亮")
    one, other = (int(product.call(text)["id"]) for text in texts)
    with product.home.worker.transaction() as conn:
        used = versions.in_force(conn)
        turns = [(n / count, kind, same, m) for kind, same, count, m in FOUND for n in range(count)]
        for _, kind, same, measured in sorted(turns, key=lambda turn: turn[0]):
            found = Comparison(0, other, one, Kept.BESIDE, measured, 0.5, used.version)
            store.answer(conn, kind, same, one, other, found, report=None, fresh=False, weight=1.0, account=None,
                         actor="派遣员", now=product.clock() - timedelta(days=3))  # fmt: skip
        versions.refit(conn, "night", 0.9, product.clock())


def test_a_proposal_is_read_switched_on_and_gone_back_from(product: Product, desk: Desk) -> None:
    answered(product)
    page = desk.open("/merging", product.person(Role.ANALYST, "nt"))
    expect(page.get_by_role("heading", name="建议启用第 1 版")).to_be_visible()
    expect(page.get_by_text("现在使用出厂权重")).to_be_visible()
    expect(page.get_by_role("rowheader", name="具体位置不同")).to_be_visible()
    page.get_by_role("button", name="启用").click()
    box = page.get_by_role("dialog")
    expect(box.get_by_role("button", name="启用")).to_be_disabled()
    box.get_by_label("理由").fill("看过前后对照")
    box.get_by_role("button", name="启用").click()
    expect(page.get_by_role("heading", name="现在使用第 1 版")).to_be_visible()
    expect(page.get_by_text("看过前后对照").first).to_be_visible()
    page.get_by_role("button", name="退回此版").click()
    page.get_by_role("dialog").get_by_label("理由").fill("误并增多")
    page.get_by_role("dialog").get_by_role("button", name="退回此版").click()
    expect(page.get_by_text("现在使用出厂权重")).to_be_visible()


def test_a_countys_supervisor_is_not_led_there(product: Product, desk: Desk) -> None:
    page = desk.open("/merging", product.person(Role.SUPERVISOR, "nt.rugao"))
    expect(page.get_by_role("alert")).to_contain_text("全市统一")
    expect(page.get_by_role("link", name="合并学习")).to_have_count(0)
