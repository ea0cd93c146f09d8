"""Any text has pairs, pairs are kept as they are, and sums do not depend on the order."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.grams import EMPTY, MOST, Bag, joined, pairs, spelled, together, unpack


def _spelled(text: str) -> list[str]:
    return [spelled(pair) if pair else "" for pair in pairs(text).tolist()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("好", []),
        ("。", []),
        ("路灯", ["路灯"]),
        ("丽发，新城", ["丽发", "", "", "新城"]),
        ("。！？", ["", ""]),
        ("7幢", ["7幢"]),
        ("ＡＢ１", ["ab", "b1"]),  # full-width is half-width
        ("Straße", ["st", "tr", "ra", "aß", "ße"]),
        ("مرحبا", ["مر", "رح", "حب", "با"]),
        ("дом", ["до", "ом"]),
        ("한글", ["한글"]),
    ],
)
def test_neighbours_are_pairs(text: str, found: list[str]) -> None:
    assert _spelled(text) == found


@pytest.mark.parametrize("text", ["😀😀😀🔥", "𠮷𠮷", "\ud83d", "\x00\x00", "\u200b\u200b"])
def test_what_is_no_letter_of_the_first_plane_is_no_pair(text: str) -> None:
    assert not pairs(text).any()


def test_letters_beside_an_emoji_are_found() -> None:
    assert [one for one in _spelled("路灯😀坏了") if one] == ["路灯", "坏了"]


def test_a_hundred_thousand_characters() -> None:
    found = pairs("垃圾" * 50_000)
    assert len(found) == 99_999
    assert {spelled(pair) for pair in np.unique(found)} == {"垃圾", "圾垃"}


@given(st.text(st.characters(), max_size=200))
def test_any_text_has_pairs_of_letters(text: str) -> None:
    for one in _spelled(text):
        assert not one or (len(one) == 2 and one.isalnum())


@given(st.text(st.characters(), max_size=40), st.text(st.characters(), max_size=40))
def test_what_stands_apart_makes_no_pair(one: str, other: str) -> None:
    apart = {pair for pair in pairs(f"{one}。{other}").tolist() if pair}
    assert apart == {pair for text in (one, other) for pair in pairs(text).tolist() if pair}


def test_runs_are_written_as_they_were() -> None:
    at = pairs("丽发新城").tolist()
    assert joined([at, at[:1], []]) == ["丽发新城", "丽发"]


_COUNT = st.integers(0, 100_000)
_BAG = st.dictionaries(st.integers(1, 2**32 - 1), st.tuples(_COUNT, _COUNT), max_size=12).map(
    lambda said: Bag(
        np.array(sorted(said), np.uint32),
        np.array([said[pair][0] for pair in sorted(said)], np.int32),
        np.array([said[pair][1] for pair in sorted(said)], np.int32),
    )
)


def _as_dict(bag: Bag) -> dict[int, tuple[int, int]]:
    rows = zip(bag.pair.tolist(), bag.title.tolist(), bag.text.tolist(), strict=True)
    return {pair: (title, text) for pair, title, text in rows}


@given(_BAG)
def test_a_bag_is_kept_as_it_is(bag: Bag) -> None:
    again = unpack(bag.pack())
    assert again == bag
    assert hash(again) == hash(bag)
    assert _as_dict(again) == _as_dict(bag)
    assert (again.pair.dtype, again.title.dtype, again.text.dtype) == (
        bag.pair.dtype,
        bag.title.dtype,
        bag.text.dtype,
    )


def test_nothing_is_kept_as_nothing() -> None:
    assert EMPTY.pack() == b""
    assert unpack(b"") == EMPTY
    assert EMPTY != "nothing"


@given(st.lists(_BAG, min_size=1, max_size=5), st.randoms())
def test_sums_add_up_in_any_order(bags: list[Bag], rng: random.Random) -> None:
    whole = together(bags)
    expected: dict[int, tuple[int, int]] = {}
    for bag in bags:
        for pair, (title, text) in _as_dict(bag).items():
            so_far = expected.get(pair, (0, 0))
            expected[pair] = (so_far[0] + title, so_far[1] + text)
    assert _as_dict(whole) == expected
    assert whole.pair.tolist() == sorted(whole.pair.tolist())
    assert together(rng.sample(bags, len(bags))) == whole
    one_by_one = EMPTY
    for bag in bags:
        one_by_one = together([one_by_one, bag])
    assert one_by_one == whole


@given(_BAG, _BAG, st.integers(0, 12))
def test_the_lightest_are_left_out(one: Bag, other: Bag, most: int) -> None:
    whole, kept = _as_dict(together([one, other])), _as_dict(together([one, other], most))
    assert together([other, one], most) == together([one, other], most)
    assert len(kept) == min(most, len(whole))
    assert kept.items() <= whole.items()
    left = [sum(weight) for pair, weight in whole.items() if pair not in kept]
    assert not left or not kept or max(left) <= min(sum(weight) for weight in kept.values())


def test_a_large_incident_keeps_so_many_pairs() -> None:
    numbers = np.arange(1, 2 * MOST, dtype=np.uint32)
    bags = [Bag(part, np.ones(len(part), np.int32), np.ones(len(part), np.int32))
            for part in (numbers[:MOST], numbers[MOST:])]  # fmt: skip
    assert len(together(bags).pair) == MOST
