"""Clocks against an oracle that walks minute by minute, and second by second."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.dispatch.clocks.histories import differences
from tests.dispatch.clocks.oracle import History, Walker, Week


@pytest.mark.parametrize("seed", range(6))
def test_three_hundred_histories_by_the_minute(seed: int, tmp_path: Path) -> None:
    assert differences(seed, places=1, each=50, folder=tmp_path) == []


def test_a_few_histories_by_the_second(tmp_path: Path) -> None:
    assert differences(7, places=1, each=2, folder=tmp_path, per_minute=60) == []


@pytest.mark.soak
def test_ten_thousand_histories_by_the_minute(tmp_path: Path) -> None:
    assert differences(1000, places=200, each=50, folder=tmp_path) == []


@pytest.mark.soak
def test_a_hundred_histories_by_the_second(tmp_path: Path) -> None:
    assert differences(2000, places=20, each=5, folder=tmp_path, per_minute=60) == []


def test_the_oracle_itself_on_days_counted_by_hand() -> None:
    """Monday 13 July 2026; office 09:00-17:00, Thursday off."""
    office = Week(((540, 1020),), frozenset(range(5)), frozenset({date(2026, 7, 16)}), frozenset())
    walker = Walker(office, date(2026, 7, 13), 20)
    day = 1440
    monday_ten = 600
    assert walker.ends(History(monday_ten, (2, "working_hours"), False, (), None)) == 720
    assert walker.ends(History(monday_ten, (3, "working_days"), False, (), None)) == 4 * day + 1020
    assert walker.ends(History(monday_ten, (1, "days"), False, (), None)) == day + monday_ten
    paused = (("pause", 660, day + 600),)  # Monday 11:00 to Tuesday 10:00; one hour was used
    assert walker.ends(History(monday_ten, (2, "working_hours"), False, paused, None)) == day + 660
    assert walker.ends(History(monday_ten, (2, "working_hours"), True, (), None)) == day + 660
