"""Which county a point lies in."""

from pathlib import Path

import pytest
from shapely.geometry import box

from chengshu.places import Boundaries, City, CityFileError


@pytest.mark.parametrize(
    ("lon", "lat", "county"),
    [
        (120.8643, 32.0162, 320613),  # the Haohe
        (120.573, 32.372, 320682),  # 如皋
        (121.657, 31.808, 320681),  # 启东
        (120.457, 32.535, 320685),  # 海安
        (121.47, 31.23, None),  # Shanghai
        (0.0, 0.0, None),
    ],
)
def test_county_at(city: City, lon: float, lat: float, county: int | None) -> None:
    boundaries = Boundaries.read(city.boundaries)
    assert len(boundaries) == 7
    assert boundaries.county_at(lon, lat) == (county and county * 10**9)


def test_borders_and_slivers_always_have_one_answer() -> None:
    two = Boundaries({2: box(0, 0, 1, 1), 1: box(1, 0, 2, 1), 3: box(2.0005, 0, 3, 1)})
    assert two.county_at(1.0, 0.5) == 1  # on the shared border: the lower code
    assert two.county_at(2.0004, 0.5) == 3  # between two: the nearer
    assert two.county_at(3.01, 0.5) is None


def test_an_empty_file_knows_no_county() -> None:
    assert Boundaries({}).county_at(1.0, 1.0) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not a GeoJSON"),
        ("[]", "not a GeoJSON"),
        ('{"features": [{"geometry": null, "properties": {"code": 1}}]}', "feature 1"),
        ('{"features": [{"geometry": {"type": "Polygon", "coordinates": []}}]}', "feature 1"),
    ],
)
def test_refuses_what_it_cannot_read(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "b.geojson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CityFileError, match=reason):
        Boundaries.read(file)


def test_says_that_the_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CityFileError, match="the file is missing"):
        Boundaries.read(tmp_path / "none.geojson")
