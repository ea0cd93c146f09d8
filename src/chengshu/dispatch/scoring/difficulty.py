"""How hard a matter is, from the orders of all units: how long it takes, and how often it must be done again.

No unit's own figures decide its difficulty alone: every matter leans on all of them, and the factor has bounds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chengshu.dispatch.scoring.model import Difficulty, OrderFacts
from chengshu.dispatch.scoring.rules import Hardness

_LONGEST_HOURS = 720.0  # thirty days: what lies for half a year says nothing more about the matter


@dataclass(frozen=True, slots=True)
class Past:
    """A matter's orders of the past: how many, their hours together, how many were done again."""

    orders: int
    hours: float
    again: int


def past_of(facts: Iterable[OrderFacts]) -> dict[str, Past]:
    """Add up handled orders by matter; self-reported ones say nothing about how hard a citizen's matter is."""
    hours: dict[str, list[float]] = {}
    again: dict[str, int] = {}
    for f in sorted(facts, key=lambda f: f.id):
        if f.handled_at is None or f.self_reported or f.merged_away:
            continue
        spent = (f.handled_at - f.assigned_at).total_seconds() / 3600
        hours.setdefault(f.matter, []).append(min(max(spent, 0.0), _LONGEST_HOURS))
        redone = f.rejects > 0 or f.handlings > 1 or f.reopened
        again[f.matter] = again.get(f.matter, 0) + redone
    return {m: Past(len(h), math.fsum(h), again[m]) for m, h in hours.items()}


def difficulties(past: Mapping[str, Past], hardness: Hardness) -> dict[str, Difficulty]:
    """Each matter's factor.

    hours' = (sum of its hours + lean · mean hours of all) / (orders + lean), the share done again
    likewise; factor = by_hours · hours'/hours + (1 - by_hours) · again'/again, between the bounds.

    Examples:
        >>> past = {"easy": Past(70, 70.0, 0), "hard": Past(30, 930.0, 30)}
        >>> found = difficulties(past, Hardness(lean=0, lowest=0.5, highest=2))
        >>> found["easy"].factor, found["hard"].factor
        (0.5, 2)
    """
    orders = sum(p.orders for p in past.values())
    if not orders:
        return {}
    mean_hours = math.fsum(past[m].hours for m in sorted(past)) / orders
    mean_again = sum(p.again for p in past.values()) / orders
    found = {}
    for matter in sorted(past):
        p = past[matter]
        hours = (p.hours + hardness.lean * mean_hours) / (p.orders + hardness.lean)
        again = (p.again + hardness.lean * mean_again) / (p.orders + hardness.lean)
        by_hours = hours / mean_hours if mean_hours > 0 else 1.0
        by_again = again / mean_again if mean_again > 0 else 1.0
        factor = hardness.by_hours * by_hours + (1 - hardness.by_hours) * by_again
        bounded = min(max(factor, hardness.lowest), hardness.highest)
        found[matter] = Difficulty(matter, p.orders, hours, again, bounded)
    return found
