"""The living city's people against a small product of our own: channels, patience, rate and end."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chengshu.drill import Grids, Kind, Site, Told, build_grids
from chengshu.drill.clients import Cast, Product
from chengshu.drill.living import Stage, live
from chengshu.drill.pace import Pace
from chengshu.drill.reporting import Reporters, Sent, Workers, address_of
from chengshu.drill.scenes import corridor_clutter
from chengshu.places import City

NOW = datetime(2026, 7, 14, 11, 2, tzinfo=UTC)
CAST = Cast(
    "secret",
    {"police110": "key-110", "other": "key-other"},
    {
        "call_taker:nt": "caller", "dispatcher:nt": "dispatcher", "supervisor:nt": "supervisor",
        "handler:nt.rugao.cgj": "h.rugao-cgj",
    },
)  # fmt: skip


class Town:
    """A product that takes everything, and can be told to misbehave."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, httpx.Request]] = []
        self.logins = 0
        self.answers: list[httpx.Response | Exception] = []  # before anything else

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((time.monotonic(), request))
        if self.answers and not request.url.path.endswith("/session"):
            given = self.answers.pop(0)
            if isinstance(given, Exception):
                raise given
            return given
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if path == "/session":
            self.logins += 1
            cookie = f"chengshu_session=token-{self.logins}; Path=/; HttpOnly"
            return httpx.Response(200, json={"csrf": "c"}, headers={"set-cookie": cookie})
        if path == "/live":
            return httpx.Response(200, text="event: hello\ndata: {}\n\n")
        if path.endswith("/attachments"):
            return httpx.Response(201, json={"id": "77"})
        if request.method == "POST":
            return httpx.Response(202, json={"id": "1", "code": "abcd", "receipt": "CS1"})
        return httpx.Response(200, json={"items": [], "next": None, "total": 0, "state": "closed"})

    def paths(self) -> list[str]:
        return [r.url.path.removeprefix("/api/v1") for _, r in self.asked]

    def last(self, ending: str) -> httpx.Request:
        return next(r for _, r in reversed(self.asked) if r.url.path.endswith(ending))


def product(town: Town, cast: Cast = CAST, per_second: float = 1000.0) -> Product:
    return Product("http://city", cast, per_second=per_second, transport=httpx.MockTransport(town))


def told_of(sites: tuple[Site, ...], channel: str) -> Told:
    scene = corridor_clutter(sites, NOW)
    told = {step.told.channel: step.told for step in scene.steps}
    return told.get(channel) or replace(told["police110"], channel=channel, photos=())


def with_people(
    town: Town, posts: Grids, do: Callable[[Reporters], Awaitable[Sent | None]], cast: Cast = CAST
) -> Sent | None:
    async def run() -> Sent | None:
        async with product(town, cast) as reached:
            people = Reporters(reached, Workers(posts.posts, cast.acting), Pace(NOW, 6.0), "r1",
                               lambda: NOW)  # fmt: skip
            return await do(people)

    return asyncio.run(run())


@pytest.fixture(scope="session")
def grids(city: City) -> Grids:
    return build_grids(city, 20_260)


@pytest.fixture
def town() -> Town:
    return Town()


def test_the_police_transfer_with_their_key_and_acknowledge(
    town: Town, grids: Grids, sites: tuple[Site, ...]
) -> None:
    sent = with_people(town, grids, lambda p: p.tell("1", told_of(sites, "police110")))
    assert sent == Sent("abcd", "1")
    request = town.last("/channels/police110/reports")
    assert request.headers["x-api-key"] == "key-110"
    assert "cookie" not in request.headers
    assert json.loads(town.last("/acknowledge").content)["receipt"] == "CS1"


def test_a_citizen_needs_no_login_and_has_an_address_of_her_own(
    town: Town, grids: Grids, sites: tuple[Site, ...]
) -> None:
    told = told_of(sites, "web")
    with_people(town, grids, lambda p: p.tell("2", told))
    request = town.last("/public/reports")
    assert request.headers["x-forwarded-for"] == address_of(told.phone or "")
    assert not {"cookie", "x-api-key"} & set(request.headers)
    body = json.loads(request.content)
    assert len(body["client_id"]) >= 16
    assert body["text"].startswith(told.title)


def test_a_call_goes_through_the_call_taker(
    town: Town, grids: Grids, sites: tuple[Site, ...]
) -> None:
    with_people(town, grids, lambda p: p.tell("3", told_of(sites, "hotline")))
    assert json.loads(town.last("/session").content)["login"] == "caller"
    request = town.last("/reports")
    body = json.loads(request.content)
    assert (body["channel"], request.headers["x-csrf-token"]) == ("hotline", "c")
    assert request.headers["cookie"] == "chengshu_session=token-1"


def test_a_grid_worker_sends_her_photo_first(
    town: Town, grids: Grids, sites: tuple[Site, ...]
) -> None:
    told = told_of(sites, "grid")
    others = grids.posts[0].area.code
    acting = {**CAST.acting, f"grid_worker:{told.grid}": "g.own", f"grid_worker:{others}": "g.far"}
    cast = Cast(CAST.password, CAST.keys, acting)
    with_people(town, grids, lambda p: p.tell("4", told), cast)
    assert json.loads(town.last("/session").content)["login"] == "g.own"
    body = json.loads(town.last("/reports").content)
    assert (body["channel"], body["attachments"]) == ("grid", ["77"])


def test_the_nearest_worker_of_the_township_stands_in(grids: Grids) -> None:
    one = grids.posts[5].area.code
    township = [p for p in grids.posts if p.area.code // 10**6 == one // 10**6]
    elsewhere = next(p for p in grids.posts if p.area.code // 10**6 != one // 10**6)
    acting = {
        f"grid_worker:{township[-1].area.code}": "g.same",
        f"grid_worker:{elsewhere.area.code}": "g.elsewhere",
    }
    workers = Workers(grids.posts, acting)
    assert workers.nearest(one, None) == "g.same"
    assert Workers(grids.posts, {}).nearest(one, None) is None


def test_nothing_is_said_in_the_future(town: Town, grids: Grids, sites: tuple[Site, ...]) -> None:
    late = replace(told_of(sites, "hotline"), said_at=NOW + timedelta(hours=5))
    with_people(town, grids, lambda p: p.tell("5", late))
    assert datetime.fromisoformat(json.loads(town.last("/reports").content)["said_at"]) <= NOW


def test_a_session_that_ended_is_renewed_once(
    town: Town, grids: Grids, sites: tuple[Site, ...]
) -> None:
    town.answers = [httpx.Response(401, json={})]
    assert with_people(town, grids, lambda p: p.tell("6", told_of(sites, "hotline")))
    assert town.logins == 2


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("away"),
        httpx.Response(503),
        httpx.Response(429, headers={"retry-after": "0"}),
    ],
)
def test_who_cannot_get_through_tries_again(
    town: Town, grids: Grids, sites: tuple[Site, ...], trouble: httpx.Response | Exception
) -> None:
    town.answers = [trouble]
    assert with_people(town, grids, lambda p: p.tell("7", told_of(sites, "web")))
    assert town.paths().count("/public/reports") == 2


def test_a_refusal_is_survived(town: Town, grids: Grids, sites: tuple[Site, ...]) -> None:
    town.answers = [httpx.Response(422, json={"detail": "不行"})]
    assert with_people(town, grids, lambda p: p.tell("8", told_of(sites, "web"))) is None


@pytest.mark.slow
def test_it_keeps_to_its_rate_and_ends_at_once(
    town: Town, city: City, kinds: tuple[Kind, ...], sites: tuple[Site, ...], grids: Grids
) -> None:
    stage = Stage(city, kinds, sites, grids.posts)

    async def run() -> float:
        async with product(town, per_second=40.0) as reached:
            playing = asyncio.create_task(live(reached, stage, 60.0, 5))
            while len(town.asked) < 100 and not playing.done():
                await asyncio.sleep(0.05)
            playing.cancel()
            began = time.monotonic()
            with pytest.raises(asyncio.CancelledError):
                await playing
            return time.monotonic() - began

    assert asyncio.run(run()) < 3
    asked = [at for at, request in town.asked if request.url.path != "/api/v1/live"]
    assert len(asked) > 90
    assert len(asked) <= 40 * (asked[-1] - asked[0]) + 20  # a slow machine may bunch a few
    assert {"/queue", "/orders"} <= set(town.paths())


def test_the_cast_file_is_read(tmp_path: Any) -> None:
    path = tmp_path / "cast.json"
    path.write_text('{"password": "p", "keys": {}, "acting": {"a": "b"}, "shown": []}')
    assert Cast.read(path).acting == {"a": "b"}
    path.write_text("{}")
    with pytest.raises(ValueError, match="password"):
        Cast.read(path)
