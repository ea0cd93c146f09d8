"""Words and keys of texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.words import MAX_WORDS, plain, search_words, spots, term, words

ODD = [
    "",
    "。",
    "好",
    "😀😀😀",
    "Ünïcödé straße",
    "مرحبا بالعالم",
    "𠮷野家",
    "ＡＢＣ１２３",
    "a" * 100_000,
    "垃圾" * 50_000,
]


@pytest.mark.parametrize("text", ODD)
def test_any_text_has_words(text: str) -> None:
    for found in (words(text), search_words(text)):
        assert len(found) <= MAX_WORDS
        assert len(found) == len(set(found))


@given(st.text(max_size=200))
def test_plain_keeps_every_position(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_full_width_is_half_width() -> None:
    assert plain("ＡＢ１２") == "ab12"


def test_common_words_say_nothing() -> None:
    assert "我们" not in words("我们小区垃圾成堆")
    assert "垃圾" in words("我们小区垃圾成堆")


def test_spots_are_exact() -> None:
    assert spots("春江花园3号楼2单元") == {"3号楼", "2单元"}


def test_keys_are_the_same_everywhere() -> None:
    assert term("w", "垃圾") == term("w", "垃圾") != term("s", "垃圾")
    assert 0 <= term("w", "垃圾") < 2**63
