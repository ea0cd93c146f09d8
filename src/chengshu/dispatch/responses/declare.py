"""A level is declared, raised, lowered, ended; a plan's tasks become orders in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import new_order
from chengshu.dispatch.joint.acting import Acting, needed
from chengshu.dispatch.joint.rules import is_above
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.dispatch.responses import store
from chengshu.dispatch.responses.model import Declaration, Response, ResponseTask, TaskSpec
from chengshu.dispatch.responses.rules import (
    difference,
    level_name,
    why_not_declare,
    why_not_table,
)
from chengshu.dispatch.workflow import OrderStage, incident_stage
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident, Stage
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class Declared:
    """What came of it: the response and the orders that changed."""

    response: Response
    orders: tuple[int, ...]


def declare(
    a: Acting, incident_id: int, plan: str, d: Declaration, tasks: Sequence[TaskSpec]
) -> Declared:
    """Declare a level for an emergency: every task of its table becomes an order at once, or none does.

    Raises:
        NotFound: No such incident or unit within the scope.
        Forbidden: It is not for this person, or a task's unit is not under hers.
        Conflict: The incident has ended, or a response is running.
        Invalid: Level, number, signer or table are wrong.
    """
    _may(a, d)
    if d.level is None:
        raise Invalid("level", "请选响应级别", "choose a level")
    incident = _open(a.conn, incident_id)
    _check(a, tasks)
    response = Response(
        new_id(), incident.id, incident.area, a.unit.unit, needed("plan", plan), d.level, d.number, d.signer, d.declarer,
        a.now, tuple(dict.fromkeys(t.unit for t in tasks)),
    )  # fmt: skip
    if not store.add(a.conn, response):
        raise Conflict(
            "此事件已在应急响应中，请调整级别", "a response is running: change its level"
        )
    store.add_level(a.conn, response.id, d, a.now, a.by.account, a.by.name)
    orders = _give(a, response, incident, tasks, 1)
    _say(a, response, d)
    return Declared(response, orders)


def change(a: Acting, response_id: int, d: Declaration, tasks: Sequence[TaskSpec]) -> Declared:
    """Raise, lower or end the level: tasks that the new table lacks end in their order, new ones begin.

    Raises:
        NotFound: No such response within the scope.
        Forbidden, Invalid: As `declare`.
        Conflict: It has ended, or the level is the same.
    """
    _may(a, d)
    known = store.response(a.conn, response_id)
    if known is None:
        raise NotFound("应急响应", response_id)
    if known.centre != a.unit.unit:
        raise Forbidden("由发布响应的中心调整", "the centre that declared it changes it")
    incident = incident_store.locked(a.conn, known.incident)
    response = store.locked(a.conn, response_id)
    if incident is None or response is None:
        raise NotFound("应急响应", response_id)
    if response.ended_at is not None:
        raise Conflict("应急响应已终止", "the response has ended")
    if d.level == response.level:
        raise Conflict("级别没有变化", "the level is the same")
    if d.level is not None:
        _check(a, tasks)
    before = store.tasks(a.conn, response_id)
    diff = difference(before, tasks if d.level is not None else ())
    ended = _end(a, incident, diff.ended, level_name(d.level))
    units = tuple(dict.fromkeys([*response.units, *(t.unit for t in diff.begun)]))
    store.set_level(a.conn, response, d, units, a.now)
    store.add_level(a.conn, response_id, d, a.now, a.by.account, a.by.name)
    begun = _give(a, response, incident, diff.begun, len(before) + 1)
    _say(a, response, d)
    changed = store.response(a.conn, response_id) or response
    return Declared(changed, (*ended, *begun))


def _may(a: Acting, d: Declaration) -> None:
    why = why_not_declare(a.role, a.unit)
    if why is not None:
        raise Forbidden(why.chinese, why.english)
    for field, value, name in (
        ("number", d.number, "文号"),
        ("signer", d.signer, "签发人"),
        ("declarer", d.declarer, "发布机构"),
    ):
        if not value.strip():
            raise Invalid(field, f"请写明{name}", f"the {field} is missing")


def _open(conn: Connection, incident_id: int) -> Incident:
    incident = incident_store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    if incident.stage in ENDED:
        raise Conflict("事件已结束，不能发布响应", "the incident has ended: no level is declared")
    return incident


def _check(a: Acting, tasks: Sequence[TaskSpec]) -> None:
    why = why_not_table(tasks)
    if why is not None:
        raise Invalid("tasks", why.chinese, why.english)
    for unit in dict.fromkeys(t.unit for t in tasks):
        if unit not in a.office.directory.units:
            raise NotFound("单位", unit)
        if not is_above(a.unit.unit, unit):
            raise Forbidden(
                "任务只能下达给本级及以下单位", "tasks go to your own unit and those under it"
            )


def _give(
    a: Acting, response: Response, incident: Incident, tasks: Sequence[TaskSpec], first: int
) -> tuple[int, ...]:
    if not tasks:
        return ()
    number = order_store.given(a.conn, incident.id) + 1
    orders = [_order(a, incident, t, number + n) for n, t in enumerate(tasks)]
    store.add_tasks(a.conn, response.id, first, tasks, orders, number)
    order_store.add_steps(a.conn, [
        Step(incident.id, o.id, a.now, a.by.account, a.by.name, a.by.unit, "assign", None, OrderStage.ASSIGNED,
             o.instruction, (("unit", o.unit), ("response", str(response.id))), a.by.address)
        for o in orders
    ])  # fmt: skip
    order_store.notify_units(a.conn, [
        (o.unit, incident.id, f"应急任务 {o.number}：{o.instruction}，{t.acknowledge_min} 分钟内签收")
        for o, t in zip(orders, tasks, strict=True)
    ], a.now)  # fmt: skip
    _settle(a, incident)
    return tuple(o.id for o in orders)


def _order(a: Acting, incident: Incident, task: TaskSpec, number: int) -> WorkOrder:
    sign_by = a.now + timedelta(minutes=task.acknowledge_min)
    due = a.now + timedelta(minutes=task.finish_min)
    order = new_order(
        incident, task.unit, a.office, a.now, number=number, due=due, instruction=task.text
    )
    return replace(order, sign_due_at=sign_by, return_by=a.now)


def _end(a: Acting, incident: Incident, tasks: Sequence[ResponseTask], why: str) -> tuple[int, ...]:
    orders = {o.id: o for o in order_store.orders(a.conn, [t.order for t in tasks])}
    for task in tasks:
        order = orders[task.order]
        if not order_store.move(a.conn, order, OrderStage.WITHDRAWN, a.now):
            raise Conflict(
                "工单刚被别人处理过，请刷新", "somebody else was first: reload the response"
            )
        order_store.add_steps(a.conn, [Step(incident.id, order.id, a.now, a.by.account, a.by.name, a.by.unit, "withdraw",
                                            order.stage, OrderStage.WITHDRAWN, why, (), a.by.address)])  # fmt: skip
    order_store.notify_units(
        a.conn,
        [(t.unit, incident.id, f"应急任务 {t.order_number} 结束：{why}") for t in tasks],
        a.now,
    )
    if tasks:
        _settle(a, incident)
    return tuple(t.order for t in tasks)


def _settle(a: Acting, incident: Incident) -> None:
    stage = incident_stage(order_store.parts_of(a.conn, incident.id))
    if stage is not Stage.CLOSED:  # closing is for people, when what was reported back is checked
        order_store.set_incidents(a.conn, [(incident.id, stage, None, a.now)])


def _say(a: Acting, response: Response, d: Declaration) -> None:
    words = f"{d.declarer}{level_name(d.level)}（{d.number}，签发 {d.signer}）"
    order_store.add_steps(a.conn, [Step(response.incident, None, a.now, a.by.account, a.by.name, a.by.unit, "response",
                                        reason=f"{words}{d.words}", detail=(("level", d.level), ("number", d.number)),
                                        address=a.by.address)])  # fmt: skip
