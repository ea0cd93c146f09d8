"""An API over the tests' database, with people, outside systems and citizens who speak to it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import httpx
from fastapi import FastAPI

from chengshu.agencies import accounts
from chengshu.agencies import store as agency_store
from chengshu.agencies.model import Account, Role, Unit
from chengshu.agencies.passwords import hash_password
from chengshu.agencies.scope import Scope, of_account
from chengshu.agencies.sessions import token_hash
from chengshu.app import pipeline
from chengshu.app.api import create_app
from chengshu.kit.ids import new_id
from tests.conftest import Home

V1 = "/api/v1"
PASSWORD = "城枢-correct-horse-7"


@lru_cache(maxsize=1)
def _hashed() -> str:
    return hash_password(PASSWORD, "nobody")  # argon2 is slow by intent: once per process


@dataclass
class Clock:
    """What time the product thinks it is."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Api:
    """The application, called without a network; each request has an event loop of its own."""

    app: FastAPI
    home: Home
    clock: Clock

    def request(self, verb: str, path: str, *, quiet: bool = False, **sent: Any) -> httpx.Response:
        """One request.

        Args:
            quiet: A bug answers 500, as in production, instead of being raised here.
        """

        async def one() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=not quiet)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(verb, path, **sent)

        return asyncio.run(one())

    def work(self) -> None:
        """Let the workers take everything that waits."""
        while pipeline.handle_reports(self.home.worker, self.home.world, self.clock.now):
            pass


@dataclass(frozen=True)
class Someone:
    """A person with a session, a system with a key, or nobody in particular."""

    api: Api
    headers: dict[str, str] = field(default_factory=dict)
    account: Account | None = None
    scope: Scope | None = None
    name: str = "nobody"

    def get(self, path: str, **sent: Any) -> httpx.Response:
        return self.call("GET", path, **sent)

    def post(self, path: str, body: Any = None, **sent: Any) -> httpx.Response:
        return self.call("POST", path, **({"json": body} if body is not None else {}), **sent)

    def call(self, verb: str, path: str, **sent: Any) -> httpx.Response:
        headers = {**self.headers, **sent.pop("headers", {})}
        path = (
            path
            if path.startswith(("/api", "/healthz", "/readyz", "/metrics", "/openapi"))
            else V1 + path
        )
        return self.api.request(verb, path, headers=headers, **sent)


def make_api(home: Home, now: datetime) -> Api:
    """A new application; its live feed is not started."""
    clock = Clock(now)
    app = create_app(home.settings, home.app, home.world, home.keyring, clock=clock)
    return Api(app, home, clock)


def unit_of(home: Home, path: str) -> Unit:
    """A unit of Nantong."""
    return home.world.office.directory.units[path]


def add_account(home: Home, role: Role, unit: str, now: datetime, *, login: str = "", grid: int | None = None,
                active: bool = True) -> Account:  # fmt: skip
    """An account whose password is PASSWORD."""
    login = login or f"{role}-{secrets.token_hex(4)}"
    account = Account(new_id(), login, f"{unit}的{role}", role, unit, grid, active)
    if grid is not None:
        with home.owner() as conn:
            conn.execute("insert into area (code, level, name, short) values (%s, 'grid', '第一网格', '第一网格') "
                         "on conflict do nothing", (grid,))  # fmt: skip
    with home.worker.transaction() as conn:
        assert agency_store.add_account(conn, account, _hashed(), now)
    return account


def log_in(api: Api, account: Account, *, lasts: timedelta = timedelta(hours=12)) -> Someone:
    """A session written straight into the database."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    now = api.clock.now
    with api.home.worker.transaction() as conn:
        agency_store.add_session(
            conn, token_hash(token), account.id, csrf, now, now + lasts, "test"
        )
    headers = {"Cookie": f"chengshu_session={token}", "X-CSRF-Token": csrf}
    scope = of_account(account, unit_of(api.home, account.unit))
    return Someone(api, headers, account, scope, f"{account.role}@{account.unit}")


def person(api: Api, role: Role, unit: str, *, grid: int | None = None) -> Someone:
    """Somebody new, logged in."""
    return log_in(api, add_account(api.home, role, unit, api.clock.now, grid=grid))


def system(api: Api, *channels: str) -> Someone:
    """An outside system with a key for these channels."""
    with api.home.worker.transaction() as conn:
        number, key = accounts.add_credential(conn, "系统", list(channels), api.clock.now)
    scope = Scope("channel", source=f"key:{number}")
    return Someone(api, {"X-API-Key": key}, None, scope, f"key:{','.join(channels)}")


def forget_grids(home: Home) -> None:
    """Take the grids that `add_account` made out of the city again."""
    home.empty()
    with home.owner() as conn:
        conn.execute("delete from area where level = 'grid'")


def rows(home: Home, sql: str, *args: object) -> list[tuple[Any, ...]]:
    """What is really in the database."""
    with home.owner() as conn:
        return conn.execute(sql, args).fetchall()
