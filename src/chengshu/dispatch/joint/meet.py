"""会商: members are called in, say whether they come, decide; a decision becomes a part in one act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chengshu.agencies.matters import Limit
from chengshu.dispatch import store as order_store
from chengshu.dispatch.joint import store
from chengshu.dispatch.joint.acting import Acting, check, locked, needed
from chengshu.dispatch.joint.model import Command, Meeting, MeetingDecision
from chengshu.dispatch.joint.parts import Part, give
from chengshu.dispatch.joint.rules import why_not_take_part
from chengshu.incidents.model import Incident
from chengshu.kit.errors import Conflict, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local


@dataclass(frozen=True, slots=True)
class Calling:
    """Who is called to what, when and where."""

    subject: str
    starts_at: datetime
    place: str
    units: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ordered:
    """What a decision is to become: whose part, until when, of which matter."""

    unit: str
    limit: Limit
    strand: str = ""


def call(a: Acting, joint: int, what: Calling) -> Meeting:
    """Call members in to a meeting; each hears of it.

    Raises:
        NotFound, Forbidden, Conflict: As with every act of a command.
        Invalid: No subject, nobody called, somebody who is no member, or a start in the past.
    """
    command, _ = locked(a, joint)
    subject = needed("subject", what.subject)
    units = list(dict.fromkeys(what.units))
    if not units or any(unit not in command.members for unit in units):
        raise Invalid("units", "会商请召集成员单位", "call members in; take others in first")
    if what.starts_at < a.now.replace(second=0, microsecond=0):
        raise Invalid("starts_at", "会商时间已过", "the meeting would begin in the past")
    meeting_id, nth = new_id(), len(store.meetings(a.conn, joint)) + 1
    link = a.joint.conference.link(meeting_id, command.number)
    meeting = Meeting(
        meeting_id,
        nth,
        subject,
        what.place.strip(),
        link,
        what.starts_at,
        a.now,
        a.by.name,
        None,
        "",
    )
    store.add_meeting(a.conn, joint, meeting, units)
    at = f"{local(what.starts_at):%m月%d日 %H:%M}"
    where = " ".join(p for p in (meeting.place, link) if p)
    a.entry(joint, "meeting", f"第 {nth} 次会商：{subject}，{at} {where}".strip())
    said = f"会商 {command.number}：{subject}，{at} {where}".strip()
    order_store.notify_units(a.conn, [(unit, command.incident, said) for unit in units], a.now)
    return meeting


def answer_call(a: Acting, joint: int, meeting_id: int, coming: bool, words: str) -> None:
    """A member says whether it comes.

    Raises:
        NotFound: No such command, or the unit is not called to such a meeting.
        Forbidden: It is not for this person.
        Conflict: The command or the meeting has ended.
        Invalid: It does not come and does not say why.
    """
    check(a, joint, why_not_take_part)
    meeting = _open(a, joint, meeting_id)
    said = words.strip() if coming else needed("words", words)
    if not store.answer_call(a.conn, meeting_id, a.unit.unit, coming, said, a.now):
        raise NotFound("会商", meeting_id)
    verb = "coming" if coming else "absent"
    a.entry(joint, verb, f"第 {meeting.nth} 次会商{'：' + said if said else ''}")


def attend(a: Acting, joint: int, meeting_id: int, unit: str, attended: bool, person: str) -> None:
    """Write down who was there.

    Raises:
        NotFound: No such command, meeting, or the unit was not called to it.
        Forbidden, Conflict: As with every act.
    """
    check(a, joint)
    _open(a, joint, meeting_id)
    if not store.attend(a.conn, meeting_id, unit, attended, person.strip()):
        raise NotFound("会商单位", unit)


def decide(
    a: Acting, joint: int, meeting_id: int, text: str, ordered: Ordered | None = None
) -> MeetingDecision:
    """Write what was decided; with `ordered` it becomes a part in the same act.

    Raises:
        NotFound, Forbidden, Conflict, Invalid: As with every act, and as `parts.give`.
    """
    command, incident = locked(a, joint)
    meeting = _open(a, joint, meeting_id)
    said = needed("text", text)
    nth = sum(d.meeting == meeting_id for d in store.decisions(a.conn, joint)) + 1
    a.entry(joint, "decision", f"第 {meeting.nth} 次会商：{said}")
    task = _become(a, command, incident, said, ordered) if ordered else None
    decision = MeetingDecision(new_id(), meeting_id, nth, said, task, a.now, a.by.name)
    store.add_decision(a.conn, joint, decision)
    return decision


def _become(a: Acting, command: Command, incident: Incident, text: str, ordered: Ordered) -> int:
    return give(a, command, incident, Part(ordered.unit, text, ordered.limit, ordered.strand)).id


def end_meeting(a: Acting, joint: int, meeting_id: int, summary: str) -> None:
    """End a meeting; its minutes can be printed from then on.

    Raises:
        NotFound, Forbidden, Conflict: As with every act.
        Invalid: Nobody was there.
    """
    locked(a, joint)
    meeting = _open(a, joint, meeting_id)
    there = [c for c in store.calls(a.conn, joint) if c.meeting == meeting_id and c.attended]
    if not there:
        raise Invalid("attended", "请先登记到会单位", "write down who was there first")
    if not store.end_meeting(a.conn, meeting_id, summary.strip(), a.now):
        raise Conflict("会商刚被别人结束", "somebody else ended it first")
    a.entry(joint, "meeting_end", f"第 {meeting.nth} 次会商结束，{len(there)} 家单位到会")


def _open(a: Acting, joint: int, meeting_id: int) -> Meeting:
    found = next((m for m in store.meetings(a.conn, joint) if m.id == meeting_id), None)
    if found is None:
        raise NotFound("会商", meeting_id)
    if found.ended_at is not None:
        raise Conflict("会商已结束", "the meeting has ended")
    return found
