"""The files of Nantong agree with each other and with what is publicly known."""

import csv
import json
import tomllib
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from chengshu.places import City, Level

LINE_WORDS = (
    "城管局 住建局 生态环境局 公安局 交警 消防救援 应急局 交通局 市场监管局 水利局 农业农村局"
    " 卫健委 教育局 人社局 民政局 自规局 文旅局 商务局 发改委 工信局 科技局 财政局 司法局"
    " 医保局 退役军人局 信访局 税务局 数据局 气象局 烟草局 供电公司 水务公司 燃气公司 公交公司"
    " 通信管理 邮政管理 园林 房管 纪委监委"
    " 公积金 金管局 人民银行 金融办 海事局 海关 体育局 民宗局 网信办 外办 审计局 统计局 国资委"
    " 人防办 档案馆 红十字会 残联 妇联 团委 工会 轨道公司 广电网络"
)
LINES = frozenset(LINE_WORDS.split())
TOWNSHIP = frozenset({"镇街"})
Rows = list[dict[str, str]]
Matters = list[dict[str, Any]]


@pytest.fixture(scope="session")
def units(folder: Path) -> Rows:
    with (folder / "units.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def matters(folder: Path) -> Matters:
    found = tomllib.loads((folder / "matters.toml").read_text(encoding="utf-8"))["matter"]
    assert isinstance(found, list)
    return found


def test_one_city_ten_counties_96_townships(city: City) -> None:
    levels = Counter(area.level for area in city.areas)
    assert levels == {Level.CITY: 1, Level.COUNTY: 10, Level.TOWNSHIP: 96}


def test_each_area_has_one_command_centre(city: City, units: Rows) -> None:
    centres = Counter(int(unit["area"]) for unit in units if unit["kind"] == "centre")
    assert centres == {area.code: 1 for area in city.areas}


def test_units_are_well_formed(city: City, units: Rows) -> None:
    paths = [unit["unit"] for unit in units]
    assert len(set(paths)) == len(paths)
    names = [unit["name"] for unit in units]
    assert len(set(names)) == len(names)
    for unit in units:
        path = unit["unit"].split(".")
        assert all(part.isascii() and part.isalnum() and part.islower() for part in path)
        assert len(path) == 1 or ".".join(path[:-1]) in paths, unit
        assert unit["kind"] in {"centre", "bureau", "company"}
        assert unit["tier"] in {"city", "county", "township"}
        assert (unit["line"] in LINES) == (unit["kind"] != "centre"), unit
        assert city.area(int(unit["area"])).level == unit["tier"]
        assert unit["name_en"]
        assert unit["short"]


def test_a_line_has_at_most_one_unit_in_an_area(units: Rows) -> None:
    pairs = Counter((unit["line"], unit["area"]) for unit in units if unit["line"])
    assert max(pairs.values()) == 1


def test_the_city_has_thirty_bureaus_and_every_line(units: Rows) -> None:
    own = [unit for unit in units if unit["tier"] == "city" and unit["kind"] != "centre"]
    assert sum(unit["kind"] == "bureau" for unit in own) >= 30
    assert {unit["line"] for unit in own} == LINES


def test_every_lead_exists_in_each_county(city: City, units: Rows, matters: Matters) -> None:
    have = {(unit["line"], int(unit["area"])) for unit in units}
    counties = [area.code for area in city.areas if area.level is Level.COUNTY]
    for matter in matters:
        if matter["tier"] == "township":
            continue  # led by the centre of the township itself
        where = counties if matter["tier"] == "county" else [city.code]
        missing = [code for code in where if (matter["lead"], code) not in have]
        assert not missing, (matter["id"], missing)


def test_matters_are_well_formed(matters: Matters) -> None:
    ids = [matter["id"] for matter in matters]
    assert len(set(ids)) == len(ids) >= 70
    assert "other" in ids
    for matter in matters:
        assert matter["lead"] in (TOWNSHIP if matter["tier"] == "township" else LINES)
        assert LINES.issuperset(matter["assist"])
        assert matter["lead"] not in matter["assist"]
        assert matter["tier"] in {"township", "county", "city"}
        assert len(matter["path"]) == 3
        assert matter["urgency"] in {1, 2, 3}
        assert isinstance(matter["danger"], bool)
        assert isinstance(matter["chronic"], bool)
        assert 0 < matter["sign_hours"] <= 8
        assert 6 <= matter["window_hours"] <= 2000
        limit = matter["limit"]
        assert limit["amount"] > 0
        assert (limit["unit"], limit["calendar"]) in {
            ("hours", "natural"),
            ("hours", "working"),
            ("working_days", "working"),
        }
        assert matter["name"]
        assert matter["name_en"].isascii()


def test_keywords_are_enough_and_weighted(matters: Matters) -> None:
    for matter in matters:
        words = matter["keywords"]
        assert 8 <= len(words) <= 25, matter["id"]
        assert all(0.5 <= weight <= 4 for weight in words.values())
        assert all(word == word.strip() and len(word) > 0 for word in words)


def test_danger_is_never_slow(matters: Matters) -> None:
    for matter in matters:
        if matter["urgency"] == 3:
            assert matter["danger"], matter["id"]
            assert matter["sign_hours"] <= 1
            assert matter["limit"]["calendar"] == "natural"


@pytest.mark.parametrize(("year", "off"), [(2025, 28), (2026, 33)])
def test_calendar(folder: Path, year: int, off: int) -> None:
    calendar = tomllib.loads((folder / "calendar.toml").read_text(encoding="utf-8"))
    found = next(entry for entry in calendar["year"] if entry["year"] == year)
    holidays = [date.fromisoformat(day) for day in found["holidays"]]
    makeup = [date.fromisoformat(day) for day in found["makeup_days"]]
    assert len(holidays) == off  # the notices name 28 and 33 days
    assert {day.year for day in holidays + makeup} == {year}
    assert all(day.weekday() >= 5 for day in makeup)
    assert not set(holidays) & set(makeup)
    # National Day is seven days or more in one piece.
    assert all(date(year, 10, 1) + timedelta(days=n) in holidays for n in range(7))
    assert calendar["office"]["opens"] < calendar["office"]["closes"]


def test_outlines_are_small_and_coded(folder: Path, city: City) -> None:
    file = folder / "counties.geojson"
    assert file.stat().st_size < 200_000
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    codes = {feature["properties"]["code"] for feature in features}
    assert codes == {area.code for area in city.areas if area.level is Level.COUNTY}
    for feature in features:
        assert feature["properties"]["name"] == city.area(feature["properties"]["code"]).name
