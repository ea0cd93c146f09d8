"""How much one day's reading of one stream speaks for «it runs» against «as it always was», in nats.

Three kinds of stream, each with its own likelihood, all learnt from an entity's own quiet history and
drawn to its peers where that history is short. Every model keeps a handful of numbers per entity, and
moves slowly with it unless the entity is suspected. A reading that neither hypothesis explains says
nothing; a missing one says little, and no more in a month than in a few days.

Sources: P. J. Huber (1964), Robust Estimation of a Location Parameter (contaminated noise, clipping);
E. S. Page (1954), Continuous Inspection Schemes; C. N. Morris (1983), Parametric Empirical Bayes
Inference. The shifts weighed below are this file's own, in units of each entity's own noise.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import lgamma, log, pi
from typing import Final, Protocol, Self

import numpy as np

from chengshu.warning.model import Flags, Floats, StreamKind

LEAST: Final = -2.0  # nats one stream may say in a day
MOST: Final = 3.0
SILENCE: Final = 0.25  # nats for the first day without a reading, halved each day after
_HALF_OUT: Final = 0.2  # as many of all entities silent at once: the feed is down, not the entity
_SHIFTS: Final = np.array([1.0, 2.0, 4.0, 8.0, 16.0])  # in standard deviations
_BENT: Final = 4.0  # deviations are linear up to about here, logarithmic beyond
_FREE: Final = 4.0  # degrees of freedom of ordinary noise
_WILD_SPAN: Final = 60.0  # width over which wild readings may fall
_WINSOR: Final = 2.0
_PACE: Final = 0.02  # share of a day's deviation by which level and scale follow
_MEMORY_DAYS: Final = 180.0  # how far back counts are remembered
_PEERS: Final = 30  # as many make a group whose common movement is taken out
_UNIT: Final = 1000.0  # kWh for MWh


class Evidence(Protocol):
    """One stream's model of all its entities."""

    def step(self, values: Floats, suspected: Flags) -> Floats:
        """Log-likelihood ratios (N,) of a day's values (N,), within [LEAST, MOST]; then learns.

        Where `suspected` nothing is learnt.
        """


def learn(kind: StreamKind, history: Floats, states: Floats | None = None) -> Evidence:
    """The model of a stream, from quiet history of shape (N, days) with NaN for missing.

    Args:
        states: A number per entity; those with the same one are peers. None: all are.
    """
    groups = np.zeros(len(history)) if states is None else states
    if kind is StreamKind.AMOUNT:
        return Amount.learnt(history, groups)
    if kind is StreamKind.EVENTS:
        return Events.learnt(history)
    return Online.learnt(history)


def told_by_rows(history: Floats) -> bool:
    """Whether a stream of events writes no zeros at all, so that an absent row means none."""
    return not bool((history == 0).any())


class _Silence:
    """Bounded evidence of missing readings: a spell of silence says at most twice SILENCE."""

    def __init__(self, history: Floats) -> None:
        gone = np.isnan(history)
        everyone = gone.mean() if gone.size else 0.0
        self._usual = (gone.sum(1) + 20 * everyone + 0.2) / (gone.shape[1] + 21)
        self._never = gone.all(1)
        self._weight = np.full(len(history), SILENCE)

    def step(self, gone: Flags) -> Floats:
        said = np.where(
            gone & ~self._never, self._weight * np.clip(0.3 - self._usual, 0, 0.3) / 0.3, 0.0
        )
        if gone.mean() > _HALF_OUT:
            said = np.zeros(len(gone))
        self._weight = np.where(gone, self._weight / 2, SILENCE)
        return said


class Amount:
    """A meter: a slowly moving level and scale, noise that lingers, wild readings, wrong units."""

    def __init__(self, level: Floats, scale: Floats, groups: Floats, silence: _Silence) -> None:
        self._level, self._scale, self._groups, self._silence = level, scale, groups, silence
        self._least = 0.5 * scale
        self._lingers, self._spread, self._wild = 0.0, 1.0, 0.01
        self._before, self._gap = np.zeros(len(level)), np.zeros(len(level))

    @classmethod
    def learnt(cls, history: Floats, groups: Floats) -> Self:
        """From (N, days); entities without any reading get their peers' median."""
        level = _quantile(history, 0.5)
        level = np.where(np.isfinite(level), level, _median(level, 0.0))
        found = cls(level, _scales(history, level), groups, _Silence(history))
        off = np.stack([found._deviation(day) for day in history.T], 1)
        found._lingers = _lingering(off)
        ahead = np.stack([found._surprise(day) for day in off.T], 1)
        usual = ahead[np.isfinite(ahead)]
        if usual.size:
            found._spread = max(1.4826 * float(np.median(np.abs(usual))), 0.1)
            found._wild = float(np.clip((np.abs(usual / found._spread) > 8).mean(), 0.002, 0.05))
        return found

    def step(self, values: Floats, suspected: Flags) -> Floats:
        """See `Evidence`."""
        off = self._deviation(values)
        ahead = self._surprise(off) / self._spread
        gone = np.isnan(ahead)
        ratio = _weigh(np.nan_to_num(ahead), self._wild)
        ratio = np.where(self._wrong_unit(values), np.minimum(ratio, 0.0), ratio)
        learns = ~suspected & ~gone
        soft = np.where(learns, np.clip(np.nan_to_num(off), -_WINSOR, _WINSOR), 0.0)
        self._level = self._level + _PACE * self._scale * soft
        wide = np.clip(np.abs(soft) / 0.6745 - 1, -1, 1)
        follows = np.where(learns, 0.25 * _PACE * wide, 0.0)
        self._scale = np.maximum(self._scale * (1 + follows), self._least)
        return np.where(gone, self._silence.step(gone), np.clip(ratio, LEAST, MOST))

    def _deviation(self, values: Floats) -> Floats:
        """Own deviation in own scales, bent beyond `_BENT`, without what all peers did that day."""
        plain = (values - self._level) / self._scale
        off = _BENT * np.arcsinh(plain / _BENT)
        moved = np.zeros(len(off))
        for group in np.unique(self._groups):
            inside = (self._groups == group) & np.isfinite(off)
            if inside.sum() >= _PEERS:
                moved[self._groups == group] = np.median(off[inside])
        return np.asarray(off - moved)

    def _surprise(self, off: Floats) -> Floats:
        """Deviation beyond what lingers from the last reading.

        What lingers is not winsorised: with noise that lasts, a single shock would otherwise count anew
        every day until it has faded (measured: the share found within 14 days fell from .97 to .68).
        """
        kept = self._lingers ** (self._gap + 1)
        ahead = (off - kept * self._before) / np.sqrt(1 - kept**2)
        seen = np.isfinite(off)
        self._before = np.where(seen, np.nan_to_num(off), self._before)
        self._gap = np.where(seen, 0.0, self._gap + 1)
        return np.asarray(ahead)

    def _wrong_unit(self, values: Floats) -> Flags:
        """Readings that are ordinary but for a factor of a thousand."""
        near = np.abs(values / _UNIT - self._level) <= 3 * self._scale
        return np.asarray(near & (np.abs(self._level) > self._scale) & (values > 30 * self._scale))


class Events:
    """Counts a day: negative binomial around a rate with a gamma prior, learnt from all entities."""

    _MORE: Final = np.array([0.3, 0.8, 2.0])  # events a day more, in units of max(1, 1.5 sd)

    def __init__(self, seen: Floats, days: Floats, size: float, silence: _Silence | None) -> None:
        self._seen, self._days, self._size, self._silence = seen, days, size, silence

    @classmethod
    def learnt(cls, history: Floats) -> Self:
        """From (N, days); where no row holds a zero, an absent row is one."""
        absent_is_none = told_by_rows(history)
        counts = np.nan_to_num(history) if absent_is_none else history
        counts = np.maximum(counts, 0.0)
        days = np.isfinite(counts).sum(1).astype(np.float64)
        seen = np.nansum(counts, 1)
        mean, prior = _prior(seen, days)
        rate = (seen + mean * prior) / (days + prior)
        expected = np.broadcast_to(rate[:, None], counts.shape)
        there = np.isfinite(counts)
        over = float(((counts - expected)[there] ** 2 - expected[there]).sum())
        size = float(np.clip((expected[there] ** 2).sum() / max(over, 1e-9), 0.05, 1e4))
        return cls(
            seen + mean * prior, days + prior, size, None if absent_is_none else _Silence(counts)
        )

    def step(self, values: Floats, suspected: Flags) -> Floats:
        """See `Evidence`."""
        counts = np.maximum(np.nan_to_num(values) if self._silence is None else values, 0.0)
        gone = np.isnan(counts)
        known = np.nan_to_num(counts)
        rate = self._seen / self._days
        usual = _binomial(known, rate, self._size)
        more = self._MORE[:, None] * np.maximum(1.0, 1.5 * np.sqrt(rate + rate**2 / self._size))
        ratio = np.log(np.mean(np.exp(np.clip(
            _binomial(known, rate + more, self._size) - usual, -50, 50)), 0))  # fmt: skip
        learns = ~suspected & ~gone
        most = rate + 3 * np.sqrt(rate + rate**2 / self._size) + 1
        keep = np.where(learns, 1 - 1 / _MEMORY_DAYS, 1.0)
        self._seen = keep * self._seen + np.where(learns, np.minimum(known, most), 0.0)
        self._days = keep * self._days + learns
        said = np.clip(ratio, LEAST, MOST)
        return said if self._silence is None else np.where(gone, self._silence.step(gone), said)


class Online:
    """Seen that day or not: Bernoulli with a beta prior learnt from all entities."""

    _THEN: Final = np.array([0.4, 0.8])  # share of days online while running

    def __init__(self, seen: Floats, days: Floats, silence: _Silence | None) -> None:
        self._seen, self._days, self._silence = seen, days, silence

    @classmethod
    def learnt(cls, history: Floats) -> Self:
        """From (N, days) of 0 and 1; where no row holds a zero, an absent row is one."""
        absent_is_none = told_by_rows(history)
        states = np.clip(np.nan_to_num(history) if absent_is_none else history, 0, 1)
        days = np.isfinite(states).sum(1).astype(np.float64)
        seen = np.nansum(states, 1)
        mean, prior = _prior(seen, days)
        return cls(seen + mean * prior, days + prior, None if absent_is_none else _Silence(states))

    def step(self, values: Floats, suspected: Flags) -> Floats:
        """See `Evidence`."""
        state = np.clip(np.nan_to_num(values) if self._silence is None else values, 0, 1)
        gone = np.isnan(state)
        known = np.nan_to_num(state)
        chance = np.clip(self._seen / self._days, 0.002, 0.9)
        then = np.maximum(self._THEN[:, None], (1 + chance) / 2 * (chance > 0.2))
        on, off = (then / chance).mean(0), ((1 - then) / (1 - chance)).mean(0)
        ratio = np.log(known * on + (1 - known) * off)
        learns = ~suspected & ~gone
        keep = np.where(learns, 1 - 1 / _MEMORY_DAYS, 1.0)
        self._seen = keep * self._seen + np.where(learns, known, 0.0)
        self._days = keep * self._days + learns
        said = np.clip(ratio, LEAST, MOST)
        return said if self._silence is None else np.where(gone, self._silence.step(gone), said)


def _weigh(ahead: Floats, wild: float) -> Floats:
    """Log-likelihood ratio of a shift up, of unknown size, against none; wild readings weigh nothing."""
    usual = (1 - wild) * np.exp(_student(ahead)) + wild / _WILD_SPAN
    shifted = np.mean(np.exp(_student(ahead[..., None] - _SHIFTS)), -1)
    return np.asarray(np.log((1 - wild) * shifted + wild / _WILD_SPAN) - np.log(usual))


def _student(x: Floats) -> Floats:
    """Log density of Student's t with `_FREE` degrees of freedom."""
    half = (_FREE + 1) / 2
    return lgamma(half) - lgamma(_FREE / 2) - 0.5 * log(_FREE * pi) - half * np.log1p(x * x / _FREE)


def _binomial(counts: Floats, rate: Floats, size: float) -> Floats:
    """Log of the negative binomial, but for what does not depend on the rate."""
    return np.asarray(counts * np.log(rate / (rate + size)) - size * np.log1p(rate / size))


def _prior(seen: Floats, days: Floats) -> tuple[float, float]:
    """Mean rate of all entities, and how many days of history that mean is worth (moments)."""
    total = float(days.sum())
    mean = (float(seen.sum()) + 0.1) / (total + 10)
    rates = seen[days > 0] / days[days > 0]
    length = total / max(len(rates), 1)
    between = float(rates.var()) - mean / max(length, 1.0) if len(rates) > 1 else 0.0
    return mean, float(np.clip(mean / max(between, 1e-9), 5.0, 360.0))


def _scales(history: Floats, level: Floats) -> Floats:
    """Own spread by the larger of two robust measures, drawn a little to that of all entities."""
    around = 1.4826 * _quantile(np.abs(history - level[:, None]), 0.5)
    above = (_quantile(history, 0.9) - level) / 1.2816
    raw = np.fmax(around, above)
    size = np.maximum(np.abs(level), _median(np.abs(level), 1.0) * 0.01 + 1e-9)
    share = raw / size
    usual = _median(share[share > 0], 0.3)
    share = np.where(np.isfinite(share), np.maximum(share, 0.2 * usual), usual)
    return np.asarray(size * np.exp(0.85 * np.log(share) + 0.15 * log(usual)))


def _lingering(off: Floats) -> float:
    """First-order autocorrelation of all entities' winsorised deviations, at least 0."""
    soft = np.clip(off, -_WINSOR, _WINSOR)
    first, second = soft[:, :-1], soft[:, 1:]
    both = np.isfinite(first) & np.isfinite(second)
    power = float((0.5 * (first[both] ** 2 + second[both] ** 2)).sum())
    return float(np.clip((first[both] * second[both]).sum() / power, 0.0, 0.95)) if power else 0.0


def _quantile(values: Floats, share: float) -> Floats:
    """By row; NaN where a row is empty."""
    return _quiet(lambda: np.nanquantile(values, share, axis=1))


def _median(values: Floats, empty: float) -> float:
    there = values[np.isfinite(values)]
    return float(np.median(there)) if there.size else empty


def _quiet(call: Callable[[], Floats]) -> Floats:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # an entity without readings is expected
        return call()
