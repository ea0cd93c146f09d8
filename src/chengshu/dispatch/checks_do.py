"""Looking, ringing, reviewing and scoring: what people and citizens say about a reply, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import checks_act, store
from chengshu.dispatch.again import again, last_done, may_again
from chengshu.dispatch.assign import SYSTEM, Actor, Office
from chengshu.dispatch.checks import store as check_store
from chengshu.dispatch.checks.model import (
    RATINGS,
    Callback,
    CallOutcome,
    CallTask,
    CheckKind,
    Inspection,
    Review,
)
from chengshu.dispatch.checks.rules import total
from chengshu.dispatch.handle import Said, act
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import OrderStage, Verb, Why
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident, Stage
from chengshu.intake import store as intake_store
from chengshu.kit import outbox
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound

RATED = "callback.rated"
INSPECTORS = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.GRID_WORKER})
CALLERS = frozenset({Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR})
REVIEWERS = frozenset({Role.SUPERVISOR, Role.LEADER})
SCORERS = frozenset({Role.SUPERVISOR, Role.ANALYST})
_LEAST_WORDS = 4
_FIRST = ("刚被别人处理过，请刷新", "somebody else was first: reload")


def outside(order_unit: str, unit: Unit) -> bool:
    """Whether somebody of this unit looks at an order independently; nobody stands above the city's centre."""
    return unit.unit != order_unit or unit.parent is None


# ------------------------------------------------------------------ inspections
def ask(conn: Connection, order_id: int, kind: CheckKind, office: Office, by: Actor, unit: Unit,
        now: datetime) -> WorkOrder:  # fmt: skip
    """Ask for a check of an order that was handled or closed; it counts as a sample once it is closed.

    Raises:
        NotFound: No such order within the scope.
        Conflict: There is nothing to check, or a check is open already.
        Forbidden: By the unit that handled it.
    """
    order, incident = _locked(conn, order_id)
    if order.stage not in (OrderStage.HANDLED, OrderStage.VERIFIED, OrderStage.CLOSED):
        raise Conflict("工单还没有反馈，没有可核查的", "nothing was reported back yet")
    if not outside(order.unit, unit):
        raise Forbidden(
            "核查要由承办单位以外的人安排", "a check is asked for outside the unit that handled it"
        )  # fmt: skip
    wanted = CheckKind.SAMPLE if order.stage is OrderStage.CLOSED else kind
    if not checks_act.ask(conn, order, incident, wanted, office, now):
        raise Conflict("已经有一项核查没有完成", "a check is open already")
    store.add_steps(conn, [Step(incident.id, order.id, now, by.account, by.name, by.unit, "ask_check", order.stage,
                                order.stage, "", (("kind", str(wanted)),), by.address)])  # fmt: skip
    return order


def inspect(conn: Connection, inspection_id: int, passed: bool, office: Office, by: Actor, role: Role, unit: Unit,
            now: datetime, *, words: str, untrue: bool = False, attachments: tuple[int, ...] = ()) -> WorkOrder:  # fmt: skip
    """Say what a check found.

    Before the order is closed this is 核查通过 or 核查不通过. A sample of a closed order that fails is a
    false closing: it is marked and handled again.

    Raises:
        NotFound: No such inspection within the scope.
        Conflict: It is done already, or the order went another way.
        Forbidden: Another role, or somebody of the unit that handled it.
        Invalid: A failure is not described.
    """
    known = check_store.inspection(conn, inspection_id)
    if known is None:
        raise NotFound("核查", inspection_id)
    order, incident = _locked(conn, known.order)
    why = why_not_inspect(check_store.inspection(conn, inspection_id), order, role, unit)
    if why is not None:
        done = known.done_at is not None
        raise (Conflict if done else Forbidden)(why.chinese, why.english)
    if order.stage is OrderStage.HANDLED:
        verb = Verb.ACCEPT if passed else Verb.REJECT
        said = Said(words, attachments=attachments, untrue=untrue and not passed)
        act(conn, order.id, verb, office, by, role, unit, now, said)
        return order
    if not passed and len(words.strip()) < _LEAST_WORDS:
        raise _words("现场看到的情况", "what was found")
    if not check_store.end_inspection(conn, order.id, passed, not passed, by.account, words, now):
        raise Conflict(*_FIRST)
    if attachments:
        intake_store.link_to_order(conn, attachments, order.id, by.account)
    store.add_steps(conn, [Step(incident.id, order.id, now, by.account, by.name, by.unit,
                                "sample_passed" if passed else "sample_failed", order.stage, order.stage, words, (),
                                by.address)])  # fmt: skip
    if not passed:
        checks_act.found_false(conn, order, by, words, now)
        if order.stage is OrderStage.CLOSED and may_again(incident):
            again(conn, order, incident, office, by, now, words)
            _end_task(conn, incident.id, "lapsed", now)
    return order


def why_not_inspect(one: Inspection | None, order: WorkOrder, role: Role, unit: Unit) -> Why | None:
    """Why somebody may not say what a check found."""
    if one is None or one.done_at is not None:
        return Why("这项核查已经完成", "this check is done already")
    if role not in INSPECTORS:
        return Why("您的角色不能核查", "your role may not check")
    if not outside(order.unit, unit):
        return Why(
            "核查要由承办单位以外的人来做", "a check is for people outside the unit that handled it"
        )
    return None


# ------------------------------------------------------------------ call-backs
def call(conn: Connection, incident_id: int, outcome: CallOutcome, office: Office, by: Actor, unit: Unit, now: datetime, *,
         words: str, report: int | None = None, unreasonable: str = "") -> Callback:  # fmt: skip
    """Write down an attempt to ask a citizen.

    Args:
        report: Who was asked; None: whoever reported it first.
        unreasonable: Why a demand cannot be met by anybody, with what shows it; a second person looks
            at it before anything follows from the dissatisfaction.

    Raises:
        NotFound: No such incident within the scope, or the report is not of it.
        Conflict: Nobody is to be asked any more, or not yet again.
        Forbidden: By the unit that handled it.
        Invalid: An unsatisfied citizen's words are missing.
    """
    incident = incident_store.locked(conn, incident_id)
    task = check_store.task(conn, incident_id) if incident else None
    if incident is None:
        raise NotFound("事件", incident_id)
    order = last_done(store.orders_of(conn, [incident_id]))
    if task is None or task.ended_at is not None or order is None or incident.stage is not Stage.CLOSED:  # fmt: skip
        raise Conflict("没有待办的回访", "there is nobody to be called back")
    if task.next_at > now:
        raise Conflict("距上次未接通的时间太短，请稍后再拨", "it is too early to ring again")
    if not outside(order.unit, unit):
        raise Forbidden(
            "回访要由承办单位以外的人来做", "call-backs are for people outside the unit"
        )
    if outcome is CallOutcome.UNSATISFIED and len(words.strip()) < _LEAST_WORDS:
        raise _words("市民不满意的原因", "why she is not satisfied")
    reports = {m.report for m in incident_store.members(conn, incident_id)}
    if report is not None and report not in reports:
        raise NotFound("线索", report)
    one = Callback(0, incident_id, order.id, report or min(reports), task.round, task.attempts + 1, now, "phone", outcome,
                   words, by.account)  # fmt: skip
    one = replace(one, id=check_store.add_callback(conn, one))
    store.add_steps(conn, [Step(incident_id, order.id, now, by.account, by.name, by.unit, "callback", order.stage,
                                order.stage, words, (("outcome", str(outcome)), ("attempt", one.attempt)),
                                by.address)])  # fmt: skip
    task = replace(task, attempts=task.attempts + 1)
    if outcome is CallOutcome.NO_ANSWER:
        _unanswered(conn, task, incident, office, now)
    elif outcome is CallOutcome.UNSATISFIED and unreasonable.strip():
        check_store.put_task(conn, task)
        _doubt(conn, one, unreasonable, by, now)
    else:
        check_store.put_task(conn, task)
        conclude(conn, one, incident, order, office, by, now)
    return one


def _unanswered(conn: Connection, task: CallTask, incident: Incident, office: Office, now: datetime) -> None:  # fmt: skip
    """Rung again later; after the last attempt it ends, and the citizens are told where they may still rate."""
    if task.attempts < office.checks.attempts:
        check_store.put_task(conn, replace(task, next_at=now + office.checks.again_after))
        return
    check_store.put_task(conn, replace(task, ended_at=now, result="no_answer"))
    store.notify_reporters(
        conn, incident.id,
        f"我们 {task.attempts} 次回访未能与您联系上；您可以凭查询码在进度查询页对办理结果作出评价", now,
    )  # fmt: skip


def conclude(conn: Connection, one: Callback, incident: Incident, order: WorkOrder, office: Office, by: Actor,
             now: datetime) -> None:  # fmt: skip
    """What follows from an answer: the task ends; who is not satisfied has it handled again."""
    _end_task(conn, incident.id, str(one.outcome), now)
    if one.outcome is CallOutcome.UNSATISFIED and incident.stage is Stage.CLOSED:
        again(conn, order, incident, office, by, now, f"回访不满意：{one.words or '未说明原因'}")


def _end_task(conn: Connection, incident: int, result: str, now: datetime) -> None:
    task = check_store.task(conn, incident)
    if task is not None and task.ended_at is None:
        check_store.put_task(conn, replace(task, ended_at=now, result=result))


def rate(
    conn: Connection, code_hash: str, outcome: CallOutcome, words: str, via: str, now: datetime
) -> None:
    """A citizen rates with her code, once after each closing; what follows is a worker's.

    Raises:
        Invalid: It is no rating.
        Conflict: It is not closed, or she rated it already.
    """
    if outcome not in RATINGS:
        raise Invalid("outcome", "请选择满意、基本满意或不满意", "choose one of the three ratings")
    state, rated = check_store.rate(conn, code_hash, outcome, words, via, now)
    if rated is None:
        raise Conflict(
            *(("您已经评价过了", "you rated it already") if state == "rated" else
              ("事项还没有办结，办结后可以评价", "it is not closed yet: rate it afterwards"))
        )  # fmt: skip
    outbox.send(conn, RATED, rated)


def settle_rating(conn: Connection, callback_id: int, office: Office, now: datetime) -> int | None:
    """What follows from a citizen's own rating; the incident, None when there is nothing to do any more."""
    one = check_store.callback(conn, callback_id)
    incident = incident_store.locked(conn, one.incident) if one else None
    order = store.order(conn, one.order) if one else None
    if one is None or incident is None or order is None:
        return None
    store.add_steps(conn, [Step(incident.id, order.id, now, None, "市民", "", "callback", order.stage, order.stage, one.words,
                                (("outcome", str(one.outcome)), ("channel", one.channel)))])  # fmt: skip
    if incident.stage is Stage.CLOSED:
        conclude(conn, one, incident, order, office, Actor(None, SYSTEM), now)
    return incident.id


# ------------------------------------------------------------------ reviews
def doubt(conn: Connection, callback_id: int, evidence: str, by: Actor, now: datetime) -> Callback:
    """Call a rating an unreasonable demand afterwards; a second person looks at it.

    Raises:
        NotFound: No such answer within the scope.
        Conflict: It is none to doubt, or it is before a second person already.
        Invalid: Evidence is missing.
    """
    one = check_store.callback(conn, callback_id)
    if one is None:
        raise NotFound("回访", callback_id)
    if one.outcome is not CallOutcome.UNSATISFIED:
        raise Conflict("只有不满意的评价可以提请复核", "only dissatisfaction is reviewed")
    incident_store.locked(conn, one.incident)
    _doubt(conn, one, evidence, by, now)
    return one


def _doubt(conn: Connection, one: Callback, evidence: str, by: Actor, now: datetime) -> None:
    if len(evidence.strip()) < _LEAST_WORDS:
        raise _words("认定为不合理诉求的依据和佐证", "what shows that nobody can meet the demand")
    assert by.account is not None
    asked = Review(0, one.id, one.incident, now, by.account, by.name, by.unit, evidence)
    if not check_store.add_review(conn, asked):
        raise Conflict("这次评价已经提请复核", "it is before a second person already")
    store.add_steps(conn, [Step(one.incident, one.order, now, by.account, by.name, by.unit, "ask_review",
                                reason=evidence, address=by.address)])  # fmt: skip


def review(conn: Connection, review_id: int, upheld: bool, office: Office, by: Actor, now: datetime,
           words: str) -> Review:  # fmt: skip
    """Decide, as a second person, whether a demand was unreasonable.

    Upheld, it is left out of satisfaction and nothing follows; else it is handled again.

    Raises:
        NotFound: No such review within the scope.
        Forbidden: The same person asked for it.
        Conflict: Somebody was first.
        Invalid: It is not said why.
    """
    one = check_store.review(conn, review_id)
    if one is None:
        raise NotFound("复核", review_id)
    incident = incident_store.locked(conn, one.incident)
    if one.account == by.account:
        raise Forbidden("复核要由提请人以外的人来做", "a second person reviews it")
    if len(words.strip()) < _LEAST_WORDS:
        raise _words("复核意见", "why")
    if incident is None or not check_store.end_review(
        conn, review_id, upheld, by.account, by.name, words, now
    ):
        raise Conflict(*_FIRST)
    check_store.set_reasonable(conn, one.callback, not upheld)
    verb = "review_upheld" if upheld else "review_refused"
    store.add_steps(conn, [Step(one.incident, None, now, by.account, by.name, by.unit, verb, reason=words,
                                address=by.address)])  # fmt: skip
    said = check_store.callback(conn, one.callback)
    if upheld:
        _end_task(conn, one.incident, "unreasonable", now)
    elif said is not None and (order := store.order(conn, said.order)) is not None:
        conclude(conn, said, incident, order, office, by, now)
    return one


# ------------------------------------------------------------------ quality
def score(conn: Connection, order_id: int, callback_id: int | None, scores: Mapping[str, int], office: Office, by: Actor,
          unit: Unit, now: datetime, words: str) -> int:  # fmt: skip
    """Score a reply, or a call about it, against the city's sheet; the total, 0..100.

    Raises:
        NotFound: No such order or call within the scope.
        Conflict: It is not closed, or it was scored already.
        Forbidden: One's own unit's reply, or one's own call.
        Invalid: The sheet is not filled rightly.
    """
    order = store.order(conn, order_id)
    said = check_store.callback(conn, callback_id) if callback_id is not None else None
    if order is None or (callback_id is not None and (said is None or said.order != order_id)):
        raise NotFound("工单", order_id)
    if order.stage not in (OrderStage.CLOSED, OrderStage.ARCHIVED):
        raise Conflict("办结后才能质检", "quality is checked after closing")
    if (said is None and not outside(order.unit, unit)) or (said and said.account == by.account):
        raise Forbidden("不能给自己打分", "nobody scores her own work")
    sheet = office.checks.reply_sheet if said is None else office.checks.call_sheet
    found = total(sheet, scores)
    if isinstance(found, Why):
        raise Invalid("scores", found.chinese, found.english)
    if not check_store.add_score(
        conn, order_id, callback_id, by.account, by.name, scores, found, words, now
    ):
        raise Conflict("已经质检过了", "it was scored already")
    return found


def _locked(conn: Connection, order_id: int) -> tuple[WorkOrder, Incident]:
    order = store.order(conn, order_id)
    incident = incident_store.locked(conn, order.incident) if order else None
    current = store.order(conn, order_id)
    if order is None or incident is None or current is None:
        raise NotFound("工单", order_id)
    if current.incident != order.incident:
        raise Conflict(*_FIRST)
    return current, incident


def _words(what: str, what_en: str) -> Invalid:
    return Invalid(
        "words", f"请写明{what}（至少 {_LEAST_WORDS} 个字）",
        f"say {what_en} in at least {_LEAST_WORDS} characters",
    )  # fmt: skip
