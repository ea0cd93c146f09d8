"""A signed POST to another system of the city.

The signature is HMAC-SHA256 of `timestamp.body` under the secret that both sides hold, as
`X-Chengshu-Signature: t=<seconds>,v1=<hex>`. Whoever receives it refuses an old timestamp, compares in
constant time, and knows a repetition by `Idempotency-Key`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import httpx

from chengshu.kit.db import dumps
from chengshu.kit.times import utc_now
from chengshu.notices.model import Message
from chengshu.notices.sender import Undelivered

SIGNATURE = "X-Chengshu-Signature"
_REFUSED = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})


@dataclass(frozen=True, slots=True)
class Webhook:
    """Sends to hosts that the settings name, and to no others, without following redirections.

    Attributes:
        hosts: Such as "hooks.city.gov.cn" or "10.1.2.3:8443".
        clock: What the timestamp is taken from.
    """

    hosts: frozenset[str]
    timeout_s: float = 10.0
    clock: Callable[[], datetime] = utc_now

    def send(self, message: Message) -> None:
        """See `Sender.send`."""
        if not allowed(message.address, self.hosts):
            raise Undelivered("the host is not among those that the settings allow", final=True)
        body = dumps(
            {
                "key": message.key,
                "text": message.text,
                "at": message.at.isoformat(),
                **message.facts,
            }
        ).encode()
        stamp = int(self.clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.key,
            SIGNATURE: f"t={stamp},v1={signature(message.secret, stamp, body)}",
        }
        try:
            answer = httpx.post(
                message.address, content=body, headers=headers, timeout=self.timeout_s
            )
        except httpx.HTTPError as failure:
            raise Undelivered(type(failure).__name__) from failure
        if answer.status_code in _REFUSED:
            raise Undelivered(f"HTTP {answer.status_code}", final=True)
        if not answer.is_success:
            raise Undelivered(f"HTTP {answer.status_code}")


def signature(secret: str, stamp: int, body: bytes) -> str:
    """The hex digest that both sides make."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, sha256).hexdigest()


def is_genuine(header: str, secret: str, body: bytes, now: datetime, within: timedelta) -> bool:
    """What a receiver checks: the signature, and that it is not an old one played again."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    if not parts.get("t", "").isdecimal():
        return False
    stamp = int(parts["t"])
    if abs(now.timestamp() - stamp) > within.total_seconds():
        return False
    return hmac.compare_digest(parts.get("v1", ""), signature(secret, stamp, body))


def allowed(url: str, hosts: frozenset[str]) -> bool:
    """Whether an address is one of a host that the settings name."""
    try:
        found = urlsplit(url)
    except ValueError:
        return False
    plain = found.username is None and found.password is None
    return found.scheme in ("http", "https") and plain and found.netloc in hosts
