"""Numbers of people become ranges; houses, numbers and organisations are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.incidents.people import people


@pytest.mark.parametrize(("text", "low", "high"), [
    ("三十多人", 31, 39), ("百余名工人讨薪", 101, 199), ("一家三口", 3, 3), ("2名老人", 2, 2), ("三四个人", 3, 4),
    ("20-30人", 20, 30), ("20到30名学生", 20, 30), ("约50名业主", 45, 55), ("上百名家长", 100, 200), ("12人", 12, 12),
    ("一百二十人", 120, 120), ("十几个小伙子", 11, 19), ("母子俩", 2, 2), ("老两口", 2, 2), ("几十人", 20, 90),
    ("好几个人", 3, 9), ("一群人", 4, 50), ("3个孩子", 3, 3), ("两千多名职工", 2001, 2999), ("1.2万人", 0, 0),
    ("一人受伤", 1, 1), ("至少5人被困", 5, 6), ("不到10人", 8, 10), ("三位乘客", 3, 3), ("20户居民", 20, 80),
])  # fmt: skip
def test_a_number_of_people(text: str, low: int, high: int) -> None:
    found = people(text)
    if not high:
        assert found == ()
        return
    assert [(p.low, p.high) for p in found] == [(low, high)]
    assert text[found[0].start : found[0].end] == found[0].text


@pytest.mark.parametrize("text", [
    "", "有人", "人民路3号", "第3人民医院", "一人一票", "3个垃圾桶", "几万人", "三口井", "两名", "12人民币", "4路公交",
])  # fmt: skip
def test_what_counts_no_people(text: str) -> None:
    assert people(text) == ()


def test_who_they_are() -> None:
    assert [p.who for p in people("2名老人和三个人，5名工人")] == ["老人", "", "工人"]
    assert people("三十多人")[0].said() == ("31–39 人", "31–39 people")


WORDS = st.lists(
    st.sampled_from(
        "一 三 十 百 多 几 好 名 个 位 人 老人 户 - 到 约 2 30 一家 口 俩 万 千 零".split()
    ),
    max_size=20,
).map("".join)


@given(WORDS | st.text(max_size=200))
def test_any_text(text: str) -> None:
    end = 0
    for found in people(text):
        assert end <= found.start < found.end <= len(text)
        assert text[found.start : found.end] == found.text
        assert 0 < found.low <= found.high
        end = found.end
