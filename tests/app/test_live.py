"""The live stream: heard within a second by those who may, by nobody else, and again after a lost database."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from chengshu.agencies.model import Role
from chengshu.agencies.scope import Scope
from chengshu.app import live as live_module
from chengshu.app.live import Live, Page, event
from chengshu.kit.db import Database
from tests.security.people import Someone, person, unit_of
from tests.security.scene import HAIAN, RUGAO, Scene, file, incident_of, ok

pytestmark = pytest.mark.db


@dataclass
class Ear:
    """An open page in a loop of its own: what it was told, in order."""

    heard: list[tuple[str, Any]] = field(default_factory=list)
    ended: bool = False

    def take(self, data: bytes) -> None:
        for block in data.decode().split("\n\n"):
            if block.startswith("event: "):
                name, _, rest = block.removeprefix("event: ").partition("\ndata: ")
                self.heard.append((name, json.loads(rest)))

    def names(self) -> list[str]:
        return [name for name, _ in self.heard]

    def text(self) -> str:
        return json.dumps(self.heard, ensure_ascii=False)

    def wait(self, wanted: Callable[[Ear], bool], seconds: float = 5.0) -> float:
        """Seconds until it was heard."""
        began = time.monotonic()
        while not wanted(self):
            assert time.monotonic() - began < seconds, self.heard
            time.sleep(0.01)
        return time.monotonic() - began


@contextmanager
def listening(feed: Live, scope: Scope, role: Role, unit: str, scene: Scene,
              valid: Callable[[], bool] = lambda: True, *, apart: bool = False) -> Iterator[Ear]:  # fmt: skip
    """A page that reads until the block ends."""
    ear, ready, stop = Ear(), threading.Event(), []

    async def read() -> None:
        page = Page(asyncio.get_running_loop())
        leave = feed.join(page, scope, role, unit_of(scene.api.home, unit), apart=apart)
        stop.append(page)
        ready.set()
        async for data in page.events(valid):
            ear.take(data)
        leave()
        ear.ended = True

    thread = threading.Thread(target=lambda: asyncio.run(read()), daemon=True)
    thread.start()
    assert ready.wait(5)
    yield ear
    if not ear.ended:
        stop[0].give(None)
    thread.join(5)


def hears(feed: Live, who: Someone, scene: Scene) -> Any:
    assert who.scope is not None
    assert who.account is not None
    return listening(feed, who.scope, who.account.role, who.account.unit, scene)


@pytest.fixture
def feed(scene: Scene) -> Iterator[Live]:
    """The application's feed, running; its first read is done."""
    running: Live = scene.api.app.state.live
    running.start()
    time.sleep(3 * live_module.TICK_S)
    yield running
    running.stop()


def test_one_county_hears_its_change_within_a_second_and_the_next_hears_nothing(
    scene: Scene, feed: Live
) -> None:
    ours, theirs = scene.haian.people, scene.rugao.people
    with (
        hears(feed, ours["dispatcher"], scene) as ear, hears(feed, ours["bureau"], scene) as bureau,
        hears(feed, theirs["dispatcher"], scene) as deaf, hears(feed, theirs["bureau"], scene) as deaf_bureau,
        hears(feed, scene.city["system_admin"], scene) as deaf_admin, hears(feed, scene.city["dispatcher"], scene) as city,
    ):  # fmt: skip
        ok(
            ours["dispatcher"].post(
                f"/incidents/{scene.haian.ids['waiting']}/assign", {"unit": "nt.haian.cgj"}
            )
        )
        for one in (ear, bureau, city):
            assert one.wait(lambda e: "orders" in e.names() and "incidents" in e.names()) < 1.0
            assert one.heard[0][1]["changed"][0]["id"] == scene.haian.ids["waiting"]
            assert "figures" in one.names()
        report = file(
            ours["call_taker"],
            HAIAN,
            "请问月亮为什么是圆的",
            reporter=None,
            said_at="2026-06-01T08:00:00+08:00",
        )
        scene.api.work()
        fresh = incident_of(scene.api, report)
        ear.wait(lambda e: fresh in e.text())
        time.sleep(3 * live_module.TICK_S)
        assert fresh not in bureau.text()
        for one in (deaf, deaf_bureau, deaf_admin):
            assert one.heard == []


def test_an_incident_that_leaves_ones_area_is_gone_by_id(scene: Scene, feed: Live) -> None:
    """Also from a page that had read it by itself; the county it goes to sees it appear, others hear nothing."""
    with (
        hears(feed, scene.rugao.people["dispatcher"], scene) as ours, hears(feed, scene.haian.people["dispatcher"], scene) as new,
        hears(feed, scene.rugao.people["bureau"], scene) as bureau,
    ):  # fmt: skip
        waiting = scene.rugao.ids["waiting"]
        ok(
            scene.city["dispatcher"].post(
                f"/incidents/{waiting}/correct", {"area": str(HAIAN.county), "reason": "在海安"}
            )
        )
        ours.wait(lambda e: e.names() == ["incidents", "figures"])
        assert (ours.heard[0][1]["gone"], ours.heard[0][1]["changed"]) == ([waiting], [])
        new.wait(lambda e: bool(e.heard))
        assert new.heard[0][1]["changed"][0]["id"] == waiting
        ok(
            scene.city["dispatcher"].post(
                f"/incidents/{waiting}/correct", {"urgency": 2, "reason": "急"}
            )
        )
        new.wait(lambda e: e.names().count("incidents") == 2)
        time.sleep(2 * live_module.TICK_S)
        assert ours.names() == ["incidents", "figures"]  # what is gone is not spoken of any more
        assert bureau.heard == []


class _Away(Database):
    """A database that is away until it is told to be back."""

    def __init__(self, real: Database) -> None:
        self.real, self.away = real, False

    def transaction(self, scope: Any = None) -> Any:
        if self.away:
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        return self.real.transaction(scope)


def test_nothing_is_said_while_the_database_is_away_and_all_is_read_when_it_is_back(
    scene: Scene,
) -> None:
    database = _Away(scene.api.home.app)
    feed = Live(database, scene.api.app.state.names, scene.api.clock)
    feed.start()
    try:
        with hears(feed, scene.rugao.people["dispatcher"], scene) as ear:
            time.sleep(2 * live_module.TICK_S)
            database.away = True
            file(scene.rugao.people["call_taker"], RUGAO, "鹦鹉广场的路灯坏了三盏")
            scene.api.work()
            time.sleep(3 * live_module.TICK_S)
            assert ear.heard == []
            database.away = False
            ear.wait(lambda e: e.names()[:1] == ["resync"])
    finally:
        feed.stop()


def test_one_view_that_fails_does_not_end_the_feed(scene: Scene, feed: Live) -> None:
    with hears(feed, scene.rugao.people["dispatcher"], scene) as ear:
        names, feed._names = feed._names, None  # type: ignore[assignment]
        ok(
            scene.rugao.people["dispatcher"].post(
                f"/orders/{scene.rugao.ids['order']}/urge", {"reason": "请快"}
            )
        )
        ear.wait(lambda e: "resync" in e.names())
        feed._names = names
        ok(
            scene.rugao.people["dispatcher"].post(
                f"/orders/{scene.rugao.ids['order']}/urge", {"reason": "请快"}
            )
        )
        ear.wait(lambda e: "orders" in e.names())


def test_too_many_changes_at_once_are_read_again(scene: Scene, feed: Live) -> None:
    with (
        hears(feed, scene.rugao.people["dispatcher"], scene) as ear,
        scene.api.home.owner() as conn,
    ):
        conn.execute(
            "insert into change (kind, subject, area) select 'incident', g, 0 from generate_series(1, 500) g"
        )
        ear.wait(lambda e: e.names() == ["resync"])


def test_a_page_that_does_not_read_is_told_to_start_again() -> None:
    async def slow() -> list[bytes | None]:
        page = Page(asyncio.get_running_loop())
        for n in range(250):
            page.give(event("incidents", {"n": n}))
        await asyncio.sleep(0.1)
        found = []
        while not page._queue.empty():
            found.append(page._queue.get_nowait())
        return found

    found = asyncio.run(slow())
    assert found[0] == event("resync", {})
    assert found[-1] == event("incidents", {"n": 249})
    assert len(found) < 200


def test_a_lost_login_ends_the_page_however_busy_it_is(
    scene: Scene, feed: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "_KEEP_ALIVE_S", 0.5)
    who = scene.rugao.people["dispatcher"]
    assert who.scope is not None
    valid = [True]
    with listening(feed, who.scope, Role.DISPATCHER, "nt.rugao", scene, lambda: valid[0]) as ear:
        valid[0] = False
        for _ in range(40):  # something to say all the time: silence never comes
            feed._to_all(event("figures", {}))
            time.sleep(0.05)
            if ear.ended:
                break
        assert ear.ended
        assert ear.names()[-1] == "bye"
        assert feed.pages == 0


def test_pages_of_one_scope_share_the_work(scene: Scene, feed: Live) -> None:
    other = person(scene.api, Role.DISPATCHER, "nt.rugao")
    with (
        hears(feed, other, scene) as one,
        hears(feed, scene.rugao.people["dispatcher"], scene) as two,
    ):
        assert len(feed._groups) == 1
        assert feed.pages == 2
        ok(other.post(f"/orders/{scene.rugao.ids['order']}/urge", {"reason": "请快"}))
        one.wait(lambda e: "orders" in e.names())
        two.wait(lambda e: "orders" in e.names())
        assert one.heard == two.heard


def test_there_is_no_stream_without_a_login(scene: Scene) -> None:
    assert scene.api.request("GET", "/api/v1/live").status_code == 401
    assert scene.rugao.people["key"].get("/live").status_code == 401
