"""The month's run: reckoned every night, published, open to appeals, then frozen for good.

One timer per month wakes a worker; every figure is written here and by nobody else.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.assign import Office
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.scoring import store
from chengshu.dispatch.scoring.above import centre_above
from chengshu.dispatch.scoring.claims import store as claim_store
from chengshu.dispatch.scoring.difficulty import difficulties
from chengshu.dispatch.scoring.gather import store as gather_store
from chengshu.dispatch.scoring.gather.pictures import look_of
from chengshu.dispatch.scoring.model import Difficulty
from chengshu.dispatch.scoring.reckon import Reckoned, reckon
from chengshu.dispatch.scoring.rules import ScoreRules
from chengshu.dispatch.scoring.store import MonthRow, VersionRow
from chengshu.kit.db import Connection
from chengshu.kit.times import SHANGHAI, local

_NIGHT = time(2, 40)
_OPENS = time(9, 0)
_AGAIN = timedelta(hours=1)
_PICTURES_BACK = timedelta(days=180)
_BATCH = 50


def first_of(instant: datetime) -> date:
    """The month of an instant, as the city's calendar says it."""
    return local(instant).date().replace(day=1)


def following(month: date) -> date:
    """The month after.

    Examples:
        >>> following(date(2026, 12, 1))
        datetime.date(2027, 1, 1)
    """
    return (month + timedelta(days=32)).replace(day=1)


def back(month: date, months: int) -> date:
    """So many months before.

    Examples:
        >>> back(date(2026, 2, 1), 12), back(date(2026, 2, 1), 3)
        (datetime.date(2025, 2, 1), datetime.date(2025, 11, 1))
    """
    count = month.year * 12 + month.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def begins(month: date) -> datetime:
    """The first instant of a month in the city."""
    return datetime.combine(month, time(), SHANGHAI)


def publish_at(month: date, rules: ScoreRules, calendar: WorkCalendar) -> datetime:
    """When a month is published: at nine on the n-th working day of the next one."""
    eve = begins(following(month)) - timedelta(minutes=1)
    day = due_at(eve, Limit(rules.publish_on, Span.WORKING_DAYS), calendar).date()
    return datetime.combine(day, _OPENS, SHANGHAI)


def next_night(now: datetime) -> datetime:
    """The next time that months are reckoned without being asked."""
    night = datetime.combine(local(now).date(), _NIGHT, SHANGHAI)
    return night if night > now else night + timedelta(days=1)


def watch(conn: Connection, rules: ScoreRules, office: Office, now: datetime) -> date | None:
    """Do what one month's timer asks for; the month, None when no timer has gone off."""
    _begin(conn, first_of(now), now)
    found = store.due(conn, now)
    if found is None:
        return None
    if found.state == "open":
        _open(conn, found, rules, office, now)
    else:
        _published(conn, found, rules, office, now)
    return found.month


def _begin(conn: Connection, month: date, now: datetime) -> None:
    """Make the present month known, and the one before where no worker was there to do it."""
    store.begin_month(conn, month, now)
    before = back(month, 1)
    if store.month(conn, before) is None and gather_store.any_due(
        conn, begins(before), begins(month)
    ):
        store.begin_month(conn, before, now)


def _open(conn: Connection, month: MonthRow, rules: ScoreRules, office: Office, now: datetime) -> None:  # fmt: skip
    publishing = publish_at(month.month, rules, office.calendar)
    because = "publication" if now >= publishing else "request" if month.stale and month.version else "night"  # fmt: skip
    version, reckoned = make(conn, month, rules, because, now)
    store.drop_older(conn, month.month, version.version)
    _inspect(conn, reckoned, rules, office, now)
    if now < publishing:
        store.sleep(conn, month.month, min(next_night(now), publishing))
        return
    until = due_at(local(now), rules.appeal, office.calendar)
    store.publish(conn, month.month, now, until, min(next_night(now), until))
    units = sorted({s.unit for s in reckoned.scores})
    text = f"{month.month:%Y年%m月}考核结果已公示，{local(until):%m月%d日 %H:%M} 前可提出申诉"
    store.tell(conn, [(unit, text) for unit in units], now)


def _published(conn: Connection, month: MonthRow, rules: ScoreRules, office: Office, now: datetime) -> None:  # fmt: skip
    """Reckon anew where something was decided or seen meanwhile; freeze when nobody waits for an answer."""
    facts = _reckoned(conn, month, rules, now)
    if facts[1].digest != store.versions(conn, month.month)[0].digest:
        because = "decision" if month.stale else "checks"
        store.add_version(conn, replace(facts[1], because=because), facts[0].scores, facts[0].orders)  # fmt: skip
    _inspect(conn, facts[0], rules, office, now)
    assert month.appeals_until is not None
    if now < month.appeals_until:
        store.sleep(conn, month.month, min(next_night(now), month.appeals_until))
    elif claim_store.open_appeals(conn, month.month):
        store.sleep(conn, month.month, now + _AGAIN)
    else:
        store.freeze(conn, month.month, now)


def make(conn: Connection, month: MonthRow, rules: ScoreRules, because: str, now: datetime
         ) -> tuple[VersionRow, Reckoned]:  # fmt: skip
    """Reckon a month and keep it as its next version."""
    reckoned, version = _reckoned(conn, month, rules, now)
    version = replace(version, because=because)
    store.add_version(conn, version, reckoned.scores, reckoned.orders)
    return version, reckoned


def _reckoned(conn: Connection, month: MonthRow, rules: ScoreRules, now: datetime) -> tuple[Reckoned, VersionRow]:  # fmt: skip
    while waiting := gather_store.unlooked(conn, _BATCH):
        gather_store.keep_looks(conn, [(a, look_of(content)) for a, content in waiting])
    since, until = begins(month.month), begins(following(month.month))
    contact = rules.response == "contact"
    orders = gather_store.facts(conn, since, until, contact=contact)
    # the months before, so that nobody's present month decides what his orders weigh
    past = gather_store.past(conn, begins(back(month.month, rules.hardness.months)), since)
    hard = difficulties(past, rules.hardness)
    ids = [f.id for f in orders]
    reckoned = reckon(
        orders, hard, rules, now, excluded=claim_store.excluded(conn, ids),
        amends=claim_store.amends(conn, ids),
        earlier=gather_store.pictures(conn, since - _PICTURES_BACK, until),
    )  # fmt: skip
    return reckoned, _version(month, reckoned, rules, list(hard.values()), now)


def _version(month: MonthRow, reckoned: Reckoned, rules: ScoreRules, hard: list[Difficulty],
             now: datetime) -> VersionRow:  # fmt: skip
    excluded = Counter(c.excluded for c in reckoned.orders if c.excluded)
    flags = Counter(str(s.flag) for c in reckoned.orders for s in c.flags)
    figures = [
        (s.unit, s.matter, s.orders, s.excluded, s.flagged, s.points,
         {str(i): store.measured_record(m) for i, m in s.measured.items()})
        for s in reckoned.scores
    ]  # fmt: skip
    counted = [
        (c.order, c.share, c.factor, c.excluded, {str(i): m.value for i, m in c.marks.items()})
        for c in reckoned.orders
    ]
    digest = hashlib.sha256(store.packed([figures, counted])).hexdigest()
    return VersionRow(
        month.month, month.version + 1, now, "night", rules.record(),
        [store.difficulty_record(d) for d in hard], dict(excluded), dict(flags), len(reckoned.orders), digest,
    )  # fmt: skip


def _inspect(conn: Connection, reckoned: Reckoned, rules: ScoreRules, office: Office, now: datetime) -> None:  # fmt: skip
    """Somebody goes and looks at what is suspected."""
    wanted = []
    for c in reckoned.orders:
        above = centre_above(c.unit, office.directory)
        if c.flags and not c.cleared and not c.excluded and above is not None:
            wanted.append((c.order, above))
    if wanted:
        due = due_at(local(now), rules.inspect, office.calendar)
        gather_store.ask_inspections(conn, wanted, due, "考核疑点抽查", now)
