"""Parts that are known by heart: which label a run of tokens had in the sentences learnt from.

While learning, a sentence may not look itself up: what it alone has taught is left out, else the
learner would trust its lexicon more than it can when reading something new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from chengshu.places.tagging.scheme import Sentence

COLUMNS: Final = 14  # the labels with most different parts have a column each
_LONGEST: Final = 14
LEVELS: Final = 6  # labels of the first columns that are remembered as seen before or after


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Parts of two and more tokens.

    Attributes:
        labels: The labels that have a column, most parts first.
        known: Joined tokens to how often each label (number of its column) was read.
        begun: All beginnings of known parts.
    """

    labels: tuple[str, ...]
    known: Mapping[str, Mapping[int, int]]
    begun: frozenset[str]

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
        begun = {part[:n] for part in known for n in range(1, len(part) + 1)}
        return cls(labels, known, frozenset(begun))

    def matches(self, tokens: tuple[str, ...], own: Sentence | None) -> tuple[NDArray[np.int32], NDArray[np.int32]]:  # fmt: skip
        """What covers each token.

        Args:
            tokens: Of one sentence.
            own: The same sentence, when it was learnt from.

        Returns:
            Per label, shape (tokens, COLUMNS), a code of length and position of the longest match, 0
            for none; and shape (3, tokens): column, position and length of the longest match of its
            commonest label, with how sure the label is, packed.
        """
        each = np.zeros((len(tokens), COLUMNS), np.int32)
        whole = np.zeros((2, len(tokens)), np.int32)
        longest = [0] * len(tokens)
        mine = self._of(own) if own else {}
        for start, first in enumerate(tokens):
            if first not in self.begun:
                continue
            part = first
            for end in range(start + 2, min(len(tokens), start + _LONGEST) + 1):
                part += tokens[end - 1]
                if part not in self.begun:
                    break
                found = self.known.get(part)
                if not found:
                    continue
                if mine:
                    found = {k: n - mine.get((part, k), 0) for k, n in found.items()}
                self._note(each, whole, longest, start, end, found)
        return each, whole

    def _of(self, own: Sentence) -> Counter[tuple[str, int]]:
        at = {label: k for k, label in enumerate(self.labels)}
        return Counter(
            ("".join(own.tokens[start:end]), at[label])
            for label, start, end in own.spans
            if label in at
        )

    @staticmethod
    def _note(each: NDArray[np.int32], whole: NDArray[np.int32], longest: list[int],
              start: int, end: int, found: Mapping[int, int]) -> None:  # fmt: skip
        size = min(end - start, 6)
        total, most, commonest = 0, 0, 0
        for column, count in found.items():
            if count <= 0:
                continue
            total += count
            if count > most:
                most, commonest = count, column
            for i in range(start, end):
                if each[i, column] < size * 4:
                    each[i, column] = size * 4 + (1 if i == start else 3 if i == end - 1 else 2)
        if not total:
            return
        sure = 2 if most > 0.9 * total else 1 if most > 0.6 * total else 0
        often = min(2, most.bit_length() - 1)
        for i in range(start, end):
            if end - start > longest[i]:
                longest[i] = end - start
                place = 1 if i == start else 3 if i == end - 1 else 2
                whole[0, i] = ((commonest + 1) * 4 + place) * 8 + size
                whole[1, i] = sure * 4 + often
