"""Every page is usable by everybody: axe-core finds nothing, in either style."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from chengshu.agencies.model import Role
from tests.conftest import ROOT

from .conftest import DESK, WALL, Desk, Product, live

pytestmark = [pytest.mark.db, pytest.mark.browser, pytest.mark.slow]

AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
RUN = """async () => {
  const { violations } = await window.axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
  });
  return violations.map((v) => `${v.id} ×${v.nodes.length}: ${v.nodes[0].target} `
    + `${v.nodes[0].any[0]?.message ?? v.help}`);
}"""
NARROW = (360, 780)
GAS = "如皋市如城街道大明新村5号楼楼道里有很浓的煤气味，越来越浓，家里有老人"
RUBBISH = "如皋市如城街道海阳路菜场门口垃圾成堆，垃圾桶满了三天没人收"


@dataclass(frozen=True)
class Scene:
    """What the pages have to show."""

    incident: str
    unit: str
    code: str


@pytest.fixture(scope="module")
def scene(product: Product) -> Scene:
    """An incident in hand with several reports, sent alone; one that waits; a code of a citizen."""
    first = product.call(RUBBISH)
    product.call("如皋市如城街道海阳路菜场门口的垃圾三天没人收了，成堆，很臭")
    product.call("如皋市白蒲镇文化路树枝挡住红绿灯，开车看不清")
    (order,) = product.person(Role.DISPATCHER, "nt").get(f"/incidents/{first['id']}")["orders"]
    return Scene(first["id"], order["unit"], first["code"])


def clean(page: Page, name: str) -> list[str]:
    """What axe finds; injected by the debugger, because the page's own policy forbids foreign scripts."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN)
    if found:  # what passes by itself, as a colour halfway to another, is no finding
        again = page.evaluate(RUN)
        found = [one for one in found if one in again]
    return [f"{name}: {one}" for one in found]


@pytest.mark.parametrize("style", ["light", "dark"])
def test_axe_finds_nothing(desk: Desk, product: Product, scene: Scene, style: str) -> None:
    leader = product.person(Role.LEADER, "nt")
    dispatcher = product.person(Role.DISPATCHER, "nt")
    handler = product.person(Role.HANDLER, scene.unit)
    clerk = product.person(Role.CALL_TAKER, "nt")
    kept = {"style_wall": style, "style_desk": style}
    found = []
    for name, path, who, size, ready in (
        ("login", "/login", None, DESK, "form input"),
        ("wall", "/wall", leader, WALL, ".figures strong"),
        ("queue", "/queue", dispatcher, DESK, ".proposals .top"),
        ("incident", f"/incidents/{scene.incident}", dispatcher, DESK, "article.order"),
        ("intake", "/intake", clerk, DESK, "#words"),
        ("inbox", "/inbox", handler, NARROW, "[data-order-id]"),
        ("duties", "/duties", dispatcher, NARROW, "td button"),
        ("report", "/report", None, NARROW, "textarea"),
        ("track", f"/track/{scene.code}", None, NARROW, ".track li"),
    ):
        page = desk.open(path, who, size, **kept)
        page.wait_for_selector(ready)
        if who:
            live(page)
        if name == "intake":
            page.fill("#words", GAS)
            page.wait_for_selector(".alarm")
        if name == "duties":  # one row open beside the list
            page.locator("td button").first.click()
            page.wait_for_selector("aside dl")
        assert page.evaluate("document.documentElement.dataset.theme") == style
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{name} scrolls sideways"
        found += clean(page, f"{name}, {style}")
        page.context.close()
    assert found == []
