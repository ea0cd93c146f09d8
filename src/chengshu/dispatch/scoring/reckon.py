"""From the facts of a month's orders to the figures of every unit, over all matters and within each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chengshu.dispatch.scoring import shrink
from chengshu.dispatch.scoring.counting import is_cleared, marks
from chengshu.dispatch.scoring.model import (
    NO_DIFFICULTY,
    Amend,
    Counted,
    Difficulty,
    Flag,
    Indicator,
    Measured,
    OrderFacts,
    Prior,
    Relief,
    Suspicion,
    UnitScore,
)
from chengshu.dispatch.scoring.rules import ScoreRules
from chengshu.dispatch.scoring.suspect import Picture, shares, suspicions

_SURE = 0.9
_DEVIATIONS = 1.6448536269514722  # of the normal distribution, on either side of nine tenths
APPEALED = "appeal"
_Sums = tuple[int, float, float]  # orders, hits, misses


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A month: each order as it counted, and the figures of units, the whole ones first."""

    orders: Sequence[Counted]
    scores: Sequence[UnitScore]


def reckon(facts: Iterable[OrderFacts], difficulty: Mapping[str, Difficulty], rules: ScoreRules, now: datetime, *,
           excluded: Mapping[int, str] | None = None, amends: Mapping[int, Sequence[Amend]] | None = None,
           earlier: Iterable[Picture] = ()) -> Reckoned:  # fmt: skip
    """Count every order and measure every unit.

    Args:
        facts: The orders that were due in the month; those merged away count for nobody and are dropped.
        difficulty: Of each matter; one that is not in it has the factor 1.
        excluded: Reason code by order; such an order is shown and changes nothing.
        amends: What upheld appeals changed, by order.
        earlier: Pictures of earlier orders, to find those shown again.
    """
    counted = count(facts, difficulty, rules, now, excluded=excluded, amends=amends, earlier=earlier)  # fmt: skip
    return Reckoned(counted, measure(counted, rules))


def count(facts: Iterable[OrderFacts], difficulty: Mapping[str, Difficulty], rules: ScoreRules, now: datetime, *,
          excluded: Mapping[int, str] | None = None, amends: Mapping[int, Sequence[Amend]] | None = None,
          earlier: Iterable[Picture] = ()) -> list[Counted]:  # fmt: skip
    """Each order as it counts, by id; the arguments are those of `reckon`."""
    amended = amends or {}
    left_out = dict(excluded or {})
    for order, changes in amended.items():
        if any(a.relief is Relief.EXCLUDE for a in changes):
            left_out.setdefault(order, APPEALED)
    known = sorted((f for f in facts if not f.merged_away), key=lambda f: f.id)
    counting = [f for f in known if f.id not in left_out]
    flags = suspicions(counting, difficulty, earlier, rules)
    parts = shares(counting, rules.gaming)
    replies = Counter(f.reply.strip() for f in counting)
    found = []
    for f in known:
        changes = amended.get(f.id, ())
        own = flags.get(f.id, ())
        same = max(replies[f.reply.strip()] - 1, 0)
        one = Counted(
            f.id, f.number, f.incident, f.unit, f.tier, f.matter,
            difficulty[f.matter].factor if f.matter in difficulty else NO_DIFFICULTY,
            0.0 if f.id in left_out else _share(f, own, parts[f.id]),
            marks(f, own, changes, same, rules.reply, now), own, bool(own) and is_cleared(f, changes),
            left_out.get(f.id, ""),
        )  # fmt: skip
        found.append(one)
    return found


def _share(f: OrderFacts, flags: Sequence[Suspicion], part: float) -> float:
    """What a unit reported itself counts only where somebody else looked; what is trivial never does."""
    if f.self_reported and (not f.checks or any(s.flag is Flag.TRIVIA for s in flags)):
        return 0.0
    return part


def measure(counted: Sequence[Counted], rules: ScoreRules) -> list[UnitScore]:
    """The figures of every unit, over all matters and within each, in a fixed order."""
    whole = [replace(c, matter="") for c in counted]
    groups: dict[tuple[str, str], list[Counted]] = {}
    for c in (*whole, *counted):
        groups.setdefault((c.matter, c.tier), []).append(c)
    return [score for key in sorted(groups) for score in _group(groups[key], rules)]


def _group(counted: Sequence[Counted], rules: ScoreRules) -> list[UnitScore]:
    """The units of one tier, each beside the others."""
    units: dict[str, list[Counted]] = {}
    for c in counted:
        units.setdefault(c.unit, []).append(c)
    sums = {u: {i: sums_of(orders, i) for i in Indicator} for u, orders in units.items()}
    priors = {
        i: shrink.prior_of([sums[u][i][1:] for u in sorted(units)], rules.shrinking)
        for i in Indicator
    }  # fmt: skip
    return [_score(units[u], sums[u], priors, rules) for u in sorted(units)]


def sums_of(orders: Iterable[Counted], indicator: Indicator) -> _Sums:
    """How many orders say something, and the weights of hits and misses.

    A hit weighs the difficulty, a miss one divided by it: on the scale of odds the unit's share is
    multiplied by the difficulty's square, so that hard work is not held against those who do it.
    """
    hits, misses, said = [], [], 0
    for c in orders:
        value = c.marks[indicator].value
        if value is None or c.share == 0:
            continue
        said += 1
        hits.append(c.share * value * c.factor)
        misses.append(c.share * (1 - value) / c.factor)
    return said, math.fsum(hits), math.fsum(misses)


def _score(orders: Sequence[Counted], sums: Mapping[Indicator, _Sums], priors: Mapping[Indicator, Prior | None],
           rules: ScoreRules) -> UnitScore:  # fmt: skip
    first = orders[0]
    measured, total, weight, variance = {}, [], 0.0, 0.0
    for indicator in Indicator:
        prior = priors[indicator]
        if prior is None:
            continue
        said, hits, misses = sums[indicator]
        a, b = shrink.posterior(hits, misses, prior)
        measured[indicator] = Measured(
            indicator, said, hits, misses, hits / (hits + misses) if hits + misses > 0 else None,
            shrink.mean(a, b), shrink.quantile((1 - _SURE) / 2, a, b), shrink.quantile((1 + _SURE) / 2, a, b),
        )  # fmt: skip
        w = rules.weights[indicator]
        total.append(w * shrink.mean(a, b))
        variance += w * w * shrink.variance(a, b)
        weight += w
    counts = (
        sum(not c.excluded for c in orders),
        sum(bool(c.flags) for c in orders),
        sum(bool(c.excluded) for c in orders),
    )
    if weight == 0:
        return UnitScore(first.unit, first.tier, first.matter, *counts, None, None, None, measured)
    points = 100 * math.fsum(total) / weight
    half = 100 * _DEVIATIONS * math.sqrt(variance) / weight
    return UnitScore(first.unit, first.tier, first.matter, *counts, points, max(points - half, 0.0),
                 min(points + half, 100.0), measured)  # fmt: skip
