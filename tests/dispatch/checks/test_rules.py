"""The rules of checking, of the bank and of filing, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.agencies.matters import read_matters
from chengshu.dispatch.bank.model import Plea, resumed_due, review_at, why_not_plea
from chengshu.dispatch.checks.rules import CheckRules, SheetItem, read_checks, total
from chengshu.dispatch.filing.lines import read_lines
from chengshu.dispatch.workflow import Verb, Why
from chengshu.kit.errors import CannotStart
from tests.conftest import NOW, ROOT

CITY = ROOT / "cities/nantong"
MATTERS = read_matters(CITY / "matters.toml")
CHECKS = read_checks(CITY / "checks.toml", MATTERS)
LINES = read_lines(CITY / "words.toml")


def test_what_is_handled_on_the_spot_needs_evidence() -> None:
    rubbish, fund = MATTERS["city.garbage"], MATTERS["housing.fund"]
    assert CHECKS.needs_evidence(rubbish)
    assert not CHECKS.needs_evidence(fund)
    why = CHECKS.why_not_reply(rubbish, 0, "  ")
    assert why is not None
    assert "暴露垃圾" in why.chinese
    assert CHECKS.why_not_reply(rubbish, 1, "") is None
    assert CHECKS.why_not_reply(rubbish, 0, "皋城管〔2026〕1号") is None
    assert CHECKS.why_not_reply(fund, 0, "") is None


def test_the_city_says_who_is_asked_what() -> None:
    assert CHECKS.script_of(MATTERS["city.garbage"]).id == "on_site"
    assert CHECKS.script_of(MATTERS["housing.fund"]).id == "general"
    assert CHECKS.script_of(None).id == "general"


@pytest.mark.parametrize("percent", [0, 5, 50, 100])
def test_so_many_are_sampled(percent: int) -> None:
    rules = CheckRules(sample_percent=percent)
    drawn = [rules.sampled(n, 1) for n in range(10_000)]
    assert drawn == [rules.sampled(n, 1) for n in range(10_000)]
    assert abs(sum(drawn) / 100 - percent) < 1.5


SHEET = (SheetItem("a", "甲", "A", 60), SheetItem("b", "乙", "B", 40))


@given(st.dictionaries(st.sampled_from("abc"), st.integers(-5, 70)))
def test_a_sheet_is_filled_wholly_and_within_its_points(scores: dict[str, int]) -> None:
    found = total(SHEET, scores)
    right = set(scores) == {"a", "b"} and 0 <= scores["a"] <= 60 and 0 <= scores["b"] <= 40
    assert isinstance(found, Why) == (not right)
    if right:
        assert found == scores["a"] + scores["b"]


@given(
    left=st.timedeltas(-timedelta(days=40), timedelta(days=40)),
    shelved=st.timedeltas(timedelta(), timedelta(days=400)),
)
def test_what_was_left_of_its_time_is_left_again(left: timedelta, shelved: timedelta) -> None:
    again = NOW + shelved
    due = resumed_due(NOW + left, NOW, again)
    assert due is not None
    if left > timedelta():
        assert due - again == left
    else:
        assert due == NOW + left  # late stays late


def test_a_plea_is_complete_or_says_what_is_missing() -> None:
    good = Plea("等管网改造完工", date(2026, 9, 1), "管网改造尚未完工")
    assert why_not_plea(good, NOW) is None
    for wrong, field in (
        (Plea("等", good.review_on, good.public_reason), "condition"),
        (Plea(good.condition, None, good.public_reason), "review_on"),
        (Plea(good.condition, date(2026, 7, 14), good.public_reason), "review_on"),  # today
        (Plea(good.condition, date(2027, 7, 16), good.public_reason), "review_on"),
        (Plea(good.condition, good.review_on, " "), "public_reason"),
    ):
        found = why_not_plea(wrong, NOW)
        assert found is not None
        assert found[0] == field
    assert review_at(date(2026, 9, 1), NOW) == datetime(2026, 9, 1, 1, tzinfo=UTC)  # 09:00 here


def test_lines_are_asked_in_their_order() -> None:
    rubbish, wages = MATTERS["city.garbage"], MATTERS["labour.wages"]
    assert LINES.of("grid", rubbish).id == "city_management"
    assert (
        LINES.of("hotline", rubbish).id == "hotline"
    )  # a citizen's call goes by the hotline's line
    assert LINES.of("grid", wages).id == "hotline"
    assert LINES.of("grid", None).id == "hotline"
    assert LINES.named("no such line").id == "hotline"
    assert LINES.named("city_management").explicit
    assert LINES.named("city_management").orders[Verb.REASSIGN][0] == "重新派遣"
    assert LINES.named("hotline").orders[Verb.REASSIGN][0] == "改派"


@pytest.mark.parametrize("text", [
    "[[line]]\nid='a'\nname='甲'\nname_en='A'\nregister='now'\n",
    "[[line]]\nid='a'\nname='甲'\nname_en='A'\nregister='explicit'\nchannels=['grid']\n",
    "[[line]]\nid='a'\nname='甲'\nname_en='A'\nregister='automatic'\n[line.orders]\nfly=['飞','Fly']\n",
    "[[line]]\nid='a'\nname='甲'\nname_en='A'\nregister='automatic'\n[line.desk]\nfly=['飞','Fly']\n",
    "line = 3\n", "[[line",
])  # fmt: skip
def test_a_citys_words_that_cannot_be_used_say_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "words.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(CannotStart) as wrong:
        read_lines(path)
    assert "words.toml" in wrong.value.chinese


@pytest.mark.parametrize(("was", "now"), [
    ("points = 40", "points = 41"), ("sample_percent = 5", "sample_percent = 101"), ('"housing.sale"', '"no.matter"'),
    ('on_site = ["城市管理"', 'on_site = ["飞行管理"'), ("attempts = 3", "attempts = 0"),
    ('id = "general"', 'paths = ["交通"]\nid = "general"'),
])  # fmt: skip
def test_a_citys_checks_that_cannot_be_used_say_so(tmp_path: Path, was: str, now: str) -> None:
    text = (CITY / "checks.toml").read_text("utf-8")
    assert was in text
    path = tmp_path / "checks.toml"
    path.write_text(text.replace(was, now, 1), "utf-8")
    with pytest.raises(CannotStart):
        read_checks(path, MATTERS)


def test_a_city_without_these_files_has_the_defaults(tmp_path: Path) -> None:
    assert read_checks(tmp_path / "checks.toml", MATTERS) == CheckRules()
    assert read_lines(tmp_path / "words.toml").of("grid", None).id == "general"
