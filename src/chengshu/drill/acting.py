"""The desk and the units of the living city: they see orders on the feed and act in their own time.

One session of the city's dispatcher sees everything; the unit's own handler logs in when it
is her turn. Whatever a person does is planned from a seed that the order's number gives her,
so that the same city behaves the same way again, apart from the clock.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from chengshu.drill import replies
from chengshu.drill.clients import Product
from chengshu.drill.desk import Desk
from chengshu.drill.pace import Pace
from chengshu.drill.scenes import photo_of_clutter
from chengshu.kit.log import logger
from chengshu.kit.times import utc_now

DISPATCHER: Final = "dispatcher:nt"
SUPERVISOR: Final = "supervisor:nt"
_HANDS: Final = 4  # actions under way at once
_LOOK_S: Final = 0.3
_SUPERVISE_S: Final = 15.0
_REREAD_S: Final = 180.0
_MOST_PAGES: Final = 10
_BOXES: Final = ("inbox", "verify", "verified")
_LIVE: Final = frozenset(
    {"assigned", "signed", "handled", "verified"}
)  # nobody of the drill shelves an order
# Least and most minutes of the city until the next step, ordinary and dangerous; few take long.
_TAKES: Final[Mapping[str, tuple[tuple[float, float], tuple[float, float]]]] = {
    "assigned": ((2, 90), (0.5, 6)),
    "signed": ((12, 720), (8, 90)),
    "handled": ((4, 90), (3, 30)),
    "verified": ((2, 45), (1, 10)),
}
_SKEW: Final = 3  # half of all steps take an eighth of the span, or less
_QUICK: Final = 0.25  # of all orders are settled in a fraction of the usual time
_QUICK_FACTOR: Final = 0.2
_LATE: Final = 0.07  # of the units sign after their limit
_LATE_WITHIN: Final = timedelta(minutes=45)  # a limit further away is not waited for
_RETURNS: Final = 0.05
_RETURNS_LATER: Final = 0.015
_REJECTS: Final = 0.08
_PHOTOS: Final = 0.3  # of the replies that need none have one all the same
_URGES: Final = 0.6
_log = logger("acting")


@dataclass(frozen=True, slots=True)
class Manner:
    """How the units deal with an incident that is played from a script: to its end, never returned.

    Attributes:
        signs_after, handles_after, verifies_after, closes_after: Minutes of the city.
        urged_after: Minutes of the city after which the supervisor urges an unsigned order.
        verifier: Login of the grid worker who goes to see; "" leaves it to the desk.
    """

    signs_after: float = 4.0
    handles_after: float = 40.0
    verifies_after: float = 10.0
    closes_after: float = 4.0
    urged_after: float | None = None
    verifier: str = ""

    def minutes(self, stage: str) -> float:
        """Until the step that follows a stage."""
        return {"assigned": self.signs_after, "signed": self.handles_after,
                "handled": self.verifies_after, "verified": self.closes_after}[stage]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done with an order next."""

    at: datetime
    verb: str
    words: str = ""
    code: str = ""


def plan_of(order: Mapping[str, Any], seed: int, pace: Pace, now: datetime, *,
            again: bool, manner: Manner | None = None) -> Plan:  # fmt: skip
    """Decide what will be done with an order, and when; the same for the same seed and number.

    Args:
        order: As the product shows it; its stage is one of the live ones.
        again: The unit had handled it before and was told that it is not done, or it may not hand
            it back.
    """
    stage = str(order["stage"])
    if manner is not None:
        return _plan_to_script(order, stage, manner, pace, now)
    rng = Random(f"{seed}/order/{order['number']}/{stage}/{again}")
    least, most = _TAKES[stage][bool(order["danger"])]
    minutes = least + (most - least) * rng.random() ** _SKEW
    if Random(f"{seed}/quick/{order['number']}").random() < _QUICK:
        minutes *= _QUICK_FACTOR
    at = now + pace.lasts(minutes)
    about = f"{order['matter_name']} {order['incident_title']}"
    first = str(order["number"]).endswith("-1")
    if stage == "assigned":
        if first and not again and rng.random() < _RETURNS:
            code, words = replies.a_return(rng)
            return Plan(at, "return", words, code)
        return Plan(_late(order, at, rng), "sign")
    if stage == "signed":
        if first and not again and rng.random() < _RETURNS_LATER:
            code, words = replies.a_return(rng)
            return Plan(at, "return", words, code)
        return Plan(at, "handle", replies.reply_to(about, rng))
    if stage == "handled":
        ok = again or rng.random() >= _REJECTS
        return Plan(at, "verify" if ok else "reject", replies.finding(ok, rng))
    return Plan(at, "close")


def _plan_to_script(
    order: Mapping[str, Any], stage: str, manner: Manner, pace: Pace, now: datetime
) -> Plan:
    rng = Random(f"script/{order['number']}/{stage}")
    at = now + pace.lasts(manner.minutes(stage))
    verb = {"assigned": "sign", "signed": "handle", "handled": "verify", "verified": "close"}[stage]
    words = {
        "handle": replies.reply_to(f"{order['matter_name']} {order['incident_title']}", rng),
        "verify": replies.finding(True, rng),
    }
    return Plan(at, verb, words.get(verb, ""))


def _late(order: Mapping[str, Any], at: datetime, rng: Random) -> datetime:
    """A few units let the limit for signing pass, where it is near enough to be seen to."""
    limit = order.get("sign_due_at")
    if limit is None or rng.random() >= _LATE:
        return at
    due = datetime.fromisoformat(str(limit))
    return due + timedelta(minutes=rng.uniform(2, 12)) if due - at < _LATE_WITHIN else at


class Acting:
    """All people of the desk and of the units."""

    def __init__(self, product: Product, pace: Pace, seed: int,
                 now: Callable[[], datetime] = utc_now) -> None:  # fmt: skip
        self._product, self._pace, self._seed, self._now = product, pace, seed, now
        acting = product.cast.acting
        self._dispatcher, self._supervisor = acting[DISPATCHER], acting[SUPERVISOR]
        self._desk = Desk(product, self._dispatcher, pace, seed)
        self._orders: dict[str, Mapping[str, Any]] = {}
        self._planned: dict[str, tuple[str, Plan]] = {}
        self._agenda: list[tuple[datetime, str]] = []
        self._due: asyncio.Queue[str] = asyncio.Queue()
        self._rejected: set[str] = set()
        self._urged: set[str] = set()
        self._manners: dict[str, Manner] = {}
        self._areas: dict[str, str] = {}  # order to the code of its place, where it was shown

    async def run(self) -> None:
        """Act until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch())
            group.create_task(self._keep_agenda())
            group.create_task(self._desk.run())
            group.create_task(self._supervise())
            for _ in range(_HANDS):
                group.create_task(self._act())

    def attend(self, incident: str, manner: Manner) -> None:
        """From now on, treat an incident as its script says."""
        self._manners[incident] = manner
        self._desk.prefer(incident)
        for order in [o for o in self._orders.values() if o["incident"] == incident]:
            self.see(order, anew=True)

    def see(self, order: Mapping[str, Any], *, anew: bool = False) -> None:
        """Take note of an order, and plan what will be done with it."""
        number, stage = str(order["id"]), str(order["stage"])
        if stage not in _LIVE:
            self._orders.pop(number, None)
            self._planned.pop(number, None)
            self._areas.pop(number, None)
            return
        self._orders[number] = order
        if "incident_detail" in order:
            self._areas[number] = str(order["incident_detail"]["area"])
        key = f"{stage}/{number in self._rejected}"
        if not anew and number in self._planned and self._planned[number][0] == key:
            return
        plan = plan_of(order, self._seed, self._pace, self._now(), again=number in self._rejected,
                       manner=self._manners.get(str(order["incident"])))  # fmt: skip
        self._planned[number] = key, plan
        heapq.heappush(self._agenda, (plan.at, number))

    async def _watch(self) -> None:
        """The feed, and the boxes whenever something may have been missed."""
        while True:
            await self._read_boxes()
            try:
                async with asyncio.timeout(_REREAD_S):
                    async for name, data in self._product.feed(self._dispatcher):
                        if name == "orders":
                            for order in data["changed"]:
                                self.see(order)
                        elif name == "resync":
                            await self._read_boxes()
            except TimeoutError:
                continue
            await asyncio.sleep(2)

    async def _read_boxes(self) -> None:
        for box in _BOXES:
            after = ""
            for _ in range(_MOST_PAGES):
                params = {"box": box, "limit": 200, **({"after": after} if after else {})}
                answer = await self._product.get(self._dispatcher, "/orders", params)
                if not answer.ok:
                    break
                for order in answer.body["items"]:
                    self.see(order)
                after = answer.body["next"]
                if not after:
                    break

    async def _keep_agenda(self) -> None:
        while True:
            now = self._now()
            while self._agenda and self._agenda[0][0] <= now:
                at, number = heapq.heappop(self._agenda)
                if number in self._planned and self._planned[number][1].at == at:
                    self._due.put_nowait(number)
            await asyncio.sleep(_LOOK_S)

    async def _act(self) -> None:
        while True:
            number = await self._due.get()
            if number in self._planned and number in self._orders:
                await self._do(self._orders[number], self._planned[number][1])

    async def _do(self, order: Mapping[str, Any], plan: Plan) -> None:
        number, manner = str(order["id"]), self._manners.get(str(order["incident"]))
        login = self._who(order, plan, manner)
        path = f"/orders/{number}/{'verify' if plan.verb == 'reject' else plan.verb}"
        answer = await self._product.post(login, path, await self._body(login, order, plan, manner))
        if answer.status in (403, 404) and login != self._dispatcher and plan.verb == "verify":
            # the spot lies outside her grid after all: the desk rings the citizen back instead
            body = {"ok": True, "reason": plan.words}
            answer = await self._product.post(self._dispatcher, path, body)
        if answer.ok:
            if plan.verb == "reject":
                self._rejected.add(number)
            self.see(answer.body)
        else:
            _log.info("not_done", verb=plan.verb, order=order["number"], status=answer.status)
            if plan.verb == "return" and answer.status == 409:
                self._rejected.add(number)  # its time is over, or it was ruled on: she must act
            self._planned.pop(number, None)  # somebody was first: the next look at it plans anew

    async def _body(
        self, login: str, order: Mapping[str, Any], plan: Plan, manner: Manner | None
    ) -> Mapping[str, Any] | None:
        if plan.verb == "return":
            return {"reason": plan.words, "reason_code": plan.code}
        if plan.verb in ("verify", "reject"):
            return {"ok": plan.verb == "verify", "reason": plan.words}
        if plan.verb != "handle":
            return None
        rng = Random(f"{self._seed}/photo/{order['number']}")
        if manner is None and not order.get("needs_evidence", True) and rng.random() >= _PHOTOS:
            return {"reply": plan.words}
        content = await asyncio.to_thread(photo_of_clutter, rng.randrange(10**6))
        photo = await self._product.upload(login, "现场.jpg", content)
        return {"reply": plan.words, "attachments": [photo] if photo else []}

    def _who(self, order: Mapping[str, Any], plan: Plan, manner: Manner | None) -> str:
        if plan.verb in ("sign", "return", "handle"):
            return self._product.cast.acting.get(f"handler:{order['unit']}", self._dispatcher)
        if plan.verb in ("verify", "reject"):
            if manner is not None and manner.verifier:
                return manner.verifier
            worker = f"grid_worker:{self._areas.get(str(order['id']), '')}"
            return self._product.cast.acting.get(worker, self._dispatcher)
        return self._dispatcher

    async def _supervise(self) -> None:
        """Urge units that let the limit for signing pass, and those that a script wants urged."""
        while True:
            await asyncio.sleep(min(_SUPERVISE_S, self._pace.lasts(1).total_seconds()))
            now = self._now()
            for number, order in list(self._orders.items()):
                if number not in self._urged and self._wants_urging(order, now):
                    self._urged.add(number)
                    words = replies.urge(Random(f"{self._seed}/urge/{order['number']}"))
                    await self._product.post(
                        self._supervisor, f"/orders/{number}/urge", {"reason": words}
                    )

    def _wants_urging(self, order: Mapping[str, Any], now: datetime) -> bool:
        if order["stage"] != "assigned":
            return False
        manner = self._manners.get(str(order["incident"]))
        if manner is not None:
            assigned = datetime.fromisoformat(str(order["assigned_at"]))
            return manner.urged_after is not None and now >= assigned + self._pace.lasts(
                manner.urged_after
            )
        return order["escalated"] > 0 and Random(f"urges/{order['number']}").random() < _URGES
