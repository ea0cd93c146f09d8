"""A unit that games, beside the same unit with the same true work that does not: it gains nothing.

`pytest -s` prints both scores, and what on-time share times volume would have paid.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from statistics import mean

import pytest

from chengshu.dispatch.scoring.difficulty import difficulties, past_of
from chengshu.dispatch.scoring.model import Flag, OrderFacts, UnitScore
from chengshu.dispatch.scoring.reckon import reckon
from chengshu.dispatch.scoring.rules import read_scoring
from chengshu.dispatch.scoring.suspect import suspicions
from tests.conftest import ROOT
from tests.dispatch.scoring import town

RULES = read_scoring(ROOT / "cities/nantong/scoring.toml")
UNITS, JOBS, SEEDS = 8, 60, range(5)
SUBJECT = "nt.u0"
# Difficulty comes from the months before, when all were honest.
HARD = difficulties(
    past_of(
        town.looked_at(town.honest(j, "nt.u1"), j, random.Random(j.n), False)
        for j in town.work(random.Random(77), 1, 600)
    ),
    RULES.hardness,
)
RAISES = {
    "instant": Flag.INSTANT, "trivia": Flag.TRIVIA, "returning": Flag.SERIAL_RETURN, "splitting": Flag.SPLIT,
    "photo_reuse": Flag.REUSED_PHOTO, "bursts": Flag.FAR_BURST,
}  # fmt: skip


def month(seed: int, play: town.Strategy) -> list[OrderFacts]:
    """Eight units; the first plays, the others are honest. Flagged orders are looked at more often."""
    rng = random.Random(seed)
    jobs = {f"nt.u{n}": town.work(rng, n, JOBS) for n in range(UNITS)}
    told = []
    for unit, own in jobs.items():
        told += (play if unit == SUBJECT else town.play_honest)(own, unit, random.Random(seed))
    flagged = suspicions([f for f, _ in told], HARD, [], RULES)
    # each order has luck of its own, so that an inspector visits the same jobs of both
    return [
        town.looked_at(f, job, random.Random(seed * 1_000_003 + f.id), f.id in flagged)
        for f, job in told
    ]  # fmt: skip


def scored(facts: Sequence[OrderFacts]) -> UnitScore:
    found = reckon(facts, HARD, RULES, town.END)
    (own,) = [s for s in found.scores if s.unit == SUBJECT and not s.matter]
    return own


def naive(facts: Sequence[OrderFacts]) -> float:
    """On-time share of what the unit kept, times how many orders went through its hands."""
    own = [f for f in facts if f.unit == SUBJECT]
    kept = [f for f in own if f.returned_at is None]
    in_time = sum(f.handled_at is not None and f.due_at is not None and f.handled_at <= f.due_at for f in kept)  # fmt: skip
    return in_time / len(kept) * len(own)


def points(score: UnitScore) -> float:
    assert score.points is not None
    return score.points


@pytest.mark.parametrize("game", sorted(town.GAMES))
def test_gaming_never_pays(game: str, record_property: Callable[[str, object], None]) -> None:
    ours, counted = [], []
    for seed in SEEDS:
        fair, foul = month(seed, town.play_honest), month(seed, town.GAMES[game])
        ours.append((points(scored(fair)), points(scored(foul))))
        counted.append((naive(fair), naive(foul)))
    for fair_points, foul_points in ours:
        assert foul_points <= fair_points + 1e-9
    fair_mean, foul_mean = (mean(column) for column in zip(*ours, strict=True))
    naive_fair, naive_foul = (mean(column) for column in zip(*counted, strict=True))
    record_property("ours", (round(fair_mean, 1), round(foul_mean, 1)))
    record_property("on_time_x_volume", (round(naive_fair, 1), round(naive_foul, 1)))
    if game != "never":
        assert naive_foul > naive_fair, "the naive score must pay for it, or the game is none"


@pytest.mark.parametrize("game", sorted(RAISES))
def test_each_game_is_found(game: str) -> None:
    own = set()
    for seed in SEEDS:  # of a game that is seldom played a month may hold too little
        facts = month(seed, town.GAMES[game])
        found = suspicions(facts, HARD, [], RULES)
        own |= {s.flag for f in facts if f.unit == SUBJECT for s in found.get(f.id, ())}
    assert RAISES[game] in own


def test_honest_units_are_left_alone() -> None:
    for seed in SEEDS:
        facts = month(seed, town.play_honest)
        found = suspicions(facts, HARD, [], RULES)
        assert len(found) <= len(facts) // 200, (
            "more than one honest order in two hundred is suspected"
        )


def test_what_no_rule_can_see_is_worth_less_than_a_point(
    record_property: Callable[[str, object], None],
) -> None:
    """A false reply in time with a new picture of nothing, made true before an inspector comes: the limit we know."""
    gains = [points(scored(month(seed, town.fresh_fake))) - points(scored(month(seed, town.play_honest)))
             for seed in SEEDS]  # fmt: skip
    record_property("gains", round(mean(gains), 2))
    assert mean(gains) < 1
