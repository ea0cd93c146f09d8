"""Each clue speaks in the right direction, steadily, and never in riddles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import isfinite
from typing import Any

import pytest

from chengshu.incidents.evidence import (
    AGAINST,
    FOR,
    MEASURES,
    hopeless,
    is_blind,
    likenesses,
    measure,
    tied,
    weigh,
)
from chengshu.incidents.grams import pairs, together
from chengshu.incidents.named import sort_of
from chengshu.incidents.topics import shipped
from chengshu.incidents.traits import Traits
from chengshu.incidents.weights import SHIPPED
from tests.incidents.bags import bag, wording

AT = datetime(2026, 7, 14, 11, tzinfo=UTC)
WEEK = timedelta(days=7)
CITY, COUNTY, TOWN = 10**11, 10**9, 10**6
NOISE, LIGHT = "搅拌站噪音灰尘很大", "路灯不亮漆黑一片"


def traits(said: str = NOISE, *places: str, rarity: float = 9.0, **other: Any) -> Traits:
    plain = Traits(bag=bag(said), wording=wording(said), places=dict.fromkeys(places, rarity), area=320613000000000,
                   area_width=COUNTY, matter="noise.site", domain="生态环境", first_at=AT, last_at=AT)  # fmt: skip
    return replace(plain, **other)


def named(*places: str) -> Traits:
    return traits(NOISE, *places)


def told(said: str, **other: Any) -> Traits:
    return traits(said, topics=shipped().of(pairs(said)), **other)


def after(of: Traits, gap: timedelta) -> Traits:
    return replace(of, first_at=of.first_at + gap, last_at=of.last_at + gap)


def measured(ours: Traits, theirs: Traits, window: timedelta = WEEK) -> dict[str, float]:
    return measure(ours, theirs, likenesses(ours, [theirs])[0], window, shipped())


def bits(about: str, ours: Traits, theirs: Traits) -> float | None:
    clues = weigh(ours, theirs, WEEK, SHIPPED, shipped()).clues
    return next((c.bits for c in clues if c.about == about), None)


def said(about: str, ours: Traits, theirs: Traits) -> str | None:
    clues = weigh(ours, theirs, WEEK, SHIPPED, shipped()).clues
    return next((c.because for c in clues if c.about == about), None)


def probability(ours: Traits, theirs: Traits) -> float:
    return weigh(ours, theirs, WEEK, SHIPPED, shipped()).probability


_HERE: Mapping[str, Any] = {"lon": 120.9, "lat": 32.0}
_NEXT_DOOR: Mapping[str, Any] = {"lon": 120.9005, "lat": 32.0}
_FAR: Mapping[str, Any] = {"lon": 120.95, "lat": 32.0}
_TOWN: Mapping[str, Any] = {"area": 320613001000000, "area_width": TOWN}
_NEXT_TOWN: Mapping[str, Any] = {"area": 320613002000000, "area_width": TOWN}
_IN_CITY: Mapping[str, Any] = {"area": 320600000000000, "area_width": CITY}
_3, _9 = frozenset({"3号楼"}), frozenset({"9号楼"})


@pytest.mark.parametrize(
    ("about", "ours", "theirs", "sign"),
    [
        ("words", traits(), traits(), 1),
        ("words", named("春江花园"), named("百合花园"), -1),  # a form letter about another estate
        ("rare", traits(), traits(), 1),
        ("rare", traits(), traits(LIGHT), None),  # nothing in common
        ("place", named("春江花园"), named("春江花园"), 1),
        ("place", named("春江花园"), named("百合花园"), -1),  # two estates
        ("place", named("文峰路"), named("青年路"), -1),  # two roads
        ("place", named("虹桥社区"), named("永红村"), -1),  # two quarters
        ("place", named("文峰路"), named("城东文峰路"), 1),  # more in front
        ("place", named("文峰路"), named("春江花园"), -1),  # a road is no estate, but not a clash
        ("place", named("春江花园"), named(), -1),  # nothing to go by
        ("area", traits(), traits(), 1),
        ("area", traits(**_TOWN), traits(**_TOWN), 1),
        ("area", traits(), traits(area=320614000000000), -1),  # another county
        ("area", traits(), traits(**_IN_CITY), None),  # only the city is known
        ("spot", traits(spots=_3), traits(spots=_3), 1),
        ("spot", traits(spots=_3), traits(spots=_9), -1),
        ("spot", traits(spots=_3), traits(), None),
        ("distance", traits(**_HERE), traits(**_NEXT_DOOR), 1),
        ("distance", traits(**_HERE), traits(**_FAR), -1),
        ("distance", traits(**_HERE), traits(), None),
        ("matter", traits(), traits(), 1),
        ("matter", traits(), traits(matter="other"), None),
        ("matter", told(LIGHT), told("路灯坏了看不见"), 1),
        ("matter", told(LIGHT, matter="other"), told(NOISE), -1),  # unread, and it tells of other things
        ("reporter", traits(callers=frozenset("a")), traits(callers=frozenset("ab")), 1),
        ("reporter", traits(callers=frozenset("a")), traits(callers=frozenset("b")), None),
        ("time", traits(), traits(), None),  # the same hour
        ("time", after(traits(LIGHT), timedelta(days=3)), traits(), -1),
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


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        (named("春江花园"), named("春江花园"), "site_same"),
        (named("春江花园"), named("百合花园"), "site_other"),
        (named("文峰路"), named("文峰路"), "road_same"),
        (named("文峰路"), named("青年路"), "road_other"),
        (named("虹桥社区"), named("虹桥社区"), "quarter_same"),
        (named("虹桥社区"), named("永红村"), "quarter_other"),
        (named("文峰路"), named("城东文峰路"), "name_like"),
        (named("文峰路"), named("春江花园"), "sort_other"),
        (named("春江花园"), named(), "nowhere"),
        (named(), named(), "nowhere"),
        (traits(), traits(), "same_county"),
        (traits(**_TOWN), traits(**_TOWN), "same_town"),
        (traits(**_TOWN), traits(**_NEXT_TOWN), "other_town"),
        (traits(**_TOWN), traits(area=320614000000000), "other_county"),
        (traits(**_TOWN), traits(), "same_county"),
        (traits(), traits(matter="noise.social"), "matter_kin"),
        (traits(), traits(matter="light.out", domain="市政"), "matter_other"),
    ],
)
def test_what_differs_is_measured_by_its_own_name(ours: Traits, theirs: Traits, name: str) -> None:
    for one, other in ((ours, theirs), (theirs, ours)):
        found = measured(one, other)
        assert found.get(name) == 1
        kind = name.split("_")[0]
        opposite = {"same": "other", "other": "same"}.get(name.split("_")[-1], "")
        assert f"{kind}_{opposite}" not in found


def test_a_registered_place_is_the_same_by_its_other_names() -> None:
    new = replace(named("濠滨雅苑"), others=frozenset({"轮船公司宿舍"}))
    former, third = named("轮船公司宿舍"), named("老供销社宿舍")
    assert measured(new, former)["site_same"] == measured(former, new)["site_same"] == 1
    assert "site_other" in measured(new, third)
    assert said("place", new, former) == "同一地点：轮船公司宿舍"


def test_a_name_that_was_cut_wrongly_is_no_other_place() -> None:
    """Free reading took «新城花园» out of «丽发新城花园»; the other side says the rest of it elsewhere."""
    ours, theirs = named("丽发花园"), traits("搅拌站在丽发旁边噪音很大", "新城花园")
    found = measured(ours, theirs)
    assert not found.keys() & {"site_other", "site_same", "name_like", "sort_other"}


def test_near_positions_need_no_name() -> None:
    assert "nowhere" not in measured(traits(**_HERE), traits(**_NEXT_DOOR))
    assert "nowhere" in measured(traits(**_HERE), traits(**_FAR))


def test_the_longer_ago_the_less_it_speaks_for() -> None:
    gaps = [timedelta(hours=h) for h in (0, 1, 6, 24, 72, 168, 400, 4_000)]
    time = [bits("time", after(traits(LIGHT), g), traits()) or 0 for g in gaps]
    assert time == sorted(time, reverse=True)
    assert time[0] == 0 > time[-1]
    found = [measured(after(traits(LIGHT), g), traits()) for g in gaps]
    for name in ("hours", "windows"):
        values = [one.get(name, 0.0) for one in found]
        assert values == sorted(values)
        assert values[0] == 0
        assert values[-1] == values[-2]  # longer ago than long ago is the same


def test_a_short_lived_matter_is_sooner_over() -> None:
    later = after(traits(), timedelta(hours=6))
    assert (
        measured(later, traits(), timedelta(hours=2))["windows"]
        > measured(later, traits())["windows"]
    )


def test_what_lies_within_an_incident_is_no_time_apart() -> None:
    long = replace(traits(), first_at=AT - WEEK, last_at=AT + WEEK)
    assert not {"hours", "windows"} & measured(traits(LIGHT), long).keys()


def test_the_farther_away_the_less_it_speaks_for() -> None:
    here = traits(**_HERE)
    away = [traits(lon=120.9 + d, lat=32.0) for d in (0, 0.002, 0.005, 0.01, 0.02, 0.5)]
    distance = [bits("distance", here, there) or 0 for there in away]
    assert distance == sorted(distance, reverse=True)
    assert measured(here, away[0])["near"] == 1
    assert "far" not in measured(here, away[0])
    assert measured(here, away[-1])["far"] == 1
    assert "near" not in measured(here, away[-1])


def test_what_is_spread_out_is_near_from_farther_away() -> None:
    here, there = traits(**_HERE), traits(lon=120.908, lat=32.0)
    wide = replace(there, spread_m=400.0)
    assert measured(here, wide).get("near", 0.0) > measured(here, there).get("near", 0.0)
    assert measured(here, wide).get("far", 0.0) < measured(here, there).get("far", 0.0)


def test_like_words_outweigh_time_but_not_another_estate() -> None:
    again, stranger = (after(traits(t), timedelta(days=30)) for t in (NOISE, LIGHT))
    assert measured(again, traits())["again"] > 0
    assert "again" not in measured(stranger, traits())
    assert "again" not in measured(traits(), traits())  # nothing has come again yet
    assert (bits("time", again, traits()) or 0) > (bits("time", stranger, traits()) or 0)
    assert probability(named("春江花园"), named("百合花园")) < 0.5
    late = after(named("春江花园"), timedelta(days=30))
    assert "again" not in measured(late, named("百合花园"))


def test_a_form_letter_about_another_place_is_the_less_the_same_the_more_alike() -> None:
    found = measured(named("春江花园"), named("百合花园"))
    assert found["apart_title"] == found["title"] > 0
    assert found["apart_text"] == found["text"] > 0
    assert not {"apart_title", "apart_text"} & measured(named("春江花园"), named("春江花园")).keys()
    alike, unlike = named("百合花园"), traits(LIGHT, "百合花园")
    assert (bits("words", named("春江花园"), alike) or 0) < (
        bits("words", named("春江花园"), unlike) or 0
    )


def test_names_of_the_same_place_are_not_counted_as_words_again() -> None:
    ours, theirs = traits("春江花园电梯坏了", "春江花园"), traits("春江花园路灯不亮", "春江花园")
    found = measured(ours, theirs)
    assert found["site_same"] == 1
    assert not {"title", "text", "run", "cross"} & found.keys()


def test_a_common_name_says_less_than_a_rare_one() -> None:
    rare, common, usual = (traits(NOISE, "春江花园", rarity=r) for r in (10.0, 4.0, 1.0))
    assert measured(rare, rare)["site_same"] > measured(common, common)["site_same"] > 0
    assert (bits("place", rare, rare) or 0) > (bits("place", common, common) or 0) > 0
    assert bits("place", usual, usual) is None


@pytest.mark.parametrize(
    ("name", "sort"),
    [("人民路", "road"), ("和平桥", "road"), ("濠河", "water"), ("虹桥社区", "quarter"), ("永红村", "quarter"),
     ("虹桥新村", "home"), ("平桥二村", "home"), ("春江花园", "home"), ("望海里", "home"), ("实验小学", "school"),
     ("文峰大厦", "building"), ("华府公交站", "station")],
)  # fmt: skip
def test_names_are_sorted_by_their_endings(name: str, sort: str) -> None:
    assert sort_of(name) == sort


@pytest.mark.parametrize(
    ("ours", "theirs", "sentence"),
    [
        (traits(), traits(), "同一类事项"),
        (traits(), traits(matter="noise.social"), "事项不同，领域相同"),
        (traits(), traits(matter="light.out", domain="市政"), "事项与领域都不同"),
        (named("春江花园"), traits(LIGHT, "春江花园", matter="light.out"), "事项不同，只是地点、时间相近"),
        (told(LIGHT), told("路灯坏了看不见", matter="light.out", domain="市政"), "事项归类不同，说的内容相近"),
        (told(LIGHT, matter="other"), told("路灯坏了看不见"), "说的内容相近"),
        (told(LIGHT, matter="other"), told(NOISE), "说的内容不同"),
    ],
)  # fmt: skip
def test_the_matter_is_said_as_it_was_measured(ours: Traits, theirs: Traits, sentence: str) -> None:
    assert said("matter", ours, theirs) == sentence


def test_sentences_can_be_read() -> None:
    ours = traits("搅拌站夜里噪音", "春江花园", spots=_3, callers=frozenset("a"), **_HERE)
    theirs = traits("搅拌站噪音灰尘", "百合花园", spots=_9, callers=frozenset("a"), **_NEXT_DOOR)
    later = after(ours, timedelta(hours=5))
    assert (said("words", later, theirs) or "").startswith("标题相似度 0.")
    assert said("rare", later, theirs) == "共有的少见说法：搅拌站、噪音"
    assert said("place", later, theirs) == "地点不同：春江花园 / 百合花园"
    assert said("area", later, theirs) == "同一县区"
    assert said("spot", later, theirs) == "具体位置说法不同"
    assert said("spot", ours, replace(theirs, spots=_3)) == "同一具体位置：3号楼"
    assert said("distance", later, theirs) == "相距 47 米"
    assert said("time", later, theirs) == "相隔 5.0 小时"
    assert said("time", after(ours, timedelta(days=9)), theirs) == "相隔 9 天"
    assert said("reporter", later, theirs) == "同一来电人此前反映过"


# -- where nothing is known of where ------------------------------------------------------------


def test_without_any_whereabouts_names_and_wording_speak() -> None:
    ours = traits(NOISE, "春江花园", **_IN_CITY)
    assert is_blind(ours, ours)
    assert not is_blind(ours, traits())  # one side knows its county
    assert not is_blind(replace(ours, **_HERE), replace(ours, **_NEXT_DOOR))
    assert is_blind(replace(ours, **_HERE), ours)
    found = measured(ours, ours)
    assert found["blind"] == found["blind_same"] == found["blind_matter"] == 1
    assert found["blind_title"] == pytest.approx(1)
    assert found.keys() <= {name for name in MEASURES if name.startswith("blind")}


@pytest.mark.parametrize(
    ("place", "name", "sign"),
    [("春江花园", "blind_same", 1), ("城东春江花园", "blind_same", 1), ("百合花园", "blind_other", -1),
     ("", "blind_nowhere", -1)],
)  # fmt: skip
def test_blind_places_speak_in_their_direction(place: str, name: str, sign: int) -> None:
    ours = traits(NOISE, "春江花园", **_IN_CITY)
    theirs = traits(NOISE, *([place] if place else []), **_IN_CITY)
    assert measured(ours, theirs)[name] == 1
    assert (bits("place", ours, theirs) or 0) * sign > 0
    assert ("blind_apart" in measured(ours, theirs)) == (name == "blind_other")


def test_blind_likeness_is_what_joins_and_time_what_parts() -> None:
    ours = traits(**_IN_CITY)
    assert probability(ours, ours) > 0.9
    assert probability(ours, traits(LIGHT, **_IN_CITY)) < 0.2
    late = [probability(after(ours, timedelta(days=d)), ours) for d in (0, 1, 5, 30)]
    assert late == sorted(late, reverse=True)


# -- another matter, another county, ties -------------------------------------------------------


_LEAK = traits(
    "闻到很重的煤气臭味", "春江花园", matter="gas.leak", domain="公共安全", danger=True, **_HERE
)
_CLUTTER = traits(
    "楼道纸箱堆满走不动", "春江花园", matter="fire.corridor", domain="城市管理", **_HERE
)
_LAWN = traits("绿化草坪被踩坏", "春江花园", matter="green.damage", domain="城市管理", **_HERE)


def test_place_and_hour_alone_never_join_another_matter() -> None:
    """What speaks for it is that the estate is one and the evening too: the less, where life is in danger."""
    assert measured(_LAWN, _CLUTTER)["else"] > 0
    assert "else_danger" not in measured(_LAWN, _CLUTTER)
    assert measured(_LEAK, _CLUTTER)["else_danger"] > 0
    assert probability(_LEAK, _CLUTTER) < probability(_LAWN, replace(_CLUTTER, domain="公共安全"))
    assert probability(_LAWN, _CLUTTER) < probability(_LAWN, replace(_CLUTTER, matter=_LAWN.matter))
    far = replace(_CLUTTER, places={"文峰路": 9.0}, **_FAR)
    assert "else" not in measured(_LAWN, far)


_TOLD = {
    "leak": (_LEAK, "家里闻到很重的煤气臭味，怕是管道漏气"),
    "clutter": (_CLUTTER, "楼道里堆满旧沙发和纸箱，消火栓被遮住"),
    "lawn": (_LAWN, "小区绿化带草坪被踩坏，树木枯死，没人补种"),
}


def _of_two_things(one: str, other: str) -> list[Traits]:
    return [
        replace(said, bag=bag(text), wording=wording(text), topics=shipped().of(pairs(text)))
        for said, text in (_TOLD[one], _TOLD[other])
    ]


@pytest.mark.parametrize(("one", "other"), list(combinations(_TOLD, 2)))
def test_what_tells_of_two_things_is_told_apart(one: str, other: str) -> None:
    ours, theirs = _of_two_things(one, other)
    assert measured(ours, theirs)["topic_other"] < 0
    assert (bits("matter", ours, theirs) or 0) < 0
    assert probability(ours, theirs) < probability(ours, ours)


def test_what_tells_of_two_things_is_not_joined_by_place_and_hour() -> None:
    """Wording, class and topic differ; only the estate, the spot on the map and the evening are one."""
    for one, other in combinations(_TOLD, 2):
        assert probability(*_of_two_things(one, other)) < 0.9


def test_a_matter_that_was_nearly_read_is_no_other_matter() -> None:
    nearly = replace(_CLUTTER, maybe=frozenset({_LAWN.matter}))
    assert "else" not in measured(nearly, _LAWN)
    assert probability(nearly, _LAWN) > probability(_CLUTTER, _LAWN)


def test_like_words_outweigh_the_class() -> None:
    same_words = traits(
        "绿化草坪被踩坏", "春江花园", matter="fire.corridor", domain="城市管理", **_HERE
    )
    assert "else" not in measured(_LAWN, same_words)


@pytest.mark.parametrize(
    ("ours", "theirs", "beyond_hope"),
    [
        (traits(), traits(), False),
        (traits(), traits(area=320614000000000), True),  # another county
        (traits(**_TOWN), traits(**_NEXT_TOWN), False),
        (traits(), traits(**_IN_CITY), False),  # it may be there
        (named("春江花园"), traits(NOISE, "春江花园", area=320614000000000), False),
        (named("春江花园"), traits(NOISE, "百合花园", area=320614000000000), True),
        (traits(callers=frozenset("a")), traits(area=320614000000000, callers=frozenset("ab")), False),
        (traits(**_HERE), traits(area=320614000000000, **_NEXT_DOOR), False),  # the border is near
        (traits(**_HERE), traits(area=320614000000000, **_FAR), True),
    ],
)  # fmt: skip
def test_another_county_is_hopeless_unless_something_is_in_common(
    ours: Traits, theirs: Traits, beyond_hope: bool
) -> None:
    assert hopeless(ours, theirs) is beyond_hope
    assert hopeless(theirs, ours) is beyond_hope


@pytest.mark.parametrize(
    ("ours", "theirs", "beyond_hope"),
    [
        (("龙津河",), ("磨洋河",), True),
        (("龙津河",), ("龙津河", "磨洋河"), False),
        (("条龙津河",), ("龙津河",), False),  # cut wrongly
        (("流花溪", "文峰路"), ("濠河", "文峰路"), True),
        (("龙津河",), ("春江花园",), False),
        ((), ("龙津河",), False),
    ],
)
def test_where_only_the_city_is_known_another_river_is_hopeless(
    ours: tuple[str, ...], theirs: tuple[str, ...], beyond_hope: bool
) -> None:
    one, other = traits(NOISE, *ours, **_IN_CITY), traits(LIGHT, *theirs, **_IN_CITY)
    assert hopeless(one, other) is hopeless(other, one) is beyond_hope
    same_caller = frozenset("a")
    assert not hopeless(replace(one, callers=same_caller), replace(other, callers=same_caller))


def test_an_equal_headline_over_another_text_says_less() -> None:
    ours, theirs = traits(**_IN_CITY), traits(**_IN_CITY)
    for text, counts in ((1.0, 1.0), (0.5, 0.9), (0.1, 0.5)):
        likeness = replace(likenesses(ours, [theirs])[0], title=1.0, text=text)
        found = measure(ours, theirs, likeness, WEEK, shipped())
        assert found["blind_title"] == pytest.approx(counts)


def test_only_what_many_of_it_say_ties_a_report_to_a_large_incident() -> None:
    form = "加快建设力度"
    once = together([bag(f"{form}，银杉路陵园"), *[bag(form)] * 9])
    often = together([*[bag(f"{form}，银杉路陵园")] * 9, bag(form)])
    report = traits("银杉路陵园")
    letters = traits(form, bag=once, reports=10)
    assert not tied(measured(report, letters))
    assert tied(measured(report, replace(letters, bag=often)))
    assert tied(
        measured(replace(report, callers=frozenset("a")), replace(letters, callers=frozenset("ab")))
    )
    assert tied(measured(replace(report, **_HERE), replace(letters, **_NEXT_DOOR)))
    assert not tied(measured(replace(report, **_HERE), replace(letters, **_FAR)))
    at: Mapping[str, Any] = {"places": {"春江花园": 9.0}}
    assert tied(measured(replace(report, **at), replace(letters, **at)))
    road: Mapping[str, Any] = {"places": {"文峰路": 9.0}}  # roads are long
    assert not tied(measured(replace(report, **road), replace(letters, **road)))
    assert not tied({})


# -- the weights --------------------------------------------------------------------------------


def test_the_shipped_weights_weigh_what_is_measured() -> None:
    assert SHIPPED.version == 0
    assert SHIPPED.prior < 0  # most pairs are strangers
    assert SHIPPED.bits.keys() <= set(MEASURES)
    assert len(set(MEASURES)) == len(MEASURES)
    assert set(MEASURES) >= FOR | AGAINST
    assert not FOR & AGAINST


@pytest.mark.parametrize("name", MEASURES)
def test_the_shipped_weights_have_the_right_sign(name: str) -> None:
    weight = SHIPPED.bits.get(name, 0.0)
    assert isfinite(weight)
    assert name not in FOR or weight >= 0
    assert name not in AGAINST or weight <= 0
