"""Scoring's rules: order does not matter, what is left out changes nothing, better work never scores worse."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from chengshu.dispatch.scoring import shrink
from chengshu.dispatch.scoring.gather.pictures import from_column, look_of, to_column
from chengshu.dispatch.scoring.model import (
    Amend,
    CallBack,
    Check,
    Difficulty,
    Indicator,
    OrderFacts,
    Prior,
    Relief,
)
from chengshu.dispatch.scoring.reckon import Reckoned, count, reckon, sums_of
from chengshu.dispatch.scoring.rules import Shrinking, read_scoring
from chengshu.kit.errors import CannotStart
from tests.conftest import ROOT
from tests.dispatch.scoring import town

RULES = read_scoring(ROOT / "cities/nantong/scoring.toml")
HARD = {m: Difficulty(m, 100, h, 0.1, f) for (m, (h, _, _)), f in
        zip(sorted(town.MATTERS.items()), (1.4, 0.8, 0.7, 1.1, 0.9, 1.0), strict=True)}  # fmt: skip


def facts(seed: int, jobs: int = 6, units: int = 4) -> list[OrderFacts]:
    """Honest units and gaming ones, mixed."""
    rng = random.Random(seed)
    found: list[OrderFacts] = []
    for n in range(units):
        play = rng.choice([town.play_honest, *town.GAMES.values()])
        for f, job in play(town.work(rng, n, jobs), f"nt.u{n}", rng):
            found.append(town.looked_at(f, job, rng, rng.random() < 0.3))
    return found


seeds = st.integers(0, 10**6)


@settings(max_examples=25, deadline=None)
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_orders_does_not_matter(seed: int, shuffler: random.Random) -> None:
    orders = facts(seed)
    mixed = list(orders)
    shuffler.shuffle(mixed)
    assert reckon(mixed, HARD, RULES, town.END) == reckon(orders, HARD, RULES, town.END)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_an_excluded_or_merged_order_changes_nothing(seed: int) -> None:
    orders, extra = facts(seed), facts(seed + 1, jobs=2)
    more = [replace(f, id=f.id + 10**7) for f in extra]
    gone = [replace(f, id=f.id + 10**8, merged_away=True) for f in extra]
    plain = reckon(orders, HARD, RULES, town.END)
    out = {f.id: "legacy" for f in more}
    with_them = reckon([*more, *orders, *gone], HARD, RULES, town.END, excluded=out)
    known = {o.id for o in orders}
    assert [c for c in with_them.orders if c.order in known] == plain.orders
    assert _figures(with_them) == _figures(plain)


def _figures(found: Reckoned) -> list[tuple[object, ...]]:
    return [(s.unit, s.matter, s.orders, s.points, s.low, s.high) for s in found.scores
            if s.orders]  # fmt: skip


BETTER = {
    "in time": lambda f: replace(f, handled_at=f.assigned_at + timedelta(hours=2, minutes=30)),
    "contacted": lambda f: replace(f, contact_at=f.assigned_at + timedelta(hours=1)),
    "inspected": lambda f: replace(f, checks=(Check(f.assigned_at + timedelta(hours=3), True),)),
    "satisfied": lambda f: replace(f, calls=(CallBack(f.assigned_at + timedelta(days=9), "satisfied"),)),
    "once": lambda f: replace(f, rejects=0, handlings=1),
}  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from(sorted(BETTER)), st.integers(0, 10**6))
def test_a_better_outcome_never_lowers_a_share(seed: int, how: str, which: int) -> None:
    orders = [
        replace(f, evidence=f.evidence[:1])
        for job in town.work(random.Random(seed), 1, 8)
        for f in [town.looked_at(town.honest(job, "nt.u1"), job, random.Random(job.n), False)]
    ]
    k = which % len(orders)
    better = [BETTER[how](f) if i == k else f for i, f in enumerate(orders)]
    prior = Prior(0.8, 20)
    before, after = (count(o, HARD, RULES, town.END) for o in (orders, better))
    for indicator in Indicator:
        old, new = (sums_of(c, indicator)[1:] for c in (before, after))
        if sums_of(before, indicator)[0] == sums_of(after, indicator)[0]:
            assert shrink.mean(*shrink.posterior(*new, prior)) >= shrink.mean(
                *shrink.posterior(*old, prior)) - 1e-12  # fmt: skip


def test_more_of_the_same_is_no_better_share() -> None:
    orders = [town.honest(job, "nt.u1") for job in town.work(random.Random(5), 1, 12)]
    again = [
        replace(f, id=f.id + 10**7, incident=f.incident + 10**7, lon=(f.lon or 0) + 1,
                evidence=(replace(f.evidence[0], digest=f"{f.id + 10**7:064x}", look=None,
                                  lon=None, lat=None),))
        for f in orders
    ]  # fmt: skip
    twice = [*orders, *again]
    one, two = (
        sums_of(count(o, HARD, RULES, town.END), Indicator.RESPONSE) for o in (orders, twice)
    )
    assert two[1] / (two[1] + two[2]) == pytest.approx(one[1] / (one[1] + one[2]))


def test_the_example_of_the_document() -> None:
    assert shrink.mean(*shrink.posterior(18, 2, Prior(0.8, 20))) == pytest.approx(0.85)
    assert shrink.mean(*shrink.posterior(18, 2 / 1.4, Prior(0.8, 20))) == pytest.approx(0.862, abs=5e-4)  # fmt: skip


def test_an_upheld_appeal_counts_and_excludes() -> None:
    (job,) = town.work(random.Random(3), 1, 1)
    late = replace(town.honest(job, "nt.u1"), handled_at=job.due + timedelta(days=3))
    met = {late.id: [Amend(Relief.COUNT, 7, "on_time")]}
    (plain,) = count([late], HARD, RULES, town.END)
    (changed,) = count([late], HARD, RULES, town.END, amends=met)
    assert (plain.marks[Indicator.ON_TIME].value, changed.marks[Indicator.ON_TIME].value) == (0, 1)
    out = {late.id: [Amend(Relief.EXCLUDE, 7)]}
    (gone,) = count([late], HARD, RULES, town.END, amends=out)
    assert (gone.excluded, gone.share) == ("appeal", 0)


@pytest.mark.parametrize(("p", "a", "b", "value"), [
    (0.05, 2, 2, 0.13535),  # root of 3x² - 2x³ = 0.05
    (0.5, 5, 5, 0.5), (0.9, 1, 3, 1 - 0.1 ** (1 / 3)), (0.95, 4, 1, 0.95**0.25), (0.5, 0.5, 0.5, 0.5),
])  # fmt: skip
def test_quantiles_of_the_beta_distribution(p: float, a: float, b: float, value: float) -> None:
    assert shrink.quantile(p, a, b) == pytest.approx(value, abs=1e-5)


def test_the_strength_of_a_tier_is_recovered_from_its_units() -> None:
    rng = random.Random(11)
    units = []
    for _ in range(400):
        p = rng.betavariate(0.8 * 30, 0.2 * 30)
        hits = sum(rng.random() < p for _ in range(60))
        units.append((float(hits), float(60 - hits)))
    prior = shrink.prior_of(units, Shrinking(least=1, most=500))
    assert prior is not None
    assert prior.mean == pytest.approx(0.8, abs=0.02)
    assert 20 < prior.strength < 45
    assert shrink.prior_of([], Shrinking()) is None


def _photo(seed: int) -> Image.Image:
    rng = random.Random(seed)
    image = Image.new("RGB", (320, 240))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y = rng.randrange(320), rng.randrange(240)
        draw.rectangle((x, y, x + 80, y + 60), fill=tuple(rng.randrange(256) for _ in range(3)))
    return image


def _bytes(image: Image.Image, **how: object) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", **how)
    return out.getvalue()


def test_a_picture_looks_like_its_copies_and_like_no_other() -> None:
    looks = [look_of(_bytes(_photo(n), quality=90)) for n in range(12)]
    for n, look in enumerate(looks):
        assert look is not None
        again = look_of(_bytes(_photo(n).resize((200, 150)), quality=45))
        assert again is not None
        assert (look ^ again).bit_count() <= RULES.gaming.alike_bits
        assert all((look ^ (other or 0)).bit_count() > 8 for k, other in enumerate(looks) if k != n)
        assert from_column(to_column(look)) == look
    assert look_of(_bytes(Image.new("RGB", (300, 300), "white"))) is None
    assert look_of(b"no picture") is None


def test_weights_must_be_whole(tmp_path: Path) -> None:
    text = (ROOT / "cities/nantong/scoring.toml").read_text("utf-8")
    path = tmp_path / "scoring.toml"
    for wrong in (text.replace("resolved = 0.30", "resolved = 0.40"), text.replace("returns = 0.10\n", ""),
                  text.replace("[gaming]", "[gaming]\nluck = 1"), "weights"):  # fmt: skip
        path.write_text(wrong, "utf-8")
        with pytest.raises(CannotStart):
            read_scoring(path)
