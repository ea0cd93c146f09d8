"""Members and parts of a joint command."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import new_order
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.joint import store
from chengshu.dispatch.joint.acting import Acting, locked, needed
from chengshu.dispatch.joint.model import Command, SubTask
from chengshu.dispatch.joint.rules import is_above, standing
from chengshu.dispatch.model import Step
from chengshu.dispatch.workflow import OrderStage, incident_stage
from chengshu.incidents.model import Incident
from chengshu.kit.errors import Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

SIGN = Limit(2, Span.HOURS)
_MOST_MEMBERS, _MOST_PARTS = 60, 200


@dataclass(frozen=True, slots=True)
class Part:
    """What a member is to do, and by when.

    Attributes:
        strand: Of which matter it is; empty: of all of them.
    """

    unit: str
    text: str
    limit: Limit
    strand: str = ""
    sign: Limit = SIGN


def add_member(a: Acting, joint: int, unit: str) -> Command:
    """Take a unit in; it sees the command from now on.

    Raises:
        NotFound: No such command or unit.
        Forbidden: It is not for this person, or the unit is not under the centre that commands.
        Conflict: The command has ended.
    """
    command, _ = locked(a, joint)
    return joined(a, command, unit)


def joined(a: Acting, command: Command, unit: str) -> Command:
    """The command with this unit among its members; those who are members stay it."""
    if unit not in a.office.directory.units:
        raise NotFound("单位", unit)
    if unit in command.members:
        return command
    if not is_above(command.centre, unit):
        raise Forbidden(
            "成员须是启动联动的中心及以下单位；需要上级部门时请上报",
            "members are units under the centre that commands; hand up for others",
        )
    if len(command.members) >= _MOST_MEMBERS:
        raise Invalid(
            "unit", f"成员单位最多 {_MOST_MEMBERS} 个", f"at most {_MOST_MEMBERS} members"
        )
    members = (*command.members, unit)
    store.set_members(a.conn, command.id, members)
    a.entry(command.id, "member", a.short(unit))
    text = f"联动指挥 {command.number}：请参加，牵头{a.short(command.lead)}"
    order_store.notify_units(a.conn, [(unit, command.incident, text)], a.now)
    return replace(command, members=members)


def add_part(a: Acting, joint: int, part: Part) -> SubTask:
    """Give a member a part with its own clock; a unit that is none becomes one.

    Raises:
        NotFound, Forbidden, Conflict: As `add_member`.
        Invalid: No text, no such matter, or too many parts.
    """
    command, incident = locked(a, joint)
    return give(a, command, incident, part)


def give(a: Acting, command: Command, incident: Incident, part: Part) -> SubTask:
    """Write a part as an order of the incident.

    Every part is a work order: inbox, clocks, escalation, evidence, check and score are one engine, and a
    lighter row beside it would need a second one. It may not be handed back: whoever objects says so to the lead.
    """
    text = needed("text", part.text)
    if part.strand and part.strand not in {s.code for s in store.strands(a.conn, command.id)}:
        raise Invalid("strand", "联动指挥没有这件事", "the command has no such matter")
    command = joined(a, command, part.unit)
    tasks = store.tasks(a.conn, command.id)
    if len(tasks) >= _MOST_PARTS:
        raise Invalid("text", f"子任务最多 {_MOST_PARTS} 项", f"at most {_MOST_PARTS} parts")
    number = order_store.given(a.conn, incident.id) + 1
    due = due_at(local(a.now), part.limit, a.office.calendar)
    sign_by = min(due_at(local(a.now), part.sign, a.office.calendar), due)
    order = replace(
        new_order(incident, part.unit, a.office, a.now, number=number, due=due, instruction=text),
        sign_due_at=sign_by, return_by=a.now,
    )  # fmt: skip
    store.add_part(a.conn, command.id, order, number)
    task = SubTask(new_id(), len(tasks) + 1, part.strand, part.unit, text, order.id)
    store.add_task(a.conn, command.id, task)
    order_store.add_steps(a.conn, [Step(incident.id, order.id, a.now, a.by.account, a.by.name, a.by.unit, "assign", None,
                                        OrderStage.ASSIGNED, text, (("unit", part.unit), ("part", task.nth)),
                                        a.by.address)])  # fmt: skip
    a.entry(command.id, "part", f"{a.short(part.unit)}：{text}")
    said = f"联动子任务 {order.number}：{text}，{local(due):%m月%d日 %H:%M} 前完成"
    order_store.notify_units(a.conn, [(part.unit, incident.id, said)], a.now)
    settle(a, command, incident)
    return task


def settle(a: Acting, command: Command, incident: Incident) -> None:
    """The incident stands where its slowest order stands."""
    stage = incident_stage(standing(store.orders(a.conn, command.id), command))
    order_store.set_incidents(a.conn, [(incident.id, stage, None, a.now)])
