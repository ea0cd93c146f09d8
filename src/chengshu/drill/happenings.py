"""What happens in the synthetic city, day by day, with the structure that makes merging hard.

Planted on purpose: the same kind at neighbouring places at once, the same kind at the same
place weeks later (another happening), different kinds at one place in one evening, and a
rainy evening on which one kind happens all over the city within the hour.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from math import pi, sqrt
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from chengshu.drill.grids import km_between, moved
from chengshu.drill.kinds import Kind, Variant
from chengshu.drill.names import fits
from chengshu.drill.sites import Site, build_sites
from chengshu.places import City

ZONE: Final = ZoneInfo("Asia/Shanghai")
_PLAIN_SHARE: Final = 0.55  # of a day's happenings; the planted ones fill the rest
_NEIGHBOUR_SHARE: Final = 0.3
_SAME_EVENING_SHARE: Final = 0.1
_RECURRENCE_SHARE: Final = 0.3
_SHORT_LIVED: Final = timedelta(days=8)  # only such kinds recur, so that the gap is clear
_RUSH_EVERY_DAYS: Final = 20
_RUSH_MOST: Final = 40
_RUSH_KINDS: Final = ("road_flooding", "tree_fallen", "power_outage")
_DRIFT_KM: Final[Mapping[str, float]] = {"road": 0.3, "water": 0.3, "village": 0.2, "estate": 0.06}
# Monday to Sunday; places not named are even.
_WEEK: Final[Mapping[str, tuple[float, ...]]] = {
    "school": (1.3, 1.2, 1.2, 1.2, 1.3, 0.1, 0.1),
    "shop": (0.8, 0.8, 0.8, 0.9, 1.2, 1.5, 1.4),
    "park": (0.7, 0.7, 0.7, 0.8, 1.1, 1.6, 1.6),
    "market": (0.9, 0.9, 0.9, 0.9, 1.0, 1.3, 1.3),
    "site": (1.1, 1.1, 1.1, 1.1, 1.1, 0.9, 0.6),
    "hospital": (1.5, 1.2, 1.1, 1.0, 1.0, 0.7, 0.5),
    "building": (1.2, 1.1, 1.1, 1.1, 1.1, 0.7, 0.6),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens once; what many people then report.

    Attributes:
        number: Counts the happenings of one stream from 0, in the order they are made.
        n: The number that belongs to it, for the slot `{n}`.
        starts_at: Aware, local time of Nantong.
        ends_at: When it is over by itself.
        lon: WGS-84 degrees of the very spot.
        recurrence_of: Number of the earlier happening of this kind at this site, if any.
        planted: "" or the structure it belongs to: neighbour, recurrence, evening, rush.
    """

    number: int
    kind: Kind
    variant: Variant
    site: Site
    spot: str
    n: int
    starts_at: datetime
    ends_at: datetime
    lon: float
    lat: float
    recurrence_of: int | None = None
    planted: str = ""


def happenings(
    city: City,
    kinds: Sequence[Kind],
    seed: int,
    start: date,
    days: int,
    per_day: float,
    *,
    sites: Sequence[Site] | None = None,
) -> Iterator[Happening]:
    """Let the city live for some days.

    Args:
        per_day: Happenings a day on average, planted ones included, the rush not.
        sites: The city's places when they are already built; must be those of `seed`.

    Yields:
        Happenings in order of their start within each day.
    """
    maker = _Maker(sites or build_sites(city, seed), kinds, seed)
    coming: list[Happening] = []
    number = 0
    before: dict[tuple[str, int], int] = {}
    for day in range(days):
        today = start + timedelta(days=day)
        rng = Random(f"{seed}/day/{today.isoformat()}")
        due = [h for h in coming if h.starts_at.date() <= today]
        coming = [h for h in coming if h.starts_at.date() > today]
        made = due + maker.ordinary(today, per_day, rng)
        if day == _rush_day(seed, day, days):
            made += maker.rush(today, min(_RUSH_MOST, max(4, round(3 * per_day))), rng)
        for happening in sorted(made, key=lambda h: (h.starts_at, h.site.number, h.kind.slug)):
            key = (happening.kind.slug, happening.site.number)
            numbered = replace(happening, number=number, recurrence_of=before.get(key))
            before[key] = number
            number += 1
            yield numbered
            coming += maker.again(numbered, rng)


def _rush_day(seed: int, day: int, days: int) -> int:
    """On which day of its block of days a rush falls."""
    first = day - day % _RUSH_EVERY_DAYS
    last = min(first + _RUSH_EVERY_DAYS, days)
    return Random(f"{seed}/rush/{first}").randrange(first, last)


class _Maker:
    """Makes happenings and remembers which kind is going on where."""

    def __init__(self, sites: Sequence[Site], kinds: Sequence[Kind], seed: int) -> None:
        self._seed = seed
        self._sites: dict[str, list[Site]] = {}
        for kind in kinds:
            here = [s for s in sites if s.place == kind.place and fits(kind.slug, s.name)]
            if here:
                self._sites[kind.slug] = here
        self._crowd = {
            slug: [3.0 if site.township_name.endswith("街道") else 1.0 for site in here]
            for slug, here in self._sites.items()
        }
        self._kinds = [kind for kind in kinds if kind.slug in self._sites]
        self._busy: dict[tuple[str, int], datetime] = {}

    def ordinary(self, today: date, per_day: float, rng: Random) -> list[Happening]:
        """One day's happenings without those that come back from earlier weeks."""
        mean = per_day * _PLAIN_SHARE
        weights = [k.weight * _WEEK.get(k.place, (1.0,) * 7)[today.weekday()] for k in self._kinds]
        made: list[Happening] = []
        for _ in range(max(0, round(rng.gauss(mean, sqrt(mean))))):
            kind = rng.choices(self._kinds, weights)[0]
            site = rng.choices(self._sites[kind.slug], self._crowd[kind.slug])[0]
            first = self._make(kind, site, _moment(kind, today, rng), rng)
            if first is None:
                continue
            made.append(first)
            if rng.random() < _NEIGHBOUR_SHARE:
                made += self._neighbours(first, rng)
            if rng.random() < _SAME_EVENING_SHARE:
                made += self._same_evening(first, rng)
        return made

    def rush(self, today: date, count: int, rng: Random) -> list[Happening]:
        """One kind at `count` places within one evening hour."""
        fit = [k for k in self._kinds if k.slug in _RUSH_KINDS] or self._kinds
        kind = rng.choice(fit)
        begin = datetime.combine(today, time(19), ZONE) + timedelta(minutes=rng.randint(0, 90))
        here, made = self._sites[kind.slug], []
        for site in rng.sample(here, k=min(count, len(here))):
            starts_at = begin + timedelta(minutes=rng.uniform(0, 60))
            made.append(self._make(kind, site, starts_at, rng, planted="rush"))
        return [happening for happening in made if happening]

    def again(self, earlier: Happening, rng: Random) -> list[Happening]:
        """The same kind at the same site some weeks later, now and then."""
        if earlier.kind.lasting[1] > _SHORT_LIVED or rng.random() > _RECURRENCE_SHARE:
            return []
        later = earlier.ends_at + timedelta(days=rng.uniform(10, 30))
        starts_at = _moment(earlier.kind, later.date(), rng)
        back = self._make(earlier.kind, earlier.site, starts_at, rng, planted="recurrence")
        return [back] if back else []

    def _neighbours(self, first: Happening, rng: Random) -> list[Happening]:
        """The same kind at one to three neighbouring places, overlapping in time."""
        near = [
            site
            for site in self._sites[first.kind.slug]
            if site.township == first.site.township and site.number != first.site.number
        ]
        near.sort(key=lambda site: _likeness(site, first.site))
        made = []
        for site in near[: rng.choice((1, 1, 2, 2, 3))]:
            lag = min(first.kind.spread[1] / 2, timedelta(hours=8)) * rng.random()
            made.append(self._make(first.kind, site, first.starts_at + lag, rng, "neighbour"))
        return [happening for happening in made if happening]

    def _same_evening(self, first: Happening, rng: Random) -> list[Happening]:
        """Another kind at the same place within three hours."""
        others = [
            k
            for k in self._kinds
            if k.place == first.kind.place
            and k.slug != first.kind.slug
            and fits(k.slug, first.site.name)
        ]
        if not others:
            return []
        starts_at = first.starts_at + timedelta(minutes=rng.uniform(5, 180))
        made = self._make(rng.choice(others), first.site, starts_at, rng, planted="evening")
        return [made] if made else []

    def _make(
        self, kind: Kind, site: Site, starts_at: datetime, rng: Random, planted: str = ""
    ) -> Happening | None:
        """None when this kind is still going on at this site, or ended too recently."""
        lasting = kind.lasting[0] + (kind.lasting[1] - kind.lasting[0]) * rng.random() ** 2
        ends_at = starts_at + max(lasting, kind.spread[0])
        key = (kind.slug, site.number)
        if key in self._busy and starts_at < self._busy[key]:
            return None
        self._busy[key] = max(ends_at, starts_at + kind.spread[1]) + timedelta(days=7)
        far = _DRIFT_KM.get(site.place, 0.04) * rng.random()
        lon, lat = moved(*site.at, far, rng.uniform(0, 2 * pi))
        return Happening(
            number=-1,
            kind=kind,
            variant=self._variant(kind, site),
            site=site,
            spot=rng.choice(site.spots),
            n=rng.randint(2, 12),
            starts_at=starts_at,
            ends_at=ends_at,
            lon=lon,
            lat=lat,
            planted=planted,
        )

    def _variant(self, kind: Kind, site: Site) -> Variant:
        """A place does not change: one kind always lies the same way at one site."""
        return Random(f"{self._seed}/variant/{kind.slug}/{site.number}").choice(kind.variants)


def _moment(kind: Kind, today: date, rng: Random) -> datetime:
    """A moment of the day within the kind's hours, most often in their middle."""
    hour = rng.triangular(*kind.hours)
    return datetime.combine(today, time(0), ZONE) + timedelta(minutes=int(hour * 60))


def _likeness(site: Site, other: Site) -> float:
    """Small for places near each other and for places with near-identical names."""
    shared = len(set(site.name) & set(other.name))
    return km_between(site.at, other.at) - 0.25 * shared
