"""Around every request: an id, a limit on its size, the true address, headers that protect pages, figures."""

from __future__ import annotations

import ipaddress
import re
import secrets
import time
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MIB = 1024 * 1024
MOST_BYTES = 2 * _MIB
MOST_UPLOAD_BYTES = 12 * _MIB
_UPLOADS = "/attachments"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_TOO_LARGE = {
    False: '{"code":"too_large","detail":"内容太大","fields":[]}'.encode(),
    True: b'{"code":"too_large","detail":"the body is too large","fields":[]}',
}
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        b"worker-src 'self' blob:; connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'self'",
    ),
]


class _TooLarge(Exception):
    pass


class Shield:
    """Pure ASGI, so that streams pass through unbuffered."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        proxies: frozenset[str],
        observe: Callable[[str, str | None, int, float], None],
    ) -> None:
        self._app, self._proxies, self._observe = app, proxies, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request=request_id)
        self._resolve_address(scope, headers)
        limit = MOST_UPLOAD_BYTES if scope["path"].endswith(_UPLOADS) else MOST_BYTES
        began, status, started, seen = time.perf_counter(), 500, False, 0
        marks = [*_HEADERS, (b"x-request-id", request_id.encode())]

        async def limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal status, started
            if seen > limit and not started:
                raise _TooLarge  # what reads bodies has answered its own 400 to our exception
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                message = {
                    **message,
                    "headers": [*message["headers"], *marks],
                }
            await send(message)

        try:
            if _length(headers) > limit:
                raise _TooLarge
            await self._app(scope, limited, watched)
        except _TooLarge:
            if not started:
                status = 413
                await send({"type": "http.response.start", "status": 413, "headers": [
                    (b"content-type", b"application/json"), (b"connection", b"close"), *marks]})  # fmt: skip
                english = headers.get(b"accept-language", b"").strip().lower().startswith(b"en")
                await send({"type": "http.response.body", "body": _TOO_LARGE[english]})
        finally:
            route = getattr(scope.get("route"), "path", None)
            self._observe(scope["method"], route, status, time.perf_counter() - began)
            structlog.contextvars.unbind_contextvars("request")

    def _resolve_address(
        self, scope: MutableMapping[str, Any], headers: dict[bytes, bytes]
    ) -> None:
        """Believe X-Forwarded-For only when our own proxy wrote it."""
        client = scope.get("client")
        forwarded = headers.get(b"x-forwarded-for")
        if client and forwarded and client[0] in self._proxies:
            said = forwarded.decode("latin-1").rsplit(",", 1)[-1].strip()
            try:
                scope["client"] = (str(ipaddress.ip_address(said)), client[1])
            except ValueError:
                return  # not an address: it would stand in the audit trail as if it were one


def _length(headers: dict[bytes, bytes]) -> int:
    value = headers.get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0
