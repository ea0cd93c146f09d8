"""Where a report lies: an area that somebody chose, a position, or words."""

from __future__ import annotations

from typing import Literal, NamedTuple

from chengshu.kit.errors import Invalid
from chengshu.places import (
    Level,
    Locator,
    Point,
    ancestor_at,
    area_span,
    bd09_to_wgs84,
    gcj02_to_wgs84,
    level_of,
)

Datum = Literal["wgs84", "gcj02", "bd09"]


class Where(NamedTuple):
    """The deepest area known, and whether the position given lies outside the city."""

    area: int
    outside: bool


def where(locator: Locator, *, place: str = "", text: str = "", point: Point | None = None,
          area: str | None = None, grid: int | None = None) -> Where:  # fmt: skip
    """Find a report's area; the city's own code when nothing is known.

    Args:
        point: WGS-84; outside the city it is not used.
        area: A code that a person chose; beats everything.
        grid: The sender's own grid: taken unless position or words contradict it.

    Raises:
        Invalid: The chosen area is none of this city's.
    """
    lon, lat = point or (None, None)
    if area is not None:
        chosen = area_of(locator, area)
        seen = locator.locate(lon=lon, lat=lat)
        return Where(chosen, seen.outside)
    located = locator.locate(place=place, text=text, lon=lon, lat=lat)
    if grid is not None and _holds(located.code, grid):
        return Where(grid, located.outside)
    return Where(located.code, located.outside)


def area_of(locator: Locator, code: str) -> int:
    """Read an area code.

    Raises:
        Invalid: It is none of this city's.
    """
    wrong = Invalid("area", f"没有区域 {code}", f"there is no area {code}")
    try:
        number = int(code)
        township = ancestor_at(number, Level.TOWNSHIP)
    except ValueError:
        raise wrong from None
    # communities and grids are coded under a township that the city's files must name
    if not locator.knows(number if township is None else township):
        raise wrong
    return number


def point_of(lon: float | None, lat: float | None, datum: Datum = "wgs84") -> Point | None:
    """A position in WGS-84, None when none was given.

    Raises:
        Invalid: Only one of the two was given.
    """
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        missing = "lon" if lon is None else "lat"
        raise Invalid(
            missing, "经度和纬度要一起给出", "longitude and latitude must be given together"
        )
    if datum == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    return bd09_to_wgs84(lon, lat) if datum == "bd09" else Point(lon, lat)


def _holds(outer: int, inner: int) -> bool:
    first, end = area_span(outer, level_of(outer))
    return first <= inner < end
