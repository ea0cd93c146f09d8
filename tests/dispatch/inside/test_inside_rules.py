"""Who may pass on, write, sign; replies that say nothing; how a clock looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chengshu.dispatch.inside.model import (
    ContactLight,
    DraftReply,
    DraftState,
    Handling,
    House,
    latest,
    light,
    says_nothing,
    why_not_pass,
    why_not_reply,
    why_not_sign,
)
from chengshu.dispatch.workflow import OrderStage

NOW = datetime(2026, 7, 14, 2, tzinfo=UTC)
LIAISON, HEAD, HANDLER, OTHER = 1, 2, 3, 4
HOUSE = House(frozenset({LIAISON}), frozenset({HEAD}))
PHRASES = ("已处理", "情况属实", "正在处理", "无")


def draft(
    account: int = HANDLER, state: DraftState = DraftState.WAITING, number: int = 1
) -> DraftReply:
    return DraftReply(number, 7, "更换了路灯", (), account, "甲", NOW, state, None, None, "")


@pytest.mark.parametrize(
    ("words", "empty"),
    [
        ("已处理", True),
        ("情况属实，已处理！", True),
        ("……", True),
        ("已处理已处理已处理", True),
        ("无", True),
        ("已处理：更换路灯两盏，现场已恢复照明", False),
        ("经查实，该摊点系占道经营", False),
    ],
)
def test_a_reply_that_says_nothing_is_known(words: str, empty: bool) -> None:
    assert says_nothing(words, PHRASES) is empty


def test_where_there_is_a_liaison_only_she_and_a_head_pass_on() -> None:
    for stage in OrderStage:
        live = stage in (OrderStage.ASSIGNED, OrderStage.SIGNED)
        assert (why_not_pass(House(), OTHER, stage) is None) is live
        for who, may in ((LIAISON, True), (HEAD, True), (HANDLER, False)):
            assert (why_not_pass(HOUSE, who, stage) is None) is (may and live), (stage, who)


def test_the_reply_is_written_by_whoever_has_the_order() -> None:
    has = Handling(7, "市容科", HANDLER, "甲", NOW)
    assert why_not_reply(HOUSE, None, OTHER) is None
    may = {who for who in (LIAISON, HEAD, HANDLER, OTHER) if why_not_reply(HOUSE, has, who) is None}
    assert may == {LIAISON, HEAD, HANDLER}


def test_only_a_head_signs_and_never_her_own() -> None:
    assert why_not_sign(HOUSE, draft(), HEAD) is None
    assert why_not_sign(HOUSE, draft(), HANDLER) is not None
    assert why_not_sign(HOUSE, draft(HEAD), HEAD) is not None
    assert why_not_sign(HOUSE, None, HEAD) is not None
    for state in (DraftState.SIGNED, DraftState.SENT_BACK):
        assert why_not_sign(HOUSE, draft(state=state), HEAD) is not None


def test_the_last_reply_of_an_order_counts() -> None:
    assert latest([draft(number=2), draft(number=1)])[7].id == 2


@pytest.mark.parametrize(
    ("hours", "shows"),
    [
        (0, ContactLight.GREEN),
        (2.9, ContactLight.GREEN),
        (3, ContactLight.YELLOW),
        (3.99, ContactLight.YELLOW),
        (4, ContactLight.RED),
        (9, ContactLight.RED),
    ],
)
def test_yellow_in_the_last_quarter_red_when_it_ran_out(hours: float, shows: ContactLight) -> None:
    now = NOW + timedelta(hours=hours)
    assert light(NOW, NOW + timedelta(hours=4), None, now) is shows
    assert light(NOW, NOW + timedelta(hours=4), now, now) is ContactLight.DONE
