"""Tables of components: what is good comes in, what is not is set aside with row and reason."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from chengshu.kit.errors import Invalid
from chengshu.places import Boundaries, City
from chengshu.places.components.table import Ground, read_table

HEAD = "部件标识码,分类代码,部件名称,单元网格,权属单位,经度,纬度,状态\n"
GOOD = "BJ1,0114,海阳路路灯,320682001001001,如皋市城市管理局,120.57,32.38,完好\n"


@pytest.fixture
def ground(city: City) -> Ground:
    """The city's own."""
    at = Boundaries.read(city.boundaries).county_at
    return Ground({"0114", "0102"}, city.bbox, at, {"如皋市城市管理局": "nt.rugao.cgj"})


def test_good_rows_come_in_with_owner_and_area(tmp_path: Path, ground: Ground) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + GOOD + "BJ2,0102,,,某公司,120.57,32.38,废弃\n", "utf-8")
    good, bad = read_table(path, ground)
    assert bad == []
    assert (good[0].unit, good[0].area, good[0].valid) == ("nt.rugao.cgj", 320682000000000, True)
    assert (good[1].unit, good[1].owner, good[1].valid, good[1].name) == (None, "某公司", False, "0102")  # fmt: skip


def test_bad_rows_say_where_and_why(tmp_path: Path, ground: Ground) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        HEAD + GOOD + "BJ1,0114,重复,,,120.57,32.38,\n,0114,无号,,,120.57,32.38,\nBJ3,0999,错类,,,120.57,32.38,\n"
        "BJ4,0114,字,,,东经,32,\nBJ5,0114,外,,,116.4,39.9,\nBJ6,0114,短\n\nBJ7,0114,非数,,,nan,32,\n", "utf-8")  # fmt: skip
    good, bad = read_table(path, ground)
    assert [c.id for c in good] == ["BJ1"]
    assert [b.row for b in bad] == [3, 4, 5, 6, 7, 8, 10]
    assert "第 2 行" in bad[0].why
    assert "0999" in bad[2].why
    assert all(b.why_en for b in bad)


def test_excel_and_gbk_are_read(tmp_path: Path, ground: Ground) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEAD.strip().split(","))
    book.active.append(
        ["BJ1", "0114", "灯", 320682001001001, "如皋市城市管理局", 120.57, 32.38, None]
    )
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "b.csv").write_bytes((HEAD + GOOD).encode("gb18030"))
    for name in ("a.xlsx", "b.csv"):
        good, bad = read_table(tmp_path / name, ground)
        assert (len(good), bad, good[0].grid) == (1, [], "320682001001001")


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"PK\x03\x04broken", b"\xff\xfe\x00\xff"])
def test_what_is_no_table_of_components(tmp_path: Path, ground: Ground, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid):
        read_table(path, ground)
