"""What merging compares, of a report or of an incident, and how far apart two of them are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, hypot, radians

from chengshu.incidents.grams import Bag
from chengshu.incidents.topics import Shares
from chengshu.incidents.wording import Wording

_M_PER_DEGREE = 111_195.0
NEAR_M = 600.0  # within which a position speaks for one place


@dataclass(frozen=True, slots=True)
class Traits:
    """What merging compares, of a report or of all reports of an incident.

    Attributes:
        bag: What is said, as weighted pairs of characters.
        wording: Of a report, the same in order, ready to be compared with many incidents.
        places: Named places below the township, such as 春江花园 or 文峰路, with their rarity.
        others: Other names of those that are registered. They count where the other side uses
            one and it is not certain which place it means.
        spots: Exact spots such as 3号楼; they can only speak against.
        area: Deepest known area code, and `area_width` the number of codes it spans.
        spread_m: How far apart positions of one happening usually lie.
        danger: Life is in danger.
        maybe: Further matters that it may be about.
        reports: How many reports speak.
    """

    bag: Bag
    places: Mapping[str, float]
    area: int
    area_width: int
    matter: str
    domain: str
    first_at: datetime
    last_at: datetime
    wording: Wording | None = None
    lon: float | None = None
    lat: float | None = None
    spread_m: float = 0.0
    callers: frozenset[str] = field(default_factory=frozenset)
    spots: frozenset[str] = field(default_factory=frozenset)
    danger: bool = False
    maybe: frozenset[str] = field(default_factory=frozenset)
    reports: int = 1
    others: frozenset[str] = field(default_factory=frozenset)
    topics: Shares | None = None

    def called(self, by: Traits) -> frozenset[str]:
        """Its places, also by those of their other names that somebody else uses."""
        return frozenset(self.places) | (self.others & by.places.keys())


def distance_m(a: Traits, b: Traits) -> float | None:
    """Metres between two positions, None when one is missing (equirectangular, fine below 100 km)."""
    if a.lon is None or a.lat is None or b.lon is None or b.lat is None:
        return None
    x = (a.lon - b.lon) * cos(radians((a.lat + b.lat) / 2))
    return hypot(x, a.lat - b.lat) * _M_PER_DEGREE


def hours_between(report: Traits, incident: Traits) -> float:
    """From the last of one to the first of the other, 0 where they overlap."""
    gap = max(report.first_at - incident.last_at, incident.first_at - report.last_at, timedelta())
    return gap.total_seconds() / 3600
