"""Texts as merging compares them, without a database: every pair of characters equally rare."""

from __future__ import annotations

import numpy as np

from chengshu.incidents.grams import SCALE, Bag, Pairs, Weights, pairs
from chengshu.incidents.wording import Wording

RARITY = 6.0


def _shares(said: Pairs, within: Pairs) -> Weights:
    inside = np.isin(within, said)
    shares: Weights = np.rint(SCALE * inside / max(inside.sum(), 1) ** 0.5).astype(np.int32)
    return shares


def bag(title: str, text: str = "") -> Bag:
    """What a title and a text say."""
    both = pairs(f"{title} {text}")
    different = np.unique(both[both > 0])
    return Bag(different, _shares(pairs(title), different), _shares(both, different))


def wording(title: str, text: str = "", rarity: float = RARITY) -> Wording:
    """The same in order."""
    weighed = bag(title, text)
    return Wording(
        pairs(title), pairs(f"{title} {text}"), weighed, np.full(len(weighed.pair), rarity)
    )
