"""Reports: full texts, many voices, gaps and slips in plausible proportion."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.drill import Happening, Kind, Reported, tell
from chengshu.drill.kinds import CHANNELS
from chengshu.drill.moments import when_phrase
from chengshu.drill.slips import slip
from chengshu.drill.telling import MOST_REPORTS, fill

ZONE = ZoneInfo("Asia/Shanghai")


def share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits)


def test_same_seed_same_reports(lived: list[Happening]) -> None:
    assert tell(lived[0], Random(1)) == tell(lived[0], Random(1))


def test_slots_leave_no_braces(stream: list[Reported]) -> None:
    for reported in stream:
        text = reported.told.text + reported.told.title + reported.told.place
        assert not set("{}") & set(text), text
        assert len(reported.told.text) >= 8, text


def test_punctuation_is_not_doubled(stream: list[Reported]) -> None:
    for clash in ("，。", "。。", "，，", "、，", "。，"):
        assert not [r.told.text for r in stream if clash in r.told.text]


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_wordings_do_not_repeat_in_one_happening(lived: list[Happening], place: int) -> None:
    told = tell(lived[place], Random(place))
    assert 1 <= len(told) <= MOST_REPORTS
    assert len({one.text for one in told}) == len(told)
    assert [one.said_at for one in told] == sorted(one.said_at for one in told)
    assert all(one.arrives_at >= one.said_at for one in told)


def test_number_of_reports_is_heavy_tailed(stream: list[Reported]) -> None:
    sizes = Counter(reported.truth.event for reported in stream).values()
    assert share([size == 1 for size in sizes]) > 0.15
    assert max(sizes) >= 10
    assert 2 < sum(sizes) / len(sizes) < 5


def test_every_channel_speaks(stream: list[Reported]) -> None:
    spoken = Counter(reported.told.channel for reported in stream)
    assert set(spoken) == set(CHANNELS)
    assert min(spoken.values()) > 0.03 * len(stream)


def test_places_and_points_are_missing_in_plausible_proportion(stream: list[Reported]) -> None:
    by = {c: [r.told for r in stream if r.told.channel == c] for c in CHANNELS}
    assert 0.15 < share([not r.told.place for r in stream]) < 0.45
    assert share([told.lon is None for told in by["hotline"]]) > 0.85
    assert share([told.lon is None for told in by["grid"]]) < 0.06
    assert 0.3 < share([told.lon is None for told in by["web"]]) < 0.7
    assert all((told.lon is None) == (told.lat is None) for r in by.values() for told in r)
    assert all((told.grid is not None) == (told.channel == "grid") for r in by.values()
               for told in r)  # fmt: skip


def test_grid_points_are_exact_and_web_points_are_not(stream: list[Reported]) -> None:
    def off(reported: Reported) -> float:
        told, truth = reported.told, reported.truth
        assert told.lon is not None
        assert told.lat is not None
        return max(abs(told.lon - truth.lon), abs(told.lat - truth.lat))

    located = [r for r in stream if r.told.lon is not None]
    assert max(off(r) for r in located if r.told.channel == "grid") < 0.0004
    web = [off(r) > 0.004 for r in located if r.told.channel == "web"]
    assert 0.02 < share(web) < 0.2


def test_people_are_synthetic(stream: list[Reported]) -> None:
    for told in (reported.told for reported in stream):
        assert told.anonymous == (told.reporter is None) == (told.phone is None)
        assert not (told.anonymous and told.confidential)
        if told.phone:
            assert told.phone.startswith(("1990000", "1990001"))
    assert 0.02 < share([reported.told.anonymous for reported in stream]) < 0.2
    assert 0.01 < share([reported.told.confidential for reported in stream]) < 0.2


def test_some_callers_repeat(stream: list[Reported]) -> None:
    calls = Counter((r.truth.event, r.told.phone) for r in stream if r.told.phone)
    assert sum(count > 1 for count in calls.values()) > 20


def test_every_kind_can_be_told(kinds: Sequence[Kind], lived: list[Happening]) -> None:
    told = {h.kind.slug: tell(h, Random(h.number)) for h in lived}
    assert len(told) > 0.9 * len(kinds)
    assert all(told.values())


@pytest.mark.parametrize(
    ("seen", "said", "among"),
    [
        ((5, 3, 20, 10), (5, 3, 20, 20), {"刚才", "刚刚", "这会儿", "几分钟前"}),
        ((5, 2, 14, 0), (5, 3, 9, 0), {"昨天下午"}),
        ((5, 1, 9, 5), (5, 3, 9, 0), {"前天上午"}),
        ((4, 29, 9, 0), (5, 3, 9, 0), {"4月29号上午", "礼拜三上午", "四天前"}),
        ((4, 10, 9, 0), (5, 3, 9, 0), {"4月10号上午", "三个礼拜前"}),
    ],
)
def test_when(
    seen: tuple[int, int, int, int], said: tuple[int, int, int, int], among: set[str]
) -> None:
    phrases = {
        when_phrase(
            datetime(2026, *seen, tzinfo=ZONE), datetime(2026, *said, tzinfo=ZONE), Random(n)
        )
        for n in range(30)
    }
    assert all(phrase.startswith(tuple(among)) for phrase in phrases), phrases


@given(st.text("路灯不亮，。！的在江", min_size=1, max_size=80), st.integers())
def test_slips_keep_most_of_a_text(text: str, seed: int) -> None:
    slipped = slip(text, Random(seed), 1.0)
    assert len(slipped) <= len(text)
    assert len(slipped) >= len(text) - sum(mark in "，。！" for mark in text) - 5


def test_fill_mends_punctuation() -> None:
    assert fill("{cue}，{place}，{cue}。", {"place": "甲", "cue": ""}) == "甲。"
