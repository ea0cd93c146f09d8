"""Parts that are known by heart: which label a run of tokens had in the sentences learnt from.

While learning, a sentence may not look itself up: what it alone has taught is left out, else the
learner would trust its lexicon more than it can when reading something new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from chengshu.places.tagging.batch import Batch, Index, Numbers
from chengshu.places.tagging.scheme import Sentence

COLUMNS: Final = 14  # the labels with most different parts have a column each
_LONGEST: Final = 14
_BASE: Final = 0x9E3779B97F4A7C15  # odd, so that no sign is lost
Counts = NDArray[np.int32]
_Found = tuple[NDArray[np.intp], Counts]
LEVELS: Final = 6  # labels of the first columns that are remembered as seen before or after


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Parts of two and more tokens.

    Attributes:
        labels: The labels that have a column, most parts first.
        known: Joined tokens to how often each label (number of its column) was read.
        index: Finds the parts, by a number of their characters.
        counts: Shape (parts, COLUMNS), in the order of the index.
    """

    labels: tuple[str, ...]
    known: Mapping[str, Mapping[int, int]]
    index: Index
    counts: Counts

    @classmethod
    def learnt(cls, sentences: Iterable[Sentence]) -> Self:
        """The lexicon of all spans."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for sentence in sentences:
            for label, start, end in sentence.spans:
                if 2 <= end - start <= _LONGEST:
                    counts["".join(sentence.tokens[start:end])][label] += 1
        size = Counter(label for found in counts.values() for label in found)
        labels = tuple(label for label, _ in sorted(size.items(), key=lambda i: (-i[1], i[0])))[
            :COLUMNS
        ]
        return cls.of(labels, {
            part: {labels.index(label): n for label, n in found.items() if label in labels}
            for part, found in counts.items()
        })  # fmt: skip

    @classmethod
    def of(cls, labels: tuple[str, ...], known: Mapping[str, Mapping[int, int]]) -> Self:
        """From what was kept of it."""
        codes, first = np.unique(np.array([_code(p) for p in known], np.uint64), return_index=True)
        counts = np.zeros((len(known), COLUMNS), np.int32)
        for row, found in zip(counts, known.values(), strict=True):
            for column, count in found.items():
                row[column] = count
        return cls(labels, known, Index.of(codes), counts[first])

    def matches(self, batch: Batch, own: Sequence[Sentence] | None = None) -> tuple[Counts, Counts]:
        """What covers each token.

        Args:
            batch: Sentences.
            own: The same sentences, when they were learnt from.

        Returns:
            Per label, shape (tokens, COLUMNS), a code of length and position of the longest match, 0
            for none; and shape (2, tokens): label, position and length of the longest match, packed,
            and how sure its commonest label is. Of matches of one length, the first is kept.
        """
        each = np.zeros((batch.size, COLUMNS), np.int32)
        whole = np.zeros((2, batch.size), np.int32)
        read = self._read(batch, own)
        for size in sorted(read, reverse=True):
            at, counts = read[size]
            said, label = _said(counts), counts.argmax(1) + 1
            for place in range(size - 1, -1, -1):
                step = 1 if place == 0 else 3 if place == size - 1 else 2
                cells, kind = at + place, min(size, 6)
                here = each[cells]
                each[cells] = np.where((counts > 0) & (here == 0), kind * 4 + step, here)
                free = whole[0, cells] == 0
                whole[0, cells[free]] = (label[free] * 4 + step) * 8 + kind
                whole[1, cells[free]] = said[free]
        return each, whole

    def _read(self, batch: Batch, own: Sequence[Sentence] | None) -> dict[int, _Found]:
        """By length: first tokens of known parts, and how often each label was read elsewhere."""
        sign = batch.each(_code)
        power = batch.each(lambda token: pow(_BASE, len(token), 1 << 64))
        code, found = sign, dict[int, _Found]()
        mine = _spans(batch, self.labels, own) if own else None
        for size in range(2, min(_LONGEST, max(batch.lengths, default=0)) + 1):
            code = code[:-1] * power[size - 1 :] + sign[size - 1 :]
            at = np.flatnonzero(batch.left[: len(code)] >= size - 1)
            part = self.index.find(code[at]) - 1
            at, part = at[part >= 0], part[part >= 0]
            counts = self.counts[part]
            if mine is not None:
                start, column = mine[0][mine[2] == size], mine[1][mine[2] == size]
                taught = self.index.find(code[start]) - 1
                counts -= _common(self._key(batch, at, part)[:, None] + np.arange(COLUMNS),
                                  self._key(batch, start, taught) + column)  # fmt: skip
            there = counts.max(1, initial=0) > 0
            found[size] = at[there], counts[there]
        return found

    def _key(self, batch: Batch, at: NDArray[np.intp], part: Counts) -> Numbers:
        return (batch.sentence[at] * len(self.counts) + part) * COLUMNS


def _spans(batch: Batch, labels: Sequence[str], own: Sequence[Sentence]) -> Numbers:
    """Rows of first token, column and length of the spans that have a column."""
    column = {label: k for k, label in enumerate(labels)}
    spans = [
        (first + start, column[label], end - start)
        for first, sentence in zip(batch.starts, own, strict=True)
        for label, start, end in sentence.spans
        if label in column
    ]
    return np.array(spans, np.int64).reshape(-1, 3).T


def _common(wanted: Numbers, there: Numbers) -> Counts:
    """How often each of the wanted is there; the shape of `wanted`."""
    keys, count = np.unique(there, return_counts=True)
    keys, count = np.append(keys, -1), np.append(count, 0)
    at = np.searchsorted(keys[:-1], wanted)
    return np.where(keys[at] == wanted, count[at], 0).astype(np.int32)


def _said(counts: Counts) -> Counts:
    """How sure the commonest label is, and whether it was read once, a few times, or more; packed."""
    total, most = np.maximum(counts, 0).sum(1), counts.max(1, initial=0)
    sure = (most > 0.6 * total).astype(np.int32) + (most > 0.9 * total)
    said: Counts = sure * 4 + (most >= 2) + (most >= 4)
    return said


def _code(text: str) -> int:
    code = 0
    for sign in text:
        code = (code * _BASE + ord(sign)) & (1 << 64) - 1
    return code
