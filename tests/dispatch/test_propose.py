"""Which unit: by line, tier and place; never a guess that looks like knowledge."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengshu.agencies.matters import OTHER, Matter, read_matters
from chengshu.agencies.model import Tier
from chengshu.agencies.units import read_units
from chengshu.dispatch.model import Proposal
from chengshu.dispatch.propose import Directory, Question, propose
from chengshu.incidents.understand import Reader, Understanding
from chengshu.places import Located

NANTONG = Path(__file__).parents[2] / "cities/nantong"
CITY, RUGAO, BAIPU = 320600000000000, 320682000000000, 320682105000000


@lru_cache(maxsize=1)
def world() -> tuple[dict[str, Matter], Directory]:
    return read_matters(NANTONG / "matters.toml"), Directory(read_units(NANTONG / "units.csv"))


def asked(matter: str, area: int = BAIPU, *, sure: float = 0.9, placed: float = 0.97,
          others: tuple[tuple[str, float], ...] = ()) -> list[Proposal]:  # fmt: skip
    matters, directory = world()
    u = Understanding(matter, matters[matter].domain, sure, others, 1, False, ())
    return propose(Question(u, Located(area, placed)), matters, directory)


@pytest.mark.parametrize(("matter", "area", "unit"), [
    ("city.garbage", BAIPU, "nt.rugao.cgj"),  # county matter, township known: the county's bureau
    ("city.garbage", RUGAO, "nt.rugao.cgj"),
    ("city.garbage", CITY, "nt"),  # county unknown: the city's centre finds out
])  # fmt: skip
def test_lead_by_line_and_tier(matter: str, area: int, unit: str) -> None:
    assert asked(matter, area)[0].unit == unit


def test_the_citys_own_bureau_stands_in_for_an_unknown_county() -> None:
    assert "nt.cgj" in [p.unit for p in asked("city.garbage", CITY)]


def test_matters_of_the_place_go_to_its_own_centre() -> None:
    matters, directory = world()
    local = [m.id for m in matters.values() if m.lead in ("", "镇街") and m.id != OTHER]
    for matter in local:
        assert asked(matter, BAIPU)[0].unit == "nt.rugao.baipu"
        assert asked(matter, RUGAO)[0].unit == "nt.rugao"
    assert directory.units["nt.rugao.baipu"].tier is Tier.TOWNSHIP


def test_with_the_county_unknown_nothing_goes_out_by_itself() -> None:
    """Only a matter that the city itself leads does not depend on the county."""
    matters, _ = world()
    for matter in matters.values():
        if matter.tier is Tier.CITY and matter.lead:
            continue
        best = asked(matter.id, CITY, sure=0.99, placed=0.0)
        assert all(p.probability < 0.9 for p in best), matter.id


def test_an_unknown_matter_goes_to_people() -> None:
    best = asked(OTHER, BAIPU, sure=0.0)
    assert best[0].unit in ("nt.rugao", "nt.rugao.baipu", "nt")
    assert best[0].probability < 0.9


def test_two_readings_that_lead_to_one_unit_add_up() -> None:
    """If it is either rubbish or a vendor, the bureau that leads both is surer than by either alone."""
    alone = asked("city.garbage", sure=0.4)[0].probability
    both = asked("city.garbage", sure=0.4, others=(("city.vendor", 0.3),))[0]
    assert both.unit == "nt.rugao.cgj"
    assert both.probability > alone


MATTERS = st.sampled_from(sorted(read_matters(NANTONG / "matters.toml")))


@settings(max_examples=200, deadline=None)
@given(
    ranked=st.lists(
        st.tuples(MATTERS, st.floats(0.05, 10)),
        min_size=1,
        max_size=4,
        unique_by=lambda pair: pair[0],
    ),
    area=st.sampled_from([CITY, RUGAO, BAIPU, 320612000000000, 320685102000000]),
    placed=st.floats(0.05, 1),
)
def test_what_always_holds(ranked: list[tuple[str, float]], area: int, placed: float) -> None:
    """Shares as the reader makes them: scores over their sum and a bit."""
    ranked = sorted(ranked, key=lambda pair: -pair[1])
    total = sum(score for _, score in ranked) + 1.5
    shares = [(m, s / total) for m, s in ranked]
    found = asked(shares[0][0], area, sure=shares[0][1], placed=placed, others=tuple(shares[1:]))
    _check(found)


def _check(found: list[Proposal]) -> None:
    matters, directory = world()
    assert 1 <= len(found) <= 3
    assert len({p.unit for p in found}) == len(found)
    assert [p.probability for p in found] == sorted((p.probability for p in found), reverse=True)
    assert all(0 < p.probability <= 1 for p in found)
    assert sum(p.probability for p in found) <= 1.1, found
    for p in found:
        assert p.unit in directory.units
        assert p.clues
        assert all(c.because and c.because_en for c in p.clues)
    assert matters


@pytest.mark.parametrize("text", ["垃圾成堆没人清", "路灯坏了三盏,晚上漆黑一片", "楼上漏水,物业不管", "工地半夜施工噪音扰民", "",
                                  "工厂偷排污水,河里死鱼", "拖欠工资", "公交车脱班"])  # fmt: skip
def test_real_sentences(text: str) -> None:
    matters, directory = world()
    reader = Reader(matters)
    for area, sure in ((BAIPU, 0.97), (RUGAO, 0.9), (CITY, 0.0)):
        _check(propose(Question(reader.read("", text), Located(area, sure)), matters, directory))
