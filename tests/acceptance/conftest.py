"""The running product: a real database, the API on a real port, a worker, people with accounts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest
import uvicorn

from chengshu.agencies import accounts
from chengshu.agencies.model import Account, Role
from chengshu.app import pipeline
from chengshu.app import world as worlds
from chengshu.app.api import create_app
from chengshu.app.found import add_sites
from chengshu.app.world import World
from chengshu.drill import GridPost, Grids, Site, build_grids, build_sites, write_sites
from chengshu.kit.ids import new_id
from chengshu.places.store import save_areas

from ..conftest import Home

ZONE = ZoneInfo("Asia/Shanghai")
SEED = 7
PASSWORD = "a-long-enough-secret"
WITHIN_S = (
    20.0  # how long a test waits for what a worker does; usually it takes a tenth of a second
)
JPEG = "image/jpeg"


class Clock:
    """The product's clock: it runs, and can be put forward."""

    def __init__(self, begins_at: datetime) -> None:
        self._begins_at, self._began = begins_at, time.monotonic()

    def __call__(self) -> datetime:
        return self._begins_at + timedelta(seconds=time.monotonic() - self._began)

    def forward(self, by: timedelta) -> None:
        """Let time pass at once."""
        self._begins_at += by

    def set(self, to: datetime) -> None:
        """Let it be this late."""
        self._begins_at, self._began = to, time.monotonic()


@dataclass
class Person:
    """Somebody at a page of hers."""

    http: httpx.Client
    csrf: str = ""
    token: str = ""

    def get(self, path: str, status: int = 200, **params: Any) -> Any:
        """Read, and expect this status."""
        return self._expect(self.http.get(path, params=params), status)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """Change, and expect this status."""
        return self._expect(self.http.post(path, json=body, headers=self._headers()), status)

    def upload(self, content: bytes, status: int = 201) -> str:
        """Upload a photo; its id."""
        files = {"file": ("现场.jpg", content, JPEG)}
        response = self.http.post("/attachments", files=files, headers=self._headers())
        return str(self._expect(response, status)["id"])

    def _headers(self) -> dict[str, str]:
        return {"X-CSRF-Token": self.csrf}

    @staticmethod
    def _expect(response: httpx.Response, status: int) -> Any:
        assert response.status_code == status, f"{response.status_code}: {response.text[:2000]}"
        return response.json() if response.content else None


@dataclass
class Feed:
    """One page's live feed, read in a thread."""

    events: list[tuple[float, str, Any]] = field(default_factory=list)
    opened: threading.Event = field(default_factory=threading.Event)

    def read(self, base: str, token: str) -> None:
        """Read until the product lets the page go."""
        cookies = {"chengshu_session": token}
        with (
            httpx.Client(base_url=base, cookies=cookies, timeout=30, trust_env=False) as http,
            http.stream("GET", "/live") as response,
        ):
            name = ""
            for line in response.iter_lines():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = json.loads(line.removeprefix("data: "))
                    self.events.append((time.monotonic(), name, data))
                    self.opened.set()

    def saw(self, incident: str) -> float | None:
        """When it first heard of an incident."""
        for at, name, data in list(self.events):
            if name == "incidents" and any(i["id"] == incident for i in data["changed"]):
                return at
        return None

    def heard(self, text: str) -> bool:
        """Whether anything that came holds these letters."""
        return any(text in json.dumps(data, ensure_ascii=False) for _, _, data in list(self.events))


@dataclass
class Town:
    """The running product, with everybody who has to do with it."""

    home: Home
    base: str
    clock: Clock
    sites: tuple[Site, ...]
    posts: dict[int, GridPost]
    people: dict[str, Person] = field(default_factory=dict)
    feeds: list[Feed] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def person(self, role: Role, unit: str, grid: int | None = None) -> Person:
        """Somebody of this role at this unit, logged in; the account is made when it is missing."""
        login = f"{role.value.replace('_', '-')}-{unit.replace('.', '-')}-{grid or 0}"
        if login in self.people:
            return self.people[login]
        account = Account(new_id(), login, f"{role.value}@{unit}", role, unit, grid, True)
        with psycopg.connect(self.home.dsns.owner) as conn:
            accounts.add_first(conn, account, PASSWORD, self.clock())
        http = httpx.Client(base_url=self.base, timeout=15, trust_env=False)
        person = Person(http)
        me = person.post("/session", {"login": login, "password": PASSWORD})
        person.csrf, person.token = me["csrf"], http.cookies["chengshu_session"]
        self.people[login] = person
        return person

    def again(self, person: Person) -> None:
        """Log in anew, after the clock went past the end of the session."""
        login = next(name for name, known in self.people.items() if known is person)
        me = person.post("/session", {"login": login, "password": PASSWORD})
        person.csrf, person.token = me["csrf"], person.http.cookies["chengshu_session"]

    def anybody(self) -> Person:
        """A citizen."""
        if "" not in self.people:
            self.people[""] = Person(httpx.Client(base_url=self.base, timeout=15, trust_env=False))
        return self.people[""]

    def channel(self, name: str) -> Person:
        """An outside system with a key for one channel."""
        login = f"key {name}"
        if login not in self.people:
            with psycopg.connect(self.home.dsns.owner) as conn:
                _, key = accounts.add_credential(conn, f"{name} desk", [name], self.clock())
            headers = {"X-API-Key": key}
            http = httpx.Client(base_url=self.base, headers=headers, timeout=15, trust_env=False)
            self.people[login] = Person(http)
        return self.people[login]

    def feed(self, person: Person) -> Feed:
        """Open a person's live feed."""
        feed = Feed()
        thread = threading.Thread(target=feed.read, args=(self.base, person.token), daemon=True)
        thread.start()
        self.feeds.append(feed)
        self.threads.append(thread)
        assert feed.opened.wait(WITHIN_S), "the feed did not say hello"
        return feed

    def incident_of(self, report: str, within_s: float = WITHIN_S) -> dict[str, Any]:
        """The incident that a report led to, as the city's dispatcher sees it."""
        desk = self.person(Role.DISPATCHER, "nt")
        found: dict[str, Any] = {}

        def look() -> bool:
            for item in desk.get("/incidents", order="changed", limit=50)["items"]:
                detail = desk.get(f"/incidents/{item['id']}")
                if any(r["id"] == report for r in detail["report_list"]):
                    found.update(detail)
                    return True
            return False

        until(look, within_s)
        return found

    def call(self, text: str, **more: Any) -> dict[str, Any]:
        """A citizen rings the city's hotline; the incident that comes of it."""
        clerk = self.person(Role.CALL_TAKER, "nt")
        body = {"channel": "hotline", "text": text, "nature": "complaint", **more}
        receipt = clerk.post("/reports", body, 202)
        return {**self.incident_of(receipt["id"]), "report": receipt["id"], "code": receipt["code"]}


def until(what: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline, f"it did not come true within {within_s:.0f} s"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def grids(home: Home) -> Grids:
    """Communities and grids of the synthetic city."""
    return build_grids(home.world.city, SEED)


@pytest.fixture(scope="session")
def sites(home: Home, grids: Grids) -> tuple[Site, ...]:
    """Places of the synthetic city."""
    return build_sites(home.world.city, SEED, grids)


@pytest.fixture(scope="session")
def registered(
    home: Home, sites: tuple[Site, ...], tmp_path_factory: pytest.TempPathFactory
) -> World:
    """The city with its register of named places: all of them, with registered and former names."""
    folder = tmp_path_factory.mktemp("register")
    write_sites(folder, sites)
    add_sites(home.settings, home.dsns.owner, folder / "sites.csv")
    with home.worker.transaction() as conn:
        return worlds.load(home.settings, conn)


@pytest.fixture
def begins_at() -> datetime:
    """When the product's clock begins: a Tuesday morning in office hours."""
    return datetime(2026, 7, 14, 9, 30, tzinfo=ZONE)


@pytest.fixture
def town(
    db: Home, grids: Grids, sites: tuple[Site, ...], registered: World, begins_at: datetime
) -> Iterator[Town]:
    """The product, running."""
    db = replace(db, world=registered)
    clock = Clock(begins_at)
    with psycopg.connect(db.dsns.owner) as conn:
        save_areas(conn, grids.areas, frozenset(p.area.code for p in grids.posts if p.special))
    app = create_app(db.settings, db.app, db.world, db.keyring, clock=clock)
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False,
                            proxy_headers=False, timeout_graceful_shutdown=1)  # fmt: skip
    server, stop = uvicorn.Server(config), threading.Event()
    serving = threading.Thread(target=server.run, name="api")
    working = threading.Thread(target=_work, args=(db, clock, stop), name="worker")
    serving.start()
    until(lambda: server.started)
    working.start()
    port = server.servers[0].sockets[0].getsockname()[1]
    posts = {post.area.code: post for post in grids.posts}
    running = Town(db, f"http://127.0.0.1:{port}/api/v1", clock, sites, posts)
    try:
        yield running
    finally:
        app.state.live.stop()  # lets the open pages go
        for thread in running.threads:
            thread.join(5)
        for person in running.people.values():
            person.http.close()
        stop.set()
        server.should_exit = True
        serving.join(10)
        working.join(10)
        db.empty()
        with psycopg.connect(db.dsns.owner) as conn:  # other tests know the city as it was founded
            codes = [area.code for area in grids.areas]
            conn.execute("delete from area where code = any(%s)", (codes,))


def _work(home: Home, clock: Clock, stop: threading.Event) -> None:
    """What a worker process does, by the test's clock."""
    while not stop.is_set():
        taken = pipeline.handle_reports(home.worker, home.world, clock())
        taken += pipeline.handle_clocks(home.worker, clock())
        if not taken:
            stop.wait(0.02)
