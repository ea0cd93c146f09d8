"""A city's files are read, or refused in plain words."""

import shutil
from pathlib import Path

import pytest

from chengshu.places import Boundaries, City, CityFileError, Level, read_city


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "city"))


def append(folder: Path, row: str) -> None:
    with (folder / "areas.csv").open("a", encoding="utf-8") as file:
        file.write(row + "\n")


def test_reads_nantong(city: City) -> None:
    assert city.code == 320600000000000
    assert city.centre_name == "南通市市域治理现代化指挥中心"
    assert city.bbox.holds(city.centre)
    assert city.time_zone.key == "Asia/Shanghai"
    assert city.boundaries.is_file()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("320682001000000,township,甲镇,甲甲,A,,,", "already stands on line"),
        ("320682990000000,township,如城街道,如城,A,,,", "stands twice under one parent"),
        ("320699001000000,township,甲镇,甲甲,A,,,", "which has no row"),
        ("320682991000000,county,甲镇,甲甲,A,,,", "does not fit code"),
        ("320682991000000,village,甲镇,甲甲,A,,,", "is none of"),
        ("320682,county,甲县,甲,A,,,", "is not 15 digits"),
        ("abc,county,甲县,甲,A,,,", "is not 15 digits"),
        ("320682991000000,township,,甲甲,A,,,", "name is empty"),
        ("320682991000000,township,甲镇,甲甲,A,120.5,,", "must both be numbers"),
        ("320682991000000,township,甲镇,甲甲,A,32.3,120.5,", "outside the city's bbox"),
        ("320682991000000,township,甲镇,甲甲,A,nan,nan,", "outside the city's bbox"),
        ("320682991000000", "level '' is none of"),
    ],
)
def test_refuses_a_row_and_names_its_line(copy: Path, row: str, reason: str) -> None:
    append(copy, row)
    with pytest.raises(CityFileError, match=reason) as refusal:
        read_city(copy)
    assert refusal.value.file == "areas.csv"
    assert refusal.value.row in (108, 109)
    assert refusal.value.reason in str(refusal.value)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("code = 320600000000000", "code = 320600", "15 digits"),
        ("code = 320600000000000", "code = 320500000000000", "has no row"),
        ('name = "南通市"', "name = 1", "name must be a text"),
        ("[map]", "[maps]", "table .map. is missing"),
        ("zoom = 9.0", 'zoom = "near"', "zoom must hold 1 number"),
        ("[120.00, 31.45, 122.20, 32.90]", "[122.0, 31.4, 120.0, 32.9]", "bbox must be"),
        ("[120.8643, 32.0162]", "[32.0162, 120.8643]", "centre lies outside"),
        ("Asia/Shanghai", "Asia/Nantong", "not a known time zone"),
        ("counties.geojson", "missing.geojson", "which is not in the folder"),
        ('["zh-CN", "en"]', "[]", "languages must be a list"),
        ("code =", "code", "not readable as TOML"),
    ],
)
def test_refuses_a_wrong_city_file(copy: Path, before: str, after: str, reason: str) -> None:
    file = copy / "city.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(CityFileError, match=reason):
        read_city(copy)


@pytest.mark.parametrize("name", ["city.toml", "areas.csv"])
def test_says_which_file_is_missing(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(CityFileError, match=f"{name}: the file is missing"):
        read_city(copy)


def test_refuses_a_missing_column_and_a_wrong_encoding(copy: Path) -> None:
    file = copy / "areas.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("aliases", "other", 1), encoding="utf-8")
    with pytest.raises(CityFileError, match="column aliases is missing"):
        read_city(copy)
    file.write_bytes(text.encode("gb18030"))
    with pytest.raises(CityFileError, match="not UTF-8"):
        read_city(copy)


def test_reads_what_a_spreadsheet_saves(copy: Path, city: City) -> None:
    file = copy / "areas.csv"
    text = file.read_text(encoding="utf-8")
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert read_city(copy).areas == city.areas


def test_an_unknown_area_is_a_key_error(city: City) -> None:
    assert city.area(320682000000000).name == "如皋市"
    with pytest.raises(KeyError):
        city.area(1)


def test_every_marker_lies_in_its_county(city: City) -> None:
    boundaries = Boundaries.read(city.boundaries)
    # The parks have no outline of their own; this is the county around them.
    around = {320671: 320613, 320672: 320613, 320673: 320612}
    for area in city.areas:
        if area.level is Level.CITY:
            continue
        assert area.point is not None
        county = area.code // 10**9
        expected = around.get(county, county) * 10**9
        assert boundaries.county_at(*area.point) == expected, area.name
