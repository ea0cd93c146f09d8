"""The threshold that gives a wished number of false alarms per entity and year: the operator's knob.

Quiet history is weighed by models that did not learn from the same days; whatever rings there is
false. Many entities together have years enough to count (1,500 of them for 90 days are 370). Where
they have not, or the wish is for fewer alarms than can be counted, the tail is followed: peaks of a
CUSUM of log-likelihood ratios fall off exponentially, at a pace that theory puts near one and the
peaks themselves correct.

Sources: D. Siegmund (1985), Sequential Analysis, ch. 10 (the exponential tail); J. Pickands (1975),
Statistical Inference Using Extreme Order Statistics, Ann. Statist. 3 (peaks over a threshold).
"""

from __future__ import annotations

from math import log
from typing import Final

from chengshu.warning.fuse import rings
from chengshu.warning.model import Floats

YEAR_DAYS: Final = 365.0
_COUNTED: Final = 20.0  # false alarms that are enough to count
_THEORY: Final = 10.0  # peaks that the theoretical tail is worth
_HALVINGS: Final = 24


def threshold(quiet: Floats, per_year: float) -> float:
    """Suspicion at which an entity rings `per_year` times a year although nothing happens.

    Args:
        quiet: Suspicion (N, days) on quiet days, out of sample.
        per_year: Wished false alarms per entity and year.

    Raises:
        ValueError: `per_year` is not above 0, or there is no quiet day.
    """
    if not per_year > 0 or not quiet.size:
        raise ValueError("false alarms per year must be above 0, and there must be quiet days")
    wished = per_year * quiet.size / YEAR_DAYS
    if wished >= _COUNTED:
        return _counted(quiet, wished)
    start = _counted(quiet, _COUNTED)
    peaks = quiet.max(1)
    over = peaks[peaks > start] - start
    pace = (float(over.sum()) + _THEORY) / (len(over) + _THEORY)
    return start + pace * log(_COUNTED / wished)


def _counted(quiet: Floats, wished: float) -> float:
    """Lowest threshold with at most `wished` rings over all windows."""
    low, high = 0.0, float(quiet.max()) + 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if rings(quiet, middle).sum() > wished:
            low = middle
        else:
            high = middle
    return high
