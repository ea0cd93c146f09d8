"""The places that a text names, each with its level, its point when known, and how sure that is."""

from __future__ import annotations

from pydantic import BaseModel

from chengshu.dispatch.views import Names
from chengshu.incidents.marks import Mark
from chengshu.places import Locator

_SITE, _SHARED, _FREE = 0.9, 0.45, 0.6


class PlaceView(BaseModel):
    """A place that a text names: text[start:end].

    Attributes:
        level: county, township, community, grid, or the sort of place: road, estate, school …
        name: Its registered name, else what the text says.
        code: The area that it is or lies in; empty when unknown.
        lon, lat: WGS-84, when its point is known.
        confidence: 0..1 that this place is meant.
    """

    start: int
    end: int
    text: str
    level: str
    name: str
    name_en: str
    code: str
    lon: float | None
    lat: float | None
    confidence: float


def places_in(locator: Locator, names: Names, text: str, code: int) -> list[PlaceView]:
    """Areas, registered places and free mentions of a text, in order, without overlaps.

    Args:
        code: The area that the message lies in, to tell places of one name apart.
    """
    found: list[PlaceView] = []
    for site, bearers in locator.registered(text, code):
        one = bearers[0]
        certain = len({b.name for b in bearers}) == 1 and len(bearers) == 1
        point = one.point if certain else None
        found.append(_view(site.start, site.end, site.text, one.kind, one.name, one.name, one.area if certain else None,
                           point, _SITE if certain else _SHARED))  # fmt: skip
    for span in locator.gazetteer.find(text):
        name, english = names.area(span.code)
        found.append(
            _view(
                span.start,
                span.end,
                span.text,
                str(span.level),
                name,
                english,
                span.code,
                None,
                span.confidence,
            )
        )
    found += [
        _view(m.start, m.end, m.text, str(m.kind), m.text, m.text, None, None, _FREE)
        for m in locator.gazetteer.places_in(text)
    ]
    kept: list[PlaceView] = []
    for place in sorted(found, key=lambda p: (-p.confidence, p.start - p.end)):
        if all(place.end <= k.start or place.start >= k.end for k in kept):
            kept.append(place)
    return sorted(kept, key=lambda p: p.start)


def place_marks(places: list[PlaceView]) -> list[Mark]:
    """The same as marks of the text."""
    return [Mark(p.start, p.end, "place", p.text, p.name, p.name_en, p.confidence) for p in places]


def _view(start: int, end: int, text: str, level: str, name: str, english: str, code: int | None,
          point: tuple[float, float] | None, confidence: float) -> PlaceView:  # fmt: skip
    return PlaceView(start=start, end=end, text=text, level=level, name=name, name_en=english,
                     code="" if code is None else str(code), lon=point[0] if point else None,
                     lat=point[1] if point else None, confidence=round(confidence, 2))  # fmt: skip
