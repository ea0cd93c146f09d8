"""HTTP of statutory replies and of linked incidents."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from chengshu.agencies.gate import AtGate
from chengshu.dispatch import read, relate, replies_read
from chengshu.dispatch.bodies import ACT, READ, Body, Id, OtherBody, ReasonBody, Words
from chengshu.dispatch.replies.model import ReplyAct
from chengshu.dispatch.replies_act import act_on
from chengshu.dispatch.replies_read import Reading, ReplyList
from chengshu.dispatch.request import actor, detail_of, names_of, office_of, tell_pages
from chengshu.dispatch.views import DetailView

router = APIRouter(prefix="/api/v1")


class ReplyBody(Body):
    """The reply to one reporter."""

    text: Words


class RelateBody(OtherBody):
    """The other incident, how it is linked, and why."""

    reason: Annotated[str, Field(min_length=1, max_length=1000)]
    kind: Literal["related", "recurrence"] = "related"


@router.get("/replies", response_model=ReplyList, responses=READ)
def list_replies(
    gate: AtGate,
    request: Request,
    is_open: Annotated[bool, Query(alias="open")] = True,
    overdue: bool | None = None,
    nature: Literal["complaint", "denunciation"] | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(max_length=200)] = "",
) -> ReplyList:
    """Statutory replies within the caller's scope: open ones soonest due first, settled ones newest first."""
    with gate.person() as caller:
        assert caller.unit is not None
        reading = Reading(office_of(request).replies, caller.person.role, caller.unit)
        return replies_read.listed(caller.conn, names_of(request), reading, caller.now, is_open=is_open,
                                   overdue=overdue, nature=nature or "", limit=limit, after=after)  # fmt: skip


def _act(gate: AtGate, request: Request, report_id: int, act: ReplyAct, words: str) -> DetailView:
    with gate.person() as caller:
        assert caller.unit is not None
        done = act_on(caller.conn, report_id, act, office_of(request), actor(caller), caller.person.role,
                      caller.unit, caller.now, words=words)  # fmt: skip
        tell_pages(caller, done.incident)
        return detail_of(caller, done.incident, request)


@router.post("/reports/{report_id}/accept", response_model=DetailView, responses=ACT)
def accept_report(gate: AtGate, request: Request, report_id: Id) -> DetailView:
    """Tell a complainant or denouncer that it is accepted (受理); answers the incident."""
    return _act(gate, request, report_id, ReplyAct.ACCEPT, "")


@router.post("/reports/{report_id}/decline", response_model=DetailView, responses=ACT)
def decline_report(gate: AtGate, request: Request, report_id: Id, body: ReasonBody) -> DetailView:
    """Tell her that it is not accepted (不予受理), and why."""
    return _act(gate, request, report_id, ReplyAct.DECLINE, body.reason)


@router.post("/reports/{report_id}/reply", response_model=DetailView, responses=ACT)
def reply_report(gate: AtGate, request: Request, report_id: Id, body: ReplyBody) -> DetailView:
    """Answer this one reporter (答复); her own reply, whatever the incident's common answer says."""
    return _act(gate, request, report_id, ReplyAct.REPLY, body.text)


@router.post("/incidents/{incident_id}/relate", response_model=DetailView, responses=ACT)
def relate_incident(
    gate: AtGate, request: Request, incident_id: Id, body: RelateBody
) -> DetailView:
    """Say that another incident has to do with this one and is not the same (关联)."""
    with gate.person(*read.desk_roles("relate")) as caller:
        relate.relate(caller.conn, incident_id, int(body.other), body.kind, actor(caller), caller.now,
                      body.reason)  # fmt: skip
        tell_pages(caller, int(body.other))
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)


@router.post("/incidents/{incident_id}/unrelate", response_model=DetailView, responses=ACT)
def unrelate_incident(
    gate: AtGate, request: Request, incident_id: Id, body: OtherBody
) -> DetailView:
    """Take a link back."""
    with gate.person(*read.desk_roles("relate")) as caller:
        relate.unrelate(
            caller.conn, incident_id, int(body.other), actor(caller), caller.now, body.reason
        )
        tell_pages(caller, int(body.other))
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)
