"""What taking a merge or a split back will do: plain values in, a plan out.

Everything that nobody touched since stands again as it stood before. What was done since stays with
its order, its report or its correction, and the plan says what and why.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from chengshu.dispatch.assign import DANGER_WITHIN, Office
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.regroup.clocks import put_back
from chengshu.dispatch.regroup.merging import sides
from chengshu.dispatch.regroup.splitting import loudest
from chengshu.dispatch.regroup.store import INCIDENT_FIELDS, ORDER_FIELDS, Act, Picture
from chengshu.dispatch.workflow import LIVE, stage_name
from chengshu.incidents.attach import Rules
from chengshu.incidents.model import ENDED, Incident, Stage
from chengshu.intake.model import Report
from chengshu.kit.errors import Conflict

DERIVED = frozenset({"lon", "lat", "spread_m", "reports", "people", "urged", "first_at", "last_at"})
ENDING = frozenset({"stage", "closed_at", "answer", "answer_source", "merged_into", "overdue"})
_FIELDS = {
    "matter": ("事项", "matter"),
    "area": ("区域", "area"),
    "place": ("地点", "place"),
    "lon": ("点位", "position"),
    "urgency": ("紧急程度", "urgency"),
    "danger": ("危及生命", "danger to life"),
}
_ENDED_AS = {
    Stage.CLOSED: ("结案", "closed"),
    Stage.ANSWERED: ("直接答复", "answered"),
    Stage.REFUSED: ("不予受理", "not taken on"),
    Stage.REFERRED: ("转办", "referred"),
    Stage.VOID: ("作废", "void"),
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that undoing does not move back, and why.

    Attributes:
        what: order, reports, stage, or the name of a corrected field.
    """

    what: str
    because: str
    because_en: str

    def record(self) -> dict[str, str]:
        """For the history."""
        return {"what": self.what, "because": self.because, "because_en": self.because_en}


@dataclass(slots=True)
class Facts:
    """Everything that a plan is made of: before, right after, and now."""

    act: Act
    before: Picture
    after: Picture
    lead: Incident
    other: Incident
    orders: list[WorkOrder]
    members: dict[int, set[int]]
    corrected: dict[int, set[str]]
    joined: dict[int, list[Report]]  # reports that came since
    now: datetime

    def touched(self) -> bool:
        """Whether the leading incident was ended since."""
        return self.lead.stage in ENDED and self.before.incidents[self.lead.id].stage not in ENDED


@dataclass(slots=True)
class Plan:
    """What undoing will do.

    Attributes:
        whole: Incidents that get exactly their old reports back.
        released: Orders to be written, those that make room first.
    """

    lead: Incident
    other: Incident
    back: set[int] = field(default_factory=set)
    released: list[WorkOrder] = field(default_factory=list)
    whole: set[int] = field(default_factory=set)
    kept: list[Kept] = field(default_factory=list)


def plan(facts: Facts, rules: Rules, office: Office) -> Plan:
    """Say what undoing will do, without doing it.

    Raises:
        Conflict: It cannot be done; the sentence says why.
    """
    made = _apart(facts) if facts.act.verb == "merge" else _together(facts)
    _tell_corrections(facts, made)
    made.lead = _clocks(facts, made.lead, rules, office)
    return made


# ---------------------------------------------------------------- a merge is undone
def _apart(f: Facts) -> Plan:
    act, before = f.act, f.before
    made = Plan(_as_before(f, f.lead), before.incidents[act.other])
    made.back = f.members[act.lead] & act.moved
    stayed = f.members[act.lead] - made.back
    if stayed == before.members_of(act.lead):
        made.whole.add(act.lead)
    if made.back | f.members[act.other] == before.members_of(act.other):
        made.whole.add(act.other)
    if f.touched():
        name, name_en = _ENDED_AS[f.lead.stage]
        made.kept.append(
            Kept("stage", f"事件 {f.lead.number} 合并后已{name}，结果和已发出的告知不能收回；并入的部分重新办理",
                 f"{f.lead.number} was {name_en} after the merge: that stays; what was merged in is open again")
        )  # fmt: skip
    if joined := len(stayed - set(before.members)):
        made.kept.append(
            Kept("reports", f"合并后又来的 {joined} 条线索留在事件 {f.lead.number}，需要时请拆出",
                 f"{joined} reports that came after the merge stay with {f.lead.number}: split them off if need be")
        )  # fmt: skip
    for order in f.orders:
        _order_apart(f, made, order)
    made.released.sort(key=lambda o: (o.stage in LIVE and o.incident == act.lead, o.id))
    return made


def _order_apart(f: Facts, made: Plan, order: WorkOrder) -> None:
    was, then = f.before.orders.get(order.id), f.after.orders.get(order.id)
    ended = f.touched()
    if was is None or then is None:
        if order.incident == f.act.lead:
            made.kept.append(
                Kept("order", f"合并后新派的工单 {order.number} 留在事件 {f.lead.number}",
                     f"order {order.number} was given after the merge and stays with {f.lead.number}")
            )  # fmt: skip
        return
    if then.withdrawn_for != was.withdrawn_for:
        busy = next(
            (o for o in f.orders if o.unit == order.unit and o.incident == was.incident and o.stage in LIVE
             and o.id not in f.before.orders), None,
        )  # fmt: skip
        if was.incident == f.act.lead and (ended or busy):
            why = "事件已结束" if ended else f"该单位已另有工单 {busy.number if busy else ''}"
            why_en = (
                "the incident has ended" if ended else "the unit has another order of it by now"
            )
            made.kept.append(
                Kept("order", f"工单 {order.number} 不恢复：{why}",
                     f"order {order.number} stays withdrawn: {why_en}")
            )  # fmt: skip
            return
    elif then.incident != was.incident and ended:
        made.kept.append(
            Kept("order", f"工单 {order.number} 留在事件 {f.lead.number}：该事件已结束",
                 f"order {order.number} stays with {f.lead.number}, which has ended")
        )  # fmt: skip
        return
    made.released.append(put_back(was, then, _restored(was, then, order), f.now))
    _tell_work(made, then, order)


def _tell_work(made: Plan, then: WorkOrder, order: WorkOrder) -> None:
    if order.stage is not then.stage:
        name, name_en = stage_name(order.stage)
        made.kept.append(
            Kept("order", f"工单 {order.number} 此后{name}，办理情况和材料随工单保留",
                 f"order {order.number} is {name_en} since: that work stays with it")
        )  # fmt: skip


# ---------------------------------------------------------------- a split is undone
def _together(f: Facts) -> Plan:
    act, before = f.act, f.before
    merged = replace(f.other, stage=Stage.MERGED, merged_into=act.lead, closed_at=f.other.closed_at or f.now,
                     overdue=False)  # fmt: skip
    made = Plan(_as_before(f, f.lead), merged)
    made.back = f.members[act.other]
    if f.members[act.lead] | made.back == before.members_of(act.lead):
        made.whole.add(act.lead)
    live = [o for o in f.orders if o.incident == act.other and o.stage in LIVE]
    if f.lead.stage in ENDED and live:
        raise Conflict(
            f"事件 {f.lead.number} 已结束，而拆出的事件还有在办工单，不能归并；请先办结或撤回",
            f"{f.lead.number} has ended while the part split off has a live order: finish or withdraw that first",
        )
    if f.touched():
        name, name_en = _ENDED_AS[f.lead.stage]
        made.kept.append(
            Kept("stage", f"事件 {f.lead.number} 拆分后已{name}，归回的线索随其结果",
                 f"{f.lead.number} was {name_en} after the split: the reports that come back share that")
        )  # fmt: skip
    if f.other.stage in ENDED:
        name, name_en = _ENDED_AS[f.other.stage]
        made.kept.append(
            Kept("stage", f"拆出的事件 {f.other.number} 已{name}，结果和已发出的告知不能收回",
                 f"{f.other.number} was {name_en}: that, and what its reporters were told, stays")
        )  # fmt: skip
    if joined := len(made.back - act.moved):
        made.kept.append(
            Kept("reports", f"拆分后新到拆出事件的 {joined} 条线索一并归入事件 {f.lead.number}",
                 f"{joined} reports that joined the part split off go to {f.lead.number} too")
        )  # fmt: skip
    for order in f.orders:
        was, then = before.orders.get(order.id), f.after.orders.get(order.id)
        if was is not None and then is not None:
            made.released.append(put_back(was, then, _restored(was, then, order), f.now))
            _tell_work(made, then, order)
        elif order.incident == act.lead:
            made.kept.append(
                Kept("order", f"拆分后新派的工单 {order.number} 保留",
                     f"order {order.number} was given after the split and stays")
            )  # fmt: skip
    how = sides([o for o in f.orders if o.incident == act.lead], live)
    for order in (*how.moved, *how.withdrawn):
        goes_on = order in how.moved
        what = (
            f"转到事件 {f.lead.number} 继续办理"
            if goes_on
            else "撤回，不计考核：同一事件只留一方的工单"
        )
        what_en = (
            f"goes on under {f.lead.number}"
            if goes_on
            else "is withdrawn and counts against nobody: one side's orders lead"
        )
        made.kept.append(
            Kept("order", f"工单 {order.number} {what}", f"order {order.number} {what_en}")
        )
    return made


# ---------------------------------------------------------------- both
def _restored(was: WorkOrder, then: WorkOrder, order: WorkOrder) -> WorkOrder:
    """What the act had changed and nobody since is put back."""
    changes = {
        name: getattr(was, name)
        for name in ORDER_FIELDS
        if getattr(order, name) == getattr(then, name)
    }
    return replace(order, **changes)


def _as_before(f: Facts, incident: Incident) -> Incident:
    was, then = f.before.incidents[incident.id], f.after.incidents[incident.id]
    changes = {
        name: getattr(was, name)
        for name in INCIDENT_FIELDS
        if getattr(incident, name) == getattr(then, name) and name not in f.corrected[incident.id]
    }
    if f.touched():
        changes = {name: value for name, value in changes.items() if name not in ENDING}
    return replace(incident, **changes)


def _tell_corrections(f: Facts, made: Plan) -> None:
    for incident in (f.lead, f.other):
        for name in sorted(f.corrected[incident.id] & set(_FIELDS)):
            word, word_en = _FIELDS[name]
            made.kept.append(
                Kept(name, f"事件 {incident.number} 的{word}此后有人更正，以更正为准",
                     f"the {word_en} of {incident.number} was corrected since: the correction holds")
            )  # fmt: skip


def _clocks(f: Facts, lead: Incident, rules: Rules, office: Office) -> Incident:
    """Danger, urgency and due time: as before, and what reports have brought since."""
    said, was = f.corrected[lead.id], f.before.incidents[lead.id]
    fresh = [*f.joined[lead.id], *(f.joined[f.other.id] if f.act.verb == "split" else ())]
    urgency, danger = loudest(fresh, rules)
    if "danger" not in said:
        lead = replace(lead, danger=was.danger or danger)
    if "urgency" not in said:
        lead = replace(lead, urgency=max(was.urgency, urgency) if fresh else was.urgency)
    dues = [office.due_at(lead) if said else was.due_at]
    if f.act.verb == "split" and "danger" in f.corrected[f.other.id] and f.other.danger:
        lead = replace(lead, danger=True)
        dues.append(f.other.due_at)
    arrivals = [r.received_at for r in fresh if rules.reader.read(r.title, r.text).danger]
    limits = [t for t in (*dues, *(at + DANGER_WITHIN for at in arrivals)) if t is not None]
    due = min(limits, default=None)
    late = due is not None and due <= f.now
    overdue = lead.stage not in ENDED and (was.overdue or (f.lead.overdue and late))
    return replace(lead, due_at=due, overdue=overdue)
