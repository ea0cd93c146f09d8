"""Tables opened: kinds, encodings, delimiters, headings."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from chengshu.intake.columns import Column, map_columns
from chengshu.intake.sheet import open_sheet
from chengshu.kit.errors import Invalid

HEAD = ["受理编号", "来电时间", "诉求内容", "事发地址"]
FIRST = ["A1", "2026-07-01 08:00", "路灯不亮了,请派人来修一下,谢谢", "如皋市"]


def _lines(delimiter: str) -> str:
    return "".join(delimiter.join(f'"{c}"' for c in row) + "\r\n" for row in (HEAD, FIRST))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (_lines(",").encode(), "utf-8"),
        (_lines(",").encode("utf-8-sig"), "utf-8-sig"),
        (_lines(",").encode("gb18030"), "gb18030"),
        (_lines("\t").encode("gb18030"), "gb18030"),
        (_lines(";").encode("utf-16"), "utf-16"),
        (
            ("2026年7月工单\n导出人:某\n" + _lines(",")).encode(),
            "utf-8",
        ),  # a title above the headings
        (
            (json.dumps(dict(zip(HEAD, FIRST, strict=True)), ensure_ascii=False) + "\n").encode(),
            "utf-8",
        ),
    ],
)
def test_text_tables(tmp_path: Path, content: bytes, encoding: str) -> None:
    path = tmp_path / "t.dat"
    path.write_bytes(content)
    with open_sheet(path) as sheet:
        assert (sheet.encoding, sheet.damaged) == (encoding, False)
        (row,) = sheet.rows
    assert sheet.headings == tuple(HEAD)
    assert list(row.cells) == FIRST
    assert sheet.columns[Column.TEXT] == 2


def test_big5_is_told_from_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id|text\n1|這是我們的市民來電,請到這裡處理\n".encode("big5"))
    with open_sheet(path) as sheet:
        assert (sheet.encoding, [r.cells[1] for r in sheet.rows]) == (
            "big5",
            ["這是我們的市民來電,請到這裡處理"],
        )


def test_a_workbook_with_dates_numbers_and_formulas(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("数据")
    page = book["数据"]
    page.append(["工单导出"])
    page.append([])
    page.append(HEAD)
    page.append([20260701001, datetime(2026, 7, 1, 8), "=1+1", None])  # noqa: DTZ001 - as spreadsheets hold it
    page.append([])
    book.save(tmp_path / "t.xlsx")
    with open_sheet(tmp_path / "t.xlsx") as sheet:
        rows = [r for r in sheet.rows if any(c is not None for c in r.cells)]
    assert sheet.encoding == "xlsx"
    assert [(r.number, r.cells[:2]) for r in rows] == [(4, (20260701001, datetime(2026, 7, 1, 8)))]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "空"),
        (b"  \n", "空"),
        (b"a,b\n1,2\n", "表头"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), ".xlsx"),
        (b"PK\x03\x04" + bytes(100), "打不开"),
        (b'[{"text": "a"}]', "JSON"),
    ],
)
def test_what_cannot_be_opened_says_what_to_do(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "t"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refusal, open_sheet(path):
        pass
    assert word in refusal.value.chinese


@pytest.mark.parametrize(
    ("text", "cells"), [("id;text;place\n1;甲,乙,丙,丁;x\n", 3), ("a|正文\n1|一,二\n", 2)]
)
def test_the_headings_decide_where_to_cut(tmp_path: Path, text: str, cells: int) -> None:
    (tmp_path / "t.csv").write_text(text)
    with open_sheet(tmp_path / "t.csv", {"text": "正文"} if "正文" in text else None) as sheet:
        assert [len(r.cells) for r in sheet.rows] == [cells]


def test_memory_stays_bounded(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w", encoding="gb18030") as out:
        out.write("编号,内容\n")
        out.writelines(f"{n},{'很长的内容' * 200}\n" for n in range(10_000))  # 20 MB
    tracemalloc.start()
    with open_sheet(path) as sheet:
        assert sum(1 for _ in sheet.rows) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8_000_000


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="没有文件"), open_sheet(tmp_path / "none.csv"):
        pass


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (["编号", "时间", "标题", "内容", "地址", "经度", "纬度", "姓名", "电话", "类别", "渠道"],
         "id time title text place lon lat name phone nature channel"),
        (["id", "time", "title", "text", "likes"], "id time title text"),
        (["受理时间", "来电时间", "内容"], "time text"),  # the call's own time is the better one
        (["*诉求 内容(必填)", "是否保密"], "text confidential"),
        (["Order No", "Created At", "Message"], "id time text"),
    ],
)  # fmt: skip
def test_known_headings(headings: list[str], found: str) -> None:
    assert " ".join(map_columns(headings)) == found


def test_the_better_time_wins() -> None:
    assert map_columns(["受理时间", "来电时间", "内容"])[Column.TIME] == 1


def test_a_mapping_beats_the_known_names_and_is_checked() -> None:
    assert map_columns(["内容", "正文"], {"text": "正文"}) == {Column.TEXT: 1}
    for wrong in ({"text": "没有"}, {"colour": "内容"}):
        with pytest.raises(Invalid):
            map_columns(["内容"], wrong)


@pytest.mark.parametrize(
    "start",
    [lambda text: text.encode(), lambda text: text.encode("gb18030")],
)
def test_a_few_broken_bytes_do_not_refuse_the_whole_file(
    tmp_path: Path, start: Callable[[str], bytes]
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(start("内容,地址\n" + "这是一个好的行,请处理\n" * 20) + b"\xff\xff\x80,a\n")
    with open_sheet(path) as sheet:
        assert sheet.damaged
        assert len(list(sheet.rows)) == 21
