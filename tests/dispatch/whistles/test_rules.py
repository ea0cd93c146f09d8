"""Whom silence reaches, and how long an answer took."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chengshu.dispatch.whistles.rules import answer_within, next_above, response_of

_NAME = st.text("abcdefghij", min_size=1, max_size=5)


@given(st.lists(_NAME, min_size=1, max_size=6))
def test_silence_climbs_every_tier_once_and_ends_at_the_city(parts: list[str]) -> None:
    told, climbed = ".".join(parts), 0
    while (above := next_above(told)) is not None:
        assert told.startswith(above + ".")
        told, climbed = above, climbed + 1
    assert (told, climbed) == (parts[0], len(parts) - 1)


@given(st.integers(0, 10**6))
def test_the_time_of_an_answer_is_never_negative(seconds: int) -> None:
    at = datetime(2026, 7, 14, tzinfo=UTC)
    assert response_of(at, at + timedelta(seconds=seconds)) == seconds
    assert response_of(at, at - timedelta(seconds=seconds)) == 0


def test_danger_halves_the_time() -> None:
    assert answer_within(30, 1, True) == timedelta(minutes=15)
    assert answer_within(30, 3, True) == timedelta(minutes=15)
    assert answer_within(30, 1, False) == timedelta(minutes=30)
