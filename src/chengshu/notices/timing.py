"""When something is sent: quiet hours, limits per recipient, waits between attempts. Plain functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256

from chengshu.kit.times import local

_SPREAD = 0.25  # jitter: a wait is longer or shorter by up to this share


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of the night in which only what matters is sent.

    Attributes:
        since, until: Local; the night may pass midnight. Equal: there is no night.
        level: The least level that is sent all the same.
    """

    since: time
    until: time
    level: int


@dataclass(frozen=True, slots=True)
class Rate:
    """At most so many to one address within a time; dangers are not counted out."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Retry:
    """Attempts: the second after `first`, each further wait twice as long, none above `most`."""

    first: timedelta
    most: timedelta
    attempts: int


def not_before(at: datetime, level: int, quiet: Quiet | None) -> datetime:
    """The earliest instant from `at` on at which something of this level may be sent."""
    if quiet is None or level >= quiet.level or quiet.since == quiet.until:
        return at
    there = local(at)
    clock = there.timetz().replace(tzinfo=None)
    if quiet.since < quiet.until:
        within, tomorrow = quiet.since <= clock < quiet.until, False
    else:
        within, tomorrow = clock >= quiet.since or clock < quiet.until, clock >= quiet.since
    if not within:
        return at
    morning = datetime.combine(there.date(), quiet.until, there.tzinfo)
    return (morning + timedelta(days=1) if tomorrow else morning).astimezone(at.tzinfo)


def again_at(now: datetime, key: str, attempts: int, retry: Retry) -> datetime | None:
    """When to try again after `attempts` failures; None: no more, a person must look.

    The jitter comes from the key, so that what failed together is not tried together, and the
    same failure always waits the same.
    """
    if attempts >= retry.attempts:
        return None
    wait: timedelta = min(retry.first * 2.0 ** (attempts - 1), retry.most)
    drawn = int.from_bytes(sha256(f"{key}:{attempts}".encode()).digest()[:4], "big") / 2**32
    return now + wait * (1 + _SPREAD * (2 * drawn - 1))


def free_at(now: datetime, sent: Sequence[datetime], rate: Rate | None) -> datetime:
    """When one more may be sent to an address that got these within the rate's time; `now` when it may."""
    if rate is None:
        return now
    recent = sorted(at for at in sent if at > now - rate.within)
    if len(recent) < rate.most:
        return now
    return recent[len(recent) - rate.most] + rate.within
