"""The endless stream of reports: those of the last hours, and then those that come as the clock runs."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from chengshu.drill.happenings import ZONE, Happening, happenings
from chengshu.drill.kinds import Kind
from chengshu.drill.sites import Site
from chengshu.drill.telling import Told, tell
from chengshu.places import City

_BEFORE_DAYS: Final = 2
_DAYS: Final = 3650
_KEPT: Final = 600
_AHEAD: Final = timedelta(hours=12)  # happenings of one day may begin in the night after it
_LATEST: Final = timedelta(hours=4)  # nobody watches a demo for as long as a batch may be held back


@dataclass(frozen=True, slots=True, order=True)
class Waiting:
    """A report that will arrive.

    Attributes:
        at: When, on the city's clock.
        number: Tells it from all others of the stream.
    """

    at: datetime
    number: str
    told: Told = field(compare=False)
    danger: bool = field(compare=False, default=False)


class Stream:
    """What the city's people report, in the order of its arrival.

    Args:
        began_at: When the play begins; what was told before is `earlier`.
        per_day: Happenings a day.
    """

    def __init__(self, city: City, kinds: Sequence[Kind], sites: Sequence[Site], seed: int,
                 began_at: datetime, per_day: float) -> None:  # fmt: skip
        self._seed = seed
        start = (began_at.astimezone(ZONE) - timedelta(days=_BEFORE_DAYS)).date()
        self._next: Iterator[Happening] = happenings(
            city, kinds, seed, start, _DAYS, per_day, sites=sites
        )
        self._coming: list[Waiting] = []
        self._past: deque[list[Waiting]] = deque(maxlen=_KEPT)
        self._began_at = began_at
        self._known_until = began_at - timedelta(days=_BEFORE_DAYS + 1)
        self._pull(began_at)

    def earlier(self, most: int) -> list[Waiting]:
        """The reports of the last `most` happenings before the play began, oldest first."""
        chosen = sorted(self._past)[-most:]
        self._past.clear()
        return sorted(waiting for told in chosen for waiting in told)

    def due(self, now: datetime) -> list[Waiting]:
        """The reports that have arrived since it was last asked."""
        self._pull(now)
        arrived = []
        while self._coming and self._coming[0].at <= now:
            arrived.append(heapq.heappop(self._coming))
        return arrived

    def _pull(self, until: datetime) -> None:
        while self._known_until <= until + _AHEAD:
            happening = next(self._next)
            self._known_until = max(self._known_until, happening.starts_at)
            self._take(happening)

    def _take(self, happening: Happening) -> None:
        past = []
        rng = Random(f"{self._seed}/tell/{happening.number}")
        for place, told in enumerate(tell(happening, rng)):
            at = max(told.said_at, min(told.arrives_at, told.said_at + _LATEST))
            waiting = Waiting(at, f"{happening.number}-{place}", told, happening.kind.danger)
            if told.said_at > self._began_at:
                heapq.heappush(self._coming, waiting)
            else:
                past.append(waiting)
        if past:
            self._past.append(past)
