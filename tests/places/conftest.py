"""The city that ships with the project, read once."""

from pathlib import Path

import pytest

from chengshu.places import City, Gazetteer, read_city

NANTONG = Path(__file__).parents[2] / "cities" / "nantong"


@pytest.fixture(scope="session")
def folder() -> Path:
    return NANTONG


@pytest.fixture(scope="session")
def city(folder: Path) -> City:
    return read_city(folder)


@pytest.fixture(scope="session")
def gazetteer(city: City) -> Gazetteer:
    return Gazetteer(city.areas)
