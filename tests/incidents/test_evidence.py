"""Each clue speaks in the right direction, steadily, and never in riddles."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.evidence import Traits, cosine, distance_m, joined, sort_of, tied, weigh

AT = datetime(2026, 7, 14, 11, tzinfo=UTC)
WEEK = timedelta(days=7)
COUNTY, TOWN = 10**9, 10**6
WORDS = {"搅拌站": 8.0, "丽发": 9.0, "发新": 9.0, "噪音": 4.0, "灰尘": 5.0}


def traits(**other: object) -> Traits:
    plain = Traits(words=WORDS, places=frozenset(), area=320613000000000, area_width=COUNTY,
                   matter="noise.site", domain="生态环境", first_at=AT, last_at=AT)  # fmt: skip
    return replace(plain, **other)  # type: ignore[arg-type]


def bits(about: str, ours: Traits, theirs: Traits) -> float | None:
    return next((c.bits for c in weigh(ours, theirs, WEEK).clues if c.about == about), None)


def named(*places: str) -> Traits:
    return traits(places=frozenset(places))


@pytest.mark.parametrize(
    ("about", "ours", "theirs", "sign"),
    [
        ("rare", traits(), traits(), 1),  # three rare words in common
        ("rare", traits(), traits(words={"路灯": 6.0}), -1),  # nothing in common
        ("place", named("春江花园"), named("春江花园"), 1),
        ("place", named("春江花园"), named("百合花园"), -1),  # two estates
        ("place", named("文峰路"), named("青年路"), -1),  # two roads
        ("place", named("文峰路"), named("城东文峰路"), 1),  # more in front
        ("place", named("文峰路"), named("春江花园"), -1),  # a road is no estate, but not a clash
        ("place", named("春江花园"), named(), -1),  # nothing to go by
        ("area", traits(), traits(), 1),
        ("area", traits(), traits(area=320614000000000), -1),  # another county
        ("area", traits(area=320613001000000, area_width=TOWN), traits(area=320613002000000, area_width=TOWN), -1),
        ("area", traits(), traits(area=320600000000000, area_width=10**11), None),  # only the city is known
        ("spot", traits(spots=frozenset({"3号楼"})), traits(spots=frozenset({"3号楼"})), 1),
        ("spot", traits(spots=frozenset({"3号楼"})), traits(spots=frozenset({"9号楼"})), -1),
        ("spot", traits(spots=frozenset({"3号楼"})), traits(), None),
        ("distance", traits(lon=120.9, lat=32.0), traits(lon=120.9005, lat=32.0), 1),
        ("distance", traits(lon=120.9, lat=32.0), traits(lon=120.95, lat=32.0), -1),
        ("distance", traits(lon=120.9, lat=32.0), traits(), None),
        ("matter", traits(), traits(), 1),
        ("matter", traits(), traits(matter="noise.social"), -1),
        ("matter", traits(), traits(matter="other"), None),
        ("reporter", traits(callers=frozenset("a")), traits(callers=frozenset("ab")), 1),
        ("reporter", traits(callers=frozenset("a")), traits(callers=frozenset("b")), None),
        ("time", traits(), traits(), 1),
    ],
)  # fmt: skip
def test_a_clue_speaks_in_its_direction(
    about: str, ours: Traits, theirs: Traits, sign: int | None
) -> None:
    found = bits(about, ours, theirs)
    if sign is None:
        assert found is None
    else:
        assert found is not None
        assert found * sign > 0


def test_the_longer_ago_the_less_it_speaks_for() -> None:
    stranger = traits(words={"路灯": 6.0})
    gaps = [timedelta(hours=h) for h in (0, 1, 6, 24, 72, 168, 400)]
    said = [
        bits("time", replace(stranger, first_at=AT + g, last_at=AT + g), traits()) or 0
        for g in gaps
    ]
    assert said == sorted(said, reverse=True)
    assert said[0] > 0 > said[-1]


def test_the_farther_away_the_less_it_speaks_for() -> None:
    here = traits(lon=120.9, lat=32.0)
    said = [
        bits("distance", here, traits(lon=120.9 + d, lat=32.0)) or 0
        for d in (0, 0.002, 0.005, 0.01, 0.02, 0.5)
    ]
    assert said == sorted(said, reverse=True)


def test_like_words_outweigh_time_but_not_another_estate() -> None:
    later = AT + timedelta(days=30)
    again = traits(first_at=later, last_at=later)
    stranger = replace(again, words={"路灯": 6.0, "搅拌站": 8.0})
    assert (bits("time", again, traits()) or 0) > (bits("time", stranger, traits()) or 0)
    elsewhere = weigh(named("春江花园"), named("百合花园"), WEEK)
    assert elsewhere.probability < 0.5


def test_a_common_name_says_less_than_a_rare_one() -> None:
    rare = traits(places=frozenset({"春江花园"}), words={**WORDS, "春江花园": 10.0})
    common = replace(rare, words={**WORDS, "春江花园": 4.0})
    assert (bits("place", rare, rare) or 0) > (bits("place", common, common) or 0) > 0


def test_pairs_are_read_as_words() -> None:
    assert joined(["丽发", "新城", "发新"]) == ["丽发新", "新城"] or joined(
        ["丽发", "发新", "新城"]
    ) == ["丽发新城"]


@pytest.mark.parametrize(
    ("name", "sort"),
    [("人民路", "road"), ("和平桥", "road"), ("濠河", "water"), ("虹桥社区", "quarter"), ("永红村", "quarter"),
     ("虹桥新村", "home"), ("平桥二村", "home"), ("春江花园", "home"), ("望海里", "home"), ("实验小学", "school"),
     ("文峰大厦", "building"), ("华府公交站", "station")],
)  # fmt: skip
def test_names_are_sorted_by_their_endings(name: str, sort: str) -> None:
    assert sort_of(name) == sort


_words = st.dictionaries(st.text(min_size=1, max_size=4), st.floats(0.1, 12), max_size=12)
_some = st.builds(
    traits,
    words=_words,
    places=st.frozensets(
        st.sampled_from(["春江花园", "文峰路", "永红村", "某厂", "路"]), max_size=3
    ),
    area=st.sampled_from([320600000000000, 320613000000000, 320614000000000, 320613001000000]),
    area_width=st.sampled_from([TOWN, COUNTY, 10**11]),
    lon=st.none() | st.floats(-180, 180),
    lat=st.none() | st.floats(-90, 90),
    spread_m=st.floats(0, 1e6),
    spots=st.frozensets(st.sampled_from(["3号楼", "2单元"]), max_size=2),
    callers=st.frozensets(st.sampled_from("ab"), max_size=2),
)


@given(_some, _some, st.timedeltas(timedelta(0), timedelta(days=4000)))
def test_any_two_can_be_compared(ours: Traits, theirs: Traits, gap: timedelta) -> None:
    later = replace(ours, first_at=AT + gap, last_at=AT + gap)
    verdict = weigh(later, theirs, timedelta(hours=2))
    assert isfinite(verdict.bits)
    assert 0 <= verdict.probability <= 1
    assert all(isfinite(c.bits) and c.because and c.because_en for c in verdict.clues)


@given(_some, _some)
def test_what_has_no_direction_is_symmetric(a: Traits, b: Traits) -> None:
    assert cosine(a.words, b.words)[0] == pytest.approx(cosine(b.words, a.words)[0])
    assert distance_m(a, b) == pytest.approx(distance_m(b, a))
    for about in ("area", "spot", "matter", "reporter", "words"):
        one, other = bits(about, a, b), bits(about, b, a)
        assert one == other or one == pytest.approx(other)


@given(_words)
def test_a_text_is_like_itself(words: dict[str, float]) -> None:
    assert cosine(words, words)[0] == pytest.approx(1 if words else 0)


_LEAK = traits(
    words={"煤气": 8.0, "臭味": 7.0}, places=frozenset({"春江花园"}), matter="gas.leak", domain="公共安全",
    danger=True, lon=120.9, lat=32.0,
)  # fmt: skip
_CLUTTER = replace(_LEAK, words={"楼道": 7.0, "纸箱": 8.0}, matter="fire.corridor", domain="城市管理",
                   danger=False)  # fmt: skip


def test_place_and_hour_alone_never_join_another_matter() -> None:
    """All that speaks for it is that the estate is one and the evening too: at most it is suggested."""
    lawn = replace(_CLUTTER, words={"绿化": 7.0, "草坪": 8.0}, matter="green.damage")
    same_caller = replace(lawn, callers=frozenset("a"))
    assert weigh(lawn, _CLUTTER, WEEK).probability < 0.9
    assert weigh(same_caller, replace(_CLUTTER, callers=frozenset("a")), WEEK).probability < 0.9
    assert weigh(_LEAK, _CLUTTER, WEEK).probability < weigh(lawn, _CLUTTER, WEEK).probability
    assert weigh(_LEAK, replace(_LEAK, words=_CLUTTER.words), WEEK).probability > 0.9


def test_a_matter_that_was_nearly_read_is_no_other_matter() -> None:
    nearly = replace(_CLUTTER, maybe=frozenset({"green.damage"}))
    lawn = replace(_CLUTTER, words={"绿化": 7.0, "草坪": 8.0}, matter="green.damage")
    assert weigh(nearly, lawn, WEEK).probability > 0.9


def test_only_what_many_of_it_say_ties_a_report_to_a_large_incident() -> None:
    letters = traits(words={"加快": 40.0, "力度": 40.0, "银杉路": 9.0, "陵园": 60.0},
                     places=frozenset({"银杉路", "陵园"}), reports=10)  # fmt: skip
    like = traits(words={"加快": 4.0, "力度": 4.0, "诊所": 9.0})
    assert not tied(like, letters)
    once = replace(like, words={**like.words, "银杉路": 9.0}, places=frozenset({"银杉路"}))
    assert not tied(once, letters)
    often = replace(like, words={**like.words, "陵园": 9.0}, places=frozenset({"陵园"}))
    assert tied(often, letters)
    assert tied(replace(often, places=frozenset(), telling=frozenset({"陵园"})), letters)
    assert tied(replace(like, callers=frozenset("a")), replace(letters, callers=frozenset("ab")))
    assert tied(replace(like, lon=120.9, lat=32.0), replace(letters, lon=120.9, lat=32.0))
