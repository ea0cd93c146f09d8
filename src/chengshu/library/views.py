"""Several ways to compare a question with every passage of a shelf; `mix` weighs them.

Source: BM25: S. Robertson, H. Zaragoza (2009), The probabilistic relevance framework, Foundations and Trends in
Information Retrieval 3(4). Words beside characters: see `docs/library.md` for what each adds here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from zlib import crc32

import numpy as np
import rjieba
from numpy.typing import NDArray

from chengshu.incidents.encoder import Encoder
from chengshu.library.encoder import Dense
from chengshu.library.grams import (
    Bags,
    Floats,
    Rarity,
    Rows,
    Terms,
    counted_all,
    damped,
    ranges,
    together,
)
from chengshu.library.passages import Passage, asked, head, source

VIEWS: Final = ("char", "head", "word", "word_head", "bm", "front", "front_head", "rest", "cover")
_FRONT: Final = 150  # characters at the beginning of a passage that a view of its own compares
_AT_ONCE: Final = 4_096
_K1, _B = 1.2, 0.75
_HUB: Final = 10  # nearest that say how much a passage is near to everything
_PROBED: Final = 5_000  # passages up to which they are compared among themselves

Vectors = tuple[Bags, Rarity]


class Table:
    """Vectors of many passages, by run: scores of a question are a sum over its runs' lists."""

    def __init__(self, bags: Bags) -> None:
        order = np.argsort(bags.terms, kind="stable")
        self._n = len(bags)
        self._row, self._value = bags.rows()[order].astype(np.int32), bags.times[order]
        self._terms, start = np.unique(bags.terms[order], return_index=True)
        self._start = np.append(start, len(order)).astype(np.int64)

    def scores(self, terms: Terms, values: Floats) -> Floats:
        """Dot products with all passages, shape (passages,)."""
        if not len(self._terms) or not len(terms):
            return np.zeros(self._n, np.float32)
        at = np.minimum(np.searchsorted(self._terms, terms), len(self._terms) - 1)
        here = self._terms[at] == terms
        at = at[here]
        long = self._start[at + 1] - self._start[at]
        spots = ranges(self._start[at], self._start[at + 1])
        weight = self._value[spots] * np.repeat(values[here], long)
        return np.bincount(self._row[spots], weight, self._n).astype(np.float32)


def bags_of(texts: Sequence[str], longest: int = 3) -> Bags:
    """Runs of many texts, counted some thousand texts at a time."""
    return together(
        [counted_all(texts[i : i + _AT_ONCE], longest) for i in range(0, len(texts), _AT_ONCE)]
    )


def words_of(texts: Sequence[str]) -> Bags:
    """Words of two characters or more, as numbers."""
    parts = []
    for text in texts:
        found = [crc32(w.encode()) for w in rjieba.cut(text) if len(w) > 1 and w[0].isalnum()]
        terms, times = np.unique(np.array(found, np.uint32), return_counts=True)
        parts.append(Bags(np.array([0, len(terms)]), terms, times.astype(np.float32)))
    return together(parts)


def cosine(bags: Bags, rarity: Rarity) -> Bags:
    """Vectors of length one: 1 + ln of how often, times rarity."""
    value = damped(bags.times) * rarity.weight(bags.terms)
    length = np.sqrt(np.bincount(bags.rows(), value * value, len(bags)))
    return Bags(
        bags.indptr, bags.terms, (value / np.maximum(length, 1e-9)[bags.rows()]).astype(np.float32)
    )


def bm25(bags: Bags, rarity: Rarity) -> Bags:
    """What each run of a passage adds to a question that has it once."""
    rows = bags.rows()
    long = np.bincount(rows, bags.times, len(bags))
    mean = max(float(long.mean()) if len(long) else 0.0, 1.0)
    at = np.searchsorted(rarity.terms, bags.terms)
    seen = rarity.seen[at].astype(np.float64)
    rare = np.log(1 + (rarity.texts - seen + 0.5) / (seen + 0.5))
    grown = bags.times * (_K1 + 1) / (bags.times + _K1 * (1 - _B + _B * long / mean)[rows])
    return Bags(bags.indptr, bags.terms, (rare * grown).astype(np.float32))


def one(text: str, count: Callable[[Sequence[str]], Bags], rarity: Rarity) -> tuple[Terms, Floats]:
    """A question as a vector of length one."""
    return cosine(count([text]), rarity).one(0)


class Shelf:
    """Passages in memory with a table for each view.

    Args:
        encoder: For the view `dense`, which is silent without one.
        remember: Keep what the views said of each question, for one that is asked again and again while weights are
            learnt in folds; 36 bytes for each question and passage.
    """

    def __init__(
        self, passages: Sequence[Passage], encoder: Encoder | None = None, *, remember: bool = False
    ) -> None:
        self._said: dict[str, dict[str, Floats]] | None = {} if remember else None
        self.names = [p.name for p in passages]
        texts = [p.text for p in passages]
        self._dense = Dense(encoder, texts) if encoder else None
        bags = bags_of(texts)
        self.rarity = Rarity.of(bags)
        self.vectors = cosine(bags, self.rarity)
        self.whole = Table(self.vectors)
        self._front = Table(cosine(bags_of([t[:_FRONT] for t in texts]), self.rarity))
        words = words_of(texts)
        self._rare_words = Rarity.of(words)
        self._words = Table(cosine(words, self._rare_words))
        pairs = bags_of(texts, 2)
        self._rare_pairs = Rarity.of(pairs)
        self._bm = Table(bm25(pairs, self._rare_pairs))
        self._has = Table(Bags(pairs.indptr, pairs.terms, np.ones_like(pairs.times)))
        told = [source(name) for name in self.names]
        self.sources, at = np.unique(np.array(told or [""]), return_inverse=True)
        self.source_of: Rows = at[: len(texts)]
        self.hub = self._hub()

    def __len__(self) -> int:
        return len(self.names)

    def views(self, question: str) -> dict[str, Floats]:
        """What each of `VIEWS` says of all passages, and `dense` where there is an encoder."""
        if self._said is None:
            return self._views(question)
        if question not in self._said:
            self._said[question] = self._views(question)
        return dict(self._said[question])

    def _views(self, question: str) -> dict[str, Floats]:
        whole, first = asked(question), head(question)
        runs, few = one(whole, bags_of, self.rarity), one(first, bags_of, self.rarity)
        pairs = bags_of([whole], 2)
        word = one(whole, words_of, self._rare_words)
        rest = one(whole[len(first) :] or whole, bags_of, self.rarity)
        wanted = bags_of([first], 2).terms
        rare = self._rare_pairs.weight(wanted)
        return {
            "char": self.whole.scores(*runs),
            "head": self.whole.scores(*few),
            "word": self._words.scores(*word),
            "word_head": self._words.scores(*one(first, words_of, self._rare_words)),
            "bm": self._bm.scores(pairs.terms, np.minimum(pairs.times, 2)),
            "front": self._front.scores(*runs),
            "front_head": self._front.scores(*few),
            "rest": self.whole.scores(*rest),
            "cover": self._has.scores(wanted, rare / max(float(rare.sum()), 1e-9)),
            **({"dense": self._dense.scores(whole)} if self._dense else {}),
        }

    def _hub(self) -> Floats:
        """How near each passage is to its nearest others: one that is near to everything says little."""
        if len(self) > _PROBED or len(self) < 2:
            return np.zeros(len(self), np.float32)
        found = np.zeros(len(self), np.float32)
        for number in range(len(self)):
            near = self.whole.scores(*self.vectors.one(number))
            near[number] = 0
            found[number] = top_mean(near[:, None])[0]
        return found


def top_mean(values: NDArray[np.float32]) -> Floats:
    """Mean of the `_HUB` largest of each column."""
    most = min(_HUB, len(values))
    return np.asarray(np.partition(values, len(values) - most, axis=0)[-most:].mean(0), np.float32)
