"""All SQL of areas and of the register of named places."""

from __future__ import annotations

from collections.abc import Iterable

from chengshu.kit.db import Connection
from chengshu.places.model import Area, Level, Point
from chengshu.places.register import Site

_COLUMNS = "code, level, name, short, name_en, lon, lat, aliases"


def save_areas(
    conn: Connection, areas: Iterable[Area], special: frozenset[int] = frozenset()
) -> int:
    """Write areas, replacing those with the same code; returns how many.

    Args:
        special: Codes of the grids for one purpose or owner (专属网格).
    """
    rows = [
        (
            a.code,
            a.level,
            a.name,
            a.short,
            a.name_en,
            a.lon,
            a.lat,
            list(a.aliases),
            a.code in special,
        )
        for a in areas
    ]
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into area (code, level, name, short, name_en, lon, lat, aliases, special)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
               on conflict (code) do update set level = excluded.level, name = excluded.name, short = excluded.short,
                 name_en = excluded.name_en, lon = excluded.lon, lat = excluded.lat, aliases = excluded.aliases,
                 special = excluded.special""",
            rows,
        )
    return len(rows)


def areas(
    conn: Connection, span: tuple[int, int] | None = None, level: Level | None = None
) -> list[Area]:
    """Areas of a level whose codes lie in a half-open span, by code."""
    low, high = span or (0, 10**16)
    rows = conn.execute(
        f"""select {_COLUMNS} from area where code >= %s and code < %s and (%s::text is null or level = %s)
            order by code""",
        (low, high, level, level),
    )
    return [Area(r[0], Level(r[1]), r[2], r[3], r[4], r[5], r[6], tuple(r[7])) for r in rows]


def save_sites(conn: Connection, sites: Iterable[Site]) -> int:
    """Write registered places, replacing those of the same area, kind and name; returns how many."""
    rows = [(s.name, list(s.aliases), s.kind, s.area, *(s.point or (None, None))) for s in sites]
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into site (name, aliases, kind, area, lon, lat) values (%s, %s, %s, %s, %s, %s)
               on conflict (area, kind, name) do update
                 set aliases = excluded.aliases, lon = excluded.lon, lat = excluded.lat""",
            rows,
        )
    return len(rows)


def sites(conn: Connection) -> list[Site]:
    """The whole register, by area and name."""
    rows = conn.execute(
        "select name, aliases, kind, area, lon, lat from site order by area, name, kind"
    )
    return [Site(r[0], tuple(r[1]), r[2], r[3], _point(r[4], r[5])) for r in rows]


def _point(lon: float | None, lat: float | None) -> Point | None:
    return None if lon is None or lat is None else Point(lon, lat)
