"""Each kind of stream: what it says is bounded, signed rightly, and learnt from its own history."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengshu.warning.evidence import LEAST, MOST, SILENCE, Evidence, learn
from chengshu.warning.model import Floats, StreamKind

COUNT = 40
CALM = np.zeros(COUNT, bool)


def _history(kind: StreamKind) -> Floats:
    rng = np.random.default_rng(7)
    if kind is StreamKind.AMOUNT:
        return np.asarray(100 + 10 * rng.normal(size=(COUNT, 90)))
    rate = 0.3 if kind is StreamKind.EVENTS else 0.05
    counts = rng.poisson(rate, (COUNT, 90)).astype(np.float64)
    return np.minimum(counts, 1) if kind is StreamKind.ONLINE else counts


def _model(kind: StreamKind) -> Evidence:
    return learn(kind, _history(kind))


def _says(kind: StreamKind, value: float) -> float:
    values = _history(kind)[:, 3].copy()
    values[0] = value
    return float(_model(kind).step(values, CALM)[0])


@pytest.mark.parametrize(("kind", "usual", "raised"), [
    (StreamKind.AMOUNT, 100.0, 150.0), (StreamKind.EVENTS, 0.0, 3.0), (StreamKind.ONLINE, 0.0, 1.0)])  # fmt: skip
def test_activity_speaks_for_and_its_absence_against(
    kind: StreamKind, usual: float, raised: float
) -> None:
    assert _says(kind, usual) < -0.3
    assert _says(kind, raised) > 1.5


@settings(max_examples=40, deadline=None)
@given(st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from(list(StreamKind)))
def test_whatever_is_read_is_bounded(value: float, kind: StreamKind) -> None:
    assert LEAST <= _says(kind, value) <= MOST


@pytest.mark.parametrize("kind", list(StreamKind))
def test_a_month_of_silence_says_no_more_than_two_first_days(kind: StreamKind) -> None:
    model, total = _model(kind), 0.0
    for _ in range(30):
        values = _history(kind)[:, 0].copy()
        values[0] = np.nan
        total += float(model.step(values, CALM)[0])
    assert 0 <= total <= 2 * SILENCE


def test_a_feed_that_is_down_says_nothing() -> None:
    values = _history(StreamKind.AMOUNT)[:, 0].copy()
    values[: COUNT // 2] = np.nan
    assert (_model(StreamKind.AMOUNT).step(values, CALM)[: COUNT // 2] == 0).all()


def test_a_thousandfold_says_nothing_for() -> None:
    assert _says(StreamKind.AMOUNT, 100_000.0) <= 0
    assert _says(StreamKind.AMOUNT, 101_500.0) <= 0


def test_what_all_peers_do_is_nobody_s_evidence() -> None:
    values = _history(StreamKind.AMOUNT)[:, 3] + 50  # a cold day
    assert float(np.median(_model(StreamKind.AMOUNT).step(values, CALM))) < 0


def test_the_level_follows_slowly_and_stands_still_while_suspected() -> None:
    def after(suspected: bool) -> float:
        model, rng, said = _model(StreamKind.AMOUNT), np.random.default_rng(8), []
        held = CALM.copy()
        held[0] = suspected
        for _ in range(150):
            values = 100 + 10 * rng.normal(size=COUNT)
            values[0] += 25
            said.append(float(model.step(values, held)[0]))
        return float(np.mean(said[-30:]))

    assert after(suspected=True) > 1.0
    assert after(suspected=False) < -0.5


def test_noise_that_lingers_says_less_a_day() -> None:
    rng = np.random.default_rng(9)
    shocks, slow = rng.normal(size=(COUNT, 90)), np.zeros((COUNT, 90))
    for day in range(1, 90):
        slow[:, day] = 0.85 * slow[:, day - 1] + 0.53 * shocks[:, day]

    def total(history: Floats) -> float:
        model = learn(StreamKind.AMOUNT, 100 + 10 * history)
        values = np.full(COUNT, 100.0)
        values[0] = 125.0
        return sum(float(model.step(values, CALM)[0]) for _ in range(10))

    assert total(slow) < total(shocks)


def test_one_entity_and_a_constant_meter_can_be_learnt() -> None:
    for history in (np.full((1, 40), 5.0), np.zeros((3, 40)), np.full((2, 40), np.nan)):
        said = learn(StreamKind.AMOUNT, history).step(
            np.full(len(history), 6.0), np.zeros(len(history), bool)
        )
        assert np.isfinite(said).all()
