"""Orders whose timer went off: urge, mark overdue, supervise, let a pause end, wind the timer on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from chengshu.agencies.calendar import WorkCalendar
from chengshu.dispatch import clocks_turn, store
from chengshu.dispatch.assign import SYSTEM, Office, wind
from chengshu.dispatch.clocks import plan
from chengshu.dispatch.clocks import store as clock_store
from chengshu.dispatch.clocks.model import Clock, ClockKind, ClockRules, Grade, Supervision
from chengshu.dispatch.clocks.plan import Deed, Next, Watched
from chengshu.dispatch.clocks.says import moment
from chengshu.dispatch.clocks.winding import adopted, watched
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection
from chengshu.kit.ids import new_id
from chengshu.kit.times import local

UNSIGNED, OVERDUE, STILL = 1, 2, 3  # levels of an order, see WorkOrder.escalated
_PLAIN = WorkCalendar(time(9), time(17, 30))
_LEVELS = {Deed.UNSIGNED: UNSIGNED, Deed.OVERDUE: OVERDUE, Deed.SUPERVISE: STILL}
_VERBS = {Deed.URGE: "urge", Deed.URGE_SIGN: "urge", Deed.RESUME: "resume", Deed.SUPERVISE: "supervise"}  # fmt: skip


@dataclass
class _Batch:
    """What a round writes, all at once at its end."""

    wakes: dict[int, datetime | None] = field(default_factory=dict)
    levels: dict[int, tuple[int, bool]] = field(default_factory=dict)
    clocks: list[Clock] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    told: list[tuple[str, int, str]] = field(default_factory=list)
    told_overdue: list[tuple[str, int, str]] = field(default_factory=list)
    supervisions: list[Supervision] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    acted: list[WorkOrder] = field(default_factory=list)


def escalate_due(conn: Connection, now: datetime, limit: int, office: Office | None = None) -> list[WorkOrder]:  # fmt: skip
    """Act on every order whose timer has gone off, one deed for each, the gravest first; those acted on.

    An order that nobody wound yet gets its clocks. Orders that somebody else holds are passed over, and
    their timer goes off again: nothing is lost with a worker that dies, for its transaction is undone.

    Args:
        limit: At most so many orders.
        office: Without it orders keep the city's plain office hours, and clocks that nobody wound know
            their ends only.
    """
    orders = store.due(conn, now, limit)
    if not orders:
        return []
    ids = [o.id for o in orders]
    clocks = clock_store.clocks_of(conn, ids)
    _adopt(conn, [o for o in orders if o.id not in clocks], clocks, office)
    pauses = clock_store.standing_pauses(conn, ids)
    given = clock_store.supervisions_of(conn, ids)
    rules = office.clocks if office else ClockRules()
    batch = _Batch()
    for order in orders:
        calendar = office.calendar_of(order.unit) if office else _PLAIN
        known = clocks[order.id]
        if (settle := known.get(ClockKind.SETTLE)) is not None:
            known[ClockKind.SETTLE] = plan.agreed(settle, order.due_at, order.overdue)
        pause = pauses.get(order.id)
        seen = replace(watched(order, known), pause_until=pause.until_at if pause else None,
                       supervisions=given.get(order.id, []))  # fmt: skip
        what = plan.due_now(plan.pending(seen, rules, calendar), now)
        if what is not None and what.deed is Deed.RESUME and pause is not None:
            clocks_turn.resume(conn, order, pause, what.at, (rules, calendar), now)
            batch.acted.append(order)
            _say(batch, order, what, "暂停期满，继续计时", [order.unit], now)
            continue
        after = plan.done(seen, what) if what else seen
        if what is not None:
            _act(batch, order, what, rules, calendar, now)
            fresh = [s for s in batch.supervisions[-1:] if s.order == order.id]
            after = replace(after, supervisions=[*after.supervisions, *fresh])
        batch.wakes[order.id] = plan.wakes_at(plan.pending(after, rules, calendar))
        batch.clocks += [c for c in (after.sign, after.settle) if c is not None]
    _write(conn, batch, orders, now)
    return batch.acted


def _adopt(conn: Connection, orders: Sequence[WorkOrder], clocks: dict[int, dict[ClockKind, Clock]],
           office: Office | None) -> None:  # fmt: skip
    """Give clocks to orders that were opened without."""
    incidents: Mapping[int, Incident] = {}
    if orders and office is not None:
        incidents = incident_store.incidents(conn, list({o.incident for o in orders}))
    for order in orders:
        incident = incidents.get(order.incident)
        if incident is not None and office is not None:
            _, fresh = wind(order, incident, office)
        else:
            fresh = adopted(order, _PLAIN, ClockRules())
        clocks[order.id] = {c.kind: c for c in fresh}


def _act(batch: _Batch, order: WorkOrder, what: Next, rules: ClockRules, calendar: WorkCalendar,
         now: datetime) -> None:  # fmt: skip
    batch.acted.append(order)
    above = _above(order.unit, 1)
    if what.deed in _LEVELS:
        level = max(order.escalated, _LEVELS[what.deed])
        batch.levels[order.id] = (level, order.overdue or level >= OVERDUE)
    if what.deed is Deed.SUPERVISE:
        one = _supervised(order, rules.grades[what.grade - 1], what.grade, calendar, now)
        batch.supervisions.append(one)
        text = f"{one.words}，请于 {moment(one.explain_by)} 前书面说明"
        _say(batch, order, what, text, [order.unit, *one.copied], now)
    elif what.deed is Deed.OVERDUE:
        _say(batch, order, what, "已超期，请立即办理并说明原因", [order.unit, above], now)
    elif what.deed is Deed.UNSIGNED:
        _say(batch, order, what, "超过签收时限仍未签收", [order.unit, above], now)
    elif what.deed is Deed.UNEXPLAINED and what.supervision is not None:
        batch.late.append(what.supervision.id)
        told = [order.unit, what.supervision.by_unit, *_aboves(what.supervision.by_unit, 1)]
        _say(batch, order, what, f"督办单 {what.supervision.number} 逾期未作说明", told, now)
    elif what.deed is Deed.URGE_SIGN:
        _say(batch, order, what, "催办：签收时限将到，请尽快签收", [order.unit], now)
    else:
        due = f"（{moment(order.due_at)} 到期）" if order.due_at else ""
        _say(batch, order, what, f"催办：办理时限将到{due}，请尽快办理", [order.unit], now)


def _supervised(order: WorkOrder, grade: Grade, rank: int, calendar: WorkCalendar, now: datetime) -> Supervision:  # fmt: skip
    copied = tuple(_aboves(order.unit, grade.copies))
    words = f"超期已满 {grade.after.text()}，{grade.name}"
    explain_by = due_at(local(now), grade.explain, calendar)
    return Supervision(new_id(), order.number, order.id, order.unit, _above(order.unit, 1), None, SYSTEM, rank,
                       "overdue", words, now, explain_by, copied)  # fmt: skip


def _say(batch: _Batch, order: WorkOrder, what: Next, text: str, told: Sequence[str], now: datetime) -> None:  # fmt: skip
    verb = _VERBS.get(what.deed, "escalate")
    level = _LEVELS.get(what.deed, 0) + max(what.grade - 1, 0)
    batch.steps.append(
        Step(order.incident, order.id, now, None, SYSTEM, order.unit, verb, order.stage, order.stage, text,
             (("level", level), ("deed", str(what.deed))))
    )  # fmt: skip
    rows = [(u, order.incident, f"工单 {order.number} {text}") for u in dict.fromkeys(told)]
    (batch.told_overdue if what.deed is Deed.OVERDUE else batch.told).extend(rows)


def _above(unit: str, tiers: int) -> str:
    """The unit so many tiers up, the topmost at most."""
    for _ in range(tiers):
        unit = unit.rpartition(".")[0] or unit
    return unit


def _aboves(unit: str, tiers: int) -> list[str]:
    """The units above, nearest first; the unit itself where nothing is above it."""
    return list(dict.fromkeys(_above(unit, n) for n in range(1, tiers + 1)))


def _write(conn: Connection, batch: _Batch, orders: Sequence[WorkOrder], now: datetime) -> None:
    was = {o.id: o.escalate_at for o in orders}
    clock_store.put_clocks(conn, batch.clocks)
    if batch.wakes:
        clock_store.wake(conn, batch.wakes, was, batch.levels, now)
    clock_store.add_supervisions(conn, batch.supervisions)
    if batch.late:
        clock_store.tell_late(conn, batch.late)
    store.add_steps(conn, batch.steps)
    store.notify_units(conn, batch.told, now)
    store.notify_units(conn, batch.told_overdue, now, event="overdue")


__all__ = ["OVERDUE", "STILL", "UNSIGNED", "Watched", "escalate_due"]
