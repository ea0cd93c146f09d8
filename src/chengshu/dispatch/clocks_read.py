"""Clocks, requests and supervision orders as the caller may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chengshu.agencies.duties.model import clock_hours
from chengshu.agencies.matters import Limit, Span
from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import store
from chengshu.dispatch.assign import Office
from chengshu.dispatch.clocks import plan
from chengshu.dispatch.clocks import store as clock_store
from chengshu.dispatch.clocks.model import (
    Ask,
    AskState,
    Clock,
    ClockKind,
    ClockRules,
    Light,
    Request,
    Supervision,
)
from chengshu.dispatch.clocks.says import (
    KINDS,
    how,
    limit_en,
    why_not_extend,
    why_not_pause,
    why_not_resume,
)
from chengshu.dispatch.clocks.shown import (
    AskView,
    ClockView,
    ReasonView,
    RequestView,
    SupervisionView,
)
from chengshu.dispatch.clocks.winding import again
from chengshu.dispatch.clocks_act import (
    longest_extension,
    next_tier,
    why_not_answer,
    why_not_explain,
)
from chengshu.dispatch.clocks_turn import reckoning
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.views import Names
from chengshu.dispatch.workflow import OrderStage, Verb, Why
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection

_WORKS = (OrderStage.ASSIGNED, OrderStage.SIGNED)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the clocks of some orders, read in two queries."""

    clocks: Mapping[int, Mapping[ClockKind, Clock]]
    asked: Mapping[int, Sequence[Request]]

    def settle(self, order: WorkOrder) -> Clock | None:
        """The clock for settling, what was moved from outside taken in."""
        found = self.clocks.get(order.id, {}).get(ClockKind.SETTLE)
        return plan.agreed(found, order.due_at, order.overdue) if found else None


def standing(conn: Connection, orders: Sequence[WorkOrder]) -> Standing:
    """The clocks of these orders and what was asked about them."""
    ids = [o.id for o in orders]
    return Standing(clock_store.clocks_of(conn, ids), clock_store.requests_of(conn, ids))


def light(order: WorkOrder, found: Standing, now: datetime) -> Light:
    """The light of the clock that runs now: for signing while the order waits for that, and for settling;
    the graver of the two."""
    if order.stage not in _WORKS:
        return Light.OFF
    settle = found.settle(order)
    lights = [_by_due(order.due_at, now) if settle is None else settle.light(now)]
    if order.stage is OrderStage.ASSIGNED:
        sign = found.clocks.get(order.id, {}).get(ClockKind.SIGN)
        lights.append(_by_due(order.sign_due_at, now) if sign is None else sign.light(now))
    for grave in (Light.RED, Light.YELLOW, Light.PAUSED):
        if grave in lights:
            return grave
    return Light.GREEN


def _by_due(due: datetime | None, now: datetime) -> Light:
    return Light.RED if due is not None and due <= now else Light.GREEN


def clock_views(order: WorkOrder, found: Standing, names: Names, now: datetime) -> list[ClockView]:
    """Every clock of an order with how it was reckoned."""
    clocks = [
        found.settle(order) if kind is ClockKind.SETTLE else c
        for kind, c in found.clocks.get(order.id, {}).items()
    ]
    views = []
    for clock in sorted((c for c in clocks if c), key=lambda c: c.kind, reverse=True):
        name, name_en = KINDS[clock.kind]
        over = order.stage is not OrderStage.ASSIGNED
        if clock.kind is ClockKind.SETTLE:
            over = order.stage not in _WORKS
        chinese, _ = how(clock, found.asked.get(order.id, ()), names.unit(clock.unit) or clock.unit)
        _, english = how(clock, found.asked.get(order.id, ()), names.unit_en(clock.unit) or clock.unit)  # fmt: skip
        views.append(
            ClockView(kind=clock.kind, name=name, name_en=name_en, light=Light.OFF if over else clock.light(now),
                      start_at=clock.start_at, due_at=clock.due_at, yellow_at=clock.yellow_at, cap_at=clock.cap_at,
                      provisional=clock.provisional, how=chinese, how_en=english)
        )  # fmt: skip
    return views


def reasons_against(order: WorkOrder, found: Standing, rules: ClockRules, matter: str,
                    now: datetime) -> dict[Verb, Why | None]:  # fmt: skip
    """Why a clock's verbs may not be done now, beside what the table says."""
    clock, asked = found.settle(order), found.asked.get(order.id, ())
    return {
        Verb.PAUSE: why_not_pause(clock, asked, rules, now),
        Verb.EXTEND: why_not_extend(clock, asked, rules, matter, now),
        Verb.RESUME: why_not_resume(clock),
    }


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, and with what names."""

    conn: Connection
    names: Names
    office: Office
    account: int
    role: Role
    unit: Unit
    now: datetime

    def _about(self, ids: Sequence[int]) -> tuple[dict[int, WorkOrder], dict[int, Incident]]:
        orders = {o.id: o for o in store.orders(self.conn, list(ids))}
        incidents = {o.incident for o in orders.values()}
        return orders, incident_store.incidents(self.conn, list(incidents))

    def requests(self, found: Sequence[Request]) -> list[RequestView]:
        """Requests as they are sent."""
        orders, incidents = self._about([r.order for r in found])
        known = standing(self.conn, list(orders.values()))
        return [
            self._request(r, orders[r.order], incidents.get(orders[r.order].incident), known)
            for r in found if r.order in orders
        ]  # fmt: skip

    def _request(self, r: Request, order: WorkOrder, incident: Incident | None, known: Standing) -> RequestView:  # fmt: skip
        why = why_not_answer(r, order.stage, self.account, self.role, self.unit.unit)
        named = self._reason(r.reason)
        lapsed = r.state is AskState.OPEN and order.stage not in _WORKS
        return RequestView(
            id=str(r.id), order=str(r.order), order_number=order.number, incident=str(order.incident),
            title=incident.title if incident else "", ask=r.ask, reason=r.reason, reason_name=named[0],
            reason_name_en=named[1], words=r.words, length=r.limit.text() if r.limit else None,
            length_en=limit_en(r.limit) if r.limit else None, unit=r.unit, unit_name=self.names.unit(r.unit) or r.unit,
            unit_name_en=self.names.unit_en(r.unit) or r.unit, to_name=self.names.unit(r.to_unit) or r.to_unit,
            to_name_en=self.names.unit_en(r.to_unit) or r.to_unit, asked_at=r.asked_at, actor=r.actor,
            due_at=order.due_at, would_end_at=self._would_end(r, order, known),
            state=AskState.LAPSED if lapsed else r.state, answered_at=r.answered_at, answer_actor=r.answer_actor,
            answer=r.answer, from_at=r.from_at, until_at=r.until_at, standing=r.stands,
            why_not=why.chinese if why else None, why_not_en=why.english if why else None,
        )  # fmt: skip

    def _reason(self, reason: str) -> tuple[str, str]:
        for pause in self.office.clocks.pause_reasons:
            if pause.id == reason:
                return pause.name, pause.name_en
        for extension in self.office.clocks.extension_reasons:
            if extension.id == reason:
                return extension.name, extension.name_en
        return reason, reason

    def _would_end(self, r: Request, order: WorkOrder, known: Standing) -> datetime | None:
        clock = known.settle(order)
        if r.ask is not Ask.EXTENSION or r.state is not AskState.OPEN or clock is None:
            return None
        rules, calendar = reckoning(self.office, order.unit)
        granted = replace(r, state=AskState.APPROVED, answered_at=self.now)
        asked = [granted if one.id == r.id else one for one in known.asked.get(order.id, ())]
        return again(clock, asked, calendar, rules, self.now).due_at

    def supervisions(self, found: Sequence[Supervision]) -> list[SupervisionView]:
        """Supervision orders as they are sent."""
        orders, incidents = self._about([s.order for s in found])
        return [
            self._supervision(s, orders[s.order], incidents.get(orders[s.order].incident))
            for s in found if s.order in orders
        ]  # fmt: skip

    def _supervision(self, s: Supervision, order: WorkOrder, incident: Incident | None) -> SupervisionView:  # fmt: skip
        why = why_not_explain(s, self.role, self.unit.unit)
        grades = self.office.clocks.grades
        grade = grades[min(s.grade, len(grades)) - 1]
        return SupervisionView(
            id=str(s.id), number=s.number, order=str(s.order), incident=str(order.incident),
            title=incident.title if incident else "", unit=s.unit, unit_name=self.names.unit(s.unit) or s.unit,
            unit_name_en=self.names.unit_en(s.unit) or s.unit, by_name=self.names.unit(s.by_unit) or s.by_unit,
            by_name_en=self.names.unit_en(s.by_unit) or s.by_unit, actor=s.actor, grade=s.grade, grade_name=grade.name,
            grade_name_en=grade.name_en, cause=s.cause, words=s.words, at=s.at, explain_by=s.explain_by,
            copied=[self.names.unit(u) or u for u in s.copied], state=state_of(s, order.stage, self.now),
            explained_at=s.explained_at, explain_actor=s.explain_actor, explanation=s.explanation,
            order_due_at=order.due_at, why_not=why.chinese if why else None, why_not_en=why.english if why else None,
        )  # fmt: skip

    def asking(self, order: WorkOrder) -> AskView:
        """What somebody must know who asks something about an order's clock, or answers."""
        known = standing(self.conn, [order])
        clock = known.settle(order)
        to = next_tier(order.unit)
        span = clock.limit.span if clock and clock.limit else Span.HOURS
        longest = longest_extension(clock, self.office) if clock else None
        most = int(longest / clock_hours(Limit(1, span)) + 1e-9) if longest else None
        text, text_en = (
            (Limit(most, span).text(), limit_en(Limit(most, span))) if most else ("", "")
        )
        return AskView(
            pauses=[ReasonView(id=r.id, name=r.name, name_en=r.name_en, longest=r.longest.text(),
                               longest_en=limit_en(r.longest)) for r in self.office.clocks.pause_reasons],
            extensions=[ReasonView(id=e.id, name=e.name, name_en=e.name_en, longest=text, longest_en=text_en)
                        for e in self.office.clocks.extension_reasons],
            to_name=self.names.unit(to) or to, to_name_en=self.names.unit_en(to) or to, due_at=order.due_at, span=span,
            longest=most, grades=[g.name for g in self.office.clocks.grades],
            grades_en=[g.name_en for g in self.office.clocks.grades],
            requests=self.requests(known.asked.get(order.id, ())),
            supervisions=self.supervisions(clock_store.supervisions_of(self.conn, [order.id])[order.id]),
        )  # fmt: skip


def state_of(s: Supervision, stage: OrderStage, now: datetime) -> str:
    """Where a supervision order stands."""
    if s.withdrawn_at is not None:
        return "withdrawn"
    if stage not in (*_WORKS, OrderStage.HANDLED, OrderStage.VERIFIED):
        return "done"
    if s.explained_at is not None:
        return "explained"
    return "late" if s.explain_by <= now else "open"
