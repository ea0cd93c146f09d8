"""Find the city's areas in a text by their names, and decide which one is meant."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from chengshu.places.mentions import Mention, mentions_in
from chengshu.places.model import Area, Level, ancestor_at

# Confidence by kind of name. Chosen by judgement; nothing has been fitted to data.
_FULL: Final = 0.95  # 如城街道
_SHORT: Final = 0.9  # 如皋, of a county
_SHORT_TOWN: Final = 0.7  # 掘港
_ORDINARY: Final = 0.25  # 合作, with its county somewhere in the text
_ORDINARY_BESIDE: Final = 0.75  # 启东合作, right after its county
_ORDINARY_COUNTY: Final = 0.5  # 开发区, when no other county is named
_NAMED_AFTER: Final = 0.2  # 海安路 need not be in 海安
_ELSEWHERE: Final = 0.4  # factor: another county was named
_ENOUGH: Final = 0.5  # below it the level above is the better answer
_RIVAL: Final = 0.8  # factor: two areas named about equally clearly
_RIVAL_WITHIN: Final = 0.05

# What follows the short name when the place itself is meant, not a word like it.
_CONFIRMING: Final = ("街道", "镇", "乡", "社区", "派出所", "政府", "办事处", "辖区", "境内")
# What follows when something is merely named after the place; 海安路灯 is lamps in 海安.
_NAMED_AFTER_TAIL: Final = re.compile(
    "路(?![灯面])|大道|大?街(?!道)|大?桥|大厦|广场|公司|花园|小区|新村|家园|公寓|公园|超市|饭店|酒店|河"
)


@dataclass(frozen=True, slots=True)
class Span:
    """One name of one area at text[start:end]."""

    start: int
    end: int
    text: str
    code: int
    level: Level
    confidence: float  # 0..1


@dataclass(frozen=True, slots=True)
class Place:
    """The area a text speaks of.

    Attributes:
        confidence: 0..1; low where the name is ambiguous or contradicted.
        spans: All that was found, in the order of the text: the reasons.
    """

    code: int
    level: Level
    confidence: float
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    """What one name may mean, with what it is worth by itself."""

    area: Area
    county: int | None
    confidence: float
    needs_context: bool = False


class Gazetteer:
    """All names of all areas, ready to be looked for."""

    def __init__(self, areas: Iterable[Area]) -> None:
        # A look-alike is a name that means nothing: it is found and stepped over.
        self._names: dict[str, list[_Name]] = {}
        for area in areas:
            self._learn(area)
        for names in self._names.values():
            if any(not name.needs_context for name in names):
                names[:] = [name for name in names if not name.needs_context]
        self._pattern = pattern_of(self._names)

    def _learn(self, area: Area) -> None:
        town = area.level not in (Level.CITY, Level.COUNTY)
        ordinary = {alias[1:] for alias in area.aliases if alias.startswith("?")}
        self._add(area.name, area, _FULL)
        if area.short not in ordinary and area.short != area.name:
            self._add(area.short, area, _SHORT_TOWN if town and len(area.short) < 3 else _SHORT)
        for alias in area.aliases:
            if alias.startswith("?"):
                self._add(alias[1:], area, _ORDINARY, needs_context=True)
            elif alias.startswith("!"):
                self._names.setdefault(alias[1:], [])
            else:
                self._add(alias, area, _SHORT if len(alias) > 2 else _SHORT_TOWN)

    def _add(self, text: str, area: Area, value: float, *, needs_context: bool = False) -> None:
        # A name of one character would match everywhere and say nothing.
        if len(text) > 1:
            county = ancestor_at(area.code, Level.COUNTY)
            name = _Name(area, county, value, needs_context)
            self._names.setdefault(text, []).append(name)

    def find(self, text: str) -> list[Span]:
        """All names in the text, longest first at each position, without overlaps.

        A name that several areas share gives one span for each that is still possible,
        with the confidence divided among them.
        """
        hits = self._hits(text)
        seen = _Seen(self._counties(text, hits), None)
        spans: list[Span] = []
        for hit in hits:
            found = self._resolve(text, hit, seen)
            spans += found
            for span in found:
                if span.level is Level.COUNTY:
                    seen = _Seen(seen.counties, (span.end, span.code))
        return spans

    def locate(self, text: str) -> Place | None:
        """The deepest area that the names in the text agree on; None when there is none."""
        spans = tuple(self.find(text))
        best = _choose(spans)
        return None if best is None else Place(best.code, best.level, best.confidence, spans)

    def places_in(self, text: str) -> list[Mention]:
        """Streets, estates, schools and the like that the text names; never raises.

        Examples:
            >>> [mention.text for mention in Gazetteer([]).places_in("文峰路与青年路交叉口")]
            ['文峰路', '青年路']
        """
        names = self._names
        sure = [(s, e) for s, e in self._hits(text) if not names[text[s:e]][0].needs_context]
        return mentions_in(text, sure)

    def _hits(self, text: str) -> list[tuple[int, int]]:
        """Where names stand: left to right, longest first; look-alikes are stepped over."""
        return [match.span() for match in self._pattern.finditer(text) if self._names[match[0]]]

    def _counties(self, text: str, hits: Sequence[tuple[int, int]]) -> frozenset[int]:
        """Counties that the text names outright."""
        return frozenset(
            name.area.code
            for start, end in hits
            for name in self._names[text[start:end]]
            if name.area.level is Level.COUNTY
            and not name.needs_context
            and not _is_named_after(text, start, end, name.area)
        )

    def _resolve(self, text: str, hit: tuple[int, int], seen: "_Seen") -> list[Span]:
        """The areas that the name at `hit` may mean, with what speaks for each."""
        start, end = hit
        word = text[start:end]
        found = [(name, _weigh(text, hit, name, seen)) for name in self._names[word]]
        found = [(name, value) for name, value in found if value > 0]
        if len(found) > 1:
            found = [pair for pair in found if pair[0].county in seen.counties] or found
        return [
            Span(start, end, word, name.area.code, name.area.level, value / len(found))
            for name, value in found
        ]


def pattern_of(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern of all names, the longest first.

    Grouped by first character, so that the search skips in C to the characters that can
    begin a name: the trie of a gazetteer of this size, at ten times its speed in Python.
    It matches nothing when there are no names.
    """
    by_head: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_head.setdefault(name[0], []).append(re.escape(name[1:]))
    groups = (f"{re.escape(head)}(?:{'|'.join(tails)})" for head, tails in by_head.items())
    return re.compile("|".join(groups) or r"(?!)")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the rest of the text says: its counties, and the last one read (end, code)."""

    counties: frozenset[int]
    last: tuple[int, int] | None


def _is_named_after(text: str, start: int, end: int, area: Area) -> bool:
    """True for 海安路 or 如皋大厦, which need not be in the area; not for 海安市人民路."""
    return text[start:end] != area.name and bool(_NAMED_AFTER_TAIL.match(text, end))


def _weigh(text: str, hit: tuple[int, int], name: _Name, seen: _Seen) -> float:
    """Confidence in one reading of one name; 0 rules it out."""
    area, county = name.area, name.county
    start, end = hit
    value = name.confidence
    if name.needs_context:
        if text.startswith(_CONFIRMING, end) or (start, county) == seen.last:
            value = _ORDINARY_BESIDE
        elif area.level is Level.COUNTY:
            value = 0.0 if seen.counties - {county} else _ORDINARY_COUNTY
        elif county not in seen.counties:
            return 0.0
    if _is_named_after(text, start, end, area):
        value = min(value, _NAMED_AFTER)
    deep = area.level not in (Level.CITY, Level.COUNTY)
    if deep and seen.counties and county not in seen.counties:
        value *= _ELSEWHERE
    return value


def _choose(spans: Sequence[Span]) -> Span | None:
    """The deepest span worth believing, else the surest of those above it."""
    best = {level: _surest([s for s in spans if s.level is level]) for level in Level}
    for level in reversed(tuple(Level)):
        span = best[level]
        if span is not None and span.confidence >= _ENOUGH:
            return span
    weak = [span for level in reversed(tuple(Level)) if (span := best[level])]
    return max(weak, key=lambda span: span.confidence, default=None)


def _surest(spans: Sequence[Span]) -> Span | None:
    """The first of the surest; less sure when another area is named as clearly."""
    if not spans:
        return None
    top = max(spans, key=lambda span: span.confidence)
    rivals = {s.code for s in spans if s.confidence > top.confidence - _RIVAL_WITHIN}
    return top if len(rivals) == 1 else replace(top, confidence=top.confidence * _RIVAL)
