"""The register of named places: names found, told apart, read from a file, kept in the database."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from chengshu.places import (
    City,
    CityFileError,
    Locator,
    Point,
    Register,
    Site,
    mentions_in,
    read_sites,
)
from chengshu.places.store import save_sites, sites
from tests.conftest import Home

CHONGCHUAN, TONGZHOU = 320613000000000, 320612000000000
HONGQIAO, JINSHA, JINXIN = 320613005000000, 320612001000000, 320612004000000
HERE = Point(120.86, 32.0)
NEW_VILLAGE = Site("虹桥新村", ("轮船公司宿舍", "老供销社宿舍"), "estate", HONGQIAO, HERE)
GARDEN = Site("春江花园", ("老供销社宿舍",), "estate", JINSHA, Point(121.08, 32.07))
TWIN = Site("春江花园", (), "estate", JINXIN, Point(121.06, 32.08))
SCHOOL = Site("虹桥新村小学", ("虹小",), "school", HONGQIAO)
ALL = (NEW_VILLAGE, GARDEN, TWIN, SCHOOL)


@pytest.fixture(scope="session")
def locator(city: City) -> Locator:
    return Locator(city, Register(ALL))


def test_the_areas_above_are_the_citys(city: City) -> None:
    names = [city.area(code).name for code in (HONGQIAO, JINSHA, JINXIN)]
    assert names == ["虹桥街道", "金沙街道", "金新街道"]


@pytest.mark.parametrize(("text", "found"), [
    ("我住轮船公司宿舍七幢", [("轮船公司宿舍", [NEW_VILLAGE])]),       # a former name
    ("虹桥新村小学门口", [("虹桥新村小学", [SCHOOL])]),                # the longest
    ("虹桥新村中学门口", []),                                         # only gave its name
    ("虹桥新村小区里", [("虹桥新村", [NEW_VILLAGE])]),                 # is itself
    ("老供销社宿舍", [("老供销社宿舍", [NEW_VILLAGE, GARDEN])]),       # borne by two
    ("虹小放学", []),                                                 # two characters are a word
    ("虹桥新村、春江花园", [("虹桥新村", [NEW_VILLAGE]), ("春江花园", [GARDEN, TWIN])]),
    ("", []),
])  # fmt: skip
def test_find(text: str, found: list[tuple[str, list[Site]]]) -> None:
    hits = Register(ALL).find(text)
    assert [(h.text, list(h.sites)) for h in hits] == found
    assert all(text[h.start : h.end] == h.text for h in hits)


def test_an_empty_register_finds_nothing() -> None:
    assert Register().find("虹桥新村轮船公司宿舍") == []


@pytest.mark.parametrize(("place", "text", "code", "near"), [
    ("", "轮船公司宿舍七幢楼道堆物", HONGQIAO, HERE),                  # nothing but the former name
    ("轮船公司宿舍", "楼道堆物", HONGQIAO, HERE),                      # in the field
    ("", "崇川区轮船公司宿舍楼道堆物", HONGQIAO, HERE),                # refines the county
    ("", "通州区轮船公司宿舍楼道堆物", TONGZHOU, None),                # the text says another county
    ("", "老供销社宿舍楼道堆物", 320600000000000, None),               # which one?
    ("", "通州区老供销社宿舍楼道堆物", JINSHA, GARDEN.point),          # that one
    ("", "通州区春江花园路灯不亮", TONGZHOU, None),                    # two of one name in one county
    ("金新街道", "春江花园路灯不亮", JINXIN, TWIN.point),
    ("", "从虹桥新村到虹桥新村小学的路灯不亮", HONGQIAO, HERE),        # two of one township
])  # fmt: skip
def test_locate(locator: Locator, place: str, text: str, code: int, near: Point | None) -> None:
    located = locator.locate(place=place, text=text)
    assert (located.code, located.near) == (code, near)
    if near:
        assert located.confidence >= 0.9


def test_places_of_two_townships_say_nothing_about_the_area(city: City) -> None:
    far = Site("金色家园", (), "estate", JINSHA)
    located = Locator(city, Register([NEW_VILLAGE, far])).locate(text="从虹桥新村到金色家园")
    assert (located.code, located.near) == (city.code, None)


def test_a_position_is_refined_and_one_elsewhere_is_not(locator: Locator, city: City) -> None:
    there = city.area(HONGQIAO)
    located = locator.locate(text="轮船公司宿舍", lon=there.lon, lat=there.lat)
    assert located.code == HONGQIAO
    elsewhere = city.area(JINSHA)
    located = locator.locate(text="轮船公司宿舍", lon=elsewhere.lon, lat=elsewhere.lat)
    assert (located.code, located.near) == (TONGZHOU, None)


@pytest.mark.parametrize(("text", "code", "names", "shared"), [
    ("轮船公司宿舍七幢", 0, {"虹桥新村"}, set()),
    ("虹桥新村七幢", 0, {"虹桥新村"}, set()),
    ("老供销社宿舍七幢", 0, {"老供销社宿舍"}, {"老供销社宿舍"}),
    ("老供销社宿舍七幢", JINSHA, {"春江花园"}, set()),
    ("老供销社宿舍七幢", JINXIN, {"春江花园"}, set()),                 # callers mix townships up
    ("虹桥新村,老名字叫老供销社宿舍", 0, {"虹桥新村"}, set()),         # the text itself says which
    ("春江花园七幢", 0, {"春江花园"}, set()),                         # two, but one name
    ("文峰路与轮船公司宿舍之间", 0, {"文峰路", "虹桥新村"}, set()),
])  # fmt: skip
def test_naming(locator: Locator, city: City, text: str, code: int, names: set[str],
                shared: set[str]) -> None:  # fmt: skip
    naming = locator.naming(text, mentions_in(text), code or city.code)
    assert (set(naming.names), set(naming.shared)) == (names, shared)


def test_without_a_register_names_are_what_the_text_says(city: City) -> None:
    naming = Locator(city).naming("文峰路虹桥新村", mentions_in("文峰路虹桥新村"), city.code)
    assert naming.names == {"文峰路", "虹桥新村"}
    assert not naming.others


HEADER = "name,aliases,kind,area,lon,lat\n"


def test_read(tmp_path: Path, city: City) -> None:
    file = tmp_path / "places.csv"
    rows = f"虹桥新村,轮船公司宿舍; 虹桥新村;;老供销社宿舍,estate,{HONGQIAO},120.86,32.0\n金桥村,,village,{TONGZHOU},,\n"
    file.write_text("\ufeff" + HEADER + rows, "utf-8")
    assert read_sites(file, city) == [NEW_VILLAGE, Site("金桥村", (), "village", TONGZHOU)]


@pytest.mark.parametrize(("rows", "line", "words"), [
    (",,estate,320613005000000,,", 2, "name is empty"),
    ("虹桥新村,,,320613005000000,,", 2, "kind is empty"),
    ("虹桥新村,,estate,虹桥街道,,", 2, "area '虹桥街道' is not 15 digits"),
    ("虹桥新村,,estate,320600000000000,,", 2, "is a city, not a county or township"),
    ("虹桥新村,,estate,320613999000000,,", 2, "none of this city's"),
    ("虹桥新村,,estate,320613005000000,120.86,", 2, "lon and lat must both be numbers"),
    ("虹桥新村,,estate,320613005000000,10,10", 2, "outside the city's bbox"),
    ("虹桥新村,,estate,320613005000000,,\n虹桥新村,,estate,320613005000000,,", 3, "stands on line 2"),
])  # fmt: skip
def test_a_wrong_row_is_named_in_words(tmp_path: Path, city: City, rows: str, line: int,
                                       words: str) -> None:  # fmt: skip
    file = tmp_path / "places.csv"
    file.write_text(HEADER + rows + "\n", "utf-8")
    with pytest.raises(CityFileError, match=words) as wrong:
        read_sites(file, city)
    assert wrong.value.row == line


def test_a_missing_column_is_named(tmp_path: Path, city: City) -> None:
    file = tmp_path / "places.csv"
    file.write_text("name,kind\n虹桥新村,estate\n", "utf-8")
    with pytest.raises(CityFileError, match="column aliases is missing"):
        read_sites(file, city)


@pytest.mark.db
def test_saved_twice_nothing_doubles_and_both_roles_read(db: Home) -> None:
    with psycopg.connect(db.dsns.owner) as conn:
        save_sites(conn, ALL)
        renamed = Site("虹桥新村", ("船厂宿舍",), "estate", HONGQIAO)
        save_sites(conn, [renamed])
    wanted = {renamed, *ALL} - {NEW_VILLAGE}
    for database in (db.app, db.worker):
        with database.transaction() as conn:
            read = sites(conn)
        assert len(read) == len(ALL)
        assert set(read) == wanted


def test_a_city_of_names_is_searched() -> None:
    """Thousands of names in one pattern: the one that is meant is found, whichever it is."""
    heads, ends = "春江锦绣紫金银河东方南园星光翠湖绿洲", ("花园", "新村", "宿舍", "小学")
    names = [a + b + c + e for a in heads for b in heads for c in "一二三四" for e in ends]
    register = Register(Site(name, (f"原{name}",), "estate", HONGQIAO) for name in names)
    for name in names[::97]:
        found = register.find(f"报警人住{name}7号楼，楼道里堆了旧家具")
        assert [site.name for hit in found for site in hit.sites] == [name]


def test_a_position_is_placed_by_the_places_around_it(city: City) -> None:
    """Where a zone has no boundary of its own, its registered places tell it from the district around it."""
    zone = 320671001000000
    there = Point(120.935, 31.93)
    locator = Locator(city, Register([Site("文昌大厦", (), "building", zone, there), NEW_VILLAGE]))
    found = locator.by_neighbours(there.lon + 0.001, there.lat)
    assert found is not None
    assert found.code == zone
    assert found.confidence == pytest.approx(0.9)
    assert locator.by_neighbours(121.9, 32.6) is None
    assert Locator(city).by_neighbours(there.lon, there.lat) is None


def test_a_zone_without_a_boundary_is_no_contradiction_to_a_position(city: City) -> None:
    zone, there = 320671001000000, Point(120.935, 31.93)
    locator = Locator(city, Register([Site("文昌大厦", (), "building", zone, there)]))
    said = locator.locate(text="南通经济技术开发区中兴街道路灯不亮", lon=there.lon, lat=there.lat)
    assert said.code == zone
    assert locator.locate(text="文昌大厦门口路灯不亮", lon=there.lon, lat=there.lat).code == zone
