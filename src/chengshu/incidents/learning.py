"""Fitting the weights to decisions that are known to be right: a person's, or a test's.

A regularised logistic regression that starts from the weights in use and leaves them only as far
as the decisions ask: with few decisions it changes little, with none nothing.

Source: the penalty towards a prior is the MAP estimate under normal priors, C. M. Bishop (2006),
Pattern Recognition and Machine Learning, section 4.5; the calibration of the best candidate is
J. Platt (1999), Probabilistic outputs for support vector machines, Advances in Large Margin
Classifiers, 61-74.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.evidence import AGAINST, FOR, MEASURES
from chengshu.incidents.weights import Weights

_STRENGTH: Final = 1.0  # of the prior: what one decision of a usual measure can outweigh
_STEPS: Final = 50
_LN2: Final = log(2)


@dataclass(frozen=True, slots=True)
class Sample:
    """One comparison whose answer is known.

    Attributes:
        report: Which report was compared; its samples are alternatives.
        measured: What was measured.
        same: Whether it was the same happening.
        weight: How much it counts.
    """

    report: object
    measured: Mapping[str, float]
    same: bool
    weight: float = 1.0


def fit(
    samples: Sequence[Sample], prior: Weights, version: int, strength: float = _STRENGTH
) -> Weights:
    """Weights for these samples, not far from `prior`.

    Args:
        strength: How strongly the prior holds; larger changes less.
    """
    if not samples or len({s.same for s in samples}) < 2:
        return Weights(version, prior.prior, prior.bits)
    return calibrated(samples, nearby(samples, prior, version, strength))


def nearby(
    samples: Sequence[Sample], prior: Weights, version: int, strength: float, *,
    how_common: float = 0.1,
) -> Weights:  # fmt: skip
    """The same, not calibrated: for samples that somebody chose, whose mixture says nothing of how common
    matches are.

    Args:
        samples: At least one.
        how_common: How strongly the prior odds hold, as a share of `strength`.
    """
    x = np.array([[1.0, *(s.measured.get(name, 0.0) for name in MEASURES)] for s in samples])
    y = np.array([s.same for s in samples], float)
    weight = np.array([s.weight for s in samples])
    start = np.array([prior.prior, *(prior.bits.get(name, 0.0) for name in MEASURES)]) * _LN2
    penalty = np.full(len(start), strength)
    penalty[0] = how_common * strength
    sign = np.array([0, *(int(name in FOR) - int(name in AGAINST) for name in MEASURES)])
    free = np.ones(len(start), bool)
    at = np.zeros(len(start))
    while True:  # what comes out with the wrong sign is left out, and the rest fitted again
        at[free] = _climb(x[:, free], y, weight, start[free], penalty[free])
        wrong = free & (at * sign < 0)
        if not wrong.any():
            break
        free &= ~wrong
        at[wrong] = 0.0
    fitted = at / _LN2
    bits = {
        name: round(float(b), 3)
        for name, b in zip(MEASURES, fitted[1:], strict=True)
        if abs(b) >= 0.0005
    }
    return Weights(version, float(fitted[0]), bits)


def calibrated(samples: Sequence[Sample], weights: Weights) -> Weights:
    """The same weights, scaled so that the best candidate's probability is how often it is right."""
    best: dict[object, tuple[float, bool, float]] = {}
    for s in samples:
        bits = weights.of(s.measured)
        if s.report not in best or bits > best[s.report][0]:
            best[s.report] = bits, s.same, s.weight
    score = np.array([b[0] for b in best.values()])
    right = np.array([b[1] for b in best.values()], float)
    if right.min() == right.max():
        return weights
    scale, shift = _platt(score, right, np.array([b[2] for b in best.values()]))
    return Weights(
        weights.version,
        round(float(weights.prior * scale + shift), 3),
        {name: round(float(b * scale), 3) for name, b in weights.bits.items()},
    )


def _platt(
    score: NDArray[np.float64], right: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Scale and shift, in bits, that make scores log2 odds."""
    hits, misses = (weight * right).sum(), (weight * (1 - right)).sum()
    target = np.where(right > 0, (hits + 1) / (hits + 2), 1 / (misses + 2))
    x = np.stack([score * _LN2, np.ones_like(score)], 1)
    at = _climb(x, target, weight, np.array([1.0, 0.0]), np.array([1e-3, 1e-3]))
    return max(float(at[0]), 0.05), float(at[1] / _LN2)


def _climb(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64],
           start: NDArray[np.float64], penalty: NDArray[np.float64]) -> NDArray[np.float64]:  # fmt: skip
    """Newton's steps, halved until they lead downhill, to the best coefficients near `start`."""

    def loss(at: NDArray[np.float64]) -> float:
        z = x @ at
        fit = weight @ (np.logaddexp(0, z) - y * z)
        return float(fit + 0.5 * (penalty * (at - start) ** 2).sum())

    at, now = start.copy(), loss(start)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ at, -40, 40)))
        slope = x.T @ (weight * (p - y)) + penalty * (at - start)
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(curve + 1e-9 * np.eye(len(at)), slope)
        while (then := loss(at - step)) > now and np.abs(step).max() > 1e-9:
            step = step / 2
        at = at - step
        if now - then < 1e-7 * (1 + abs(now)):
            break
        now = then
    return at
