"""The city's dispatcher of the living city: what waits in the queue is assigned, answered or, seldom, refused.

She knows what the page shows her and nothing of the truth.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from chengshu.drill import replies
from chengshu.drill.clients import Product
from chengshu.drill.pace import Pace
from chengshu.kit.log import logger

_LOOK_S: Final = 2.0
_DESKS: Final = 3
_AT_ONCE: Final = 12  # incidents worked through before the queue is looked at again
_SHOWN: Final = 60
_THINKS: Final = (0.5, 12.0, 3.0)  # minutes of the city that an incident waits: least, most, usual
_AGAIN_S: Final = 60.0
_SECOND: Final = 0.12  # how often she takes the second proposal, when it is not far behind
_CLOSE: Final = 0.5  # «not far behind»: its share of the first one's probability
_ANSWERS: Final = {"inquiry": 0.85, "praise": 0.9, "suggestion": 0.15}
_REFUSES: Final = 0.012
_SAME, _OTHER = 0.7, 0.45  # above and below which «maybe the same» is settled at once
_log = logger("desk")


@dataclass(frozen=True, slots=True)
class Decision:
    """What she does with an incident: the path below it and the body."""

    verb: str
    body: Mapping[str, Any] = field(default_factory=dict)


def decide(incident: Mapping[str, Any], seed: int, *, to_unit: bool = False) -> Decision | None:
    """What the dispatcher does with an incident of the queue; None when no unit can be named.

    Args:
        incident: Its detail, as the product shows it.
        to_unit: It goes to a unit in any case.
    """
    rng = Random(f"{seed}/desk/{incident['number']}/{len(incident['orders'])}")
    natures = {r["nature"] for r in incident["report_list"]}
    nature = natures.pop() if len(natures) == 1 else ""
    fresh = not incident["orders"] and not incident["danger"] and not to_unit
    if fresh and rng.random() < _ANSWERS.get(nature, 0.0):
        words, source = replies.answer(nature, rng)
        return Decision("answer", {"answer": words, "source": source})
    if fresh and rng.random() < _REFUSES:
        rule, notice = replies.refusal()
        return Decision("refuse", {"rule": rule, "notice": notice})
    unit = _unit(incident["proposals"], [str(o["unit"]) for o in incident["orders"]], rng,
                 surely=to_unit)  # fmt: skip
    if unit is None:
        return None
    return Decision("assign", {"unit": unit, "instruction": replies.instruction(rng), "reason": ""})


def _unit(
    proposals: Sequence[Mapping[str, Any]], tried: Sequence[str], rng: Random, *, surely: bool
) -> str | None:
    """The best unit that has not handed it back; now and then the second."""
    left = [p for p in proposals if p["unit"] not in tried]
    if not left:
        # everybody handed it back: the centre above the last one, or the city's own
        above = tried[-1].rpartition(".")[0] if tried else ""
        return next((u for u in (above, "nt") if u and u not in tried), None)
    if len(left) > 1 and not surely and rng.random() < _SECOND:
        first, second = left[0], left[1]
        if second["probability"] >= _CLOSE * first["probability"]:
            return str(second["unit"])
    return str(left[0]["unit"])


class Desk:
    """The dispatcher at her queue."""

    def __init__(self, product: Product, login: str, pace: Pace, seed: int) -> None:
        self._product, self._login, self._pace, self._seed = product, login, pace, seed
        self._not_before: dict[str, float] = {}
        self._preferred: set[str] = set()

    def prefer(self, incident: str) -> None:
        """This incident is assigned as soon as it is seen, to the first proposal."""
        self._preferred.add(incident)
        self._not_before.pop(incident, None)

    async def run(self) -> None:
        """Work through the queue until cancelled."""
        while True:
            answer = await self._product.get(self._login, "/queue", {"limit": _SHOWN})
            if answer.ok:
                waiting = [i for i in answer.body["items"] if self._is_time(i)]
                await self._settle_all([str(i["id"]) for i in waiting])
            await asyncio.sleep(_LOOK_S)

    async def _settle_all(self, waiting: Sequence[str]) -> None:
        """Work through the head of the queue; the centre has a few desks."""
        for first in range(0, min(len(waiting), _AT_ONCE), _DESKS):
            async with asyncio.TaskGroup() as desks:
                for number in waiting[first : first + _DESKS]:
                    desks.create_task(self._settle(number))

    def _is_time(self, item: Mapping[str, Any]) -> bool:
        number = str(item["id"])
        if number in self._preferred:
            return time.monotonic() >= self._not_before.get(number, 0.0)
        if number not in self._not_before:
            thinks = Random(f"{self._seed}/thinks/{item['number']}").triangular(*_THINKS)
            minutes = 0.0 if item["danger"] else thinks
            left_s = self._pace.lasts(minutes).total_seconds() - item["waiting_s"]
            self._not_before[number] = time.monotonic() + left_s
        return time.monotonic() >= self._not_before[number]

    async def _settle(self, number: str) -> None:
        self._not_before[number] = time.monotonic() + _AGAIN_S
        answer = await self._product.get(self._login, f"/incidents/{number}")
        if not answer.ok or answer.body["stage"] != "received":
            return
        if await self._settle_suggestions(answer.body):
            self._not_before.pop(number, None)  # it is the other's now, or has more reports to read
            return
        decision = decide(answer.body, self._seed, to_unit=number in self._preferred)
        if decision is None:
            _log.info("no_unit", incident=answer.body["number"])
            return
        filing = answer.body.get("filing")
        if decision.verb == "assign" and filing and filing["registered_at"] is None:
            await self._product.post(self._login, f"/incidents/{number}/register", {"reason": ""})
        done = await self._product.post(
            self._login, f"/incidents/{number}/{decision.verb}", decision.body
        )
        if done.ok:
            self._not_before.pop(number, None)

    async def _settle_suggestions(self, incident: Mapping[str, Any]) -> bool:
        """Answer «maybe the same» where it is plain; True when something was merged."""
        for suggestion in incident["suggestions"]:
            same = is_same(incident, suggestion)
            if same is None:
                continue
            words = "地点和内容相同，是同一件事" if same else "不是同一件事，分开办理"
            answer = await self._product.post(
                self._login, f"/suggestions/{suggestion['id']}", {"accept": same, "reason": words}
            )
            if answer.ok and same:
                return True
        return False


def is_same(incident: Mapping[str, Any], suggestion: Mapping[str, Any]) -> bool | None:
    """Whether a dispatcher takes «maybe the same» for the same; None leaves it open.

    One estate has many troubles: another class at the same place is another thing.
    """
    probability, other = float(suggestion["probability"]), suggestion["other"]
    if other["matter"] != incident["matter"]:
        return False if probability < _SAME else None
    if probability >= _SAME:
        return True
    return False if probability < _OTHER else None
