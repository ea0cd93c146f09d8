"""Three units with probabilities and reasons; what was corrected counts at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from chengshu.agencies.duties.current import Responsibilities
from chengshu.agencies.duties.files import read_catalogue
from chengshu.agencies.model import Tier
from chengshu.agencies.units import read_units
from chengshu.dispatch.propose import Directory
from chengshu.dispatch.routing.router import Asked, Router, Similar, shipped_models
from chengshu.dispatch.routing.wording import Power, Wording
from chengshu.incidents.understand import Reader
from chengshu.kit.errors import Invalid
from chengshu.places import Located

NANTONG = Path(__file__).parents[3] / "cities/nantong"
CITY, RUGAO, BAIPU = 320600000000000, 320682000000000, 320682105000000
DAY = date(2026, 7, 14)
CLEAR = "市民反映春江花园消防通道长期不通，一旦失火救援车辆与人员均无法进出，网吧后门用电焊焊死，怕人逃单，要求执法查处。"


@lru_cache(maxsize=1)
def router() -> Router:
    catalogue = read_catalogue(NANTONG)
    groups = {
        m: tuple(r.duty for r in catalogue.rows if r.duty.matter == m) for m in catalogue.matters
    }
    wording, mix = shipped_models()
    return Router(wording, mix, Reader(catalogue.matters), catalogue.matters, Responsibilities(0, groups),
                  Directory(read_units(NANTONG / "units.csv")), mix)  # fmt: skip


def asked(text: str, area: int = BAIPU, nature: str = "help", sure: float = 0.97) -> Asked:
    return Asked("", text, nature, "other", Located(area, sure), DAY)


def test_the_unit_that_has_the_power_stands_first_with_its_reasons() -> None:
    found = router().propose(asked(CLEAR))
    assert found[0].unit == "nt.rugao.xiaofang"
    assert found[0].probability >= router().mix.threshold
    assert len(found) <= 3
    assert sum(p.probability for p in found) <= 1 + 1e-9
    about = [clue.about for clue in found[0].clues]
    assert {"words", "tier", "area"} <= set(about)
    assert all(clue.because and clue.because_en for p in found for clue in p.clues)


def test_words_that_were_never_met_are_left_to_a_person() -> None:
    found = router().propose(
        asked("蒸馏塔顶回流鼓异响频发疑似轴瓦磨损，恳请遴选精干力量莅临斧正。")
    )
    assert found[0].probability < router().mix.threshold


@pytest.mark.parametrize("area", [CITY, RUGAO])
def test_a_place_that_is_not_known_makes_it_less_sure(area: int) -> None:
    there = router().propose(asked(CLEAR))[0].probability
    assert (
        router().propose(asked(CLEAR, area, sure=0.0 if area == CITY else 0.9))[0].probability
        < there
    )


def test_similar_cases_speak_for_their_unit() -> None:
    text = "这里有点情况，麻烦来看一下。"
    one = replace(asked(text), similar=(Similar("A-1", "nt.rugao.slj", 0.97),))
    share = {p.unit: p.probability for p in router().propose(one)}
    before = {p.unit: p.probability for p in router().propose(asked(text))}
    assert share["nt.rugao.slj"] > before.get("nt.rugao.slj", 0.0)
    clue = next(
        c
        for p in router().propose(one)
        if p.unit == "nt.rugao.slj"
        for c in p.clues
        if c.about == "similar"
    )
    assert "A-1" in clue.because


def test_a_local_matter_goes_to_the_centre_of_the_place_and_says_so() -> None:
    r = router()
    unit = r.unit_of(Power("镇街", "township"), BAIPU)
    assert unit is not None
    assert (unit.unit, unit.tier) == ("nt.rugao.baipu", Tier.TOWNSHIP)
    county = r.unit_of(Power("镇街", "township"), RUGAO)
    assert county is not None
    assert county.unit == "nt.rugao"


@pytest.mark.parametrize("nature", ["complaint", "denunciation"])
def test_the_accused_never_gets_it(nature: str) -> None:
    for text in (
        "投诉白蒲派出所民警出警后态度恶劣，打架警情不受理。",
        "举报城管局王某某收钱，摊贩占道经营他放任不管。",
    ):
        for proposal in router().propose(asked(text, nature=nature)):
            unit = router().directory.units[proposal.unit]
            assert (unit.line, unit.tier) not in {
                ("公安局" if "派出所" in text else "城管局", Tier.COUNTY)
            }


def test_a_correction_counts_at_once() -> None:
    wording = router().wording
    taught = replace(wording, residual={}, steps={})
    seen, right = taught.read(CLEAR), Power("住建局", "county")
    at = taught.powers.index(right)
    before = taught.shares(seen)[at]
    for _ in range(3):
        taught.correct(seen, right)
    assert taught.shares(seen)[at] > before + 0.3
    assert wording.shares(seen)[at] == pytest.approx(before)


def test_a_model_is_written_and_read_again(tmp_path: Path) -> None:
    wording = router().wording
    wording.save(tmp_path / "w.npz")
    again = Wording.load(tmp_path / "w.npz")
    assert np.allclose(again.logits(again.read(CLEAR)), wording.logits(wording.read(CLEAR)))
    (tmp_path / "x.npz").write_bytes(b"no model")
    with pytest.raises(Invalid, match="无法读取模型"):
        Wording.load(tmp_path / "x.npz")
