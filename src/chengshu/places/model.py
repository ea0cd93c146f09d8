"""Areas and points: what a place is, with no database and no map library."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

_DIGITS: Final = 15


class Level(StrEnum):
    """How deep an area lies in the tree."""

    CITY = "city"  # 设区市
    COUNTY = "county"  # 县(市、区)
    TOWNSHIP = "township"  # 街道、镇
    COMMUNITY = "community"  # 社区、村
    GRID = "grid"  # 单元网格


# How many codes one area of a level spans: the hierarchy is in the digits, so
# "inside" is a range and a plain b-tree answers it.
_WIDTH: Final[dict[Level, int]] = {
    Level.CITY: 10**11,
    Level.COUNTY: 10**9,
    Level.TOWNSHIP: 10**6,
    Level.COMMUNITY: 10**3,
    Level.GRID: 1,
}
_UP: Final[dict[Level, Level]] = {
    Level.GRID: Level.COMMUNITY,
    Level.COMMUNITY: Level.TOWNSHIP,
    Level.TOWNSHIP: Level.COUNTY,
    Level.COUNTY: Level.CITY,
}


class Point(NamedTuple):
    """A position in degrees; WGS-84 unless the function that made it says otherwise."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Area:
    """One area of the city.

    Attributes:
        code: 15 digits: 6 county, 3 township, 3 community, 3 grid, zeros on the right.
        lon: WGS-84 degrees of a point inside, for a marker; None when unknown.
        aliases: Other names. `?` in front of one marks an ordinary word that names the
            area only in context; `!` marks a text that looks like the area but is not.
    """

    code: int
    level: Level
    name: str
    short: str
    name_en: str
    lon: float | None = None
    lat: float | None = None
    aliases: tuple[str, ...] = ()

    @property
    def point(self) -> Point | None:
        """Where its marker stands, WGS-84."""
        if self.lon is None or self.lat is None:
            return None
        return Point(self.lon, self.lat)


def level_of(code: int) -> Level:
    """Read the level from the zeros at the end of a code.

    Raises:
        ValueError: `code` does not have 15 digits.

    Examples:
        >>> level_of(320682001000000)
        <Level.TOWNSHIP: 'township'>
    """
    if len(str(code)) != _DIGITS or code < 0:
        raise ValueError(f"an area code has {_DIGITS} digits, {code} does not")
    return next(level for level, width in _WIDTH.items() if code % width == 0)


def area_span(code: int, level: Level) -> tuple[int, int]:
    """Half-open range of the codes inside the area of that level around `code`.

    Examples:
        >>> area_span(320682001000000, Level.COUNTY)
        (320682000000000, 320683000000000)
    """
    width = _WIDTH[level]
    first = code - code % width
    return first, first + width


def parent_of(code: int) -> int | None:
    """The area one level up; None for the city."""
    level = level_of(code)
    return None if level is Level.CITY else area_span(code, _UP[level])[0]


def ancestor_at(code: int, level: Level) -> int | None:
    """The area of `level` that `code` lies in (or is); None when `code` is above it.

    Examples:
        >>> ancestor_at(320682001000000, Level.COUNTY)
        320682000000000
    """
    if _WIDTH[level_of(code)] > _WIDTH[level]:
        return None
    return area_span(code, level)[0]
