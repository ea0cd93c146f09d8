"""A bias that people's answers show is corrected; a few answers move little; nothing gets worse unseen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.evidence import AGAINST, FOR, MEASURES
from chengshu.incidents.refit.fitting import candidate, figures, no_worse, score, tacit
from chengshu.incidents.refit.model import Answer, Decision, Figures, Score
from chengshu.incidents.refit.names import NAMES
from chengshu.incidents.weights import SHIPPED, Weights

ABOVE = 0.9
# What a merge of the usual sort looks like, and a doubtful one in a city where neighbours of one
# estate with one matter are mostly two happenings, whatever the weights say.
USUAL = {
    "site_same": 1.0,
    "same_town": 1.0,
    "title": 0.5,
    "text": 0.3,
    "matter_same": 1.0,
    "hours": 0.5,
}
BIASED = {
    "quarter_same": 1.0,
    "same_town": 1.0,
    "title": 0.2,
    "text": 0.2,
    "matter_same": 1.0,
    "hours": 1.0,
}


def probability(weights: Weights, measured: Mapping[str, float]) -> float:
    return float(1 / (1 + 2.0 ** -weights.of(measured)))


def answers(n: int, same: bool = False, measured: Mapping[str, float] = BIASED) -> list[Decision]:
    """People's answers to one kind of question."""
    kind = Answer.ACCEPTED if same else Answer.REFUSED
    return [Decision(i + 1, kind, i, measured, same) for i in range(n)]


def stood(n: int) -> list[Decision]:
    return [tacit(-i, dict(USUAL)) for i in range(n)]


def test_the_shipped_weights_are_wrong_about_this_city() -> None:
    """What the tests below are about: the machine would merge without asking."""
    assert probability(SHIPPED, BIASED) > 0.9
    assert probability(SHIPPED, USUAL) > 0.99


def test_a_planted_bias_is_corrected_and_the_rest_stays() -> None:
    weights = SHIPPED
    for version in (1, 2, 3):  # one step a version
        weights = candidate(answers(60), stood(100), SHIPPED, weights, version)
    assert weights.version == 3
    assert probability(weights, BIASED) < 0.5
    assert probability(weights, USUAL) > ABOVE
    assert weights.bits["caller_same"] == SHIPPED.bits["caller_same"], "nobody was asked about that"


def test_a_few_answers_move_little() -> None:
    few = candidate(answers(3), [], SHIPPED, SHIPPED, 1)
    shift = SHIPPED.of(BIASED) - few.of(BIASED)
    assert 0 < shift < 1, "by less than a bit, and their way"
    assert max(abs(few.bits.get(n, 0.0) - b) for n, b in SHIPPED.bits.items()) < 0.3


def test_a_measure_with_large_numbers_gives_way_no_sooner() -> None:
    """Topics agree by up to six bits where the rest is between 0 and 1."""
    measured = {**BIASED, "topic_same": 6.0}
    few = candidate(answers(3, measured=measured), [], SHIPPED, SHIPPED, 1)
    assert 0 < SHIPPED.of(measured) - few.of(measured) < 1
    many = candidate(answers(200, measured=measured), [], SHIPPED, SHIPPED, 1)
    assert 6 * abs(many.bits.get("topic_same", 0.0) - SHIPPED.bits["topic_same"]) <= 1.01


def test_no_answers_change_nothing() -> None:
    same = candidate([], stood(200), SHIPPED, SHIPPED, 4)
    assert (same.prior, same.bits, same.version) == (SHIPPED.prior, SHIPPED.bits, 4)


def test_what_merely_stood_cannot_outweigh_what_people_said() -> None:
    """Thousands that nobody looked at against sixty that somebody decided, about one kind of pair."""
    tacitly = [tacit(-i, dict(BIASED)) for i in range(2000)]
    learnt = candidate(answers(60), tacitly, SHIPPED, SHIPPED, 1)
    assert learnt.of(BIASED) < SHIPPED.of(BIASED)


def test_one_version_is_a_small_step_and_many_end_where_one_long_one_would() -> None:
    far = candidate(answers(500), [], SHIPPED, SHIPPED, 1)
    assert max(abs(far.bits.get(n, 0.0) - b) for n, b in SHIPPED.bits.items()) <= 1.001
    assert abs(far.prior - SHIPPED.prior) <= 1.001
    weights = SHIPPED
    for version in range(1, 30):
        weights = candidate(answers(60), [], SHIPPED, weights, version)
    again = candidate(answers(60), [], SHIPPED, weights, 30)
    assert again.bits == weights.bits, "the same answers are not counted again every night"


@given(
    st.lists(
        st.tuples(st.dictionaries(st.sampled_from(MEASURES), st.floats(0, 1), max_size=6), st.booleans()),
        min_size=1, max_size=40,
    )
)  # fmt: skip
def test_whatever_people_say_no_sign_turns(said: list[tuple[dict[str, float], bool]]) -> None:
    decisions = [Decision(n, Answer.MERGED, n, m, same) for n, (m, same) in enumerate(said)]
    weights = candidate(decisions, [], SHIPPED, SHIPPED, 1)
    assert np.isfinite(list(weights.bits.values())).all()
    assert all(b >= 0 for name, b in weights.bits.items() if name in FOR)
    assert all(b <= 0 for name, b in weights.bits.items() if name in AGAINST and SHIPPED.bits.get(name, 0) <= 0)  # fmt: skip


def test_figures_judge_each_answer_by_what_was_known_before_it() -> None:
    found = figures(answers(50), stood(50), 50, SHIPPED, SHIPPED, ABOVE)
    ahead_before, ahead_after = found.ahead
    assert ahead_before.answers == ahead_after.answers == 50
    assert ahead_before == found.whole[0]
    assert found.whole[1].loss < ahead_after.loss < ahead_before.loss
    assert (found.kinds, found.new) == ({"refused": 50, "stood": 50}, 50)
    assert no_worse(found)
    first_fifth = figures(answers(10), [], 2, SHIPPED, SHIPPED, ABOVE)
    assert first_fifth.ahead[0].answers == 2


def test_weights_that_do_worse_ahead_of_time_are_not_worth_a_look() -> None:
    """The first day's answers were one clerk's whim: what was learnt from them misleads on the rest."""
    turned = [*answers(15), *answers(60, same=True)]
    found = figures(turned, [], len(turned), SHIPPED, SHIPPED, ABOVE)
    assert found.ahead[1].loss > found.ahead[0].loss
    assert not no_worse(found)


def test_worse_precision_or_fewer_that_stand_are_refused() -> None:
    good = Score(10, 0.4, 0.9, 0.9, 0.5)
    better = replace(good, loss=0.3)
    figure = Figures((good, better), (good, better), (10, 1.0, 1.0), {}, 10)
    assert no_worse(figure)
    assert not no_worse(replace(figure, stood=(10, 1.0, 0.9)))
    assert not no_worse(replace(figure, ahead=(good, replace(better, precision=0.8))))
    assert not no_worse(replace(figure, whole=(good, good))), "no better is not worth it"
    assert no_worse(replace(figure, ahead=(good, replace(better, precision=None)))), "none merged: no wrong one"  # fmt: skip


def test_a_score_counts_by_weight() -> None:
    sure, unsure = 10.0, -1.0
    right = Decision(1, Answer.MERGED, 1, {}, True)
    wrong = Decision(2, Answer.SPLIT, 2, {}, False, 0.5)
    found = score([(right, sure), (wrong, sure), (right, unsure)], ABOVE)
    assert (found.answers, found.right, found.recall) == (3, 0.4, 0.5)
    assert found.precision == 0.6667
    assert score([], ABOVE) == Score(0, 0.0, 0.0, None, None)
    assert score([(wrong, unsure)], ABOVE).precision is None


def test_every_measure_has_a_name() -> None:
    assert set(NAMES) == set(MEASURES)
    assert len({chinese for chinese, _ in NAMES.values()}) == len(NAMES)
