"""Read a city's own files, and say in plain words what is wrong with them."""

import csv
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chengshu.places.model import Area, Level, Point, level_of, parent_of

_COLUMNS: Final = ("code", "level", "name", "short", "name_en", "lon", "lat", "aliases")


class CityFileError(ValueError):
    """A city file that cannot be used as it is.

    Attributes:
        row: Line of a CSV file counted from 1 (the header is line 1); None when the
            fault lies in the whole file.
    """

    def __init__(self, file: str, row: int | None, reason: str) -> None:
        where = file if row is None else f"{file}, line {row}"
        super().__init__(f"{where}: {reason}")
        self.file, self.row, self.reason = file, row, reason


@dataclass(frozen=True, slots=True)
class Bounds:
    """West, south, east, north in WGS-84 degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, point: Point) -> bool:
        """True when the point lies in the box or on its edge."""
        return self.west <= point.lon <= self.east and self.south <= point.lat <= self.north


@dataclass(frozen=True, slots=True)
class City:
    """What the files of one city say about the city itself and its areas."""

    code: int
    name: str
    name_en: str
    centre_name: str  # 指挥中心
    centre_name_en: str
    bbox: Bounds
    centre: Point
    zoom: float
    time_zone: ZoneInfo
    languages: tuple[str, ...]
    map_notice: str
    map_notice_en: str
    approval_number: str  # 审图号 of a map shown to the public; empty until given
    areas: tuple[Area, ...]
    boundaries: Path

    def area(self, code: int) -> Area:
        """The area with this code.

        Raises:
            KeyError: The city has no such area.
        """
        for area in self.areas:
            if area.code == code:
                return area
        raise KeyError(code)


def read_city(folder: Path) -> City:
    """Read `city.toml` and `areas.csv` from a city's folder.

    Raises:
        CityFileError: A file is missing or something in it cannot be right.
    """
    facts = _Facts(folder / "city.toml")
    code = facts.integer("code")
    box = Bounds(*facts.numbers("bbox", 4))
    if not (-180 <= box.west < box.east <= 180 and -90 <= box.south < box.north <= 90):
        raise facts.wrong("bbox must be west, south, east, north in degrees")
    centre = Point(*facts.numbers("centre", 2))
    if not box.holds(centre):
        raise facts.wrong("centre lies outside bbox")
    boundaries = folder / facts.text("boundaries")
    if not boundaries.is_file():
        raise facts.wrong(f"boundaries names {boundaries.name}, which is not in the folder")
    notice = facts.table("map")
    return City(
        code=code,
        name=facts.text("name"),
        name_en=facts.text("name_en"),
        centre_name=facts.text("centre_name"),
        centre_name_en=facts.text("centre_name_en"),
        bbox=box,
        centre=centre,
        zoom=facts.numbers("zoom", 1)[0],
        time_zone=facts.zone("time_zone"),
        languages=facts.texts("languages"),
        map_notice=notice.text("notice"),
        map_notice_en=notice.text("notice_en"),
        approval_number=notice.text("approval_number", may_be_empty=True),
        areas=read_areas(folder / "areas.csv", code, box),
        boundaries=boundaries,
    )


def read_areas(path: Path, city_code: int, box: Bounds) -> tuple[Area, ...]:
    """Read the areas of one city in the order of the file.

    Raises:
        CityFileError: A row is incomplete, repeated, of the wrong level, without its
            parent, or outside `box`.
    """
    lines: dict[int, int] = {}
    areas: list[Area] = []
    names: set[tuple[int | None, str]] = set()
    for line, row in csv_rows(path, _COLUMNS):
        area = _area(path.name, line, row, box)
        if area.code in lines:
            raise CityFileError(
                path.name, line, f"code {area.code} already stands on line {lines[area.code]}"
            )
        beside = (parent_of(area.code), area.name)
        if beside in names:
            raise CityFileError(path.name, line, f"{area.name} stands twice under one parent")
        names.add(beside)
        lines[area.code] = line
        areas.append(area)
    if city_code not in lines:
        raise CityFileError(path.name, None, f"the city itself ({city_code}) has no row")
    for area in areas:
        parent = parent_of(area.code)
        if area.code != city_code and parent not in lines:
            raise CityFileError(
                path.name, lines[area.code], f"{area.name} lies in {parent}, which has no row"
            )
    return tuple(areas)


def csv_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file that has these columns, each with the number of its line.

    Raises:
        CityFileError: The file is missing, not UTF-8, or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CityFileError(path.name, None, "the file is missing") from None
    except UnicodeDecodeError:
        raise CityFileError(path.name, None, "the file is not UTF-8") from None
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise CityFileError(path.name, 1, f"column {missing[0]} is missing")
    for row in reader:
        yield reader.line_num, {column: (row[column] or "").strip() for column in columns}


def _area(file: str, line: int, row: Mapping[str, str], box: Bounds) -> Area:
    try:
        code = int(row["code"])
        level = level_of(code)
    except ValueError:
        raise CityFileError(file, line, f"code {row['code']!r} is not 15 digits") from None
    if row["level"] not in list(Level):
        known = ", ".join(Level)
        raise CityFileError(file, line, f"level {row['level']!r} is none of {known}")
    if level != row["level"]:
        raise CityFileError(
            file, line, f"level {row['level']} does not fit code {code}, which is a {level}"
        )
    for column in ("name", "short", "name_en"):
        if not row[column]:
            raise CityFileError(file, line, f"{column} is empty")
    point = point_in(file, line, row, box)
    return Area(
        code=code,
        level=level,
        name=row["name"],
        short=row["short"],
        name_en=row["name_en"],
        lon=point.lon if point else None,
        lat=point.lat if point else None,
        aliases=tuple(alias for alias in row["aliases"].split(";") if alias.strip("?!")),
    )


def point_in(file: str, line: int, row: Mapping[str, str], box: Bounds) -> Point | None:
    """The position in the columns lon and lat of a row; None where both are empty.

    Raises:
        CityFileError: They are no numbers, or lie outside the box.
    """
    if not row["lon"] and not row["lat"]:
        return None
    try:
        point = Point(float(row["lon"]), float(row["lat"]))
    except ValueError:
        raise CityFileError(file, line, "lon and lat must both be numbers, or both empty") from None
    if not box.holds(point):
        raise CityFileError(file, line, f"{point.lon}, {point.lat} lies outside the city's bbox")
    return point


class _Facts:
    """One table of a TOML file; every question either is answered or names the key."""

    def __init__(self, path: Path, table: Mapping[str, object] | None = None) -> None:
        self._path = path
        self._table = self._load() if table is None else table

    def _load(self) -> Mapping[str, object]:
        try:
            return tomllib.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise self.wrong("the file is missing") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise self.wrong(f"not readable as TOML: {fault}") from None

    def wrong(self, reason: str) -> CityFileError:
        return CityFileError(self._path.name, None, reason)

    def table(self, key: str) -> "_Facts":
        value = self._table.get(key)
        if not isinstance(value, dict):
            raise self.wrong(f"table [{key}] is missing")
        return _Facts(self._path, value)

    def text(self, key: str, *, may_be_empty: bool = False) -> str:
        value = self._table.get(key)
        if not isinstance(value, str) or not (value or may_be_empty):
            raise self.wrong(f"{key} must be a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key)
        if not isinstance(value, list) or not value:
            raise self.wrong(f"{key} must be a list of texts")
        return tuple(str(item) for item in value)

    def integer(self, key: str) -> int:
        value = self._table.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(f"{key} must be a whole number")
        try:
            level_of(value)
        except ValueError as fault:
            raise self.wrong(str(fault)) from None
        return value

    def numbers(self, key: str, count: int) -> list[float]:
        value = self._table.get(key)
        found = value if isinstance(value, list) else [value]
        numbers = [float(n) for n in found if isinstance(n, int | float) and isfinite(n)]
        if len(numbers) != count or len(found) != count:
            raise self.wrong(f"{key} must hold {count} number{'s' if count > 1 else ''}")
        return numbers

    def zone(self, key: str) -> ZoneInfo:
        try:
            return ZoneInfo(self.text(key))
        except (ZoneInfoNotFoundError, ValueError):
            raise self.wrong(f"{key} is not a known time zone") from None
