"""The table of verbs: every verb, stage, role and side; every live stage can end."""

from __future__ import annotations

from itertools import product

import pytest

from chengshu.agencies.model import Role
from chengshu.dispatch.workflow import (
    DONE,
    LIVE,
    MOVES,
    VAIN,
    CountedOrder,
    OrderStage,
    Party,
    Verb,
    incident_stage,
    label_of,
    why_not,
)
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
    Verb.WITHDRAW: ({S.ASSIGNED, S.SIGNED, S.SHELVED}, S.WITHDRAWN, DESK, False),
    Verb.REDO: ({S.HANDLED}, S.SIGNED, DESK, False),
    Verb.REASSIGN: ({S.ASSIGNED, S.SIGNED, S.SHELVED}, S.WITHDRAWN, DESK, False),
    Verb.LEAD: ({S.ASSIGNED, S.SIGNED, S.HANDLED, S.VERIFIED, S.SHELVED}, None, DESK, False),
    Verb.SHELVE: ({S.SIGNED}, None, {R.HANDLER}, True),
    Verb.ALLOW_SHELVING: ({S.SIGNED}, S.SHELVED, {R.SUPERVISOR, R.LEADER}, False),
    Verb.REFUSE_SHELVING: ({S.SIGNED}, None, {R.SUPERVISOR, R.LEADER}, False),
    Verb.STRIKE_OFF: ({S.SHELVED}, S.SIGNED, DESK | {R.LEADER}, False),
    Verb.STRIKE_CLOSE: ({S.SHELVED}, S.CLOSED, {R.SUPERVISOR, R.LEADER}, False),
    Verb.ARCHIVE: ({S.CLOSED}, S.ARCHIVED, DESK, False),
    Verb.REOPEN: ({S.CLOSED, S.ARCHIVED}, S.SIGNED, DESK | {R.LEADER}, False),
    Verb.VOID: ({S.ASSIGNED, S.SIGNED}, S.VOID, DESK, False),
    Verb.PAUSE: ({S.SIGNED}, None, {R.HANDLER}, True),
    Verb.RESUME: ({S.SIGNED}, None, {R.HANDLER}, True),
    Verb.EXTEND: ({S.SIGNED}, None, {R.HANDLER}, True),
    Verb.SUPERVISE: ({S.ASSIGNED, S.SIGNED}, None, DESK | {R.LEADER}, False),
}


@pytest.mark.parametrize("verb", list(Verb))
def test_who_may_do_what_and_when(verb: Verb) -> None:
    stages, to, roles, units_own = TABLE[verb]
    assert MOVES[verb].to is to
    for stage, role, own in product(OrderStage, Role, (True, False)):
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
    after_the_end = {(at, to) for at, to in edges if at not in LIVE}
    assert after_the_end == {(S.CLOSED, S.ARCHIVED), (S.CLOSED, S.SIGNED), (S.ARCHIVED, S.SIGNED)}
    assert set(OrderStage) == LIVE | DONE | VAIN
    assert not LIVE & DONE
    assert not (LIVE | DONE) & VAIN
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
    ([S.ARCHIVED, S.CLOSED], Stage.CLOSED),
])  # fmt: skip
def test_an_incident_stands_where_its_slowest_order_does(
    orders: list[OrderStage], stage: Stage
) -> None:
    parts = [CountedOrder(one) for one in orders]
    assert incident_stage(parts) is stage
    assert incident_stage(reversed(parts)) is stage


@pytest.mark.parametrize(("orders", "stage"), [
    ([CountedOrder(S.CLOSED), CountedOrder(S.SIGNED, False)], Stage.HANDLING),  # the lead is done, an assistant is not
    ([CountedOrder(S.SIGNED), CountedOrder(S.CLOSED, False)], Stage.HANDLING),
    ([CountedOrder(S.CLOSED), CountedOrder(S.CLOSED, False)], Stage.CLOSED),
    ([CountedOrder(S.CLOSED), CountedOrder(S.WITHDRAWN, False)], Stage.CLOSED),
    ([CountedOrder(S.RETURNED), CountedOrder(S.CLOSED, False)], Stage.RECEIVED),  # nobody leads any more
    ([CountedOrder(S.RETURNED), CountedOrder(S.ASSIGNED, False)], Stage.ASSIGNED),  # somebody has it still
    ([CountedOrder(S.ARCHIVED), CountedOrder(S.CLOSED, False)], Stage.CLOSED),
    ([CountedOrder(S.VOID)], Stage.RECEIVED),
    ([CountedOrder(S.SHELVED)], Stage.HANDLING),
    ([CountedOrder(S.SHELVED), CountedOrder(S.ASSIGNED, False)], Stage.HANDLING),
])  # fmt: skip
def test_an_incident_closes_with_its_lead_and_its_assistants(
    orders: list[CountedOrder], stage: Stage
) -> None:
    assert incident_stage(orders) is stage


def test_a_line_of_business_has_its_own_words() -> None:
    words = {Verb.CLOSE: ("办结", "Settle")}
    assert label_of(Verb.CLOSE, words) == ("办结", "Settle")
    assert label_of(Verb.SIGN, words) == ("签收", "Sign for")
    said = why_not(Verb.CLOSE, S.SIGNED, R.DISPATCHER, own=False, labels=words)
    assert said is not None
    assert said.chinese == "工单处置中，不能办结"
    assert said.english == "the order is being handled: settle is not possible"
