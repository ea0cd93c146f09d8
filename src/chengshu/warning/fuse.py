"""Many streams, one suspicion per entity: a CUSUM over which streams take part.

Nobody knows beforehand which streams a hidden activity touches (half of the plants file no waybill).
So each entity has one CUSUM per subset of its streams, and its suspicion is their mixture, weighted by
how likely a subset is. A working day is common to all streams: either all of the subset are at work
that day, or none is, which also keeps streams of one cause from being counted as independent on days
of rest. What harmless spells explain is taken off (`spells`). State is O(2^streams) per entity,
whatever the length of history.

Sources: E. S. Page (1954), Continuous Inspection Schemes, Biometrika 41; Y. Xie, D. Siegmund (2013),
Sequential Multi-sensor Change-point Detection, Ann. Statist. 41 (mixture for an unknown subset).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from chengshu.warning.model import Flags, Floats, Whole
from chengshu.warning.spells import Spells

WORKING: Final = 5 / 7  # share of days with work, once it runs; five of seven
_DAY_LEAST: Final = -1.5  # nats a day may say
_DAY_MOST: Final = 4.5
_HIGHEST: Final = 40.0  # what runs for a year can be forgotten in weeks
MOST_STREAMS: Final = 8


def subsets(streams: int) -> Floats:
    """All subsets but the empty one, as rows of 0 and 1: shape (2^streams - 1, streams).

    Raises:
        ValueError: More than 8 streams, or none.
    """
    if not 0 < streams <= MOST_STREAMS:
        raise ValueError(f"between 1 and {MOST_STREAMS} streams")
    bits = np.arange(1, 2**streams)[:, None] >> np.arange(streams)[None, :]
    return np.asarray(bits & 1, dtype=np.float64)


@dataclass(slots=True)
class Fusion:
    """Suspicion of N entities, in nats.

    Attributes:
        spells: What harmless spells explain; its belief moves along.
        likely: (streams,) chance that what is looked for shows in a stream.
        discount: (streams,) weight below 1 for streams that vary together while quiet.
    """

    spells: Spells
    likely: Floats
    discount: Floats
    _sets: Floats = field(init=False)
    _prior: Floats = field(init=False)
    _sums: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._sets = subsets(len(self.likely))
        prior = np.where(self._sets > 0, np.log(self.likely), np.log1p(-self.likely)).sum(1)
        self._prior = prior - np.log(np.exp(prior).sum())
        self._sums = np.zeros((len(self.spells.begins), len(self._sets)))

    def step(self, ratios: Floats) -> Floats:
        """Suspicion (N,) after a day of log-likelihood ratios (N, streams)."""
        said = ratios * self.discount
        harmless = self.spells.step(said)[:, None]
        day = np.log(1 - WORKING + WORKING * np.exp(said @ self._sets.T)) - harmless
        self._sums = np.clip(self._sums + np.clip(day, _DAY_LEAST, _DAY_MOST), 0.0, _HIGHEST)
        return np.asarray(np.log(np.exp(self._sums + self._prior).sum(1)))

    def run(self, ratios: Floats) -> Floats:
        """Suspicion (N, days) over days of ratios (N, days, streams)."""
        return np.stack([self.step(ratios[:, day]) for day in range(ratios.shape[1])], 1)


def discounts(ratios: Floats) -> Floats:
    """Weights (streams,) of streams that share causes, from quiet ratios (N, days, streams).

    A stream's weight is one over one plus the sum of its positive correlations with the others: two
    streams that always move together count as one, independent ones in full.
    """
    flat = ratios.reshape(-1, ratios.shape[-1])
    spread = flat.std(0)
    moving = spread > 1e-9
    found = np.ones(ratios.shape[-1])
    if len(flat) > 2 and moving.sum() > 1:
        alike = np.clip(np.corrcoef(flat[:, moving].T), 0, 1)
        found[moving] = 1 / (1 + alike.sum(0) - 1)
    return found


def rings(suspicion: Floats, threshold: float | Floats, snooze_days: int = 30) -> Flags:
    """On which days (N, days) a warning is given.

    It is given when suspicion reaches the threshold, stays on until half of it (hysteresis), and is
    given again while on every `snooze_days`.
    """
    count, days = suspicion.shape
    bar = np.broadcast_to(np.asarray(threshold, dtype=np.float64), (count,))
    on, last = np.zeros(count, bool), np.full(count, -snooze_days, dtype=np.int64)
    found = np.zeros((count, days), bool)
    for day in range(days):
        high = suspicion[:, day] >= bar
        ring = high & (~on | (day - last >= snooze_days))
        found[:, day] = ring
        last[ring] = day
        on = (on | high) & (suspicion[:, day] >= bar / 2)
    return found


def first(flags: Flags, begin: Whole) -> Floats:
    """Days from `begin` (N,) to the first flag on or after it; infinite where there is none."""
    days = np.arange(flags.shape[1])
    later = flags & (days[None, :] >= begin[:, None])
    return np.asarray(np.where(later.any(1), later.argmax(1) - begin, np.inf))
