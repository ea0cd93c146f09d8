"""Made-up components (部件) beside the synthetic places: lamps, covers, bins with an owner each."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from math import pi
from pathlib import Path
from random import Random
from typing import Final

from chengshu.drill.grids import moved
from chengshu.drill.sites import Site

# What stands beside a road: class code, name, and whose it mostly is, after the name of the county.
_THINGS: Final = (
    ("0114", "路灯", "住房和城乡建设局"),
    ("0102", "污水井盖", "住房和城乡建设局"),
    ("0103", "雨水井盖", "住房和城乡建设局"),
    ("0304", "垃圾箱", "城市管理局"),
    ("0405", "绿地", "住房和城乡建设局"),
)
_HEADINGS: Final = (
    "部件标识码",
    "分类代码",
    "部件名称",
    "单元网格",
    "权属单位",
    "经度",
    "纬度",
    "状态",
)
_ROADS: Final = 1  # roads of each township that have any


def write_components(folder: Path, sites: Sequence[Site], seed: int) -> Path:
    """Write components.csv, ready to be imported; the same rows for the same seed.

    Owners are named after the county, as bureaus are; what no bureau of that name has stays with a
    name only. One in forty rows was taken away.
    """
    path = folder / "components.csv"
    rng = Random(f"{seed}/components")
    seen: dict[int, int] = {}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        number = 0
        for site in sites:
            if site.place != "road" or seen.get(site.township, 0) >= _ROADS:
                continue
            seen[site.township] = seen.get(site.township, 0) + 1
            for code, name, owner in _THINGS:
                number += 1
                lon, lat = moved(*site.at, rng.uniform(0.005, 0.12), rng.uniform(0, 2 * pi))
                state = "废弃" if rng.random() < 0.025 else "完好"
                writer.writerow((f"BJ{number:06d}", code, f"{site.name}{name}", site.grid,
                                 f"{site.county_name}{owner}", lon, lat, state))  # fmt: skip
    return path
