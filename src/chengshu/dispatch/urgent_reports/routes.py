"""HTTP of urgent reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.request import actor, names_of, tell_pages
from chengshu.dispatch.urgent_reports import act, rules, store
from chengshu.dispatch.urgent_reports.act import Desk
from chengshu.dispatch.urgent_reports.model import UrgentCase, UrgentKind, UrgentReport
from chengshu.dispatch.urgent_reports.rules import UrgentRules
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.kit.errors import Forbidden, NotFound, Refused

router = APIRouter(prefix="/api/v1")

_Level = Annotated[int, Field(ge=1, le=4)]
_Entries = Annotated[
    dict[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=1000)]],
    Field(max_length=20, default_factory=dict),
]


class UrgentBeginBody(Body):
    """How grave it is: 1 特别重大, 2 重大, 3 较大, 4 一般."""

    level: _Level


class UrgentSignBody(Body):
    """What the person who signs wrote into the named fields; the level where it changed."""

    entries: _Entries
    level: _Level | None = None


class UrgentDraftBody(Body):
    """Fields as far as they are filled in."""

    entries: _Entries


class UrgentEntryView(BaseModel):
    """A field that a person fills in."""

    id: str
    name: str
    name_en: str
    needed: bool


class UrgentReportView(BaseModel):
    """One report, due or signed."""

    nth: int
    kind: UrgentKind
    due_at: datetime
    late: bool
    text: str
    recipients: list[str]
    submitted_at: datetime | None
    signer: str


class UrgentView(BaseModel):
    """Where the reporting of an incident stands; without a case, whether it may be begun."""

    begun: bool
    level: int | None
    unit_name: str | None
    began_at: datetime | None
    ended_at: datetime | None
    due: UrgentReportView | None
    reports: list[UrgentReportView]
    entries: list[UrgentEntryView]
    addressed: list[str]
    why_not_begin: str | None
    why_not_begin_en: str | None
    why_not_sign: str | None
    why_not_sign_en: str | None
    as_of: datetime


class UrgentDraftView(BaseModel):
    """The text as it would be signed now, and the fields that are still missing."""

    text: str
    missing: list[str]


class UrgentDueView(BaseModel):
    """A report that is to come."""

    incident: str
    number: str
    title: str
    level: int
    unit_name: str
    report: UrgentReportView


class UrgentDueList(BaseModel):
    """Reports that are to come, soonest first."""

    items: list[UrgentDueView]
    total: int
    as_of: datetime


def _rules(request: Request) -> UrgentRules:
    found: UrgentRules = request.app.state.world.urgent
    return found


def _desk(caller: Caller, request: Request) -> Desk:
    return Desk(_rules(request), names_of(request), actor(caller), caller.person.role, caller.now)


def _report(one: UrgentReport, desk: Desk) -> UrgentReportView:
    return UrgentReportView(
        nth=one.nth, kind=one.kind, due_at=one.due_at, late=one.late(desk.now), text=one.text,
        recipients=[desk.names.unit(u) or u for u in one.recipients], submitted_at=one.submitted_at, signer=one.signer,
    )  # fmt: skip


def _incident(caller: Caller, incident_id: int) -> Incident:
    found = incident_store.incidents(caller.conn, [incident_id]).get(incident_id)
    if found is None:
        raise NotFound("事件", incident_id)
    return found


def _view(caller: Caller, incident_id: int, desk: Desk) -> UrgentView:
    incident, case = _incident(caller, incident_id), store.case_of(caller.conn, incident_id)
    made = store.reports(caller.conn, incident_id)
    due = next((r for r in made if r.submitted_at is None), None)
    begin = rules.why_not_begin(desk.role, incident, case)
    sign = rules.why_not_sign(desk.rules, desk.role, desk.by.unit, case, due)
    return UrgentView(
        begun=case is not None, level=case.level if case else None,
        unit_name=desk.names.unit(case.unit) if case else None,
        began_at=case.began_at if case else None, ended_at=case.ended_at if case else None,
        due=_report(due, desk) if due else None,
        reports=[_report(r, desk) for r in reversed(made) if r.submitted_at is not None],
        entries=[UrgentEntryView(id=e.id, name=e.name, name_en=e.name_en, needed=due is not None and due.kind in e.needed)
                 for e in desk.rules.entries],
        addressed=_addressed(case, desk), as_of=desk.now,
        why_not_begin=_zh(begin), why_not_begin_en=_en(begin), why_not_sign=_zh(sign), why_not_sign_en=_en(sign),
    )  # fmt: skip


def _addressed(case: UrgentCase | None, desk: Desk) -> list[str]:
    if case is None:
        return []
    units = [desk.names.unit(u) or u for u in desk.rules.recipients(case)]
    return [*units, *desk.rules.outside[case.level]]


def _zh(why: Refused | None) -> str | None:
    return why.chinese if why else None


def _en(why: Refused | None) -> str | None:
    return why.english if why else None


@router.get("/urgent-reports", response_model=UrgentDueList, responses=READ)
def list_urgent(gate: AtGate, request: Request) -> UrgentDueList:
    """Urgent reports within the scope that are to come, soonest first; the late ones stand on top."""
    with gate.person() as caller:
        desk = _desk(caller, request)
        items = [
            UrgentDueView(incident=str(r.incident), number=number, title=title, level=case.level,
                          unit_name=desk.names.unit(case.unit) or case.unit, report=_report(r, desk))
            for r, case, number, title in store.due_list(caller.conn)
        ]  # fmt: skip
        return UrgentDueList(items=items, total=len(items), as_of=caller.now)


@router.get("/incidents/{incident_id}/urgent", response_model=UrgentView, responses=READ)
def get_urgent(gate: AtGate, request: Request, incident_id: Id) -> UrgentView:
    """Where the urgent reporting of an incident stands."""
    with gate.person() as caller:
        return _view(caller, incident_id, _desk(caller, request))


@router.post("/incidents/{incident_id}/urgent", response_model=UrgentView, responses=ACT)
def begin_urgent(
    gate: AtGate, request: Request, incident_id: Id, body: UrgentBeginBody
) -> UrgentView:
    """Begin to report an incident upward (启动紧急信息报送)."""
    with gate.person() as caller:
        desk = _desk(caller, request)
        act.begin(caller.conn, incident_id, body.level, desk)
        tell_pages(caller, incident_id)
        return _view(caller, incident_id, desk)


@router.post("/incidents/{incident_id}/urgent/draft", response_model=UrgentDraftView, responses=ACT)
def draft_urgent(
    gate: AtGate, request: Request, incident_id: Id, body: UrgentDraftBody
) -> UrgentDraftView:
    """The text of what is due, with these fields, as it would be signed now; nothing is written."""
    with gate.person() as caller:
        desk = _desk(caller, request)
        if desk.role not in rules.STARTERS:
            raise Forbidden("您的角色不能拟稿", "your role does not draft urgent reports")
        incident = _incident(caller, incident_id)
        case, due = store.case_of(caller.conn, incident_id), act.pending(caller.conn, incident_id)
        if case is None or due is None:
            raise NotFound("待报的紧急信息", incident_id)
        text = act.draft(caller.conn, incident, case, due, body.entries, desk)
        return UrgentDraftView(text=text, missing=_names(desk.rules, due.kind, body.entries))


def _names(known: UrgentRules, kind: UrgentKind, entries: Mapping[str, str]) -> list[str]:
    return [e.id for e in rules.missing(known, kind, entries)]


@router.post("/incidents/{incident_id}/urgent/sign", response_model=UrgentView, responses=ACT)
def sign_urgent(
    gate: AtGate, request: Request, incident_id: Id, body: UrgentSignBody
) -> UrgentView:
    """Sign and send the report that is due (签发)."""
    with gate.person() as caller:
        desk = _desk(caller, request)
        act.sign(caller.conn, incident_id, body.entries, body.level, desk)
        tell_pages(caller, incident_id)
        return _view(caller, incident_id, desk)


@router.post("/incidents/{incident_id}/urgent/end", response_model=UrgentView, responses=ACT)
def end_urgent(gate: AtGate, request: Request, incident_id: Id) -> UrgentView:
    """Declare the emergency over: the final report is due."""
    with gate.person() as caller:
        desk = _desk(caller, request)
        act.end(caller.conn, incident_id, desk)
        tell_pages(caller, incident_id)
        return _view(caller, incident_id, desk)
