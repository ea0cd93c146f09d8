"""What people do with an order: sign for it, hand it back, report back, verify, close, and all the rest of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import bank_act, checks_act, store
from chengshu.dispatch.again import again
from chengshu.dispatch.assign import Actor, Office, assign
from chengshu.dispatch.bank.model import Plea
from chengshu.dispatch.checks import store as check_store
from chengshu.dispatch.disputes.model import REASON_NAMES, Returnable
from chengshu.dispatch.disputes.terms import why_not_return
from chengshu.dispatch.disputes_act import Claim, check_claim, handed_back
from chengshu.dispatch.facts.store import facts as facts_of
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.obstacles import Facts, obstacle
from chengshu.dispatch.replies_act import answer_all
from chengshu.dispatch.told import tell, tell_closed
from chengshu.dispatch.workflow import (
    MOVES,
    Labels,
    OrderStage,
    Verb,
    Why,
    incident_stage,
    label_of,
    why_not,
)
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident, Stage
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound

_LEAST_WORDS = 4
_NEEDS_WORDS = frozenset({
    Verb.RETURN, Verb.HANDLE, Verb.REJECT, Verb.WITHDRAW, Verb.REDO, Verb.REASSIGN, Verb.REFUSE_SHELVING,
    Verb.STRIKE_OFF, Verb.STRIKE_CLOSE, Verb.REOPEN, Verb.VOID,
})  # fmt: skip
_LOOKED: dict[Verb, bool | None] = {Verb.ACCEPT: True, Verb.REJECT: False, Verb.REDO: None}
_LEAVES_BANK = frozenset({Verb.RETURN, Verb.WITHDRAW, Verb.REASSIGN, Verb.VOID})
_DECIDES = frozenset({Verb.ALLOW_SHELVING, Verb.REFUSE_SHELVING})
_CLOSES = frozenset({Verb.CLOSE, Verb.STRIKE_CLOSE})
_NO_PLEA = Plea()
_FIRST = ("工单刚被别人处理过，请刷新", "somebody else was first: reload the order")


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says with a verb; each verb reads what it needs.

    Attributes:
        words: The reply, the reason or the finding; needed where it is said.
        code: For a return, one of `ReturnReason`.
        matter: For a return, whose row of the responsibility list it leans on, where that is not the
            incident's own matter.
        attachments: Files this person uploaded before, as evidence.
        linked: How many files of the evidence hang on the order already.
        document: For a reply, the number of the document that proves it.
        reply_all: For a close, that the common answer is also the statutory reply to every
            complaint and denunciation of the incident; without it those stay open.
        untrue: For a check that finds it not done, that the reply says what was not so.
        to: For a reassignment, the unit that gets it.
        instruction: For a reassignment, what the new unit is told.
        plea: For shelving, the condition, review date and public reason.
    """

    words: str = ""
    code: str = ""
    matter: str = ""
    attachments: Sequence[int] = ()
    document: str = ""
    reply_all: bool = False
    untrue: bool = False
    to: str = ""
    instruction: str = ""
    plea: Plea = _NO_PLEA
    linked: int = 0


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


def reasons_against(order: WorkOrder, role: Role, unit: Unit, standing: Returnable, facts: Facts, labels: Labels,
                    now: datetime) -> dict[Verb, Why | None]:  # fmt: skip
    """For each verb, why this person may not do it now."""
    found = {
        verb: _why_not(verb, order, role, unit, labels) or obstacle(verb, order, facts, unit, labels, role)
        for verb in Verb
    }  # fmt: skip
    return {**found, Verb.RETURN: found[Verb.RETURN] or why_not_return(order, standing, now)}


def _why_not(verb: Verb, order: WorkOrder, role: Role, unit: Unit, labels: Labels) -> Why | None:
    above = order.unit == unit.unit or order.unit.startswith(unit.unit + ".")
    own_one = _own_for(order, role, unit)
    return why_not(verb, order.stage, role, own=own_one, above=above, labels=labels)


def _own_for(order: WorkOrder, role: Role, unit: Unit) -> bool:
    """Handlers act for their unit; dispatchers for the giving side, even on their own centre's orders."""
    return role is Role.HANDLER and own(order.unit, unit)


def act(conn: Connection, order_id: int, verb: Verb, office: Office, by: Actor, role: Role, unit: Unit, now: datetime,
        said: Said | None = None) -> Done:  # fmt: skip
    """Do one thing with an order.

    Raises:
        NotFound: No such order within the scope.
        Forbidden: This person may not; the sentence is `why_not`'s.
        Conflict: The order's stage does not allow it, something stands in the way, somebody was first, or
            it may not be returned any more.
        Invalid: Words, code or evidence are missing.
    """
    said = said or Said()
    order = store.order(conn, order_id)
    if order is None:
        raise NotFound("工单", order_id)
    labels = office.labels(conn, [order.incident])[order.incident]
    _refuse(verb, order, role, unit, labels)
    _check_words(verb, said.words, labels)
    # the incident's row first, as in assign and merge: two people never wait for each other
    incident = incident_store.locked(conn, order.incident)
    if incident is None:
        raise NotFound("工单", order_id)
    current = store.order(conn, order_id)
    # meanwhile a merge may have taken it along, or brought its clock forward
    if current is None or (current.incident, current.stage) != (order.incident, order.stage):
        raise Conflict(*_FIRST)
    hindered = obstacle(verb, current, facts_of(conn, [current])[current.id], unit, labels, role)
    if hindered is not None:
        raise Conflict(hindered.chinese, hindered.english)
    opened = _do(conn, current, incident, verb, office, by, now, said)
    closed = follow(conn, incident, now)
    if closed:
        checks_act.call_back(conn, incident, office, now)
        tell_closed(conn, incident.id, now)
    tell(conn, current, verb, office, said.words, labels, now)
    if said.reply_all and verb is Verb.CLOSE:
        answer_all(conn, current.incident, current.reply or "已处理", by, now)
    return Done(current, MOVES[verb].to or current.stage, incident.area, tuple(opened))


def _refuse(verb: Verb, order: WorkOrder, role: Role, unit: Unit, labels: Labels) -> None:
    reason = _why_not(verb, order, role, unit, labels)
    if reason is not None:
        refusal = Conflict if order.stage not in MOVES[verb].at else Forbidden
        raise refusal(reason.chinese, reason.english)


def _do(conn: Connection, order: WorkOrder, incident: Incident, verb: Verb, office: Office, by: Actor, now: datetime,
        said: Said) -> list[int]:  # fmt: skip
    """Everything that a verb changes; the orders that it opened."""
    if verb is Verb.REOPEN:
        live = again(conn, order, incident, office, by, now, said.words)
        return [live] if live != order.id else []
    claim = Claim(said.code, said.words, said.matter) if verb is Verb.RETURN else None
    duty = check_claim(claim, order, incident, office, conn, now) if claim else None
    if verb is Verb.HANDLE:
        _check_evidence(incident, office, said)
    _move(conn, order, verb, said, now)
    if said.attachments:
        intake_store.link_to_order(conn, said.attachments, order.id, by.account)
    words = f"{REASON_NAMES[said.code][0]}:{said.words}" if claim else said.words
    to = MOVES[verb].to or order.stage
    store.add_steps(conn, [Step(order.incident, order.id, now, by.account, by.name, by.unit, verb, order.stage, to, words,
                                _detail(verb, said), by.address)])  # fmt: skip
    _around(conn, order, incident, verb, office, by, now, said)
    if claim:
        return handed_back(conn, order, incident, claim, duty, office, by, now)
    if verb is Verb.REASSIGN:
        fresh = assign(conn, incident, said.to, office, by, now, instruction=said.instruction,
                       reason=f"改派自{order.number}：{said.words}", lead=order.lead or None,
                       follows=order.id)  # fmt: skip
        return [fresh.id]
    if verb is Verb.LEAD:
        return [i for i in store.set_lead(conn, incident.id, order.id, now) if i != order.id]
    return []


def _move(conn: Connection, order: WorkOrder, verb: Verb, said: Said, now: datetime) -> None:
    to = MOVES[verb].to
    if to is None:
        return
    replies = verb is Verb.HANDLE or (verb is Verb.STRIKE_CLOSE and order.reply is None)
    if not store.move(conn, order, to, now, reply=said.words if replies else None, document=said.document or None,
                      escalate_at=_timer(order, to, now)):  # fmt: skip
        raise Conflict(*_FIRST)


def _detail(verb: Verb, said: Said) -> tuple[tuple[str, object], ...]:
    if verb is Verb.REASSIGN:
        return (("unit", said.to),)
    if verb is Verb.HANDLE and said.document:
        return (("document", said.document),)
    if verb is Verb.SHELVE:
        plea = said.plea
        return (
            ("condition", plea.condition), ("review_on", str(plea.review_on)), ("public_reason", plea.public_reason),
        )  # fmt: skip
    return ()


def _around(conn: Connection, order: WorkOrder, incident: Incident, verb: Verb, office: Office, by: Actor, now: datetime,
            said: Said) -> None:  # fmt: skip
    """Inspections and the problem bank go with the order."""
    if verb is Verb.HANDLE:
        checks_act.after_reply(conn, order, incident, office, now)
    if verb in _LOOKED:
        check_store.end_inspection(conn, order.id, _LOOKED[verb], said.untrue, by.account, said.words, now)  # fmt: skip
    if verb is Verb.REJECT and said.untrue:
        checks_act.found_false(conn, order, by, said.words, now)
    if verb is Verb.CLOSE:
        checks_act.after_closing(conn, order, incident, office, now)
    if verb is Verb.SHELVE:
        bank_act.propose(conn, order, said.plea, by, now)
    if verb in _DECIDES:
        one = bank_act.decide(conn, order, verb, by, said.words, now)
        if verb is Verb.ALLOW_SHELVING:
            store.notify_reporters(conn, incident.id, f"经上级中心批准暂缓办理：{one.public_reason}；"
                                   f"{one.review_on:%m月%d日}复核", now)  # fmt: skip
    if verb in (Verb.STRIKE_OFF, Verb.STRIKE_CLOSE):
        bank_act.strike(conn, order, MOVES[verb].to or order.stage, by, said.words, now)
    if verb in _LEAVES_BANK:
        bank_act.drop(conn, order, by, now)


def _check_words(verb: Verb, words: str, labels: Labels) -> None:
    if verb in _NEEDS_WORDS and len(words.strip()) < _LEAST_WORDS:
        raise Invalid(
            "reason",
            f"请写明{label_of(verb, labels)[0]}的情况（至少 {_LEAST_WORDS} 个字）",
            f"say why in at least {_LEAST_WORDS} characters",
        )


def _check_evidence(incident: Incident, office: Office, said: Said) -> None:
    matter = office.matters[incident.matter]
    lacking = office.checks.why_not_reply(
        matter, len(said.attachments) + said.linked, said.document
    )
    if lacking is not None:
        raise Invalid("attachments", lacking.chinese, lacking.english)


def _timer(order: WorkOrder, to: OrderStage, now: datetime) -> datetime | None:
    """The order's timer: while it is being handled a worker keeps it, and looks at once where it has none."""
    return (order.escalate_at or now) if to is OrderStage.SIGNED else None


def follow(conn: Connection, incident: Incident, now: datetime) -> bool:
    """Move an incident, whose row is locked, to where its orders are; whether it is closed by that.

    The lock is what lets two orders that end at once see each other.
    """
    current = incident_store.incidents(conn, [incident.id]).get(incident.id, incident)
    stage = incident_stage(store.parts_of(conn, incident.id))
    if current.stage in ENDED or stage is current.stage:
        return False
    closes = stage is Stage.CLOSED
    incident_store.move(conn, incident.id, [current.stage], stage, now, closed=closes)
    return closes


__all__ = ["Done", "Said", "act", "follow", "own", "reasons_against"]
