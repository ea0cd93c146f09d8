"""One part of the index as an unchanging file: full vectors, and postings pruned to what weighs most.

The file is written under another name, forced to the disk and renamed: it is there whole or not at all.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chengshu.library.grams import Bags, Floats, Rarity, Rows, Terms, ranges

MOST_ROWS: Final = 1 << 16  # a row's number then fits into 16 bits
SMALL: Final = 4_096  # passages up to which nothing is pruned
_LIST: Final = 512  # passages kept in a run's list, those in which it weighs most
_BAG: Final = 256  # runs of a passage that enter lists, the heaviest
_MAGIC: Final = b"CSLIB1\0\0"
_ALIGN: Final = 64
Vector = tuple[
    Terms, Floats
]  # different runs, ascending, and 1 + ln of how often each stands there


def write_durably(path: Path, parts: Sequence[bytes | memoryview]) -> None:
    """Write a file so that after a crash it is there whole or not at all."""
    rough = path.with_name(path.name + ".part")
    with rough.open("wb") as file:
        for part in parts:
            file.write(part)
        file.flush()
        os.fsync(file.fileno())
    rough.replace(path)
    force(path.parent)


def force(folder: Path) -> None:
    """Force a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def pack(arrays: dict[str, NDArray[Any]]) -> list[bytes | memoryview]:
    """Arrays behind a header that says where each lies."""
    head: dict[str, tuple[str, int, int]] = {}
    at = 0
    for name, array in arrays.items():
        head[name] = array.dtype.str, len(array), at
        at += -(-array.nbytes // _ALIGN) * _ALIGN
    told = json.dumps(head).encode()
    told += b" " * (-(len(_MAGIC) + 8 + len(told)) % _ALIGN)
    parts: list[bytes | memoryview] = [_MAGIC, len(told).to_bytes(8, "little"), told]
    for array in arrays.values():
        parts += [np.ascontiguousarray(array).tobytes(), b"\0" * (-array.nbytes % _ALIGN)]
    return parts


def unpack(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file, mapped, not read.

    Raises:
        ValueError: It is no such file.
    """
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if mapped[: len(_MAGIC)] != _MAGIC:
        raise ValueError(f"{path.name} is no part of an index")
    long = int.from_bytes(mapped[len(_MAGIC) : len(_MAGIC) + 8], "little")
    start = len(_MAGIC) + 8 + long
    head = json.loads(mapped[len(_MAGIC) + 8 : start])
    return {
        name: np.frombuffer(mapped, dtype, n, start + at) for name, (dtype, n, at) in head.items()
    }


def arrays_of(keys: Sequence[int], bags: Bags, rarity: Rarity) -> dict[str, NDArray[Any]]:
    """What a segment file holds of passages, at most `MOST_ROWS`; `bags` as `Vector`.

    Raises:
        ValueError: There are more, or a key stands twice.
    """
    if len(keys) > MOST_ROWS or len(set(keys)) < len(keys):
        raise ValueError("too many passages for one segment, or a key twice")
    indptr, terms, times = bags.indptr, bags.terms, bags.times.astype(np.float16)
    weight = times.astype(np.float32) * rarity.weight(terms)
    row = np.repeat(np.arange(len(keys), dtype=np.uint32), np.diff(indptr))
    length = np.sqrt(np.bincount(row, weight * weight, len(keys))).astype(np.float32)
    impact = (weight / np.maximum(length, 1e-9)[row]).astype(np.float16)
    return {
        "keys": np.asarray(keys, np.int64),
        "by_key": np.argsort(np.asarray(keys, np.int64)),
        "indptr": indptr,
        "terms": terms,
        "times": times,
        "length": length,
        **_postings(indptr, terms, row, impact),
    }


def _postings(
    indptr: Rows, terms: Terms, row: NDArray[np.uint32], impact: NDArray[np.float16]
) -> dict[str, NDArray[Any]]:
    """Lists of every run, those first in which it weighs most.

    Run, weight and row are put into one 64-bit number, so that one sort orders them all.
    """
    small = len(indptr) - 1 <= SMALL
    if not small:
        kept = _heaviest(indptr, impact)
        terms, row, impact = terms[kept], row[kept], impact[kept]
    order = (terms.astype(np.uint64) << np.uint64(32)) | row.astype(np.uint64)
    order |= (np.uint64(0xFFFF) - impact.view(np.uint16).astype(np.uint64)) << np.uint64(16)
    order.sort()
    first = np.flatnonzero(
        np.diff(order >> np.uint64(32), prepend=np.uint64(0)).astype(bool)
        | (np.arange(len(order)) == 0)
    )
    listed = (order[first] >> np.uint64(32)).astype(np.uint32)
    end = np.append(first[1:], len(order)).astype(np.int64)
    if not small:
        end = np.minimum(end, first + _LIST)
        order = order[ranges(first.astype(np.int64), end)]
    start = np.concatenate(([0], np.cumsum(end - first))).astype(np.int64)
    bits = np.uint16(0xFFFF) - ((order >> np.uint64(16)) & np.uint64(0xFFFF)).astype(np.uint16)
    return {
        "listed": listed,
        "start": start,
        "row": (order & np.uint64(0xFFFF)).astype(np.uint16),
        "impact": bits.view(np.float16),
    }


def _heaviest(indptr: Rows, impact: NDArray[np.float16]) -> NDArray[np.bool_]:
    """Which runs are among the `_BAG` heaviest of their passage."""
    kept = np.ones(len(impact), np.bool_)
    for number in np.flatnonzero(np.diff(indptr) > _BAG):
        span = slice(indptr[number], indptr[number + 1])
        light = np.argpartition(impact[span], len(impact[span]) - _BAG)[: len(impact[span]) - _BAG]
        kept[span.start + light] = False
    return kept


class Segment:
    """One mapped file and which of its passages are dead."""

    def __init__(self, path: Path, dead: NDArray[np.bool_] | None = None) -> None:
        found = unpack(path)
        self.path = path
        self.keys: NDArray[np.int64] = found["keys"]
        self._by_key: Rows = found["by_key"]
        self._sorted = self.keys[self._by_key]
        self.indptr: Rows = found["indptr"]
        self.terms: Terms = found["terms"]
        self.times: NDArray[np.float16] = found["times"]
        self.length: Floats = found["length"]
        self._listed: Terms = found["listed"]
        self._start: Rows = found["start"]
        self._row: NDArray[np.uint16] = found["row"]
        self._impact: NDArray[np.float16] = found["impact"]
        self.dead = np.zeros(len(self.keys), np.bool_) if dead is None else dead.copy()

    def __len__(self) -> int:
        return len(self.keys)

    def rows_of(self, keys: NDArray[np.int64]) -> Rows:
        """Rows of those living passages that are here."""
        if not len(self):
            return np.zeros(0, np.int64)
        at = np.minimum(np.searchsorted(self._sorted, keys), len(self) - 1)
        rows = self._by_key[at[self._sorted[at] == keys]]
        return np.asarray(rows[~self.dead[rows]], np.int64)

    def living(self) -> tuple[NDArray[np.int64], Bags]:
        """Keys and stored vectors of all that are not dead."""
        rows = np.flatnonzero(~self.dead)
        spots = ranges(self.indptr[rows], self.indptr[rows + 1])
        ends = np.cumsum(self.indptr[rows + 1] - self.indptr[rows])
        bags = Bags(np.append(0, ends), self.terms[spots], self.times[spots].astype(np.float32))
        return self.keys[rows], bags

    def near(
        self, terms: Terms, values: Floats, most: int, least: float = 0.0
    ) -> tuple[Rows, Floats]:
        """Living rows with the largest sums over the lists, and the sums.

        Args:
            most: How many at most.
            least: Smaller sums are of no use: others have more already.
        """
        if not len(self._listed) or not len(terms):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        at = np.minimum(np.searchsorted(self._listed, terms), len(self._listed) - 1)
        here = self._listed[at] == terms
        at = at[here]
        spots = ranges(self._start[at], self._start[at + 1])
        value = np.repeat(values[here], self._start[at + 1] - self._start[at])
        total = np.bincount(self._row[spots], value * self._impact[spots], len(self))
        rows = np.flatnonzero(total >= least if least > 0 else total)
        rows = rows[~self.dead[rows]]
        if len(rows) > most:
            rows = rows[np.argpartition(-total[rows], most)[:most]]
        return rows, total[rows].astype(np.float32)

    def exact(self, rows: Rows, terms: Terms, values: Floats, weight: Floats) -> Floats:
        """Cosines of rows with a question's vector; `weight` is the rarity of its runs."""
        found = np.zeros(len(rows), np.float32)
        if not len(terms) or not len(rows):
            return found
        spots = ranges(self.indptr[rows], self.indptr[rows + 1])
        owner = np.repeat(np.arange(len(rows)), self.indptr[rows + 1] - self.indptr[rows])
        return dots(
            owner, self.terms[spots], self.times[spots].astype(np.float32),
            self.length[rows], terms, values * weight,
        )  # fmt: skip


def dots(owner: Rows, runs: Terms, times: Floats, length: Floats, terms: Terms, values: Floats) -> Floats:  # fmt: skip
    """Sums over the runs that passages share with a question, by the passages' lengths as vectors."""
    at = np.minimum(np.searchsorted(terms, runs), len(terms) - 1)
    here = terms[at] == runs
    total = np.bincount(owner[here], times[here].astype(np.float64) * values[at[here]], len(length))
    return np.asarray(total / np.maximum(length, 1e-9), np.float32)
