"""Runs of one to three characters as 32-bit numbers, and how rare each is: what passages are compared by.

Source: sublinear term frequency and cosine: G. Salton, C. Buckley (1988), Term-weighting approaches in
automatic text retrieval, Information Processing & Management 24(5), 513-523.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.features import mixed

Terms = NDArray[np.uint32]
Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

RUNS: Final = 3
_UPPER: Final = np.uint64(32)


def counted(text: str, longest: int = RUNS) -> tuple[Terms, Floats]:
    """Different runs of a text, ascending, and how often each stands there.

    The same text gives the same numbers in every process. Two runs share a number about once in four thousand million.
    """
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    run = np.zeros(len(codes), np.uint64)
    parts = []
    for n in range(1, longest + 1):
        long = max(len(codes) - n + 1, 0)
        run = mixed(run[:long] + codes[n - 1 :][:long], n)
        parts.append((run >> _UPPER).astype(np.uint32))
    terms, times = np.unique(np.concatenate(parts), return_counts=True)
    return terms, times.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Bags:
    """Many texts as runs: those of text i lie from `indptr[i]` to `indptr[i + 1]`, ascending.

    Attributes:
        indptr: Shape (texts + 1,).
        terms: Different runs of each text.
        times: How often each stands there, or any weight made of it.
    """

    indptr: Rows
    terms: Terms
    times: Floats

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def rows(self) -> Rows:
        """Which text each run belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.indptr))

    def one(self, number: int) -> tuple[Terms, Floats]:
        """The runs of one text."""
        span = slice(self.indptr[number], self.indptr[number + 1])
        return self.terms[span], self.times[span]


def counted_all(texts: Sequence[str], longest: int = RUNS) -> Bags:
    """What `counted` gives, for many texts with one sort; memory grows with them: some thousand at a time."""
    long = np.fromiter(map(len, texts), np.int64, len(texts))
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "replace"), "<u4").astype(np.uint64)
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64), long)
    run = np.zeros(len(codes), np.uint64)
    parts = []
    for n in range(1, longest + 1):
        size = max(len(codes) - n + 1, 0)
        run = mixed(run[:size] + codes[n - 1 :][:size], n)
        within = owner[:size] == owner[n - 1 :][:size]
        parts.append(((owner[:size] << _UPPER) | (run >> _UPPER))[within])
    every = np.sort(np.concatenate(parts))
    first = (
        np.flatnonzero(np.append(True, every[1:] != every[:-1]))
        if len(every)
        else np.zeros(0, np.int64)
    )
    times = np.diff(np.append(first, len(every))).astype(np.float32)
    each = np.bincount((every[first] >> _UPPER).astype(np.int64), minlength=len(texts))
    indptr = np.concatenate(([0], np.cumsum(each))).astype(np.int64)
    return Bags(indptr, (every[first] & np.uint64(0xFFFFFFFF)).astype(np.uint32), times)


def together(parts: Sequence[Bags]) -> Bags:
    """Several, one after the other."""
    sizes = [np.diff(p.indptr) for p in parts]
    indptr = np.concatenate(
        [np.zeros(1, np.int64), np.cumsum(np.concatenate([np.zeros(0, np.int64), *sizes]))]
    )
    terms = np.concatenate([np.zeros(0, np.uint32), *(p.terms for p in parts)])
    return Bags(indptr, terms, np.concatenate([np.zeros(0, np.float32), *(p.times for p in parts)]))


def damped(times: Floats) -> Floats:
    """1 + ln of how often."""
    return np.asarray(1 + np.log(times), np.float32)


@dataclass(frozen=True, slots=True)
class Rarity:
    """In how many texts each run stands.

    Attributes:
        terms: Ascending, shape (n,).
        seen: In how many texts each stands, shape (n,).
        texts: How many texts were counted.
    """

    terms: Terms
    seen: NDArray[np.uint32]
    texts: int

    @classmethod
    def of(cls, bags: Bags) -> Rarity:
        """Count over texts."""
        terms, seen = np.unique(bags.terms, return_counts=True)
        return cls(terms, seen.astype(np.uint32), len(bags))

    def weight(self, terms: Terms) -> Floats:
        """ln((1 + texts) / (1 + texts with it)) + 1; a run that was never seen is as rare as can be."""
        seen = np.zeros(len(terms), np.float32)
        if len(self.terms):
            at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
            here = self.terms[at] == terms
            seen[here] = self.seen[at[here]]
        return np.asarray(np.log((1 + self.texts) / (1 + seen)) + 1, np.float32)

    def vector(self, text: str) -> tuple[Terms, Floats]:
        """A text as a vector of length one; an empty text has no runs."""
        terms, times = counted(text)
        return terms, unit(damped(times) * self.weight(terms))


def unit(values: Floats) -> Floats:
    """Scaled to length one; zeros stay."""
    return np.asarray(values / max(float(np.sqrt(values @ values)), 1e-9), np.float32)


def ranges(starts: Rows, ends: Rows) -> Rows:
    """All whole numbers of several half-open ranges, one after the other.

    Examples:
        >>> ranges(np.array([3, 7]), np.array([5, 8])).tolist()
        [3, 4, 7]
    """
    long = ends - starts
    if not long.sum():
        return np.zeros(0, np.int64)
    before = np.cumsum(long) - long
    return np.asarray(np.arange(long.sum()) + np.repeat(starts - before, long), np.int64)
