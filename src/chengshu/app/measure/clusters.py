"""How well reports were put together: B-cubed and pair figures against the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall, 0..1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean; 0 when both are 0."""
        return self.f(1.0)

    def f(self, beta: float) -> float:
        """F measure; below 1 beta weighs precision more. 0 when both are 0."""
        both = beta**2 * self.precision + self.recall
        return (1 + beta**2) * self.precision * self.recall / both if both else 0.0


def bcubed(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Score:
    """Compare clusters with the truth, item by item; of no items, none is wrong.

    Source: A. Bagga, B. Baldwin (1998), Entity-based cross-document coreferencing using the
    vector space model, COLING-ACL, 79-85.

    Examples:
        >>> round(bcubed([1, 1, 2], ["a", "a", "a"]).recall, 3)
        0.556
    """
    if not found:
        return Score(1.0, 1.0)
    both = Counter(zip(found, truth, strict=True))
    ours, theirs = Counter(found), Counter(truth)
    precision = sum(n * n / ours[cluster] for (cluster, _), n in both.items()) / len(found)
    recall = sum(n * n / theirs[event] for (_, event), n in both.items()) / len(found)
    return Score(precision, recall)


def pairs(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Score:
    """Compare pair by pair: two items put together, of those that belong together.

    Examples:
        >>> pairs([1, 1, 1, 2], ["a", "a", "b", "b"])
        Score(precision=0.3333333333333333, recall=0.5)
    """
    right = _pairs(Counter(zip(found, truth, strict=True)).values())
    together, true = _pairs(Counter(found).values()), _pairs(Counter(truth).values())
    return Score(right / together if together else 1.0, right / true if true else 1.0)


def without_largest(truth: Mapping[str, str], how_many: int = 2) -> dict[str, str]:
    """The truth without its largest happenings."""
    large = {name for name, _ in Counter(truth.values()).most_common(how_many)}
    return {item: name for item, name in truth.items() if name not in large}


def _pairs(sizes: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes)
