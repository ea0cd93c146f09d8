"""How well reports were put together: B-cubed and pair figures over those whose truth is known."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall, 0..1."""

    precision: float
    recall: float

    def f(self, beta: float = 1.0) -> float:
        """F measure; below 1 beta weighs precision more. 0 when both are 0."""
        both = beta**2 * self.precision + self.recall
        return (1 + beta**2) * self.precision * self.recall / both if both else 0.0


def bcubed(found: Mapping[str, Hashable], truth: Mapping[str, str]) -> Score:
    """Compare item by item; only items with a truth count.

    Source: A. Bagga, B. Baldwin (1998), Entity-based cross-document coreferencing using the
    vector space model, COLING-ACL, 79-85.
    """
    sizes = Counter(truth.values())
    precision = recall = 0.0
    for members in _members(found, truth).values():
        for happening, shared in Counter(truth[m] for m in members).items():
            precision += shared * shared / len(members)
            recall += shared * shared / sizes[happening]
    total = len(truth) or 1
    return Score(precision / total, recall / total)


def pairs(found: Mapping[str, Hashable], truth: Mapping[str, str]) -> Score:
    """Compare pair by pair: two items put together, of those that belong together."""
    right = together = 0
    for members in _members(found, truth).values():
        together += _pairs(len(members))
        right += sum(_pairs(n) for n in Counter(truth[m] for m in members).values())
    true = sum(_pairs(n) for n in Counter(truth.values()).values())
    return Score(right / together if together else 1.0, right / true if true else 1.0)


def without_largest(truth: Mapping[str, str], how_many: int = 2) -> dict[str, str]:
    """The truth without its largest happenings."""
    large = {name for name, _ in Counter(truth.values()).most_common(how_many)}
    return {item: name for item, name in truth.items() if name not in large}


def _members(found: Mapping[str, Hashable], truth: Mapping[str, str]) -> dict[Hashable, list[str]]:
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for item in truth:
        groups[found[item]].append(item)
    return groups


def _pairs(n: int) -> int:
    return n * (n - 1) // 2
