"""Numbering rules, marks, and who may make what of an incident."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.agencies.model import Role
from chengshu.dispatch.kinds.model import (
    MarkFacts,
    OrderKind,
    OrderMark,
    Veil,
    marks,
    veil_of,
    why_not,
)
from chengshu.dispatch.kinds.numbering import Every, NumberRule, rule_of
from chengshu.dispatch.kinds.rules import SERIES, KindRules, read_kinds
from chengshu.kit.errors import CannotStart

NANTONG = Path(__file__).parents[3] / "cities/nantong/kinds.toml"
DAY = date(2026, 7, 14)
RULES = [
    NumberRule("a", "甲〔{year}〕{n}号", Every.YEAR),
    NumberRule("a", "乙{year}{month}-{n}", Every.MONTH, 4),
    NumberRule("a", "丙〔{year}{month}{day}〕{n}号", Every.DAY, 3),
    NumberRule("a", "丁{n}", Every.NEVER),
]


@pytest.mark.parametrize(
    ("rule", "period", "number"),
    [
        (RULES[0], "2026", "甲〔2026〕7号"),
        (RULES[1], "202607", "乙202607-0007"),
        (RULES[2], "20260714", "丙〔20260714〕007号"),
        (RULES[3], "", "丁7"),
    ],
)
def test_a_number_is_written_by_its_rule(rule: NumberRule, period: str, number: str) -> None:
    assert (rule.period(DAY), rule.written(DAY, 7)) == (period, number)


@given(
    st.sampled_from(RULES),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 99_999),
    st.integers(1, 99_999),
)
def test_two_numbers_of_a_series_are_never_alike(
    rule: NumberRule, one: date, other: date, n: int, m: int
) -> None:
    same = (rule.period(one), n) == (rule.period(other), m)
    assert (rule.written(one, n) == rule.written(other, m)) == same


@pytest.mark.parametrize(
    "table",
    [
        {"series": "leader", "form": "批{n}号", "every": "year"},  # the same again next year
        {"series": "leader", "form": "批〔{year}〕{n}号", "every": "day"},
        {"series": "leader", "form": "批〔{year}〕号", "every": "year"},  # no running number
        {"series": "leader", "form": "批〔{year}〕{n}号{x}", "every": "year"},
        {"series": "leader", "form": "批〔{year}〕{n}号", "every": "week"},
        {"series": "leader", "form": "批〔{year}〕{n}号", "every": "year", "digits": 0},
    ],
)
def test_a_rule_that_would_repeat_numbers_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        rule_of(table)


def test_nantong_numbers_every_series() -> None:
    rules = read_kinds(NANTONG)
    assert set(rules.numbers) == set(SERIES)
    assert rules.numbers["leader"].written(DAY, 3) == "通枢批〔2026〕3号"
    assert len(rules.first_contact) == 3


def test_a_city_without_the_file_gets_plain_numbers(tmp_path: Path) -> None:
    assert read_kinds(tmp_path / "kinds.toml") == KindRules()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("group_people = 5", "group_people = 1"),
        ('series = "leader"', 'series = "urgent"'),
        ('form = "通枢批〔{year}〕{n}号"', 'form = "通枢督〔{year}〕{n}号"'),
        ('every = "year"', 'every = "week"'),
    ],
)
def test_a_file_with_a_fault_says_so_before_anything_runs(
    tmp_path: Path, was: str, becomes: str
) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text(NANTONG.read_text("utf-8").replace(was, becomes, 1), "utf-8")
    with pytest.raises(CannotStart, match=r"kinds\.toml"):
        read_kinds(path)


def test_marks_follow_from_facts() -> None:
    plain = MarkFacts(2, 1, 4, 0, recurs=False, linked=0)
    assert marks(plain, 5) == ()
    all_of_them = MarkFacts(3, 3, 100, 2, recurs=True, linked=4)
    assert [(m.mark, m.count) for m in marks(all_of_them, 5)] == [
        (OrderMark.ANONYMOUS, 3), (OrderMark.GROUP, 100), (OrderMark.REPEAT, 3), (OrderMark.RELATED, 4),
    ]  # fmt: skip


def test_a_kind_is_only_raised_and_only_by_those_who_may() -> None:
    order = list(OrderKind)
    for at in OrderKind:
        for kind in OrderKind:
            refused = why_not(kind, at, Role.DISPATCHER, ended=False)
            assert (refused is None) == (order.index(kind) > order.index(at)), (at, kind)
    for role in set(Role) - {Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER}:
        assert why_not(OrderKind.URGENT, OrderKind.ORDINARY, role, ended=False) is not None
    assert why_not(OrderKind.URGENT, OrderKind.ORDINARY, Role.LEADER, ended=True) is not None


def test_only_a_confidential_one_is_always_for_named_people_alone() -> None:
    assert veil_of(OrderKind.CONFIDENTIAL, restricted=False) is Veil.NAMED_ONLY
    assert veil_of(OrderKind.LEADER, restricted=True) is Veil.RESTRICTED
    assert veil_of(OrderKind.LEADER, restricted=False) is Veil.OPEN
    assert veil_of(OrderKind.URGENT, restricted=True) is Veil.OPEN
