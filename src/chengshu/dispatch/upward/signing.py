"""Signatures of requests and answers: HMAC-SHA-256 over what is asked, when, and with what around it."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

SKEW: Final = timedelta(minutes=5)


def sign(secret: bytes, verb: str, path: str, stamp: str, body: bytes) -> str:
    """The signature, hexadecimal.

    Args:
        path: With its query.
        stamp: When it was made, ISO 8601 with a zone.
    """
    text = "\n".join((verb.upper(), path, stamp, sha256(body).hexdigest()))
    return hmac.new(secret, text.encode(), sha256).hexdigest()


def is_signed(
    secret: bytes, verb: str, path: str, stamp: str, body: bytes, signature: str, now: datetime
) -> bool:
    """Whether the signature is the holder's and fresh."""
    try:
        made = datetime.fromisoformat(stamp)
    except ValueError:
        return False
    if made.tzinfo is None or abs(now - made) > SKEW:
        return False
    return hmac.compare_digest(sign(secret, verb, path, stamp, body), signature)
