"""The living city: the same for the same seed, and hard where it means to be."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from chengshu.drill import Happening, Kind, Site, happenings
from chengshu.places import City

SEED, START, DAYS, PER_DAY = 11, date(2026, 5, 1), 30, 17  # those of the fixture `lived`


def test_same_seed_same_happenings(
    city: City, kinds: Sequence[Kind], sites: Sequence[Site], lived: list[Happening]
) -> None:
    again = list(happenings(city, kinds, SEED, START, DAYS, PER_DAY, sites=sites))
    assert again == lived
    other = list(happenings(city, kinds, SEED + 1, START, DAYS, PER_DAY, sites=sites))
    assert other != lived


def test_numbers_count_up_and_days_are_in_order(lived: list[Happening]) -> None:
    assert [h.number for h in lived] == list(range(len(lived)))
    days = [h.starts_at.date() for h in lived]
    assert days[0] == START
    assert all(h.starts_at.tzinfo is not None and h.ends_at > h.starts_at for h in lived)


def test_every_kind_happens(city: City, kinds: Sequence[Kind], sites: Sequence[Site]) -> None:
    seen = {h.kind.slug for h in happenings(city, kinds, 3, START, 60, 40, sites=sites)}
    assert seen == {kind.slug for kind in kinds}


def test_all_structures_are_planted(lived: list[Happening]) -> None:
    planted = Counter(h.planted for h in lived)
    assert planted["neighbour"] > 50
    assert planted["evening"] > 5
    assert planted["recurrence"] > 5
    assert planted["rush"] >= 40


def test_rush_is_one_kind_within_an_hour(lived: list[Happening]) -> None:
    by_day: dict[object, list[Happening]] = {}
    for happening in lived:
        if happening.planted == "rush":
            by_day.setdefault(happening.starts_at.date(), []).append(happening)
    for day in by_day.values():
        starts = [happening.starts_at for happening in day]
        assert len({happening.kind.slug for happening in day}) == 1
        assert max(starts) - min(starts) <= timedelta(hours=1)
        assert len({happening.site.county for happening in day}) > 3


def test_one_kind_at_one_site_never_twice_at_once(lived: list[Happening]) -> None:
    last: dict[tuple[str, int], Happening] = {}
    for happening in sorted(lived, key=lambda h: h.starts_at):
        key = (happening.kind.slug, happening.site.number)
        before = last.get(key)
        if before is not None:
            assert happening.starts_at - before.ends_at >= timedelta(days=7)
            assert happening.recurrence_of == before.number
            assert happening.variant == before.variant
        else:
            assert happening.recurrence_of is None
        last[key] = happening


def test_neighbours_overlap_in_time(lived: list[Happening]) -> None:
    for happening in (h for h in lived if h.planted == "neighbour"):
        twins = [
            h
            for h in lived
            if h.kind.slug == happening.kind.slug
            and h.site.township == happening.site.township
            and h.site.number != happening.site.number
            and abs(h.starts_at - happening.starts_at) <= timedelta(hours=8)
        ]
        assert twins


def test_variants_are_evenly_mixed(lived: list[Happening]) -> None:
    units = Counter((h.kind.slug, h.variant.name) for h in lived)
    kinds = Counter(h.kind.slug for h in lived)
    common = [slug for slug, count in kinds.items() if count >= 20]
    for slug in common:
        most = max(count for (kind, _), count in units.items() if kind == slug)
        assert most / kinds[slug] < 0.85
