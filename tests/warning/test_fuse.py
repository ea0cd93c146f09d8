"""The fusion against slow and obvious sums, rings, discounts, spells, thresholds."""

from __future__ import annotations

from itertools import product
from math import exp, log

import numpy as np
import pytest

from chengshu.warning import calibrate
from chengshu.warning.fuse import Fusion, discounts, first, rings, subsets
from chengshu.warning.model import Floats
from chengshu.warning.spells import Spells


def _spells(count: int, streams: int) -> Spells:
    begins = np.full(count, 1e-9)
    return Spells(begins, 0.5, np.full(streams, 0.5), begins.copy())


def _said(count: int = 3, days: int = 30, streams: int = 3) -> Floats:
    return np.random.default_rng(2).uniform(-1.5, 1.6, (count, days, streams))


def test_fusion_is_a_mixture_of_textbook_sums() -> None:
    said, likely = _said(), np.array([0.8, 0.5, 0.6])
    fused = Fusion(_spells(3, 3), likely, np.ones(3)).run(said)
    sets = [s for s in product((0, 1), repeat=3) if any(s)]
    weight = [np.prod([p if on else 1 - p for p, on in zip(likely, s, strict=True)]) for s in sets]
    for row in range(3):
        sums = [0.0] * len(sets)
        for day in range(said.shape[1]):
            for at, members in enumerate(sets):
                total = sum(x for x, on in zip(said[row, day], members, strict=True) if on)
                step = min(max(log(2 / 7 + 5 / 7 * exp(total)), -1.5), 4.5)
                sums[at] = min(max(sums[at] + step, 0.0), 40.0)
            mixed = sum(w * exp(s) for w, s in zip(weight, sums, strict=True)) / sum(weight)
            assert fused[row, day] == pytest.approx(log(mixed), abs=1e-6)


def test_a_silent_stream_harms_less_than_in_a_plain_sum() -> None:
    """Half of the plants file no waybill: that must not undo what the others say."""
    said = np.zeros((1, 8, 2))
    said[..., 0], said[..., 1] = 1.5, -1.4
    fused = Fusion(_spells(1, 2), np.array([0.7, 0.5]), np.ones(2)).run(said)[0]
    assert (np.diff(fused) > 0).all()
    assert fused[-1] > 5 > said.sum()


def test_all_subsets_and_no_more_than_eight_streams() -> None:
    assert subsets(3).shape == (7, 3)
    assert len({tuple(row) for row in subsets(5)}) == 31
    for wrong in (0, 9):
        with pytest.raises(ValueError, match="between 1 and 8"):
            subsets(wrong)


def test_rings_have_hysteresis_and_snooze() -> None:
    one = np.array([[0, 5, 3, 5, 2, 5] + [5] * 5])
    assert np.flatnonzero(rings(one, 5.0, snooze_days=4)[0]).tolist() == [1, 5, 9]
    assert np.flatnonzero(rings(one, np.array([9.0]))[0]).tolist() == []


def test_first_ring_counts_from_the_restart() -> None:
    flags = np.array([[1, 0, 0, 1], [1, 0, 0, 0]], dtype=bool)
    assert first(flags, np.array([1, 1])).tolist() == [2.0, np.inf]


def test_twins_count_as_one_and_strangers_in_full() -> None:
    rng = np.random.default_rng(3)
    twin, alone = rng.normal(size=(40, 90)), rng.normal(size=(40, 90))
    weights = discounts(np.stack([twin, twin, alone, np.zeros((40, 90))], -1))
    assert weights[0] + weights[1] == pytest.approx(1.0, abs=0.05)
    assert weights[2:] == pytest.approx([1.0, 1.0], abs=0.05)


def test_spells_are_learnt_and_held_against_the_plants_that_have_them() -> None:
    rng = np.random.default_rng(4)
    active = np.zeros((200, 90), bool)
    for plant, start in product(range(0, 200, 2), (10, 40, 70)):
        active[plant, start : start + 4] = True
    said = np.where(active[..., None], 2.5, -1.0) + rng.normal(0, 0.2, (200, 90, 2))
    spells = Spells.learnt(said)
    assert spells.begins[::2].min() > 3 * spells.begins[1::2].max()
    assert spells.lasts == pytest.approx(0.75, abs=0.06)
    assert (spells.shows > 0.9).all()


@pytest.mark.parametrize("per_year", [8.0, 2.0])
def test_threshold_gives_the_wished_rate_on_fresh_noise(per_year: float) -> None:
    def quiet(seed: int, days: int) -> Floats:
        said = np.random.default_rng(seed).normal(-0.5, 1, (400, days, 1))
        return Fusion(_spells(400, 1), np.array([0.7]), np.ones(1)).run(said)

    cut = calibrate.threshold(quiet(1, 90), per_year)
    years = 400 * 360 / 365
    assert rings(quiet(2, 360), cut).sum() / years == pytest.approx(per_year, rel=0.35)


def test_rarer_than_can_be_counted_follows_the_tail() -> None:
    quiet = np.random.default_rng(5).exponential(1.0, (50, 90))
    cuts = [calibrate.threshold(quiet, wish) for wish in (20.0, 2.0, 0.2, 0.02)]
    assert cuts == sorted(cuts)
    assert (
        1.5 < cuts[3] - cuts[2] < 4
    )  # a tenth of the alarms is ln 10 nats more, at a pace near one
    with pytest.raises(ValueError, match="above 0"):
        calibrate.threshold(quiet, 0.0)
