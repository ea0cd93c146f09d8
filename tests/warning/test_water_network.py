"""A small made-up network: the tracker keeps up with drift, and rings when sensors contradict each other."""

from __future__ import annotations

import numpy as np
import pytest

from chengshu.warning.models.water_network import Manner, Series, WaterNetwork, detect, follow


def _network(seed: int, steps: int, drift: float = 0.0) -> Series:
    """Four sensors that one hidden demand moves, and one that never moves."""
    rng = np.random.default_rng(seed)
    hours = np.arange(steps) % 24
    demand = np.sin(2 * np.pi * hours / 24) + 0.3 * rng.normal(size=steps)
    mixed = demand[:, None] * np.array([1.0, -2.0, 0.5, 3.0]) + 0.1 * rng.normal(size=(steps, 4))
    mixed[:, 0] += drift * np.arange(steps) / steps
    return Series(np.column_stack([mixed, np.ones(steps)]), hours, np.zeros(steps, bool))


def test_a_sensor_that_contradicts_the_others_rings_and_falls_silent_again() -> None:
    known, asked = _network(1, 2000), _network(2, 400)
    asked.values[200:240, 3] += 1.5
    found, alarms = detect(WaterNetwork.learnt([known]), known, asked, 3.0)
    assert alarms[202:240].mean() > 0.9
    assert not alarms[20:200].any()
    assert not alarms[260:].any()
    assert found[230] > 3 * found[100]


def test_drift_is_followed_where_a_static_scale_stays_on() -> None:
    known, asked = _network(1, 2000), _network(3, 3000, drift=0.6)
    kept = WaterNetwork.learnt([known])
    still = WaterNetwork.learnt([known], Manner(rate=0.0))
    assert detect(kept, known, asked, 3.0)[1].mean() < 0.05
    assert detect(still, known, asked, 3.0)[1].mean() > 0.3


def test_attacked_steps_teach_nothing() -> None:
    known = _network(1, 1000)
    spoilt = Series(known.values.copy(), known.hours, known.attacked.copy())
    spoilt.values[400:500, 2] += 3.0
    spoilt.attacked[400:500] = True
    clean = WaterNetwork.learnt([known.part(0, 1000)])
    asked = _network(4, 200)
    taught = WaterNetwork.learnt([spoilt]).residuals(asked)
    naive = WaterNetwork.learnt([Series(spoilt.values, spoilt.hours, known.attacked)]).residuals(
        asked
    )
    wanted = clean.residuals(asked)
    assert np.abs(taught - wanted).mean() < np.abs(naive - wanted).mean()


def test_an_alarm_ends_below_a_share_of_its_threshold() -> None:
    residuals = np.zeros((60, 3))
    residuals[10:20] = 6.0
    found, alarms = follow(residuals, 3.0, Manner(rate=0.0))
    last = int(np.flatnonzero(alarms)[-1])
    assert found[last] > 0.7 * 3.0 >= found[last + 1]


def test_sensors_that_never_move_are_refused() -> None:
    with pytest.raises(ValueError, match="no sensor moves"):
        WaterNetwork.learnt([Series(np.ones((50, 2)), np.zeros(50, np.int64), np.zeros(50, bool))])
