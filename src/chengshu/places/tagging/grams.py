"""What a token is described by: numbers of 64 bits, one per column, made for a whole batch at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chengshu.places.tagging import runs as r
from chengshu.places.tagging.batch import Batch, Codes, earlier, later
from chengshu.places.tagging.lexicon import COLUMNS, LEVELS, Lexicon
from chengshu.places.tagging.scheme import Scheme, Sentence

_WATCHED: Final = 8
_BITS: Final = 62  # labels beyond so many share a bit
_BEYOND: Final = np.uint64(7)
_SEED, _PRIME, _FOLD = np.uint64(14695981039346656037), np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_FNV: Final = 1099511628211
_64: Final = 2**64 - 1


class Sheet(Batch):
    """Columns of a batch of tokens, sentence after sentence."""

    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        super().__init__(sentences)
        self.columns: list[Codes] = []
        self.exact, self.shape = self.each(_exact), self.each(_shape)
        self.kind = self.each(r.finer_kind)

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
    _around(sheet, r.runs(sheet))
    _known(sheet, *lexicon.matches(sheet, own))
    return sheet


def told(sheet: Sheet, tags: NDArray[np.intp], scheme: Scheme, names: Sequence[str]) -> None:
    """Columns of what a first reading said: the parts around a token, and which were read before and after.

    Args:
        sheet: Columns are added to it.
        tags: Shape (tokens,), of the first reading.
        scheme: Of the tags.
        names: Of the lexicon; the first are watched: their being there before or after has a column each.
    """
    count = len(scheme.labels)
    starts = np.flatnonzero(np.isin(tags // count, (0, 3)) | (sheet.place == 0))
    size = np.diff(starts, append=sheet.size)
    label, sentence = tags[starts] % count, sheet.sentence[starts]
    bits = np.left_shift(1, label % _BITS)
    first, stop = np.searchsorted(sentence, sentence), np.searchsorted(sentence, sentence, "right")
    around = [r.beside(label + 1, d, sentence, 0) for d in (-1, -2, -3, 1, 2, 3)]
    width = min(count, _BITS)
    seen, coming = earlier(bits, width, first), later(bits, width, stop)
    parts = np.stack([*around, np.minimum(size, 9), seen, coming])
    p1, p2, p3, n1, n2, n3, size, before, after = np.repeat(parts, size, axis=1)
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
    label = tags % count % _BITS
    sheet.add(here, before >> label & 1, after >> label & 1)
    for name in names[:_WATCHED]:
        bit = scheme.labels.index(name) % _BITS
        sheet.add(here, before >> bit & 1)
        sheet.add(here, after >> bit & 1)


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
    ends, opens = np.where(place == 3, bit, 0), np.where(place == 1, bit, 0)
    return earlier(ends, LEVELS, sheet.begin), later(opens, LEVELS, sheet.end)


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
