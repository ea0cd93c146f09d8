"""All SQL of notices that leave the house: deliveries and alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chengshu.kit.db import Connection, insert_many
from chengshu.notices.model import Alarm, Delivery, DeliveryState, Notice, Way

_DELIVERY = (
    "d.key, d.incident, d.notice, d.event, d.level, d.channel, d.unit, d.person, d.report, d.hook, d.recipient, d.text, "
    "d.next_at, d.created_at, d.subject, d.state, d.attempts, d.last_error, d.sent_at, d.id"
)
_ALARM = "a.notice, a.incident, a.unit, a.level, a.event, a.text, a.begun_at, a.rung, a.next_at, a.ended_at, a.ended_by"
_FRESH = {
    "key": "text", "incident": "bigint", "notice": "bigint", "event": "text", "level": "smallint", "channel": "text",
    "unit": "text", "person": "bigint", "report": "bigint", "hook": "bigint", "recipient": "text", "text": "text",
    "next_at": "timestamptz", "created_at": "timestamptz", "subject": "text", "state": "text", "last_error": "text",
}  # fmt: skip
_NOTICE = """n.id, n.report, n.unit, n.incident, n.text, n.at, n.event, n.level, i.number, i.title, i.place, i.danger,
  i.urgency, i.due_at, exists (select 1 from membership m join report r on r.id = m.report
                               where m.incident = n.incident and r.confidential)"""


def _delivery(row: Sequence[Any]) -> Delivery:
    values = list(row)
    values[5], values[15] = Way(values[5]), DeliveryState(values[15])
    return Delivery(*values)


# Notices
def unspread(conn: Connection, now: datetime, limit: int) -> list[Notice]:
    """Claim notices whose deliveries are not written yet, oldest first, and mark them; those about no incident
    are marked and left in the product."""
    rows = conn.execute(
        f"""with taken as (
              update notice set spread_at = %s where id = any(array(
                select id from notice where spread_at is null order by id limit %s for update skip locked))
              returning *)
            select {_NOTICE} from taken n join incident i on i.id = n.incident order by n.id""",
        (now, limit),
    )
    return [Notice(*row) for row in rows]


def notice(conn: Connection, notice_id: int) -> Notice | None:
    """One notice; None when it was erased."""
    row = conn.execute(
        f"select {_NOTICE} from notice n join incident i on i.id = n.incident where n.id = %s",
        (notice_id,),
    ).fetchone()
    return Notice(*row) if row else None


def reporters(conn: Connection, reports: Sequence[int]) -> dict[int, str]:
    """The masked names of those who may be written to, by report: neither confidential nor erased."""
    rows = conn.execute(
        """select report, masked from reporter where report = any(%s) and not confidential and erased_at is null""",
        (list(reports),),
    )
    return {r[0]: r[1] for r in rows}


def sealed_reporters(conn: Connection, reports: Sequence[int]) -> dict[int, tuple[int, bytes]]:
    """Key version and sealed data of the same."""
    rows = conn.execute(
        """select report, key_version, sealed from reporter
           where report = any(%s) and not confidential and erased_at is null""",
        (list(reports),),
    )
    return {r[0]: (r[1], bytes(r[2])) for r in rows}


# Deliveries
def add(conn: Connection, deliveries: Sequence[Delivery]) -> None:
    """Write new ones; a key that is known already is left as it is."""
    rows = [[getattr(d, name) for name in _FRESH] for d in deliveries]
    insert_many(conn, "delivery", _FRESH, rows, tail="on conflict (key) do nothing")


def claim(
    conn: Connection, now: datetime, until: datetime, channels: Sequence[str], limit: int
) -> list[Delivery]:
    """Take what is due and mark it as being sent; nobody else takes it before `until`.

    What another worker took and did not come back with is due again then: it is sent twice at worst.
    """
    rows = conn.execute(
        f"""update delivery d set state = 'sending', next_at = %s, attempts = d.attempts + 1 where id = any(array(
              select id from delivery where next_at <= %s and channel = any(%s)
              order by level desc, next_at limit %s for update skip locked))
            returning {_DELIVERY}""",
        (until, now, list(channels), limit),
    )
    return sorted(map(_delivery, rows), key=lambda d: (-d.level, d.id))


def sent(conn: Connection, d: Delivery, now: datetime) -> bool:
    """It arrived; False when another attempt has taken over."""
    done = conn.execute(
        """update delivery set state = 'sent', next_at = null, sent_at = %s, last_error = ''
           where id = %s and state = 'sending' and attempts = %s""",
        (now, d.id, d.attempts),
    )
    return done.rowcount == 1


def failed(conn: Connection, d: Delivery, error: str, next_at: datetime | None) -> bool:
    """It did not; None: it is dead."""
    done = conn.execute(
        """update delivery set state = case when %(at)s::timestamptz is null then 'dead' else 'waiting' end,
             next_at = %(at)s, last_error = %(error)s
           where id = %(id)s and state = 'sending' and attempts = %(n)s""",
        {"at": next_at, "error": error[:500], "id": d.id, "n": d.attempts},
    )
    return done.rowcount == 1


def put_off(conn: Connection, d: Delivery, next_at: datetime, why: str) -> None:
    """Its address has had enough for now: that was no attempt."""
    conn.execute(
        """update delivery set state = 'waiting', next_at = %s, attempts = attempts - 1, last_error = %s
           where id = %s and state = 'sending' and attempts = %s""",
        (next_at, why, d.id, d.attempts),
    )


def stop(conn: Connection, notice_id: int) -> int:
    """What is still to be sent of a notice is not; returns how many."""
    return conn.execute(
        "update delivery set state = 'stopped', next_at = null where notice = %s and state = 'waiting'",
        (notice_id,),
    ).rowcount


def stop_heard(conn: Connection, now: datetime) -> int:
    """Reminders of alarms that somebody has acknowledged are not sent any more; returns how many."""
    return conn.execute(
        """update delivery d set state = 'stopped', next_at = null
           where d.state = 'waiting' and d.channel = 'sms' and d.next_at <= %s
             and exists (select 1 from alarm a where a.notice = d.notice and a.ended_at is not null)""",
        (now,),
    ).rowcount


def sent_since(conn: Connection, recipients: Sequence[tuple[str, str]], since: datetime
               ) -> Mapping[tuple[str, str], list[datetime]]:  # fmt: skip
    """When these (channel, recipient) were last sent something, since an instant."""
    found: dict[tuple[str, str], list[datetime]] = {}
    rows = conn.execute(
        """select d.channel, d.recipient, d.sent_at from delivery d
           join unnest(%s::text[], %s::text[]) t(channel, recipient) using (channel, recipient)
           where d.sent_at > %s""",
        ([c for c, _ in recipients], [r for _, r in recipients], since),
    )
    for channel, recipient, at in rows:
        found.setdefault((channel, recipient), []).append(at)
    return found


def again(conn: Connection, delivery_id: int, now: datetime) -> bool:
    """A person sends a dead one again; False when there is none."""
    done = conn.execute(
        "update delivery set state = 'waiting', attempts = 0, next_at = %s where id = %s and state = 'dead'",
        (now, delivery_id),
    )
    return done.rowcount == 1


def delivery(conn: Connection, delivery_id: int) -> Delivery | None:
    """One delivery."""
    row = conn.execute(
        f"select {_DELIVERY} from delivery d where d.id = %s", (delivery_id,)
    ).fetchone()
    return _delivery(row) if row else None


def log(
    conn: Connection, states: Sequence[str], incident: int | None, limit: int
) -> list[tuple[Delivery, str]]:
    """Deliveries in these states with the incident's number, newest first."""
    rows = conn.execute(
        f"""select {_DELIVERY}, i.number from delivery d join incident i on i.id = d.incident
            where d.state = any(%s) and (%s::bigint is null or d.incident = %s)
            order by d.created_at desc, d.id desc limit %s""",
        (list(states), incident, incident, limit),
    )
    return [(_delivery(r[:-1]), r[-1]) for r in rows]


def tally(conn: Connection) -> dict[tuple[str, str], int]:
    """How many deliveries the scope shows, by channel and state."""
    rows = conn.execute("select channel, state, count(*) from delivery group by 1, 2")
    return {(r[0], r[1]): r[2] for r in rows}


# Alarms
def raise_alarms(conn: Connection, alarms: Sequence[Alarm]) -> None:
    """Write new alarms."""
    columns = {"notice": "bigint", "incident": "bigint", "unit": "text", "level": "smallint", "event": "text",
               "text": "text", "begun_at": "timestamptz", "rung": "smallint", "next_at": "timestamptz"}  # fmt: skip
    rows = [[getattr(a, name) for name in columns] for a in alarms]
    insert_many(conn, "alarm", columns, rows, tail="on conflict (notice) do nothing")


def alarms_due(conn: Connection, now: datetime, limit: int) -> list[Alarm]:
    """Alarms that nobody acknowledged in time, locked; those somebody else holds are passed over."""
    rows = conn.execute(
        f"select {_ALARM} from alarm a where a.next_at <= %s order by a.next_at limit %s for update skip locked",
        (now, limit),
    )
    return [Alarm(*row) for row in rows]


def climb(conn: Connection, a: Alarm, rung: int, next_at: datetime) -> None:
    """It was sent once more."""
    conn.execute(
        "update alarm set rung = %s, next_at = %s where notice = %s", (rung, next_at, a.notice)
    )


def end_alarm(conn: Connection, notice_id: int, by: str, now: datetime) -> bool:
    """It is acknowledged, or needs nobody any more; False when it had ended."""
    done = conn.execute(
        "update alarm set ended_at = %s, ended_by = %s, next_at = null where notice = %s and ended_at is null",
        (now, by, notice_id),
    )
    return done.rowcount == 1


def alarm(conn: Connection, notice_id: int) -> Alarm | None:
    """One alarm."""
    row = conn.execute(f"select {_ALARM} from alarm a where a.notice = %s", (notice_id,)).fetchone()
    return Alarm(*row) if row else None


def open_alarms(conn: Connection, unit: str, limit: int = 100) -> list[tuple[Alarm, str, str]]:
    """Alarms of a unit and those under it that nobody has acknowledged, worst and oldest first, with the
    incident's number and title."""
    rows = conn.execute(
        f"""select {_ALARM}, i.number, i.title from alarm a join incident i on i.id = a.incident
            where a.ended_at is null and (a.unit = %(unit)s or starts_with(a.unit, %(unit)s || '.'))
            order by a.unit <> %(unit)s, a.level desc, a.begun_at limit %(limit)s""",
        {"unit": unit, "limit": limit},
    )
    return [(Alarm(*r[:-2]), r[-2], r[-1]) for r in rows]


# Keys
_SEALED = ("duty_person", "hook")


def outdated(conn: Connection, version: int, limit: int) -> list[tuple[str, int, int, bytes, str]]:
    """Sealed rows of people on duty and hooks that an older key sealed, locked: table, id, key version, sealed
    data, what they are bound to. Rows that another process holds are passed over."""
    found: list[tuple[str, int, int, bytes, str]] = []
    for table in _SEALED:
        rows = conn.execute(
            f"""select id, key_version, sealed, token from {table} where key_version < %s
                order by id limit %s for update skip locked""",
            (version, limit - len(found)),
        )
        found += [(table, r[0], r[1], bytes(r[2]), r[3]) for r in rows]
    return found


def sealed_anew(conn: Connection, table: str, row: int, sealed: tuple[int, bytes]) -> None:
    """Write what the active key sealed."""
    assert table in _SEALED
    conn.execute(f"update {table} set key_version = %s, sealed = %s where id = %s", (*sealed, row))
