"""The fitted judgement of one window: how much each sign of danger counts.

Source: logistic regression with a Gaussian prior around weights set by hand, C. M. Bishop (2006),
Pattern Recognition and Machine Learning, section 4.5; `scripts/train_danger.py` fits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import exp
from pathlib import Path
from typing import Self

import numpy as np

from chengshu.incidents.danger.concepts import sorts
from chengshu.incidents.danger.features import Window


@dataclass(frozen=True, slots=True, eq=False)
class Judge:
    """Weights of the features, by name.

    Attributes:
        bias: Log odds where nothing speaks.
        threshold: Log odds from which a window rings.
    """

    weight: Mapping[str, float]
    bias: float
    threshold: float

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `scripts/train_danger.py` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            weight = kept["weight"].astype(float).tolist()
            return cls(
                dict(zip(kept["name"].tolist(), weight, strict=True)),
                float(kept["bias"]),
                float(kept["threshold"]),
            )

    def log_odds(self, text: str, window: Window) -> float:
        """How likely one window of a mended text speaks of danger, as natural log odds."""
        get = self.weight.get
        score = self.bias
        for name, value in window.features.items():
            score += get(name, 0.0) * value
        for name, value in wording(text, window).items():
            score += get(name, 0.0) * value
        return score


def wording(text: str, window: Window) -> dict[str, float]:
    """The features of a window that need no cue: pairs of characters, sorts of words and their pairs."""
    part = text[window.start : window.end]
    pairs = {part[i : i + 2] for i in range(len(part) - 1) if part[i : i + 2].isalnum()}
    share = 1 / max(len(pairs), 4) ** 0.5
    found = {f"g:{pair}": share for pair in pairs}
    said = sorts(text, window.start, window.end)
    found.update((f"s:{sort}", 1.0) for sort in said)
    share = 1.5 / max(len(said), 3) ** 0.5
    found.update((f"p:{one}+{other}", share) for one, other in combinations(said, 2))
    return found


def probability(log_odds: float) -> float:
    """Log odds as a probability."""
    return 1 / (1 + exp(-min(max(log_odds, -30.0), 30.0)))


@cache
def shipped() -> Judge:
    """The weights that come with the product."""
    return Judge.read(Path(__file__).with_name("weights.npz"))
