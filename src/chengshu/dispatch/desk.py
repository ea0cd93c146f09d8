"""What the desk settles without an order: answering, refusing, referring, voiding, correcting."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor, Office, repropose
from chengshu.dispatch.model import Step
from chengshu.dispatch.propose import Question
from chengshu.dispatch.replies_act import answer_all
from chengshu.dispatch.workflow import LIVE
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident, Stage
from chengshu.incidents.understand import Understanding
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Invalid, NotFound
from chengshu.places import Located

REFERRALS = {"petition": "信访", "discipline": "纪检监察", "judiciary": "司法途径"}
_OPEN = [s for s in Stage if s not in ENDED]


def settle(conn: Connection, incident_id: int, to: Stage, by: Actor, now: datetime, *, words: str, basis: str = "",
           target: str = "", reply_all: bool = False) -> Incident:  # fmt: skip
    """End an incident at the desk.

    Args:
        to: ANSWERED (直接答复), REFUSED (不予受理), REFERRED or VOID.
        words: What the reporters are told, or for VOID the reason.
        basis: Source of the answer, or the rule behind a refusal or referral; required for both.
        target: For REFERRED, one of REFERRALS.
        reply_all: That an answer is also the statutory reply to every complaint and denunciation
            of the incident; without it those stay open.

    Raises:
        Invalid: Words, basis or target are missing.
        Conflict: It has ended already, or a unit is working on it.
    """
    if len(words.strip()) < 4:
        raise Invalid("words", "请写明内容（至少 4 个字）", "say it in at least 4 characters")
    if to is not Stage.VOID and len(basis.strip()) < 2:
        raise Invalid(
            "source" if to is Stage.ANSWERED else "rule",
            "请写明依据或来源",
            "give the rule or source",
        )
    if to is Stage.REFERRED and target not in REFERRALS:
        raise Invalid(
            "to",
            "转办方向只能是信访、纪检监察或司法途径",
            "to is petition, discipline or judiciary",
        )
    incident = _open(conn, incident_id)
    if any(o.stage in LIVE for o in store.orders_of(conn, [incident_id])):
        raise Conflict(
            "还有在办工单，请先撤回或办结",
            "a unit still has a live order: withdraw or finish it first",
        )
    if not incident_store.move(
        conn, incident_id, _OPEN, to, now, closed=True, answer=words, source=basis or None
    ):
        raise Conflict("事件刚被别人处理过，请刷新", "somebody else was first: reload the incident")
    detail = (("basis", basis),) + ((("to", target),) if target else ())
    store.add_steps(conn, [Step(incident_id, None, now, by.account, by.name, by.unit, to, incident.stage, to, words,
                                detail, by.address)])  # fmt: skip
    if to is not Stage.VOID:
        store.notify_reporters(conn, incident_id, _told(to, words, basis, target), now)
    if reply_all and to is Stage.ANSWERED:
        answer_all(conn, incident_id, words, by, now)
    return replace(incident, stage=to, answer=words)


def _told(to: Stage, words: str, basis: str, target: str) -> str:
    if to is Stage.ANSWERED:
        return f"答复：{words}(来源：{basis})"
    if to is Stage.REFUSED:
        return f"不予受理：{words}(依据：{basis})"
    return f"您反映的事项请通过{REFERRALS[target]}办理：{words}(依据：{basis})"


def _open(conn: Connection, incident_id: int) -> Incident:
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    if incident.stage in ENDED:
        raise Conflict("事件已结束", "the incident has ended")
    return incident


def correct(conn: Connection, incident_id: int, office: Office, by: Actor, now: datetime, *, matter: str | None,
            area: int | None, place: str | None, lon: float | None, lat: float | None, urgency: int | None,
            danger: bool | None, reason: str) -> Incident:  # fmt: skip
    """A person corrects what was understood; units are proposed anew and the correction is kept.

    Raises:
        Invalid: The matter or area is unknown.
    """
    incident = _open(conn, incident_id)
    if matter is not None and matter not in office.matters:
        raise Invalid("matter", f"没有这个事项：{matter}", f"there is no matter {matter}")
    fresh = replace(
        incident,
        area=incident.area if area is None else area,
        place=incident.place if place is None else place,
        lon=incident.lon if lon is None else lon,
        lat=incident.lat if lat is None else lat,
        urgency=incident.urgency if urgency is None else urgency,
        danger=incident.danger if danger is None else danger,
        matter=matter or incident.matter,
        domain=office.matters[matter or incident.matter].domain,
        changed_at=now,
    )
    incident_store.grow(conn, [fresh])
    incident_store.classify(conn, incident_id, fresh.matter, fresh.domain, now)
    changed = {n: (str(getattr(incident, n)), str(getattr(fresh, n))) for n in
               ("matter", "area", "place", "lon", "lat", "urgency", "danger")}  # fmt: skip
    detail = tuple((n, list(pair)) for n, pair in changed.items() if pair[0] != pair[1])
    store.add_steps(conn, [Step(incident_id, None, now, by.account, by.name, by.unit, "correct", incident.stage,
                                incident.stage, reason, detail, by.address)])  # fmt: skip
    known = Understanding(fresh.matter, fresh.domain, 0.99, (), fresh.urgency, fresh.danger, ())
    repropose(conn, fresh, Question(known, Located(fresh.area, 0.99)), office, now)
    store.set_due(conn, incident_id, office.due_at(fresh))
    return fresh
