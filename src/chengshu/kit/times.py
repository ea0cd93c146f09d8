"""Time: aware, UTC inside, Asia/Shanghai for people and for working hours."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The present instant. Only `app` and `drill` call this; rules are handed `now`."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """The same instant as people in the city read it from the clock."""
    return instant.astimezone(SHANGHAI)


def as_local(instant: datetime) -> datetime:
    """Read a time without zone as the city's clock; leave an aware one alone."""
    return instant.replace(tzinfo=SHANGHAI) if instant.tzinfo is None else instant
