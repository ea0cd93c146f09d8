"""Reading a city's units from its file."""

from __future__ import annotations

import csv
from pathlib import Path

from chengshu.agencies.model import Kind, Tier, Unit
from chengshu.kit.errors import CannotStart


def read_units(path: Path) -> list[Unit]:
    """Read units.csv.

    Raises:
        CannotStart: A row is wrong; the message says which and how.
    """
    units: dict[str, Unit] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                try:
                    unit = Unit(row["unit"], row["name"], row["name_en"], row["short"], Kind(row["kind"]),
                                Tier(row["tier"]), row["line"], int(row["area"]))  # fmt: skip
                except (KeyError, ValueError, TypeError) as wrong:
                    raise _wrong(path, number, str(wrong)) from wrong
                if unit.unit in units:
                    raise _wrong(path, number, f"单位 {unit.unit} 重复")
                if unit.parent is not None and unit.parent not in units:
                    raise _wrong(path, number, f"上级单位 {unit.parent} 不在它前面")
                units[unit.unit] = unit
    except OSError as wrong:
        raise CannotStart(
            f"{path} 打不开：{wrong.strerror}", f"cannot open {path}: {wrong.strerror}"
        ) from wrong
    return list(units.values())


def _wrong(path: Path, number: int, reason: str) -> CannotStart:
    return CannotStart(
        f"{path.name} 第 {number} 行：{reason}", f"{path.name}, line {number}: {reason}"
    )
