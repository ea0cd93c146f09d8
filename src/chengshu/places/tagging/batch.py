"""Many sentences at once: their tokens one after another, and where each sentence begins and ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint64]
Numbers = NDArray[np.int64]
_SPARE: Final = 3  # bits of the table of an index beyond those its codes need
_MOST: Final = 22


class Batch:
    """Sentences of tokens; what depends on a token alone is worked out once for each different one.

    Attributes:
        lengths: Tokens of each sentence.
        starts: Row of each sentence's first token.
        size: Tokens of all.
        sentence: Number of each token's sentence.
        begin: Row of the first token of each token's sentence.
        end: Row after the last.
        place: How many tokens stand before, in the sentence.
        left: How many tokens follow.
        names: The different tokens.
        which: Number of each token among them.
    """

    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        self.lengths = [len(tokens) for tokens in sentences]
        bounds = np.cumsum([0, *self.lengths])
        self.starts: list[int] = bounds[:-1].tolist()
        self.size = int(bounds[-1])
        row = np.arange(self.size)
        self.sentence = np.repeat(np.arange(len(sentences)), self.lengths)
        self.begin, self.end = bounds[self.sentence], bounds[self.sentence + 1]
        self.place, self.left = row - self.begin, self.end - row - 1
        number: dict[str, int] = {}
        which = [number.setdefault(token, len(number)) for tokens in sentences for token in tokens]
        self.names, self.which = list(number), np.array(which, np.intp)

    def each(self, of: Callable[[str], int]) -> Codes:
        """A number of every token."""
        return np.array([of(name) for name in self.names], np.uint64)[self.which]


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Finds codes among many.

    Attributes:
        slot: For each beginning of a code (its first bits), the place of the first that is not below it.
        codes: Ascending, and one above all others after them.
    """

    slot: NDArray[np.int32]
    codes: Codes
    shift: np.uint64

    @classmethod
    def of(cls, codes: Codes) -> Self:
        """Codes must be ascending and different."""
        bits = min(max(len(codes).bit_length() + _SPARE, 8), _MOST)
        shift = np.uint64(64 - bits)
        many = np.bincount((codes >> shift).astype(np.intp), minlength=1 << bits)
        slot = (np.cumsum(many) - many).astype(np.int32)
        return cls(slot, np.append(codes, np.uint64(2**64 - 1)), shift)

    def find(self, codes: Codes) -> NDArray[np.int32]:
        """The place of each among the codes from 1, 0 for those that are not among them; same shape."""
        wanted = codes.ravel()
        at = self.slot[(wanted >> self.shift).astype(np.intp)]
        found = self.codes[at]
        low = np.flatnonzero(found < wanted)
        while len(low):
            at[low] += 1
            found[low] = self.codes[at[low]]
            low = low[found[low] < wanted[low]]
        at += 1
        at[(found != wanted) | (at == len(self.codes))] = 0
        return at.reshape(codes.shape)


def earlier(bits: Numbers, width: int, begin: NDArray[np.intp]) -> Numbers:
    """All bits of the items before each one, from its `begin` on.

    Args:
        bits: Shape (items,).
        width: How many bits are looked at.
        begin: Shape (items,): the first item of each item's sentence.
    """
    kinds = np.arange(width)[:, None]
    flags = bits >> kinds & 1
    before = np.cumsum(flags, 1) - flags
    before -= before[:, begin]
    return np.asarray(((before > 0) << kinds).sum(0), np.int64)


def later(bits: Numbers, width: int, end: NDArray[np.intp]) -> Numbers:
    """All bits of the items after each one, up to its `end`."""
    return earlier(bits[::-1], width, (len(bits) - end)[::-1])[::-1]
