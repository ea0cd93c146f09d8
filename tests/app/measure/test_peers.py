"""The naive peers fail on the synthetic city, and a reader does not: it is hard and fair."""

from datetime import date
from pathlib import Path

import pytest

from chengshu.app.measure.peers import figures
from chengshu.drill import read_kinds
from chengshu.places import read_city

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def found() -> dict[str, float]:
    city = read_city(Path(__file__).parents[3] / "cities" / "nantong")
    return figures(city, read_kinds(), seed=1, start=date(2026, 5, 1), days=30, per_day=17)


@pytest.mark.slow
def test_naive_peers_fail(found: dict[str, float]) -> None:
    assert max(found[f"cluster_{reads}_f1"] for reads in ("text", "place", "both")) < 0.9
    assert found["majority_accuracy"] < 0.85


@pytest.mark.slow
def test_a_reader_does_not(found: dict[str, float]) -> None:
    assert found["reader_f1"] > 0.92
    assert found["oracle_f1"] == pytest.approx(1)
