"""The stream of the living city: a past that is over, and a future that comes in order."""

from datetime import datetime, timedelta

from chengshu.drill import Kind, Site
from chengshu.drill.happenings import ZONE
from chengshu.drill.living import dangers_early
from chengshu.drill.stream import Stream, Waiting
from chengshu.places import City

BEGAN = datetime(2026, 7, 14, 15, 30, tzinfo=ZONE)


def stream(city: City, kinds: tuple[Kind, ...], sites: tuple[Site, ...], seed: int = 5) -> Stream:
    return Stream(city, kinds, sites, seed, BEGAN, 600)


def happening(waiting: Waiting) -> str:
    return waiting.number.rpartition("-")[0]


def test_the_past_is_over_and_near(
    city: City, kinds: tuple[Kind, ...], sites: tuple[Site, ...]
) -> None:
    past = stream(city, kinds, sites).earlier(150)
    assert len({happening(w) for w in past}) == 150
    assert all(w.told.said_at <= BEGAN for w in past)
    assert all(BEGAN - w.told.said_at < timedelta(hours=36) for w in past)
    assert past == sorted(past)
    assert any(w.danger for w in past)


def test_the_future_comes_in_order_and_only_once(
    city: City, kinds: tuple[Kind, ...], sites: tuple[Site, ...]
) -> None:
    living = stream(city, kinds, sites)
    past = {w.number for w in living.earlier(150)}
    came: list[Waiting] = []
    for minutes in range(10, 36 * 60, 10):
        now = BEGAN + timedelta(minutes=minutes)
        arrived = living.due(now)
        assert all(w.at <= now for w in arrived)
        assert all(w.told.said_at <= w.at for w in arrived)
        came += arrived
    assert [w.at for w in came] == sorted(w.at for w in came)
    numbers = [w.number for w in came]
    assert len(set(numbers)) == len(numbers)
    assert not past & set(numbers)
    per_day = len({happening(w) for w in came}) / 1.5
    assert 350 < per_day < 850


def test_the_same_seed_tells_the_same(
    city: City, kinds: tuple[Kind, ...], sites: tuple[Site, ...]
) -> None:
    one, two = stream(city, kinds, sites), stream(city, kinds, sites)
    later = BEGAN + timedelta(hours=3)
    assert one.earlier(40) == two.earlier(40)
    assert [w.told for w in one.due(later)] == [w.told for w in two.due(later)]


def test_dangers_come_early_and_nothing_is_lost(
    city: City, kinds: tuple[Kind, ...], sites: tuple[Site, ...]
) -> None:
    past = stream(city, kinds, sites).earlier(150)
    ordered = dangers_early(past)
    assert sorted(ordered) == past
    last = max(place for place, w in enumerate(ordered) if w.danger)
    assert last < len(ordered) / 4
