"""Danger rings, its look-alikes do not; confidence is a probability."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.agencies.matters import read_matters
from chengshu.incidents.understand import Reader, calibrated

READER = Reader(read_matters(Path(__file__).parents[2] / "cities/nantong/matters.toml"))


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("楼道里闻到煤气味", True),
        ("天然气价格什么时候下调", False),
        ("三楼着火了,浓烟滚滚", True),
        ("小区组织火灾演练通知", False),
        ("老人被困电梯", True),
        ("生活困难想申请补助", False),
        ("有人落水", True),
        ("预防溺水宣传", False),
        ("围墙要塌了", True),
        ("房价塌了", False),
        ("孩子走失两小时", True),
        ("快递失踪了", False),
        ("", False),
    ],
)
def test_danger_and_its_look_alikes(text: str, danger: bool) -> None:
    found = READER.read("", text)
    assert any(m.kind == "danger" for m in found.marks) is danger
    if danger:
        assert found.danger
        assert found.urgency == 3


def test_marks_lie_where_they_say() -> None:
    text = "春江花园门口垃圾成堆,闻到煤气味"
    for mark in READER.read("", text).marks:
        assert text[mark.start : mark.end] == mark.text


def test_confidence_never_falls_with_the_share() -> None:
    values = [calibrated(n / 100) for n in range(101)]
    assert all(low <= high for low, high in pairwise(values))
    assert values[0] == 0


@given(st.text(max_size=100), st.text(max_size=300))
def test_any_text_is_read(title: str, text: str) -> None:
    found = READER.read(title, text)
    assert 0 <= found.confidence <= 1
    assert sum(share for _, share in found.runners_up) + found.confidence <= 1 + 1e-9
