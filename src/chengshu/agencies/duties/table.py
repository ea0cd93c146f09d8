"""The list as a table: CSV and Excel, out and in again."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl

from chengshu.agencies.duties.fields import LIMITS, as_row
from chengshu.agencies.duties.files import read_rows
from chengshu.agencies.duties.model import Duty, Fault, Placed
from chengshu.agencies.matters import Matter
from chengshu.kit.errors import Invalid

COLUMNS = {
    "matter": "事项", "name": "事项名称", "area": "区域", "stage": "环节", "tier": "层级", "lead": "牵头单位",
    "assist": "协办单位", "basis": "法律依据", "file_when": "立案条件", "close_when": "结案条件", "sign": "签收时限",
    "contact": "首次联系时限", "normal": "一般时限", "urgent": "紧急时限", "very_urgent": "非常紧急时限",
    "valid_from": "生效日", "valid_to": "失效日", "not": "不属于", "file_when_en": "立案条件(英)",
    "close_when_en": "结案条件(英)",
}  # fmt: skip
_SHOWN_ONLY = frozenset({"name"})
_NEEDED = frozenset(COLUMNS) - {
    "name",
    "area",
    "assist",
    "valid_to",
    "not",
    "file_when_en",
    "close_when_en",
}
_FORMULA = ("=", "+", "-", "@")
_MOST_BYTES = 20 * 2**20
_MOST_UNPACKED = 200 * 2**20


def write_csv(duties: Iterable[Duty], matters: Mapping[str, Matter]) -> bytes:
    """The list as CSV in UTF-8 with a mark that Excel understands."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows(_table(duties, matters))
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(duties: Iterable[Duty], matters: Mapping[str, Matter]) -> bytes:
    """The list as an Excel workbook of one sheet."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("职责清单")
    for row in _table(duties, matters):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_table(path: Path) -> tuple[list[Placed], list[Fault]]:
    """Read a table that was exported, or written with the same headings.

    Returns:
        Rows numbered as a spreadsheet counts them, and what cannot be read.

    Raises:
        Invalid: The file as a whole cannot be read, or a heading is missing.
    """
    if not path.is_file():
        raise Invalid("file", f"没有文件 {path}", f"there is no file {path}")
    if path.stat().st_size > _MOST_BYTES:
        raise Invalid("file", "文件超过 20 MB", "the file is larger than 20 MB")
    rows = iter(_excel(path) if path.suffix.lower() == ".xlsx" else _csv(path))
    headings = [_heading(cell) for cell in next(rows, ())]
    if missing := sorted(_NEEDED - set(headings)):
        said = "、".join(f"{COLUMNS[key]} {key}" for key in missing)
        raise Invalid("file", f"缺少列：{said}", f"columns are missing: {', '.join(missing)}")
    return read_rows(
        path.name,
        ((n, _row(headings, cells)) for n, cells in enumerate(rows, 2) if any(map(_text, cells))),
    )


def _table(duties: Iterable[Duty], matters: Mapping[str, Matter]) -> Iterator[list[str]]:
    yield [f"{chinese} {key}" for key, chinese in COLUMNS.items()]
    for duty in duties:
        row = as_row(duty)
        cells = {**row, **row["limits"], "name": matters[duty.matter].name if duty.matter in matters else "",
                 "area": ";".join(row["area"]), "assist": ";".join(duty.assist), "not": ";".join(duty.excludes),
                 "basis": ";".join(b.text() + ("" if b.checked else "?") for b in duty.basis),
                 "valid_to": row["valid_to"] or ""}  # fmt: skip
        yield [_safe(str(cells[key])) for key in COLUMNS]


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `_text` takes the mark off again."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    said = str(cell).strip()
    return said[1:] if said.startswith("'") and said[1:].startswith(_FORMULA) else said


def _heading(cell: object) -> str:
    """The key of a heading: its last word, or the Chinese name alone."""
    said = _text(cell)
    chinese = {name: key for key, name in COLUMNS.items()}
    return chinese.get(said) or said.rpartition(" ")[2]


def _row(headings: Sequence[str], cells: Sequence[object]) -> dict[str, Any]:
    found = {
        key: _text(cell)
        for key, cell in zip(headings, cells, strict=False)
        if key and key not in _SHOWN_ONLY
    }
    limits = {name: found.pop(name, "") for name in LIMITS}
    return {**found, "limits": limits}


def _csv(path: Path) -> Iterator[Sequence[object]]:
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            yield from csv.reader(io.StringIO(text, newline=""))
        except csv.Error as why:
            raise Invalid("file", f"CSV 读不懂：{why}", f"cannot read the CSV: {why}") from why
        return
    raise Invalid(
        "file", "文字编码读不懂，请另存为 UTF-8", "the encoding is unknown: save it as UTF-8"
    )


def _excel(path: Path) -> Iterator[Sequence[object]]:
    broken = Invalid(
        "file", "打不开这个 Excel 文件，可能已损坏或加密", "this Excel file is damaged or encrypted"
    )
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _MOST_UNPACKED:
                raise broken
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl on styles that do not matter here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as why:
        raise broken from why
    try:
        sheet: Any = book.worksheets[0]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()
