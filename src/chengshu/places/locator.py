"""From what a report says of its place (field, words, position) to the area it lies in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chengshu.places.boundaries import Boundaries
from chengshu.places.city import City
from chengshu.places.gazetteer import Gazetteer, Place
from chengshu.places.mentions import Mention
from chengshu.places.model import Level, Point, ancestor_at, level_of
from chengshu.places.register import Found, Register, Site

_FROM_POINT = 0.97
_FROM_SITE = 0.9
_AROUND_M = 2_000.0
_NEIGHBOURS = 5
_BELIEVED = 0.5  # words about an area that are less sure than this rule no registered place out
_READ = 2_000  # characters of a text in which registered names are looked for
_DEPTH = {level: depth for depth, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Located:
    """Where something is.

    Attributes:
        code: The deepest area that is known; the city's own code when nothing is.
        confidence: 0..1 that this area is right.
        outside: The position given lies outside the city: it was not used.
        near: The point of the registered place that was named: good for a mark on a map, but
            not a position that somebody reported.
    """

    code: int
    confidence: float
    outside: bool = False
    near: Point | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """What a text calls its places.

    Attributes:
        names: Each place by its registered name where one is certain, else as the text says it.
        others: Other names of the certain ones; a text that uses one may mean the same place.
        shared: Those of `names` that several registered places bear, with nothing to tell which.
    """

    names: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()


class Locator:
    """One city's names and boundaries, ready to be asked.

    Args:
        register: Named places beneath the areas; without one only areas are known by name.
    """

    def __init__(self, city: City, register: Register | None = None) -> None:
        self.city = city
        self._gazetteer = Gazetteer(city.areas)
        self._register = register or Register()
        self._boundaries = Boundaries.read(city.boundaries)
        self._codes = frozenset(area.code for area in city.areas)
        self._zones = tuple(
            a.code for a in city.areas if a.level is Level.COUNTY and a.code not in self._boundaries
        )

    @property
    def gazetteer(self) -> Gazetteer:
        """The names."""
        return self._gazetteer

    def knows(self, code: int) -> bool:
        """Whether there is such an area, down to the township."""
        return code in self._codes

    def locate(self, *, place: str = "", text: str = "", lon: float | None = None, lat: float | None = None,
               area: int | None = None) -> Located:  # fmt: skip
        """The deepest area that place field, words and position agree on.

        An area that a person chose beats everything; a position beats words about the county
        and is refined by words about a township inside it. A registered place that is named
        refines the area further, but does not speak against it.
        """
        if area is not None:
            return Located(area, 1.0)
        plain = self._locate(place, text, lon, lat)
        site = self._site(place, text, plain)
        if site is None:
            return plain
        deeper = _DEPTH[level_of(site.area)] > _DEPTH[level_of(plain.code)]
        code = site.area if deeper else plain.code
        confidence = max(plain.confidence, _FROM_SITE)
        return Located(code, confidence, plain.outside, site.point)

    def by_neighbours(self, lon: float, lat: float) -> Located | None:
        """The township of the registered places around a position; None where there are none near.

        It is as sure as they agree: finer than boundaries of districts, and it finds a zone that has none.
        """
        near = self._register.around(Point(lon, lat), _AROUND_M)[:_NEIGHBOURS]
        if not near:
            return None
        votes: dict[int, float] = {}
        for place, site in enumerate(near, 1):  # the nearest says most
            votes[site.area] = votes.get(site.area, 0.0) + 1 / place
        area = max(votes, key=lambda code: votes[code])
        return Located(area, _FROM_SITE * votes[area] / sum(votes.values()))

    def naming(self, text: str, mentions: Iterable[Mention], code: int) -> Naming:
        """The places that a text names, by their registered names where there are such.

        Args:
            mentions: The free mentions of the text; one that a registered name overlaps is
                part of it and is not told again.
            code: Area that is known of the report, to tell places of one name apart.
        """
        found = self._register.find(text)
        free = {
            m.text for m in mentions if all(m.end <= f.start or f.end <= m.start for f in found)
        }
        names: set[str] = set()
        others: set[str] = set()
        shared: set[str] = set()
        for one in found:
            sites = _nearest(one, code)
            called = {site.name for site in sites}
            if len(called) == 1:
                names |= called
                others |= {alias for site in sites for alias in site.aliases}
            else:
                names.add(one.text)
                shared.add(one.text)
        known = others & names  # 虹桥新村，老名字叫轮船公司宿舍: told which one it is
        names |= free
        return Naming(frozenset(names - known), frozenset(others), frozenset(shared - known))

    def named(self, text: str, code: int) -> list[tuple[int, int, frozenset[str]]]:
        """Where a text names places beneath the areas, and the names that each may be known by.

        Args:
            code: Area that is known of the report, to tell places of one name apart.
        """
        found = self._register.find(text)
        spans = [
            (f.start, f.end, frozenset([f.text, *(n for s in _nearest(f, code) for n in (s.name, *s.aliases))]))
            for f in found
        ]  # fmt: skip
        spans += [
            (m.start, m.end, frozenset([m.text]))
            for m in self.gazetteer.places_in(text)
            if all(m.end <= f.start or f.end <= m.start for f in found)
        ]
        return sorted(spans, key=lambda span: span[:2])

    def registered(self, text: str, code: int) -> list[tuple[Found, Sequence[Site]]]:
        """Registered names in a text, each with the places it most likely means, seen from an area."""
        return [(found, _nearest(found, code)) for found in self._register.find(text)]

    def _locate(self, place: str, text: str, lon: float | None, lat: float | None) -> Located:
        """The same from areas and positions only."""
        said = self._said(place, text)
        outside, county = False, None
        if lon is not None and lat is not None:
            county = self._boundaries.county_at(lon, lat)
            outside = county is None
        if county is None:
            return (
                Located(said.code, said.confidence, outside)
                if said
                else Located(self.city.code, 0.0, outside)
            )
        if said and said.code != county and _inside(said.code, county):
            return Located(said.code, max(said.confidence, _FROM_POINT))
        if said and any(_inside(said.code, zone) for zone in self._zones):
            # a zone without a polygon lies in those of the districts around it: no contradiction
            return Located(said.code, said.confidence)
        return Located(county, _FROM_POINT)

    def _said(self, place: str, text: str) -> Place | None:
        """What the place field says, refined by the text when the two do not contradict."""
        first = self._gazetteer.locate(place) if place else None
        second = self._gazetteer.locate(text) if text else None
        if first is None or second is None:
            return first or second
        if _DEPTH[level_of(second.code)] > _DEPTH[level_of(first.code)] and _inside(
            second.code, first.code
        ):
            return second
        return first

    def _site(self, place: str, text: str, plain: Located) -> Site | None:
        """The one registered place that the field for the place, else the text, is about."""
        code = plain.code if plain.confidence >= _BELIEVED else self.city.code
        for part in (place, text[:_READ]):
            found = self._register.find(part)
            sites = [one.within(code) or self._in_zones(one, code) for one in found]
            certain = [bearers[0] for bearers in sites if len(bearers) == 1]
            if certain and len({site.area for site in certain}) == 1:
                return certain[0]
            if certain:
                return None  # places of several townships are named: it is about none of them alone
        return None

    def _in_zones(self, found: Found, code: int) -> tuple[Site, ...]:
        """The places of a name in zones that have no polygon, where only a district is known:
        a position in the district may as well lie in the zone."""
        if level_of(code) is not Level.COUNTY or code in self._zones:
            return ()
        return tuple(site for zone in self._zones for site in found.within(zone))


def _nearest(found: Found, code: int) -> Sequence[Site]:
    """The places of a name in the area, else in its county, else all."""
    county = ancestor_at(code, Level.COUNTY)
    within = found.within(code) or (found.within(county) if county is not None else ())
    return within or found.sites


def _inside(code: int, outer: int) -> bool:
    level = level_of(outer)
    return _DEPTH[level_of(code)] >= _DEPTH[level] and ancestor_at(code, level) == outer
