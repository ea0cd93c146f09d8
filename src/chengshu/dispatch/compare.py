"""What two incidents' reports have in common and where they differ, marked character by character.

Of an incident at most five reports are shown, those most like the other side, out of its first and its
newest 199; of a text the first 4,000 characters are compared, as merging reads no more. Comparing takes
time linear in that, so that a text of 100,000 characters costs no more than one of 4,000: what lies
beyond is shown, not marked.

Words: runs of at least two characters that both sides have, cut back to content words. Places: as
merging finds them, by any of their registered names; those of one sort that differ are marked too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, takewhile
from typing import NamedTuple

from chengshu.incidents import words
from chengshu.incidents.named import sort_of
from chengshu.intake.model import Report
from chengshu.places import Level, Locator

MOST_SHOWN = 5
_MOST_READ = 4000
_MOST_RANKED = 200
_SMALL = frozenset(
    "的了在是有和与我你他她它这那就都也很到从把被给吗呢吧啊一个请及等又再还要会能可为以之其或"
)
_LETTER = re.compile(r"[^\W_]")
_LEVELS = (Level.COUNTY, Level.TOWNSHIP, Level.COMMUNITY, Level.GRID)
# In the order of precedence where they overlap, the last wins.
_KINDS = ("", "word", "other_place", "place", "other_spot", "spot")
FIELDS = ("title", "place", "text")


class Span(NamedTuple):
    """A marked part of a text: a shared word, place or spot, or a place or spot that differs."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A place or area named at text[start:end]; names of one sort contradict each other."""

    start: int
    end: int
    keys: frozenset[str]
    sort: str


@dataclass(frozen=True, slots=True)
class _Read:
    """One field of one report, read once."""

    plain: str
    tokens: Sequence[tuple[int, int, bool]]
    names: Sequence[_Name]
    spots: Sequence[tuple[int, int]]


Marks = Mapping[str, Sequence[Span]]


def most_alike(
    reports: Sequence[Report], others: Sequence[Report], most: int = MOST_SHOWN
) -> list[Report]:
    """The reports that share most content words with the other side, the likest first."""
    ranked = _looked_at(reports)
    if len(ranked) <= 1:
        return ranked
    theirs = {w for r in _looked_at(others) for w in _words(r)}
    scores = {}
    for report in ranked:
        own = _words(report)
        scores[report.id] = len(theirs.intersection(own)) / (len(own) + 1) ** 0.5
    return sorted(ranked, key=lambda r: (-scores[r.id], r.said_at, r.id))[:most]


def marks(
    one: Sequence[Report], other: Sequence[Report], locator: Locator
) -> tuple[list[Marks], list[Marks]]:
    """What is shared and what differs, in title, place and text of each report of both sides."""
    left, right = ([_read(r, locator) for r in side] for side in (one, other))
    return _marked(left, right), _marked(right, left)


def _looked_at(reports: Sequence[Report]) -> list[Report]:
    """The first and the newest."""
    return [*reports[:1], *reports[1:][-(_MOST_RANKED - 1) :]]


def _words(report: Report) -> list[str]:
    return words.words(f"{report.title} {report.place} {report.text}", words.MERGE_WORDS)


def _read(report: Report, locator: Locator) -> dict[str, _Read]:
    fields = {name: getattr(report, name)[:_MOST_READ] for name in FIELDS}
    return {
        name: _Read(words.plain(text), list(words.tokens(text)), _names(text, locator, report.area),
                    words.spot_spans(text))
        for name, text in fields.items()
    }  # fmt: skip


def _names(text: str, locator: Locator, code: int) -> list[_Name]:
    """Places and areas that a text names; a name of several areas is one name with several keys."""
    found = [
        _Name(start, end, keys, sort_of(text[start:end]))
        for start, end, keys in locator.named(text, code)
    ]
    spans = [s for s in locator.gazetteer.find(text) if s.level in _LEVELS]
    for (start, end), group in groupby(spans, key=lambda s: (s.start, s.end)):
        meant = list(group)
        found.append(
            _Name(start, end, frozenset(str(s.code) for s in meant), f"area {meant[0].level}")
        )
    return found


def _marked(
    side: Sequence[Mapping[str, _Read]], other: Sequence[Mapping[str, _Read]]
) -> list[Marks]:
    theirs = [read for report in other for read in report.values()]
    runs = _Runs("\0".join(read.plain for read in theirs))
    said = {read.plain[s:e] for read in theirs for s, e, content in read.tokens if content}
    keys: dict[str, set[str]] = {}
    for name in (n for read in theirs for n in read.names):
        keys.setdefault(name.sort, set()).update(name.keys)
    known = set().union(*keys.values())
    spots = {read.plain[s:e] for read in theirs for s, e in read.spots}
    mine = {read.plain[s:e] for report in side for read in report.values() for s, e in read.spots}
    return [
        {
            field: _spans(read, runs, said, keys, known, spots, apart=not mine & spots)
            for field, read in report.items()
        }
        for report in side
    ]


def _spans(read: _Read, runs: _Runs, said: set[str], keys: Mapping[str, set[str]], known: set[str],
           spots: set[str], *, apart: bool) -> list[Span]:  # fmt: skip
    paint = bytearray(len(read.plain))

    def put(start: int, end: int, kind: str) -> None:
        rank = _KINDS.index(kind)
        for n in range(start, end):
            paint[n] = max(paint[n], rank)

    for name in read.names:
        if name.keys & known:
            put(name.start, name.end, "place")
        elif name.sort in keys:
            put(name.start, name.end, "other_place")
    for start, end in read.spots:
        if read.plain[start:end] in spots:
            put(start, end, "spot")
        elif spots and apart:
            put(start, end, "other_spot")
    for run in runs.shared_with(read.plain):
        for free in _free(paint, *run):  # of a street's name nothing is left over as a word
            for kept in _cut_back(read, *free, said):
                put(*kept, "word")
    return list(_spelled(paint))


def _free(paint: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of a run that lie outside of names and spots."""
    found = []
    for named, group in groupby(range(start, end), key=lambda n: paint[n] > 1):
        part = list(group)
        if not named and len(part) > 1:
            found.append((part[0], part[-1] + 1))
    return found


def _spelled(paint: bytearray) -> Iterable[Span]:
    at = 0
    for rank, group in groupby(paint):
        end = at + len(list(group))
        if rank and (rank > 1 or end - at > 1):  # one character left over of a word says nothing
            yield Span(at, end, _KINDS[rank])
        at = end


def _cut_back(read: _Read, start: int, end: int, said: set[str]) -> list[tuple[int, int]]:
    """A common run from its first to its last word that says something; none when it has no such word."""
    first = bisect_left(read.tokens, (start, start, False))
    inside = list(takewhile(lambda t: t[1] <= end, islice(read.tokens, first, None)))
    telling = [t for t in inside if t[2] or (t[1] - t[0] == 1 and read.plain[t[0]] not in _SMALL)]
    if any(content for _, _, content in inside):
        return [(telling[0][0], telling[-1][1])]
    # neither side's words need be cut alike: 路灯 of the one stands in 路灯杆 of the other
    for length in (4, 3, 2):
        for at in range(start, min(end, start + 40) - length + 1):
            if read.plain[at : at + length] in said:
                return [(at, at + length)]
    if telling and len(telling) == len(inside) and telling[-1][1] - telling[0][0] > 1:
        return [(telling[0][0], telling[-1][1])]
    return []


class _Runs:
    """All runs of characters of a text, to find those that another has too: a suffix automaton.

    Source: A. Blumer et al. (1985), The smallest automaton recognizing the subwords of a text,
    Theoretical Computer Science 40, 31-55. Building and matching are linear in the texts.
    """

    def __init__(self, text: str) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._link, self._length = [-1], [0]
        last = 0
        for char in text:
            last = self._extend(last, char)

    def _extend(self, last: int, char: str) -> int:
        new = self._state({}, 0, self._length[last] + 1)
        at = last
        while at >= 0 and char not in self._next[at]:
            self._next[at][char] = new
            at = self._link[at]
        if at < 0:
            return new
        to = self._next[at][char]
        if self._length[to] == self._length[at] + 1:
            self._link[new] = to
            return new
        copy = self._state(dict(self._next[to]), self._link[to], self._length[at] + 1)
        while at >= 0 and self._next[at].get(char) == to:
            self._next[at][char] = copy
            at = self._link[at]
        self._link[to] = self._link[new] = copy
        return new

    def _state(self, following: dict[str, int], link: int, length: int) -> int:
        self._next.append(following)
        self._link.append(link)
        self._length.append(length)
        return len(self._next) - 1

    def shared_with(self, text: str) -> list[tuple[int, int]]:
        """The longest runs of at least two letters or digits that both have.

        One begins at most two characters before the last one's end, so that all together are no longer
        than the text allows, also where it repeats itself.
        """
        found: list[tuple[int, int]] = []
        state = length = 0
        for at, char in enumerate(text):
            before = length
            if not _LETTER.match(char):
                state = length = 0
            else:
                while state and char not in self._next[state]:
                    state = self._link[state]
                    length = self._length[state]
                if char in self._next[state]:
                    state, length = self._next[state][char], length + 1
                else:
                    length = 0
            if length <= before:
                _note(found, at - before, at)
        _note(found, len(text) - length, len(text))
        return found


def _note(found: list[tuple[int, int]], start: int, end: int) -> None:
    start = max(start, found[-1][1] - 2 if found else 0)
    if end - start > 1 and (not found or end > found[-1][1]):
        found.append((start, end))
