"""The allowance per address."""

from __future__ import annotations

import pytest

from chengshu.intake.rate import Allowance


def test_a_minutes_worth_at_once_then_by_and_by() -> None:
    allowance = Allowance(6)
    assert [allowance.wait_s("a", 0) for _ in range(7)] == [0] * 6 + [10]
    assert [allowance.wait_s("a", 10), allowance.wait_s("a", 10)] == [0, 10]
    assert [allowance.wait_s("a", 10_000) for _ in range(7)] == [0] * 6 + [10]


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),  # one household's network
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("", "", True),
    ],
)
def test_who_counts_as_one(one: str, two: str, same: bool) -> None:
    allowance = Allowance(1)
    assert allowance.wait_s(one, 0) == 0
    assert (allowance.wait_s(two, 0) > 0) == same


def test_memory_is_bounded() -> None:
    allowance = Allowance(1, most=100)
    for n in range(1000):
        allowance.wait_s(f"10.0.{n // 250}.{n % 250}", float(n))
    assert len(allowance._buckets) == 100


def test_a_clock_that_stands_still_or_goes_back_gives_nothing_away() -> None:
    allowance = Allowance(1)
    assert allowance.wait_s("a", 100) == 0
    assert allowance.wait_s("a", 0) == 60
