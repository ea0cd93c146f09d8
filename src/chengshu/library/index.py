"""An index of passages on disk that grows one passage at a time and loses nothing when it is killed.

A question is answered in two stages: its heaviest runs of characters through pruned lists, then the exact cosine
over the stored vectors of the best `DEPTH`. With `SMALL` passages or fewer nothing is pruned.

On disk: unchanging segments, a journal of what came since, and a manifest that names those that count. An addition
is one forced append to the journal. Whatever no manifest names is left from a crash and removed on opening.
The index is derived: `build` makes it again from its source.

Source: log-structured merging: P. O'Neil and others (1996), The log-structured merge-tree, Acta Informatica 33(4);
impact-ordered lists: V. N. Anh, A. Moffat (2006), Pruned query evaluation using pre-computed impacts, SIGIR.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Final, Self

import numpy as np
from numpy.typing import NDArray

from chengshu.kit.errors import Conflict
from chengshu.library.grams import (
    Bags,
    Floats,
    Rarity,
    Rows,
    Terms,
    counted,
    counted_all,
    damped,
    together,
    unit,
)
from chengshu.library.passages import tidy
from chengshu.library.segment import (
    MOST_ROWS,
    SMALL,
    Segment,
    Vector,
    arrays_of,
    dots,
    pack,
    unpack,
    write_durably,
)

DEPTH: Final = 200  # passages that are compared exactly
FRESH: Final = 256  # passages held in memory before they become a segment
_AT_ONCE: Final = 4_096
_QUESTION: Final = 64  # runs of a question that are looked up, the heaviest
_RECORD: Final = struct.Struct("<IIq")  # bytes that follow, their checksum, the passage's key
_REMOVED: Final = b"-"
_NOTHING: Final = (np.zeros(0, np.uint32), np.zeros(0, np.float32))


@dataclass(frozen=True, slots=True)
class Hit:
    """A found passage.

    Attributes:
        key: As it was added.
        score: Cosine of the character runs, 0 to 1.
    """

    key: int
    score: float


def vector_of(text: str) -> Vector:
    """What the index stores of a text."""
    terms, times = counted(tidy(text))
    return terms, damped(times)


class Index:
    """The open index of one folder. One process at a time may hold it; its threads may share it."""

    def __init__(self, folder: Path) -> None:
        """Open, or begin an empty one.

        Raises:
            Conflict: Another process holds it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._lock = folder, threading.RLock()
        self._held = (folder / "lock").open("wb")
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._held.close()
            raise Conflict("索引正被另一个进程使用", "another process holds this index") from None
        self._generation = 0
        self._rarity = Rarity(_NOTHING[0], _NOTHING[0], 0)
        self._segments: list[Segment] = []
        self._fresh: dict[int, Vector] = {}
        self._journal: IO[bytes]
        if (folder / "manifest.json").exists():
            self._load()
        else:
            self._commit([], [], self._rarity)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *why: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder; nothing is written, as everything is already."""
        self._journal.close()
        self._held.close()

    def __len__(self) -> int:
        return len(self._fresh) + sum(len(s) - int(s.dead.sum()) for s in self._segments)

    def __contains__(self, key: int) -> bool:
        one = np.array([key])
        return key in self._fresh or any(len(s.rows_of(one)) for s in self._segments)

    # ------------------------------------------------------------------ change

    def add(self, key: int, text: str) -> None:
        """Add a passage, in place of an earlier one with the same key; it is on the disk on return."""
        with self._lock:
            terms, times = vector_of(text)
            self._append(key, terms.tobytes() + times.astype("<f2").tobytes())
            self._take(key, (terms, times))
            if len(self._fresh) >= FRESH:
                self._flush()

    def remove(self, key: int) -> bool:
        """Remove a passage; false when it is not there."""
        with self._lock:
            if key not in self:
                return False
            self._append(key, _REMOVED)
            self._drop(key)
            return True

    def build(self, source: Iterable[tuple[int, str]]) -> None:
        """Make the index anew from its source; until it is done, the old one answers.

        Rarity is counted over the first `MOST_ROWS` passages.

        Raises:
            ValueError: A key stands twice.
        """
        self._rewrite(_read(source), None)

    def merge(self) -> None:
        """Write all living passages anew, with today's rarity: fewer files, no dead ones. Meant for the night."""
        with self._lock:
            bags = [bags for _, bags in self._living()]
            self._rewrite(_blocks(self._living()), _counted_over(bags))

    def _rewrite(self, blocks: Iterable[tuple[list[int], Bags]], rarity: Rarity | None) -> None:
        with self._lock:
            names: list[str] = []
            seen: set[int] = set()
            for keys, bags in blocks:
                if not seen.isdisjoint(keys):
                    raise ValueError("a key stands twice")
                seen.update(keys)
                rarity = rarity or Rarity.of(bags)
                names.append(self._write(len(names), keys, bags, rarity))
            self._commit(names, [None] * len(names), rarity or self._rarity)

    def _living(self) -> Iterator[tuple[list[int], Bags]]:
        for segment in self._segments:
            keys, bags = segment.living()
            yield keys.tolist(), bags
        yield list(self._fresh), _bags_of(list(self._fresh.values()))

    def _append(self, key: int, body: bytes) -> None:
        self._journal.write(_RECORD.pack(len(body), zlib.crc32(body), key) + body)
        self._journal.flush()
        os.fsync(self._journal.fileno())

    def _take(self, key: int, vector: Vector) -> None:
        self._drop(key)
        self._fresh[key] = vector

    def _drop(self, key: int) -> None:
        self._fresh.pop(key, None)
        for segment in self._segments:
            segment.dead[segment.rows_of(np.array([key]))] = True

    def _flush(self) -> None:
        fresh = _bags_of(list(self._fresh.values()))
        name = self._write(0, list(self._fresh), fresh, self._rarity)
        names = [*(s.path.name for s in self._segments), name]
        self._commit(names, [*(s.dead for s in self._segments), None], self._rarity)

    # -------------------------------------------------------------------- disk

    def _write(self, number: int, keys: list[int], bags: Bags, rarity: Rarity) -> str:
        name = f"{self._generation + 1:08d}-{number:04d}.seg"
        write_durably(self._folder / name, pack(arrays_of(keys, bags, rarity)))
        return name

    def _commit(
        self, names: list[str], dead: list[NDArray[np.bool_] | None] | list[None], rarity: Rarity
    ) -> None:
        """Name what counts from now on; the rename of the manifest is the moment."""
        generation = self._generation + 1
        parts = []
        for number, (name, gone) in enumerate(zip(names, dead, strict=True)):
            file = ""
            if gone is not None and gone.any():
                file = f"{generation:08d}-{number:04d}.dead"
                write_durably(self._folder / file, pack({"dead": gone}))
            parts.append({"file": name, "dead": file})
        counted_in = f"{generation:08d}.rarity"
        if rarity is self._rarity and (old := self._named().get("rarity")):
            counted_in = str(old)
        else:
            arrays = {"terms": rarity.terms, "seen": rarity.seen, "texts": np.array([rarity.texts])}
            write_durably(self._folder / counted_in, pack(arrays))
        write_durably(self._folder / f"{generation:08d}.journal", [])
        told = {"format": 1, "generation": generation, "rarity": counted_in, "segments": parts,
                "journal": f"{generation:08d}.journal"}  # fmt: skip
        write_durably(self._folder / "manifest.json", [json.dumps(told).encode()])
        self._load()

    def _named(self) -> dict[str, object]:
        path = self._folder / "manifest.json"
        return dict(json.loads(path.read_bytes())) if path.exists() else {}

    def _load(self) -> None:
        told = json.loads((self._folder / "manifest.json").read_bytes())
        self._generation = int(told["generation"])
        known = unpack(self._folder / told["rarity"])
        self._rarity = Rarity(known["terms"], known["seen"], int(known["texts"][0]))
        held = {s.path.name: s for s in self._segments}
        self._segments = [
            held.get(part["file"])
            or Segment(
                self._folder / part["file"],
                unpack(self._folder / part["dead"])["dead"] if part["dead"] else None,
            )
            for part in told["segments"]
        ]
        self._fresh = {}
        self._replay(self._folder / told["journal"])
        named = {"manifest.json", "lock", told["rarity"], told["journal"]}
        named |= {part[kind] for part in told["segments"] for kind in ("file", "dead")}
        for path in self._folder.iterdir():
            if path.name not in named:
                path.unlink()

    def _replay(self, path: Path) -> None:
        """Take in what was appended; a torn last record is cut off."""
        kept = path.read_bytes()
        at = 0
        while at + _RECORD.size <= len(kept):
            long, check, key = _RECORD.unpack_from(kept, at)
            body = kept[at + _RECORD.size : at + _RECORD.size + long]
            if len(body) < long or zlib.crc32(body) != check:
                break
            at += _RECORD.size + long
            if body == _REMOVED:
                self._drop(key)
            else:
                self._take(key, _vector(body))
        if hasattr(self, "_journal"):
            self._journal.close()
        self._journal = path.open("r+b")
        self._journal.truncate(at)
        self._journal.seek(at)

    # ------------------------------------------------------------------ search

    def search(self, text: str, top: int = 10, among: NDArray[np.int64] | None = None) -> list[Hit]:
        """The nearest passages, best first, of equal ones the smaller key; none that shares nothing.

        Args:
            among: Only these keys; all of them are then compared exactly.
        """
        terms, times = counted(tidy(text))
        with self._lock:
            weight = self._rarity.weight(terms)
            values = unit(damped(times) * weight)
            few = terms, values
            if among is None and len(self) > SMALL and len(terms) > _QUESTION:
                kept = np.sort(np.lexsort((terms, -values))[:_QUESTION])
                few = terms[kept], values[kept]
            found = [
                (s.keys[rows], s.exact(rows, terms, values, weight))
                for s, rows in self._candidates(*few, max(top, DEPTH), among)
            ]
            found.append(self._among_fresh(terms, values, weight, among))
        keys = np.concatenate([k for k, _ in found])
        scores = np.concatenate([s for _, s in found])
        order = np.lexsort((keys, -scores))[:top]
        return [Hit(int(keys[i]), float(scores[i])) for i in order if scores[i] > 0]

    def _candidates(
        self, terms: Terms, values: Floats, most: int, among: NDArray[np.int64] | None
    ) -> list[tuple[Segment, Rows]]:
        if among is not None:
            return [(s, s.rows_of(among)) for s in self._segments]
        near: list[tuple[Segment, Rows, Floats]] = []
        best, least = np.zeros(0, np.float32), 0.0
        for segment in self._segments:
            rows, total = segment.near(terms, values, most, least)
            near.append((segment, rows, total))
            best = np.concatenate([best, total])
            if len(best) > most:
                best = np.partition(best, len(best) - most)[-most:]
                least = float(best[0]) * (1 - 1e-6)  # sums are rounded
        return [(s, rows[total >= least]) for s, rows, total in near]

    def _among_fresh(
        self, terms: Terms, values: Floats, weight: Floats, among: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], Floats]:
        wanted = None if among is None else set(among.tolist())
        held = [(k, v) for k, v in self._fresh.items() if wanted is None or k in wanted]
        if not held or not len(terms):
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        long = [len(t) for _, (t, _) in held]
        owner = np.repeat(np.arange(len(held)), long)
        runs = np.concatenate([t for _, (t, _) in held])
        times = np.concatenate([v for _, (_, v) in held]).astype(np.float16).astype(np.float32)
        own = times * self._rarity.weight(runs)
        length = np.sqrt(np.bincount(owner, own * own, len(held))).astype(np.float32)
        keys = np.fromiter((k for k, _ in held), np.int64, len(held))
        return keys, dots(owner, runs, times, length, terms, values * weight)


def _vector(body: bytes) -> Vector:
    n = len(body) // 6
    terms = np.frombuffer(body, np.uint32, n)
    return terms, np.frombuffer(body, "<f2", n, 4 * n).astype(np.float32)


def _bags_of(vectors: Sequence[Vector]) -> Bags:
    return together([Bags(np.array([0, len(t)]), t, v) for t, v in vectors])


def _read(source: Iterable[tuple[int, str]]) -> Iterator[tuple[list[int], Bags]]:
    """A source as blocks of one segment each; some thousand texts are sorted at a time."""
    flow = iter(source)
    while part := list(islice(flow, MOST_ROWS)):
        texts = [tidy(text) for _, text in part]
        bags = together(
            [counted_all(texts[i : i + _AT_ONCE]) for i in range(0, len(texts), _AT_ONCE)]
        )
        yield [key for key, _ in part], Bags(bags.indptr, bags.terms, damped(bags.times))


def _blocks(parts: Iterable[tuple[list[int], Bags]]) -> Iterator[tuple[list[int], Bags]]:
    """The same passages in as few blocks as whole parts allow."""
    keys: list[int] = []
    held: list[Bags] = []
    for more, bags in parts:
        if len(keys) + len(more) > MOST_ROWS:
            yield keys, together(held)
            keys, held = [], []
        keys = keys + more
        held.append(bags)
    if keys:
        yield keys, together(held)


def _counted_over(parts: Sequence[Bags]) -> Rarity:
    each = [Rarity.of(bags) for bags in parts]
    terms, at = np.unique(
        np.concatenate([_NOTHING[0], *(r.terms for r in each)]), return_inverse=True
    )
    seen = np.concatenate([_NOTHING[0], *(r.seen for r in each)])
    counts = np.bincount(at, seen, len(terms)).astype(np.uint32)
    return Rarity(terms, counts, sum(r.texts for r in each))
