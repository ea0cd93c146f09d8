"""What sort of thing a report tells of, apart from where: a distribution over topics, learnt from texts.

Two reports of one place and hour are of one happening only if they tell of one thing, and people
say one thing in words that have nothing in common («灰大», «扬尘»). How much two distributions speak
for one topic is a Bayes factor: the chance to draw the same topic from both, over that of strangers.

Source: the classifier is a multinomial logistic regression over pairs of characters, C. M. Bishop
(2006), Pattern Recognition and Machine Learning, section 4.3.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.grams import Pairs

STEPS: Final = 1_000  # a distribution is kept in thousandths, so that sums can be taken apart again
_MOST_BITS: Final = 5.0

Shares = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Topics:
    """A fitted model.

    Attributes:
        pair: The pairs it knows, ascending.
        weight: For each pair a row of one logit per topic.
        bias: A logit per topic.
        usual: How common each topic is; sums to 1.
        names: What the topics are called.
    """

    pair: Pairs
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    usual: NDArray[np.float64]
    names: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a model that `write` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            weight = kept["weight"].astype(np.float32) * kept["step"].astype(np.float32)
            return cls(
                kept["pair"], weight, kept["bias"], kept["usual"], tuple(kept["names"].tolist())
            )

    def of(self, said: Pairs) -> Shares:
        """The distribution of one text, in thousandths."""
        known = np.unique(said[said > 0])
        at = np.searchsorted(self.pair, known)
        at[at == len(self.pair)] = 0
        hit = at[self.pair[at] == known]
        logit = self.bias + self.weight[hit].sum(0) / max(len(known), 1) ** 0.5
        share = np.exp(logit - logit.max())
        shares: Shares = np.rint(STEPS * share / share.sum()).astype(np.int32)
        return shares

    def agreement(self, one: Shares, other: Shares) -> float:
        """Log2 of the Bayes factor for one topic: positive speaks for, 0 where nothing is known."""
        if len(one) != len(self.usual) or len(other) != len(self.usual):
            return 0.0
        p, q = one + 0.5, other + 0.5
        same = float((p / p.sum() * (q / q.sum()) / self.usual).sum())
        return float(min(max(np.log2(same), -_MOST_BITS), _MOST_BITS))


@cache
def shipped() -> Topics:
    """The model that comes with the product, learnt from the drill's invented texts."""
    return Topics.read(Path(__file__).with_name("topics.npz"))
