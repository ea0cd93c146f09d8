"""Watching plants: what must hold whatever the plants are like."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from chengshu.drill.plants import plants
from chengshu.warning import Readings, Watched
from chengshu.warning.model import Floats
from chengshu.warning.models.closed_plant import QUIET_DAYS, STREAMS, explained, run

COUNT, DAYS = 60, 150


def _readings(restarting: float = 0.5) -> tuple[Readings, Floats]:
    made = plants(5, COUNT, DAYS, restarting=restarting)
    values = {key: array.copy() for key, array in made.readings.items()}
    return Readings(made.names, made.states, values), made.restart_day.astype(np.float64)


@cache
def _watched(per_year: float = 0.1) -> Watched:
    return run(_readings()[0], per_year)


def _changed(key: str, plant: int, begin: int, change: Floats | float) -> Readings:
    readings, _ = _readings()
    readings.values[key][plant, begin:] = change
    return readings


def _calm() -> int:
    """A plant that never starts again and has its readings."""
    _, restart = _readings()
    peak = _watched().suspicion.max(1)
    return int(np.flatnonzero((restart < 0) & (peak < np.median(peak[restart < 0]) + 0.01))[0])


def test_restarts_are_found_and_quiet_days_say_nothing() -> None:
    _, restart = _readings()
    rings = _watched().rings
    assert not rings[:, :QUIET_DAYS].any()
    again = np.flatnonzero((restart >= 0) & (restart < DAYS - 20))
    assert rings[again, :].any(1).mean() > 0.85
    assert rings[restart < 0].any(1).mean() < 0.2


def test_order_of_plants_changes_nothing() -> None:
    readings, _ = _readings()
    order = np.random.default_rng(1).permutation(COUNT)
    other = Readings(tuple(readings.entities[i] for i in order), tuple(readings.states[i] for i in order),
                     {key: array[order] for key, array in readings.values.items()})  # fmt: skip
    turned = run(other)
    assert turned.threshold == pytest.approx(_watched().threshold)
    np.testing.assert_allclose(turned.suspicion, _watched().suspicion[order], atol=1e-8)


def test_what_lies_ahead_changes_nothing() -> None:
    readings, _ = _readings()
    short = Readings(readings.entities, readings.states,
                     {key: array[:, :120] for key, array in readings.values.items()})  # fmt: skip
    np.testing.assert_allclose(run(short).suspicion, _watched().suspicion[:, :120])


def test_knob_is_monotone() -> None:
    readings, _ = _readings()
    few, some, many = (run(readings, knob) for knob in (0.02, 0.5, 5.0))
    assert few.threshold > some.threshold > many.threshold
    assert few.rings.any(1).sum() <= some.rings.any(1).sum() <= many.rings.any(1).sum()
    assert list(some.thresholds) == sorted(some.thresholds)


@pytest.mark.parametrize("key", [stream.key for stream in STREAMS])
def test_a_silent_stream_alone_never_warns(key: str) -> None:
    plant = _calm()
    watched = run(_changed(key, plant, QUIET_DAYS, np.nan))
    at = [stream.key for stream in STREAMS].index(key)
    assert watched.ratios[plant, QUIET_DAYS:, at].sum() <= 0.5
    assert not watched.rings[plant].any()


@pytest.mark.parametrize("key", ["power_kwh", "water_m3"])
def test_a_wrong_unit_is_contained(key: str) -> None:
    readings, _ = _readings()
    level = np.nanmedian(readings.values[key][:, :QUIET_DAYS], 1)
    plant = max((p for p in range(COUNT) if not _watched().rings[p].any()), key=lambda p: level[p])
    watched = run(_changed(key, plant, 110, readings.values[key][plant, 110:] * 1000))
    assert not watched.rings[plant].any()
    others = np.arange(COUNT) != plant
    # peers share the day's common movement: a little may change for them, what is found may not
    found, before = watched.rings[others].any(1), _watched().rings[others].any(1)
    assert (found != before).mean() < 0.05


def test_one_wild_reading_never_warns() -> None:
    readings, _ = _readings()
    plant = _calm()
    for key in readings.values:
        readings.values[key][plant, 120] = 1e9
    assert not run(readings).rings[plant].any()


def test_a_plant_without_any_reading_is_quiet() -> None:
    readings, _ = _readings()
    for array in readings.values.values():
        array[3] = np.nan
    watched = run(readings)
    assert np.isfinite(watched.suspicion).all()
    assert not watched.rings[3].any()


def test_counts_told_by_rows_read_absent_as_none() -> None:
    readings, _ = _readings()
    for key in ("stops", "waybills"):
        array = readings.values[key]
        array[np.isnan(array)] = 0.0
    whole = run(readings).suspicion
    for key in ("stops", "waybills"):
        array = readings.values[key]
        array[array == 0] = np.nan
    np.testing.assert_allclose(run(readings).suspicion, whole)


def test_an_explanation_adds_up_and_names_what_matters() -> None:
    readings, _ = _readings()
    watched = _watched()
    plant, day = (int(i) for i in np.argwhere(watched.rings)[0])
    told = explained(watched, readings, plant, day)
    np.testing.assert_allclose(told.stack.sum(1) + told.taken_off, told.suspicion)
    assert told.level >= 2
    assert told.suspicion[-1] == watched.suspicion[plant, day]
    assert {w.stream for w in told.without} == {s.key for s in STREAMS}
    most = int(np.argmax(told.stack[-1]))
    assert told.without[most].suspicion < told.suspicion[-1]
    assert len(told.chinese) == len(told.english) > 1
    assert STREAMS[most].chinese in told.chinese[1]
    with pytest.raises(ValueError, match="not watched"):
        explained(watched, readings, plant, QUIET_DAYS - 1)


def test_bad_arguments_are_refused() -> None:
    readings, _ = _readings()
    with pytest.raises(ValueError, match="quiet days"):
        run(readings, quiet_days=20)
    with pytest.raises(ValueError, match="above 0"):
        run(readings, per_year=0.0)
    with pytest.raises(ValueError, match="one row an entity"):
        Readings(("a",), ("closed",), {"power_kwh": np.zeros((2, 5))})
