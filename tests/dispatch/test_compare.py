"""What of two texts is marked as shared, and what as different."""

from __future__ import annotations

import pytest

from chengshu.dispatch import compare
from chengshu.intake.model import Channel, Nature, Report
from chengshu.places import Locator
from tests.conftest import NOW, Home

pytestmark = pytest.mark.db


def report(text: str, number: int = 1) -> Report:
    """A report that says this."""
    return Report(id=number, channel=Channel.HOTLINE, source="", channel_id="", received_at=NOW, said_at=NOW, title="",
                  text=text, nature=Nature.COMPLAINT, place="", area=320600000000000)  # fmt: skip


def marked(one: str, other: str, locator: Locator) -> list[tuple[str, str]]:
    """The marked parts of the first text, and what they are."""
    (marks,), _ = compare.marks([report(one)], [report(other)], locator)
    return [(one[s.start : s.end], s.kind) for s in marks["text"]]


CASES = [
    ("垃圾桶满了，三天没人收", "已经三天没人收了，垃圾桶外面都是", [("垃圾桶", "word"), ("三天没人收", "word")],
     "runs are longer than words, and end at content words"),
    ("我们这个问题希望尽快处理", "我们那个问题，希望能够处理", [], "common words are not marked"),
    ("路灯坏了", "路灯杆倒了", [("路灯", "word")], "words that are cut otherwise on the other side"),
    ("海阳路路灯坏了", "海阳路上有个坑", [("海阳路", "place")], "a street that both name"),
    ("海阳路有积水", "仙鹤路有积水", [("海阳路", "other_place"), ("积水", "word")], "streets that differ"),
    ("海阳路有水", "春江花园停了", [], "a street and an estate do not contradict each other"),
    ("如城街道停水", "白蒲镇停水", [("如城街道", "other_place"), ("停水", "word")], "townships that differ"),
    ("12号楼停水", "在12号楼", [("12号楼", "spot")], "the same spot"),
    ("12号楼停水", "2号楼没有电", [("12号楼", "other_spot")], "12号楼 is not 2号楼"),
    ("１２号楼停水", "12号楼的电梯", [("１２号楼", "spot")], "full-width digits are digits, and keep their place"),
    ("", "垃圾", [], "nothing said"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "expected", "why"), CASES, ids=[c[3] for c in CASES])
def test_what_is_shared_and_what_differs_is_marked(
    home: Home, one: str, other: str, expected: list[tuple[str, str]], why: str
) -> None:
    assert marked(one, other, home.world.rules.locator) == expected


@pytest.mark.parametrize("text", ["路灯坏了没人修", "哈", "🙂路灯"])
def test_marks_of_long_texts_lie_within_what_is_read_and_do_not_overlap(
    home: Home, text: str
) -> None:
    long = [report(text * (100_000 // len(text)), n) for n in range(5)]
    one, other = compare.marks(long, long, home.world.rules.locator)
    for marks in [*one, *other]:
        at = 0
        for span in marks["text"]:
            assert at <= span.start < span.end <= 4000
            at = span.end


def test_the_reports_most_like_the_other_side_are_shown() -> None:
    own = [report(text, n) for n, text in enumerate(
        ["食堂价格太高", "路灯坏了一排", "小区停车收费", "路灯不亮", "公交晚点", "噪音扰民", "河道漂浮物"])]  # fmt: skip
    shown = compare.most_alike(own, [report("路灯不亮，一排都坏了")])
    assert [r.id for r in shown[:2]] == [3, 1]
    assert len(shown) == compare.MOST_SHOWN
