"""From new incidents to proposals and orders; and a person's own assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.duties.current import Responsibilities
from chengshu.agencies.duties.model import DutyStage
from chengshu.agencies.matters import Matter
from chengshu.dispatch import store
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.disputes import precedent
from chengshu.dispatch.disputes.precedent import Decided
from chengshu.dispatch.disputes.terms import return_by
from chengshu.dispatch.model import Proposal, Step, WorkOrder
from chengshu.dispatch.propose import Directory, Question, propose
from chengshu.dispatch.replies.owe import owe
from chengshu.dispatch.replies.rules import ReplyRules
from chengshu.dispatch.routing import asking, lessons
from chengshu.dispatch.routing import store as routing_store
from chengshu.dispatch.routing.accused import not_to_the_accused
from chengshu.dispatch.routing.owned import weighed_by_owner
from chengshu.dispatch.routing.router import Router
from chengshu.dispatch.workflow import LIVE, OrderStage, incident_stage
from chengshu.incidents.attach import Attached, Rules
from chengshu.incidents.model import ENDED, Incident, Relation, Stage
from chengshu.kit import outbox
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict, Forbidden, NotFound
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

SYSTEM = "系统"
DANGER_WITHIN = timedelta(hours=2)
_BY_LIST = 0.9  # keywords reach it with nothing but a ruling or a place and matter beyond doubt
_FURTHER, _URGED = "事件又有一条反映：", "来电人催办："


@dataclass(frozen=True, slots=True)
class Office:
    """What dispatch needs to know of the city.

    Attributes:
        assign_above: Probability above which a unit gets the order without a person; None for the
            one at which 98 of 100 held-out decisions were right.
        danger_above: The same where life is in danger: there a wrong first address that acts
            costs less than a right one that nobody has asked yet.
        replies: By when complaints and denunciations are owed a statutory reply.
        duties: The responsibility list: how long an order may be handed back, and with which row.
        arbitrate_hours: Within how many hours a dispute is ruled: working hours, natural ones where
            it is urgent.
        fallback: Path of the centre that acts when nobody else is found; empty for the city's.
        router: Who has the power over what; without one, keywords and the list decide.
        rules: Merging's, with which routing looks for similar cases.
    """

    matters: Mapping[str, Matter]
    directory: Directory
    calendar: WorkCalendar
    assign_above: float | None
    danger_above: float
    replies: ReplyRules = field(default_factory=ReplyRules)
    duties: Responsibilities = field(default_factory=lambda: Responsibilities(0, {}))
    arbitrate_hours: int = 4
    fallback: str = ""
    router: Router | None = None
    rules: Rules | None = None

    def bar(self, incident: Incident) -> float:
        """The probability from which an order goes out without a person."""
        if incident.danger:
            return self.danger_above
        if self.assign_above is not None:
            return self.assign_above
        return _BY_LIST if self.router is None else self.router.mix.threshold

    def due_at(self, incident: Incident) -> datetime:
        """When an incident must be settled: its matter's limit, two hours where life is in danger.

        The two hours are Beijing's limit for emergencies and danger to life or property
        (12345 hotline rules, draft of 2021); Nantong's own figure is not published.
        """
        limit = self.matters[incident.matter].limit
        due = due_at(local(incident.opened_at), limit, self.calendar)
        return min(due, incident.opened_at + DANGER_WITHIN) if incident.danger else due


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person at a place, or the system."""

    account: int | None = None
    name: str = SYSTEM
    unit: str = ""
    address: str = ""


def take(
    conn: Connection, results: Sequence[Attached], office: Office, now: datetime
) -> list[WorkOrder]:
    """Propose units for new incidents, assign those that are sure, tell units of further reports.

    Args:
        results: What merging decided about a batch of reports.

    Returns:
        The orders that were opened.
    """
    opened = {r.incident.id: r for r in results if r.opened}
    joined = [r for r in results if not r.opened]
    proposals = _proposed(conn, opened, office, now)
    ruled = precedent.decide(conn, list(opened.values()), office.directory)
    proposals |= {i: [d.proposal] for i, d in ruled.items()}
    store.save_proposals(conn, list(proposals.items()), now)
    steps = [_report_step(r, now) for r in results]
    orders = []
    for incident_id, r in opened.items():
        due = office.due_at(r.incident)
        best = proposals[incident_id][0] if proposals[incident_id] else None
        if best and best.probability >= office.bar(r.incident):
            orders += _give(r.incident, best.unit, ruled.get(incident_id), office, now, due)
            given = [o for o in orders if o.incident == incident_id]
            steps += [
                _assign_step(o, Actor(), now, _why_given(r, ruled.get(incident_id))) for o in given
            ]
    with_order = {o.incident for o in orders}
    store.add_orders(conn, orders)
    store.set_incidents(conn, [
        (i, Stage.ASSIGNED if i in with_order else Stage.RECEIVED, office.due_at(r.incident), now)
        for i, r in opened.items()
    ])  # fmt: skip
    store.add_steps(conn, steps)
    decided = [(r.report, r.relation, r.understanding.matter) for r in results]
    owe(conn, decided, office.replies, office.calendar, now)
    store.notify_units(
        conn,
        [
            (o.unit, o.incident, f"新工单 {o.number}:{opened[o.incident].incident.title}")
            for o in orders
        ],
        now,
    )
    dangers = [r for r in joined if r.understanding.danger]
    _tell_of_further_reports(conn, [r for r in joined if not r.understanding.danger], now)
    _hasten(conn, dangers, now)
    return orders


def _give(incident: Incident, unit: str, ruled: Decided | None, office: Office, now: datetime,
          due: datetime) -> list[WorkOrder]:  # fmt: skip
    """The order of a new incident; with a ruling's, those of the units that help."""
    units = [unit, *(ruled.assist if ruled else ())]
    return [
        new_order(incident, one, office, now, number=n, due=due, ruling=ruled.ruling.id if ruled else None,
                  instruction=f"依{ruled.ruling.number}{'牵头' if n == 1 else '协办'}" if ruled else "")
        for n, one in enumerate(units, 1)
    ]  # fmt: skip


def _why_given(r: Attached, ruled: Decided | None) -> str:
    if ruled is not None:
        return f"依{ruled.ruling.number}派遣"
    return "危及生命，先派后核" if r.incident.danger else "把握足够，自动派遣"


def _proposed(
    conn: Connection, opened: Mapping[int, Attached], office: Office, now: datetime
) -> dict[int, list[Proposal]]:
    """Units for each new incident, by routing where there is one, with whose the thing is that it is about."""
    if office.router is None:
        found = {i: _by_list(r, office) for i, r in opened.items()}
    else:
        asked = asking.asked(conn, list(opened.values()), office.rules, now)
        found = {i: office.router.propose(asked[i]) for i in opened}
    units = office.directory.units
    return {i: weighed_by_owner(conn, opened[i], some, units) for i, some in found.items()}


def _by_list(one: Attached, office: Office) -> list[Proposal]:
    """By keywords and the list alone."""
    found = propose(Question(one.understanding, one.located), office.matters, office.directory)
    text = f"{one.report.title}。{one.report.text}"
    return not_to_the_accused(found, str(one.report.nature), text, office.directory.units)


def _hasten(conn: Connection, dangers: Sequence[Attached], now: datetime) -> None:
    """Reports that bring danger make their incident due by the limit for danger, with every live
    order, counted from when the first of them came in; the units hear of it."""
    told = {r.incident.id: r for r in dangers}
    limits: dict[int, datetime] = {}
    for r in dangers:
        due = r.report.received_at + DANGER_WITHIN
        limits[r.incident.id] = min(due, limits.get(r.incident.id, due))
    moved = store.hasten(conn, sorted(limits.items()), now) if limits else {}
    shortened = store.shorten(conn, moved, now) if moved else []
    store.add_steps(conn, [
        Step(o.incident, o.id, now, None, SYSTEM, o.unit, "hasten", o.stage, o.stage,
             "又有线索反映危及生命，期限提前", (("due_at", moved[o.incident].isoformat()),))
        for o in shortened
    ])  # fmt: skip
    outbox.changed_many(conn, "order", [o.id for o in shortened], [o.area for o in shortened])
    rows = []
    for incident, _, unit in store.live_units(conn, sorted(told)):
        until = moved.get(incident)
        limit = f"办理期限提前到{local(until):%m月%d日 %H:%M}" if until else "请尽快处置"
        rows.append((unit, incident, f"危及生命，{limit}：{told[incident].report.text[:40]}"))
    store.notify_units(conn, rows, now)


def _tell_of_further_reports(conn: Connection, joined: Sequence[Attached], now: datetime) -> None:
    """Of a batch the last further report of each incident, and apart from it the last that urges."""
    fresh = {
        (r.incident.id, r.relation is Relation.URGED): r for r in joined if not r.report.imported
    }
    rows = [
        (unit, incident, f"{_URGED if urges else _FURTHER}{r.report.text[:40]}")
        for incident, _, unit in store.live_units(conn, sorted({i for i, _ in fresh}))
        for urges in (False, True)
        if (r := fresh.get((incident, urges)))
    ]
    store.notify_units(conn, rows, now)


def _report_step(result: Attached, now: datetime) -> Step:
    report = result.report
    verb = "opened" if result.opened else "urged" if result.relation is Relation.URGED else "joined"
    detail = (
        ("report", str(report.id)),
        ("channel", str(report.channel)),
        ("relation", str(result.relation)),
    )
    return Step(result.incident.id, None, now, report.taken_by, SYSTEM, report.unit or "", verb,
                to_stage=Stage.RECEIVED if result.opened else None, detail=detail)  # fmt: skip


def _assign_step(order: WorkOrder, by: Actor, now: datetime, reason: str) -> Step:
    return Step(order.incident, order.id, now, by.account, by.name, by.unit, "assign", None, OrderStage.ASSIGNED,
                reason, (("unit", order.unit),), by.address)  # fmt: skip


def new_order(incident: Incident, unit: str, office: Office, now: datetime, *, number: int, due: datetime | None,
              instruction: str = "", ruling: int | None = None) -> WorkOrder:  # fmt: skip
    """An order whose clock for signing starts now; the clock for settling runs since the incident was opened."""
    sign_by = now + office.matters[incident.matter].sign_within
    timer = min(sign_by, due) if due else sign_by
    duty = office.duties.of(incident.matter, incident.area, DutyStage.HANDLE, local(now).date())
    return WorkOrder(
        id=new_id(), number=f"{incident.number}-{number}", incident=incident.id, unit=unit, area=incident.area,
        stage=OrderStage.ASSIGNED, instruction=instruction, assigned_at=now, sign_due_at=sign_by, due_at=due,
        signed_at=None, handled_at=None, closed_at=None, escalate_at=timer, escalated=0, overdue=False, returns=0,
        reply=None, changed_at=now, return_by=return_by(duty, now, sign_by, office.calendar), ruling=ruling,
    )  # fmt: skip


def assign(conn: Connection, incident: Incident, unit: str, office: Office, by: Actor, now: datetime, *,
           instruction: str = "", reason: str = "", ruling: int | None = None) -> WorkOrder:  # fmt: skip
    """A person gives an incident to a unit.

    Raises:
        NotFound: There is no such unit.
        Forbidden: The unit is not under the person's own.
        Conflict: The incident has ended, or the unit already has a live order of it.
    """
    if unit not in office.directory.units:
        raise NotFound("单位", unit)
    if by.unit and unit != by.unit and not unit.startswith(by.unit + "."):
        raise Forbidden(
            "只能派给本级及以下单位；需要上级部门时请上报",
            "orders go to your own unit and those under it; ask the centre above for others",
        )
    if incident.stage in ENDED:
        raise Conflict(
            "事件已结束，不能再派单；需要时请重开", "the incident has ended: no order can be given"
        )
    earlier = store.orders_of(conn, [incident.id])
    if any(
        o.unit == unit and o.stage in ("assigned", "signed", "handled", "verified") for o in earlier
    ):
        raise Conflict(
            "该单位已有这个事件的在办工单", "this unit already has a live order of the incident"
        )
    if office.router is not None and not any(o.stage in LIVE for o in earlier):
        lessons.teach(conn, office.router, incident.id, unit, by.account, now)
    due = incident.due_at or office.due_at(incident)
    order = new_order(
        incident, unit, office, now, number=store.given(conn, incident.id) + 1, due=due,
        instruction=instruction, ruling=ruling,
    )  # fmt: skip
    store.add_orders(conn, [order])
    store.add_steps(conn, [_assign_step(order, by, now, reason)])
    stage = incident_stage([*(o.stage for o in earlier), order.stage])
    store.set_incidents(conn, [(incident.id, stage, due, now)])
    store.notify_units(conn, [(unit, incident.id, f"新工单 {order.number}:{incident.title}")], now)
    return order


def repropose(
    conn: Connection, incident: Incident, question: Question, office: Office, now: datetime
) -> list[Proposal]:
    """Propose anew after a correction of matter or place."""
    found = propose(question, office.matters, office.directory)
    words = routing_store.first_words(conn, incident.id)
    if words:
        title, text, nature = words
        found = not_to_the_accused(found, nature, f"{title}。{text}", office.directory.units)
    ruled = precedent.decide_again(
        conn, incident, question.understanding.confidence, office.directory
    )
    if ruled is not None:
        found = [ruled.proposal]
    store.save_proposals(conn, [(incident.id, found)], now)
    store.drop_proposals(conn, incident.id, len(found))
    return found


__all__ = ["SYSTEM", "Actor", "Office", "assign", "new_order", "repropose", "take"]
