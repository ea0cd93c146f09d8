"""The table of verbs: every verb, stage, role and side; every live stage can end."""

from __future__ import annotations

from itertools import product

import pytest

from chengshu.agencies.model import Role
from chengshu.dispatch.workflow import LIVE, MOVES, OrderStage, Party, Verb, incident_stage, why_not
from chengshu.incidents.model import Stage

S, R = OrderStage, Role
DESK = {R.DISPATCHER, R.SUPERVISOR}
# Written down a second time, by hand: verb, the stages it starts from, where it leads, who, whose.
TABLE = {
    Verb.SIGN: ({S.ASSIGNED}, S.SIGNED, {R.HANDLER}, True),
    Verb.RETURN: ({S.ASSIGNED, S.SIGNED}, S.RETURNED, {R.HANDLER}, True),
    Verb.HANDLE: ({S.SIGNED}, S.HANDLED, {R.HANDLER}, True),
    Verb.ACCEPT: ({S.HANDLED}, S.VERIFIED, DESK | {R.GRID_WORKER}, False),
    Verb.REJECT: ({S.HANDLED}, S.SIGNED, DESK | {R.GRID_WORKER}, False),
    Verb.CLOSE: ({S.VERIFIED}, S.CLOSED, DESK, False),
    Verb.URGE: ({S.ASSIGNED, S.SIGNED}, None, DESK | {R.LEADER}, False),
    Verb.WITHDRAW: ({S.ASSIGNED, S.SIGNED}, S.WITHDRAWN, DESK, False),
}


@pytest.mark.parametrize(
    ("verb", "stage", "role", "own"), list(product(Verb, OrderStage, Role, (True, False)))
)
def test_who_may_do_what_and_when(verb: Verb, stage: OrderStage, role: Role, own: bool) -> None:
    stages, to, roles, units_own = TABLE[verb]
    assert MOVES[verb].to is to
    why = why_not(verb, stage, role, own=own)
    assert (why is None) == (stage in stages and role in roles and own == units_own)
    if why is not None:  # a sentence in both languages, which names the verb
        assert MOVES[verb].label in why.chinese
        assert MOVES[verb].label_en.lower() in why.english


def test_the_sentence_says_the_first_thing_that_is_wrong() -> None:
    said = why_not(Verb.SIGN, S.CLOSED, R.DISPATCHER, own=False)
    assert said is not None
    assert "已办结" in said.chinese  # stage before role: another person could not either
    said = why_not(Verb.SIGN, S.ASSIGNED, R.DISPATCHER, own=False)
    assert said is not None
    assert "角色" in said.chinese


@pytest.mark.parametrize("verb", [v for v in Verb if MOVES[v].party is Party.CENTRE])
def test_nobody_acts_for_a_side_she_does_not_belong_to(verb: Verb) -> None:
    (stage, *_), roles = sorted(TABLE[verb][0]), TABLE[verb][2]
    for role in roles:
        why = why_not(verb, stage, role, own=False, above=False)
        assert (why is None) == (role is R.GRID_WORKER)


def test_every_stage_is_reachable_and_every_live_one_can_end() -> None:
    edges = {(at, m.to) for m in MOVES.values() for at in m.at if m.to is not None}
    reached, ends = {S.ASSIGNED}, set(OrderStage) - LIVE
    for _ in OrderStage:
        reached |= {to for at, to in edges if at in reached}
        ends |= {at for at, to in edges if to in ends}
    assert reached == set(OrderStage)
    assert ends == set(OrderStage)
    assert not {at for at, _ in edges} - LIVE, "what has ended stays ended"
    assert set(TABLE) == set(Verb)


@pytest.mark.parametrize(("orders", "stage"), [
    ([], Stage.RECEIVED),  # nobody has it
    ([S.RETURNED], Stage.RECEIVED),  # back at the desk
    ([S.WITHDRAWN, S.RETURNED], Stage.RECEIVED),
    ([S.ASSIGNED], Stage.ASSIGNED),
    ([S.ASSIGNED, S.RETURNED], Stage.ASSIGNED),
    ([S.SIGNED], Stage.HANDLING),
    ([S.SIGNED, S.ASSIGNED], Stage.HANDLING),
    ([S.SIGNED, S.CLOSED], Stage.HANDLING),
    ([S.ASSIGNED, S.CLOSED], Stage.HANDLING),  # one unit is done, another has not begun
    ([S.ASSIGNED, S.HANDLED], Stage.HANDLING),
    ([S.HANDLED], Stage.VERIFYING),
    ([S.VERIFIED], Stage.VERIFYING),
    ([S.HANDLED, S.CLOSED], Stage.VERIFYING),
    ([S.CLOSED], Stage.CLOSED),
    ([S.CLOSED, S.CLOSED, S.RETURNED], Stage.CLOSED),
])  # fmt: skip
def test_an_incident_stands_where_its_slowest_order_does(
    orders: list[OrderStage], stage: Stage
) -> None:
    assert incident_stage(orders) is stage
    assert incident_stage(reversed(orders)) is stage
