"""One synthetic city, built once, and a fortnight of its reports."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from chengshu.drill import Happening, Kind, Reported, Site, build_sites, happenings, read_kinds
from chengshu.drill import reports as told_by
from chengshu.places import City, read_city


class Span(NamedTuple):
    """What a stream is made of; the last four arguments of `happenings`."""

    seed: int
    start: date
    days: int
    per_day: float


@pytest.fixture(scope="session")
def span() -> Span:
    return Span(seed=11, start=date(2026, 5, 1), days=30, per_day=17)


@pytest.fixture(scope="session")
def city() -> City:
    return read_city(Path(__file__).parents[2] / "cities" / "nantong")


@pytest.fixture(scope="session")
def kinds() -> tuple[Kind, ...]:
    return read_kinds()


@pytest.fixture(scope="session")
def sites(city: City, span: Span) -> tuple[Site, ...]:
    return build_sites(city, span.seed)


@pytest.fixture(scope="session")
def lived(city: City, kinds: Sequence[Kind], sites: Sequence[Site], span: Span) -> list[Happening]:
    return list(happenings(city, kinds, *span, sites=sites))


@pytest.fixture(scope="session")
def stream(city: City, kinds: Sequence[Kind], sites: Sequence[Site], span: Span) -> list[Reported]:
    return list(told_by(city, kinds, *span, sites=sites))
