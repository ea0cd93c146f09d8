"""What a text tells of: a distribution for any text, and what two distributions say of each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.grams import pairs
from chengshu.incidents.topics import STEPS, Topics, shipped

KINDS = {
    "corridor_clutter": ("楼道里堆满纸箱和旧沙发，走不过去", "楼梯间杂物成堆，纸板一直堆到转弯"),
    "streetlight_out": ("路灯不亮，晚上一片漆黑", "整条路的路灯都坏了，黑得看不见"),
    "dust_site": ("工地上扬尘很大，没有围挡", "灰尘漫天，工地不洒水"),
    "elevator_fault": ("电梯坏了两天没人修，老人下不了楼", "电梯困人，按了没反应"),
    "unpaid_wages": ("工地拖欠农民工工资", "老板欠薪三个月，工人讨要工资"),
}


def agreement(one: str, other: str) -> float:
    topics = shipped()
    return topics.agreement(topics.of(pairs(one)), topics.of(pairs(other)))


def test_the_shipped_model_reads() -> None:
    topics = shipped()
    assert topics.names
    assert len(set(topics.names)) == len(topics.names)
    assert topics.weight.shape == (len(topics.pair), len(topics.names))
    assert topics.bias.shape == topics.usual.shape == (len(topics.names),)
    assert (np.diff(topics.pair.astype(np.int64)) > 0).all()
    assert np.isfinite(topics.weight).all()
    assert np.isfinite(topics.bias).all()
    assert (topics.usual > 0).all()
    assert topics.usual.sum() == pytest.approx(1)


@given(st.text(st.sampled_from("路灯坏楼道纸箱堆工地扬尘。😀ab") | st.characters(), max_size=80))
def test_any_text_has_a_distribution(text: str) -> None:
    found = shipped().of(pairs(text))
    assert len(found) == len(shipped().names)
    assert (found >= 0).all()
    assert abs(int(found.sum()) - STEPS) <= len(found) / 2  # what rounding can do


def test_a_long_text_has_a_distribution() -> None:
    found = shipped().of(pairs("路灯不亮，晚上一片漆黑。" * 9_000))
    assert shipped().names[int(found.argmax())] == "streetlight_out"


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_agrees(kind: str) -> None:
    assert agreement(*KINDS[kind]) > 0
    assert all(agreement(text, text) > 0 for text in KINDS[kind])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("corridor_clutter", "streetlight_out"),
        ("streetlight_out", "dust_site"),
        ("dust_site", "elevator_fault"),
        ("elevator_fault", "unpaid_wages"),
    ],
)
def test_two_kinds_do_not(one: str, other: str) -> None:
    for ours in KINDS[one]:
        for theirs in KINDS[other]:
            assert agreement(ours, theirs) <= 0


_SHARES = st.lists(st.integers(0, 5_000), min_size=3, max_size=3).map(
    lambda n: np.array(n, np.int32)
)
_THREE = Topics(
    np.array([7, 9], np.uint32), np.array([[9, 0, 0], [0, 9, 0]], np.float32), np.zeros(3, np.float32),
    np.array([0.2, 0.3, 0.5]), ("one", "two", "three"),
)  # fmt: skip


@given(_SHARES, _SHARES)
def test_agreement_is_bounded_and_has_no_direction(
    one: np.ndarray[tuple[int], np.dtype[np.int32]],
    other: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> None:
    said = _THREE.agreement(one, other)
    assert -5 <= said <= 5
    assert said == pytest.approx(_THREE.agreement(other, one))


def test_a_rare_topic_in_common_says_more() -> None:
    first, last = np.array([1000, 0, 0], np.int32), np.array([0, 0, 1000], np.int32)
    assert _THREE.agreement(first, first) > _THREE.agreement(last, last) > 0
    assert _THREE.agreement(first, last) < 0
    assert _THREE.agreement(5 * first, 9 * first) > 0  # sums over many reports


def test_what_is_not_known_says_nothing() -> None:
    nothing, known = np.zeros(0, np.int32), np.array([1000, 0, 0], np.int32)
    for other in (nothing, np.array([1000], np.int32), np.ones(4, np.int32)):
        assert _THREE.agreement(known, other) == _THREE.agreement(other, known) == 0
    assert _THREE.agreement(nothing, nothing) == 0
    usual = np.array([200, 300, 500], np.int32)
    assert abs(_THREE.agreement(usual, known)) < 0.01  # a text that tells nothing of its kind


def test_unknown_pairs_change_little() -> None:
    assert _THREE.of(np.array([7], np.uint32)).tolist() == [1000, 0, 0]
    assert _THREE.of(np.array([0, 0], np.uint32)).tolist() == [333, 333, 333]
    assert _THREE.of(np.array([8, 10], np.uint32)).tolist() == [333, 333, 333]
    assert _THREE.of(np.array([10, 7, 7], np.uint32)).argmax() == 0


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "topics.npz"
    np.savez(
        path, pair=_THREE.pair, weight=(_THREE.weight / 0.5).astype(np.int8), step=np.float32(0.5),
        bias=_THREE.bias, usual=_THREE.usual, names=np.array(_THREE.names),
    )  # fmt: skip
    again = Topics.read(path)
    assert again.names == _THREE.names
    assert (again.weight == _THREE.weight).all()
    assert (again.usual == _THREE.usual).all()
