"""Weights follow the decisions, as far as these ask, and never say what makes no sense."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.evidence import AGAINST, FOR, MEASURES
from chengshu.incidents.learning import Sample, calibrated, fit
from chengshu.incidents.weights import SHIPPED, Weights

NOTHING = Weights(0, 0.0, {})
SAME_PLACE, OTHER_PLACE = {"site_same": 1.0, "title": 0.4}, {"site_other": 1.0, "title": 0.1}


def probability(weights: Weights, measured: Mapping[str, float]) -> float:
    return float(1 / (1 + 2.0 ** -weights.of(measured)))


def clear(n: int) -> list[Sample]:
    """Reports of which each has its incident at the same place and another elsewhere."""
    return [s for i in range(n) for s in (Sample(i, SAME_PLACE, True), Sample(i, OTHER_PLACE, False))]  # fmt: skip


@pytest.mark.parametrize(
    "samples",
    [[], [Sample(1, SAME_PLACE, True)], [Sample(n, OTHER_PLACE, False) for n in range(50)]],
    ids=["none", "one", "all of one answer"],
)
def test_nothing_to_learn_changes_nothing(samples: list[Sample]) -> None:
    assert fit(samples, SHIPPED, 3) == Weights(3, SHIPPED.prior, SHIPPED.bits)


def test_clear_decisions_move_the_weights_their_way() -> None:
    fitted = fit(clear(100), NOTHING, 1)
    assert fitted.version == 1
    assert fitted.bits["site_same"] > 0
    assert fitted.bits["site_other"] < 0
    assert probability(fitted, SAME_PLACE) > 0.9
    assert probability(fitted, OTHER_PLACE) < 0.1
    assert probability(fitted, {}) == pytest.approx(probability(Weights(0, fitted.prior, {}), {}))


def test_the_more_decisions_the_farther() -> None:
    """Nine of ten decisions speak against what the weights in use say of an old complaint."""
    samples = [Sample(n, {"again": 1.0}, n % 10 == 0) for n in range(200)]
    before, many = probability(SHIPPED, {"again": 1.0}), fit(samples, SHIPPED, 1)
    assert probability(many, {"again": 1.0}) == pytest.approx(0.1, abs=0.05)
    assert abs(probability(many, {"again": 1.0}) - 0.1) < abs(before - 0.1)
    few = fit(samples[:10], SHIPPED, 1)
    assert few.bits["site_same"] > 0  # what was not measured keeps its sign


def test_a_decision_that_counts_more_weighs_more() -> None:
    def split(heavy: float) -> Weights:
        said = [Sample(n, {"near": 1.0}, bool(n % 2), heavy if n % 2 else 1.0) for n in range(60)]
        return fit([*said, *clear(5)], NOTHING, 1)

    assert probability(split(9.0), {"near": 1.0}) > probability(split(1.0), {"near": 1.0})


def test_absurd_decisions_turn_no_sign() -> None:
    """Somebody who answers the wrong way round is not believed that one place speaks against."""
    wrong = [Sample(s.report, s.measured, not s.same) for s in clear(100)]
    fitted = fit(wrong, SHIPPED, 1)
    assert fitted.bits.get("site_same", 0.0) >= 0
    assert fitted.bits.get("site_other", 0.0) <= 0
    assert fitted.bits.get("title", 0.0) >= 0


def test_the_chance_is_how_often_it_is_right() -> None:
    rng = np.random.default_rng(4)
    title, near = rng.uniform(0, 1, 6_000), rng.uniform(0, 1, 6_000)
    truth = 1 / (1 + np.exp(-(5 * title + 3 * near - 4)))
    same = rng.uniform(0, 1, 6_000) < truth
    samples = [
        Sample(n, {"title": float(t), "near": float(d)}, bool(s))
        for n, (t, d, s) in enumerate(zip(title, near, same, strict=True))
    ]
    for fitted in (fit(samples, SHIPPED, 1), fit(samples, NOTHING, 1)):
        said = np.array([probability(fitted, s.measured) for s in samples])
        assert np.abs(said - truth).mean() < 0.03
        for low in np.arange(0, 1, 0.2):
            here = (said >= low) & (said < low + 0.2)
            assert here.sum() > 100
            assert said[here].mean() == pytest.approx(same[here].mean(), abs=0.05)


@pytest.mark.parametrize("factor", [0.2, 1.0, 5.0])
def test_too_sure_weights_are_scaled_to_how_often_the_best_is_right(factor: float) -> None:
    """Of two alternatives only the better one counts: that is the one which is asked about."""
    rng = np.random.default_rng(5)
    samples = []
    for n in range(3_000):
        better, worse = sorted(rng.uniform(0, 1, 2).tolist(), reverse=True)
        right = bool(rng.uniform() < 1 / (1 + np.exp(-(6 * better - 3))))
        samples += [Sample(n, {"title": better}, right), Sample(n, {"title": worse}, False)]
    scaled = calibrated(samples, Weights(7, -3 * factor, {"title": 6 * factor}))
    assert scaled.version == 7
    for better in (0.3, 0.5, 0.7, 0.9):
        expected = 1 / (1 + np.exp(-(6 * better - 3)))
        assert probability(scaled, {"title": better}) == pytest.approx(expected, abs=0.05)


def test_calibrating_keeps_the_order() -> None:
    samples = [Sample(n, {"title": n / 40}, n % 3 == 0) for n in range(40)]  # titles say nothing
    scaled = calibrated(samples, Weights(0, -1.0, {"title": 9.0}))
    said = [scaled.of(s.measured) for s in samples]
    assert said == sorted(said)


_MEASURED = st.dictionaries(
    st.sampled_from(MEASURES), st.floats(-8, 8, allow_nan=False), max_size=6
)
_SAMPLE = st.builds(
    Sample, st.integers(0, 5), _MEASURED, st.booleans(), st.sampled_from([0.0, 0.5, 1.0, 100.0])
)


@given(
    st.lists(_SAMPLE, max_size=20), st.sampled_from([SHIPPED, NOTHING]),
    st.sampled_from([0.01, 1.0, 100.0]),
)  # fmt: skip
def test_whatever_is_decided_weights_are_numbers_of_the_right_sign(
    samples: list[Sample], prior: Weights, strength: float
) -> None:
    fitted = fit(samples, prior, 2, strength)
    assert fitted.version == 2
    assert isfinite(fitted.prior)
    assert fitted.bits.keys() <= set(MEASURES)
    for name, bits in fitted.bits.items():
        assert isfinite(bits)
        assert name not in FOR or bits >= 0
        assert name not in AGAINST or bits <= 0
    assert all(isfinite(fitted.of(s.measured)) for s in samples)
