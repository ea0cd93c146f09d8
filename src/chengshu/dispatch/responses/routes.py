"""HTTP of emergency responses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.joint.routes import acting
from chengshu.dispatch.request import names_of, tell_pages
from chengshu.dispatch.responses import declare, store
from chengshu.dispatch.responses.model import Declaration, Response, ResponseTask, TaskSpec
from chengshu.dispatch.responses.rules import MOST_TASKS, level_name
from chengshu.dispatch.workflow import LIVE, OrderStage, stage_name
from chengshu.kit.errors import NotFound

router = APIRouter(prefix="/api/v1")

_Short = Annotated[str, Field(max_length=120)]
_Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 30)]


class TaskBody(Body):
    """One row of the task table."""

    unit: Annotated[str, Field(min_length=1, max_length=120)]
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    acknowledge_min: _Minutes
    finish_min: _Minutes


class LevelBody(Body):
    """A declaration with the plan's table for this level; no level: it ends."""

    level: Annotated[int, Field(ge=1, le=4)] | None
    number: _Short
    signer: _Short
    declarer: _Short
    words: Annotated[str, Field(max_length=1000)] = ""
    tasks: Annotated[list[TaskBody], Field(max_length=MOST_TASKS, default_factory=list)]


class DeclareBody(LevelBody):
    """The first declaration, with the plan's name."""

    plan: Annotated[str, Field(max_length=200)]


class ResponseTaskView(BaseModel):
    """A task with its order's state."""

    nth: int
    unit: str
    unit_name: str
    unit_name_en: str
    text: str
    order: str
    order_number: str
    stage: str
    stage_name: str
    stage_name_en: str
    acknowledge_by: datetime | None
    acknowledged_at: datetime | None
    silent: bool = Field(description="not acknowledged in time")
    climbed: int
    finish_by: datetime | None
    overdue: bool


class LevelView(BaseModel):
    """One declaration."""

    level: int | None
    level_name: str
    number: str
    signer: str
    declarer: str
    words: str
    at: datetime
    actor: str


class ResponseView(BaseModel):
    """A response: its level, its tasks, how many have acknowledged."""

    id: str
    incident: str
    plan: str
    level: int
    level_name: str
    number: str
    signer: str
    declarer: str
    centre: str
    centre_name: str
    centre_name_en: str
    declared_at: datetime
    ended_at: datetime | None
    total: int
    acknowledged: int
    silent: int
    done: int
    ended: int
    tasks: list[ResponseTaskView]
    levels: list[LevelView]


class ResponseList(BaseModel):
    """Responses within the scope, the running ones first."""

    items: list[ResponseView]
    total: int
    as_of: datetime


_DONE = frozenset({OrderStage.HANDLED, OrderStage.VERIFIED, OrderStage.CLOSED})


def _silent(t: ResponseTask, now: datetime) -> bool:
    return (
        t.stage is OrderStage.ASSIGNED and t.acknowledge_by is not None and t.acknowledge_by <= now
    )


def _view(caller: Caller, request: Request, r: Response) -> ResponseView:
    names = names_of(request)
    tasks = store.tasks(caller.conn, r.id)
    views = []
    for t in tasks:
        stage, stage_en = stage_name(t.stage)
        views.append(ResponseTaskView(
            nth=t.nth, unit=t.unit, unit_name=names.unit(t.unit) or t.unit, unit_name_en=names.unit_en(t.unit) or t.unit,
            text=t.text, order=str(t.order), order_number=t.order_number, stage=t.stage, stage_name=stage,
            stage_name_en=stage_en, acknowledge_by=t.acknowledge_by, acknowledged_at=t.acknowledged_at,
            silent=_silent(t, caller.now), climbed=t.climbed, finish_by=t.finish_by,
            overdue=t.overdue or bool(t.stage in LIVE and t.finish_by and t.finish_by <= caller.now),
        ))  # fmt: skip
    return ResponseView(
        id=str(r.id), incident=str(r.incident), plan=r.plan, level=r.level, level_name=level_name(r.level), number=r.number,
        signer=r.signer, declarer=r.declarer, centre=r.centre, centre_name=names.unit(r.centre) or r.centre,
        centre_name_en=names.unit_en(r.centre) or r.centre, declared_at=r.declared_at, ended_at=r.ended_at,
        total=len(tasks), acknowledged=sum(t.acknowledged_at is not None for t in tasks),
        silent=sum(v.silent for v in views), done=sum(t.stage in _DONE for t in tasks),
        ended=sum(t.stage is OrderStage.WITHDRAWN for t in tasks), tasks=views,
        levels=[LevelView(level=d.level, level_name=level_name(d.level), number=d.number, signer=d.signer,
                          declarer=d.declarer, words=d.words, at=d.at, actor=d.actor)
                for d in store.levels(caller.conn, r.id)],
    )  # fmt: skip


def _said(body: LevelBody) -> tuple[Declaration, Sequence[TaskSpec]]:
    declaration = Declaration(body.level, body.number, body.signer, body.declarer, body.words)
    return declaration, [
        TaskSpec(t.unit, t.text, t.acknowledge_min, t.finish_min) for t in body.tasks
    ]


@router.get("/responses", response_model=ResponseList, responses=READ)
def list_responses(gate: AtGate, request: Request) -> ResponseList:
    """Emergency responses within the caller's scope; tasks are those whose orders she may see."""
    with gate.person() as caller:
        items = [_view(caller, request, r) for r in store.responses(caller.conn)]
        return ResponseList(items=items, total=len(items), as_of=caller.now)


@router.get("/responses/{response_id}", response_model=ResponseView, responses=READ)
def get_response(gate: AtGate, request: Request, response_id: Id) -> ResponseView:
    """One emergency response."""
    with gate.person() as caller:
        found = store.response(caller.conn, response_id)
        if found is None:
            raise NotFound("应急响应", response_id)
        return _view(caller, request, found)


@router.post("/incidents/{incident_id}/response", response_model=ResponseView, responses=ACT)
def declare_response(
    gate: AtGate, request: Request, incident_id: Id, body: DeclareBody
) -> ResponseView:
    """Declare a level (启动应急响应): every task of the table becomes an order at once, or none does."""
    with gate.person() as caller:
        declaration, tasks = _said(body)
        done = declare.declare(acting(caller, request), incident_id, body.plan, declaration, tasks)
        tell_pages(caller, incident_id, *done.orders)
        return _view(caller, request, done.response)


@router.post("/responses/{response_id}/level", response_model=ResponseView, responses=ACT)
def change_response(
    gate: AtGate, request: Request, response_id: Id, body: LevelBody
) -> ResponseView:
    """Raise, lower or end it (调整、终止响应): tasks that the new table lacks end in their order."""
    with gate.person() as caller:
        declaration, tasks = _said(body)
        done = declare.change(acting(caller, request), response_id, declaration, tasks)
        tell_pages(caller, done.response.incident, *done.orders)
        return _view(caller, request, done.response)
