"""纪要: the minutes of a meeting on paper."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from chengshu.dispatch.joint.acting import Acting, command_of
from chengshu.dispatch.joint.read import JointReading
from chengshu.kit.errors import Conflict, NotFound
from chengshu.kit.paper import render
from chengshu.kit.times import local

_TEMPLATE = Path(__file__).with_name("minutes.typ")


def minutes(
    a: Acting, reading: JointReading, joint: int, meeting_id: int, fonts: Path | None
) -> tuple[str, bytes]:
    """The minutes of a meeting that has ended: its file's name and the PDF.

    Raises:
        NotFound: No such command or meeting within the scope.
        Conflict: The meeting has not ended.
    """
    command = command_of(a.conn, joint)
    view = reading.full(command)
    meeting = next((m for m in view.meetings if m.id == str(meeting_id)), None)
    if meeting is None:
        raise NotFound("会商", meeting_id)
    if meeting.ended_at is None:
        raise Conflict(
            "会商结束后才能打印纪要", "the minutes are printed when the meeting has ended"
        )
    parts = {t.nth: t for t in view.tasks if t.nth}
    data = {
        "title": command.title, "number": command.number, "nth": meeting.nth, "subject": meeting.subject,
        "held": _moment(meeting.starts_at), "ended": _moment(meeting.ended_at),
        "place": meeting.place or meeting.link or "—", "caller": meeting.actor, "lead": view.lead_name,
        "centre": view.centre_name, "basis": list(view.basis), "summary": meeting.summary,
        "present": [[c.name, c.person] for c in meeting.calls if c.attended],
        "absent": [[c.name, c.words] for c in meeting.calls if not c.attended],
        "decisions": [
            [d.text, parts[d.task].unit_name, _moment(parts[d.task].due_at)] if d.task in parts else [d.text, "", ""]
            for d in meeting.decisions
        ],
    }  # fmt: skip
    made = render(_TEMPLATE.read_text("utf-8"), data, fonts=fonts)
    return f"minutes-{command.number}-{meeting.nth}.pdf", made


def _moment(at: datetime | None) -> str:
    return f"{local(at):%Y年%m月%d日 %H:%M}" if at else ""
