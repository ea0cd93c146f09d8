"""Area codes carry their own tree."""

import pytest

from chengshu.places import Area, Level, Point, ancestor_at, area_span, level_of, parent_of


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        (320600000000000, Level.CITY, None),
        (320682000000000, Level.COUNTY, 320600000000000),
        (320682001000000, Level.TOWNSHIP, 320682000000000),
        (320682001002000, Level.COMMUNITY, 320682001000000),
        (320682001002003, Level.GRID, 320682001002000),
    ],
)
def test_level_and_parent_are_read_from_the_zeros(
    code: int, level: Level, parent: int | None
) -> None:
    assert level_of(code) is level
    assert parent_of(code) == parent


@pytest.mark.parametrize("code", [0, 320682, 3206820010020031, -320682001002003])
def test_a_code_has_15_digits(code: int) -> None:
    with pytest.raises(ValueError, match="15 digits"):
        level_of(code)


def test_a_span_holds_exactly_what_lies_inside() -> None:
    first, end = area_span(320682000000000, Level.COUNTY)
    assert first <= 320682999999999 < end
    assert not first <= 320681999999999 < end
    assert area_span(320682001002003, Level.GRID) == (320682001002003, 320682001002004)


def test_ancestor_is_none_below_the_area_itself() -> None:
    assert ancestor_at(320682001002003, Level.TOWNSHIP) == 320682001000000
    assert ancestor_at(320682000000000, Level.TOWNSHIP) is None


def test_an_area_without_coordinates_has_no_point() -> None:
    area = Area(320682000000000, Level.COUNTY, "如皋市", "如皋", "Rugao City")
    assert area.point is None
    placed = Area(320682000000000, Level.COUNTY, "如皋市", "如皋", "Rugao City", 120.5, 32.3)
    assert placed.point == Point(120.5, 32.3)
