"""Clocks on days counted by hand: starts, provisional ends, yellow lights, what moves a clock from outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from chengshu.agencies.calendar import WorkCalendar, read_calendar
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.clocks import plan
from chengshu.dispatch.clocks.model import (
    Clock,
    ClockKind,
    ClockRules,
    ClockState,
    Light,
    StartRule,
)
from chengshu.dispatch.clocks.plan import Deed, Watched
from chengshu.dispatch.clocks.reckon import Extension, Pause, Terms, reckon
from chengshu.dispatch.clocks.rules import limit_of, read_clock_rules
from chengshu.dispatch.clocks.says import how
from chengshu.kit.errors import CannotStart
from chengshu.kit.times import SHANGHAI

NANTONG = Path(__file__).parents[3] / "cities/nantong"
CALENDAR = read_calendar(NANTONG / "calendar.toml")
RULES = ClockRules()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def limit(amount: int, span: str) -> Limit:
    return Limit(amount, Span(span))


def clock(due: datetime | None, **more: object) -> Clock:
    one = Clock(1, ClockKind.SETTLE, at("2026-07-13 09:00"), at("2026-07-13 09:00"), limit(2, "days"), "nt", due,
                None if due is None else due - timedelta(hours=1))  # fmt: skip
    return replace(one, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("start", "amount", "span", "due"), [
    ("2026-07-14 16:00", 2, "working_hours", "2026-07-15 11:00"),  # from the opening of Wednesday
    ("2026-07-17 10:00", 1, "days", "2026-07-21 09:00"),  # from Monday's opening
    ("2026-07-14 16:00", 2, "working_days", "2026-07-16 17:30"),  # the same as from the registration
])  # fmt: skip
def test_from_the_next_working_day(start: str, amount: int, span: str, due: str) -> None:
    terms = Terms(at(start), limit(amount, span), StartRule.NEXT_WORKING_DAY)
    assert reckon(terms, CALENDAR).due_at == at(due)


def test_an_end_beyond_the_known_calendar_is_provisional_until_it_is_known() -> None:
    terms = Terms(at("2026-12-30 10:00"), limit(3, "working_days"))
    unknown = replace(CALENDAR, known=frozenset({2026}), holidays=frozenset())
    first = reckon(terms, unknown)
    assert (first.due_at, first.provisional) == (at("2027-01-04 17:30"), True)
    published = replace(
        unknown, known=frozenset({2026, 2027}), holidays=frozenset({at("2027-01-01 00:00").date()})
    )
    later = reckon(terms, published)
    assert (later.due_at, later.provisional) == (at("2027-01-05 17:30"), False)
    natural = reckon(Terms(at("2026-12-30 10:00"), limit(5, "days")), unknown)
    assert not natural.provisional


def test_a_pause_outside_working_hours_costs_nothing() -> None:
    pause = Pause(at("2026-07-14 18:00"), at("2026-07-15 08:00"))
    terms = Terms(at("2026-07-14 10:00"), limit(12, "working_hours"))
    assert (
        reckon(replace(terms, changes=[pause]), CALENDAR).due_at == reckon(terms, CALENDAR).due_at
    )


def test_an_extension_given_during_a_pause_counts_from_its_end() -> None:
    changes: list[Pause | Extension] = [
        Pause(at("2026-07-14 12:00"), at("2026-07-15 12:00")),
        Extension(at("2026-07-14 15:00"), limit(1, "hours")),
    ]
    terms = Terms(at("2026-07-14 10:00"), limit(5, "hours"), changes=changes)
    assert reckon(terms, CALENDAR).due_at == at("2026-07-15 16:00")


def test_yellow_is_a_share_of_working_time() -> None:
    terms = Terms(at("2026-07-14 15:30"), limit(8, "working_hours"))
    found = reckon(terms, CALENDAR, 0.25)
    assert (found.due_at, found.yellow_at) == (at("2026-07-15 15:00"), at("2026-07-15 13:00"))


def test_lights() -> None:
    now = at("2026-07-15 09:00")
    assert clock(now + timedelta(hours=2)).light(now) is Light.GREEN
    assert clock(now + timedelta(hours=1)).light(now) is Light.YELLOW
    assert clock(now).light(now) is Light.RED
    assert clock(None, state=ClockState.PAUSED).light(now) is Light.PAUSED
    assert clock(now, state=ClockState.PAUSED, cap_at=now).light(now) is Light.RED


def test_the_gravest_of_what_is_due_comes_first_and_urging_not_after_expiry() -> None:
    due = at("2026-07-15 09:00")
    w = Watched(waits=False, works=True, sign=None, settle=clock(due))
    done = []
    for now in (due - timedelta(hours=1), due, due + timedelta(days=1), due + timedelta(days=90)):
        while what := plan.due_now(plan.pending(w, RULES, CALENDAR), now):
            done.append((what.deed, what.grade))
            w = plan.done(w, what)
    assert done == [(Deed.URGE, 0), (Deed.OVERDUE, 0), (Deed.SUPERVISE, 1)]
    late = Watched(waits=False, works=True, sign=None, settle=clock(due))
    first = plan.due_now(plan.pending(late, RULES, CALENDAR), due + timedelta(hours=1))
    assert first is not None
    assert first.deed is Deed.OVERDUE


def test_what_is_moved_from_outside_caps_and_is_freed() -> None:
    due = at("2026-07-15 09:00")
    sooner = plan.agreed(clock(due), due - timedelta(hours=5), False)
    assert (sooner.cap_by, sooner.due_at) == ("incident", due - timedelta(hours=5))
    freed = plan.agreed(sooner, due, False)
    assert (freed.cap_at, freed.cap_by, freed.due_at, freed.yellow_at) == (
        None,
        "",
        due,
        due - timedelta(hours=1),
    )


def test_the_sentence_names_start_limit_and_end() -> None:
    chinese, english = how(clock(at("2026-07-15 09:00")), [], "如皋市住建局")
    assert (
        chinese
        == "自登记 2026-07-13 09:00 起，限 2 天（如皋市住建局工作日历），至 2026-07-15 09:00 到期。"
    )
    assert english.startswith("from the registration at 2026-07-13 09:00; limit 2 days")


def test_rules_are_read_and_refused(tmp_path: Path) -> None:
    rules = read_clock_rules(NANTONG / "clocks.toml", ["labour.wages", "city.illegal_building"])
    assert rules.start_of("labour.wages") is StartRule.NEXT_WORKING_DAY
    assert rules.start_of("city.garbage") is StartRule.REGISTRATION
    assert [g.copies for g in rules.grades] == [1, 2, 3]
    assert rules.extensions_of("city.illegal_building") == 2
    with pytest.raises(CannotStart, match="unknown matters"):
        read_clock_rules(NANTONG / "clocks.toml", ["city.garbage"])
    with pytest.raises(ValueError, match="positive"):
        limit_of("0 days")


def test_a_plain_calendar_is_one_shift() -> None:
    plain = WorkCalendar(time(9), time(17))
    (shift,) = plain.hours(at("2026-07-14 00:00").date(), SHANGHAI)
    assert shift == (at("2026-07-14 09:00"), at("2026-07-14 17:00"))
