"""Conversions agree with an independent implementation, and undo each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.places import (
    Point,
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

# Recorded from coord-convert 0.2.1: WGS-84, its GCJ-02, its BD-09 (by way of GCJ-02).
RECORDED = [
    ((120.8643, 32.0162), (120.86854715867715, 32.01404846367942),
     (120.87502095914162, 32.020071014567826)),
    ((121.6574, 31.8082), (121.66171082108302, 31.806140180403318),
     (121.66816202487593, 31.81235181635746)),
    ((116.3975, 39.9087), (116.40374357265176, 39.91010349934476),
     (116.4101165864734, 39.91644274963076)),
    ((87.6, 43.8), (87.60283897227161, 43.80121203029208),
     (87.60921015182171, 43.80747250765041)),
]  # fmt: skip

china_lon = st.floats(74, 134)
china_lat = st.floats(4, 53)


@pytest.mark.parametrize(("wgs", "gcj", "bd"), RECORDED)
def test_agrees_with_coord_convert(
    wgs: tuple[float, float], gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    assert wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-9)
    assert gcj02_to_wgs84(*gcj) == pytest.approx(wgs, abs=1e-9)
    assert wgs84_to_bd09(*wgs) == pytest.approx(bd, abs=1e-9)
    assert bd09_to_wgs84(*bd) == pytest.approx(wgs, abs=1e-8)


@given(china_lon, china_lat)
def test_gcj02_round_trip(lon: float, lat: float) -> None:
    assert gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat)) == pytest.approx((lon, lat), abs=1e-7)


@given(china_lon, china_lat)
def test_bd09_round_trip(lon: float, lat: float) -> None:
    assert bd09_to_gcj02(*gcj02_to_bd09(lon, lat)) == pytest.approx((lon, lat), abs=1e-7)
    assert bd09_to_wgs84(*wgs84_to_bd09(lon, lat)) == pytest.approx((lon, lat), abs=1e-7)


@pytest.mark.parametrize(("lon", "lat"), [(2.35, 48.86), (-74.0, 40.7), (151.2, -33.9)])
def test_outside_china_nothing_moves(lon: float, lat: float) -> None:
    here = Point(lon, lat)
    for convert in (wgs84_to_gcj02, gcj02_to_wgs84, gcj02_to_bd09, bd09_to_gcj02):
        assert convert(lon, lat) == here


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_every_point_on_earth_converts(lon: float, lat: float) -> None:
    assert gcj02_to_wgs84(lon, lat) == pytest.approx((lon, lat), abs=0.05)
