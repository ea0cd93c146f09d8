"""Rows of a CSV, Excel or JSON-lines file, one at a time."""

from __future__ import annotations

import csv
import itertools
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import openpyxl
import orjson

from chengshu.intake.columns import Column, map_columns
from chengshu.intake.encoding import guess_encoding
from chengshu.intake.model import MAX_TEXT
from chengshu.kit.errors import Invalid

_LONGEST_CELL = 2 * MAX_TEXT
_HEADING_ROWS = 10  # how far down the headings may stand, below a title and its date
_MOST_UNPACKED = 2**30
_MOST_COLUMNS = 500
_DELIMITERS = ",\t;|"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: As a spreadsheet counts: the headings' row is 1 when the file begins with it.
        cells: As many as there are headings, or more.
        unreadable: Why the row could not be taken apart, empty when it could.
    """

    number: int
    cells: tuple[object, ...]
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that is open.

    Attributes:
        encoding: What was found, to be said: utf-8, gb18030, xlsx.
        damaged: Some bytes cannot be read in that encoding and became U+FFFD.
        columns: Which column holds what.
    """

    encoding: str
    damaged: bool
    headings: tuple[str, ...]
    columns: Mapping[Column, int]
    rows: Iterator[Row]


@contextmanager
def open_sheet(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Sheet]:
    """Open a table by its content.

    Raises:
        Invalid: No such file, a kind that cannot be read, or no column with the message.
    """
    if not path.is_file():
        raise Invalid("file", f"没有文件 {path}", f"there is no file {path}")
    with path.open("rb") as file:
        first = file.read(4096)
    if first.startswith(_OLD_EXCEL):
        raise Invalid(
            "file",
            "旧版 Excel(.xls)读不了，请另存为 .xlsx 或 CSV",
            "old Excel (.xls): save it as .xlsx or CSV",
        )
    if not first.strip():
        raise Invalid("file", "文件是空的", "the file is empty")
    if first.startswith(b"PK"):
        with _workbook(path) as rows:
            yield _sheet("xlsx", False, rows, mapping)
        return
    encoding, whole = guess_encoding(path)
    with path.open(encoding=encoding, errors="strict" if whole else "replace", newline="") as text:
        lines = first.lstrip(b"\xef\xbb\xbf \t\r\n")
        if lines.startswith(b"["):
            raise Invalid(
                "file",
                "请改为每行一个 JSON 对象(JSON Lines)",
                "write one JSON object a line (JSON Lines)",
            )
        rows = _objects(text) if lines.startswith(b"{") else _csv_rows(text, mapping or {})
        yield _sheet(encoding, not whole, rows, mapping)


def cell_text(value: object) -> str:
    """A cell as text: no «.0» behind numbers that a spreadsheet made of an order number."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, dict | list):
        return orjson.dumps(value, default=str).decode()
    return str(value)


def _sheet(encoding: str, damaged: bool, rows: Iterator[Row], mapping: Mapping[str, str] | None) -> Sheet:  # fmt: skip
    tried = list(itertools.islice(rows, _HEADING_ROWS))
    for n, row in enumerate(tried):
        names = tuple(cell_text(c).strip() for c in row.cells[:_MOST_COLUMNS])
        if not set((mapping or {}).values()) <= set(names):
            continue
        columns = map_columns(names, mapping)
        if Column.TEXT in columns or (Column.TITLE in columns and len(columns) > 1):
            while names and not names[-1]:
                names = names[:-1]
            return Sheet(encoding, damaged, names, columns, itertools.chain(tried[n + 1 :], rows))
    if mapping and tried:
        map_columns(
            [cell_text(c).strip() for c in tried[0].cells], mapping
        )  # says which is missing
    seen = "、".join(cell_text(c)[:20] for c in (tried[0].cells if tried else ())[:20])
    raise Invalid("file", f"没有找到诉求内容的列；表头是：{seen}。可用 --map text=列名 指明",
                  f"no column holds the message; the headings are: {seen}. Name it with --map text=HEADING")  # fmt: skip


def _csv_rows(text: TextIO, mapping: Mapping[str, str]) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    start = list(itertools.islice(text, _HEADING_ROWS))
    delimiter = max(_DELIMITERS, key=lambda d: _headings_with(d, start, mapping))
    reader = csv.reader(itertools.chain(start, text), delimiter=delimiter)
    for number in itertools.count(1):
        try:
            cells: Sequence[str] = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(number, (), "单元格过长，多半是引号没有成对")
            continue
        yield Row(number, tuple(cells))


def _headings_with(delimiter: str, lines: Sequence[str], mapping: Mapping[str, str]) -> tuple[int, int]:  # fmt: skip
    """How many headings are known when lines are cut here, and into how many cells the first one falls."""
    cut = [[c.strip() for c in row] for row in csv.reader(lines, delimiter=delimiter)]
    known = (len(map_columns(row)) + len(set(mapping.values()) & set(row)) for row in cut)
    return max(known, default=0), len(cut[0]) if cut else 0


def _objects(text: TextIO) -> Iterator[Row]:
    """JSON lines as rows: the first one holds every key that occurs."""
    names: dict[str, None] = {}
    for line in text:
        found = _object(line)
        if found is not None and len(names) < _MOST_COLUMNS:
            names |= dict.fromkeys(found)
    yield Row(0, tuple(names))
    text.seek(0)
    for number, line in enumerate(text, 1):
        if not line.strip():
            continue
        found = _object(line)
        if found is None:
            yield Row(number, (), "不是一个 JSON 对象：" + line.strip()[:200])
        else:
            yield Row(number, tuple(found.get(name) for name in names))


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = orjson.loads(line.lstrip("\ufeff"))
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


@contextmanager
def _workbook(path: Path) -> Iterator[Iterator[Row]]:
    """The first sheet that holds anything; a formula's cell gives the value it last had."""
    unreadable = Invalid(
        "file", "打不开这个 Excel 文件，可能已损坏或加密", "this Excel file is damaged or encrypted"
    )
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > _MOST_UNPACKED:
            raise Invalid(
                "file",
                "Excel 文件展开后超过 1 GB,请另存为 CSV",
                "the Excel file unpacks to over 1 GB: save it as CSV",
            )
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # openpyxl on styles and extensions that do not matter here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as wrong:
        raise unreadable from wrong
    try:
        sheets: list[Any] = book.worksheets
        for sheet in sheets:
            sheet.reset_dimensions()  # many programs write wrong ones
            rows = _cells(sheet.iter_rows(values_only=True))
            first = next((row for row in rows if any(c is not None for c in row.cells)), None)
            if first is not None:
                yield itertools.chain([first], rows)
                return
        raise Invalid("file", "文件是空的", "the file is empty")
    finally:
        book.close()


def _cells(rows: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    for number, cells in enumerate(rows, 1):
        yield Row(number, tuple(cells))
