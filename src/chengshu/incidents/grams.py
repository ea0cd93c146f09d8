"""Pairs of neighbouring characters as numbers: what merging compares texts by.

A name needs no dictionary this way, and a pair is its two characters put into one 32-bit number,
so that it can be read back for a person.

Source: character n-grams as the unit of Chinese retrieval: J. Y. Nie, J. Gao, J. Zhang, M. Zhou
(2000), On the use of words and n-grams for Chinese information retrieval, IRAL, 141-148.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.words import plain

Pairs = NDArray[np.uint32]
Weights = NDArray[np.int32]

SCALE: Final = 1_000  # weights are whole numbers, so that sums can be taken apart again exactly
MOST: Final = 1_024  # pairs kept of an incident, the heaviest
_LETTER = np.fromiter((chr(n).isalnum() for n in range(0x10000)), bool, 0x10000)
_PACKED = np.dtype([("pair", "<u4"), ("title", "<i4"), ("text", "<i4")])


def pairs(text: str) -> Pairs:
    """All pairs in order; 0 where a run of letters and digits ends.

    Examples:
        >>> [spelled(pair) for pair in pairs("丽发新城，7幢") if pair]
        ['丽发', '发新', '新城', '7幢']
    """
    raw = plain(text).encode("utf-16-le", "surrogatepass")
    units = np.frombuffer(raw, "<u2").astype(np.uint32)
    if len(units) < 2:
        return np.zeros(0, np.uint32)
    letter = _LETTER[units]
    found: Pairs = np.where(
        letter[:-1] & letter[1:], (units[:-1] << np.uint32(16)) | units[1:], np.uint32(0)
    )
    return found


def spelled(pair: int) -> str:
    """The two characters of a pair."""
    return chr(int(pair) >> 16) + chr(int(pair) & 0xFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Bag:
    """What texts say, without order.

    Attributes:
        pair: Different pairs, ascending.
        title: How much each weighs in the titles: its rarity as a share of its title's length as a
            vector, in thousandths, summed over the reports.
        text: The same for the beginnings of the texts, titles included.
    """

    pair: Pairs
    title: Weights
    text: Weights

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bag) and self.pack() == other.pack()

    def __hash__(self) -> int:
        return hash(self.pack())

    def pack(self) -> bytes:
        """As it is kept."""
        packed = np.empty(len(self.pair), _PACKED)
        packed["pair"], packed["title"], packed["text"] = self.pair, self.title, self.text
        return packed.tobytes()


EMPTY: Final = Bag(np.zeros(0, np.uint32), np.zeros(0, np.int32), np.zeros(0, np.int32))


def unpack(kept: bytes) -> Bag:
    """The reverse of `Bag.pack`; its arrays are views of what was kept."""
    packed = np.frombuffer(kept, _PACKED)
    return Bag(packed["pair"], packed["title"], packed["text"])


def together(bags: Sequence[Bag], most: int = MOST) -> Bag:
    """The sum of bags; beyond `most` pairs the lightest are left out."""
    if len(bags) == 1:
        return bags[0]
    pair, place = np.unique(np.concatenate([bag.pair for bag in bags]), return_inverse=True)
    title = np.bincount(place, np.concatenate([b.title for b in bags]), len(pair)).astype(np.int32)
    text = np.bincount(place, np.concatenate([b.text for b in bags]), len(pair)).astype(np.int32)
    if len(pair) > most:
        weight = title + text
        kept = np.sort(np.lexsort((pair, -weight))[:most])
        pair, title, text = pair[kept], title[kept], text[kept]
    return Bag(pair, title, text)


def joined(runs: Iterable[Sequence[int]]) -> list[str]:
    """Runs of overlapping pairs as they were written."""
    return [spelled(run[0]) + "".join(spelled(pair)[1] for pair in run[1:]) for run in runs if run]
