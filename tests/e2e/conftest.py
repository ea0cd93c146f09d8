"""The product as people meet it: the API with the built pages, a worker, a real browser."""

from __future__ import annotations

import fcntl
import re
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from chengshu.app import pipeline
from chengshu.app.api import create_app
from chengshu.drill import Grids, Site
from chengshu.places.store import save_areas
from tests.acceptance.conftest import PASSWORD, ZONE, Clock, Person, Town, grids, sites, until
from tests.conftest import ROOT, Home

__all__ = ["grids", "sites"]

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader "
    "--disable-background-networking --no-first-run"
).split()
DESK, PHONE, WALL = (1366, 768), (390, 844), (1600, 900)
TIMEOUT_MS = 60_000  # a slow machine is no failure; nothing here asserts how long something takes


@dataclass
class Product(Town):
    """The running product; its API can be stopped and started again on the same port."""

    app: FastAPI | None = None
    server: uvicorn.Server | None = None
    serving: threading.Thread | None = None

    @property
    def site(self) -> str:
        """Where the pages are."""
        return self.base.removesuffix("/api/v1")

    def start(self) -> None:
        """Start the API."""
        self.app = create_app(self.home.settings, self.home.app, self.home.world, self.home.keyring,
                              clock=self.clock)  # fmt: skip
        port = int(self.base.split(":")[2].split("/")[0]) if self.base else 0
        config = uvicorn.Config(self.app, host="127.0.0.1", port=port, log_config=None, access_log=False,
                                proxy_headers=False, timeout_graceful_shutdown=1)  # fmt: skip
        server = self.server = uvicorn.Server(config)
        self.serving = threading.Thread(target=server.run, name="api")
        self.serving.start()
        until(lambda: server.started)
        self.base = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/api/v1"

    def stop(self) -> None:
        """Stop the API; every open page loses its stream."""
        assert self.app
        assert self.server
        assert self.serving
        self.app.state.live.stop()
        self.server.should_exit = True
        self.serving.join(15)
        assert not self.serving.is_alive()


@pytest.fixture(scope="session")
def pages() -> Path:
    """The built front end, built anew when a source is newer."""
    first = ROOT / "src/chengshu/app/static/index.html"
    sources = [p for p in (ROOT / "web/src").rglob("*") if p.is_file()]
    with Path(tempfile.gettempdir(), "chengshu-e2e-build.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        newest = max(p.stat().st_mtime for p in sources)
        if not first.is_file() or first.stat().st_mtime < newest:
            subprocess.run(["scripts/node.sh", "run", "build"], cwd=ROOT, check=True)
    return first.parent


@pytest.fixture(scope="module")
def product(home: Home, grids: Grids, sites: tuple[Site, ...], pages: Path) -> Iterator[Product]:
    """The product, running by this machine's clock, as the browser's does."""
    home.empty()
    with psycopg.connect(home.dsns.owner) as conn:
        save_areas(conn, grids.areas, frozenset(p.area.code for p in grids.posts if p.special))
    posts = {post.area.code: post for post in grids.posts}
    running = Product(home, "", Clock(datetime.now(ZONE)), sites, posts)
    running.start()
    stop = threading.Event()
    working = threading.Thread(target=_work, args=(running, stop), name="worker")
    working.start()
    try:
        yield running
    finally:
        for person in running.people.values():
            person.http.close()
        stop.set()
        working.join(10)
        running.stop()
        home.empty()
        with psycopg.connect(home.dsns.owner) as conn:
            codes = [area.code for area in grids.areas]
            conn.execute("delete from area where code = any(%s)", (codes,))


def _work(running: Product, stop: threading.Event) -> None:
    while not stop.is_set():
        taken = pipeline.handle_reports(running.home.worker, running.home.world, running.clock())
        taken += pipeline.handle_clocks(running.home.worker, running.clock())
        if not taken:
            stop.wait(0.05)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's chromium without a window."""
    if not CHROMIUM.exists():
        pytest.fail("needs /usr/bin/chromium: make deps")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Desk:
    """Opens pages, each person in a browser of her own; a page that throws fails the test."""

    browser: Browser
    product: Product
    contexts: list[BrowserContext] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def open(
        self, path: str, who: Person | None = None, size: tuple[int, int] = DESK, **kept: str
    ) -> Page:
        """A page at this address; `kept` is what the browser remembers of earlier visits."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN",
            timezone_id="Asia/Shanghai", has_touch=size[0] < 500, reduced_motion="reduce",
        )  # fmt: skip
        self.contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        for key, value in kept.items():
            context.add_init_script(
                f"localStorage.setItem('chengshu.{key.replace('_', '.')}', '{value}')"
            )
        if who:
            context.add_cookies(
                [{"name": "chengshu_session", "value": who.token, "url": self.product.site}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"{path}: {error}"))
        page.on("dialog", self._dialog)
        page.goto(self.product.site + path)
        return page

    def _dialog(self, dialog: object) -> None:
        self.wrong.append(f"a script of a report ran: {dialog}")

    def close(self) -> None:
        """Close every page."""
        for context in self.contexts:
            context.close()


@pytest.fixture
def desk(browser: Browser, product: Product) -> Iterator[Desk]:
    """Pages of this test, closed after it."""
    opened = Desk(browser, product)
    yield opened
    opened.close()
    assert opened.wrong == []


def holds(page: Page, script: str, what: object = None) -> None:
    """Wait until an expression of the page is true."""
    page.wait_for_function(script, arg=what, polling=100)


def seen(page: Page, incident: str) -> bool:
    """Whether an incident ever reached this page's pixels."""
    return bool(page.evaluate("id => window.__chengshuSeen.has(id)", incident))


def live(page: Page) -> None:
    """Wait until the page hears the stream."""
    page.wait_for_selector(".live.live")


def code_in(text: str | None) -> str:
    """The follow-up code that a sentence names."""
    found = re.search(r"[0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4})+", text or "")
    assert found, f"no code in «{text}»"
    return found[0]


def log_in(page: Page, login: str) -> Callable[[], None]:
    """Write name and password with keys only; what it answers presses Enter."""
    page.wait_for_selector("input[autocomplete=username]")
    holds(page, "() => document.activeElement?.autocomplete === 'username'")
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    return lambda: page.keyboard.press("Enter")
