"""The register of named places 地名地址库: estates, roads, schools with all that they were ever called.

What the gazetteer is for areas, this is for what lies in them. A name that several places bear
means each of them until something else in the text, usually a township or county, leaves one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path
from typing import Final

import shapely

from chengshu.places.city import City, CityFileError, csv_rows, point_in
from chengshu.places.gazetteer import pattern_of
from chengshu.places.mentions import goes_on
from chengshu.places.model import Level, Point, area_span, level_of

_COLUMNS: Final = ("name", "aliases", "kind", "area", "lon", "lat")
_M_A_DEGREE: Final = 111_200.0  # of latitude
_SHORTEST: Final = 3  # a name of two characters is an ordinary word somewhere


@dataclass(frozen=True, slots=True)
class Site:
    """One registered place.

    Attributes:
        aliases: Former and short names.
        kind: A word for its sort, such as estate or road; the register's own.
        area: Code of its township, or of its county where that has no townships.
        point: WGS-84; None when unknown.
    """

    name: str
    aliases: tuple[str, ...]
    kind: str
    area: int
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A registered name at text[start:end], and the places that it may mean, at least one."""

    start: int
    end: int
    text: str
    sites: tuple[Site, ...]

    def within(self, code: int) -> tuple[Site, ...]:
        """Those of its places that lie in this area."""
        first, end = area_span(code, level_of(code))
        return tuple(site for site in self.sites if first <= site.area < end)


class Register:
    """All registered names, ready to be looked for."""

    def __init__(self, sites: Iterable[Site] = ()) -> None:
        bearers: dict[str, list[Site]] = {}
        sites = tuple(sites)
        for site in sites:
            for name in dict.fromkeys((site.name, *site.aliases)):
                if len(name) >= _SHORTEST:
                    bearers.setdefault(name, []).append(site)
        self._bearers = {name: tuple(found) for name, found in bearers.items()}
        self._pattern = pattern_of(bearers)
        self._pointed = [s for s in dict.fromkeys(sites) if s.point is not None]
        self._tree = shapely.STRtree(
            [shapely.Point(_flat(s.point)) for s in self._pointed if s.point]
        )

    def __len__(self) -> int:
        """How many names it holds."""
        return len(self._bearers)

    def around(self, point: Point, within_m: float) -> list[Site]:
        """Registered places with a position near a point, the nearest first."""
        here = shapely.Point(_flat(point))
        found = self._tree.query(here, predicate="dwithin", distance=within_m / _M_A_DEGREE)
        near = [(shapely.distance(self._tree.geometries[n], here), int(n)) for n in found.tolist()]
        return [self._pointed[n] for _, n in sorted(near)]

    def find(self, text: str) -> list[Found]:
        """All registered names in the text, the longest at each position, without overlaps.

        Examples:
            >>> register = Register([Site("虹桥新村", ("轮船公司宿舍",), "estate", 320602001000000)])
            >>> [found.sites[0].name for found in register.find("轮船公司宿舍七幢")]
            ['虹桥新村']
            >>> register.find("虹桥新村小学")
            []
        """
        return [
            Found(*match.span(), match[0], self._bearers[match[0]])
            for match in self._pattern.finditer(text)
            if not goes_on(text, match.end())
        ]


def _flat(point: Point) -> tuple[float, float]:
    """A position on a plane whose unit is a degree of latitude; good for a city."""
    return point.lon * cos(radians(point.lat)), point.lat


def read_sites(path: Path, city: City) -> list[Site]:
    """Read a register from a CSV with the columns name, aliases, kind, area, lon, lat.

    Aliases are divided by `;`; lon and lat, WGS-84, may both be empty.

    Raises:
        CityFileError: A row is incomplete, repeated, or lies in no area of the city.
    """
    known = {area.code for area in city.areas}
    lines: dict[tuple[int, str, str], int] = {}
    sites = []
    for line, row in csv_rows(path, _COLUMNS):
        for column in ("name", "kind"):
            if not row[column]:
                raise CityFileError(path.name, line, f"{column} is empty")
        area = _area_of(path.name, line, row["area"], known)
        key = (area, row["kind"], row["name"])
        if key in lines:
            raise CityFileError(
                path.name, line, f"{row['name']} already stands on line {lines[key]}"
            )
        lines[key] = line
        aliases = dict.fromkeys(alias.strip() for alias in row["aliases"].split(";"))
        kept = tuple(alias for alias in aliases if alias and alias != row["name"])
        point = point_in(path.name, line, row, city.bbox)
        sites.append(Site(row["name"], kept, row["kind"], area, point))
    return sites


def _area_of(file: str, line: int, text: str, known: Collection[int]) -> int:
    try:
        code = int(text)
        level = level_of(code)
    except ValueError:
        raise CityFileError(file, line, f"area {text!r} is not 15 digits") from None
    if level not in (Level.COUNTY, Level.TOWNSHIP):
        raise CityFileError(file, line, f"area {code} is a {level}, not a county or township")
    if code not in known:
        raise CityFileError(file, line, f"area {code} is none of this city's")
    return code
