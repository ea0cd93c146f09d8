"""Dense views of texts that a classifier can put beside its words and characters.

A city that has a language model brings it as a third `Encoder`; two come with the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.features import Hashes, Words, counted, grams
from chengshu.incidents.grams import pairs
from chengshu.incidents.topics import Topics, shipped


class Encoder(Protocol):
    """Texts to rows of numbers. The same text gives the same row, whatever stands beside it."""

    @property
    def width(self) -> int:
        """Numbers in a row."""
        ...

    def __call__(self, texts: Sequence[Words]) -> NDArray[np.float32]:
        """Shape (texts, width); rows have a length of at most one, an empty text a finite row."""
        ...


class TopicEncoder:
    """Square roots of topic shares, so that rows have length one and near distributions are near vectors."""

    def __init__(self, topics: Topics | None = None) -> None:
        self._topics = topics or shipped()

    @property
    def width(self) -> int:
        return len(self._topics.names)

    def __call__(self, texts: Sequence[Words]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.width), np.float32)
        for row, words in zip(rows, texts, strict=True):
            share = self._topics.of(pairs("".join(words))).astype(np.float32)
            row[:] = np.sqrt(share / max(float(share.sum()), 1.0))
        return rows


class LatentEncoder:
    """Directions in which the words of a body of texts vary together (latent semantic analysis).

    Source: S. Deerwester and others (1990), Indexing by latent semantic analysis, JASIS 41(6), 391-407.
    """

    def __init__(self, known: Hashes, directions: NDArray[np.float32]) -> None:
        self._known, self._directions = known, directions

    @classmethod
    def learn(cls, texts: Sequence[Words], width: int = 64) -> Self:
        """Learn from texts without labels, at most as many directions as texts and words allow.

        Raises:
            ValueError: No word stands in two texts.
        """
        each = [counted(grams(words))[0] for words in texts]
        hashes, seen = np.unique(np.concatenate([h for h, _ in each]), return_counts=True)
        # common words only: the matrix is held dense
        known = np.sort(hashes[np.lexsort((hashes, -seen))][: min(4_096, int((seen >= 2).sum()))])
        if not len(known):
            raise ValueError("no word stands in two texts")
        table = np.stack([_row(known, found) for found in each])
        values, vectors = np.linalg.eigh(table.T @ table)
        width = min(width, int((values > 1e-6 * values[-1]).sum()))
        return cls(known, np.ascontiguousarray(vectors[:, ::-1][:, :width], np.float32))

    @property
    def width(self) -> int:
        return int(self._directions.shape[1])

    def __call__(self, texts: Sequence[Words]) -> NDArray[np.float32]:
        rows = [_row(self._known, counted(grams(words))[0]) for words in texts]
        table = np.stack(rows) if rows else np.zeros((0, len(self._known)), np.float32)
        return np.asarray(table @ self._directions, np.float32)


def _row(known: Hashes, found: tuple[Hashes, NDArray[np.float32]]) -> NDArray[np.float32]:
    """One text over the known words, of length one."""
    hashes, value = found
    row = np.zeros(len(known), np.float32)
    at = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    here = known[at] == hashes
    row[at[here]] = value[here]
    return np.asarray(row / max(float(np.sqrt(row @ row)), 1e-9), np.float32)
