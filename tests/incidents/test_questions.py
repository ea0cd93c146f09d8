"""What is missing is asked, what was said is not; things, marks and the city's own files."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.agencies.matters import read_matters
from chengshu.incidents.marks import KINDS, Mark, laid
from chengshu.incidents.objects import Things
from chengshu.incidents.questions import MOST, missing, read_questions
from chengshu.incidents.understand import Reader, Understanding
from chengshu.kit.errors import CannotStart
from chengshu.kit.times import SHANGHAI
from chengshu.places import CityFileError, Level
from chengshu.places.components.classes import read_classes

CITY = Path(__file__).parents[2] / "cities/nantong"
MATTERS = read_matters(CITY / "matters.toml")
CLASSES = read_classes(CITY)
QUESTIONS = read_questions(CITY, MATTERS, {m.domain for m in MATTERS.values()})
READER = Reader(MATTERS, Things(CLASSES.classes.values(), CLASSES.others))
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)


def read(text: str) -> Understanding:
    """One message, said now."""
    return READER.read("", text, NOW)


def asked(text: str, level: Level = Level.CITY, *, named: bool = False) -> list[str]:
    """What is asked of a message."""
    return [q.what for q in missing(QUESTIONS, read(text), text, level=level, named=named)]


def test_nothing_is_asked_of_a_beginning() -> None:
    assert asked("路灯") == []


def test_where_is_asked_until_it_is_known() -> None:
    text = "路灯昨晚开始不亮，一共两盏"
    assert asked(text)[:2] == ["county", "spot"]
    assert asked(text, Level.COUNTY)[0] == "spot"
    assert "spot" not in asked(text, Level.COUNTY, named=True)
    assert "since" not in asked(text, Level.TOWNSHIP, named=True)


def test_danger_asks_for_people_first() -> None:
    assert asked("楼道里一股煤气味很浓")[0] == "hurt"
    assert "hurt" not in asked("楼道里一股煤气味很浓，2名老人在家")


def test_a_plate_is_asked_for_a_car_only() -> None:
    assert "plate" in asked("出租车司机绕路多收钱", Level.TOWNSHIP, named=True)
    assert "plate" not in asked("出租车司机绕路多收钱，车牌苏F12345", Level.TOWNSHIP, named=True)
    assert "plate" not in asked("小区门口垃圾成堆没人清", Level.TOWNSHIP, named=True)


def test_never_more_than_three_and_the_heaviest_first() -> None:
    for text in (
        "楼道里一股煤气味很浓",
        "老板拖欠工资不给",
        "商店卖的东西有问题",
        "有个事情想反映一下",
    ):
        chosen = missing(QUESTIONS, read(text), text, level=Level.CITY, named=False)
        assert len(chosen) <= MOST
        assert [q.weight for q in chosen] == sorted((q.weight for q in chosen), reverse=True)
        assert all(q.ask and q.ask_en for q in chosen)


@pytest.mark.parametrize(("entry", "named"), [
    ('what = "a"\nask = "b"\nask_en = "c"', "weight"), ('what = "a"\nask = "b"\nask_en = "c"\nweight = 1\nmatters = ["x"]', "x"),
    ('what = "a"\nask = "b"\nask_en = "c"\nweight = 1\nwords = ["("]', "1"),
    ('what = "a"\nask = "b"\nask_en = "c"\nweight = 1\nfield = "phone"', "phone"),
    ('what = "a"\nask = "b"\nask_en = "c"\nweight = 1\nwhom = 3', "whom"),
])  # fmt: skip
def test_a_wrong_entry_is_named(tmp_path: Path, entry: str, named: str) -> None:
    (tmp_path / "questions.toml").write_text(f"[[question]]\n{entry}\n", "utf-8")
    with pytest.raises(CannotStart, match=named):
        read_questions(tmp_path, MATTERS, ())


def test_a_city_without_the_files_asks_nothing(tmp_path: Path) -> None:
    assert read_questions(tmp_path, MATTERS, ()) == ()
    assert read_classes(tmp_path).classes == {}


@pytest.mark.parametrize(
    "entry",
    [
        'code = "0901"\nname = "a"\nname_en = "b"',
        'code = "0101"\nname = "a"',
        'code = "0101"\nname = ""\nname_en = "b"',
    ],
)
def test_a_wrong_class_is_named(tmp_path: Path, entry: str) -> None:
    (tmp_path / "components.toml").write_text(f"[[class]]\n{entry}\n", "utf-8")
    with pytest.raises(CityFileError, match="class"):
        read_classes(tmp_path)


@pytest.mark.parametrize(("text", "name", "code"), [
    ("仙鹤路路灯不亮", "路灯", "0114"), ("窨井盖松动，车子压上去很响", "窨井盖", "0108"), ("垃圾桶满了没人收", "垃圾箱", "0304"),
    ("电梯坏了", "电梯", ""), ("红绿灯不亮", "交通信号灯", "0210"), ("路灯下面有人摆摊，垃圾遍地", "垃圾", ""),
])  # fmt: skip
def test_what_it_is_about(text: str, name: str, code: str) -> None:
    about = read(text).object
    assert about is not None
    assert (about.name, about.code) == (name, code)


def test_every_kind_is_marked_and_says_what_was_read() -> None:
    text = "昨晚起路灯倒了砸到2名老人，立即派人，有人受伤流血不止"
    found = {m.kind: m for m in read(text).marks}
    assert {"time", "people", "object", "urgency"} <= set(found)
    assert found["time"].said == "11-23 18:00 起"
    assert found["people"].said_en == "2 people"
    for mark in read(text).marks:
        assert text[mark.start : mark.end] == mark.text


def test_without_a_time_nothing_is_resolved() -> None:
    found = READER.read("", "昨晚三十多人")
    assert (found.moments, found.people, found.objects) == ((), (), ())


SPANS = st.builds(
    lambda a, n, k: Mark(a, a + n, k, "x" * n),
    st.integers(0, 40),
    st.integers(0, 9),
    st.sampled_from(KINDS),
)


@given(st.lists(SPANS, max_size=30))
def test_laid_marks_never_overlap_and_danger_stays(marks: list[Mark]) -> None:
    kept = laid(marks)
    assert all(a.end <= b.start for a, b in pairwise(kept))
    if any(m.kind == "danger" and m.start < m.end for m in marks):
        assert any(m.kind == "danger" for m in kept)


@given(st.text(max_size=300))
def test_any_text_is_understood(text: str) -> None:
    found = read(text)
    for mark in found.marks:
        assert 0 <= mark.start < mark.end <= len(text)
        assert text[mark.start : mark.end] == mark.text
    missing(QUESTIONS, found, text, level=Level.CITY, named=False)
