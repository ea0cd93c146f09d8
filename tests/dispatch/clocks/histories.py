"""Random histories of clocks, told to the product and to the oracle alike."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import chinese_calendar

from chengshu.agencies.calendar import WorkCalendar, read_calendars
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.clocks.model import StartRule
from chengshu.dispatch.clocks.reckon import Extension, Pause, Terms, reckon
from chengshu.kit.times import SHANGHAI
from tests.dispatch.clocks.oracle import History, Walker, Week

NANTONG = Path(__file__).parents[3] / "cities/nantong/calendar.toml"
# Before which the interesting days lie: new year, Spring Festival, Labour Day, National Day with its
# make-up days, month ends, and the leap days of a year with published holidays and one without.
BASES = (date(2025, 12, 22), date(2026, 2, 5), date(2026, 4, 24), date(2026, 9, 14), date(2025, 9, 22),
         date(2024, 2, 20), date(2028, 2, 20), date(2026, 1, 27))  # fmt: skip
SHIFTS = (
    ("09:00-17:30",), ("07:00-11:30", "13:30-19:00"), ("22:00-06:00",), ("00:00-24:00",), ("16:00-24:00",),
    ("08:30-12:00", "14:00-17:30"), ("06:00-10:00", "10:30-12:15", "13:00-15:00", "20:00-23:59"),
    ("19:00-23:00", "23:30-03:10"), ("00:00-08:00",), ("12:00-12:00",),
)  # fmt: skip
DAYS, STARTS = 330, 20


@dataclass(frozen=True)
class Place:
    """One unit's calendar as the product read it, and as the oracle is told it."""

    calendar: WorkCalendar
    week: Week
    base: date


def _festivals() -> tuple[set[date], set[date]]:
    """Days off and days worked as the city's file and the published tables give them."""
    years = {y["year"]: y for y in tomllib.loads(NANTONG.read_text("utf-8"))["year"]}
    off = {date.fromisoformat(d) for y in years.values() for d in y["holidays"]}
    on = {date.fromisoformat(d) for y in years.values() for d in y["makeup_days"]}
    off |= {d for d in chinese_calendar.holidays if d.year not in years}
    on |= {d for d in chinese_calendar.workdays if d.year not in years and d.weekday() >= 5}
    return off, on


def _minutes(text: str) -> tuple[int, int]:
    def of(clock: str) -> int:
        return int(clock[:2]) * 60 + int(clock[3:])

    start, end = text.split("-")
    return of(start), of(end) if of(end) > of(start) else of(end) + 1440


def place(random: Random, folder: Path, base: date) -> Place:
    """A unit with its own hours; the product reads it from a file such as a city has."""
    shifts = random.choice(SHIFTS)
    weekdays = random.choice(
        ((1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6, 7), (2, 3, 4, 5, 6), (1, 2, 3, 4, 5, 6))
    )
    fixed = random.random() < 0.25
    days = [base + timedelta(days=n) for n in range(60)]
    own_off, own_on = set(random.sample(days, 3)), set()
    if random.random() < 0.5:
        own_on = set(random.sample(days, 3)) - own_off
    text = NANTONG.read_text("utf-8").partition("\n[[calendar]]")[0]
    text += f"""
[[calendar]]
name = "one"
shifts = {list(shifts)!r}
weekdays = {list(weekdays)!r}
holidays = "{"work" if fixed else "off"}"
off = {[d.isoformat() for d in sorted(own_off)]!r}
on = {[d.isoformat() for d in sorted(own_on)]!r}
units = ["nt.one"]
"""
    path = folder / "calendar.toml"
    path.write_text(text, "utf-8")
    off, on = (set(), set()) if fixed else _festivals()
    week = Week(
        tuple(_minutes(s) for s in shifts), frozenset(n - 1 for n in weekdays),
        frozenset((off - own_on) | own_off), frozenset((on - own_off) | own_on),
    )  # fmt: skip
    return Place(read_calendars(path).units["nt.one"], week, base)


def _limit(random: Random, small: bool) -> tuple[int, str]:
    span = random.choice(("hours", "days", "working_hours", "working_days"))
    most = {"hours": 60, "days": 12, "working_hours": 40, "working_days": 15}[span]
    return random.randint(1, max(most // 10, 2) if small else most), span


def history(random: Random, per_minute: int = 1, *, small: bool = False) -> History:
    """One clock's story; lengths of time to the minute, or to the second with `per_minute` 60."""
    day = 1440 * per_minute
    start = random.randrange(day, (3 if small else STARTS) * day)
    if random.random() < 0.2:  # on the hour, where shifts begin and end
        start = start // (30 * per_minute) * 30 * per_minute
    limit = _limit(random, small)
    changes: list[tuple[object, ...]] = []
    at = start
    reach = 2 if small else 9
    for _ in range(random.choice((0, 1, 1, 2, 3))):
        at += random.randrange(1, reach * day)
        if random.random() < 0.6:
            last = random.random() < 0.1
            until = at + random.randrange(1, reach * day)
            changes.append(("pause", at, None if last else until))
            at = until
            if last:
                break
        else:
            changes.append(("extend", at, _limit(random, True)))
    cap = start + random.randrange(1, 30 * day) if random.random() < 0.2 else None
    return History(start, limit, random.random() < 0.25, tuple(changes), cap)


def product_ends(at: Place, h: History, per_minute: int = 1) -> int | None:
    """What the product says, in the oracle's steps."""
    midnight = datetime.combine(at.base, time(), SHANGHAI)

    def instant(step: Any) -> datetime:
        return midnight + timedelta(seconds=step * 60 // per_minute)

    def limit_of(pair: Any) -> Limit:
        return Limit(pair[0], Span(pair[1]))

    changes = [
        Extension(instant(c[1]), limit_of(c[2])) if c[0] == "extend"
        else Pause(instant(c[1]), None if c[2] is None else instant(c[2]))
        for c in h.changes
    ]  # fmt: skip
    rule = StartRule.NEXT_WORKING_DAY if h.next_working_day else StartRule.REGISTRATION
    terms = Terms(
        instant(h.start), limit_of(h.limit), rule, None, changes,
        None if h.cap is None else instant(h.cap),
    )  # fmt: skip
    due = reckon(terms, at.calendar).due_at
    if due is None:
        return None
    seconds = (due - midnight).total_seconds() * per_minute / 60
    assert seconds == int(seconds), due
    return int(seconds)


def differences(seed: int, places: int, each: int, folder: Path, per_minute: int = 1) -> list[str]:
    """Histories on which product and oracle disagree."""
    random = Random(seed)
    wrong = []
    small = per_minute > 1
    for n in range(places):
        at = place(random, folder, BASES[(seed + n) % len(BASES)])
        walker = Walker(at.week, at.base, 60 if small else DAYS, per_minute)
        for _ in range(each):
            h = history(random, per_minute, small=small)
            ours, truth = product_ends(at, h, per_minute), walker.ends(h)
            if ours != truth:
                wrong.append(f"{ours} {truth} {at.week.shifts} {sorted(at.week.weekdays)} {h}")
    return wrong
