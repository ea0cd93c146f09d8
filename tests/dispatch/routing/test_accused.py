"""A complaint never goes to whom it is about."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from chengshu.agencies.model import Unit
from chengshu.agencies.units import read_units
from chengshu.dispatch.routing.accused import accused, instead

NANTONG = Path(__file__).parents[3] / "cities/nantong"


@lru_cache(maxsize=1)
def units() -> dict[str, Unit]:
    return {u.unit: u for u in read_units(NANTONG / "units.csv")}


@pytest.mark.parametrize(("text", "unit", "words"), [
    ("投诉派出所民警出警后态度恶劣", "nt.rugao.gaj", "派出所民警"),
    ("举报城管局王某某收钱放任摆摊", "nt.rugao.cgj", "城管局"),
    ("举报城管队员收了摊贩的红包", "nt.rugao.cgj", "城管队员"),
    ("多次向市场监管局反映均被推诿，市场监管局不作为", "nt.rugao.scjgj", "市场监管局"),
    ("举报城管局李某，多次上门索要好处", "nt.rugao.cgj", "李某"),
    ("白蒲镇政府工作人员吃拿卡要", "nt.rugao.baipu", "镇政府工作人员"),
])  # fmt: skip
def test_who_is_accused_is_found(text: str, unit: str, words: str) -> None:
    found = accused(text, units()[unit])
    assert found is not None
    assert words in found.words


@pytest.mark.parametrize(("text", "unit"), [
    ("投诉楼下麻将馆吵闹，请派出所来管一管", "nt.rugao.gaj"),
    ("举报饭店油烟扰民，请城管局查处", "nt.rugao.cgj"),
    ("投诉物业乱收费，社区调解过", "nt.rugao.baipu"),
    ("投诉派出所民警出警后态度恶劣", "nt.rugao.cgj"),
    ("投诉店铺占道，请城管局查处，店主态度恶劣", "nt.rugao.cgj"),
])  # fmt: skip
def test_asking_a_unit_for_help_is_no_accusation(text: str, unit: str) -> None:
    assert accused(text, units()[unit]) is None


@pytest.mark.parametrize(("unit", "graft", "to"), [
    ("nt.rugao.gaj", False, "nt.gaj"),  # one tier up, the same line
    ("nt.rugao.gaj", True, "nt.rugao.jwjw"),
    ("nt.gaj", False, "nt.jwjw"),  # nobody of its line stands above
    ("nt.gaj", True, "nt.jwjw"),
    ("nt.rugao.baipu", False, "nt.rugao"),
    ("nt.rugao.baipu", True, "nt.rugao.jwjw"),
    ("nt.rugao.jwjw", True, "nt.jwjw"),
])  # fmt: skip
def test_it_goes_up_or_to_discipline(unit: str, graft: bool, to: str) -> None:
    found = instead(units()[unit], graft, units())
    assert found is not None
    assert found.unit == to
