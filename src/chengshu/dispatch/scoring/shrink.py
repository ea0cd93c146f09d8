"""Small counts lean on their tier: empirical Bayes for shares, with the interval that says how sure it is.

A unit's share is seen as drawn from a beta distribution of its tier; its own orders move it away from
the tier's mean, the more of them the farther.

Source: G. Casella (1985), An Introduction to Empirical Bayes Data Analysis, The American
Statistician 39(2), 83-87; the moment estimate of the distribution's strength: J. C. Kleinman (1973),
Proportions with Extraneous Variance: Single and Independent Samples, JASA 68(341), 46-54.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from chengshu.dispatch.scoring.model import Prior
from chengshu.dispatch.scoring.rules import Shrinking

_TINY = 1e-300
_EDGE = 0.02  # a tier of which nobody ever missed is still not certain


def prior_of(units: Sequence[tuple[float, float]], shrinking: Shrinking) -> Prior | None:
    """What is expected of a unit of a tier.

    Args:
        units: Weight of hits and of misses of each unit.

    Returns:
        None when no unit has an order that says anything.
    """
    rows = [(h, h + m) for h, m in units if h + m > 0]
    total = math.fsum(n for _, n in rows)
    if total <= 0:
        return None
    plain = math.fsum(h for h, _ in rows) / total
    mean = min(max(plain, _EDGE), 1 - _EDGE)
    if len(rows) < shrinking.units:
        return Prior(mean, shrinking.usual)
    spread = math.fsum(n * (h / n - plain) ** 2 for h, n in rows)
    noise = (len(rows) - 1) * plain * (1 - plain)
    room = total - math.fsum(n * n for _, n in rows) / total - (len(rows) - 1)
    if spread <= noise or room <= 0:
        return Prior(mean, shrinking.most)
    between = (spread - noise) / room
    strength = mean * (1 - mean) / between - 1
    return Prior(mean, min(max(strength, shrinking.least), shrinking.most))


def posterior(hits: float, misses: float, prior: Prior) -> tuple[float, float]:
    """The two parameters of the beta distribution of a unit's share.

    Examples:
        >>> posterior(18, 2, Prior(0.75, 20))
        (33.0, 7.0)
    """
    return (prior.mean * prior.strength + hits, (1 - prior.mean) * prior.strength + misses)


def mean(a: float, b: float) -> float:
    """Of a beta distribution."""
    return a / (a + b)


def variance(a: float, b: float) -> float:
    """Of a beta distribution."""
    return a * b / ((a + b) ** 2 * (a + b + 1))


def quantile(p: float, a: float, b: float) -> float:
    """Below which a share lies with probability p; found by halving, to nine digits.

    Examples:
        >>> round(quantile(0.05, 1, 1), 6)
        0.05
        >>> round(quantile(0.5, 3, 1) ** 3, 6)
        0.5
    """
    low, high = 0.0, 1.0
    for _ in range(32):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle, a, b) < p else (low, middle)
    return (low + high) / 2


def below(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function: probability of a share below x.

    Source: the continued fraction of NIST's Digital Library of Mathematical Functions, 8.17.22,
    evaluated from the front by the modified method of Lentz.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - below(1 - x, b, a)
    front = math.exp(
        a * math.log(x) + b * math.log1p(-x)
        + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    ) / a  # fmt: skip
    return front / _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    value, up, down = 1.0, 1.0, 0.0
    for n in range(1, 400):
        m = n // 2
        if n % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        down = 1 / _apart(1 + term * down)
        up = _apart(1 + term / up)
        step = up * down
        value *= step
        if abs(step - 1) < 1e-12:
            break
    return value


def _apart(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
