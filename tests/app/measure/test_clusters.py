"""B-cubed and pair figures on clusters whose figures can be worked out by hand."""

import pytest

from chengshu.app.measure.clusters import Score, bcubed, pairs, without_largest

TRUTH = ["a", "a", "b", "b"]


@pytest.mark.parametrize(
    ("found", "by_item", "by_pair"),
    [
        ([1, 1, 2, 2], Score(1.0, 1.0), Score(1.0, 1.0)),  # as the truth has it
        ([1, 2, 3, 4], Score(1.0, 0.5), Score(1.0, 0.0)),  # each alone: no pair, so none is wrong
        ([1, 1, 1, 1], Score(0.5, 1.0), Score(2 / 6, 1.0)),  # all together
        ([1, 1, 2, 3], Score(1.0, 0.75), Score(1.0, 0.5)),  # one pair missed
    ],
)
def test_figures(found: list[int], by_item: Score, by_pair: Score) -> None:
    assert bcubed(found, TRUTH) == by_item
    assert pairs(found, TRUTH) == by_pair


def test_below_one_precision_weighs_more() -> None:
    timid, bold = Score(1.0, 0.5), Score(0.5, 1.0)
    assert timid.f1 == bold.f1 == pytest.approx(2 / 3)
    assert timid.f(0.5) > bold.f(0.5)
    assert Score(0.0, 0.0).f1 == 0


def test_the_largest_happenings_are_left_out() -> None:
    truth = {"1": "a", "2": "a", "3": "a", "4": "b", "5": "b", "6": "c"}
    assert without_largest(truth) == {"6": "c"}


def test_of_no_items_none_is_wrong() -> None:
    assert bcubed([], []) == pairs([], []) == Score(1.0, 1.0)
