"""What a classifier sees of a text: words, pairs of words and runs of one to three characters, as 64-bit hashes.

Texts as citizens wrote them and texts that somebody kept only as words without stop words give the same
features, once the stop words are known: `learn_stops` finds them by comparing the two kinds.

What stands first weighs most: citizens begin with what it is about, and often a title was put in front.

Source of the hashing: K. Weinberger and others (2009), Feature hashing for large scale multitask learning, ICML.
Here hashes are long enough not to meet, so each known feature keeps its own weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
import rjieba
from numpy.typing import NDArray

from chengshu.incidents.words import plain

Hashes = NDArray[np.uint64]
Floats = NDArray[np.float32]
Words = tuple[str, ...]
Doc = str | Words  # as it was written, or only its words without stop words

MOST_CHARS: Final = 6_000
_FIRST: Final = 8.0  # how much more the first word weighs than the last ones
_WORDS: Final = 8.0  # words over which that falls to a third
_CHARS: Final = 24.0  # characters, likewise
_RUNS: Final = 3
_SKETCH: Final = 16  # hashes that stand for a text when near-duplicates are looked for
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_TURN: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT: Final = np.uint64(29)


def cut(text: str) -> Words:
    """The words of a text in order; punctuation is dropped, numbers stay.

    Examples:
        >>> cut("路灯坏了，没人管！")
        ('路灯', '坏', '了', '没人管')
    """
    return tuple(w for w in rjieba.cut(plain(text[:MOST_CHARS])) if w[0].isalnum())


def split(seg: str) -> Words:
    """The words of a text that was kept as words with spaces between them."""
    return tuple(w for w in plain(seg[: 2 * MOST_CHARS]).split() if w[0].isalnum())


def learn_stops(
    written: Sequence[Words], segmented: Sequence[Words], least: int = 5
) -> frozenset[str]:
    """Words that are common where whole texts were written and never stand in segmented ones.

    Empty unless there are at least as many segmented texts as half of the others: a word can be
    missing by chance from a few.
    """
    if 2 * len(segmented) < len(written) or not segmented:
        return frozenset()
    kept = {word for words in segmented for word in words}
    common = Counter(word for words in written for word in set(words))
    return frozenset(word for word, n in common.items() if n >= least and word not in kept)


@dataclass(frozen=True, slots=True)
class Grams:
    """Every feature of a text where it stands, unsorted, with repeats.

    Attributes:
        hashes: Shape (n,).
        weights: Shape (n,); how much each occurrence counts.
        words: How many of them, at the front, are words and pairs of words.
        line: The text the runs of characters were taken from: its words with spaces between.
    """

    hashes: Hashes
    weights: Floats
    words: int
    line: str


def grams(words: Sequence[str]) -> Grams:
    """All features of a text that is given as words."""
    line = " ".join(words)
    one = np.fromiter((crc32(w.encode()) for w in words), np.uint64, len(words))
    codes = np.frombuffer(line.encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    parts = [mixed(one, 101), mixed(mixed(one[:-1], 102) + one[1:], 103)]
    first = _leading(len(words), _WORDS)
    weights = [first, first[: max(len(words) - 1, 0)]]
    leading = _leading(len(codes), _CHARS)
    run = np.zeros(len(codes), np.uint64)
    for n in range(1, _RUNS + 1):
        long = max(len(codes) - n + 1, 0)
        run = mixed(run[:long] + codes[n - 1 :][:long], n)
        parts.append(run)
        weights.append(leading[:long])
    return Grams(
        np.concatenate(parts), np.concatenate(weights), len(parts[0]) + len(parts[1]), line
    )


def spelled(words: Sequence[str]) -> list[str]:
    """What each hash of `grams` stands for, in the same order."""
    line = " ".join(words)
    runs = [line[i : i + n] for n in range(1, _RUNS + 1) for i in range(len(line) - n + 1)]
    return [*words, *(f"{a} {b}" for a, b in pairwise(words)), *runs]


def _leading(n: int, over: float) -> Floats:
    leading: Floats = (1 + _FIRST * np.exp(-np.arange(n) / over)).astype(np.float32)
    return leading


def mixed(values: Hashes, salt: int) -> Hashes:
    """Spread values over 64 bits; overflow wraps, as is wanted."""
    spread = (values + np.uint64(salt)) * _MIX
    spread ^= spread >> _SHIFT
    spread *= _TURN
    return np.asarray(spread ^ (spread >> _SHIFT), np.uint64)


def counted(found: Grams) -> list[tuple[Hashes, Floats]]:
    """Different features with the logarithm of their weight, ascending: words first, then runs of characters."""
    blocks = []
    for part in (slice(0, found.words), slice(found.words, None)):
        hashes, at = np.unique(found.hashes[part], return_inverse=True)
        total = np.bincount(at, found.weights[part], len(hashes))
        blocks.append((hashes, (1 + np.log(np.maximum(total, 1))).astype(np.float32)))
    return blocks


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which features are known, and how rare each is.

    Attributes:
        known: Hashes that stood in at least two texts, ascending, shape (features,).
        rarity: ln((1 + texts) / (1 + texts with it)) + 1, shape (features,).
        stops: Words to pass over.
    """

    known: Hashes
    rarity: Floats
    stops: frozenset[str]

    def words(self, doc: Doc) -> Words:
        """The words of a text, without stop words."""
        words = cut(doc) if isinstance(doc, str) else doc
        return tuple(w for w in words if w not in self.stops)

    def of(self, words: Words) -> tuple[NDArray[np.int64], Floats]:
        """Numbers of the known features of a text and their values; each block has length one as a vector."""
        rows, values = [], []
        for hashes, value in counted(grams(words)):
            at, here = self.places(hashes)
            weight = value[here] * self.rarity[at]
            rows.append(at)
            values.append(weight / max(float(np.sqrt(weight @ weight)), 1e-9))
        return np.concatenate(rows), np.concatenate(values)

    def places(self, hashes: Hashes) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Numbers of those hashes that are known, and which they are."""
        if not len(self.known):
            return np.zeros(0, np.int64), np.zeros(len(hashes), np.bool_)
        at = np.searchsorted(self.known, hashes)
        at[at == len(self.known)] = 0
        here = self.known[at] == hashes
        return at[here], here


def vocabulary(texts: Iterable[Words], stops: Set[str]) -> Vocabulary:
    """Learn which features stand in at least two texts."""
    each = [np.concatenate([h for h, _ in counted(grams(words))]) for words in texts]
    hashes, seen = np.unique(
        np.concatenate(each) if each else np.zeros(0, np.uint64), return_counts=True
    )
    known, seen = hashes[seen >= 2], seen[seen >= 2]
    rarity = (np.log((1 + len(each)) / (1 + seen)) + 1).astype(np.float32)
    return Vocabulary(known, rarity, frozenset(stops))


def sketch(words: Words) -> Hashes:
    """The 16 least hashes of a text's runs of three characters: near-duplicates share most of them.

    Source: A. Z. Broder (1997), On the resemblance and containment of documents, SEQUENCES, 21-29.
    """
    codes = np.frombuffer("".join(words).encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    if len(codes) < _RUNS:
        return np.unique(mixed(codes, 7))
    three = mixed(mixed(mixed(codes[:-2], 7) + codes[1:-1], 8) + codes[2:], 9)
    return np.unique(three)[:_SKETCH]
