"""Rows for tests of the responsibility list: plain values as files hold them, and Nantong's own list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from chengshu.agencies.duties.check import check
from chengshu.agencies.duties.fields import as_row
from chengshu.agencies.duties.files import Catalogue, ground_of, read_catalogue, read_rows
from chengshu.agencies.duties.model import Fault, Ground
from chengshu.agencies.units import read_units
from chengshu.places import read_city

NANTONG = Path(__file__).parents[2] / "cities/nantong"
DAY = date(2026, 7, 14)


@lru_cache(maxsize=1)
def nantong() -> tuple[Catalogue, Ground]:
    """The shipped list and what it is checked against."""
    catalogue = read_catalogue(NANTONG)
    return catalogue, ground_of(catalogue, read_city(NANTONG), read_units(NANTONG / "units.csv"))


@lru_cache(maxsize=1)
def small() -> Ground:
    """Nantong's ground with six matters only, so that a list of a few rows can be whole."""
    _, ground = nantong()
    few = (
        "city.garbage",
        "city.vendor",
        "noise.social",
        "estate.corridor",
        "supply.telecom",
        "edu.enrol",
    )
    return Ground({m: ground.matters[m] for m in few}, ground.units, ground.leaves, ground.names)


def rows_of(ground: Ground) -> list[dict[str, Any]]:
    """The shipped rows of the ground's matters, without references to others."""
    catalogue, _ = nantong()
    return [
        {**as_row(r.duty), "not": []} for r in catalogue.rows if r.duty.matter in ground.matters
    ]


def faults_of(rows: list[dict[str, Any]], ground: Ground, on: date = DAY) -> list[Fault]:
    """What is wrong with rows, which are numbered from 1."""
    good, faults = read_rows("list.csv", enumerate(rows, 1))
    return [*faults, *check(good, ground, on)]


def changed(row: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """A row with other values; `limits` is merged."""
    limits = {**row["limits"], **values.pop("limits", {})}
    return {**row, **values, "limits": limits}
