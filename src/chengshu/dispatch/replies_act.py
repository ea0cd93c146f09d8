"""What people do with a statutory reply: accept, decline, answer one report; or all of an incident at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.model import Step
from chengshu.dispatch.replies import store as reply_store
from chengshu.dispatch.replies.model import Reply, ReplyAct
from chengshu.dispatch.replies.rules import reply_due
from chengshu.dispatch.workflow import Why
from chengshu.incidents import store as incident_store
from chengshu.intake import store as intake_store
from chengshu.intake.model import Nature
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.times import local

LABELS: Final[Mapping[ReplyAct, tuple[str, str]]] = {
    ReplyAct.ACCEPT: ("受理", "Accept"),
    ReplyAct.DECLINE: ("不予受理", "Decline"),
    ReplyAct.REPLY: ("答复", "Reply"),
}
_DESK = frozenset({Role.DISPATCHER, Role.SUPERVISOR})
_STEP = {ReplyAct.ACCEPT: "reply_accepted", ReplyAct.DECLINE: "reply_declined", ReplyAct.REPLY: "replied"}  # fmt: skip
_NAMES = {Nature.COMPLAINT: "投诉", Nature.DENUNCIATION: "举报"}
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of it: the incident that the report belongs to, and its area."""

    incident: int
    area: int


def why_not(
    act: ReplyAct, reply: Reply, role: Role, unit: Unit, units: Collection[str]
) -> Why | None:
    """Say why this person may not do this now; None means she may.

    Args:
        units: Those that have a live order of the incident.
    """
    label, label_en = LABELS[act]
    if reply.replied_at is not None:
        return Why(f"已答复，不能{label}", "it was answered already")
    if reply.declined_at is not None:
        return Why(f"已决定不予受理，不能{label}", "it was declined already")
    if reply.accepted_at is not None and act is not ReplyAct.REPLY:
        return Why(f"已受理，不能{label}", "it was accepted already")
    if reply.nameless and act is ReplyAct.REPLY:
        return Why(
            "匿名举报，没有可答复的人", "the denunciation is anonymous: there is nobody to tell"
        )
    if role in _DESK or (role is Role.HANDLER and unit.unit in units):
        return None
    if role is Role.HANDLER:
        return Why(
            f"本单位没有这个事件的在办工单，不能{label}",
            f"your unit has no live order of the incident: {label_en.lower()} is not possible",
        )
    return Why(f"您的角色不能{label}", f"your role may not do this: {label_en.lower()}")


def act_on(conn: Connection, report_id: int, act: ReplyAct, office: Office, by: Actor, role: Role, unit: Unit,
           now: datetime, *, words: str = "") -> Acted:  # fmt: skip
    """Accept, decline or answer one report's complaint or denunciation; its reporter is told.

    Args:
        words: Why it is declined, or the reply.

    Raises:
        NotFound: No such report within the scope, or it is owed no statutory reply.
        Conflict: It was declined or answered before, or somebody was first.
        Forbidden: This person may not, or its incident lies outside the scope.
        Invalid: Words are missing.
    """
    if not intake_store.reports(conn, [report_id]):
        raise NotFound("线索", report_id)
    _, home = incident_store.home_of(conn, report_id)
    # the incident's row first, as everywhere: two people never wait for each other
    incident = None if home is None else incident_store.locked(conn, home)
    reply = reply_store.replies(conn, [report_id]).get(report_id)
    if reply is None:
        raise Conflict(
            "这条线索不是要法定答复的投诉或举报", "this report is owed no statutory reply"
        )
    if incident is None or incident_store.membership(conn, report_id) != incident.id:
        raise Forbidden(
            "这条线索所在的事件在辖区之外，请由上级中心处理",
            "the incident of this report lies outside your area: ask the centre above",
        )
    units = [u for _, _, u in store.live_units(conn, [incident.id])]
    reason = why_not(act, reply, role, unit, units)
    if reason is not None:
        settled = why_not(act, reply, Role.DISPATCHER, unit, units) is not None
        raise (Conflict if settled else Forbidden)(reason.chinese, reason.english)
    if act is not ReplyAct.ACCEPT and len(words.strip()) < _LEAST_WORDS:
        raise Invalid(
            "text" if act is ReplyAct.REPLY else "reason",
            f"请写明内容（至少 {_LEAST_WORDS} 个字）",
            f"say it in at least {_LEAST_WORDS} characters",
        )
    told = _do(conn, act, reply, office, by, now, words)
    if not reply.nameless:
        store.notify_reporter(conn, report_id, incident.id, told, now)
    store.add_steps(conn, [_step(incident.id, act, reply, by, now, words)])
    return Acted(incident.id, incident.area)


def _do(conn: Connection, act: ReplyAct, reply: Reply, office: Office, by: Actor, now: datetime,
        words: str) -> str:  # fmt: skip
    """Write it; returns what the reporter is told."""
    name = _NAMES[reply.nature]
    if act is ReplyAct.ACCEPT:
        rule = office.replies.named(reply.rule, reply.nature)
        due = None if reply.nameless or rule is None else reply_due(rule, now, office.calendar)
        done = reply_store.accept(conn, reply.report, due, by.account, now)
        told = f"您的{name}已受理" + (f"，将于 {local(due):%m月%d日 %H:%M} 前答复" if due else "")
    elif act is ReplyAct.DECLINE:
        done = reply_store.decline(conn, reply.report, words, by.account, now)
        told = f"您的{name}不予受理：{words}"
    else:
        done = bool(reply_store.answer(conn, [reply.report], words, by.account, now))
        told = f"对您{name}的答复：{words}"
    if not done:
        raise Conflict("刚被别人处理过，请刷新", "somebody else was first: reload the incident")
    return told


def _step(incident: int, act: ReplyAct, reply: Reply, by: Actor, now: datetime, words: str) -> Step:
    detail = (("report", str(reply.report)), ("nature", str(reply.nature)))
    return Step(incident, None, now, by.account, by.name, by.unit, _STEP[act], reason=words,
                detail=detail, address=by.address)  # fmt: skip


def answer_all(conn: Connection, incident: int, text: str, by: Actor, now: datetime) -> list[int]:
    """Send the incident's common answer as the reply to every open complaint and denunciation of it.

    Its reporters are not told twice: whoever ends an incident tells them all the same words.
    Anonymous denunciations stay open until they are decided on.

    Returns:
        The reports that were answered.
    """
    found = {r.report: r for r in reply_store.open_of(conn, incident) if not r.nameless}
    done = reply_store.answer(conn, list(found), text, by.account, now)
    store.add_steps(
        conn,
        [_step(incident, ReplyAct.REPLY, found[report], by, now, text) for report in done],
    )
    return done


def may(reply: Reply, role: Role, unit: Unit, units: Collection[str]) -> dict[ReplyAct, Why | None]:
    """For each act, why this person may not do it now."""
    return {act: why_not(act, reply, role, unit, units) for act in ReplyAct}
