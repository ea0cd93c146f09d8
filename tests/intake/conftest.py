"""An API over the tests' database, and people and systems that may speak to it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from chengshu.agencies import accounts
from chengshu.agencies import store as agency_store
from chengshu.agencies.model import Account, Role
from chengshu.agencies.scope import of_account
from chengshu.agencies.sessions import token_hash
from chengshu.app.api import create_app
from chengshu.intake.form import Taker
from chengshu.kit.ids import new_id
from tests.conftest import Home


@dataclass(frozen=True)
class Api:
    """The application, called without a network; each request has an event loop of its own."""

    app: FastAPI

    def request(self, verb: str, path: str, **sent: Any) -> httpx.Response:
        async def one() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(verb, path, **sent)

        return asyncio.run(one())


@dataclass(frozen=True)
class Someone:
    """Somebody who may send requests: a person with a session, or a system with a key."""

    api: Api
    headers: dict[str, str]
    account: Account | None = None
    scope: dict[str, str] | None = None

    def get(self, path: str) -> httpx.Response:
        return self.api.request("GET", "/api/v1" + path, headers=self.headers)

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.api.request("POST", "/api/v1" + path, json=body, headers=self.headers)

    def upload(
        self, content: bytes, name: str = "a.png", path: str = "/attachments"
    ) -> httpx.Response:
        return self.api.request(
            "POST", "/api/v1" + path, files={"file": (name, content)}, headers=self.headers
        )


@pytest.fixture
def api(db: Home, now: datetime) -> Api:
    """The application, without its background tasks."""
    return Api(create_app(db.settings, db.app, db.world, db.keyring, clock=lambda: now))


@pytest.fixture
def person(db: Home, api: Api, now: datetime) -> Callable[..., Someone]:
    """Makes an account and logs it in."""

    def make(role: Role = Role.CALL_TAKER, unit: str = "nt", grid: int | None = None) -> Someone:
        account = Account(
            new_id(), f"{role}-{secrets.token_hex(4)}", "某人", role, unit, grid, True
        )
        token, csrf = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        with db.worker.transaction() as conn:
            agency_store.add_account(conn, account, "-", now)
            agency_store.add_session(
                conn, token_hash(token), account.id, csrf, now, now + timedelta(hours=1), ""
            )
            found = agency_store.unit(conn, unit)
        assert found is not None
        headers = {"Cookie": f"chengshu_session={token}", "X-CSRF-Token": csrf}
        return Someone(api, headers, account, dict(of_account(account, found).settings()))

    return make


@pytest.fixture
def system(db: Home, api: Api, now: datetime) -> Callable[..., Someone]:
    """Makes an outside system's key."""

    def make(*channels: str) -> Someone:
        with db.worker.transaction() as conn:
            _, key = accounts.add_credential(conn, "系统", list(channels), now)
        return Someone(api, {"X-API-Key": key})

    return make


@pytest.fixture
def taker(home: Home, now: datetime) -> Taker:
    """A desk that takes reports in."""
    return Taker("desk:nt", now, home.world.locator, home.keyring, account=1, unit="nt")


def rows(db: Home, sql: str) -> list[tuple[Any, ...]]:
    """What is really in the database."""
    with db.owner() as conn:
        return conn.execute(sql).fetchall()
