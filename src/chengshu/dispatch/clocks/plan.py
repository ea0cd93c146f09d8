"""What a worker does when an order's timer goes off: one thing at a time, the gravest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chengshu.agencies.calendar import WorkCalendar
from chengshu.dispatch.clocks.model import (
    RED,
    URGED,
    Clock,
    ClockKind,
    ClockRules,
    Supervision,
)
from chengshu.dispatch.deadlines import extended
from chengshu.kit.times import local


class Deed(StrEnum):
    """What a worker does about a clock."""

    RESUME = "resume"  # 暂停期满，继续计时
    OVERDUE = "overdue"  # 超期
    SUPERVISE = "supervise"  # 督办
    UNSIGNED = "unsigned"  # 逾期未签收
    UNEXPLAINED = "unexplained"  # 督办未按时说明
    URGE = "urge"  # 到期前催办
    URGE_SIGN = "urge_sign"  # 签收到期前提醒


@dataclass(frozen=True, slots=True)
class Watched:
    """An order as the worker finds it.

    Attributes:
        waits: It has not been signed for yet. `works`: it is not handled yet.
        pause_until: When the pause that stands ends by itself.
        supervisions: Those that still want an explanation.
    """

    waits: bool
    works: bool
    sign: Clock | None
    settle: Clock | None
    pause_until: datetime | None = None
    supervisions: Sequence[Supervision] = ()


@dataclass(frozen=True, slots=True)
class Next:
    """One thing to be done, and from when; `grade` of a supervision order."""

    at: datetime
    deed: Deed
    grade: int = 0
    supervision: Supervision | None = None


_GRAVITY = list(Deed)


def pending(w: Watched, rules: ClockRules, calendar: WorkCalendar) -> list[Next]:
    """Everything that is still to happen to an order, by time."""
    found = [
        Next(s.explain_by, Deed.UNEXPLAINED, s.grade, s)
        for s in w.supervisions
        if s.explained_at is None and s.withdrawn_at is None and not s.told_late
    ]
    if w.works:
        if w.pause_until is not None:
            found.append(Next(w.pause_until, Deed.RESUME))
        if w.settle is not None:
            found += _settling(w.settle, rules, calendar)
        if w.waits and w.sign is not None:
            found += _signing(w.sign)
    return sorted(found, key=lambda n: (n.at, _GRAVITY.index(n.deed)))


def _settling(clock: Clock, rules: ClockRules, calendar: WorkCalendar) -> list[Next]:
    due = clock.due_at
    if due is None:
        return []
    if clock.level < RED:
        return [Next(due, Deed.OVERDUE), *_urging(clock, Deed.URGE)]
    given = clock.level - RED
    if given >= len(rules.grades):
        return []
    after = extended(local(due), rules.grades[given].after, calendar)
    return [Next(after, Deed.SUPERVISE, given + 1)]


def _signing(clock: Clock) -> list[Next]:
    if clock.due_at is None or clock.level >= RED:
        return []
    return [Next(clock.due_at, Deed.UNSIGNED), *_urging(clock, Deed.URGE_SIGN)]


def _urging(clock: Clock, deed: Deed) -> list[Next]:
    if clock.level >= URGED or clock.yellow_at is None:
        return []
    return [Next(clock.yellow_at, deed)]


def due_now(found: Sequence[Next], now: datetime) -> Next | None:
    """The gravest of what is due; urging makes no sense beside what it would have prevented."""
    ripe = [n for n in found if n.at <= now]
    return min(ripe, key=lambda n: _GRAVITY.index(n.deed)) if ripe else None


def wakes_at(found: Sequence[Next]) -> datetime | None:
    """The order's one timer: the earliest of what is to happen."""
    return min((n.at for n in found), default=None)


def done(w: Watched, what: Next) -> Watched:
    """The order after that; clocks keep their instants."""
    if what.deed is Deed.URGE and w.settle:
        return replace(w, settle=replace(w.settle, level=URGED))
    if what.deed is Deed.OVERDUE and w.settle:
        return replace(w, settle=replace(w.settle, level=RED))
    if what.deed is Deed.SUPERVISE and w.settle:
        return replace(w, settle=replace(w.settle, level=RED + what.grade))
    if what.deed is Deed.URGE_SIGN and w.sign:
        return replace(w, sign=replace(w.sign, level=URGED))
    if what.deed is Deed.UNSIGNED and w.sign:
        return replace(w, sign=replace(w.sign, level=RED))
    if what.deed is Deed.UNEXPLAINED and what.supervision:
        late = [replace(s, told_late=True) if s.id == what.supervision.id else s for s in w.supervisions]  # fmt: skip
        return replace(w, supervisions=late)
    return w


def agreed(clock: Clock, order_due: datetime | None, order_overdue: bool) -> Clock:
    """A clock after somebody moved the order's own due time: danger or a merge made it earlier, or an
    undoing later again.

    What was moved from outside is a deadline from above, until it is taken back.
    """
    level = clock.level
    if not order_overdue and level >= RED and clock.kind is ClockKind.SETTLE:
        level = 0
    if order_due == clock.due_at:
        return clock if level == clock.level else replace(clock, level=level)
    earlier = order_due is not None and (clock.due_at is None or order_due < clock.due_at)
    if earlier:
        return replace(
            clock, cap_at=order_due, cap_by="incident", due_at=order_due, level=level,
            yellow_at=_sooner(clock, order_due),
        )  # fmt: skip
    freed = clock.cap_by in ("incident", "danger")
    return replace(
        clock, due_at=order_due, level=level, yellow_at=_sooner(clock, order_due), cap_at=None if freed else clock.cap_at,
        cap_by="" if freed else clock.cap_by,
    )  # fmt: skip


def _sooner(clock: Clock, due: datetime | None) -> datetime | None:
    """As much before the new end as it was before the old one."""
    if clock.due_at is None or clock.yellow_at is None or due is None:
        return due
    return max(due - (clock.due_at - clock.yellow_at), min(clock.begun_at, due))
