"""HTTP of reading two incidents side by side, and of taking an answer to a suggestion back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from chengshu.agencies.gate import AtGate
from chengshu.dispatch import beside, read, regroup
from chengshu.dispatch.beside import BesideView
from chengshu.dispatch.bodies import ACT, READ, Id, ReasonBody
from chengshu.dispatch.request import (
    _may_see,
    actor,
    detail_of,
    names_of,
    office_of,
    rules_of,
    tell_pages,
)
from chengshu.dispatch.views import DetailView
from chengshu.incidents import store as incident_store
from chengshu.incidents.refit import answers
from chengshu.kit.errors import Conflict, Invalid, NotFound

router = APIRouter(prefix="/api/v1")


@router.get("/suggestions/{suggestion_id}", response_model=BesideView, responses=READ)
def get_suggestion(gate: AtGate, request: Request, suggestion_id: Id) -> BesideView:
    """Both incidents of «maybe the same» beside each other, with what is shared marked."""
    with gate.person() as caller:
        known = incident_store.suggestion(caller.conn, suggestion_id)
        if known is None:
            raise NotFound("合并建议", suggestion_id)
        return beside.suggested(
            caller.conn, known, rules_of(request), names_of(request), caller.now
        )


@router.get("/incidents/{incident_id}/compare", response_model=BesideView, responses=READ)
def compare_incidents(
    gate: AtGate,
    request: Request,
    incident_id: Id,
    other: Annotated[str, Query(pattern=r"^\d{1,18}$")],
) -> BesideView:
    """Any two incidents beside each other, weighed now."""
    if int(other) == incident_id:
        raise Invalid("other", "不能与自己比较", "an incident cannot be compared with itself")
    with gate.person() as caller:
        return beside.chosen(
            caller.conn, incident_id, int(other), rules_of(request), names_of(request), caller.now
        )


@router.post("/suggestions/{suggestion_id}/reopen", response_model=DetailView, responses=ACT)
def reopen_suggestion(
    gate: AtGate, request: Request, suggestion_id: Id, body: ReasonBody
) -> DetailView:
    """Take the answer back: the suggestion is open again, and what it merged is apart again."""
    with gate.person(*read.desk_roles("merge")) as caller:
        regroup.hold(caller.conn)  # a batch must not wait for this suggestion meanwhile
        known = incident_store.suggestion(caller.conn, suggestion_id)
        if known is None or not _may_see(caller, known.other):
            raise NotFound("合并建议", suggestion_id)
        merged = incident_store.incidents(caller.conn, [known.incident])[known.incident]
        if known.state == "accepted" and merged.merged_into == known.other:  # opens it again, too
            regroup.undo(caller.conn, "merge", known.other, known.incident, rules_of(request), office_of(request),
                         actor(caller), caller.now, body.reason or "撤销采纳合并建议")  # fmt: skip
        elif not incident_store.reopen_suggestion(caller.conn, suggestion_id):
            raise Conflict(
                "这条合并建议还没有人答复", "nobody has answered this suggestion: it is open"
            )
        answers.forget(caller.conn, known.incident, known.other, caller.now)
        tell_pages(caller, known.incident)
        tell_pages(caller, known.other)
        return detail_of(caller, known.incident, request)
