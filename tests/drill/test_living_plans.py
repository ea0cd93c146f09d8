"""What desks and units decide: plausible, seldom odd, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from chengshu.drill import replies
from chengshu.drill.acting import Manner, Plan, plan_of
from chengshu.drill.desk import decide, is_same
from chengshu.drill.pace import Pace

NOW = datetime(2026, 7, 14, 8, 0, tzinfo=UTC)
PACE = Pace(NOW, 6.0)


def order(number: int, stage: str = "assigned", **more: Any) -> dict[str, Any]:
    return {
        "id": str(number), "number": f"20260714-{number:07d}-1", "incident": "1", "unit": "nt.rugao.cgj",
        "stage": stage, "danger": False, "matter_name": "暴露垃圾", "incident_title": "垃圾没人清",
        "sign_due_at": None, "escalated": 0, **more,
    }  # fmt: skip


def plan(found: dict[str, Any], *, again: bool = False, manner: Manner | None = None) -> Plan:
    return plan_of(found, 1, PACE, NOW, again=again, manner=manner)


@pytest.mark.parametrize(
    ("stage", "usual", "odd", "share"),
    [
        ("assigned", "sign", "return", 0.05),
        ("signed", "handle", "return", 0.015),
        ("handled", "verify", "reject", 0.08),
        ("verified", "close", "", 0.0),
    ],
)
def test_most_do_the_usual_thing(stage: str, usual: str, odd: str, share: float) -> None:
    verbs = Counter(plan(order(n, stage)).verb for n in range(2000))
    assert set(verbs) <= {usual, odd}
    assert abs(verbs[odd] / 2000 - share) < 0.02


def test_the_same_order_is_planned_the_same() -> None:
    assert [plan(order(n)) for n in range(50)] == [plan(order(n)) for n in range(50)]


def test_danger_is_quicker() -> None:
    def mean(danger: bool) -> float:
        plans = [plan(order(n, "signed", danger=danger)) for n in range(300)]
        return sum((p.at - NOW).total_seconds() for p in plans) / 300

    assert mean(danger=True) < mean(danger=False) / 3


def test_some_sign_late_where_the_limit_is_near() -> None:
    due = NOW + timedelta(minutes=20)
    late = [p for n in range(1000) if (p := plan(order(n, sign_due_at=due.isoformat()))).at > due]
    assert 30 < len(late) < 150
    far = (NOW + timedelta(days=2)).isoformat()
    assert all(plan(order(n, sign_due_at=far)).at < NOW + timedelta(hours=1) for n in range(300))


def test_what_was_rejected_is_not_rejected_again_nor_returned() -> None:
    assert {plan(order(n, "handled"), again=True).verb for n in range(500)} == {"verify"}
    assert {plan(order(n, "signed"), again=True).verb for n in range(500)} == {"handle"}


def test_a_second_order_is_not_returned() -> None:
    second = [{**order(n), "number": f"20260714-{n:07d}-2"} for n in range(500)]
    assert {plan(o).verb for o in second} == {"sign"}


def test_a_script_goes_to_its_end() -> None:
    manner = Manner(24, 40, 10, 5)
    verbs = []
    for stage in ("assigned", "signed", "handled", "verified"):
        made = plan(order(7, stage), manner=manner)
        verbs.append(made.verb)
        assert made.at == NOW + PACE.lasts(manner.minutes(stage))
    assert verbs == ["sign", "handle", "verify", "close"]


def test_returns_and_replies_say_enough() -> None:
    for n in range(300):
        for stage in ("assigned", "signed", "handled"):
            made = plan(order(n, stage))
            if made.verb in ("return", "handle", "reject"):
                assert len(made.words) >= 8
            assert (made.verb == "return") == bool(made.code)


@pytest.mark.parametrize(
    ("about", "word"),
    [
        ("暴露垃圾 没人清", "清"),
        ("电梯故障 困在里面", "维修"),
        ("异味恶臭 夜里", "整改"),
        ("什么都不是", ""),
    ],
)
def test_replies_fit_what_they_are_about(about: str, word: str) -> None:
    said = {replies.reply_to(about, Random(n)) for n in range(20)}
    assert all(reply for reply in said)
    assert any(word in reply for reply in said)


def incident(number: int, nature: str = "complaint", **more: Any) -> dict[str, Any]:
    proposals = [
        {"unit": "nt.rugao.cgj", "probability": 0.6},
        {"unit": "nt.rugao", "probability": 0.35},
        {"unit": "nt.rugao.rucheng", "probability": 0.05},
    ]
    return {
        "number": f"20260714-{number:07d}", "orders": [], "danger": False, "proposals": proposals,
        "report_list": [{"nature": nature}], **more,
    }  # fmt: skip


def test_the_desk_mostly_takes_the_first_proposal() -> None:
    units = Counter(
        str(d.body["unit"])
        for n in range(2000)
        if (d := decide(incident(n), 1)) is not None and d.verb == "assign"
    )
    assert set(units) == {"nt.rugao.cgj", "nt.rugao"}
    assert 0.08 < units["nt.rugao"] / 2000 < 0.16


def test_consultations_are_answered_with_a_source_and_few_are_refused() -> None:
    asked = [decide(incident(n, "inquiry"), 1) for n in range(500)]
    answers = [d for d in asked if d is not None and d.verb == "answer"]
    assert len(answers) > 380
    assert all(d.body["answer"] and d.body["source"] for d in answers)
    verbs = Counter(d.verb for n in range(2000) if (d := decide(incident(n), 1)) is not None)
    assert 0 < verbs["refuse"] < 60


def test_danger_and_scenes_always_go_to_a_unit() -> None:
    for n in range(300):
        danger = decide(incident(n, "inquiry", danger=True), 1)
        scene = decide(incident(n, "inquiry"), 1, to_unit=True)
        assert danger is not None
        assert scene is not None
        assert (danger.verb, scene.verb) == ("assign", "assign")
        assert scene.body["unit"] == "nt.rugao.cgj"


def test_a_unit_that_handed_it_back_is_not_asked_again() -> None:
    tried = [{"unit": "nt.rugao.cgj"}]
    assert all(
        d is not None and d.body["unit"] != "nt.rugao.cgj"
        for n in range(50)
        if (d := decide(incident(n, orders=tried), 1))
    )
    nobody = decide(incident(1, orders=tried, proposals=[]), 1)
    assert nobody is not None
    assert nobody.body["unit"] == "nt.rugao"


@pytest.mark.parametrize(
    ("matter", "probability", "same"),
    [
        ("a", 0.8, True),
        ("a", 0.5, None),  # nobody can tell yet
        ("a", 0.4, False),
        ("b", 0.8, None),  # the class may be wrong, but one estate has many troubles
        ("b", 0.6, False),
    ],
)
def test_maybe_the_same(matter: str, probability: float, same: bool | None) -> None:
    suggestion = {"other": {"matter": matter}, "probability": probability}
    assert is_same({"matter": "a"}, suggestion) is same
