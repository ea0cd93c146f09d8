"""Components from a table: CSV or Excel, with known headings; bad rows are set aside with row and reason."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import openpyxl

from chengshu.kit.errors import Invalid
from chengshu.places.city import Bounds
from chengshu.places.components.model import Component
from chengshu.places.model import Point

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "部件标识码", "标识码", "部件编号", "编号"),
    "class": ("class", "分类代码", "部件代码", "类别代码", "大小类代码"),
    "name": ("name", "部件名称", "名称"),
    "grid": ("grid", "单元网格", "单元网格代码", "所在网格", "网格编码"),
    "owner": ("owner", "权属单位", "权属", "权属单位名称"),
    "lon": ("lon", "经度", "lng"),
    "lat": ("lat", "纬度"),
    "state": ("state", "状态", "部件状态"),
}
_NEEDED: Final = ("id", "class", "lon", "lat")
_GONE: Final = frozenset({"废弃", "拆除", "移除", "停用", "removed", "gone"})
_MOST_ID: Final = 60
_ENCODINGS: Final = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that was set aside; `row` is the line of the table, its heading is 1."""

    row: int
    why: str
    why_en: str


@dataclass(frozen=True, slots=True)
class Ground:
    """What a row is checked against.

    Attributes:
        area_at: The area around a point, None outside the city.
        unit_of: Id of our unit with a name.
    """

    classes: Collection[str]
    box: Bounds
    area_at: Callable[[float, float], int | None]
    unit_of: Mapping[str, str]


def read_table(path: Path, ground: Ground) -> tuple[list[Component], list[Bad]]:
    """Read a table of components, positions in WGS-84.

    Raises:
        Invalid: The file is neither CSV nor Excel, or lacks a column that is needed.
    """
    rows = _rows(path)
    first = next(rows, (0, ()))
    columns = _columns(first[1])
    good: dict[str, Component] = {}
    bad: list[Bad] = []
    lines: dict[str, int] = {}
    for number, cells in rows:
        if not any(cells):
            continue
        value = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        made = _component(number, value, ground)
        if isinstance(made, Bad):
            bad.append(made)
        elif made.id in good:
            bad.append(_twice(number, made.id, lines[made.id]))
        else:
            good[made.id], lines[made.id] = made, number
    return list(good.values()), bad


def _component(row: int, value: Mapping[str, str], ground: Ground) -> Component | Bad:
    number, code = value["id"], value["class"]
    if not number or len(number) > _MOST_ID:
        return Bad(
            row, "没有编号，或编号超过 60 字", "the id is missing or longer than 60 characters"
        )
    if code not in ground.classes:
        return Bad(
            row, f"没有这个部件分类：{code or '空'}", f"there is no class {code or '(empty)'}"
        )
    try:
        point = Point(float(value["lon"]), float(value["lat"]))
    except ValueError:
        given = f"{value['lon']}, {value['lat']}"
        return Bad(row, f"经纬度不是数字：{given}", f"lon and lat are no numbers: {given}")
    area = ground.area_at(*point) if ground.box.holds(point) else None
    if area is None:
        return Bad(row, f"位置 {point.lon}, {point.lat} 不在本市", f"{point.lon}, {point.lat} lies outside the city")  # fmt: skip
    owner = value.get("owner", "")
    return Component(
        number, code, value.get("name", "") or code, value.get("grid", ""), owner, ground.unit_of.get(owner),
        point.lon, point.lat, area, value.get("state", "") not in _GONE,
    )  # fmt: skip


def _twice(row: int, number: str, first: int) -> Bad:
    return Bad(
        row, f"编号 {number} 与第 {first} 行重复", f"the id {number} stands on line {first} too"
    )


def _columns(headings: Sequence[str]) -> dict[str, int]:
    plain = [h.strip().lower() for h in headings]
    columns = {
        name: next(plain.index(k) for k in known if k in plain)
        for name, known in _HEADINGS.items()
        if any(k in plain for k in known)
    }
    lacking = [name for name in _NEEDED if name not in columns]
    if lacking:
        names = "、".join(_HEADINGS[n][1] for n in lacking)
        raise Invalid(
            "file", f"表里缺少列：{names}", f"the table lacks the columns {', '.join(lacking)}"
        )
    return columns


def _rows(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    content = path.read_bytes()
    if content.startswith(b"PK"):
        yield from _sheet(content)
        return
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), 1):
                yield number, tuple(c.strip() for c in cells)
        except csv.Error as wrong:
            raise Invalid(
                "file", f"CSV 读不懂：{wrong}", f"cannot read the CSV: {wrong}"
            ) from wrong
        return
    raise Invalid(
        "file",
        "文件既不是 CSV(UTF-8 或 GBK)也不是 Excel(.xlsx)",
        "neither CSV (UTF-8 or GBK) nor Excel (.xlsx)",
    )


def _sheet(content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as wrong:
        raise Invalid(
            "file", "打不开这个 Excel 文件", "this Excel file cannot be opened"
        ) from wrong
    try:
        for number, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
            yield number, tuple(_text(c) for c in cells)
    finally:
        book.close()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value).strip()
