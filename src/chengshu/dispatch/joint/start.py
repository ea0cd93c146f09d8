"""A joint command begins: lead, members, matters and parts, by a template or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chengshu.agencies.model import Unit
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import assign
from chengshu.dispatch.facts.store import commanded
from chengshu.dispatch.joint import store
from chengshu.dispatch.joint.acting import Acting, needed
from chengshu.dispatch.joint.model import Command, Strand
from chengshu.dispatch.joint.parts import Part, give, joined
from chengshu.dispatch.joint.rules import counted, is_above, is_crowd, why_not_start
from chengshu.dispatch.joint.template import JointTemplate, PlannedPart, is_centre
from chengshu.dispatch.model import Step
from chengshu.dispatch.workflow import LIVE
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound
from chengshu.kit.ids import new_id
from chengshu.places import Level

_WHOLE = Strand("case", "本事件", "the case")


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a command begins.

    Attributes:
        template: Its id; empty: by hand, with one matter and no parts yet.
        lead: The unit that leads; empty: the template's.
        members: Further units.
    """

    reason: str
    template: str = ""
    lead: str = ""
    members: Sequence[str] = field(default_factory=tuple)


def start(a: Acting, incident_id: int, how: Beginning) -> Command:
    """Begin a joint command: the lead's order becomes the parent, every planned part an order of its own.

    Raises:
        NotFound: No such incident, unit or template within the scope.
        Forbidden: It is not for this person, or a unit is not under hers.
        Conflict: The incident has ended or is under joint command already.
        Invalid: No reason or no lead.
    """
    why = why_not_start(a.role, a.unit)
    if why is not None:
        raise Forbidden(why.chinese, why.english)
    reason = needed("reason", how.reason)
    template = _template(a, how.template)
    incident = incident_store.locked(a.conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    if incident.stage in ENDED:
        raise Conflict("事件已结束，不能启动联动指挥", "the incident has ended: no joint command")
    if commanded(a.conn, incident_id):
        raise Conflict("事件已在联动指挥", "the incident is under joint command already")
    planned = (
        [(p, _unit_for(a, template, p.line, incident.area)) for p in template.parts]
        if template
        else []
    )
    lead = how.lead or (
        _unit_for(a, template, template.lead, incident.area).unit if template else ""
    )
    if not lead:
        raise Invalid("lead", "请选牵头单位", "name the lead")
    command = _begin(a, incident, lead, template, reason)
    for name in how.members:
        command = joined(a, command, name)
    for part, unit in planned:
        command = joined(a, command, unit.unit)
        give(a, command, incident, _part(part, unit))
    _tell(a, command)
    return command


def _template(a: Acting, name: str) -> JointTemplate | None:
    if not name:
        return None
    if name not in a.joint.templates:
        raise NotFound("联动模板", name)
    return a.joint.templates[name]


def _unit_for(a: Acting, template: JointTemplate | None, line: str, area: int) -> Unit:
    """The unit of a line at the incident's place, as the template looks for it.

    Raises:
        Invalid: The city has none there.
    """
    assert template is not None
    directory = a.office.directory
    found = (
        directory.centre(area, Level.COUNTY) or directory.city
        if is_centre(line)
        else directory.bureau(line, area, template.tier)
    )
    if found is None:
        raise Invalid(
            "template",
            f"此地没有{line}，请改用手工启动",
            f"there is no unit of {line} at this place",
        )
    return found


def _part(planned: PlannedPart, unit: Unit) -> Part:
    return Part(unit.unit, planned.text, planned.limit, planned.strand, planned.sign)


def _begin(a: Acting, incident: Incident, lead: str, template: JointTemplate | None, reason: str) -> Command:  # fmt: skip
    if lead not in a.office.directory.units:
        raise NotFound("单位", lead)
    if not is_above(a.unit.unit, lead):
        raise Forbidden(
            "牵头单位须是本级及以下单位；需要上级部门时请上报",
            "the lead is a unit under your own; hand up for others",
        )
    before = order_store.orders_of(a.conn, [incident.id])
    live = [o for o in before if o.stage in LIVE]
    order = next((o for o in live if o.unit == lead), None) or assign(
        a.conn, incident, lead, a.office, a.by, a.now, reason=reason,
        instruction="联动指挥牵头：协调成员单位，汇总情况，拟统一答复",
    )  # fmt: skip
    texts = reports_of(a.conn, incident.id)
    people = counted(texts)
    command = Command(
        new_id(), incident.id, incident.number, incident.title, incident.area, a.unit.unit, lead, order.id,
        tuple(dict.fromkeys([lead, a.unit.unit, *(o.unit for o in live)])), template.id if template else "", reason,
        template.basis if template else (), people, is_crowd(people, incident.people), a.now, a.by.account, a.by.name,
    )  # fmt: skip
    if not store.add(a.conn, command):
        raise Conflict("事件已在联动指挥", "the incident is under joint command already")
    store.add_strands(a.conn, command.id, template.strands if template else [_WHOLE])
    a.entry(command.id, "start", f"{a.short(lead)}牵头。{reason}")
    order_store.add_steps(a.conn, [Step(incident.id, None, a.now, a.by.account, a.by.name, a.by.unit, "joint_start",
                                        reason=reason, detail=(("joint", str(command.id)), ("lead", lead)),
                                        address=a.by.address)])  # fmt: skip
    return command


def reports_of(conn: Connection, incident: int) -> list[str]:
    """What the reports of an incident say."""
    members = [m.report for m in incident_store.members(conn, incident)]
    return [f"{r.title}\n{r.text}" for r in intake_store.reports(conn, members)]


def _tell(a: Acting, command: Command) -> None:
    lead = a.office.directory.units[command.lead]
    order_store.notify_units(
        a.conn, [(command.lead, command.incident, f"联动指挥 {command.number} 由你单位牵头：{command.title}")], a.now
    )  # fmt: skip
    order_store.notify_reporters(
        a.conn,
        command.incident,
        f"您反映的事项已启动多部门联动，由{lead.name}牵头办理，结果将统一答复您",
        a.now,
    )
