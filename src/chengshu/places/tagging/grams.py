"""What a token is described by: numbers of 64 bits, one per column, made for a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chengshu.places.tagging import runs as r
from chengshu.places.tagging.lexicon import COLUMNS, LEVELS, Lexicon
from chengshu.places.tagging.scheme import Scheme, Sentence

Codes = NDArray[np.uint64]
_BEYOND: Final = np.uint64(7)
_SEED, _PRIME, _FOLD = np.uint64(14695981039346656037), np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_FNV: Final = 1099511628211
_64: Final = 2**64 - 1


class Sheet:
    """Columns of a batch of tokens, sentence after sentence."""

    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        self.lengths = [len(tokens) for tokens in sentences]
        self.starts = [0, *np.cumsum(self.lengths).tolist()][:-1]
        self.size = sum(self.lengths)
        self.columns: list[Codes] = []
        steps = [np.arange(n) for n in self.lengths]
        empty = np.empty(0, np.int64)
        self.place = np.concatenate([empty, *steps])
        self.left = np.concatenate([empty, *(s[::-1] for s in steps)])
        flat = [token for tokens in sentences for token in tokens]
        self.exact = np.array([_exact(token) for token in flat], np.uint64)
        self.shape = np.array([_shape(token) for token in flat], np.uint64)
        self.kind = np.array([r.finer_kind(token) for token in flat], np.uint64)

    def at(self, values: NDArray[np.generic], away: int) -> Codes:
        """The values of the tokens so many places to the right; outside the sentence a fixed one."""
        moved = np.full(self.size, _BEYOND, np.uint64)
        if away < 0:
            moved[-away:] = values[:away]
            moved[self.place < -away] = _BEYOND
        elif away:
            moved[:-away] = values[away:]
            moved[self.left < away] = _BEYOND
        else:
            moved[:] = values
        return moved

    def add(self, *values: NDArray[np.generic], only: NDArray[np.bool_] | None = None) -> None:
        """One more column: all values of a token as one number; 0 where `only` is false."""
        mixed = np.full(self.size, _SEED ^ np.uint64(len(self.columns)), np.uint64) * _PRIME
        for value in values:
            mixed ^= value.astype(np.uint64)
            mixed *= _PRIME
            mixed ^= mixed >> _FOLD
        if only is not None:
            mixed[~only] = 0
        self.columns.append(mixed)


def plain(sentences: Sequence[Sequence[str]]) -> Sheet:
    """A plain window of two characters to either side: what a first attempt would use."""
    sheet = Sheet(sentences)
    s = {k: sheet.at(sheet.shape, k) for k in range(-2, 3)}
    sheet.add()
    for k in range(-2, 3):
        sheet.add(s[k])
    for k in range(-2, 2):
        sheet.add(s[k], s[k + 1])
    sheet.add(s[-1], s[1])
    return sheet


def rich(sentences: Sequence[Sequence[str]], lexicon: Lexicon, own: Sequence[Sentence] | None = None) -> Sheet:  # fmt: skip
    """All that is looked at. `own` are the same sentences with their spans, when they were learnt from."""
    sheet = Sheet(sentences)
    _window(sheet)
    _around(sheet, np.concatenate([np.empty((r.ROWS, 0), np.int64), *(r.runs(s) for s in sentences)], 1))  # fmt: skip
    found = [lexicon.matches(tuple(s), own[i] if own else None) for i, s in enumerate(sentences)]
    each = np.concatenate([np.empty((0, COLUMNS), np.int32), *(f[0] for f in found)])
    whole = np.concatenate([np.empty((2, 0), np.int32), *(f[1] for f in found)], 1)
    _known(sheet, each, whole)
    return sheet


def told(sheet: Sheet, tags: NDArray[np.intp], scheme: Scheme, watched: Sequence[str]) -> None:
    """Columns of what a first reading said: the parts around a token, and which were read before and after.

    Args:
        sheet: Columns are added to it.
        tags: Shape (tokens,), of the first reading.
        scheme: Of the tags.
        watched: Labels whose being there before or after a token has a column each.
    """
    count = len(scheme.labels)
    values = tags.tolist()
    rows = [[0] * sheet.size for _ in range(9)]
    for start, length in zip(sheet.starts, sheet.lengths, strict=True):
        _parts_around(values[start : start + length], count, start, rows)
    p1, p2, p3, n1, n2, n3, size, before, after = (np.array(row, np.int64) for row in rows)
    tag = {k: sheet.at(tags + 1, k) for k in range(-2, 3)}
    here = tag[0]
    sheet.add(here)
    sheet.add(tag[-1], here)
    sheet.add(here, tag[1])
    sheet.add(tag[-1], here, tag[1])
    sheet.add(*tag.values())
    sheet.add(here, sheet.shape)
    sheet.add(here, p1)
    sheet.add(here, n1)
    sheet.add(here, p1, n1)
    sheet.add(here, p1, p2)
    sheet.add(here, n1, n2)
    sheet.add(here, p1, p2, p3)
    sheet.add(here, n1, n2, n3)
    sheet.add(here, size)
    sheet.add(here, before)
    sheet.add(here, after)
    label = tags % count
    sheet.add(here, before >> label & 1, after >> label & 1)
    for name in watched:
        bit = scheme.labels.index(name)
        sheet.add(here, before >> bit & 1)
        sheet.add(here, after >> bit & 1)


def _parts_around(tags: Sequence[int], count: int, at: int, rows: Sequence[list[int]]) -> None:
    opens = [i for i, tag in enumerate(tags) if tag // count in (0, 3)] + [len(tags)]
    labels = [tags[i] % count for i in opens[:-1]]
    bits = [1 << label for label in labels]
    after = [0] * (len(labels) + 1)
    for j in range(len(labels) - 1, -1, -1):
        after[j] = after[j + 1] | bits[j]
    before = 0
    for j, (a, b) in enumerate(pairwise(opens)):
        left = [labels[j - d] + 1 if j >= d else 0 for d in (1, 2, 3)]
        right = [labels[j + d] + 1 if j + d < len(labels) else 0 for d in (1, 2, 3)]
        said = (*left, *right, min(b - a, 9), before, after[j + 1])
        for row, value in zip(rows, said, strict=True):
            row[at + a : at + b] = [value] * (b - a)
        before |= bits[j]


def _window(sheet: Sheet) -> None:
    s = {k: sheet.at(sheet.shape, k) for k in range(-4, 5)}
    kind = {k: sheet.at(sheet.kind, k) for k in range(-2, 3)}
    sheet.add()
    sheet.add(sheet.exact)
    for k in range(-2, 3):
        sheet.add(s[k])
    for k in range(-2, 2):
        sheet.add(s[k], s[k + 1])
    for k in (-1, 0, 1):
        sheet.add(s[k - 1], s[k + 1])
    for k in (-2, -1, 0):
        sheet.add(s[k], s[k + 1], s[k + 2])
    for k in range(-3, 1):
        sheet.add(s[k], s[k + 1], s[k + 2], s[k + 3])
    sheet.add(kind[-1], kind[0], kind[1])
    sheet.add(*kind.values())
    sheet.add(np.minimum(sheet.place, 4))
    sheet.add(np.minimum(sheet.left, 4))


def _around(sheet: Sheet, run: NDArray[np.int64]) -> None:
    inside, shape, kind = run[r.IN_RUN], sheet.shape, sheet.kind
    sheet.add(run[r.BEFORE], inside)
    sheet.add(run[r.AFTER], inside)
    sheet.add(run[r.BEFORE], run[r.AFTER], inside)
    sheet.add(run[r.BEFORE], run[r.BEFORE2], inside)
    sheet.add(run[r.AFTER], run[r.AFTER2], inside)
    sheet.add(run[r.AFTER], run[r.AFTER2], run[r.AFTER3], inside)
    sheet.add(run[r.BEFORE], run[r.HERE], run[r.AFTER])
    sheet.add(shape, run[r.BEFORE])
    sheet.add(shape, run[r.AFTER])
    sheet.add(run[r.NUMBERS], run[r.NUMBERS_LEFT], kind)
    sheet.add(run[r.NUMBERS], shape)
    sheet.add(run[r.NUMBERS_LEFT], shape)
    sheet.add(run[r.CHAIN], kind)
    sheet.add(run[r.CHAIN], run[r.BEFORE])
    twice = run[r.TWICE]
    sheet.add(twice)
    sheet.add(twice, shape)
    sheet.add(twice, sheet.at(twice, -1), sheet.at(twice, 1))
    for bit in range(r.BEFORE_CUES):
        sheet.add(run[r.SEEN] >> bit & 1, shape)
    for bit in range(r.AFTER_CUES):
        sheet.add(run[r.COMING] >> bit & 1, shape)
    sheet.add(run[r.SEEN], kind)
    sheet.add(run[r.COMING], kind)


def _known(sheet: Sheet, each: NDArray[np.int32], whole: NDArray[np.int32]) -> None:
    for column in range(COLUMNS):
        sheet.add(each[:, column], only=each[:, column] > 0)
    top = {k: sheet.at(whole[0], k) for k in (-2, -1, 0, 1, 2)}
    sheet.add(whole[0], whole[1])
    sheet.add(top[0], top[1])
    sheet.add(top[-1], top[0])
    sheet.add(top[-1], top[0], top[1])
    for k in (-1, 0, 1):
        sheet.add(top[k], sheet.shape)
    sheet.add(top[2])
    sheet.add(top[-2])
    places = np.zeros(sheet.size, np.int64)
    for column in range(COLUMNS):
        places = places * 4 + each[:, column] % 4
    sheet.add(places)
    before, after = _levels(sheet, whole[0])
    place = whole[0] // 8
    sheet.add(before)
    sheet.add(after)
    sheet.add(before, place)
    sheet.add(after, place)
    sheet.add(before, after, place)
    sheet.add(before, sheet.shape)
    sheet.add(after, sheet.shape)


def _levels(sheet: Sheet, whole: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A bit for each label that is known to end before a token, and to begin after it."""
    column, place = whole // 32 - 1, whole // 8 % 4
    bit = np.where((column >= 0) & (column < LEVELS), 1 << np.maximum(column, 0), 0)
    ends, opens = np.where(place == 3, bit, 0).tolist(), np.where(place == 1, bit, 0).tolist()
    before, after = [0] * sheet.size, [0] * sheet.size
    for start, length in zip(sheet.starts, sheet.lengths, strict=True):
        bits = 0
        for i in range(start, start + length):
            before[i] = bits
            bits |= ends[i]
        bits = 0
        for i in range(start + length - 1, start - 1, -1):
            after[i] = bits
            bits |= opens[i]
    return np.array(before, np.int64), np.array(after, np.int64)


def _exact(token: str) -> int:
    if len(token) == 1:
        return ord(token)
    mixed = 1469598103934665603
    for c in token:
        mixed = (mixed ^ ord(c)) * _FNV & _64
    return mixed | 1 << 40


def _shape(token: str) -> int:
    if token.isdigit():
        return 10 + min(len(token), 5)
    if len(token) == 1:
        return 3 if token.isascii() and token.isalpha() else ord(token)
    return 4
