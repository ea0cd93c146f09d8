"""What stands around a token: runs of one kind of sign, chains of numbers, what is said twice, cues seen.

The number behind a house often has no word of its own («3-2-501»): how many follow, and after what,
says which it is. And a province that is named again later was only repeated.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from chengshu.places.tagging.batch import Batch, Numbers, earlier, later

DIGITS, NUMERAL, LETTERS, HANZI, OTHER = 1, 4, 3, 5, 6
_NUMERALS: Final = frozenset("一二三四五六七八九十")
# one bit per kind of cue
_BEFORE: Final = ("路街巷道", "号", "幢栋座", "村", "省", "县市", "镇乡")
_AFTER: Final = ("路街巷道", "号", "幢栋座", "村", "省", "县市区", "镇乡", "室")
_BIT_BEFORE: Final = {c: 1 << i for i, cues in enumerate(_BEFORE) for c in cues}
_BIT_AFTER: Final = {c: 1 << i for i, cues in enumerate(_AFTER) for c in cues}
BEFORE_CUES, AFTER_CUES = len(_BEFORE), len(_AFTER)
ROWS: Final = 14
(BEFORE, BEFORE2, BEFORE3, AFTER, AFTER2, AFTER3, HERE, IN_RUN, NUMBERS, NUMBERS_LEFT, CHAIN, TWICE,
 SEEN, COMING) = range(ROWS)  # fmt: skip


def kind_of(token: str) -> int:
    """The kind of sign that a token begins with; several signs that begin with a digit are digits."""
    first = token[0]
    if first.isdigit():
        return DIGITS
    if first.isascii() and first.isalpha():
        return LETTERS
    return HANZI if "\u4e00" <= first <= "\u9fff" else OTHER


def finer_kind(token: str) -> int:
    """The same, with Chinese numerals apart, and with digits that other signs follow."""
    if token[0] in _NUMERALS:
        return NUMERAL
    return 2 if token[0].isdigit() and not token.isdigit() else kind_of(token)


def runs(batch: Batch) -> Numbers:
    """Shape (ROWS, tokens), a code per row and token; the rows are named above."""
    out = np.zeros((ROWS, batch.size), np.int64)
    if not batch.size:
        return out
    kinds = batch.each(kind_of).astype(np.int64)
    opens = batch.place == 0
    opens[1:] |= kinds[1:] != kinds[:-1]
    _units(batch, kinds, np.flatnonzero(opens), out)
    _twice(batch, kinds, out[TWICE])
    seen = batch.each(lambda token: _BIT_BEFORE.get(token, 0)).astype(np.int64)
    coming = batch.each(lambda token: _BIT_AFTER.get(token, 0)).astype(np.int64)
    out[SEEN] = earlier(seen, BEFORE_CUES, batch.begin)
    out[COMING] = later(coming, AFTER_CUES, batch.end)
    return out


def beside(values: Numbers, away: int, group: NDArray[np.intp], beyond: int) -> Numbers:
    """The value so many items to the right, `beyond` where that one is of another group."""
    moved = np.full(len(values), beyond, np.int64)
    here, there = (slice(-away, None), slice(None, away)) if away < 0 else (slice(None, -away), slice(away, None))  # fmt: skip
    moved[here] = np.where(group[here] == group[there], values[there], beyond)
    return moved


def _units(batch: Batch, kinds: Numbers, starts: NDArray[np.intp], out: Numbers) -> None:
    ends = np.append(starts[1:], batch.size)
    kind, size, sentence = kinds[starts], ends - starts, batch.sentence[starts]
    unit = np.arange(len(starts))
    first = np.searchsorted(sentence, sentence)  # unit that opens the sentence
    stop = np.searchsorted(sentence, sentence, "right")
    opening, closing = _codes(batch, kind, starts, ends)
    # how many runs that are no words stand just before and just after, and the word after those
    word = kind == HANZI
    last = np.append(-1, np.maximum.accumulate(np.where(word, unit, -1))[:-1])
    back = unit - 1 - np.maximum(last, first - 1)
    following = np.minimum.accumulate(np.where(word, unit, len(unit))[::-1])[::-1]
    following = np.minimum(np.append(following[1:], len(unit)), stop)
    ahead = following - unit - 1
    right_of = np.where(following < stop, np.append(opening, 1)[following], 1)
    chain = (1 + np.minimum(back, 4) * 5 + np.minimum(ahead, 4)) * 100_000 + right_of
    number = np.cumsum(kind == DIGITS)
    gone = np.append(0, number)
    rows = [
        *(beside(closing, -d, sentence, 1) for d in (1, 2, 3)),
        *(beside(opening, d, sentence, 1) for d in (1, 2, 3)),
        closing,
        np.minimum(number - gone[first], 4),
        np.minimum(gone[stop] - number, 4),
        np.where(word, 0, chain),
    ]
    named = (BEFORE, BEFORE2, BEFORE3, AFTER, AFTER2, AFTER3, HERE, NUMBERS, NUMBERS_LEFT, CHAIN)
    out[named, :] = np.repeat(np.stack(rows), size, axis=1)
    into = np.arange(batch.size) - np.repeat(starts, size)
    rest = np.repeat(size, size) - 1 - into
    out[IN_RUN] = np.minimum(into, 3) * 4 + np.minimum(rest, 3)


def _codes(batch: Batch, kind: Numbers, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> tuple[Numbers, Numbers]:  # fmt: skip
    """A run as seen from its left, and from its right."""
    sign = batch.each(lambda token: ord(token[0])).astype(np.int64)
    long = batch.each(lambda token: min(len(token), 5)).astype(np.int64)
    opening, closing = kind.copy(), kind.copy()
    hanzi, digits, other = kind == HANZI, kind == DIGITS, kind == OTHER
    opening[hanzi] = 100 + sign[starts[hanzi]]
    size = np.minimum(ends - starts, 5)
    closing[hanzi] = (100 + sign[ends[hanzi] - 1]) * 8 + size[hanzi]
    opening[digits] = closing[digits] = 10 + long[starts[digits]]
    opening[other] = closing[other] = sign[starts[other]] & 255 | 1 << 24
    return opening, closing


def _twice(batch: Batch, kinds: Numbers, out: Numbers) -> None:
    """Pairs of characters that a sentence holds more than once: the first, the last, one between."""
    both = (kinds[:-1] == HANZI) & (kinds[1:] == HANZI) & (batch.left[:-1] > 0)
    at, many = np.flatnonzero(both), len(batch.names)
    pair = (batch.sentence[at] * many + batch.which[at]) * many + batch.which[at + 1]
    order = np.argsort(pair, kind="stable")
    new = np.diff(pair[order], prepend=-1) > 0
    final = np.append(new[1:], True)[: len(new)]
    time = np.where(new, np.where(final, 0, 1), np.where(final, 2, 3))
    out[at[order]] |= time
    out[at[order] + 1] |= time << 2
