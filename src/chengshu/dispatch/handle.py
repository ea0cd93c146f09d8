"""What people do with an order: sign for it, hand it back, report back, verify, close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.disputes.model import REASON_NAMES, Returnable
from chengshu.dispatch.disputes.terms import why_not_return
from chengshu.dispatch.disputes_act import Claim, check_claim, handed_back
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.replies_act import answer_all
from chengshu.dispatch.workflow import MOVES, OrderStage, Verb, Why, incident_stage, why_not
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Stage
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.times import local

_LEAST_WORDS = 4
_STILL_OVERDUE = timedelta(days=1)  # as in escalate: told once more a day later
_STILL = 3  # the last level of escalation
_NEEDS_WORDS = frozenset({Verb.RETURN, Verb.HANDLE, Verb.REJECT, Verb.WITHDRAW})
_TOLD = {
    Verb.SIGN: "{unit}已签收，{due}",
    Verb.HANDLE: "{unit}已办理并反馈，正在核查",
    Verb.CLOSE: "您反映的事项已办结：{reply}",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a verb: the order as it was, other orders that it opened, and what pages must be told."""

    order: WorkOrder
    to: OrderStage
    incident_area: int
    opened: tuple[int, ...] = ()


def own(order_unit: str, unit: Unit) -> bool:
    """Whether an order is for this unit's people to handle."""
    return order_unit == unit.unit


def reasons_against(
    order: WorkOrder, role: Role, unit: Unit, standing: Returnable, now: datetime
) -> dict[Verb, Why | None]:
    """For each verb, why this person may not do it now."""
    found = {verb: _why_not(verb, order, role, unit) for verb in Verb}
    return {**found, Verb.RETURN: found[Verb.RETURN] or why_not_return(order, standing, now)}


def _why_not(verb: Verb, order: WorkOrder, role: Role, unit: Unit) -> Why | None:
    above = order.unit == unit.unit or order.unit.startswith(unit.unit + ".")
    return why_not(verb, order.stage, role, own=_own_for(order, role, unit), above=above)


def _own_for(order: WorkOrder, role: Role, unit: Unit) -> bool:
    """Handlers act for their unit; dispatchers for the giving side, even on their own centre's orders."""
    return role is Role.HANDLER and own(order.unit, unit)


def act(conn: Connection, order_id: int, verb: Verb, office: Office, by: Actor, role: Role, unit: Unit, now: datetime, *,
        words: str = "", code: str = "", matter: str = "", attachments: Sequence[int] = (),
        reply_all: bool = False) -> Done:  # fmt: skip
    """Do one thing with an order.

    Args:
        words: The reply, the reason or the finding; needed where it is said.
        code: For a return, one of `ReturnReason`.
        matter: For a return, whose row of the responsibility list it leans on, where that is not the
            incident's own matter.
        attachments: Files this person uploaded before, as evidence of the reply.
        reply_all: For a close, that the common answer is also the statutory reply to every
            complaint and denunciation of the incident; without it those stay open.

    Raises:
        NotFound: No such order within the scope.
        Forbidden: This person may not; the sentence is `why_not`'s.
        Conflict: The order's stage does not allow it, somebody was first, or it may not be returned
            any more.
        Invalid: Words or code are missing.
    """
    order = store.order(conn, order_id)
    if order is None:
        raise NotFound("工单", order_id)
    reason = _why_not(verb, order, role, unit)
    if reason is not None:
        refusal = Conflict if order.stage not in MOVES[verb].at else Forbidden
        raise refusal(reason.chinese, reason.english)
    _check_words(verb, words)
    # the incident's row first, as in assign and merge: two people never wait for each other
    incident = incident_store.locked(conn, order.incident)
    if incident is None:
        raise NotFound("工单", order_id)
    current = store.order(conn, order_id)
    # meanwhile a merge may have taken it along, or brought its clock forward
    if current is None or (current.incident, current.stage) != (order.incident, order.stage):
        raise Conflict("工单刚被别人处理过，请刷新", "somebody else was first: reload the order")
    order = current
    claim = Claim(code, words, matter) if verb is Verb.RETURN else None
    duty = check_claim(claim, order, incident, office, conn, now) if claim else None
    to = MOVES[verb].to or order.stage
    reply = words if verb is Verb.HANDLE else None
    if MOVES[verb].to is not None and not store.move(
        conn, order, to, now, reply=reply, escalate_at=_timer(order, to, now)
    ):
        raise Conflict("工单刚被别人处理过，请刷新", "somebody else was first: reload the order")
    if attachments:
        intake_store.link_to_order(conn, attachments, order.id, by.account)
    said = f"{REASON_NAMES[code][0]}:{words}" if claim else words
    store.add_steps(conn, [Step(order.incident, order.id, now, by.account, by.name, by.unit, verb, order.stage, to, said,
                                (), by.address)])  # fmt: skip
    opened = handed_back(conn, order, incident, claim, duty, office, by, now) if claim else []
    area = follow(conn, order.incident, now)
    _tell(conn, order, verb, office, words, now)
    if reply_all and verb is Verb.CLOSE:
        answer_all(conn, order.incident, order.reply or "已处理", by, now)
    return Done(order, to, area, tuple(opened))


def _check_words(verb: Verb, words: str) -> None:
    if verb in _NEEDS_WORDS and len(words.strip()) < _LEAST_WORDS:
        raise Invalid(
            "reason",
            f"请写明{MOVES[verb].label}的情况（至少 {_LEAST_WORDS} 个字）",
            f"say why in at least {_LEAST_WORDS} characters",
        )


def _timer(order: WorkOrder, to: OrderStage, now: datetime) -> datetime | None:
    """The next instant at which a worker must look: settling time while it is being handled.

    An order that is overdue already is looked at once more, a day after it was due.
    """
    if to is not OrderStage.SIGNED or order.due_at is None:
        return None
    if not order.overdue:
        return max(order.due_at, now)
    return max(order.due_at + _STILL_OVERDUE, now) if order.escalated < _STILL else None


def follow(conn: Connection, incident_id: int, now: datetime) -> int:
    """Move the incident to where its orders are; returns its area.

    The incident's row is locked first, so that two orders that end at once see each other.
    """
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    stage = incident_stage(store.stages_of(conn, incident_id))
    if incident.stage not in ENDED and stage is not incident.stage:
        incident_store.move(
            conn, incident_id, [incident.stage], stage, now, closed=stage is Stage.CLOSED
        )
    return incident.area


def _tell(
    conn: Connection, order: WorkOrder, verb: Verb, office: Office, words: str, now: datetime
) -> None:
    unit = office.directory.units[order.unit]
    above = order.unit.rpartition(".")[0] or order.unit
    if verb in _TOLD:
        due = f"承诺 {local(order.due_at):%m月%d日 %H:%M} 前办理" if order.due_at else "正在办理"
        reply = order.reply or words or "已处理"
        store.notify_reporters(
            conn, order.incident, _TOLD[verb].format(unit=unit.name, due=due, reply=reply), now
        )
    if verb in (Verb.RETURN, Verb.HANDLE):
        store.notify_units(
            conn,
            [
                (
                    above,
                    order.incident,
                    f"工单 {order.number} {unit.short}{MOVES[verb].label}:{words[:60]}",
                )
            ],
            now,
        )
    if verb in (Verb.URGE, Verb.REJECT, Verb.WITHDRAW):
        store.notify_units(
            conn,
            [
                (
                    order.unit,
                    order.incident,
                    f"工单 {order.number} 被{MOVES[verb].label}:{words[:60]}",
                )
            ],
            now,
        )
