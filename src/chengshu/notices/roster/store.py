"""All SQL of duty rosters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.kit.db import Connection, dumps
from chengshu.notices.roster.model import Contact, DutyNote, DutyPerson, Part, Shift

_PERSON = "p.id, p.unit, p.name, p.title, p.masked, p.active"
_SHIFT = "s.id, s.unit, s.part, s.person, s.deputy, s.from_at, s.to_at, s.absent"
_NOTE = (
    "n.id, n.unit, n.text, n.open_items, n.given_at, n.given_by, n.account, n.taken_at, n.taken_by"
)


def _shift(row: Sequence[Any]) -> Shift:
    return Shift(row[0], row[1], Part(row[2]), *row[3:])


def add_person(conn: Connection, unit: str, name: str, title: str, sealed: tuple[int, bytes], masked: str, token: str,
               now: datetime) -> int:  # fmt: skip
    """Write somebody who can be on duty; returns her id."""
    row = conn.execute(
        """insert into duty_person (unit, name, title, key_version, sealed, masked, token, created_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s) returning id""",
        (unit, name, title, *sealed, masked, token, now),
    ).fetchone()
    assert row is not None
    return int(row[0])


def people(conn: Connection, units: Sequence[str]) -> list[DutyPerson]:
    """Everybody who can be on duty in these units."""
    rows = conn.execute(
        f"select {_PERSON} from duty_person p where p.unit = any(%s) and p.active order by p.name, p.id",
        (list(units),),
    )
    return [DutyPerson(*row) for row in rows]


def persons(conn: Connection, ids: Sequence[int]) -> dict[int, DutyPerson]:
    """These people, those who left included."""
    rows = conn.execute(f"select {_PERSON} from duty_person p where p.id = any(%s)", (list(ids),))
    return {r[0]: DutyPerson(*r) for r in rows}


def sealed_phones(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[int, bytes, str]]:
    """Key version, sealed telephone, and what it is bound to, by person."""
    rows = conn.execute(
        "select id, key_version, sealed, token from duty_person where id = any(%s)", (list(ids),)
    )
    return {r[0]: (r[1], bytes(r[2]), r[3]) for r in rows}


def retire(conn: Connection, person: int) -> bool:
    """She is no longer put on duty; False when there is no such person within the scope."""
    done = conn.execute("update duty_person set active = false where id = %s and active", (person,))
    return done.rowcount == 1


def add_shift(conn: Connection, shift: Shift, account: int | None, now: datetime) -> int:
    """Write a shift; returns its id."""
    row = conn.execute(
        """insert into duty_shift (unit, part, person, deputy, from_at, to_at, account, at)
           values (%s, %s, %s, %s, %s, %s, %s, %s) returning id""",
        (
            shift.unit,
            str(shift.part),
            shift.person,
            shift.deputy,
            shift.from_at,
            shift.to_at,
            account,
            now,
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def shifts(conn: Connection, units: Sequence[str], since: datetime, until: datetime) -> list[Shift]:
    """Shifts of these units that touch a time, in their order."""
    rows = conn.execute(
        f"""select {_SHIFT} from duty_shift s
            where s.unit = any(%s) and s.removed_at is null and s.to_at > %s and s.from_at <= %s
            order by s.unit, s.from_at, s.id""",
        (list(units), since, until),
    )
    return [_shift(row) for row in rows]


def shift(conn: Connection, shift_id: int) -> Shift | None:
    """One shift."""
    row = conn.execute(
        f"select {_SHIFT} from duty_shift s where s.id = %s and s.removed_at is null", (shift_id,)
    ).fetchone()
    return _shift(row) if row else None


def set_absent(conn: Connection, shift_id: int, absent: bool) -> None:
    """She is not there, or is again."""
    conn.execute("update duty_shift set absent = %s where id = %s", (absent, shift_id))


def remove_shift(conn: Connection, shift_id: int, now: datetime) -> None:
    """It does not take place; the row stays."""
    conn.execute("update duty_shift set removed_at = %s where id = %s", (now, shift_id))


def contacts(conn: Connection, units: Sequence[str]) -> dict[str, Contact]:
    """Duty telephone and mailbox of these units, where they are known."""
    rows = conn.execute(
        "select unit, phone, email from contact where unit = any(%s)", (list(units),)
    )
    return {r[0]: Contact(*r) for r in rows}


def save_contact(conn: Connection, contact: Contact, by: str, now: datetime) -> None:
    """Write them."""
    conn.execute(
        """insert into contact (unit, phone, email, changed_at, changed_by) values (%s, %s, %s, %s, %s)
           on conflict (unit) do update set phone = excluded.phone, email = excluded.email,
             changed_at = excluded.changed_at, changed_by = excluded.changed_by""",
        (contact.unit, contact.phone, contact.email, now, by),
    )


def add_note(conn: Connection, note: DutyNote) -> int:
    """Write a note; returns its id."""
    row = conn.execute(
        """insert into duty_note (unit, text, open_items, given_at, given_by, account)
           values (%s, %s, %s, %s, %s, %s) returning id""",
        (
            note.unit,
            note.text,
            dumps(dict(note.open_items)),
            note.given_at,
            note.given_by,
            note.account,
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def note(conn: Connection, note_id: int) -> DutyNote | None:
    """One note."""
    row = conn.execute(f"select {_NOTE} from duty_note n where n.id = %s", (note_id,)).fetchone()
    return DutyNote(*row) if row else None


def notes(conn: Connection, unit: str, limit: int = 20) -> list[DutyNote]:
    """A unit's notes, newest first."""
    rows = conn.execute(
        f"select {_NOTE} from duty_note n where n.unit = %s order by n.given_at desc, n.id desc limit %s",
        (unit, limit),
    )
    return [DutyNote(*row) for row in rows]


def take_note(conn: Connection, note_id: int, by: str, now: datetime) -> bool:
    """Somebody took it over; False when somebody had."""
    done = conn.execute(
        "update duty_note set taken_at = %s, taken_by = %s where id = %s and taken_at is null",
        (now, by, note_id),
    )
    return done.rowcount == 1


def open_items(conn: Connection, unit: str) -> dict[str, int]:
    """What is open in a unit and under it right now, as the scope shows it."""
    row = conn.execute(
        """select
             (select count(*) from work_order o where o.stage = 'assigned' and (o.unit = %(u)s or starts_with(o.unit, %(p)s))),
             (select count(*) from work_order o where o.overdue and o.closed_at is null
                and (o.unit = %(u)s or starts_with(o.unit, %(p)s))),
             (select count(*) from alarm a where a.ended_at is null and (a.unit = %(u)s or starts_with(a.unit, %(p)s))),
             (select count(*) from handover h where h.state in ('offered', 'lost')
                and (h.unit = %(u)s or starts_with(h.unit, %(p)s))),
             (select count(*) from urgent_report r join urgent_case c on c.incident = r.incident
                where r.submitted_at is null and (c.unit = %(u)s or starts_with(c.unit, %(p)s)))""",
        {"u": unit, "p": unit + "."},
    ).fetchone()
    assert row is not None
    return dict(zip(("unsigned", "overdue", "alarms", "handovers", "urgent"), row, strict=True))
