"""All SQL of urgent reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.urgent_reports.model import UrgentCase, UrgentKind, UrgentReport
from chengshu.kit.db import Connection, dumps

_CASE = "c.incident, c.level, c.unit, c.began_at, c.account, c.actor, c.ended_at"
_REPORT = (
    "r.id, r.incident, r.nth, r.kind, r.due_at, r.timer, r.climbed, r.entries, r.text, r.recipients, r.submitted_at, "
    "r.account, r.signer"
)


def _report(row: Sequence[Any]) -> UrgentReport:
    values = list(row)
    values[3], values[9] = UrgentKind(values[3]), tuple(values[9])
    return UrgentReport(*values)


def begin(conn: Connection, case: UrgentCase) -> bool:
    """Write a new case; False when there is one."""
    done = conn.execute(
        """insert into urgent_case (incident, level, unit, began_at, account, actor) values (%s, %s, %s, %s, %s, %s)
           on conflict (incident) do nothing""",
        (case.incident, case.level, case.unit, case.began_at, case.account, case.actor),
    )
    return done.rowcount == 1


def case_of(conn: Connection, incident: int) -> UrgentCase | None:
    """The case of an incident."""
    row = conn.execute(
        f"select {_CASE} from urgent_case c where c.incident = %s", (incident,)
    ).fetchone()
    return UrgentCase(*row) if row else None


def change_level(conn: Connection, incident: int, level: int) -> None:
    """The emergency is worse or less than was thought."""
    conn.execute("update urgent_case set level = %s where incident = %s", (level, incident))


def end(conn: Connection, incident: int, now: datetime) -> bool:
    """The emergency is over; False when it was declared so before."""
    done = conn.execute(
        "update urgent_case set ended_at = %s where incident = %s and ended_at is null",
        (now, incident),
    )
    return done.rowcount == 1


def add_due(conn: Connection, incident: int, nth: int, kind: UrgentKind, due_at: datetime) -> None:
    """A report that is to come."""
    conn.execute(
        "insert into urgent_report (incident, nth, kind, due_at, timer) values (%s, %s, %s, %s, %s)",
        (incident, nth, str(kind), due_at, due_at),
    )


def becomes_final(conn: Connection, report: int, due_at: datetime) -> None:
    """What was due is the final report now."""
    conn.execute(
        "update urgent_report set kind = 'final', due_at = %s, timer = %s, climbed = 0 "
        "where id = %s and submitted_at is null",
        (due_at, due_at, report),
    )


def reports(conn: Connection, incident: int) -> list[UrgentReport]:
    """All reports of an incident, the first first."""
    rows = conn.execute(
        f"select {_REPORT} from urgent_report r where r.incident = %s order by r.nth", (incident,)
    )
    return [_report(row) for row in rows]


def due_list(conn: Connection, limit: int = 200) -> list[tuple[UrgentReport, UrgentCase, str, str]]:
    """Reports that are to come, soonest first, with case and the incident's number and title."""
    rows = conn.execute(
        f"""select {_REPORT}, {_CASE}, i.number, i.title from urgent_report r
            join urgent_case c on c.incident = r.incident join incident i on i.id = r.incident
            where r.submitted_at is null order by r.due_at limit %s""",
        (limit,),
    )
    return [(_report(r[:13]), UrgentCase(*r[13:20]), r[20], r[21]) for r in rows]


def sign(conn: Connection, one: UrgentReport) -> bool:
    """Write a signed report; False when somebody signed first."""
    done = conn.execute(
        """update urgent_report set entries = %s, text = %s, recipients = %s, submitted_at = %s, account = %s,
             signer = %s, timer = null where id = %s and submitted_at is null""",
        (
            dumps(dict(one.entries)),
            one.text,
            list(one.recipients),
            one.submitted_at,
            one.account,
            one.signer,
            one.id,
        ),
    )
    return done.rowcount == 1


def late(conn: Connection, now: datetime, limit: int) -> list[tuple[UrgentReport, str, str]]:
    """Missing reports whose timer has gone off, locked, with the reporting unit and the incident's number."""
    rows = conn.execute(
        f"""select {_REPORT}, c.unit, i.number from urgent_report r join urgent_case c on c.incident = r.incident
            join incident i on i.id = r.incident
            where r.timer <= %s and r.submitted_at is null order by r.timer limit %s for update of r skip locked""",
        (now, limit),
    )
    return [(_report(r[:13]), r[13], r[14]) for r in rows]


def climb(conn: Connection, report: int, climbed: int, timer: datetime | None) -> None:
    """It was told that far up."""
    conn.execute(
        "update urgent_report set climbed = %s, timer = %s where id = %s", (climbed, timer, report)
    )
