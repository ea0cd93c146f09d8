"""Whatever two sides say, they can be compared, and what is decided by is what a person reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.evidence import MEASURES, explained, hopeless, likenesses, weigh
from chengshu.incidents.grams import pairs
from chengshu.incidents.topics import shipped
from chengshu.incidents.traits import Traits, distance_m
from chengshu.incidents.weights import SHIPPED, Weights
from tests.incidents.test_evidence import (
    CITY,
    COUNTY,
    LIGHT,
    NOISE,
    TOWN,
    after,
    bits,
    measured,
    traits,
)

_TEXTS = st.sampled_from(["", "。", NOISE, LIGHT, "春江花园", "😀", "Straße 7", NOISE * 3])
_some = st.builds(
    lambda said, places, known, **other: traits(
        said, *places, topics=shipped().of(pairs(said)) if known else None, **other
    ),
    said=_TEXTS,
    places=st.frozensets(
        st.sampled_from(["春江花园", "百合花园", "文峰路", "永红村", "某厂", "路"]), max_size=3
    ),
    known=st.booleans(),
    area=st.sampled_from([320600000000000, 320613000000000, 320614000000000, 320613001000000]),
    area_width=st.sampled_from([TOWN, COUNTY, CITY]),
    lon=st.none() | st.floats(-180, 180),
    lat=st.none() | st.floats(-90, 90),
    spread_m=st.floats(0, 1e6),
    matter=st.sampled_from(["noise.site", "noise.social", "light.out", "other"]),
    domain=st.sampled_from(["生态环境", "市政"]),
    danger=st.booleans(),
    maybe=st.frozensets(st.sampled_from(["noise.site", "light.out"])),
    reports=st.integers(1, 400),
    spots=st.frozensets(st.sampled_from(["3号楼", "2单元"]), max_size=2),
    callers=st.frozensets(st.sampled_from("ab"), max_size=2),
)


@given(_some, _some, st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_any_two_can_be_compared(ours: Traits, theirs: Traits, gap: timedelta) -> None:
    later = after(ours, gap)
    hopeless(later, theirs)
    found = measured(later, theirs, timedelta(hours=2))
    assert found.keys() <= set(MEASURES)
    assert all(isfinite(value) and value for value in found.values())
    assert all(value > 0 for name, value in found.items() if name != "topic_other")
    verdict = weigh(later, theirs, timedelta(hours=2), SHIPPED, shipped())
    assert verdict.measured == found
    assert 0 <= verdict.probability <= 1
    assert all(isfinite(c.bits) and c.because and c.because_en for c in verdict.clues)


@given(_some, _some)
def test_the_clues_come_to_what_the_weights_say(ours: Traits, theirs: Traits) -> None:
    """No measure counts without a sentence: what is decided by is what a person reads."""
    found = measured(ours, theirs)
    even = Weights(1, 0.5, dict.fromkeys(MEASURES, 1.0))
    for weights in (SHIPPED, even):
        verdict = explained(ours, theirs, likenesses(ours, [theirs])[0], found, weights)
        assert verdict.bits == pytest.approx(weights.of(found))


@given(_some, _some)
def test_what_has_no_direction_is_symmetric(a: Traits, b: Traits) -> None:
    assert distance_m(a, b) == pytest.approx(distance_m(b, a))
    a, b = replace(a, maybe=frozenset(), reports=1), replace(b, maybe=frozenset(), reports=1)
    for about in ("area", "spot", "matter", "reporter", "words"):
        one, other = bits(about, a, b), bits(about, b, a)
        assert one == other or one == pytest.approx(other)


@given(_TEXTS)
def test_a_text_is_like_itself(said: str) -> None:
    found = measured(traits(said), traits(said))
    assert found.get("title", 0.0) == pytest.approx(1 if pairs(said).any() else 0)


@given(_some)
def test_nobody_is_beyond_hope_of_himself(one: Traits) -> None:
    assert not hopeless(one, one)
    found = measured(one, one)
    assert not found.keys() & {
        "far",
        "other_town",
        "other_county",
        "spot_other",
        "hours",
        "windows",
        "matter_other",
    }
