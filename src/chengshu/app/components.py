"""The command `import components`: read, set bad rows aside, write the others."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import psycopg

from chengshu.agencies import store as agency_store
from chengshu.app.world import city_folder
from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings
from chengshu.places import Boundaries, CityFileError, read_city
from chengshu.places.components import store
from chengshu.places.components.classes import read_classes
from chengshu.places.components.table import Bad, Ground, read_table

_SHOWN = 10


def add_components(settings: Settings, dsn_worker: str, file: Path, errors: Path | None = None,
                   say: Callable[[str], None] | None = None) -> tuple[int, int]:  # fmt: skip
    """Bring components in; those with the same number are replaced.

    Args:
        errors: Where rows that cannot be used are written, with row and reason.

    Returns:
        How many were written, and how many were set aside.

    Raises:
        CannotStart: The city's own files are wrong, or it has no classes of components.
        Invalid: The file is neither CSV nor Excel, or lacks a column.
    """
    folder = city_folder(settings)
    try:
        city, classes = read_city(folder), read_classes(folder).classes
    except CityFileError as wrong:
        raise CannotStart(
            f"城市文件有误：{wrong}", f"the city's files are wrong: {wrong}"
        ) from wrong
    if not classes:
        raise CannotStart("城市没有部件分类 components.toml", "the city has no components.toml")
    borders = Boundaries.read(city.boundaries)
    with psycopg.connect(dsn_worker) as conn:
        units = {u.name: u.unit for u in agency_store.units(conn)}
        units |= {
            name.removeprefix(city.name): unit for name, unit in units.items() if name != city.name
        }
        good, bad = read_table(file, Ground(classes, city.bbox, borders.county_at, units))
        written = store.save(conn, good)
    if errors is not None and bad:
        _write(errors, bad)
    if say is not None:
        for one in bad[:_SHOWN]:
            say(f"第 {one.row} 行：{one.why} line {one.row}: {one.why_en}")
        if len(bad) > _SHOWN:
            say(f"…… 共 {len(bad)} 行 {len(bad)} rows in all")
    return written, len(bad)


def _write(path: Path, bad: list[Bad]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "reason", "reason_en"))
        writer.writerows((b.row, b.why, b.why_en) for b in bad)
