"""From what a report says of its place (field, words, position) to the area it lies in."""

from __future__ import annotations

from dataclasses import dataclass

from chengshu.places.boundaries import Boundaries
from chengshu.places.city import City
from chengshu.places.gazetteer import Gazetteer, Place
from chengshu.places.model import Level, ancestor_at, level_of

_FROM_POINT = 0.97
_DEPTH = {level: depth for depth, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Located:
    """Where something is.

    Attributes:
        code: The deepest area that is known; the city's own code when nothing is.
        confidence: 0..1 that this area is right.
        outside: The position given lies outside the city: it was not used.
    """

    code: int
    confidence: float
    outside: bool = False


class Locator:
    """One city's names and boundaries, ready to be asked."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._gazetteer = Gazetteer(city.areas)
        self._boundaries = Boundaries.read(city.boundaries)
        self._codes = frozenset(area.code for area in city.areas)

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
        and is refined by words about a township inside it.
        """
        if area is not None:
            return Located(area, 1.0)
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


def _inside(code: int, outer: int) -> bool:
    level = level_of(outer)
    return _DEPTH[level_of(code)] >= _DEPTH[level] and ancestor_at(code, level) == outer
