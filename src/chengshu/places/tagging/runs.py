"""What stands around a token: runs of one kind of sign, chains of numbers, what is said twice, cues seen.

The number behind a house often has no word of its own («3-2-501»): how many follow, and after what,
says which it is. And a province that is named again later was only repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

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


def runs(tokens: Sequence[str]) -> NDArray[np.int64]:
    """Shape (ROWS, tokens), a code per row and token; the rows are named above."""
    n = len(tokens)
    out = [[0] * n for _ in range(ROWS)]
    kinds = [kind_of(token) for token in tokens]
    starts = [i for i in range(n) if i == 0 or kinds[i] != kinds[i - 1]] + [n]
    _units(tokens, kinds, starts, out)
    pairs: dict[str, list[int]] = defaultdict(list)
    for i in range(n - 1):
        if kinds[i] == HANZI and kinds[i + 1] == HANZI:
            pairs[tokens[i] + tokens[i + 1]].append(i)
    for places in pairs.values():
        for q, i in enumerate(places if len(places) > 1 else ()):
            time = 1 if q == 0 else 2 if q == len(places) - 1 else 3
            out[TWICE][i] |= time
            out[TWICE][i + 1] |= time << 2
    bits = 0
    for i in range(n):
        out[SEEN][i] = bits
        bits |= _BIT_BEFORE.get(tokens[i], 0)
    bits = 0
    for i in range(n - 1, -1, -1):
        out[COMING][i] = bits
        bits |= _BIT_AFTER.get(tokens[i], 0)
    return np.array(out, np.int64)


def _units(tokens: Sequence[str], kinds: Sequence[int], starts: Sequence[int], out: list[list[int]]) -> None:  # fmt: skip
    opening, closing = [], []  # a run as seen from its left, and from its right
    for a, b in pairwise(starts):
        left, right = _codes(tokens, kinds[a], a, b)
        opening.append(left)
        closing.append(right)
    count = len(opening)
    unit_kind = [kinds[a] for a in starts[:-1]]
    numbers = sum(kind == DIGITS for kind in unit_kind)
    back, seen = 0, 0
    ahead, right_of = [0] * count, [1] * count
    for u in range(count - 2, -1, -1):
        ahead[u] = ahead[u + 1] + 1 if unit_kind[u + 1] != HANZI else 0
        right_of[u] = right_of[u + 1] if unit_kind[u + 1] != HANZI else opening[u + 1]
    for u, (a, b) in enumerate(pairwise(starts)):
        seen += unit_kind[u] == DIGITS
        left = back if u and unit_kind[u - 1] != HANZI else 0
        back = left + 1
        before = [closing[u - d] if u >= d else 1 for d in (1, 2, 3)]
        after = [opening[u + d] if u + d < count else 1 for d in (1, 2, 3)]
        chain = (1 + min(left, 4) * 5 + min(ahead[u], 4)) * 100_000 + right_of[u]
        size = b - a
        for row, value in enumerate((*before, *after, closing[u])):  # BEFORE to HERE
            out[row][a:b] = [value] * size
        out[IN_RUN][a:b] = [min(i, 3) * 4 + min(size - 1 - i, 3) for i in range(size)]
        out[NUMBERS][a:b] = [min(seen, 4)] * size
        out[NUMBERS_LEFT][a:b] = [min(numbers - seen, 4)] * size
        if unit_kind[u] != HANZI:
            out[CHAIN][a:b] = [chain] * size


def _codes(tokens: Sequence[str], kind: int, a: int, b: int) -> tuple[int, int]:
    if kind == HANZI:
        return 100 + ord(tokens[a][0]), (100 + ord(tokens[b - 1][0])) * 8 + min(b - a, 5)
    if kind == DIGITS:
        return (code := 10 + min(len(tokens[a]), 5)), code
    if kind == OTHER:
        return (code := ord(tokens[a][0]) & 255 | 1 << 24), code
    return kind, kind
