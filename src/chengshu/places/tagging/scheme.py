"""Tags of a chain: every label opens, goes on, ends, or stands alone (BIES).

The last character of a part says most about it (路, 号, 室), so an end has a tag of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

OUTSIDE = "O"

Labelled = tuple[str, int, int]  # label, first token, token after the last
Tags = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sentence:
    """Tokens, and the labelled spans that cover them."""

    tokens: tuple[str, ...]
    spans: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """With L labels, tag number l opens label l, L + l goes on, 2 L + l ends, 3 L + l stands alone."""

    labels: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many tags there are."""
        return 4 * len(self.labels)

    def encode(self, sentence: Sentence) -> Tags:
        """A tag per token; tokens in no span stand outside."""
        count = len(self.labels)
        at = {label: i for i, label in enumerate(self.labels)}
        tags = np.full(len(sentence.tokens), 3 * count + at.get(OUTSIDE, 0), np.intp)
        for label, start, end in sentence.spans:
            tags[start:end] = count + at[label]
            tags[start], tags[end - 1] = at[label], 2 * count + at[label]
            if end - start == 1:
                tags[start] = 3 * count + at[label]
        return tags

    def decode(self, tags: Sequence[int]) -> tuple[Labelled, ...]:
        """The spans of a legal sequence of tags, without those outside."""
        count, start, found = len(self.labels), 0, []
        for i, tag in enumerate(tags):
            kind, label = divmod(tag, count)
            if kind in (0, 3):
                start = i
            if kind >= 2 and self.labels[label] != OUTSIDE:
                found.append((self.labels[label], start, i + 1))
        return tuple(found)

    def follows(self) -> NDArray[np.bool_]:
        """Shape (tags, tags): whether the second may follow the first."""
        number = np.arange(self.size)
        kind, label = number // len(self.labels), number % len(self.labels)
        opens, inside = np.isin(kind, (0, 3)), np.isin(kind, (1, 2))
        after_end: NDArray[np.bool_] = ~np.isin(kind, (0, 1))[:, None] & opens[None]
        goes_on: NDArray[np.bool_] = ~after_end & inside[None] & (label[:, None] == label[None])
        return after_end | (goes_on & np.isin(kind, (0, 1))[:, None])

    def first(self) -> NDArray[np.bool_]:
        """Whether a tag may be the first."""
        return np.isin(np.arange(self.size) // len(self.labels), (0, 3))

    def last(self) -> NDArray[np.bool_]:
        """Whether a tag may be the last."""
        return np.isin(np.arange(self.size) // len(self.labels), (2, 3))


def labels_of(sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """Every label that occurs, sorted, and the one for outside if a token is in no span."""
    found, covered = set[str](), True
    for sentence in sentences:
        found |= {label for label, _, _ in sentence.spans}
        covered &= sum(end - start for _, start, end in sentence.spans) == len(sentence.tokens)
    return tuple(sorted(found | (set() if covered else {OUTSIDE})))
