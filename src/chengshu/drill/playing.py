"""Playing the scenes from their scripts, once an hour of the city's time, each to its very end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from chengshu.drill.acting import DISPATCHER, Acting, Manner
from chengshu.drill.clients import Product
from chengshu.drill.happenings import ZONE
from chengshu.drill.pace import Pace
from chengshu.drill.reporting import Reporters, Sent, address_of
from chengshu.drill.scenes import SCENES, Scene
from chengshu.drill.sites import Site
from chengshu.kit.log import logger

_HOUR: Final = timedelta(hours=1)
_RESERVED: Final = 24  # places of each scene, all over the city, where nothing else happens
_FIND_S: Final = 2.0
_FIND_TRIES: Final = 30
_LOOK_S: Final = 5.0
_ENDS_WITHIN: Final = timedelta(hours=6)  # of the city; then something is wrong and the log says so
_ENDED: Final = frozenset({"closed", "answered", "refused"})
_log = logger("scenes")


@dataclass(frozen=True, slots=True)
class Script:
    """How one scene is staged.

    Attributes:
        begins_after: Since the hour's beginning, on the city's clock.
        place, township, ending: What its sites are.
    """

    name: str
    begins_after: timedelta
    manner: Manner
    place: str
    township: str
    ending: str = ""

    def sites(self, sites: Sequence[Site]) -> list[Site]:
        """The places where it can be played."""
        return [
            s
            for s in sites
            if s.place == self.place
            and s.township_name.endswith(self.township)
            and s.name.endswith(self.ending)
        ]


SCRIPTS: Final = (
    Script("corridor_clutter", timedelta(minutes=3), Manner(6, 45, 12, 5), "estate", "街道"),
    Script("glass_on_road", timedelta(minutes=8), Manner(24, 40, 10, 5, urged_after=20),
           "road", "街道", "大道"),
)  # fmt: skip


def reserved(script: Script, sites: Sequence[Site]) -> list[Site]:
    """The places at which a scene is played in turn; the stream of chance leaves them alone."""
    fit = script.sites(sites)
    return fit[:: max(1, len(fit) // _RESERVED)][:_RESERVED]


def others(sites: Sequence[Site]) -> list[Site]:
    """The places that no scene needs."""
    kept = {s.number for script in SCRIPTS for s in reserved(script, sites)}
    return [site for site in sites if site.number not in kept]


class Player:
    """Stages the scenes."""

    def __init__(self, product: Product, reporters: Reporters, acting: Acting, pace: Pace,
                 sites: Sequence[Site], now: Callable[[], datetime]) -> None:  # fmt: skip
        self._product, self._reporters, self._acting = product, reporters, acting
        self._pace, self._now = pace, now
        self._sites = {script.name: reserved(script, sites) for script in SCRIPTS}
        self._login = product.cast.acting[DISPATCHER]

    async def run(self) -> None:
        """Play until cancelled; scenes that are not over yet go on beside the next ones."""
        async with asyncio.TaskGroup() as group:
            hour = 0
            while True:
                for script in SCRIPTS:
                    begins_at = self._pace.began_at + hour * _HOUR + script.begins_after
                    await self._until(begins_at)
                    group.create_task(self._play(script, hour, begins_at.astimezone(ZONE)))
                hour += 1

    async def _until(self, city: datetime) -> None:
        await asyncio.sleep(max(0.0, (self._pace.ours(city) - self._now()).total_seconds()))

    async def _play(self, script: Script, hour: int, begins_at: datetime) -> None:
        sites = self._sites[script.name]
        if not sites:
            return
        site = sites[hour % len(sites)]
        scene = SCENES[script.name]([site], begins_at)
        _log.info("scene_begins", scene=scene.name, site=site.name)
        sent: list[Sent] = []
        for number, step in enumerate(scene.steps):
            await self._until(begins_at + step.after)
            told = await self._reporters.tell(f"{scene.name}-{hour}-{number}", step.told)
            if told is None:
                _log.warning("scene_not_heard", scene=scene.name, step=number)
                continue
            sent.append(told)
            if number == 0:
                await self._attend(script, site, told)
        for told in sent[1:]:  # those that the product took for something else are settled too
            await self._attend(script, site, told)
        await self._see_end(scene, sent, begins_at)

    async def _attend(self, script: Script, site: Site, sent: Sent) -> None:
        """Find the report's incident as a dispatcher would, and have it treated as the script says."""
        worker = self._product.cast.acting.get(f"grid_worker:{site.grid}", "")
        manner = replace(script.manner, verifier=worker)
        for _ in range(_FIND_TRIES):
            incident = await self._incident_of(site, sent)
            if incident is not None:
                self._acting.attend(incident, manner)
                return
            if sent.id is None:  # a citizen's page does not learn the number: the others lead there
                return
            await asyncio.sleep(_FIND_S)
        _log.warning("scene_not_found", scene=script.name, site=site.name)

    async def _incident_of(self, site: Site, sent: Sent) -> str | None:
        params = {"q": site.name, "order": "changed", "limit": 10}
        answer = await self._product.get(self._login, "/incidents", params)
        for item in answer.body["items"] if answer.ok else ():
            detail = await self._product.get(self._login, f"/incidents/{item['id']}")
            if detail.ok and any(r["id"] == sent.id for r in detail.body["report_list"]):
                return str(item["id"])
        return None

    async def _see_end(self, scene: Scene, sent: Sequence[Sent], begins_at: datetime) -> None:
        """Wait until every reporter has been told how it ended."""
        waiting = {s.code for s in sent}
        while waiting and self._pace.city(self._now()) < begins_at + _ENDS_WITHIN:
            await asyncio.sleep(_LOOK_S)
            for code in list(waiting):
                seen = await self._product.as_citizen(
                    "GET", f"/public/track/{code}", address_of(code)
                )
                if seen.ok and seen.body["state"] in _ENDED:
                    waiting.discard(code)
        _log.info("scene_ends", scene=scene.name, told=len(sent) - len(waiting), of=len(sent))
