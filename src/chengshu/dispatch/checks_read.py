"""Putting together what a page shows of checks, call-backs and reviews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel, Field

from chengshu.agencies.model import Account, Role, Unit
from chengshu.dispatch import read, store
from chengshu.dispatch.again import last_done
from chengshu.dispatch.assign import Office
from chengshu.dispatch.checks import store as check_store
from chengshu.dispatch.checks.model import Callback, CallTask, CheckKind, Inspection, Review
from chengshu.dispatch.checks.rules import SheetItem
from chengshu.dispatch.checks_do import CALLERS, INSPECTORS, REVIEWERS, SCORERS
from chengshu.dispatch.views import IncidentView, Names, OrderView
from chengshu.incidents import store as incident_store
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection

_SCORED_SINCE = timedelta(days=31)
_SHEETS = 10


class InspectionView(BaseModel):
    """核查: whether what a unit replied is so."""

    id: str
    order: str
    kind: Literal["grid", "sample", "centre"]
    unit: str
    unit_name: str
    unit_name_en: str
    asked_at: datetime
    due_at: datetime
    overdue: bool
    passed: bool | None
    untrue: bool
    words: str
    done_at: datetime | None


class CallbackView(BaseModel):
    """回访: what somebody said, or a citizen's own rating."""

    id: str
    order: str
    report: str | None
    round: int
    attempt: int
    at: datetime
    channel: str = Field(description="phone, sms or web")
    outcome: Literal["satisfied", "basic", "unsatisfied", "no_answer", "refused"]
    words: str
    reasonable: bool | None


class ReviewView(BaseModel):
    """复核: a second person looks at what somebody called unreasonable."""

    id: str
    callback: CallbackView
    incident: str
    asked_at: datetime
    asked_by: str
    evidence: str
    upheld: bool | None
    words: str
    done_at: datetime | None


class DueInspection(InspectionView):
    """An inspection that waits, with its order."""

    order_detail: OrderView


class AskedReport(BaseModel):
    """A report whose sender may be rung."""

    id: str
    masked: str


class DueCall(BaseModel):
    """A call-back that waits: whom to ask what about which reply."""

    incident: IncidentView
    order: OrderView
    round: int
    opening: str
    questions: list[str]
    attempts: int
    most: int
    due_at: datetime
    overdue: bool
    reports: list[AskedReport]
    earlier: list[CallbackView]


class DueReview(ReviewView):
    """A review that waits, with its incident."""

    incident_detail: IncidentView


class ChecksView(BaseModel):
    """What the caller is to check, whom to ring, and what to review."""

    inspections: list[DueInspection]
    callbacks: list[DueCall]
    reviews: list[DueReview]
    as_of: datetime


class SheetItemView(BaseModel):
    """One line of a score sheet."""

    id: str
    name: str
    name_en: str
    points: int


class SampleView(BaseModel):
    """A reply, or a call about it, drawn for scoring."""

    order: OrderView
    callback: CallbackView | None


class QualityView(BaseModel):
    """What is to be scored, and the two sheets."""

    samples: list[SampleView]
    reply_sheet: list[SheetItemView]
    call_sheet: list[SheetItemView]


class IncidentChecks(BaseModel):
    """Everything that was checked, asked and reviewed about an incident."""

    inspections: list[InspectionView]
    callbacks: list[CallbackView]


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks: what her role and unit let her do."""

    conn: Connection
    names: Names
    office: Office
    person: Account
    unit: Unit
    now: datetime

    def due(self) -> ChecksView:
        """What waits for her."""
        return ChecksView(inspections=self._inspections(), callbacks=self._calls(), reviews=self._reviews(),
                          as_of=self.now)  # fmt: skip

    def of_incident(self, incident: int) -> IncidentChecks:
        """What was done about one incident."""
        orders = [o.id for o in store.orders_of(self.conn, [incident])]
        return IncidentChecks(
            inspections=[self._inspection(i) for i in check_store.inspections_of(self.conn, orders)],
            callbacks=[callback_view(c) for c in check_store.callbacks(self.conn, incident)],
        )  # fmt: skip

    def quality(self) -> QualityView:
        """What she may score."""
        drawn = (
            check_store.unscored(self.conn, self.unit.unit, self.now - _SCORED_SINCE, _SHEETS)
            if self.person.role in SCORERS
            else []
        )
        orders = self._orders([order for order, _ in drawn])
        calls = {c: check_store.callback(self.conn, c) for _, c in drawn if c is not None}
        samples = [
            SampleView(
                order=orders[o], callback=callback_view(said) if c and (said := calls[c]) else None
            )
            for o, c in drawn if o in orders
        ]  # fmt: skip
        checks = self.office.checks
        return QualityView(samples=samples, reply_sheet=_sheet(checks.reply_sheet),
                           call_sheet=_sheet(checks.call_sheet))  # fmt: skip

    def _orders(self, ids: Sequence[int]) -> dict[int, OrderView]:
        found = store.orders(self.conn, ids)
        views = read.order_views(
            self.conn, found, self.names, self.person.role, self.unit, self.now
        )
        return {int(v.id): v for v in views}

    def _inspection(self, one: Inspection) -> InspectionView:
        return InspectionView(
            id=str(one.id), order=str(one.order), kind=one.kind.value, unit=one.unit,
            unit_name=self.names.unit(one.unit) or one.unit, unit_name_en=self.names.unit_en(one.unit) or one.unit,
            asked_at=one.asked_at, due_at=one.due_at, overdue=one.done_at is None and one.due_at <= self.now,
            passed=one.passed, untrue=one.untrue, words=one.words, done_at=one.done_at,
        )  # fmt: skip

    def _inspections(self) -> list[DueInspection]:
        role = self.person.role
        if role not in INSPECTORS:
            return []
        on_foot = [CheckKind.GRID, CheckKind.SAMPLE]  # what can be seen in her own grid
        kinds = on_foot if role is Role.GRID_WORKER else list(CheckKind)
        found = check_store.due_inspections(self.conn, self.unit.unit, kinds)
        orders = self._orders([i.order for i in found])
        return [
            DueInspection(**self._inspection(i).model_dump(), order_detail=orders[i.order])
            for i in found if i.order in orders
        ]  # fmt: skip

    def _calls(self) -> list[DueCall]:
        if self.person.role not in CALLERS:
            return []
        tasks = check_store.due_tasks(self.conn, self.unit.unit, self.now)
        incidents = incident_store.incidents(self.conn, [t.incident for t in tasks])
        views = {v.id: v for v in read.briefs(self.conn, list(incidents.values()), self.names, self.now)}  # fmt: skip
        calls = [self._call(t, views[str(t.incident)]) for t in tasks if str(t.incident) in views]
        return [c for c in calls if c is not None]

    def _call(self, task: CallTask, incident: IncidentView) -> DueCall | None:
        order = last_done(store.orders_of(self.conn, [task.incident]))
        if order is None:
            return None
        checks = self.office.checks
        script = next((s for s in checks.scripts if s.id == task.script), checks.scripts[0])
        members = [m.report for m in incident_store.members(self.conn, task.incident)]
        masked = intake_store.masked(self.conn, members)
        earlier = [c for c in check_store.callbacks(self.conn, task.incident) if c.round == task.round]  # fmt: skip
        return DueCall(
            incident=incident, order=self._orders([order.id])[order.id], round=task.round, opening=script.opening,
            questions=list(script.questions), attempts=task.attempts, most=checks.attempts, due_at=task.due_at,
            overdue=task.due_at <= self.now, reports=[AskedReport(id=str(r), masked=masked.get(r, "")) for r in members],
            earlier=[callback_view(c) for c in earlier],
        )  # fmt: skip

    def _reviews(self) -> list[DueReview]:
        if self.person.role not in REVIEWERS:
            return []
        found = check_store.due_reviews(self.conn, self.person.id)
        incidents = incident_store.incidents(self.conn, [r.incident for r in found])
        views = {v.id: v for v in read.briefs(self.conn, list(incidents.values()), self.names, self.now)}  # fmt: skip
        return [
            DueReview(**review_view(r, said).model_dump(), incident_detail=views[str(r.incident)])
            for r in found
            if (said := check_store.callback(self.conn, r.callback)) and str(r.incident) in views
        ]


def review_view(one: Review, said: Callback) -> ReviewView:
    """A review with what it is about."""
    return ReviewView(id=str(one.id), callback=callback_view(said), incident=str(one.incident), asked_at=one.asked_at,
                      asked_by=one.actor, evidence=one.evidence, upheld=one.upheld, words=one.words,
                      done_at=one.done_at)  # fmt: skip


def callback_view(one: Callback) -> CallbackView:
    """An answer as it is sent."""
    return CallbackView(
        id=str(one.id), order=str(one.order), report=str(one.report) if one.report else None, round=one.round,
        attempt=one.attempt, at=one.at, channel=one.channel,
        outcome=one.outcome.value, words=one.words, reasonable=one.reasonable,
    )  # fmt: skip


def _sheet(items: Sequence[SheetItem]) -> list[SheetItemView]:
    return [SheetItemView.model_validate(i, from_attributes=True) for i in items]
