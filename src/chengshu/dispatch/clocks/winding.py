"""The clocks of a new order, and a clock reckoned again after something changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.clocks.model import (
    RED,
    Ask,
    AskState,
    Clock,
    ClockKind,
    ClockRules,
    ClockState,
    Request,
    StartRule,
)
from chengshu.dispatch.clocks.plan import Watched, pending, wakes_at
from chengshu.dispatch.clocks.reckon import Extension, Pause, Reckoned, Terms, reckon
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.workflow import OrderStage
from chengshu.kit.times import local

_HOUR = timedelta(hours=1)


def wound(order: WorkOrder, registered_at: datetime, limit: Limit, rule: StartRule, calendar: WorkCalendar,
          rules: ClockRules, *, danger: bool, sign_within: timedelta) -> tuple[WorkOrder, list[Clock]]:  # fmt: skip
    """A new order's clocks, and the order with its timer.

    The order's own due times stand: one that is earlier than the limit gives is a deadline from above,
    one that is later was set by somebody.

    Args:
        sign_within: The limit for signing, from the assignment on.
    """
    clocks = []
    if order.sign_due_at is not None:
        clocks.append(_signing(order, sign_within, calendar, rules))
    if order.due_at is not None:
        clocks.append(_settling(order, registered_at, limit, rule, calendar, rules, danger))
    return replace(order, escalate_at=timer(order, clocks, calendar, rules)), clocks


def adopted(order: WorkOrder, calendar: WorkCalendar, rules: ClockRules) -> list[Clock]:
    """The clocks of an order of which nothing but its due times is known."""
    fixed = ((ClockKind.SIGN, order.sign_due_at), (ClockKind.SETTLE, order.due_at))
    return [_fixed(order, kind, due, calendar, rules) for kind, due in fixed if due is not None]


def timer(order: WorkOrder, clocks: Sequence[Clock], calendar: WorkCalendar, rules: ClockRules) -> datetime | None:  # fmt: skip
    """When a worker must look at an order of which nothing is paused or supervised."""
    return wakes_at(pending(watched(order, {c.kind: c for c in clocks}), rules, calendar))


def watched(order: WorkOrder, clocks: dict[ClockKind, Clock]) -> Watched:
    """What a worker needs to know of an order."""
    return Watched(
        waits=order.stage is OrderStage.ASSIGNED,
        works=order.stage in (OrderStage.ASSIGNED, OrderStage.SIGNED),
        sign=clocks.get(ClockKind.SIGN), settle=clocks.get(ClockKind.SETTLE),
    )  # fmt: skip


def _signing(order: WorkOrder, within: timedelta, calendar: WorkCalendar, rules: ClockRules) -> Clock:  # fmt: skip
    start = local(order.assigned_at)
    hours = within / _HOUR
    if hours != int(hours) or order.sign_due_at != start + within:
        return _fixed(order, ClockKind.SIGN, order.sign_due_at, calendar, rules)
    terms = Terms(start, Limit(int(hours), Span.HOURS))
    found = reckon(terms, calendar, rules.yellow_share, rules.yellow_least)
    return _clock(order, ClockKind.SIGN, terms, found)


def _settling(order: WorkOrder, registered_at: datetime, limit: Limit, rule: StartRule, calendar: WorkCalendar,
              rules: ClockRules, danger: bool) -> Clock:  # fmt: skip
    terms = Terms(registered_at, limit, rule)
    found = reckon(terms, calendar, rules.yellow_share, rules.yellow_least)
    assert order.due_at is not None
    assert found.due_at is not None
    if order.due_at > found.due_at:
        return _fixed(order, ClockKind.SETTLE, order.due_at, calendar, rules)
    if order.due_at == found.due_at:
        return _clock(order, ClockKind.SETTLE, terms, found)
    terms = replace(terms, cap_at=local(order.due_at))
    found = reckon(terms, calendar, rules.yellow_share, rules.yellow_least)
    return _clock(order, ClockKind.SETTLE, terms, found, "danger" if danger else "incident")


def _fixed(order: WorkOrder, kind: ClockKind, due: datetime | None, calendar: WorkCalendar,
           rules: ClockRules) -> Clock:  # fmt: skip
    assert due is not None
    terms = Terms(local(order.assigned_at), None, fixed_at=local(due))
    found = reckon(terms, calendar, rules.yellow_share, rules.yellow_least)
    return _clock(order, kind, terms, found)


def _clock(order: WorkOrder, kind: ClockKind, terms: Terms, found: Reckoned, cap_by: str = "") -> Clock:  # fmt: skip
    return Clock(
        order.id, kind, terms.start_at, found.begun_at, terms.limit, order.unit, found.due_at, found.yellow_at,
        fixed_at=terms.fixed_at, cap_at=terms.cap_at, cap_by=cap_by, provisional=found.provisional,
    )  # fmt: skip


def again(clock: Clock, asked: Sequence[Request], calendar: WorkCalendar, rules: ClockRules, now: datetime) -> Clock:  # fmt: skip
    """A clock with what has been granted since; what it had set off is taken back where it did not run out."""
    changes = [c for r in asked if r.state is AskState.APPROVED and (c := _change(r)) is not None]
    # how it started is on record: a changed calendar or rule does not move it
    started = (
        StartRule.NEXT_WORKING_DAY if clock.begun_at != clock.start_at else StartRule.REGISTRATION
    )
    terms = Terms(
        local(clock.start_at), clock.limit, started, local(clock.fixed_at) if clock.fixed_at else None,
        changes, local(clock.cap_at) if clock.cap_at else None,
    )  # fmt: skip
    found = reckon(terms, calendar, rules.yellow_share, rules.yellow_least)
    paused = any(r.stands for r in asked)
    level = clock.level
    if found.due_at is None or found.due_at > now:
        level = 0 if level >= RED or found.yellow_at is None or found.yellow_at > now else level
    return replace(
        clock, due_at=found.due_at, yellow_at=found.yellow_at, provisional=found.provisional, level=level,
        state=ClockState.PAUSED if paused else ClockState.RUNNING,
    )  # fmt: skip


def _change(r: Request) -> Pause | Extension | None:
    if r.ask is Ask.EXTENSION:
        assert r.limit is not None
        return Extension(local(r.answered_at or r.asked_at), r.limit)
    if r.from_at is None:
        return None
    return Pause(local(r.from_at), local(r.until_at) if r.ended and r.until_at else None)
