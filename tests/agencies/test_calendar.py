"""Calendars of units: shifts, days of their own, and whose a unit takes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from chengshu.agencies.calendar import Shift, read_calendars, read_shifts
from chengshu.agencies.model import Kind, Tier, Unit
from chengshu.kit.errors import CannotStart
from chengshu.kit.times import SHANGHAI

NANTONG = (Path(__file__).parents[2] / "cities/nantong/calendar.toml").read_text("utf-8")
OWN = """
[[calendar]]
name = "cleaning"
shifts = ["07:00-11:30", "13:30-19:00"]
weekdays = [1, 2, 3, 4, 5, 6]
off = ["2026-07-15"]
on = ["2026-07-19"]
units = ["nt.rugao.cgj", "nt.haian"]

[[calendar]]
name = "duty"
shifts = ["00:00-24:00"]
weekdays = [1, 2, 3, 4, 5, 6, 7]
holidays = "work"
kinds = ["company"]
lines = ["消防救援"]
"""


def unit(path: str, kind: Kind = Kind.BUREAU, line: str = "") -> Unit:
    return Unit(path, path, path, path, kind, Tier.COUNTY, line, 0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calendar.toml"
    path.write_text(NANTONG + OWN, "utf-8")
    return path


def test_a_unit_takes_its_own_its_lines_its_kinds_or_the_one_above(file: Path) -> None:
    known = read_calendars(file)
    cleaning, duty = known.units["nt.haian"], known.kinds["company"]
    assert known.of(unit("nt.rugao.cgj")) is cleaning
    assert known.of(unit("nt.rugao.water", Kind.COMPANY)) is duty
    assert known.of(unit("nt.rugao.xf", line="消防救援")) is duty
    assert known.of(unit("nt.haian.zjj")) is cleaning  # inherited from the centre above
    assert known.of(unit("nt.haian.water", Kind.COMPANY)) is duty  # its kind before what is above
    assert known.of(unit("nt.rugao.zjj")) is known.default
    assert known.of(unit("nt")) is known.default


def test_shifts_days_of_its_own_and_holidays(file: Path) -> None:
    known = read_calendars(file)
    cleaning, duty = known.units["nt.haian"], known.kinds["company"]
    monday = datetime(2026, 7, 13, tzinfo=SHANGHAI)
    assert cleaning.hours(monday.date(), SHANGHAI) == [
        (monday + timedelta(hours=7), monday + timedelta(hours=11.5)),
        (monday + timedelta(hours=13.5), monday + timedelta(hours=19)),
    ]
    days = {day: cleaning.works_on(date(2026, 7, day)) for day in (15, 18, 19, 26)}
    assert days == {15: False, 18: True, 19: True, 26: False}
    holiday = date(2026, 10, 1)
    assert not cleaning.works_on(holiday)
    assert duty.works_on(holiday)
    assert cleaning.works_on(date(2026, 9, 20))  # a Sunday that is made up for
    assert duty.knows(date(2031, 1, 1))
    assert not cleaning.knows(date(2031, 1, 1))


def test_shifts_are_read_and_refused() -> None:
    assert read_shifts(["22:00-06:00"]) == (Shift(79200, 108000),)
    assert read_shifts(["00:00-24:00"]) == (Shift(0, 86400),)
    for wrong in ([], ["08:00-12:00", "11:00-13:00"], ["06:00-12:00", "22:00-07:00"]):
        with pytest.raises(ValueError, match="overlap"):
            read_shifts(wrong)
    with pytest.raises(ValueError, match="isoformat"):
        read_shifts(["8-12"])


@pytest.mark.parametrize(("table", "said"), [
    ('shifts = ["08:00-09:00", "08:30-10:00"]\nunits = ["nt.a"]', "overlap"),
    ('shifts = ["08:00-09:00"]\nweekdays = [8]\nunits = ["nt.a"]', "weekdays"),
    ('shifts = ["08:00-09:00"]\nkinds = ["school"]', "school"),
    ('shifts = ["08:00-09:00"]\nunits = ["nt.rugao.cgj"]', "two calendars"),
])  # fmt: skip
def test_a_calendar_that_cannot_be_is_refused(file: Path, table: str, said: str) -> None:
    file.write_text(f"{NANTONG}{OWN}\n[[calendar]]\n{table}\n", "utf-8")
    with pytest.raises(CannotStart, match=said):
        read_calendars(file)
