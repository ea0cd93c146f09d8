"""The list as CSV and Excel: out and in again, and what is refused on the way in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from chengshu.agencies.duties.model import Duty
from chengshu.agencies.duties.table import COLUMNS, read_table, write_csv, write_xlsx
from chengshu.kit.errors import Invalid
from tests.agencies.duty_rows import nantong

WRITERS = {"csv": write_csv, "xlsx": write_xlsx}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_whole_list_comes_back(kind: str, tmp_path: Path) -> None:
    catalogue, _ = nantong()
    duties = [r.duty for r in catalogue.rows]
    file = tmp_path / f"list.{kind}"
    file.write_bytes(WRITERS[kind](duties, catalogue.matters))
    rows, faults = read_table(file)
    assert faults == []
    assert [r.duty for r in rows] == duties
    assert [rows[0].row, rows[-1].row] == [2, len(duties) + 1]


def _file(tmp_path: Path, spoil: Callable[[str], str], encoding: str = "utf-8-sig") -> Path:
    catalogue, _ = nantong()
    text = write_csv([r.duty for r in catalogue.rows[:3]], catalogue.matters).decode("utf-8-sig")
    file = tmp_path / "list.csv"
    file.write_bytes(spoil(text).encode(encoding))
    return file


def test_a_table_from_a_chinese_excel_is_read(tmp_path: Path) -> None:
    rows, faults = read_table(_file(tmp_path, lambda t: t, "gb18030"))
    assert (len(rows), faults) == (3, [])


def test_chinese_headings_alone_are_enough(tmp_path: Path) -> None:
    def only_chinese(text: str) -> str:
        _, _, rest = text.partition("\r\n")
        return ",".join(COLUMNS.values()) + "\r\n" + rest

    rows, faults = read_table(_file(tmp_path, only_chinese))
    assert (len(rows), faults) == (3, [])


def test_a_cell_that_cannot_be_read_is_named_with_its_row(tmp_path: Path) -> None:
    rows, faults = read_table(_file(tmp_path, lambda t: t.replace("2026-01-01", "someday", 1)))
    assert len(rows) == 2
    assert [(f.file, f.row, f.field) for f in faults] == [("list.csv", 2, "valid_from")]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="法律依据 basis"):
        read_table(_file(tmp_path, lambda t: t.replace("法律依据 basis", "备注", 1)))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.xlsx", b"PK\x03\x04broken"), ("a.csv", b"\xff\xfe\xfa\xfb"), ("a.csv", b"")],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(Invalid):
        read_table(file)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="没有文件"):
        read_table(tmp_path / "nothing.csv")


@pytest.mark.parametrize("kind", WRITERS)
def test_no_cell_is_taken_for_a_formula(kind: str, tmp_path: Path) -> None:
    catalogue, _ = nantong()
    duty: Duty = replace(
        catalogue.rows[0].duty, file_when='=HYPERLINK("x")', close_when="@SUM(1,2)+3"
    )
    file = tmp_path / f"list.{kind}"
    file.write_bytes(WRITERS[kind]([duty], catalogue.matters))
    rows, _ = read_table(file)
    assert rows[0].duty == duty
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(file).worksheets[0]
        assert [c.data_type for row in sheet.iter_rows() for c in row if c.data_type == "f"] == []
    else:
        assert ",=" not in file.read_text("utf-8-sig").replace('"', "")
