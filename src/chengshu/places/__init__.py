"""Places 地点: areas and their codes, names in texts, a register of named places, boundaries, datums, a city's files.

Nothing here knows an incident, a unit or a rule; other packages ask «where is this?».
"""

from chengshu.places.boundaries import Boundaries
from chengshu.places.city import Bounds, City, CityFileError, read_areas, read_city
from chengshu.places.datum import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)
from chengshu.places.gazetteer import Gazetteer, Place, Span
from chengshu.places.locator import Located, Locator, Naming
from chengshu.places.mentions import Mention, MentionKind, mentions_in
from chengshu.places.model import Area, Level, Point, ancestor_at, area_span, level_of, parent_of
from chengshu.places.register import Found, Register, Site, read_sites

__all__ = [
    "Area",
    "Boundaries",
    "Bounds",
    "City",
    "CityFileError",
    "Found",
    "Gazetteer",
    "Level",
    "Located",
    "Locator",
    "Mention",
    "MentionKind",
    "Naming",
    "Place",
    "Point",
    "Register",
    "Site",
    "Span",
    "ancestor_at",
    "area_span",
    "bd09_to_gcj02",
    "bd09_to_wgs84",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "level_of",
    "mentions_in",
    "parent_of",
    "read_areas",
    "read_city",
    "read_sites",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]
