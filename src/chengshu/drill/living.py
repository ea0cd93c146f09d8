"""The living city: its people report, its desks and units act, over HTTP and in sped-up time.

It begins with a burst, the reports of the last hours, so that the map is alive at once; then
the day goes on. Once an hour of the city's time the two scenes are played, each to its end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from chengshu.drill.acting import DISPATCHER, Acting
from chengshu.drill.clients import Product
from chengshu.drill.grids import GridPost
from chengshu.drill.happenings import ZONE
from chengshu.drill.kinds import Kind
from chengshu.drill.pace import Pace
from chengshu.drill.playing import Player, others
from chengshu.drill.reporting import Reporters, Workers, address_of
from chengshu.drill.sites import Site
from chengshu.drill.stream import Stream, Waiting
from chengshu.kit.log import logger
from chengshu.kit.times import utc_now
from chengshu.places import City

BURST: Final = 150  # happenings
OPEN: Final = ("received", "assigned", "handling", "verifying")
_LEAST_BURST: Final = 20
_PER_DAY: Final = 1_200.0
_MOST_PER_S: Final = 1.2  # happenings a second of ours; a faster city has fewer of them
_VOICES: Final = 5  # reports under way at once
_MOST_WAITING: Final = 2_000
_LOOK_S: Final = 0.25
_TRACKED: Final = 300
_TRACK_S: Final = 20.0
_log = logger("living")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the play takes place."""

    city: City
    kinds: Sequence[Kind]
    sites: Sequence[Site]
    posts: Sequence[GridPost]


async def live(product: Product, stage: Stage, pace: float, seed: int,
               now: Callable[[], datetime] = utc_now) -> None:  # fmt: skip
    """Let the city live until cancelled.

    Args:
        pace: Minutes of the city in one of ours.
    """
    clock = Pace(now(), pace)
    per_day = min(_PER_DAY, _MOST_PER_S * 86_400 / pace)
    stream = await asyncio.to_thread(
        Stream,
        stage.city,
        stage.kinds,
        others(stage.sites),
        seed,
        clock.began_at.astimezone(ZONE),
        per_day,
    )
    run = f"{int(clock.began_at.timestamp()):x}"
    reporters = Reporters(product, Workers(stage.posts, product.cast.acting), clock, run, now)
    acting = Acting(product, clock, seed, now)
    voices = _Voices(product, reporters, stream, clock, seed, now)
    player = Player(product, reporters, acting, clock, stage.sites, now)
    async with asyncio.TaskGroup() as group:
        group.create_task(acting.run())
        group.create_task(voices.run())
        group.create_task(player.run())


class _Voices:
    """Everybody who reports what happens by chance, and later looks what became of it."""

    def __init__(self, product: Product, reporters: Reporters, stream: Stream, pace: Pace, seed: int,
                 now: Callable[[], datetime]) -> None:  # fmt: skip
        self._product, self._reporters, self._stream = product, reporters, stream
        self._pace, self._now = pace, now
        self._rng = Random(f"{seed}/voices")
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue()
        self._codes: deque[str] = deque(maxlen=_TRACKED)

    async def run(self) -> None:
        """Report until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_VOICES):
                group.create_task(self._speak())
            group.create_task(self._listen())
            group.create_task(self._look_back())

    async def _listen(self) -> None:
        began = self._now()
        self._queue(dangers_early(self._stream.earlier(await self._missing())))
        count = self._waiting.qsize()
        await self._waiting.join()
        took_s = (self._now() - began).total_seconds()
        _log.info("burst_sent", reports=count, seconds=round(took_s, 1))
        while True:
            self._queue(self._stream.due(self._pace.city(self._now()).astimezone(ZONE)))
            await asyncio.sleep(_LOOK_S)

    async def _missing(self) -> int:
        """How many happenings the map lacks; one that is full from before gets but a few."""
        login = self._product.cast.acting[DISPATCHER]
        answer = await self._product.get(login, "/incidents", {"stage": OPEN, "limit": 1})
        known = int(answer.body["total"]) if answer.ok else 0
        return max(_LEAST_BURST, BURST - known)

    def _queue(self, reports: Iterable[Waiting]) -> None:
        for report in reports:
            if self._waiting.qsize() < _MOST_WAITING:
                self._waiting.put_nowait(report)

    async def _speak(self) -> None:
        while True:
            report = await self._waiting.get()
            try:
                sent = await self._reporters.tell(report.number, report.told)
                if sent is not None:
                    self._codes.append(sent.code)
            finally:
                self._waiting.task_done()

    async def _look_back(self) -> None:
        """Now and then somebody types in her follow-up code."""
        while True:
            await asyncio.sleep(_TRACK_S)
            if self._codes:
                code = self._rng.choice(self._codes)
                await self._product.as_citizen("GET", f"/public/track/{code}", address_of(code))


def dangers_early(reports: Sequence[Waiting]) -> list[Waiting]:
    """Reports in their order, the dangerous ones moved into the first tenth of it."""
    dangers = [r for r in reports if r.danger]
    others = [r for r in reports if not r.danger]
    cut = len(reports) // 20
    return others[:cut] + dangers + others[cut:]


__all__ = ["BURST", "Stage", "dangers_early", "live"]
