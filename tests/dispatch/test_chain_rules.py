"""Any operations of any people on the pure rules: no illegal transition, nothing without an owner, no clock lost.

What `handle.act` does around the table is done here with plain values, so that a million operations are cheap.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from chengshu.agencies.model import Kind, Role, Tier, Unit
from chengshu.dispatch.handle import _own_for, _timer
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.obstacles import Facts, obstacle
from chengshu.dispatch.workflow import (
    DONE,
    LIVE,
    MOVES,
    VAIN,
    OrderStage,
    Party,
    Verb,
    incident_stage,
    why_not,
)
from chengshu.incidents.model import Stage
from tests.conftest import NOW

CITY = Unit("nt", "市中心", "City", "市", Kind.CENTRE, Tier.CITY, "", 320600000000000)
COUNTY = Unit("nt.a", "县中心", "County", "县", Kind.CENTRE, Tier.COUNTY, "", 320682000000000)
UNITS = (
    CITY, COUNTY, Unit("nt.a.x", "甲局", "X", "甲", Kind.BUREAU, Tier.COUNTY, "甲", COUNTY.area),
    Unit("nt.a.y", "乙局", "Y", "乙", Kind.BUREAU, Tier.COUNTY, "乙", COUNTY.area),
    Unit("nt.a.t", "镇中心", "T", "镇", Kind.CENTRE, Tier.TOWNSHIP, "", COUNTY.area),
)  # fmt: skip
PEOPLE = tuple((role, unit) for role in Role for unit in UNITS)
VERBS, STAGES = tuple(Verb), tuple(OrderStage)
LEGAL = {(at, move.to or at) for move in MOVES.values() for at in move.at}
HOUR = timedelta(hours=1)
_SENSIBLE = 0.7
_UNDOES = dict.fromkeys((Verb.RETURN, Verb.WITHDRAW, Verb.REASSIGN, Verb.VOID, Verb.URGE), 0.8)


def opened(number: int, unit: Unit, now: datetime, *, lead: bool, follows: int | None = None) -> WorkOrder:  # fmt: skip
    """An order as `new_order` makes it."""
    due = now + 8 * HOUR
    return WorkOrder(number, str(number), 1, unit.unit, unit.area, OrderStage.ASSIGNED, "", now, now + HOUR, due, None, None,
                     None, now + HOUR, 0, False, 0, None, now, lead=lead, follows=follows)  # fmt: skip


@dataclass
class Matter:
    """One incident with its orders, and what stands around them."""

    orders: dict[int, WorkOrder]
    proposed: set[int]
    shelved: dict[int, datetime]  # order to the instant of its review
    stage: Stage
    given: int = 0

    def facts(self, order: WorkOrder) -> Facts:
        busy = any(
            o.unit == order.unit and o.id != order.id and o.stage in LIVE
            for o in self.orders.values()
        )
        return Facts(self.stage, order.id in self.proposed, 0, busy)

    def give(self, unit: Unit, now: datetime, *, lead: bool | None = None, follows: int | None = None) -> bool:  # fmt: skip
        live = [o for o in self.orders.values() if o.stage in LIVE]
        if any(o.unit == unit.unit for o in live):
            return False
        self.given += 1
        leads = not any(o.lead for o in live) if lead is None else lead
        if lead:
            self.lead(0)
        self.orders[self.given] = opened(self.given, unit, now, lead=leads, follows=follows)
        return True

    def lead(self, number: int) -> None:
        self.orders = {i: replace(o, lead=i == number) for i, o in self.orders.items()}


def sensible(order: WorkOrder, rng: Random) -> tuple[Verb, Role, Unit]:
    """A verb that fits the stage, by somebody of the side whose verb it is; else few orders get far."""
    fitting = [v for v in VERBS if order.stage in MOVES[v].at and rng.random() >= _UNDOES.get(v, 0.0)]  # fmt: skip
    move = MOVES[verb := rng.choice(fitting or VERBS)]
    sides = [u for u in UNITS if (u.unit == order.unit) == (move.party is Party.UNIT)]
    return verb, rng.choice(sorted(move.roles)), rng.choice(sides or UNITS)


def operate(matter: Matter, rng: Random, now: datetime) -> bool:
    """One random verb by a random person on a random order; whether it was done."""
    if not matter.orders or rng.random() < 0.05:
        matter.give(rng.choice(UNITS), now)
    order = rng.choice(list(matter.orders.values()))
    verb, (role, unit) = rng.choice(VERBS), rng.choice(PEOPLE)
    if rng.random() < _SENSIBLE:
        verb, role, unit = sensible(order, rng)
    above = order.unit == unit.unit or order.unit.startswith(unit.unit + ".")
    own = _own_for(order, role, unit)
    if why_not(verb, order.stage, role, own=own, above=above) is not None:
        return False
    if obstacle(verb, order, matter.facts(order), unit, {}, role) is not None:
        return False
    to = MOVES[verb].to or order.stage
    assert (order.stage, to) in LEGAL
    _apply(matter, order, verb, to, rng, now)
    return True


def _apply(matter: Matter, order: WorkOrder, verb: Verb, to: OrderStage, rng: Random, now: datetime) -> None:  # fmt: skip
    if verb is Verb.REOPEN and order.handlings == 2 and order.unit != "nt":
        parent = next(u for u in UNITS if u.unit == order.unit.rpartition(".")[0])
        matter.give(parent, now, lead=True, follows=order.id)
        matter.lead(next(i for i, o in matter.orders.items() if o.unit == parent.unit and o.stage in LIVE))  # fmt: skip
        return
    moved = replace(order, stage=to)
    if MOVES[verb].to is not None:
        moved = replace(moved, escalate_at=_timer(order, to, now))
    if verb is Verb.REOPEN:
        due = now + 8 * HOUR
        moved = replace(moved, handlings=2, due_at=due, escalate_at=due, escalated=0, overdue=False)
    if verb is Verb.SHELVE:
        matter.proposed.add(order.id)
    elif MOVES[verb].to is not None or verb is Verb.REFUSE_SHELVING:
        matter.proposed.discard(order.id)
    if verb is Verb.ALLOW_SHELVING:
        matter.shelved[order.id] = now + 100 * HOUR
    elif to is not OrderStage.SHELVED:
        matter.shelved.pop(order.id, None)
    matter.orders[order.id] = moved
    if verb is Verb.LEAD or (verb is Verb.REOPEN and order.lead):
        matter.lead(order.id)
    if verb is Verb.REASSIGN:
        free = [u for u in UNITS if u.unit != order.unit]
        matter.give(rng.choice(free), now, lead=order.lead or None, follows=order.id)


def check(matter: Matter) -> None:
    """What holds whatever was done."""
    orders = list(matter.orders.values())
    live = [o for o in orders if o.stage in LIVE]
    assert len({o.unit for o in live}) == len(live), "a unit has one live order of an incident"
    assert sum(o.lead for o in live) <= 1, "one leads"
    matter.stage = incident_stage(orders)
    done = [o for o in orders if o.stage in DONE]
    assert (matter.stage is Stage.CLOSED) == (not live and any(o.lead for o in done))
    assert (matter.stage is Stage.RECEIVED) == (not live and not any(o.lead for o in done))
    for o in orders:
        assert o.handlings in (1, 2)
        if o.stage in (OrderStage.ASSIGNED, OrderStage.SIGNED):
            assert o.due_at is not None
            assert o.escalate_at is not None, "its clock is lost"
        assert (o.id in matter.shelved) == (o.stage is OrderStage.SHELVED), "a shelved order has its review"  # fmt: skip
        if o.id in matter.proposed:
            assert o.stage is OrderStage.SIGNED
        if o.stage in VAIN:
            assert o.id not in matter.shelved


@pytest.mark.parametrize("operations", [20_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_random_operations_on_the_rules(operations: int) -> None:
    rng, done, now = Random(20260714), 0, NOW
    matter, reached = Matter({}, set(), {}, Stage.RECEIVED), set()
    for n in range(operations):
        if n % 400 == 0:
            matter = Matter({}, set(), {}, Stage.RECEIVED)
        now += timedelta(minutes=rng.randrange(90))
        if operate(matter, rng, now):
            done += 1
            check(matter)
            reached |= {o.stage for o in matter.orders.values()}
    print(
        f"{operations} operations, {done} done, {operations - done} refused, {len(reached)} stages"
    )
    assert reached == set(OrderStage)
    assert done > operations // 10
