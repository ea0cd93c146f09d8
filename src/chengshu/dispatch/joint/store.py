"""All SQL of joint commands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chengshu.dispatch.joint.model import (
    Command,
    JointEntry,
    JointOrder,
    Meeting,
    MeetingCall,
    MeetingDecision,
    ResourceCall,
    Strand,
    SubTask,
)
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.workflow import OrderStage
from chengshu.kit.db import Connection

_COMMAND = (
    "j.id, j.incident, j.number, j.title, j.area, j.centre, j.lead, j.lead_order, j.members, j.template, j.reason, "
    "j.basis, j.people, j.crowd, j.started_at, j.account, j.actor, j.ended_at, j.ended_by"
)
_MOST = 200


def _command(row: Sequence[Any]) -> Command:
    values = list(row)
    values[8], values[11] = tuple(values[8]), tuple(values[11])
    return Command(*values)


# Commands
def add(conn: Connection, c: Command) -> bool:
    """Write a new command; False when the incident has a running one."""
    done = conn.execute(
        """insert into joint (id, incident, number, title, area, centre, lead, lead_order, members, template, reason,
             basis, people, crowd, started_at, account, actor)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (incident) where ended_at is null do nothing""",
        (c.id, c.incident, c.number, c.title, c.area, c.centre, c.lead, c.lead_order, list(c.members), c.template,
         c.reason, list(c.basis), c.people, c.crowd, c.started_at, c.account, c.actor),
    )  # fmt: skip
    return done.rowcount == 1


def command(conn: Connection, joint: int) -> Command | None:
    """One command."""
    row = conn.execute(f"select {_COMMAND} from joint j where j.id = %s", (joint,)).fetchone()
    return _command(row) if row else None


def latest(conn: Connection, incident: int) -> Command | None:
    """An incident's running command, else the one that ended last."""
    row = conn.execute(
        f"select {_COMMAND} from joint j where j.incident = %s order by j.ended_at desc nulls first, j.id desc limit 1",
        (incident,),
    ).fetchone()
    return _command(row) if row else None


def commands(conn: Connection, running: bool, limit: int = _MOST) -> list[Command]:
    """Commands within the scope, newest first."""
    rows = conn.execute(
        f"select {_COMMAND} from joint j where (j.ended_at is null) = %s order by j.id desc limit %s",
        (running, limit),
    )
    return [_command(row) for row in rows]


def set_members(conn: Connection, joint: int, members: Sequence[str]) -> None:
    """Write who takes part."""
    conn.execute("update joint set members = %s where id = %s", (list(members), joint))


def end(conn: Connection, joint: int, by: str, now: datetime) -> bool:
    """End a command; False when somebody was first."""
    done = conn.execute(
        "update joint set ended_at = %s, ended_by = %s where id = %s and ended_at is null",
        (now, by, joint),
    )
    return done.rowcount == 1


# Matters with an answer each
def add_strands(conn: Connection, joint: int, strands: Sequence[Strand]) -> None:
    """Write the matters of a command."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into joint_strand (joint, code, name, name_en, words) values (%s, %s, %s, %s, %s)",
            [(joint, s.code, s.name, s.name_en, list(s.words)) for s in strands],
        )


def strands(conn: Connection, joint: int) -> list[Strand]:
    """The matters of a command; the order of their parts, then their code."""
    rows = conn.execute(
        """select s.code, s.name, s.name_en, s.words, s.answer, s.answered_at, s.answered_by from joint_strand s
           where s.joint = %s order by (select min(nth) from joint_task t where t.joint = s.joint and t.strand = s.code)
             nulls last, s.code""",
        (joint,),
    )
    return [Strand(r[0], r[1], r[2], tuple(r[3]), r[4], r[5], r[6]) for r in rows]


def answer(conn: Connection, joint: int, strand: str, words: str, by: str, now: datetime) -> bool:
    """Write the answer of a matter; False when it has one."""
    done = conn.execute(
        """update joint_strand set answer = %s, answered_at = %s, answered_by = %s
           where joint = %s and code = %s and answer is null""",
        (words, now, by, joint, strand),
    )
    return done.rowcount == 1


def hearers(conn: Connection, joint: int) -> dict[int, tuple[str, datetime | None]]:
    """Of which matter a person said that reports are, and when their reporters were told."""
    rows = conn.execute(
        "select report, strand, told_at from joint_hearer where joint = %s", (joint,)
    )
    return {r[0]: (r[1], r[2]) for r in rows}


def set_hearer(conn: Connection, joint: int, report: int, strand: str) -> bool:
    """Say of which matter a report is; False when its reporter has been told already."""
    done = conn.execute(
        """insert into joint_hearer (joint, report, strand) values (%s, %s, %s)
           on conflict (joint, report) do update set strand = excluded.strand where joint_hearer.told_at is null""",
        (joint, report, strand),
    )
    return done.rowcount == 1


def told(conn: Connection, joint: int, report: int, strand: str, now: datetime) -> bool:
    """Mark a reporter as told; False when she was told already."""
    done = conn.execute(
        """insert into joint_hearer (joint, report, strand, told_at) values (%s, %s, %s, %s)
           on conflict (joint, report) do update set strand = excluded.strand, told_at = excluded.told_at
           where joint_hearer.told_at is null""",
        (joint, report, strand, now),
    )
    return done.rowcount == 1


# Parts
def orders(conn: Connection, joint: int) -> list[JointOrder]:
    """All orders of the command's incident, oldest first, as members may know them."""
    rows = conn.execute(
        """select id, number, unit, stage, assigned_at, sign_due_at, due_at, signed_at, handled_at, closed_at, overdue,
             reply from joint_orders(%s)""",
        (joint,),
    )
    return [JointOrder(r[0], r[1], r[2], OrderStage(r[3]), *r[4:]) for r in rows]


def add_part(conn: Connection, joint: int, order: WorkOrder, nth: int) -> None:
    """Give a part's order to a member, through the one door that the lead has too."""
    conn.execute(
        "select joint_part(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (joint, order.id, order.number, order.unit, order.instruction, order.assigned_at, order.sign_due_at,
         order.due_at, order.escalate_at, nth),
    )  # fmt: skip


def add_task(conn: Connection, joint: int, task: SubTask) -> None:
    """Write which order is a part, and of what."""
    conn.execute(
        "insert into joint_task (id, joint, nth, strand, unit, text, work_order) values (%s, %s, %s, %s, %s, %s, %s)",
        (task.id, joint, task.nth, task.strand, task.unit, task.text, task.order),
    )


def tasks(conn: Connection, joint: int) -> list[SubTask]:
    """The parts, in their order."""
    rows = conn.execute(
        "select id, nth, strand, unit, text, work_order from joint_task where joint = %s order by nth",
        (joint,),
    )
    return [SubTask(*row) for row in rows]


# Meetings
_MEETING = "id, nth, subject, place, link, starts_at, called_at, actor, ended_at, summary"


def add_meeting(conn: Connection, joint: int, m: Meeting, units: Sequence[str]) -> None:
    """Write a meeting and who is called in."""
    conn.execute(
        f"insert into joint_meeting (joint, {_MEETING}) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (joint, m.id, m.nth, m.subject, m.place, m.link, m.starts_at, m.called_at, m.actor, m.ended_at, m.summary),
    )  # fmt: skip
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into joint_call (joint, meeting, unit) values (%s, %s, %s)",
            [(joint, m.id, unit) for unit in units],
        )


def meetings(conn: Connection, joint: int) -> list[Meeting]:
    """The meetings of a command."""
    rows = conn.execute(
        f"select {_MEETING} from joint_meeting where joint = %s order by nth", (joint,)
    )
    return [Meeting(*row) for row in rows]


def calls(conn: Connection, joint: int) -> list[MeetingCall]:
    """Who was called in to the meetings of a command."""
    rows = conn.execute(
        """select meeting, unit, coming, words, answered_at, attended, person from joint_call where joint = %s
           order by meeting, unit""",
        (joint,),
    )
    return [MeetingCall(*row) for row in rows]


def answer_call(conn: Connection, meeting: int, unit: str, coming: bool, words: str, now: datetime) -> bool:  # fmt: skip
    """A unit says whether it comes; False when it is not called."""
    done = conn.execute(
        "update joint_call set coming = %s, words = %s, answered_at = %s where meeting = %s and unit = %s",
        (coming, words, now, meeting, unit),
    )
    return done.rowcount == 1


def attend(conn: Connection, meeting: int, unit: str, attended: bool, person: str) -> bool:
    """Write whether a unit was there, and who for it; False when it was not called."""
    done = conn.execute(
        "update joint_call set attended = %s, person = %s where meeting = %s and unit = %s",
        (attended, person, meeting, unit),
    )
    return done.rowcount == 1


def end_meeting(conn: Connection, meeting: int, summary: str, now: datetime) -> bool:
    """End a meeting; False when it has ended."""
    done = conn.execute(
        "update joint_meeting set ended_at = %s, summary = %s where id = %s and ended_at is null",
        (now, summary, meeting),
    )
    return done.rowcount == 1


def add_decision(conn: Connection, joint: int, d: MeetingDecision) -> None:
    """Write what a meeting decided."""
    conn.execute(
        """insert into joint_decision (id, joint, meeting, nth, text, task, at, actor)
           values (%s, %s, %s, %s, %s, %s, %s, %s)""",
        (d.id, joint, d.meeting, d.nth, d.text, d.task, d.at, d.actor),
    )


def decisions(conn: Connection, joint: int) -> list[MeetingDecision]:
    """What the meetings of a command decided."""
    rows = conn.execute(
        "select id, meeting, nth, text, task, at, actor from joint_decision where joint = %s order by meeting, nth",
        (joint,),
    )
    return [MeetingDecision(*row) for row in rows]


# Resources
def add_resource(conn: Connection, joint: int, r: ResourceCall) -> None:
    """Write what was called."""
    conn.execute(
        """insert into joint_resource (id, joint, what, source, contact, called_at, actor)
           values (%s, %s, %s, %s, %s, %s, %s)""",
        (r.id, joint, r.what, r.source, r.contact, r.called_at, r.actor),
    )


def arrive(conn: Connection, joint: int, resource: int, by: str, now: datetime) -> bool:
    """Write that it arrived; False when it has, or was not called."""
    done = conn.execute(
        """update joint_resource set arrived_at = %s, arrived_by = %s
           where id = %s and joint = %s and arrived_at is null""",
        (now, by, resource, joint),
    )
    return done.rowcount == 1


def resources(conn: Connection, joint: int) -> list[ResourceCall]:
    """What was called."""
    rows = conn.execute(
        """select id, what, source, contact, called_at, actor, arrived_at, arrived_by from joint_resource
           where joint = %s order by id""",
        (joint,),
    )
    return [ResourceCall(*row) for row in rows]


# The shared time line
def add_entry(conn: Connection, joint: int, e: JointEntry) -> None:
    """Append a line."""
    conn.execute(
        "insert into joint_entry (joint, at, account, actor, unit, verb, words) values (%s, %s, %s, %s, %s, %s, %s)",
        (joint, e.at, e.account, e.actor, e.unit, e.verb, e.words),
    )


def entries(conn: Connection, joint: int) -> list[JointEntry]:
    """The time line, oldest first."""
    rows = conn.execute(
        "select at, account, actor, unit, verb, words from joint_entry where joint = %s order by id",
        (joint,),
    )
    return [JointEntry(*row) for row in rows]
