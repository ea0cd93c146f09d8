"""Whether two pictures look alike: a difference hash of 64 bits.

Each bit says whether a spot of the picture, shrunk to 9 by 8 greys, is brighter than the one to its
right. Compressing anew, resizing and brightening hardly change it; the digest of the bytes would change.

Source: N. Krawetz (2013), Kind of Like That, The Hacker Factor Blog (the method called dHash).
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageStat

_WIDE, _HIGH = 9, 8
_LEAST_SIDE_PX = 32
_LEAST_SPREAD = 4.0  # grey levels: a white wall, a black frame look like any other


def look_of(content: bytes) -> int | None:
    """The difference hash of a picture, 0 to 2**64 - 1.

    Returns:
        None for what is no picture, and for one too small or too plain to be told from others.
    """
    try:
        with Image.open(BytesIO(content)) as opened:
            if min(opened.size) < _LEAST_SIDE_PX:
                return None
            grey = opened.convert("L").resize((_WIDE, _HIGH), Image.Resampling.BOX)
    except (OSError, ValueError, Image.DecompressionBombError):
        return None
    if ImageStat.Stat(grey).stddev[0] < _LEAST_SPREAD:
        return None
    rows = grey.tobytes()
    bits = 0
    for y in range(_HIGH):
        for x in range(_WIDE - 1):
            at = y * _WIDE + x
            bits = bits << 1 | (rows[at] > rows[at + 1])
    return bits


def to_column(look: int | None) -> int | None:
    """As a signed number, which a column of the database can hold."""
    return None if look is None else look - (1 << 64) if look >= 1 << 63 else look


def from_column(kept: int | None) -> int | None:
    """Back from the column."""
    return None if kept is None else kept & ((1 << 64) - 1)
