"""Library peers of merging: each puts a stream of reports into groups, its threshold chosen beforehand.

Every peer is given the same words, times and the counties that our own reader of places finds, and
runs in a process of its own that is ended when its time is over. What it reads and its threshold
are those with the best B-cubed F1 on a stream of another seed. The libraries are in
the extra `[bench]`; each is imported only where it runs.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Final
from zlib import crc32

from chengshu.app.measure.clusters import bcubed

_DAY_S: Final = 86_400.0
WINDOW_S: Final = (
    7 * _DAY_S
)  # how far back a streaming peer looks: longer silence, another happening
NEWEST: Final = 500  # messages that RapidFuzz compares with
_PERMUTATIONS: Final = 64
_WHOLE: Final = 12_000  # messages of which a full matrix of distances is made: 1.2 GB
_LIVE: Final = 100  # messages for which TextClust remembers a group that does not grow


@dataclass(frozen=True, slots=True)
class Messages:
    """A stream in the order of its arrival, one entry per message in each list.

    Attributes:
        text: Title and text.
        place: The form's field for the place, often empty.
        at: Seconds since an epoch.
        county: Code of the county it was read to be in, 0 for none.
        truth: Names of the happenings.
    """

    text: list[str]
    place: list[str]
    at: list[float]
    county: list[int]
    truth: list[str]

    def first(self, how_many: int) -> Messages:
        """Its beginning."""
        n = how_many
        return Messages(self.text[:n], self.place[:n], self.at[:n], self.county[:n], self.truth[:n])

    def words(self, reads: str) -> list[str]:
        """What a peer reads: "text", "place" (the text where there is none) or "both"."""
        if reads == "text":
            return self.text
        pairs = zip(self.place, self.text, strict=True)
        if reads == "place":
            return [place or text for place, text in pairs]
        return [f"{place} {text}" for place, text in pairs]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen for a peer beforehand: what it reads, and its threshold."""

    reads: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Peer:
    """One library's way to put messages together.

    Attributes:
        name: As in the figures.
        how: One line for the screen.
        group: Messages and a choice to a group number per message.
        thresholds: Those to choose from.
        reads: What it may read.
        tuned_on: Messages that it is tuned on at most.
    """

    name: str
    how: str
    group: Callable[[Messages, Choice], list[int]]
    thresholds: tuple[float, ...]
    reads: tuple[str, ...] = ("text", "place", "both")
    tuned_on: int = 1_500

    def choices(self) -> tuple[Choice, ...]:
        """All that can be chosen."""
        return tuple(Choice(r, t) for r in self.reads for t in self.thresholds)


@dataclass(frozen=True, slots=True)
class Result:
    """What a peer reached, or why it did not run.

    Attributes:
        f1: B-cubed.
        ms: Per message.
        reason: Empty when it ran.
    """

    f1: float = 0.0
    ms: float = 0.0
    reason: str = ""


class _Union:
    """Union-find with the smallest member as root."""

    def __init__(self, size: int) -> None:
        self._root = list(range(size))

    def of(self, item: int) -> int:
        while self._root[item] != item:
            self._root[item] = self._root[self._root[item]]
            item = self._root[item]
        return item

    def join(self, one: int, other: int) -> None:
        a, b = sorted((self.of(one), self.of(other)))
        self._root[b] = a


def _grams(text: str, *sizes: int) -> list[str]:
    return [text[i : i + n] for n in sizes for i in range(len(text) - n + 1)]


def _hash(gram: bytes) -> int:
    return crc32(gram)


def by_lsh(messages: Messages, choice: Choice) -> list[int]:
    """`datasketch` MinHash LSH over 2- and 3-grams; whatever it finds within the window is united."""
    from datasketch import MinHash, MinHashLSH

    sets = [[g.encode() for g in set(_grams(w, 2, 3))] for w in messages.words(choice.reads)]
    index = MinHashLSH(threshold=choice.threshold, num_perm=_PERMUTATIONS)
    union = _Union(len(sets))
    made = MinHash.generator(sets, num_perm=_PERMUTATIONS, hashfunc=_hash)
    for n, sketch in enumerate(made):
        for found in index.query(sketch):
            if messages.at[n] - messages.at[found] <= WINDOW_S:
                union.join(n, found)
        index.insert(n, sketch, check_duplication=False)
    return [union.of(n) for n in range(len(sets))]


def _vectors(words: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(2, 3), sublinear_tf=True).fit_transform(
        words
    )


def by_dbscan(messages: Messages, choice: Choice) -> list[int]:
    """scikit-learn TF-IDF of 2- and 3-grams and DBSCAN, the whole stream as one batch."""
    from sklearn.cluster import DBSCAN

    found = DBSCAN(eps=choice.threshold, min_samples=1, metric="cosine").fit_predict(
        _vectors(messages.words(choice.reads))
    )
    return [int(group) for group in found]


def by_linkage(messages: Messages, choice: Choice) -> list[int]:
    """TF-IDF of 2- and 3-grams and average linkage; beyond `_WHOLE` messages within county and week."""
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.metrics.pairwise import cosine_distances

    vectors = _vectors(messages.words(choice.reads))
    blocks: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n, (county, at) in enumerate(zip(messages.county, messages.at, strict=True)):
        blocks[(county, int(at // WINDOW_S)) if len(messages.at) > _WHOLE else (0, 0)].append(n)
    groups = list(range(len(messages.at)))
    for members in blocks.values():
        if len(members) < 2:
            continue
        tree = AgglomerativeClustering(
            n_clusters=None,
            distance_threshold=choice.threshold,
            metric="precomputed",
            linkage="average",
        )
        found = tree.fit_predict(cosine_distances(vectors[members]))
        first: dict[int, int] = {}
        for n, group in zip(members, found, strict=True):
            groups[n] = first.setdefault(int(group), n)
    return groups


def by_rapidfuzz(messages: Messages, choice: Choice) -> list[int]:
    """RapidFuzz ratio with the newest NEWEST messages of the window; joins the group of the best."""
    from rapidfuzz import fuzz, process

    groups: list[int] = []
    words = messages.words(choice.reads)
    for n, (text, at) in enumerate(zip(words, messages.at, strict=True)):
        start = max(0, n - NEWEST)
        while start < n and at - messages.at[start] > WINDOW_S:
            start += 1
        best = process.extractOne(
            text, words[start:n], scorer=fuzz.ratio, score_cutoff=choice.threshold
        )
        groups.append(groups[start + best[2]] if best else n)
    return groups


def by_textclust(messages: Messages, choice: Choice) -> list[int]:
    """river's TextClust over 2-grams; groups fade by observations, and none are merged afterwards.

    It reads every living group for each message, so few may live; merging them anew among
    themselves would cost their square.
    """
    from river import cluster

    untyped: Any = cluster.TextClust
    model = untyped(radius=choice.threshold, fading_factor=0.0005, tgap=_LIVE, term_fading=False,
                      real_time_fading=False, auto_merge=False)  # fmt: skip
    groups: list[int] = []
    for n, text in enumerate(messages.words(choice.reads)):
        model.learn_one(dict(Counter(_grams(text, 2))))
        newest = max(model.micro_clusters.values(), key=lambda c: (c.time, c.id), default=None)
        groups.append(newest.id if newest is not None and newest.time == model.t else -n - 1)
    return groups


PEERS: Final = (
    Peer("datasketch_lsh", "MinHash LSH, 64 permutations, united within 7 days", by_lsh, (0.3, 0.4, 0.5, 0.6, 0.7)),
    Peer("sklearn_dbscan", "TF-IDF + DBSCAN, one batch", by_dbscan, (0.1, 0.2, 0.3, 0.4, 0.5)),
    Peer("average_linkage", "TF-IDF + average linkage, one batch; at 100k within county and week", by_linkage,
         (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)),
    Peer("rapidfuzz", f"ratio with the newest {NEWEST} within 7 days", by_rapidfuzz, (50, 60, 70, 80, 90)),
    Peer("river_textclust", f"TextClust, groups that rest for {_LIVE} messages fade", by_textclust,
         (0.2, 0.35, 0.5, 0.65), ("place",), 1_000),
)  # fmt: skip


def tuned(peer: Peer, messages: Messages, budget_s: float) -> Choice | str:
    """The choice with the best B-cubed F1; a sentence when there is none."""
    scored = _apart(peer, messages.first(peer.tuned_on), peer.choices(), budget_s)
    if isinstance(scored, str):
        return scored
    return max(scored, key=lambda pair: pair[1].f1)[0]


def measured(peer: Peer, messages: Messages, choice: Choice, budget_s: float) -> Result:
    """What a peer reaches with one choice within its time."""
    scored = _apart(peer, messages, (choice,), budget_s)
    return Result(reason=scored) if isinstance(scored, str) else scored[0][1]


def _apart(
    peer: Peer, messages: Messages, choices: Sequence[Choice], budget_s: float
) -> list[tuple[Choice, Result]] | str:
    """Run a peer in a process of its own; a sentence when it did not end well or in time."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    child = spawn.Process(target=_child, args=(there, peer, messages, tuple(choices)), daemon=True)
    child.start()
    there.close()
    try:
        if not here.poll(budget_s):
            return f"not finished after {budget_s:.0f} s"
        answer: list[tuple[Choice, Result]] | str = here.recv()
        return answer
    except EOFError:
        child.join()
        return f"its process ended by itself (exit {child.exitcode}), perhaps for want of memory"
    finally:
        here.close()
        child.terminate()
        child.join()


def _child(answer: Connection, peer: Peer, messages: Messages, choices: Sequence[Choice]) -> None:
    try:
        peer.group(messages.first(50), choices[0])  # imports and first calls are not counted
        found = []
        for choice in choices:
            began = time.perf_counter()
            groups = peer.group(messages, choice)
            ms = (time.perf_counter() - began) * 1e3 / len(groups)
            found.append((choice, Result(bcubed(groups, messages.truth).f1, ms)))
        answer.send(found)
    except ImportError as missing:
        answer.send(f"{missing.name} is not installed: it is in the extra [bench]")
