"""How alike two wordings are: bounded, the same from both sides, and readable."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.grams import EMPTY, Bag, together
from chengshu.incidents.wording import Likeness, Wording
from tests.incidents.bags import bag, wording

HEAP = "楼道里堆满纸箱"
LIGHT = "路灯坏了看不见"


def alike(said: Wording, theirs: Bag, reports: int = 1, names: str = "") -> Likeness:
    return said.alike([(theirs, reports, names)])[0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [(HEAP, HEAP, 1.0), (HEAP, LIGHT, 0.0), (HEAP, "", 0.0), ("", HEAP, 0.0), ("", "", 0.0),
     ("😀", "😀", 0.0)],
)  # fmt: skip
def test_cosines_at_the_ends(one: str, other: str, same: float) -> None:
    found = alike(wording(one), bag(other))
    assert [found.title, found.text] == pytest.approx([same, same])
    if not same:
        assert (found.run, found.cross) == (0, 0)
        assert wording(one).in_common(found) == []


_TEXT = st.text(st.sampled_from("路灯坏楼道纸箱堆3号，。😀"), max_size=30)


@given(_TEXT, _TEXT, _TEXT, _TEXT)
def test_cosines_are_bounded_and_the_same_from_both_sides(
    title: str, text: str, other_title: str, other_text: str
) -> None:
    ours = alike(wording(title, text), bag(other_title, other_text))
    theirs = alike(wording(other_title, other_text), bag(title, text))
    for found in (ours, theirs):
        assert 0 <= found.title <= 1
        assert 0 <= found.text <= 1
        assert 0 <= found.run <= 1.6
        assert found.run <= found.cross <= 1.6 or found.cross == pytest.approx(found.run)
    assert ours.title == pytest.approx(theirs.title)
    assert ours.text == pytest.approx(theirs.text)


@given(
    _TEXT, st.lists(st.tuples(_TEXT, st.integers(1, 9), st.sampled_from(["", "路灯", "纸箱堆"])))
)
def test_many_at_once_are_as_one_by_one(text: str, said: list[tuple[str, int, str]]) -> None:
    ours, incidents = wording(text), [(bag(one), reports, names) for one, reports, names in said]
    together_, alone = ours.alike(incidents), [ours.alike([one])[0] for one in incidents]
    for one, other in zip(together_, alone, strict=True):
        assert one.title == pytest.approx(other.title)
        assert one.text == pytest.approx(other.text)
        assert [one.run, one.cross] == pytest.approx([other.run, other.cross])
        assert one.common.tolist() == other.common.tolist()


def test_a_longer_piece_in_common_is_rarer() -> None:
    said = wording("丽发新城搅拌站噪音")
    runs = [
        alike(said, bag(one)).run for one in ("新城", "丽发新", "丽发新城", "丽发新城搅拌站噪音")
    ]
    assert runs == sorted(runs)
    assert 0 < runs[0] < runs[2]
    broken = alike(said, bag("丽发很大，新城很好"))
    assert broken.run < runs[2]  # the same characters, but not in one piece


def test_what_everybody_says_adds_nothing_to_a_piece() -> None:
    assert alike(wording(HEAP, rarity=1.0), bag(HEAP)).run == 0


def test_a_title_finds_its_piece_in_a_text() -> None:
    found = alike(wording("丽发新城搅拌站"), bag("夜里很吵", "住在丽发新城搅拌站旁边"))
    assert found.run == 0
    assert found.cross > 0
    back = alike(wording("夜里很吵", "住在丽发新城搅拌站旁边"), bag("丽发新城搅拌站"))
    assert back.cross == pytest.approx(found.cross)


def test_names_of_shared_places_are_no_wording() -> None:
    said, theirs = wording("春江花园楼道堆满"), bag("春江花园电梯坏了")
    plain, left_out = alike(said, theirs), alike(said, theirs, names="春江花园")
    assert plain.title > left_out.title
    assert left_out.title == 0
    assert left_out.run == 0
    assert said.in_common(left_out) == []
    assert alike(said, bag("春江花园楼道堆满"), names="春江花园").title == pytest.approx(1)
    only = alike(wording("春江花园"), bag("春江花园"), names="春江花园")
    assert (only.title, only.text, only.run) == (0, 0, 0)


def test_a_piece_is_a_mark_only_where_a_good_part_says_it() -> None:
    once = together([bag("丽发新城"), *[bag(HEAP)] * 9])
    often = together([*[bag("丽发新城")] * 5, *[bag(HEAP)] * 5])
    said = wording("丽发新城搅拌站")
    assert alike(said, once, 10).run == 0
    assert alike(said, often, 10).run > 0
    assert said.in_common(alike(said, once, 10)) == []
    assert said.in_common(alike(said, often, 10)) == ["丽发新城"]


@pytest.mark.parametrize(
    ("one", "other", "pieces"),
    [
        ("丽发新城的搅拌站夜里吵", "搅拌站在丽发新城", ["丽发新城", "搅拌站"]),
        (HEAP, HEAP, [HEAP]),
        (HEAP, LIGHT, []),
        ("ＡＢＣ大厦", "abc大厦", ["abc大厦"]),
    ],
)
def test_what_is_in_common_can_be_read(one: str, other: str, pieces: list[str]) -> None:
    assert wording(one).in_common(alike(wording(one), bag(other))) == pieces


def test_at_most_three_short_pieces_are_shown() -> None:
    text = "，".join("丽发新城 搅拌站 消火栓 旧沙发 楼梯转弯".split())
    shown = wording(text).in_common(alike(wording(text), bag(text)))
    assert len(shown) == 3
    long = "城东丽发新城二期工地搅拌站夜里噪音很大"
    assert wording(long).in_common(alike(wording(long), bag(long))) == [long[:12]]


def test_without_the_order_only_cosines_are_known() -> None:
    found = alike(Wording.of_bag(bag(HEAP)), bag(HEAP))
    assert found.title == pytest.approx(1)
    assert (found.run, found.cross) == (0, 0)
    assert Wording.of_bag(bag(HEAP)).in_common(found) == []


def test_nothing_is_like_nothing() -> None:
    assert wording(HEAP).alike([]) == []
    for said in (Wording.of_bag(EMPTY), wording(""), wording(HEAP)):
        found = said.alike([(EMPTY, 1, ""), (EMPTY, 3, "春江花园")])
        assert [(one.title, one.text, one.run, one.cross) for one in found] == [(0, 0, 0, 0)] * 2


def test_a_long_text_is_compared() -> None:
    said = wording("垃圾没人清运", "垃圾没人清运" * 17_000)
    assert alike(said, bag("垃圾没人清运")).title == pytest.approx(1)
    assert said.in_common(replace(alike(said, bag("垃圾")), run=0.0))[0].startswith("垃圾")
