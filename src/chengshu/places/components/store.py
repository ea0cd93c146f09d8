"""All SQL of components."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import asin, cos, radians, sin, sqrt

from chengshu.kit.db import Connection
from chengshu.places.components.model import Component, Near

_COLUMNS = "id, class, name, grid, owner, unit, lon, lat, area, valid"
_EARTH_M = 6_371_000.0
_DEGREE_M = 111_195.0  # metres of one degree of latitude


def save(conn: Connection, components: Iterable[Component]) -> int:
    """Write components, replacing those with the same number; returns how many."""
    rows = [(c.id, c.code, c.name, c.grid, c.owner, c.unit, c.lon, c.lat, c.area, c.valid) for c in components]  # fmt: skip
    with conn.cursor() as cursor:
        cursor.executemany(
            f"""insert into component ({_COLUMNS}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                on conflict (id) do update set class = excluded.class, name = excluded.name, grid = excluded.grid,
                  owner = excluded.owner, unit = excluded.unit, lon = excluded.lon, lat = excluded.lat,
                  area = excluded.area, valid = excluded.valid""",
            rows,
        )
    return len(rows)


def nearest(
    conn: Connection, lon: float, lat: float, classes: Sequence[str], within: float
) -> Near | None:
    """The nearest component of some classes.

    Args:
        lon, lat: WGS-84 degrees.
        classes: Codes of classes; the index is read once for each.
        within: Metres; further ones are not looked at.
    """
    up = within / _DEGREE_M
    aside = up / max(cos(radians(lat)), 0.01)
    rows = conn.execute(
        f"""select {_COLUMNS} from component
            where valid and class = any(%s) and lat between %s and %s and lon between %s and %s
            order by (lat - %s) ^ 2 + ((lon - %s) * %s) ^ 2, id limit 8""",
        (list(classes), lat - up, lat + up, lon - aside, lon + aside, lat, lon, cos(radians(lat))),
    )
    found = [
        Near(one := Component(*row), metres_between(lon, lat, one.lon, one.lat)) for row in rows
    ]
    return min((n for n in found if n.metres <= within), key=lambda n: (n.metres, n.component.id), default=None)  # fmt: skip


def count(conn: Connection) -> int:
    """How many there are."""
    row = conn.execute("select count(*) from component where valid").fetchone()
    return int(row[0]) if row else 0


def metres_between(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Distance on the sphere, in metres; haversine.

    Examples:
        >>> round(metres_between(120.86, 32.01, 120.86, 32.02))
        1112
    """
    half = sin(radians(other_lat - lat) / 2) ** 2
    half += cos(radians(lat)) * cos(radians(other_lat)) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * _EARTH_M * asin(min(1.0, sqrt(half)))
