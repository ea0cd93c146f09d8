"""The platform above over HTTPS with signed JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, TypeVar

import httpx
import orjson

from chengshu.dispatch.upward.model import DayEntry, PassedDown, UpMessage, UpReceipt
from chengshu.dispatch.upward.port import UpperAwayError, UpperRefusedError
from chengshu.dispatch.upward.signing import is_signed, sign

_Out = TypeVar("_Out")
_REFUSED: Final = frozenset({400, 404, 409, 410, 422})


@dataclass(frozen=True, slots=True)
class HttpUpper:
    """One account at the platform above.

    Attributes:
        client: With the platform's address as its base, a timeout, and certificates as the city trusts them.
        secret: Shared with the platform; signs both ways.
    """

    client: httpx.Client
    key: str
    secret: bytes
    clock: Callable[[], datetime]

    def fetch(self) -> Sequence[PassedDown]:
        """See `Upper`."""
        return _read(_passed_down, self._call("GET", "/orders"))

    def send(self, message: UpMessage) -> UpReceipt:
        """See `Upper`."""
        body = {"id": str(message.id), "kind": str(message.kind), "at": message.at.isoformat(),
                "body": dict(message.body)}  # fmt: skip
        told = self._call("POST", f"/orders/{message.number}/messages", orjson.dumps(body))
        return _read(lambda t: UpReceipt(str(t["receipt"]), t.get("verdict")), told)

    def day(self, day: date) -> Sequence[DayEntry]:
        """See `Upper`."""
        told = self._call("GET", f"/days/{day.isoformat()}")
        return _read(
            lambda t: [DayEntry(str(e["number"]), str(e["state"])) for e in t["orders"]], told
        )

    def _call(self, verb: str, path: str, body: bytes = b"") -> Any:
        stamp = self.clock().isoformat()
        headers = {"X-Key": self.key, "X-Time": stamp, "X-Signature": sign(self.secret, verb, path, stamp, body),
                   "Content-Type": "application/json"}  # fmt: skip
        try:
            answer = self.client.request(verb, path.lstrip("/"), content=body, headers=headers)
        except httpx.HTTPError as failure:
            raise UpperAwayError(repr(failure)) from failure
        if answer.status_code in _REFUSED:
            raise UpperRefusedError(f"{answer.status_code} {answer.text[:300]}")
        if answer.status_code >= 300:
            raise UpperAwayError(f"HTTP {answer.status_code}")
        told = answer.headers
        if not is_signed(self.secret, verb, path, told.get("x-time", ""), answer.content, told.get("x-signature", ""),
                         self.clock()):  # fmt: skip
            raise UpperAwayError("the answer is not signed by the platform above")
        return _read(orjson.loads, answer.content)


def _read(how: Callable[[Any], _Out], told: Any) -> _Out:
    try:
        return how(told)
    except (KeyError, TypeError, ValueError) as wrong:
        raise UpperAwayError(f"cannot be read: {wrong!r}") from wrong


def _passed_down(told: Mapping[str, Any]) -> list[PassedDown]:
    return [
        PassedDown(str(o["number"]), str(o["title"]), str(o["text"]), str(o.get("place", "")), _moment(o["due_at"]),
                   _moment(o["sent_at"]))
        for o in told["orders"]
    ]  # fmt: skip


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return moment
