"""Which county a point lies in, from the city's own polygons."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from chengshu.places.city import CityFileError

# Simplified neighbours leave slivers between them: a point this near to one county and
# inside none is taken to belong to it. 0.001 degrees is about 100 m.
_SLIVER_DEG: Final = 0.001


class Boundaries:
    """County polygons in WGS-84, indexed."""

    def __init__(self, polygons: Mapping[int, BaseGeometry]) -> None:
        self._codes = list(polygons)
        self._polygons = list(polygons.values())
        for polygon in self._polygons:
            shapely.prepare(polygon)
        self._tree = shapely.STRtree(self._polygons)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the polygons of a GeoJSON file; features that are points are skipped.

        Raises:
            CityFileError: The file is missing, not GeoJSON, or a polygon has no code.
        """
        try:
            features = json.loads(path.read_text(encoding="utf-8"))["features"]
        except FileNotFoundError:
            raise CityFileError(path.name, None, "the file is missing") from None
        except (ValueError, KeyError, TypeError):
            raise CityFileError(path.name, None, "not a GeoJSON FeatureCollection") from None
        polygons: dict[int, BaseGeometry] = {}
        for number, feature in enumerate(features, start=1):
            try:
                outline, code = shape(feature["geometry"]), feature["properties"]["code"]
            except (shapely.errors.ShapelyError, ValueError, KeyError, TypeError, AttributeError):
                reason = f"feature {number} has no readable geometry or no code"
                raise CityFileError(path.name, None, reason) from None
            if outline.geom_type in ("Polygon", "MultiPolygon"):
                polygons[int(code)] = outline
        return cls(polygons)

    def __len__(self) -> int:
        return len(self._codes)

    def __contains__(self, code: int) -> bool:
        """Whether the area has a polygon; a zone that lies across districts often has none."""
        return code in self._codes

    def county_at(self, lon: float, lat: float) -> int | None:
        """Code of the county at a WGS-84 point; None outside all of them."""
        point = shapely.Point(lon, lat)
        found = self._tree.query(point, predicate="intersects").tolist()
        if not found:
            found = self._tree.query_nearest(point, max_distance=_SLIVER_DEG).tolist()
        # A point on a shared border goes to the lower code, always the same one.
        return min((self._codes[index] for index in found), default=None)
