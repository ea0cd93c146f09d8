"""Places and grids: enough of them, inside their county, alike where that is hard."""

from collections import Counter
from collections.abc import Sequence

from chengshu.drill import Site, build_grids, build_sites
from chengshu.drill.kinds import PLACES
from chengshu.places import Boundaries, City, Level, level_of

SEED = 11  # that of the fixture `sites`


def test_same_seed_same_places(city: City, sites: Sequence[Site]) -> None:
    assert build_sites(city, SEED) == sites
    assert build_sites(city, SEED + 1) != sites


def test_several_thousand_places_of_every_type(sites: Sequence[Site]) -> None:
    assert len(sites) > 4000
    assert {site.place for site in sites} == set(PLACES)


def test_places_lie_inside_their_county(city: City, sites: Sequence[Site]) -> None:
    borders = Boundaries.read(city.boundaries)
    zones = {site.county for site in sites} - {borders.county_at(*site.at) for site in sites}
    outside = [s for s in sites if s.county not in zones and borders.county_at(*s.at) != s.county]
    assert not outside


def test_names_repeat_between_counties_and_not_within(sites: Sequence[Site]) -> None:
    within = Counter((site.county, site.place, site.name) for site in sites)
    assert max(within.values()) == 1
    between = Counter((site.place, site.name) for site in sites if site.place == "estate")
    assert sum(count > 1 for count in between.values()) > 20


def test_near_identical_names_in_one_township(sites: Sequence[Site]) -> None:
    estates = Counter((s.township, s.name[0], s.name[2:]) for s in sites if s.place == "estate")
    assert sum(count > 1 for count in estates.values()) > 50


def test_aliases_differ_within_a_township(sites: Sequence[Site]) -> None:
    called = Counter((site.township, alias) for site in sites for alias in site.aliases)
    assert max(called.values()) == 1
    assert all(1 <= len(site.aliases) <= 3 and site.name not in site.aliases for site in sites)


def test_grids_fit_the_area_codes(city: City, sites: Sequence[Site]) -> None:
    grids = build_grids(city, SEED)
    codes = [area.code for area in grids.areas]
    assert len(set(codes)) == len(codes)
    assert not set(codes) & {area.code for area in city.areas}
    for area in grids.areas:
        assert level_of(area.code) is area.level
    posts = {post.area.code: post for post in grids.posts}
    assert all(post.special == (code % 1000 >= 901) for code, post in posts.items())
    assert all("（演练）" in post.worker for post in grids.posts)
    assert any(post.special for post in grids.posts)
    for site in sites:
        assert site.grid // 10**6 * 10**6 == site.township
        assert posts[site.grid].worker == site.worker


def test_communities_stand_in_every_township(city: City) -> None:
    covered = {area.code // 10**6 for area in build_grids(city, SEED).communities}
    townships = {a.code // 10**6 for a in city.areas if a.level is Level.TOWNSHIP}
    assert townships <= covered
