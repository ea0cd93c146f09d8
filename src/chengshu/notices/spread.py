"""From rows that dispatch wrote to deliveries: to whom, by which way, in which words, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chengshu.agencies.model import Unit
from chengshu.kit.db import Connection
from chengshu.notices import store
from chengshu.notices.hooks import store as hook_store
from chengshu.notices.hooks.store import Hook
from chengshu.notices.model import (
    ORDINARY,
    Alarm,
    Delivery,
    DeliveryState,
    Notice,
    Recipient,
    Way,
)
from chengshu.notices.roster import store as roster_store
from chengshu.notices.roster.model import Contact, DutyPerson, Part, Shift, on_duty
from chengshu.notices.rules import CLIMBED, OTHER, REPORTER, NoticeRules
from chengshu.notices.timing import not_before
from chengshu.notices.wording import fill

NOBODY = "没有值班人员，也没有值班电话"


@dataclass(frozen=True, slots=True)
class Post:
    """What writing notices needs to know of the city.

    Attributes:
        open: Ways that the settings open.
        centre: Name of the city's centre, with which texts are signed.
    """

    rules: NoticeRules
    open: frozenset[Way]
    units: Mapping[str, Unit]
    centre: str

    def name(self, unit: str | None) -> str:
        """Name of a unit."""
        found = self.units.get(unit or "")
        return found.name if found else unit or ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Who can be reached now: rosters, duty telephones, hooks."""

    shifts: Mapping[str, Sequence[Shift]]
    people: Mapping[int, DutyPerson]
    contacts: Mapping[str, Contact]
    hooks: Sequence[Hook]
    reporters: Mapping[int, str]

    def on(self, unit: str, part: Part, now: datetime) -> DutyPerson | None:
        """Who is on duty in a unit."""
        found = on_duty(self.shifts.get(unit, ()), part, now)
        return None if found is None else self.people.get(found)


def reach(
    conn: Connection, units: Collection[str], reports: Collection[int], now: datetime
) -> Reach:
    """Read it for these units and reporters."""
    shifts: dict[str, list[Shift]] = {}
    for shift in roster_store.shifts(conn, list(units), now, now):
        shifts.setdefault(shift.unit, []).append(shift)
    ids = {p for row in shifts.values() for s in row for p in (s.person, s.deputy) if p is not None}
    return Reach(
        shifts, roster_store.persons(conn, sorted(ids)), roster_store.contacts(conn, list(units)),
        hook_store.hooks(conn), store.reporters(conn, sorted(reports)),
    )  # fmt: skip


def spread(conn: Connection, post: Post, now: datetime, limit: int) -> int:
    """Write the deliveries and alarms of new notices; returns how many notices were taken.

    Done again for the same notice it writes nothing twice: the keys are the same.
    """
    notices = store.unspread(conn, now, limit)
    if not notices:
        return 0
    there = reach(
        conn, {n.unit for n in notices if n.unit}, {n.report for n in notices if n.report}, now
    )
    deliveries: list[Delivery] = []
    alarms: list[Alarm] = []
    for n in notices:
        level = post.rules.level(n)
        deliveries += first_round(n, level, post, there, now)
        if level > ORDINARY and n.unit is not None and n.event != CLIMBED:
            alarms.append(Alarm(n.id, n.incident, n.unit, level, n.event, n.text, now, 1, now + post.rules.every,
                                None, ""))  # fmt: skip
    store.add(conn, deliveries)
    store.raise_alarms(conn, alarms)
    return len(notices)


def first_round(n: Notice, level: int, post: Post, there: Reach, now: datetime) -> list[Delivery]:
    """The deliveries of a notice, each once a recipient."""
    event = REPORTER if n.report is not None else n.event or OTHER
    found: dict[str, Delivery] = {}
    for template in post.rules.words(event):
        if template.channel not in post.open:
            continue
        text = fill(template.text, n, post.name(n.unit), post.centre)
        subject = fill(template.subject, n, post.name(n.unit), post.centre)
        for d in _to(n, template.to, template.channel, level, text, there, now):
            if d.state is DeliveryState.WAITING:
                at = not_before(now, level, post.rules.quiet.get(d.channel))
                d = replace(d, next_at=at, subject=subject)
            found.setdefault(d.key, d)
    return list(found.values())


def _to(n: Notice, to: Recipient, channel: Way, level: int, text: str, there: Reach, now: datetime
        ) -> list[Delivery]:  # fmt: skip
    if to is Recipient.REPORTER:
        masked = there.reporters.get(n.report or 0, "")
        return [_made(n, 1, channel, level, text, now, masked, report=n.report)] if masked else []
    if n.unit is None:
        return []
    if to is Recipient.HOOK:
        return [_made(n, 1, channel, level, text, now, h.name, unit=n.unit, hook=h.id)
                for h in there.hooks if h.hears(n.unit, n.event or OTHER)]  # fmt: skip
    if to is Recipient.UNIT:
        contact = there.contacts.get(n.unit)
        address = (
            "" if contact is None else contact.email if channel is Way.EMAIL else contact.phone
        )
        return [_made(n, 1, channel, level, text, now, address, unit=n.unit)] if address else []
    part = Part.LEADER if to is Recipient.LEADER else Part.OFFICER
    return [to_duty(n, 1, part, channel, level, text, there, now)] if channel is Way.SMS else []


def to_duty(n: Notice, rung: int, part: Part, channel: Way, level: int, text: str, there: Reach,
            now: datetime) -> Delivery:  # fmt: skip
    """To whoever is on duty; to the other part when that one is empty, then to the duty telephone.

    When there is nobody at all the delivery is dead from the start, and is shown.
    """
    assert n.unit is not None
    other = Part.OFFICER if part is Part.LEADER else Part.LEADER
    person = there.on(n.unit, part, now) or there.on(n.unit, other, now)
    if person is not None:
        mask = f"{person.name} {person.masked}"
        return _made(n, rung, channel, level, text, now, mask, unit=n.unit, person=person.id)
    contact = there.contacts.get(n.unit)
    if contact is not None and contact.phone:
        return _made(n, rung, channel, level, text, now, contact.phone, unit=n.unit)
    nobody = _made(n, rung, channel, level, text, now, "—", unit=n.unit)
    return replace(nobody, state=DeliveryState.DEAD, next_at=None, last_error=NOBODY)


def _made(n: Notice, rung: int, channel: Way, level: int, text: str, now: datetime, recipient: str, *,
          unit: str | None = None, person: int | None = None, report: int | None = None,
          hook: int | None = None) -> Delivery:  # fmt: skip
    who = f"p{person}" if person else f"r{report}" if report else f"h{hook}" if hook else "u"
    return Delivery(f"n{n.id}-{rung}-{channel}-{who}", n.incident, n.id, n.event or OTHER, level, channel, unit, person,
                    report, hook, recipient, text, now, now)  # fmt: skip
