"""HTTP of incidents: lists, one incident, the desk, merging by a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from chengshu.agencies.gate import AtGate
from chengshu.agencies.model import Role
from chengshu.dispatch import desk, lists, read, regroup, relate, store
from chengshu.dispatch.assign import assign
from chengshu.dispatch.bodies import (
    ACT,
    READ,
    AnswerBody,
    AssignBody,
    CorrectBody,
    Id,
    IncidentList,
    KeptView,
    OtherBody,
    Queue,
    QueueItem,
    ReasonBody,
    ReferBody,
    RefuseBody,
    ReportStateView,
    SplitBody,
    SuggestionBody,
    UndoView,
)
from chengshu.dispatch.replies.owe import owe_anew
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
from chengshu.incidents.model import Stage
from chengshu.intake import store as intake_store
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound

router = APIRouter(prefix="/api/v1")


# ------------------------------------------------------------------ reading
@router.get("/incidents", response_model=IncidentList, responses=READ)
def list_incidents(
    gate: AtGate,
    request: Request,
    stage: Annotated[list[str] | None, Query(max_length=12)] = None,
    state: Annotated[list[str] | None, Query(max_length=12)] = None,
    matter: Annotated[list[str] | None, Query(max_length=40)] = None,
    domain: Annotated[list[str] | None, Query(max_length=12)] = None,
    area: Annotated[str | None, Query(pattern=r"^[1-9]\d{14}$")] = None,
    unit: Annotated[str, Query(max_length=120)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    since: datetime | None = None,
    until: datetime | None = None,
    closed_since: datetime | None = None,
    order: Literal["opened", "due", "changed"] = "opened",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(max_length=200)] = "",
) -> IncidentList:
    """Incidents that match, within the caller's scope."""
    for name, moment in (("since", since), ("until", until), ("closed_since", closed_since)):
        if moment is not None and moment.tzinfo is None:
            raise Invalid(name, "时间要带时区", "the time needs a zone")
    with gate.person() as caller:
        wanted = lists.Wanted(
            stage or (), state or (), matter or (), domain or (), int(area) if area else None, unit,
            q.replace("\0", ""), since, until, closed_since, order, limit, after,
        )  # fmt: skip
        page = lists.incidents(caller.conn, wanted, caller.now)
        items = read.briefs(caller.conn, page.items, names_of(request), caller.now)
        return IncidentList(items=items, next=page.after, total=page.total, as_of=caller.now)


@router.get("/incidents/{incident_id}", response_model=DetailView, responses=READ)
def get_incident(gate: AtGate, request: Request, incident_id: Id) -> DetailView:
    """One incident with everything that belongs to it."""
    with gate.person() as caller:
        return detail_of(caller, incident_id, request)


@router.get("/reports/{report_id}", response_model=ReportStateView, responses=READ)
def get_report(gate: AtGate, report_id: Id) -> ReportStateView:
    """What became of a report: it waits to be decided, or belongs to an incident.

    A report may be done and its incident null: it lies where the caller may not look.
    """
    with gate.person() as caller:
        report = next(iter(intake_store.reports(caller.conn, [report_id])), None)
        if report is None:
            raise NotFound("线索", report_id)
        decided, home = incident_store.home_of(caller.conn, report_id)
        incident = None if home is None else incident_store.incidents(caller.conn, [home]).get(home)
        return ReportStateView(
            id=str(report.id), channel=report.channel, said_at=report.said_at,
            state="done" if decided else "waiting", incident=str(incident.id) if incident else None,
            number=incident.number if incident else None,
        )  # fmt: skip


@router.get("/queue", response_model=Queue, responses=READ)
def get_queue(
    gate: AtGate, request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Queue:
    """What waits for a dispatcher: danger, then urgency, then age."""
    with gate.person(Role.DISPATCHER, Role.SUPERVISOR, Role.CALL_TAKER, Role.LEADER) as caller:
        found, total = lists.queue(caller.conn, limit)
        tops = {
            p.incident: read.proposal_view(p, names_of(request))
            for p in store.proposals(caller.conn, [i.id for i in found], top_only=True)
        }
        items = [
            QueueItem(
                **view.model_dump(),
                top=tops.get(i.id),
                waiting_s=max(int((caller.now - i.opened_at).total_seconds()), 0),
            )
            for i, view in zip(
                found, read.briefs(caller.conn, found, names_of(request), caller.now), strict=True
            )
        ]
        return Queue(items=items, total=total, as_of=caller.now)


# ------------------------------------------------------------------ the desk
@router.post("/incidents/{incident_id}/assign", response_model=DetailView, responses=ACT)
def assign_incident(
    gate: AtGate, request: Request, incident_id: Id, body: AssignBody
) -> DetailView:
    """Give an incident to a unit."""
    with gate.person(*read.desk_roles("assign")) as caller:
        incident = incident_store.locked(caller.conn, incident_id)
        if incident is None:
            raise NotFound("事件", incident_id)
        order = assign(caller.conn, incident, body.unit, office_of(request), actor(caller), caller.now,
                       instruction=body.instruction, reason=body.reason, lead=body.lead)  # fmt: skip
        tell_pages(caller, incident_id, order.id)
        return detail_of(caller, incident_id, request)


def _settle(gate: AtGate, request: Request, incident_id: int, verb: str, to: Stage, words: str, basis: str,
            target: str = "", *, reply_all: bool = False) -> DetailView:  # fmt: skip
    with gate.person(*read.desk_roles(verb)) as caller:
        desk.settle(
            caller.conn,
            incident_id,
            to,
            actor(caller),
            caller.now,
            words=words,
            basis=basis,
            target=target,
            reply_all=reply_all,
        )
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)


@router.post("/incidents/{incident_id}/answer", response_model=DetailView, responses=ACT)
def answer_incident(
    gate: AtGate, request: Request, incident_id: Id, body: AnswerBody
) -> DetailView:
    """Answer at the desk (直接答复): closes with answer and source."""
    return _settle(gate, request, incident_id, "answer", Stage.ANSWERED, body.answer, body.source,
                   reply_all=body.reply_all)  # fmt: skip


@router.post("/incidents/{incident_id}/refuse", response_model=DetailView, responses=ACT)
def refuse_incident(
    gate: AtGate, request: Request, incident_id: Id, body: RefuseBody
) -> DetailView:
    """Do not take on (不予受理): needs a rule and a notice."""
    return _settle(gate, request, incident_id, "refuse", Stage.REFUSED, body.notice, body.rule)


@router.post("/incidents/{incident_id}/refer", response_model=DetailView, responses=ACT)
def refer_incident(gate: AtGate, request: Request, incident_id: Id, body: ReferBody) -> DetailView:
    """Show the way to petition, discipline or judiciary."""
    return _settle(
        gate, request, incident_id, "refer", Stage.REFERRED, body.notice, body.rule, body.to
    )


@router.post("/incidents/{incident_id}/void", response_model=DetailView, responses=ACT)
def void_incident(gate: AtGate, request: Request, incident_id: Id, body: ReasonBody) -> DetailView:
    """Void (作废), with the reason."""
    return _settle(gate, request, incident_id, "void", Stage.VOID, body.reason, "")


@router.post("/incidents/{incident_id}/correct", response_model=DetailView, responses=ACT)
def correct_incident(
    gate: AtGate, request: Request, incident_id: Id, body: CorrectBody
) -> DetailView:
    """Correct what was understood; units are proposed anew."""
    area = int(body.area) if body.area else None
    if area is not None and not request.app.state.world.locator.knows(area):
        raise Invalid("area", f"没有这个区域：{area}", f"there is no area {area}")
    with gate.person(*read.desk_roles("correct")) as caller:
        if area is not None and caller.scope.span and not caller.scope.may_include(area):
            raise Forbidden(
                "只能改到本辖区之内；属于其他辖区的请由上级中心更正",
                "the place may only become one of your own area: ask the centre above for others",
            )
        tell_pages(caller, incident_id)  # where it lay before: those pages lose it
        desk.correct(caller.conn, incident_id, office_of(request), actor(caller), caller.now, matter=body.matter,
                     area=area, place=body.place, lon=body.lon, lat=body.lat, urgency=body.urgency,
                     danger=body.danger, reason=body.reason)  # fmt: skip
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)


# ------------------------------------------------------------------ merging by a person
@router.post("/incidents/{incident_id}/merge", response_model=DetailView, responses=ACT)
def merge_incident(gate: AtGate, request: Request, incident_id: Id, body: OtherBody) -> DetailView:
    """Make the other incident part of this one."""
    with gate.person(*read.desk_roles("merge")) as caller:
        regroup.merge(
            caller.conn,
            incident_id,
            int(body.other),
            rules_of(request),
            actor(caller),
            caller.now,
            body.reason,
        )
        tell_pages(caller, int(body.other))
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)


@router.post("/incidents/{incident_id}/unmerge", response_model=DetailView, responses=ACT)
def unmerge_incident(
    gate: AtGate, request: Request, incident_id: Id, body: OtherBody
) -> DetailView:
    """Take a merge back."""
    with gate.person(*read.desk_roles("unmerge")) as caller:
        regroup.undo(caller.conn, "merge", incident_id, int(body.other), rules_of(request), office_of(request),
                     actor(caller), caller.now, body.reason)  # fmt: skip
        tell_pages(caller, int(body.other))
        tell_pages(caller, incident_id)
        return detail_of(caller, incident_id, request)


@router.get("/incidents/{incident_id}/undo", response_model=UndoView, responses=READ)
def preview_undo(
    gate: AtGate,
    request: Request,
    incident_id: Id,
    other: Annotated[str | None, Query(pattern=r"^\d{1,18}$")] = None,
    verb: Literal["merge", "split"] | None = None,
) -> UndoView:
    """What undoing this incident's last merge or split (that `verb`, with `other`) would not move back, and why."""
    with gate.person(*read.desk_roles("unmerge")) as caller:
        try:
            act, plan = regroup.look(caller.conn, incident_id, int(other) if other else None, verb,
                                     rules_of(request), office_of(request), caller.now)  # fmt: skip
        except Conflict as refusal:
            return UndoView(possible=False, why_not=refusal.chinese, why_not_en=refusal.english)
        kept = [
            KeptView(what=k.what, because=k.because, because_en=k.because_en) for k in plan.kept
        ]
        return UndoView(
            possible=True, verb=act.verb, lead=str(act.lead), other=str(act.other), kept=kept
        )


@router.post("/incidents/{incident_id}/split", response_model=DetailView, responses=ACT)
def split_incident(gate: AtGate, request: Request, incident_id: Id, body: SplitBody) -> DetailView:
    """Take one or several reports out into an incident of their own; answers the new incident."""
    with gate.person(*read.desk_roles("split")) as caller:
        chosen = {int(r) for r in (*body.reports, *([body.report] if body.report else ()))}
        fresh = regroup.split(caller.conn, incident_id, sorted(chosen), rules_of(request), office_of(request),
                              actor(caller), caller.now, body.reason)  # fmt: skip
        owe_anew(
            caller.conn, fresh, office_of(request).replies, office_of(request).calendar, caller.now
        )
        tell_pages(caller, incident_id)
        tell_pages(caller, fresh)
        return detail_of(caller, fresh, request)


@router.post("/incidents/{incident_id}/unsplit", response_model=DetailView, responses=ACT)
def unsplit_incident(
    gate: AtGate, request: Request, incident_id: Id, body: OtherBody
) -> DetailView:
    """Give what was split off back to `other`, which it came from; answers that one."""
    with gate.person(*read.desk_roles("unmerge")) as caller:
        origin = int(body.other)
        regroup.undo(caller.conn, "split", origin, incident_id, rules_of(request), office_of(request),
                     actor(caller), caller.now, body.reason)  # fmt: skip
        tell_pages(caller, incident_id)
        tell_pages(caller, origin)
        return detail_of(caller, origin, request)


@router.post("/suggestions/{suggestion_id}", response_model=DetailView, responses=ACT)
def answer_suggestion(
    gate: AtGate, request: Request, suggestion_id: Id, body: SuggestionBody
) -> DetailView:
    """Accept «maybe the same» (merges) or refuse it; answers the leading incident."""
    with gate.person(*read.desk_roles("merge")) as caller:
        if body.accept:
            regroup.hold(caller.conn)  # a batch must not wait for this suggestion meanwhile
        known = incident_store.suggestion(caller.conn, suggestion_id)
        if known is None or not _may_see(caller, known.other):
            raise NotFound("合并建议", suggestion_id)
        found = incident_store.answer_suggestion(
            caller.conn, suggestion_id, "accepted" if body.accept else "refused"
        )
        if found is None:
            raise Conflict(
                "这条合并建议已有人答复，请刷新",
                "somebody answered this suggestion already: reload the incident",
            )
        if body.accept:
            regroup.merge(caller.conn, found.other, found.incident, rules_of(request), actor(caller), caller.now,
                          body.reason or "采纳合并建议", asked=True)  # fmt: skip
        else:
            regroup.refused(
                caller.conn,
                found.incident,
                found.other,
                rules_of(request),
                actor(caller),
                caller.now,
            )
        if body.relate and not body.accept:
            relate.relate(caller.conn, found.incident, found.other, "related", actor(caller), caller.now,
                          body.reason or "不是同一件，但有关联")  # fmt: skip
        tell_pages(caller, found.incident)
        tell_pages(caller, found.other)
        return detail_of(caller, found.other, request)
