"""HTTP of disputes and rulings."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.disputes import store
from chengshu.dispatch.disputes_read import (
    AgendaView,
    DisputeList,
    DisputeView,
    Reading,
    ReturnView,
    RulingList,
    RulingView,
    order_of,
)
from chengshu.dispatch.disputes_rule import Verdict, revoke, rule
from chengshu.dispatch.request import actor, names_of, office_of, tell_pages
from chengshu.kit.errors import NotFound

router = APIRouter(prefix="/api/v1")

_UnitPath = Annotated[str, Field(min_length=1, max_length=120)]
_Word = Annotated[str, Field(max_length=40)]


class RuleBody(Body):
    """A verdict: who leads and who helps, why, by which rows and articles, and how far the rule reaches."""

    lead: _UnitPath
    assist: Annotated[list[_UnitPath], Field(max_length=10, default_factory=list)]
    reason: Annotated[str, Field(max_length=2000)]
    basis: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=10)]
    words: Annotated[list[_Word], Field(max_length=12, default_factory=list)]
    area: Annotated[str, Field(pattern=r"^[1-9]\d{14}$")] | None = None
    matter: Annotated[str, Field(max_length=80)] = ""
    meeting: date | None = None


class RevokeBody(Body):
    """Why a ruling is taken back."""

    reason: Annotated[str, Field(max_length=2000)]


def _reading(caller: Caller, request: Request) -> Reading:
    assert caller.unit is not None
    return Reading(caller.conn, names_of(request), office_of(request), caller.person.role, caller.unit,
                   caller.now)  # fmt: skip


@router.get("/orders/{order_id}/return", response_model=ReturnView, responses=READ)
def get_return(gate: AtGate, request: Request, order_id: Id) -> ReturnView:
    """What somebody must know who wants to hand an order back: until when, the row of the list, what follows."""
    with gate.person() as caller:
        return _reading(caller, request).returning(order_of(caller.conn, order_id))


@router.get("/disputes", response_model=DisputeList, responses=READ)
def list_disputes(
    gate: AtGate, request: Request, state: Literal["open", "ruled", "lapsed", "all"] = "open"
) -> DisputeList:
    """Disputes within the caller's scope, the open ones soonest due first."""
    with gate.person() as caller:
        items = _reading(caller, request).disputes(store.disputes(caller.conn, state))
        return DisputeList(items=items, total=len(items), as_of=caller.now)


@router.get("/disputes/agenda", response_model=AgendaView, responses=READ)
def get_agenda(gate: AtGate, request: Request) -> AgendaView:
    """The agenda of the meeting on hard cases (疑难工单会), made of the open disputes."""
    with gate.person() as caller:
        return _reading(caller, request).agenda()


@router.get("/disputes/{dispute_id}", response_model=DisputeView, responses=READ)
def get_dispute(gate: AtGate, request: Request, dispute_id: Id) -> DisputeView:
    """One dispute."""
    with gate.person() as caller:
        return _dispute(caller, request, dispute_id)


@router.post("/disputes/{dispute_id}/rule", response_model=DisputeView, responses=ACT)
def rule_dispute(gate: AtGate, request: Request, dispute_id: Id, body: RuleBody) -> DisputeView:
    """Rule on a dispute (裁定); the ruling is numbered and decides the next such case."""
    with gate.person() as caller:
        verdict = Verdict(body.lead, body.reason, body.basis, body.assist, body.words,
                          int(body.area) if body.area else None, body.matter, body.meeting)  # fmt: skip
        done = rule(caller.conn, dispute_id, verdict, office_of(request), actor(caller), caller.person.role,
                    caller.now)  # fmt: skip
        tell_pages(caller, done.ruling.incident, *done.orders)
        return _dispute(caller, request, dispute_id)


def _dispute(caller: Caller, request: Request, dispute_id: int) -> DisputeView:
    found = store.dispute(caller.conn, dispute_id)
    views = _reading(caller, request).disputes([found]) if found else []
    if not views:
        raise NotFound("争议", dispute_id)
    return views[0]


@router.get("/rulings", response_model=RulingList, responses=READ)
def list_rulings(
    gate: AtGate,
    request: Request,
    matter: Annotated[str, Query(max_length=80)] = "",
    active: bool | None = None,
    meeting: date | None = None,
) -> RulingList:
    """Rulings within the caller's scope, newest first."""
    with gate.person() as caller:
        found = store.listed(caller.conn, matter=matter, active=active, meeting=meeting)
        return RulingList(
            items=_reading(caller, request).rulings(found), total=len(found), as_of=caller.now
        )


@router.post("/rulings/{number}/revoke", response_model=RulingView, responses=ACT)
def revoke_ruling(
    gate: AtGate, request: Request, number: Annotated[str, Path(max_length=40)], body: RevokeBody
) -> RulingView:
    """Take a ruling back (撤销裁定), with the reason; it decides no further case."""
    with gate.person() as caller:
        done = revoke(
            caller.conn, number, body.reason, actor(caller), caller.person.role, caller.now
        )
        (view,) = _reading(caller, request).rulings([done])
        return view
