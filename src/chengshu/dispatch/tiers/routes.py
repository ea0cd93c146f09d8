"""HTTP of passing incidents between the tiers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from chengshu.agencies.gate import AtGate
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.joint.routes import acting
from chengshu.dispatch.request import names_of, tell_pages
from chengshu.dispatch.tiers import store
from chengshu.dispatch.tiers.model import Passing, PassKind
from chengshu.dispatch.tiers.passing_on import pass_on
from chengshu.dispatch.tiers.rules import NAMES
from chengshu.dispatch.views import Names
from chengshu.incidents import store as incident_store
from chengshu.kit.errors import NotFound

router = APIRouter(prefix="/api/v1")


class PassBody(Body):
    """How, to whom, why; giving back needs no `to`."""

    kind: PassKind
    to: Annotated[str, Field(max_length=120)] = ""
    reason: Annotated[str, Field(max_length=1000)]


class PassingView(BaseModel):
    """One time that the incident was passed."""

    kind: PassKind
    kind_name: str
    kind_name_en: str
    giver: str
    giver_name: str
    giver_name_en: str
    taker: str
    taker_name: str
    taker_name_en: str
    reason: str
    at: datetime
    actor: str


def _view(p: Passing, names: Names) -> PassingView:
    name, name_en = NAMES[p.kind]
    return PassingView(
        kind=p.kind, kind_name=name, kind_name_en=name_en, giver=p.giver, giver_name=names.unit(p.giver) or p.giver,
        giver_name_en=names.unit_en(p.giver) or p.giver, taker=p.taker, taker_name=names.unit(p.taker) or p.taker,
        taker_name_en=names.unit_en(p.taker) or p.taker, reason=p.reason, at=p.at, actor=p.actor,
    )  # fmt: skip


@router.get("/incidents/{incident_id}/passings", response_model=list[PassingView], responses=READ)
def list_passings(gate: AtGate, request: Request, incident_id: Id) -> list[PassingView]:
    """How the incident went between centres, oldest first."""
    with gate.person() as caller:
        if incident_id not in incident_store.incidents(caller.conn, [incident_id]):
            raise NotFound("事件", incident_id)
        return [_view(p, names_of(request)) for p in store.passings(caller.conn, incident_id)]


@router.post("/incidents/{incident_id}/pass", response_model=list[PassingView], responses=ACT)
def pass_incident(
    gate: AtGate, request: Request, incident_id: Id, body: PassBody
) -> list[PassingView]:
    """Hand down, up or across, take over, give back (交办 上报 移交 提级办理 交回)."""
    with gate.person() as caller:
        passing = pass_on(acting(caller, request), incident_id, body.kind, body.to, body.reason)
        tell_pages(caller, incident_id, *([passing.order] if passing.order else []))
        return [_view(p, names_of(request)) for p in store.passings(caller.conn, incident_id)]
