"""From new incidents to proposals and orders; and a person's own assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chengshu.agencies.calendar import Calendars, WorkCalendar
from chengshu.agencies.duties.current import Responsibilities
from chengshu.agencies.duties.model import DutyStage
from chengshu.agencies.matters import Limit, Matter
from chengshu.dispatch import store
from chengshu.dispatch.checks.rules import CheckRules
from chengshu.dispatch.clocks import store as clock_store
from chengshu.dispatch.clocks.model import Clock, ClockRules
from chengshu.dispatch.clocks.reckon import Terms, first_due
from chengshu.dispatch.clocks.winding import wound
from chengshu.dispatch.disputes import precedent
from chengshu.dispatch.disputes.precedent import Decided
from chengshu.dispatch.disputes.terms import return_by
from chengshu.dispatch.filing import store as filing_store
from chengshu.dispatch.filing.lines import Lines, why_not_assign
from chengshu.dispatch.filing.model import Filing
from chengshu.dispatch.kinds.rules import KindRules
from chengshu.dispatch.model import Proposal, Step, WorkOrder
from chengshu.dispatch.propose import Directory, Question, propose
from chengshu.dispatch.replies.owe import owe
from chengshu.dispatch.replies.rules import ReplyRules
from chengshu.dispatch.routing import asking, lessons
from chengshu.dispatch.routing import store as routing_store
from chengshu.dispatch.routing.accused import not_to_the_accused
from chengshu.dispatch.routing.owned import weighed_by_owner
from chengshu.dispatch.routing.router import Router
from chengshu.dispatch.workflow import LIVE, Labels, OrderStage, incident_stage
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
        lines: Lines of business, their words, and how an incident is filed in each.
        checks: What proves a reply, and how it is checked.
        clocks: When clocks start, may be stopped or lengthened, and what follows when they run out.
        calendars: Those of units that keep other hours than the city's offices.
        kinds: How kinds of order and papers are numbered, and when a citizen is first spoken to.
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
    lines: Lines = field(default_factory=Lines)
    checks: CheckRules = field(default_factory=CheckRules)
    clocks: ClockRules = field(default_factory=ClockRules)
    calendars: Calendars | None = None
    kinds: KindRules = field(default_factory=KindRules)

    def bar(self, incident: Incident) -> float:
        """The probability from which an order goes out without a person."""
        if incident.danger:
            return self.danger_above
        if self.assign_above is not None:
            return self.assign_above
        return _BY_LIST if self.router is None else self.router.mix.threshold

    def calendar_of(self, unit: str) -> WorkCalendar:
        """The calendar on which a unit works."""
        known = self.directory.units.get(unit)
        return self.calendars.of(known) if self.calendars and known else self.calendar

    def limit_of(self, incident: Incident) -> Limit:
        """The overall limit: by urgency from the responsibility list, else the matter's own."""
        day = local(incident.opened_at).date()
        duty = self.duties.of(incident.matter, incident.area, DutyStage.HANDLE, day)
        if duty is not None:
            return duty.limits.of(incident.urgency)
        return self.matters[incident.matter].limit

    def due_at(self, incident: Incident, unit: str = "") -> datetime:
        """When an incident must be settled: its overall limit, on the unit's calendar where there is one
        and else on the city's; two hours where life is in danger.

        The two hours are Beijing's limit for emergencies and danger to life or property
        (12345 hotline rules, draft of 2021); Nantong's own figure is not published.
        """
        return self.due_since(incident, incident.opened_at, unit)

    def due_since(self, incident: Incident, start: datetime, unit: str = "") -> datetime:
        """The same for a clock that begins anew, such as that of a second handling."""
        rule = self.clocks.start_of(incident.matter)
        due = first_due(Terms(local(start), self.limit_of(incident), rule), self.calendar_of(unit))
        return min(due, start + DANGER_WITHIN) if incident.danger else due

    def labels(self, conn: Connection, incidents: Sequence[int]) -> dict[int, Labels]:
        """What each incident's line of business calls an order's verbs."""
        filed = filing_store.filings(conn, incidents)
        return {i: self.lines.named(filed[i].line if i in filed else "").orders for i in incidents}


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
    clocks: list[Clock] = []
    joined = [r for r in results if not r.opened]
    proposals = _proposed(conn, opened, office, now)
    ruled = precedent.decide(conn, list(opened.values()), office.directory)
    proposals |= {i: [d.proposal] for i, d in ruled.items()}
    store.save_proposals(conn, list(proposals.items()), now)
    steps = [_report_step(r, now) for r in results]
    filed = {i: _filing(r, office, now) for i, r in opened.items()}
    filing_store.add(conn, list(filed.values()))
    orders = []
    for incident_id, r in opened.items():
        best = proposals[incident_id][0] if proposals[incident_id] else None
        sure = best is not None and best.probability >= office.bar(r.incident)
        if best and sure and filed[incident_id].registered_at is not None:
            given, wheels = _give(r.incident, best.unit, ruled.get(incident_id), office, now)
            orders += given
            clocks += wheels
            steps += [
                _assign_step(o, Actor(), now, _why_given(r, ruled.get(incident_id))) for o in given
            ]
    with_order = {o.incident: o.due_at for o in orders}
    store.add_orders(conn, orders)
    clock_store.put_clocks(conn, clocks)
    store.set_incidents(conn, [
        (i, Stage.ASSIGNED if i in with_order else Stage.RECEIVED, with_order.get(i) or office.due_at(r.incident), now)
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
        event="assigned",
    )
    dangers = [r for r in joined if r.understanding.danger]
    _tell_of_further_reports(conn, [r for r in joined if not r.understanding.danger], now)
    _hasten(conn, dangers, now)
    return orders


def _filing(r: Attached, office: Office, now: datetime) -> Filing:
    """By which line a new incident goes; where life is in danger no line waits for a person to file it."""
    line = office.lines.of(r.report.channel, office.matters.get(r.incident.matter))
    waits = line.explicit and not r.incident.danger
    return Filing(r.incident.id, line.id, None if waits else now, actor="" if waits else SYSTEM)


def _give(incident: Incident, unit: str, ruled: Decided | None, office: Office,
          now: datetime) -> tuple[list[WorkOrder], list[Clock]]:  # fmt: skip
    """The order of a new incident with its clocks; with a ruling's, those of the units that help."""
    units = [unit, *(ruled.assist if ruled else ())]
    orders = [
        new_order(incident, one, office, now, number=n, due=office.due_at(incident, one),
                  ruling=ruled.ruling.id if ruled else None, lead=n == 1,
                  instruction=f"依{ruled.ruling.number}{'牵头' if n == 1 else '协办'}" if ruled else "")
        for n, one in enumerate(units, 1)
    ]  # fmt: skip
    both = [wind(order, incident, office) for order in orders]
    return [order for order, _ in both], [clock for _, clocks in both for clock in clocks]


def wind(
    order: WorkOrder, incident: Incident, office: Office, since: datetime | None = None
) -> tuple[WorkOrder, list[Clock]]:
    """A new order with its timer, and its clocks. Its due time stands; what makes it earlier than its
    limit is a deadline from above.

    Args:
        since: When the overall limit began, if not with the incident.
    """
    return wound(
        order, local(since or incident.opened_at), office.limit_of(incident), office.clocks.start_of(incident.matter),
        office.calendar_of(order.unit), office.clocks, danger=incident.danger,
        sign_within=office.matters[incident.matter].sign_within,
    )  # fmt: skip


def _due_of(
    incident: Incident, unit: str, earlier: Sequence[WorkOrder], office: Office
) -> datetime:
    """When a further order of an incident is due: by its own unit's calendar, unless somebody moved what
    was due before."""
    own = office.due_at(incident, unit)
    usual = {office.due_at(incident), *(office.due_at(incident, o.unit) for o in earlier)}
    return own if incident.due_at is None or incident.due_at in usual else incident.due_at


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
              instruction: str = "", ruling: int | None = None, lead: bool = True,
              follows: int | None = None) -> WorkOrder:  # fmt: skip
    """An order whose clock for signing starts now; the clock for settling runs since the incident was opened.

    Its timer is set for now: `wind` sets it for its clocks, and where nobody did a worker does.
    """
    sign_by = now + office.matters[incident.matter].sign_within
    duty = office.duties.of(incident.matter, incident.area, DutyStage.HANDLE, local(now).date())
    return WorkOrder(
        id=new_id(), number=f"{incident.number}-{number}", incident=incident.id, unit=unit, area=incident.area,
        stage=OrderStage.ASSIGNED, instruction=instruction, assigned_at=now, sign_due_at=sign_by, due_at=due,
        signed_at=None, handled_at=None, closed_at=None, escalate_at=now, escalated=0, overdue=False, returns=0,
        reply=None, changed_at=now, return_by=return_by(duty, now, sign_by, office.calendar), ruling=ruling,
        lead=lead, follows=follows,
    )  # fmt: skip


def assign(conn: Connection, incident: Incident, unit: str, office: Office, by: Actor, now: datetime, *,
           instruction: str = "", reason: str = "", ruling: int | None = None, lead: bool | None = None,
           follows: int | None = None) -> WorkOrder:  # fmt: skip
    """A person gives an incident to a unit.

    Args:
        lead: Whether it leads (主办); None: it does when no live order does. Who leads now assists then.
        follows: The order whose place it takes.

    Raises:
        NotFound: There is no such unit.
        Forbidden: The unit is not under the person's own.
        Conflict: The incident has ended or is not filed yet, or the unit already has a live order of it.
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
    unfiled = why_not_assign(filing_store.filings(conn, [incident.id]).get(incident.id))
    if unfiled is not None:
        raise Conflict(unfiled.chinese, unfiled.english)
    earlier = store.orders_of(conn, [incident.id])
    if any(o.unit == unit and o.stage in LIVE for o in earlier):
        raise Conflict(
            "该单位已有这个事件的在办工单", "this unit already has a live order of the incident"
        )
    if office.router is not None and not any(o.stage in LIVE for o in earlier):
        lessons.teach(conn, office.router, incident.id, unit, by.account, now)
    due = _due_of(incident, unit, earlier, office)
    fresh = new_order(
        incident, unit, office, now, number=store.given(conn, incident.id) + 1, due=due,
        instruction=instruction, ruling=ruling, follows=follows,
        lead=not any(o.stage in LIVE and o.lead for o in earlier) if lead is None else lead,
    )  # fmt: skip
    order, clocks = wind(fresh, incident, office)
    store.add_orders(conn, [order])
    if lead:
        store.set_lead(conn, incident.id, order.id, now)
    clock_store.put_clocks(conn, clocks)
    store.add_steps(conn, [_assign_step(order, by, now, reason)])
    stage = incident_stage([*earlier, order])
    store.set_incidents(conn, [(incident.id, stage, due, now)])
    store.notify_units(conn, [(unit, incident.id, f"新工单 {order.number}:{incident.title}")], now,
                       event="assigned")  # fmt: skip
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


__all__ = ["SYSTEM", "Actor", "Office", "assign", "new_order", "repropose", "take", "wind"]
