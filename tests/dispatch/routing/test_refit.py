"""How sure routing is, fitted to what came out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from chengshu.dispatch.routing.combine import (
    DOUBTS,
    SOURCES,
    Mix,
    fit_doubts,
    fit_sources,
    sources,
    threshold,
)
from chengshu.dispatch.routing.refit import curve, fitted
from chengshu.dispatch.routing.store import Decided

NOW = datetime(2026, 7, 14, 11, 2, tzinfo=UTC)
MIX = Mix(0, dict.fromkeys(SOURCES, 1.0), {**dict.fromkeys(DOUBTS, 0.0), "margin": 1.0}, 0.9)


def decisions(number: int, said: float, right: float) -> list[Decided]:
    rng = Random(0)
    return [
        Decided("a", said, "a" if rng.random() < right else "b", NOW + timedelta(hours=n))
        for n in range(number)
    ]


def test_what_is_surer_than_right_is_calibrated_down() -> None:
    found = fitted(decisions(600, 0.95, 0.6), MIX)
    assert found is not None
    mix, figures = found
    assert figures["surprise_after"] < figures["surprise_before"]
    assert mix.sure({**dict.fromkeys(DOUBTS, 0.0), "one": 1.0, "margin": 2.944}) < 0.7
    assert mix.threshold > 1  # nothing reaches the precision, so nothing goes out alone


def test_few_decisions_or_no_gain_propose_nothing() -> None:
    assert fitted(decisions(50, 0.95, 0.6), MIX) is None
    assert fitted(decisions(600, 0.95, 0.95), MIX) is None


def test_the_curve_shows_what_was_said_and_what_came_out() -> None:
    found = curve(decisions(100, 0.95, 1.0) + decisions(100, 0.35, 0.0))
    assert [(b.low, b.decisions, b.right) for b in found] == [(0.3, 100, 0.0), (0.9, 100, 1.0)]


def test_threshold_keeps_the_precision() -> None:
    cases = [(0.99, True)] * 300 + [(0.9, True)] * 3 + [(0.8, False)] * 50
    assert threshold(cases) == 0.9
    assert threshold([(0.9, False)]) > 1


def test_a_source_that_is_right_gets_weight() -> None:
    good = {"x": sources(0.9, 0.1, 0.1, 0, 1), "y": sources(0.1, 0.9, 0.1, 0, 1)}
    weights = fit_sources([(good, "x")] * 50)
    assert weights["words"] + weights["words_known"] > weights["list"] + weights["list_known"]


def test_a_doubt_lowers_the_certainty() -> None:
    plain = dict.fromkeys(DOUBTS, 0.0) | {"one": 1.0}
    weights = fit_doubts([(plain, True)] * 50 + [(plain | {"county_unknown": 1.0}, False)] * 50)
    assert weights["county_unknown"] < -1
