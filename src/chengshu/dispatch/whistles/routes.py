"""HTTP of whistles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.joint.routes import acting, tell
from chengshu.dispatch.request import names_of
from chengshu.dispatch.whistles import blow, store
from chengshu.dispatch.whistles.model import Whistle, WhistleCall
from chengshu.dispatch.whistles.rules import why_not_answer, why_not_blow

router = APIRouter(prefix="/api/v1")


class WhistleBody(Body):
    """Which departments are called, and for what."""

    units: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=120)]], Field(max_length=20)
    ]
    words: Annotated[str, Field(max_length=1000)]


class PresentBody(Body):
    """Who comes, and when."""

    words: Annotated[str, Field(max_length=1000)]


class WhistleCallView(BaseModel):
    """One department called, and how long its answer took."""

    unit: str
    name: str
    name_en: str
    due_at: datetime
    answered_at: datetime | None
    words: str
    actor: str
    response_s: int | None = Field(description="seconds from the call to the answer, as scored")
    late: bool
    climbed: int = Field(description="how many tiers silence has climbed")


class WhistleView(BaseModel):
    """A whistle with its answers."""

    id: str
    incident: str
    number: str
    title: str
    place: str
    area_name: str
    area_name_en: str
    unit: str
    unit_name: str
    unit_name_en: str
    words: str
    at: datetime
    actor: str
    calls: list[WhistleCallView]
    why_not_answer: str | None
    why_not_answer_en: str | None


class WhistleList(BaseModel):
    """Whistles within the scope, newest first."""

    items: list[WhistleView]
    total: int
    as_of: datetime
    why_not_blow: str | None
    why_not_blow_en: str | None


def _views(caller: Caller, request: Request, found: Sequence[Whistle]) -> list[WhistleView]:
    calls: dict[int, list[WhistleCall]] = {}
    for call in store.calls(caller.conn, [w.id for w in found]):
        calls.setdefault(call.whistle, []).append(call)
    return [_view(caller, request, w, calls.get(w.id, [])) for w in found]


def _view(
    caller: Caller, request: Request, w: Whistle, calls: Sequence[WhistleCall]
) -> WhistleView:
    names, own = names_of(request), caller.person.unit
    area, area_en = names.area(w.area)
    why = why_not_answer(next((c for c in calls if c.unit == own), None), caller.person.role, own)
    return WhistleView(
        id=str(w.id), incident=str(w.incident), number=w.number, title=w.title, place=w.place, area_name=area,
        area_name_en=area_en, unit=w.unit, unit_name=names.unit(w.unit) or w.unit,
        unit_name_en=names.unit_en(w.unit) or w.unit, words=w.words, at=w.at, actor=w.actor,
        calls=[WhistleCallView(unit=c.unit, name=names.unit(c.unit) or c.unit, name_en=names.unit_en(c.unit) or c.unit,
                               due_at=c.due_at, answered_at=c.answered_at, words=c.words, actor=c.actor,
                               response_s=c.response_s, climbed=c.climbed,
                               late=c.late or (c.answered_at is None and c.due_at <= caller.now)) for c in calls],
        why_not_answer=why.chinese if why else None, why_not_answer_en=why.english if why else None,
    )  # fmt: skip


@router.get("/whistles", response_model=WhistleList, responses=READ)
def list_whistles(gate: AtGate, request: Request, box: Literal["called", "waiting", "all"] = "all",
                  incident: Annotated[int | None, Query(ge=0, lt=2**63)] = None) -> WhistleList:  # fmt: skip
    """Whistles within the scope; `called` those that call the caller's unit, `waiting` those of them unanswered."""
    with gate.person() as caller:
        assert caller.unit is not None
        own = "" if box == "all" else caller.unit.unit
        found = store.whistles(caller.conn, unit=own, incident=incident, waiting=box == "waiting")
        why = why_not_blow(caller.person.role, caller.unit)
        return WhistleList(items=_views(caller, request, found), total=len(found), as_of=caller.now,
                           why_not_blow=why.chinese if why else None, why_not_blow_en=why.english if why else None)  # fmt: skip


@router.post("/incidents/{incident_id}/whistle", response_model=WhistleView, responses=ACT)
def blow_whistle(gate: AtGate, request: Request, incident_id: Id, body: WhistleBody) -> WhistleView:
    """A township calls departments (吹哨); each must answer by its own clock."""
    with gate.person() as caller:
        minutes = request.app.state.settings.whistle_minutes
        whistle = blow.blow(acting(caller, request), incident_id, body.units, body.words, minutes)
        tell(caller, incident_id, whistle.area)
        return _views(caller, request, [whistle])[0]


@router.post("/whistles/{whistle_id}/answer", response_model=WhistleView, responses=ACT)
def answer_whistle(
    gate: AtGate, request: Request, whistle_id: Id, body: PresentBody
) -> WhistleView:
    """A department answers (报到); how long it took is kept."""
    with gate.person() as caller:
        whistle = blow.answer(acting(caller, request), whistle_id, body.words)
        tell(caller, whistle.incident, whistle.area)
        return _views(caller, request, [whistle])[0]
