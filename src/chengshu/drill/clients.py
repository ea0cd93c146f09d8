"""The product as its users reach it: HTTP with sessions and keys, bounded in rate, patient with failures.

Nothing here raises for what a server may answer or for a server that is away: callers get an
answer to look at, and a person who cannot get through tries again.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import httpx

from chengshu.kit.log import logger

_API: Final = "/api/v1"
_COOKIE: Final = "chengshu_session"
_IN_FLIGHT: Final = 8
_SESSIONS: Final = 160  # only secrets are kept, no connections
_TRIES: Final = 6
_LONGEST_WAIT_S: Final = 8.0
_SILENT_S: Final = 40.0  # the feed says something every quarter of a minute
_EXPECTED: Final = frozenset({401, 409})  # the session ended; somebody else was first
_log = logger("drill")


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts.

    Attributes:
        acting: «role:unit», or «role:grid» for grid workers, to login name.
        keys: Channel to the outside system's key.
    """

    password: str
    keys: Mapping[str, str]
    acting: Mapping[str, str]

    @classmethod
    def read(cls, path: Path) -> Cast:
        """Read the file that the demo writes.

        Raises:
            OSError: There is none.
            ValueError: It is not the demo's file.
        """
        body = json.loads(path.read_text("utf-8"))
        try:
            return cls(str(body["password"]), dict(body["keys"]), dict(body["acting"]))
        except (KeyError, TypeError) as wrong:
            raise ValueError(f"{path.name}: {wrong!r}") from wrong


@dataclass(frozen=True, slots=True)
class Answer:
    """What the product answered; status 0 means that it was never reached."""

    status: int
    body: Any = None

    @property
    def ok(self) -> bool:
        """Done, or received."""
        return 200 <= self.status < 300


class Throttle:
    """At most so many turns a second, evenly spaced."""

    def __init__(self, per_second: float) -> None:
        self._gap_s = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = time.monotonic()
        self._next = max(now, self._next + self._gap_s)
        await asyncio.sleep(self._next - now)


@dataclass(slots=True)
class _Session:
    token: str = ""
    csrf: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Product:
    """The running product, seen from outside. Use as an asynchronous context manager."""

    def __init__(
        self,
        base: str,
        cast: Cast,
        *,
        per_second: float = 14.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        nothing_kept = CookieJar(
            DefaultCookiePolicy(allowed_domains=[])
        )  # each call is a person's own
        self._http = httpx.AsyncClient(
            base_url=base, cookies=nothing_kept, trust_env=False, timeout=15.0, transport=transport
        )
        self.cast = cast
        self._throttle = Throttle(per_second)
        self._flying = asyncio.Semaphore(_IN_FLIGHT)
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._away = False

    async def __aenter__(self) -> Product:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:  # fmt: skip
        await self._http.aclose()

    async def get(self, login: str, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Read as a person."""
        return await self._as(login, "GET", path, params=dict(params or {}))

    async def post(self, login: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Change something as a person."""
        return await self._as(login, "POST", path, json=body)

    async def upload(self, login: str, name: str, content: bytes) -> str | None:
        """Upload a photo as a person; its id."""
        files = {"file": (name, content, "image/jpeg")}
        answer = await self._as(login, "POST", "/attachments", files=files)
        return str(answer.body["id"]) if answer.ok else None

    async def as_channel(self, channel: str, path: str, body: Mapping[str, Any]) -> Answer:
        """Send as an outside system."""
        return await self._request("POST", path, {"X-API-Key": self.cast.keys[channel]}, json=body)

    async def upload_as_channel(self, channel: str, name: str, content: bytes) -> str | None:
        """Upload a photo as an outside system; its id."""
        answer = await self._request(
            "POST", f"/channels/{channel}/attachments", {"X-API-Key": self.cast.keys[channel]},
            files={"file": (name, content, "image/jpeg")},
        )  # fmt: skip
        return str(answer.body["id"]) if answer.ok else None

    async def as_citizen(
        self, method: str, path: str, address: str, body: Mapping[str, Any] | None = None
    ) -> Answer:
        """Ask as anybody, from an address of her own: the drill stands where a reverse proxy would."""
        return await self._request(method, path, {"X-Forwarded-For": address}, json=body)

    async def feed(self, login: str) -> AsyncIterator[tuple[str, Any]]:
        """The live feed of a person, until it ends or breaks."""
        session = await self._session(login)
        if session is None:
            return
        headers = {"Cookie": f"{_COOKIE}={session.token}"}
        timeout = httpx.Timeout(10.0, read=_SILENT_S)
        try:
            async with self._http.stream(
                "GET", f"{_API}/live", headers=headers, timeout=timeout
            ) as response:
                if response.status_code == 401:
                    session.token = ""
                if response.status_code != 200:
                    return
                name = ""
                async for line in response.aiter_lines():
                    if line.startswith("event: "):
                        name = line.removeprefix("event: ")
                    elif line.startswith("data: "):
                        yield name, json.loads(line.removeprefix("data: "))
        except (httpx.TransportError, ValueError) as broken:
            _log.info("feed_broken", reason=repr(broken))

    async def ready(self) -> bool:
        """Whether the product says that it can serve."""
        try:
            return (await self._http.get("/readyz", timeout=3.0)).status_code == 200
        except httpx.TransportError:
            return False

    async def _as(self, login: str, method: str, path: str, **what: Any) -> Answer:
        for _ in range(2):
            session = await self._session(login)
            if session is None:
                return Answer(0)
            headers = {"Cookie": f"{_COOKIE}={session.token}", "X-CSRF-Token": session.csrf}
            answer = await self._request(method, path, headers, **what)
            if answer.status != 401:
                return answer
            session.token = ""  # it has ended: log in again, once
        return answer

    async def _session(self, login: str) -> _Session | None:
        session = self._sessions.setdefault(login, _Session())
        self._sessions.move_to_end(login)
        while len(self._sessions) > _SESSIONS:
            self._sessions.popitem(last=False)
        async with session.lock:
            if session.token:
                return session
            body = {"login": login, "password": self.cast.password}
            answer = await self._request("POST", "/session", {}, json=body)
            if not answer.ok:
                return None
            session.csrf, session.token = answer.body["csrf"], answer.body[_COOKIE]
            return session

    async def _request(
        self, method: str, path: str, headers: Mapping[str, str], **what: Any
    ) -> Answer:
        """One request; a server that is away or overloaded is waited for."""
        wait_s = 0.5
        for attempt in range(_TRIES):
            try:
                async with self._flying:
                    await self._throttle.turn()
                    response = await self._http.request(
                        method, _API + path, headers=dict(headers), **what
                    )
            except httpx.TransportError as failure:
                self._note_away(repr(failure))
                status = 0
            else:
                self._note_back()
                status = response.status_code
                if status < 500 and status != 429:
                    return self._answer(method, path, response)
                wait_s = max(wait_s, _number(response.headers.get("retry-after")))
                if attempt == 0:
                    _log.warning("asked_too_much" if status == 429 else "server_failed", path=path,
                                 status=status, said=response.text[:200])  # fmt: skip
            await asyncio.sleep(min(wait_s, _LONGEST_WAIT_S))
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)
        return Answer(status)

    def _answer(self, method: str, path: str, response: httpx.Response) -> Answer:
        status = response.status_code
        try:
            body = response.json() if response.content else None
        except ValueError:
            body = None
        if status >= 400 and status not in _EXPECTED:
            _log.warning(
                "refused", method=method, path=path, status=status, said=response.text[:300]
            )
        if path == "/session" and status == 200:
            body = {**(body or {}), _COOKIE: response.cookies.get(_COOKIE, "")}
        return Answer(status, body)

    def _note_away(self, reason: str) -> None:
        if not self._away:
            self._away = True
            _log.warning("product_away", reason=reason)

    def _note_back(self) -> None:
        if self._away:
            self._away = False
            _log.info("product_back")


def _number(text: str | None) -> float:
    return float(text) if text and text.isdigit() else 0.0
