"""Conversion between the datums found on Chinese maps; the only place that does it.

All functions take and return degrees, longitude first. WGS-84 (and CGCS2000, the same
within decimetres) is what Chengshu keeps; GCJ-02 is what AMap and Tencent publish; BD-09
is Baidu's shift on top of it. Outside the rectangle in which GCJ-02 is applied the three
are taken to be equal.

Source: the formulas have been public since 2010 (emq, eviltransform, coordtransform);
the figures in the tests come from the independent package `coord-convert`.
"""

from collections.abc import Callable
from math import atan2, cos, hypot, pi, sin, sqrt
from typing import Final

from chengshu.places.model import Point

_AXIS_M: Final = 6378245.0  # Krasovsky 1940 semi-major axis, metres
_ECC2: Final = 0.00669342162296594323  # its first eccentricity, squared
_BD_TURN: Final = pi * 3000.0 / 180.0
_TOLERANCE_DEG: Final = 1e-9  # about 0.1 mm
_MAX_ROUNDS: Final = 30


def _outside_china(lon: float, lat: float) -> bool:
    return not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271)


def _waves(u: float, first: float, second: float, third: float) -> float:
    """The sine terms both shifts share, in metres before scaling by 2/3."""
    return first * sin(u * pi) + second * sin(u / 3.0 * pi) + third * sin(u / 12.0 * pi)


def _shift_m(x: float, y: float) -> tuple[float, float]:
    """East and north shift of GCJ-02 in metres; `x`, `y` are degrees from 105E 35N."""
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    root = sqrt(abs(x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += ripple + _waves(x, 20.0, 40.0, 150.0) * 2.0 / 3.0
    east += 300.0 * sin(x / 30.0 * pi) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += ripple + _waves(y, 20.0, 40.0, 160.0) * 2.0 / 3.0
    north += 320.0 * sin(y * pi / 30.0) * 2.0 / 3.0
    return east, north


def wgs84_to_gcj02(lon: float, lat: float) -> Point:
    """Shift WGS-84 degrees to GCJ-02 degrees."""
    if _outside_china(lon, lat):
        return Point(lon, lat)
    east_m, north_m = _shift_m(lon - 105.0, lat - 35.0)
    phi = lat / 180.0 * pi
    curve = 1 - _ECC2 * sin(phi) ** 2
    metres_per_lon = _AXIS_M / sqrt(curve) * cos(phi) * pi / 180.0
    metres_per_lat = _AXIS_M * (1 - _ECC2) / (curve * sqrt(curve)) * pi / 180.0
    return Point(lon + east_m / metres_per_lon, lat + north_m / metres_per_lat)


def gcj02_to_wgs84(lon: float, lat: float) -> Point:
    """Undo GCJ-02 by iteration, to better than 1e-7 degrees (a centimetre)."""
    if _outside_china(lon, lat):
        return Point(lon, lat)
    return _undo(wgs84_to_gcj02, lon, lat)


def gcj02_to_bd09(lon: float, lat: float) -> Point:
    """Shift GCJ-02 degrees to Baidu's BD-09 degrees."""
    if _outside_china(lon, lat):
        return Point(lon, lat)
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _BD_TURN)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BD_TURN)
    return Point(radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006)


def bd09_to_gcj02(lon: float, lat: float) -> Point:
    """Undo BD-09 by iteration, to better than 1e-7 degrees."""
    if _outside_china(lon, lat):
        return Point(lon, lat)
    return _undo(gcj02_to_bd09, lon, lat)


def wgs84_to_bd09(lon: float, lat: float) -> Point:
    """Shift WGS-84 degrees to BD-09 degrees."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: float, lat: float) -> Point:
    """Undo BD-09 and GCJ-02."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _undo(forward: Callable[[float, float], Point], lon: float, lat: float) -> Point:
    """Find the point that `forward` moves to (lon, lat).

    The shift varies by about 1e-4 per degree, so each round gains three or four digits;
    the cap only matters at the rectangle's edge, where the shift jumps.
    """
    guess = Point(lon, lat)
    for _ in range(_MAX_ROUNDS):
        moved = forward(*guess)
        east, north = lon - moved.lon, lat - moved.lat
        guess = Point(guess.lon + east, guess.lat + north)
        if abs(east) < _TOLERANCE_DEG and abs(north) < _TOLERANCE_DEG:
            break
    return guess
