"""What people do about an order's clock: ask, answer, resume, cap, supervise, explain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chengshu.agencies.duties.model import clock_hours
from chengshu.agencies.matters import Limit
from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import store
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.clocks import store as clock_store
from chengshu.dispatch.clocks.model import (
    Ask,
    AskState,
    Clock,
    ClockKind,
    Grade,
    Request,
    Supervision,
)
from chengshu.dispatch.clocks.says import (
    CAPS,
    limit_en,
    moment,
    why_not_extend,
    why_not_pause,
    why_not_resume,
)
from chengshu.dispatch.clocks_turn import clocks_of, reckoning, resume, turn
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.workflow import MOVES, OrderStage, Verb, Why, why_not
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

_LEAST_WORDS = 4
_WORKS = (OrderStage.ASSIGNED, OrderStage.SIGNED)
_ANSWERS = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})
_FIRST = ("工单刚被别人处理过，请刷新", "somebody else was first: reload the order")


@dataclass(frozen=True, slots=True)
class By:
    """Who acts, in which role, for which unit."""

    actor: Actor
    role: Role
    unit: Unit


def next_tier(unit: str) -> str:
    """Who answers a unit's requests: the one above it; the topmost answers itself, by another person."""
    return unit.rpartition(".")[0] or unit


def longest_extension(clock: Clock, office: Office) -> float:
    """How much one extension may give at most, in hours of a clock."""
    if clock.limit is not None:
        return clock_hours(clock.limit) * office.clocks.extension_share
    assert clock.fixed_at is not None
    hours = (clock.fixed_at - clock.start_at).total_seconds() / 3600
    return hours * office.clocks.extension_share


def _words(words: str) -> None:
    if len(words.strip()) < _LEAST_WORDS:
        raise Invalid("words", f"请写明情况（至少 {_LEAST_WORDS} 个字）",
                      f"say it in at least {_LEAST_WORDS} characters")  # fmt: skip


def _refuse(why: Why | None, conflict: bool) -> None:
    if why is not None:
        raise (Conflict if conflict else Forbidden)(why.chinese, why.english)


def _held(conn: Connection, order_id: int, verb: Verb, by: By) -> tuple[WorkOrder, Incident]:
    """The order, locked with its incident, if this person may do that to it now.

    Raises:
        NotFound: No such order within the scope.
        Forbidden: This person may not. Conflict: The order's stage does not allow it.
    """
    order = store.order(conn, order_id)
    if order is None:
        raise NotFound("工单", order_id)
    own = by.role is Role.HANDLER and order.unit == by.unit.unit
    above = order.unit == by.unit.unit or order.unit.startswith(by.unit.unit + ".")
    why = why_not(verb, order.stage, by.role, own=own, above=above)
    _refuse(why, order.stage not in MOVES[verb].at)
    return _locked(conn, order)


def _locked(conn: Connection, order: WorkOrder) -> tuple[WorkOrder, Incident]:
    # the incident's row first, as everywhere: two people never wait for each other
    incident = incident_store.locked(conn, order.incident)
    current = store.order(conn, order.id)
    if incident is None or current is None:
        raise NotFound("工单", order.id)
    if (current.incident, current.stage) != (order.incident, order.stage):
        raise Conflict(*_FIRST)
    return current, incident


def _step(conn: Connection, order: WorkOrder, verb: str, said: str, by: By, now: datetime) -> None:
    store.add_steps(conn, [
        Step(order.incident, order.id, now, by.actor.account, by.actor.name, by.actor.unit, verb, order.stage,
             order.stage, said, (), by.actor.address)
    ])  # fmt: skip


def ask(conn: Connection, order_id: int, what: Ask, reason: str, words: str, limit: Limit | None, office: Office,
        by: By, now: datetime) -> Request:  # fmt: skip
    """A unit asks the next tier to stop the clock, or for more time.

    Args:
        limit: Extension: how much. Pause: after how much it ends by itself; None for the longest that
            its reason allows.

    Raises:
        NotFound, Forbidden, Conflict: It may not be asked now; the sentence is the button's.
        Invalid: The reason is none of the city's, words are missing, or it is too long.
    """
    verb = Verb.PAUSE if what is Ask.PAUSE else Verb.EXTEND
    order, incident = _held(conn, order_id, verb, by)
    clock = clocks_of(conn, order).get(ClockKind.SETTLE)
    asked = clock_store.requests_of(conn, [order.id])[order.id]
    rules = office.clocks
    if what is Ask.PAUSE:
        _refuse(why_not_pause(clock, asked, rules, now), True)
        limit = _pause_length(reason, limit, office)
    else:
        _refuse(why_not_extend(clock, asked, rules, incident.matter, now), True)
        assert clock is not None
        _check_extension(reason, limit, clock, office)
    _words(words)
    to = next_tier(order.unit)
    one = Request(new_id(), order.id, what, reason, words.strip(), limit, order.unit, to, now, by.actor.account,
                  by.actor.name)  # fmt: skip
    if not clock_store.add_request(conn, one):
        raise Conflict(*_FIRST)
    said = f"{MOVES[verb].label}{f' {limit.text()}' if limit else ''}：{one.words}"
    _step(conn, order, verb, said, by, now)
    short = office.directory.units[order.unit].short
    store.notify_units(conn, [(to, order.incident, f"工单 {order.number} {short}{said[:80]}，请审批")], now)  # fmt: skip
    return one


def _pause_length(reason: str, limit: Limit | None, office: Office) -> Limit:
    known = next((r for r in office.clocks.pause_reasons if r.id == reason), None)
    if known is None:
        names = "、".join(r.name for r in office.clocks.pause_reasons)
        ids = ", ".join(r.id for r in office.clocks.pause_reasons)
        raise Invalid("reason", f"暂停只限于：{names}", f"a pause needs one of: {ids}")
    if limit is not None and clock_hours(limit) > clock_hours(known.longest):
        raise Invalid("amount", f"“{known.name}”最多暂停 {known.longest.text()}",
                      f"{known.name_en}: at most {limit_en(known.longest)}")  # fmt: skip
    return limit or known.longest


def _check_extension(reason: str, limit: Limit | None, clock: Clock, office: Office) -> None:
    if all(r.id != reason for r in office.clocks.extension_reasons):
        names = "、".join(r.name for r in office.clocks.extension_reasons)
        ids = ", ".join(r.id for r in office.clocks.extension_reasons)
        raise Invalid("reason", f"延期事由须为：{names}", f"an extension needs one of: {ids}")
    if limit is None:
        raise Invalid("amount", "请写明延期多久", "say by how much")
    if clock_hours(limit) > longest_extension(clock, office):
        text = clock.limit.text() if clock.limit else "原时限"
        text_en = limit_en(clock.limit) if clock.limit else "the limit itself"
        raise Invalid("amount", f"一次延期不能超过原时限（{text}）的 {office.clocks.extension_share:g} 倍",
                      f"one extension is at most {office.clocks.extension_share:g} times {text_en}")  # fmt: skip


def why_not_answer(r: Request, stage: OrderStage, account: int | None, role: Role, unit: str) -> Why | None:  # fmt: skip
    """Why this person may not answer a request; button, API and test share the sentence."""
    if r.state is not AskState.OPEN:
        return Why("这项申请已经答复", "this request has been answered")
    if stage not in _WORKS:
        return Why("工单已经办理，申请失效", "the order was handled: the request lapsed")
    if role not in _ANSWERS:
        return Why("您的角色不能审批", "your role may not answer requests")
    if r.to_unit != unit and not r.to_unit.startswith(unit + "."):
        return Why("由申请单位的上一级审批", "the next tier above the unit answers")
    if r.account == account:
        return Why("不能审批自己的申请", "one's own request is for somebody else to answer")
    return None


def answer(conn: Connection, request_id: int, approve: bool, words: str, office: Office, by: By,
           now: datetime) -> WorkOrder:  # fmt: skip
    """The next tier approves or refuses. An approved pause holds since it was asked for, an extension is
    added to the end as it stands.

    Raises:
        NotFound: No such request within the scope.
        Forbidden, Conflict: It is not for this person to answer, or not any more.
        Invalid: A refusal without words.
    """
    found = clock_store.request(conn, request_id)
    order = store.order(conn, found.order) if found else None
    if found is None or order is None:
        raise NotFound("申请", request_id)
    why = why_not_answer(found, order.stage, by.actor.account, by.role, by.unit.unit)
    _refuse(why, found.state is not AskState.OPEN or order.stage not in _WORKS)
    if not approve:
        _words(words)
    order, _ = _locked(conn, order)
    by_rules = reckoning(office, order.unit)
    done = replace(found, state=AskState.APPROVED if approve else AskState.REFUSED, answered_at=now,
                   answered_by=by.actor.account, answer_actor=by.actor.name, answer=words.strip())  # fmt: skip
    if approve and found.ask is Ask.PAUSE:
        assert found.limit is not None
        until = due_at(local(found.asked_at), found.limit, by_rules[1])
        done = replace(done, from_at=found.asked_at, until_at=until)
    if not clock_store.answer(conn, done):
        raise Conflict(*_FIRST)
    said = _answered(done)
    if approve:
        clocks = clocks_of(conn, order)
        asked = clock_store.requests_of(conn, [order.id])[order.id]
        clock = turn(conn, order, clocks, asked, by_rules, now)
        if found.ask is Ask.EXTENSION and clock.due_at:
            said += f"，延至 {moment(clock.due_at)}"
    verb = ("approve_" if approve else "refuse_") + found.ask
    _step(conn, order, verb, said, by, now)
    store.notify_units(conn, [(order.unit, order.incident, f"工单 {order.number} {said}")], now)
    return order


def _answered(r: Request) -> str:
    what = "暂停计时" if r.ask is Ask.PAUSE else f"延期 {r.limit.text() if r.limit else ''}"
    ends = f"，最迟至 {moment(r.until_at)}" if r.until_at else ""
    words = f"：{r.answer}" if r.answer else ""
    return f"{'同意' if r.state is AskState.APPROVED else '不同意'}{what}{words}{ends}"


def resume_clock(conn: Connection, order_id: int, words: str, office: Office, by: By, now: datetime) -> WorkOrder:  # fmt: skip
    """The unit lets its clock go on: what it waited for has come.

    Raises:
        NotFound, Forbidden, Conflict: It may not, or the clock is not paused.
    """
    order, _ = _held(conn, order_id, Verb.RESUME, by)
    rules = reckoning(office, order.unit)
    _refuse(why_not_resume(clocks_of(conn, order).get(ClockKind.SETTLE)), True)
    pause = clock_store.standing_pauses(conn, [order.id])[order.id]
    clock = resume(conn, order, pause, now, rules, now)
    said = f"恢复计时{f'：{words.strip()}' if words.strip() else ''}"
    said += f"，至 {moment(clock.due_at)} 到期" if clock.due_at else ""
    _step(conn, order, Verb.RESUME, said, by, now)
    store.notify_units(conn, [(next_tier(order.unit), order.incident, f"工单 {order.number} {said}")], now)  # fmt: skip
    return order


def cap(conn: Connection, order_id: int, until: datetime, source: str, words: str, office: Office, by: By,
        now: datetime) -> WorkOrder:  # fmt: skip
    """A deadline from above ends an order's clock no later than this; a later one replaces it.

    Args:
        source: province, leader or superior.

    Raises:
        NotFound, Forbidden, Conflict: As for supervising the order.
        Invalid: It lies in the past, or the source is none of these.
    """
    order, _ = _held(conn, order_id, Verb.SUPERVISE, by)
    if source not in ("province", "leader", "superior"):
        raise Invalid("source", "时限来源须为省级、领导批示或上级",
                      "source is province, leader or superior")  # fmt: skip
    if until <= now:
        raise Invalid("until", "时限须在将来", "the deadline must lie in the future")
    rules = reckoning(office, order.unit)
    clocks = clocks_of(conn, order)
    if ClockKind.SETTLE not in clocks:
        raise Conflict("本工单没有在走的时限", "no clock of this order is running")
    clocks[ClockKind.SETTLE] = replace(clocks[ClockKind.SETTLE], cap_at=until, cap_by=source)
    clock = turn(conn, order, clocks, clock_store.requests_of(conn, [order.id])[order.id], rules, now)  # fmt: skip
    said = f"{CAPS[source][0]} {moment(until)}{f'：{words.strip()}' if words.strip() else ''}"
    said += f"，工单至 {moment(clock.due_at)} 到期" if clock.due_at else ""
    _step(conn, order, "cap", said, by, now)
    store.notify_units(conn, [(order.unit, order.incident, f"工单 {order.number} {said}")], now)
    return order


def supervise(conn: Connection, order_id: int, grade: int, words: str, office: Office, by: By,
              now: datetime) -> Supervision:  # fmt: skip
    """A person gives a supervision order; it is copied upward by its grade, and the unit explains itself.

    Raises:
        NotFound, Forbidden, Conflict: This person may not.
        Invalid: Words are missing, or there is no such grade.
    """
    order, _ = _held(conn, order_id, Verb.SUPERVISE, by)
    _words(words)
    grades = office.clocks.grades
    if not 1 <= grade <= len(grades):
        raise Invalid("grade", f"督办等级为 1 至 {len(grades)}", f"the grade is 1 to {len(grades)}")
    how: Grade = grades[grade - 1]
    copied, above = [], order.unit
    for _ in range(how.copies):
        above = next_tier(above)
        copied.append(above)
    explain_by = due_at(local(now), how.explain, office.calendar_of(order.unit))
    one = Supervision(new_id(), order.number, order.id, order.unit, by.unit.unit, by.actor.account, by.actor.name,
                      grade, "person", words.strip(), now, explain_by, tuple(dict.fromkeys(copied)))  # fmt: skip
    clock_store.add_supervisions(conn, [one])
    clock_store.hasten(conn, order.id, explain_by)
    said = f"{how.name}：{one.words}，请于 {moment(explain_by)} 前书面说明"
    _step(conn, order, Verb.SUPERVISE, said, by, now)
    told = dict.fromkeys([order.unit, *one.copied])
    store.notify_units(conn, [(u, order.incident, f"工单 {order.number} {said}") for u in told], now)  # fmt: skip
    return one


def why_not_explain(s: Supervision, role: Role, unit: str) -> Why | None:
    """Why this person may not explain; button, API and test share the sentence."""
    if s.withdrawn_at is not None:
        return Why("督办单已撤回", "the supervision order was withdrawn")
    if s.explained_at is not None:
        return Why("已经作过说明", "it was explained already")
    if role is not Role.HANDLER or s.unit != unit:
        return Why("由被督办单位的承办人说明", "a handler of the supervised unit explains")
    return None


def explain(conn: Connection, supervision_id: int, words: str, by: By, now: datetime) -> WorkOrder:
    """The unit explains itself; who gave the supervision order hears it.

    Raises:
        NotFound: No such supervision order within the scope.
        Forbidden, Conflict: It is not for this person, or not any more.
        Invalid: Words are missing.
    """
    found = clock_store.supervision(conn, supervision_id)
    order = store.order(conn, found.order) if found else None
    if found is None or order is None:
        raise NotFound("督办单", supervision_id)
    gone = found.explained_at is not None or found.withdrawn_at is not None
    _refuse(why_not_explain(found, by.role, by.unit.unit), gone)
    _words(words)
    done = replace(found, explained_at=now, explain_actor=by.actor.name, explanation=words.strip())
    if not clock_store.explain(conn, done, by.actor.account):
        raise Conflict(*_FIRST)
    said = f"督办单 {found.number} 说明：{done.explanation}"
    _step(conn, order, "explain", said, by, now)
    told = dict.fromkeys([found.by_unit, *found.copied])
    store.notify_units(conn, [(u, order.incident, f"工单 {order.number} {said[:120]}") for u in told], now)  # fmt: skip
    return order
