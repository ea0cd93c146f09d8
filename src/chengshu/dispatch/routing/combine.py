"""Adding up what speaks for each unit, and how sure the best of them is.

Each source gives each power (line and tier) a logarithm of its share; their weights are fitted like a
conditional logit. How sure the best is, is a logistic over what can go wrong: the margin, words that
were never met, a place that is only known to the district. Both were fitted on decisions that the
words were not learnt from; one half of those in sentences that were never met.

Sources: D. McFadden (1974), Conditional logit analysis of qualitative choice behavior; J. Platt (1999),
Probabilistic outputs for support vector machines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, log
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from chengshu.kit.errors import Invalid

SOURCES: Final = ("words", "words_known", "list", "list_known", "history", "votes")
DOUBTS: Final = (
    "one", "margin", "known", "margin_known", "list_agrees", "history_agrees", "votes_agree",
    "votes_against", "county_unknown", "county_only", "township_only", "place",
)  # fmt: skip
PRECISION: Final = 0.98
_MARGIN: Final = 0.004  # over it, since later decisions differ a little from those fitted on
_LEAST: Final = 1e-3

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mix:
    """Fitted weights.

    Attributes:
        version: 0 for the shipped one.
        source: By name of SOURCES.
        doubt: By name of DOUBTS.
        threshold: Probability from which an order may go out alone.
    """

    version: int
    source: Mapping[str, float]
    doubt: Mapping[str, float]
    threshold: float

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the JSON that `record` makes.

        Raises:
            Invalid: It cannot be read or lacks a weight.
        """
        try:
            return cls.of(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as why:
            raise Invalid(
                path.name, f"无法读取权重：{why}", f"the weights cannot be read: {why}"
            ) from why

    @classmethod
    def of(cls, kept: Mapping[str, object]) -> Self:
        """From a record."""
        source, doubt = kept["source"], kept["doubt"]
        if not isinstance(source, dict) or not isinstance(doubt, dict):
            raise TypeError("source and doubt are tables")
        return cls(
            int(str(kept["version"])),
            {name: float(source[name]) for name in SOURCES},
            {name: float(doubt[name]) for name in DOUBTS},
            float(str(kept["threshold"])),
        )

    def record(self) -> dict[str, object]:
        """As it is kept."""
        return {
            "version": self.version, "source": dict(self.source), "doubt": dict(self.doubt),
            "threshold": self.threshold,
        }  # fmt: skip

    def shares(self, seen: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
        """Share of each choice, by name; they sum to one.

        Args:
            seen: Choice → source → value, as `sources` makes it.
        """
        score = {
            c: sum(self.source[n] * v for n, v in values.items()) for c, values in seen.items()
        }
        top = max(score.values())
        share = {c: exp(s - top) for c, s in score.items()}
        total = sum(share.values())
        return {c: s / total for c, s in share.items()}

    def sure(self, doubts: Mapping[str, float]) -> float:
        """Probability that the best unit is right."""
        z = sum(self.doubt[n] * v for n, v in doubts.items())
        return 1 / (1 + exp(-max(min(z, 30.0), -30.0)))


def sources(words: float, of_list: float, history: float, votes: float, known: float) -> dict[str, float]:  # fmt: skip
    """The values of one choice from its shares by each source, 0..1."""
    by_words, by_list = log(max(words, _LEAST)), log(max(of_list, 0.05))
    return {
        "words": by_words, "words_known": by_words * known, "list": by_list,
        "list_known": by_list * known, "history": log(max(history, 0.05)), "votes": votes,
    }  # fmt: skip


def logit(share: float) -> float:
    """Log odds, kept within what can be told apart."""
    p = min(max(share, 1e-4), 1 - 1e-4)
    return log(p / (1 - p))


def fit_sources(cases: Sequence[tuple[Mapping[str, Mapping[str, float]], str]]) -> dict[str, float]:
    """Weights of the sources that make the right choices likeliest.

    Args:
        cases: What was seen of each choice, and the right choice; those without it are left out.
    """
    tables = [
        (np.array([[v[n] for n in SOURCES] for v in seen.values()]), list(seen).index(right))
        for seen, right in cases if right in seen
    ]  # fmt: skip
    weight = np.array([0.5, 0.5, 0.2, 0.0, 0.2, 0.5])
    for _ in range(60):
        slope, curve = 1e-2 * weight, 1e-2 * np.eye(len(SOURCES))
        for table, right in tables:
            z = table @ weight
            p = np.exp(z - z.max())
            p /= p.sum()
            mean = p @ table
            slope += mean - table[right]
            curve += (table * p[:, None]).T @ table - np.outer(mean, mean)
        step = np.linalg.solve(curve, slope)
        weight = weight - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-5:
            break
    return dict(zip(SOURCES, map(float, weight), strict=True))


def fit_doubts(cases: Sequence[tuple[Mapping[str, float], bool]]) -> dict[str, float]:
    """Weights of the doubts that make it likeliest what came out right and what did not."""
    design = np.array([[doubts[n] for n in DOUBTS] for doubts, _ in cases])
    right = np.array([float(r) for _, r in cases])
    weight = np.zeros(len(DOUBTS))
    for _ in range(100):
        share = 1 / (1 + np.exp(-np.clip(design @ weight, -30, 30)))
        slope = design.T @ (share - right) + 0.1 * weight
        curve = (design * (share * (1 - share))[:, None]).T @ design + 0.1 * np.eye(len(DOUBTS))
        step = np.linalg.solve(curve, slope)
        weight = weight - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-6:
            break
    return dict(zip(DOUBTS, map(float, weight), strict=True))


def threshold(cases: Sequence[tuple[float, bool]]) -> float:
    """The least probability above which enough held-out decisions are right; above 1 if none."""
    right, number, best = 0, 0, 1.01
    for sure, alike in groupby(sorted(cases, key=lambda case: -case[0]), lambda case: case[0]):
        came = [came_right for _, came_right in alike]  # of one probability all go, or none
        right, number = right + sum(came), number + len(came)
        if right >= (PRECISION + _MARGIN) * number:
            best = sure
    return best
