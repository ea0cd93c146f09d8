"""HTTP of kinds: what an incident is, who may know of it, the report to the leader."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.dispatch import kinds_act
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.kinds import store
from chengshu.dispatch.kinds.model import OrderKind
from chengshu.dispatch.kinds_read import KindView, PersonView, kind_view, person_view
from chengshu.dispatch.request import actor, names_of, office_of, tell_pages
from chengshu.kit.errors import Invalid

router = APIRouter(prefix="/api/v1")

_Account = Annotated[str, Field(pattern=r"^\d{1,18}$")]


class KindBody(Body):
    """What an incident is: a leader's instruction needs leader, words and time limit; one from above its number."""

    kind: Literal["urgent", "passed_down", "leader", "confidential"]
    leader: Annotated[str, Field(max_length=80)] = ""
    post: Annotated[str, Field(max_length=120)] = ""
    words: Annotated[str, Field(max_length=5000)] = ""
    instructed_at: datetime | None = None
    due_at: datetime | None = None
    upper_number: Annotated[str, Field(max_length=80)] | None = None
    named: Annotated[list[_Account], Field(max_length=40, default_factory=list)]
    restricted: bool = True


class NamedBody(Body):
    """Further people who may know."""

    accounts: Annotated[list[_Account], Field(min_length=1, max_length=40)]


class UnnameBody(Body):
    """Whose name is taken back."""

    account: _Account


class LeaderReportBody(Body):
    """What the leader is told of what came of the instruction."""

    words: Annotated[str, Field(max_length=5000)]


def _view(caller: Caller, request: Request, incident_id: int) -> KindView:
    return kind_view(
        caller.conn, incident_id, office_of(request).kinds, names_of(request), caller.person.role
    )


@router.get("/incidents/{incident_id}/kind", response_model=KindView, responses=READ)
def get_kind(gate: AtGate, request: Request, incident_id: Id) -> KindView:
    """What an incident is treated as: kind, number, leader, marks, and for those named who else is."""
    with gate.person() as caller:
        return _view(caller, request, incident_id)


@router.post("/incidents/{incident_id}/kind", response_model=KindView, responses=ACT)
def set_kind(gate: AtGate, request: Request, incident_id: Id, body: KindBody) -> KindView:
    """Say what an incident is (定件类): it gets a number, and a clock that caps its orders'."""
    for name, moment in (("due_at", body.due_at), ("instructed_at", body.instructed_at)):
        if moment is not None and moment.tzinfo is None:
            raise Invalid(name, "时间要带时区", "the time needs a zone")
    with gate.person() as caller:
        wish = kinds_act.Wish(
            OrderKind(body.kind), body.leader, body.post, body.words, body.instructed_at, body.due_at,
            body.upper_number, [int(a) for a in body.named], body.restricted,
        )  # fmt: skip
        kinds_act.classify(caller.conn, incident_id, wish, office_of(request), actor(caller), caller.person.role,
                           caller.now)  # fmt: skip
        tell_pages(caller, incident_id)
        return _view(caller, request, incident_id)


@router.post("/incidents/{incident_id}/named", response_model=KindView, responses=ACT)
def name_people(gate: AtGate, request: Request, incident_id: Id, body: NamedBody) -> KindView:
    """Name further people who may know of an incident that is kept from others."""
    with gate.person() as caller:
        kinds_act.name_people(caller.conn, incident_id, [int(a) for a in body.accounts], actor(caller),
                              caller.person.role, caller.now)  # fmt: skip
        tell_pages(caller, incident_id)
        return _view(caller, request, incident_id)


@router.post("/incidents/{incident_id}/unname", response_model=KindView, responses=ACT)
def unname_person(gate: AtGate, request: Request, incident_id: Id, body: UnnameBody) -> KindView:
    """Take a name back; nobody takes back her own."""
    with gate.person() as caller:
        kinds_act.unname(
            caller.conn,
            incident_id,
            int(body.account),
            actor(caller),
            caller.person.role,
            caller.now,
        )
        tell_pages(caller, incident_id)
        return _view(caller, request, incident_id)


@router.post("/incidents/{incident_id}/leader-report", response_model=KindView, responses=ACT)
def report_to_leader(
    gate: AtGate, request: Request, incident_id: Id, body: LeaderReportBody
) -> KindView:
    """Report to the leader what came of the instruction (专报)."""
    with gate.person() as caller:
        kinds_act.report_to_leader(caller.conn, incident_id, body.words, actor(caller), caller.person.role,
                                   caller.now)  # fmt: skip
        tell_pages(caller, incident_id)
        return _view(caller, request, incident_id)


@router.get("/people", response_model=list[PersonView], responses=READ)
def list_people(
    gate: AtGate, request: Request, unit: Annotated[str, Query(min_length=1, max_length=120)]
) -> list[PersonView]:
    """People of the caller's unit or of one under it, to be named or given an order."""
    with gate.person() as caller:
        return [person_view(p, names_of(request)) for p in store.people(caller.conn, unit)]
