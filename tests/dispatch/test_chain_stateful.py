"""Several units and workers at once, any verb at any time, over HTTP against the database."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Lock
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from chengshu.dispatch.workflow import DONE, LIVE, MOVES, Verb
from tests.conftest import NOW, Home
from tests.dispatch.checks.conftest import CGJ, CITY, COUNTY, SLJ, TOWN, Chain
from tests.dispatch.test_verbs import ROUTES
from tests.security.people import make_api

pytestmark = pytest.mark.db
_UNITS = (CGJ, SLJ, TOWN, COUNTY)
_PEOPLE = (
    *((Role.HANDLER, u) for u in _UNITS), (Role.DISPATCHER, COUNTY), (Role.SUPERVISOR, COUNTY), (Role.DISPATCHER, CITY),
    (Role.LEADER, CITY), (Role.SUPERVISOR, TOWN),
)  # fmt: skip
_LIVE = "('assigned', 'signed', 'handled', 'verified', 'shelved')"
_EXPECTED = {200, 403, 404, 409, 422}
_EDGES = {(str(at), str(m.to or at)) for m in MOVES.values() for at in m.at}
_NEXT = {
    "assigned": Verb.SIGN,
    "signed": Verb.HANDLE,
    "handled": Verb.ACCEPT,
    "verified": Verb.CLOSE,
}
_OUTCOMES = ("satisfied", "unsatisfied", "no_answer")


def do(chain: Chain, role: Role, unit: str, verb: Verb, order: int, to: str = SLJ) -> int:
    """One verb; for shelving the review lies ahead of what the clock says now."""
    path, body = ROUTES[verb]
    body = dict(body) if body else None
    if verb is Verb.REASSIGN and body:
        body["unit"] = to
    if verb is Verb.SHELVE and body:
        body["review_on"] = str((chain.api.clock.now + timedelta(days=30)).date())
    return chain.at(role, unit).post(f"/orders/{order}/{path}", body).status_code


def whole(chain: Chain) -> None:
    """No illegal transition, nothing without an owner, no clock lost, whatever was done."""
    moves = chain.sql(
        """select distinct from_stage, to_stage from step
           where work_order is not null and from_stage is not null and to_stage is not null"""
    )
    wrong = [(f, t) for f, t in moves if (f, t) not in _EDGES and f != t]
    assert not wrong, "illegal transitions"
    last = chain.sql(
        """select o.id from work_order o join lateral (
             select to_stage from step s where s.work_order = o.id and s.to_stage is not null
             order by s.id desc limit 1) s on true where s.to_stage <> o.stage"""
    )
    assert not last, "history and stage differ"
    lost = chain.sql(
        """select id, stage from work_order where stage in ('assigned', 'signed')
             and (due_at is null or (escalate_at is null and escalated < 3))"""
    )
    assert not lost, "a clock is lost"
    bank = chain.sql(
        """select o.id from work_order o where (o.stage = 'shelved') <> exists (
             select 1 from shelving s
             where s.work_order = o.id and s.state = 'approved' and s.timer is not null)"""
    )
    assert not bank, "a shelved order has no review, or the bank holds what is not shelved"
    for incident, stage, closed in chain.sql(
        "select id, stage, closed_at is not null from incident"
    ):
        orders = chain.sql("select stage, lead from work_order where incident = %s", incident)
        live = [lead for s, lead in orders if s in LIVE]
        done = [lead for s, lead in orders if s in DONE]
        assert sum(live) <= 1, "two lead"
        assert closed == (stage == "closed")
        assert (stage == "closed") == (not live and any(done)), (stage, orders)
        assert (stage == "received") == (not live and not any(done)), "somebody or the desk has it"


class Everything(RuleBasedStateMachine):
    """One incident, several units and centres, and the workers."""

    home: Home  # set before it runs

    @initialize()
    def begin(self) -> None:
        self.home.empty()
        self.chain = Chain(make_api(self.home, NOW.replace(hour=2, minute=0)))
        self.chain.sample(50)
        self.incident = self.chain.happens()

    @rule(unit=st.sampled_from(_UNITS))
    def give(self, unit: str) -> None:
        answer = self.chain.desk.post(f"/incidents/{self.incident}/assign", {"unit": unit})
        assert answer.status_code in (200, 409)

    @rule(
        who=st.sampled_from(_PEOPLE),
        verb=st.sampled_from(list(Verb)),
        one=st.integers(0, 99),
        to=st.sampled_from(_UNITS),
    )
    def any_verb(self, who: tuple[Role, str], verb: Verb, one: int, to: str) -> None:
        orders = self.orders()
        if orders:
            assert do(self.chain, *who, verb, orders[one % len(orders)][0], to) in _EXPECTED

    @rule(one=st.integers(0, 99))
    def goes_on(self, one: int) -> None:
        """What would usually come next, so that ends are reached."""
        orders = [o for o in self.orders() if o[2] in ("assigned", "signed", "handled", "verified")]
        if orders:
            order, unit, stage = orders[one % len(orders)]
            verb = _NEXT[stage]
            who = (Role.HANDLER, unit) if stage in ("assigned", "signed") else (Role.DISPATCHER, CITY)  # fmt: skip
            assert do(self.chain, *who, verb, order) in (200, 409)

    @rule(outcome=st.sampled_from(_OUTCOMES))
    def rings(self, outcome: str) -> None:
        body = {"outcome": outcome, "words": "还有臭味"}
        answer = self.chain.at(Role.DISPATCHER, CITY).post(f"/incidents/{self.incident}/callback", body)  # fmt: skip
        assert answer.status_code in (200, 409)

    @rule(passed=st.booleans())
    def looks(self, passed: bool) -> None:
        who = self.chain.at(Role.SUPERVISOR, CITY)
        for one in who.get("/checks").json()["inspections"][:1]:
            body = {"passed": passed, "words": "现场看过了"}
            assert who.post(f"/inspections/{one['id']}", body).status_code in (200, 409)

    @rule(hours=st.sampled_from((1, 20, 800)))
    def time_passes(self, hours: int) -> None:
        self.chain.later(timedelta(hours=hours))
        pipeline.handle_clocks(self.home.worker, self.chain.api.clock.now)
        self.chain.care()

    def orders(self) -> list[tuple[int, str, str]]:
        return [(r[0], r[1], r[2]) for r in self.chain.sql(
            "select id, unit, stage from work_order where incident = %s order by id", int(self.incident))]  # fmt: skip

    @invariant()
    def everything_is_whole(self) -> None:
        if hasattr(self, "incident"):
            whole(self.chain)


def test_whatever_people_do_the_chain_is_whole(db: Home) -> None:
    class Here(Everything):
        home = db

    Here.TestCase.settings = settings(
        max_examples=4, stateful_step_count=14, deadline=None, phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    Here.TestCase().runTest()


@pytest.mark.parametrize("operations", [60, pytest.param(20_000, marks=pytest.mark.soak)])
def test_several_people_at_once(db: Home, operations: int) -> None:
    """Concurrent people and a worker on a few incidents; figures go to the screen."""
    chain = Chain(make_api(db, NOW.replace(hour=2, minute=0)))
    chain.sample(20)
    for role, unit in _PEOPLE:
        chain.at(role, unit)
    incidents = [chain.happens(), chain.happens("路灯坏了三盏，晚上看不见路")]
    counted: Counter[Any] = Counter()
    lock = Lock()

    def one(n: int) -> None:
        rng = Random(n)
        incident = rng.choice(incidents)
        if n % 25 == 0:
            pipeline.handle_clocks(db.worker, chain.api.clock.now)
            chain.care()
            return
        found = chain.sql("select id, unit, stage from work_order where incident = %s", int(incident))  # fmt: skip
        if not found or rng.random() < 0.1:
            body = {"unit": rng.choice(_UNITS)}
            status = chain.desk.post(f"/incidents/{incident}/assign", body).status_code
        else:
            order, unit, stage = rng.choice(found)
            fitting = [v for v in Verb if stage in MOVES[v].at]
            verb = rng.choice(fitting or list(Verb))
            own = [(Role.HANDLER, unit)] * 3
            status = do(chain, *rng.choice((*own, *_PEOPLE)), verb, order, rng.choice(_UNITS))
        with lock:
            counted[status] += 1

    with ThreadPoolExecutor(8) as pool:
        for begin in range(0, operations, 200):
            list(pool.map(one, range(begin, min(begin + 200, operations))))
            whole(chain)
    print(f"{operations} operations at once: {dict(sorted(counted.items()))}")
    assert set(counted) <= _EXPECTED
    assert counted[200] > operations // 20
