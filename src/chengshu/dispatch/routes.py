"""HTTP of incidents and orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role
from chengshu.dispatch import desk, handle, lists, read, regroup, store
from chengshu.dispatch.assign import Actor, Office, assign
from chengshu.dispatch.views import DetailView, IncidentView, Names, OrderView, ProposalView
from chengshu.dispatch.workflow import Verb
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Rules
from chengshu.incidents.model import Stage
from chengshu.kit import outbox
from chengshu.kit.errors import Forbidden, Invalid, NotFound
from chengshu.kit.problem import problems

router = APIRouter(prefix="/api/v1")

Id = Annotated[int, Path(ge=0, lt=2**63)]
Words = Annotated[str, Field(min_length=1, max_length=5000)]
_READ = problems(401, 403, 404, 422)
_ACT = problems(400, 401, 403, 404, 409, 422)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AssignBody(_Body):
    """Give an incident to a unit."""

    unit: Annotated[str, Field(min_length=1, max_length=120)]
    instruction: Annotated[str, Field(max_length=2000)] = ""
    reason: Annotated[str, Field(max_length=1000)] = ""


class AnswerBody(_Body):
    """Answer at the desk, with the source of the answer."""

    answer: Words
    source: Annotated[str, Field(min_length=1, max_length=500)]


class RefuseBody(_Body):
    """Not taken on, with the rule."""

    rule: Annotated[str, Field(min_length=1, max_length=500)]
    notice: Words


class ReferBody(RefuseBody):
    """Another way is right: petition, discipline or judiciary."""

    to: Literal["petition", "discipline", "judiciary"]


class ReasonBody(_Body):
    """Why."""

    reason: Annotated[str, Field(max_length=1000)] = ""


class CorrectBody(_Body):
    """What was understood wrongly."""

    matter: Annotated[str, Field(max_length=80)] | None = None
    area: Annotated[str, Field(pattern=r"^\d{15}$")] | None = None
    place: Annotated[str, Field(max_length=300)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    urgency: Annotated[int, Field(ge=1, le=3)] | None = None
    danger: bool | None = None
    reason: Annotated[str, Field(max_length=1000)] = ""


class OtherBody(_Body):
    """The other incident."""

    other: Annotated[str, Field(pattern=r"^\d{1,18}$")]
    reason: Annotated[str, Field(max_length=1000)] = ""


class SplitBody(_Body):
    """Which report is taken out."""

    report: Annotated[str, Field(pattern=r"^\d{1,18}$")]
    reason: Annotated[str, Field(max_length=1000)] = ""


class SuggestionBody(_Body):
    """A person's answer to «maybe the same»."""

    accept: bool
    reason: Annotated[str, Field(max_length=1000)] = ""


class ActBody(_Body):
    """What is said with a verb: the reply, the reason, the finding."""

    reason: Annotated[str, Field(max_length=5000)] = ""
    reply: Annotated[str, Field(max_length=5000)] = ""
    reason_code: Literal["not_my_matter", "not_my_area", "not_my_power"] | None = None
    ok: bool = True
    attachments: Annotated[
        list[Annotated[str, Field(pattern=r"^\d{1,18}$")]], Field(max_length=12)
    ] = []


class IncidentList(BaseModel):
    """One page of incidents."""

    items: list[IncidentView]
    next: str | None
    total: int
    as_of: datetime


class OrderList(BaseModel):
    """One page of orders."""

    items: list[OrderView]
    next: str | None
    total: int
    as_of: datetime


class OrderDetail(OrderView):
    """An order with its incident."""

    incident_detail: DetailView


class QueueItem(IncidentView):
    """What waits for a dispatcher, with the best proposal."""

    top: ProposalView | None
    waiting_s: int


class Queue(BaseModel):
    """The dispatcher's queue."""

    items: list[QueueItem]
    total: int
    as_of: datetime


class NoticeView(BaseModel):
    """What a unit was told."""

    id: str
    text: str
    at: datetime
    incident: str | None
    read: bool


def names_of(request: Request) -> Names:
    """Names of areas, units and matters."""
    names: Names = request.app.state.names
    return names


def rules_of(request: Request) -> Rules:
    """Merging's rules."""
    rules: Rules = request.app.state.world.rules
    return rules


def office_of(request: Request) -> Office:
    """Dispatch's rules."""
    office: Office = request.app.state.world.office
    return office


def actor(caller: Caller) -> Actor:
    """Who acts, for the history."""
    unit = caller.unit.unit if caller.unit else ""
    return Actor(caller.person.id, caller.person.name, unit, caller.address)


def _detail(caller: Caller, incident_id: int, request: Request) -> DetailView:
    assert caller.unit is not None
    return read.detail(
        caller.conn,
        incident_id,
        rules_of(request),
        names_of(request),
        caller.person.role,
        caller.unit,
        caller.now,
    )


def _changed(caller: Caller, incident_id: int, *orders: int) -> None:
    found = incident_store.incidents(caller.conn, [incident_id]).get(incident_id)
    area = found.area if found else 0
    outbox.changed(caller.conn, "incident", incident_id, area)
    for order in orders:
        outbox.changed(caller.conn, "order", order, area)


def _may_see(caller: Caller, incident_id: int) -> bool:
    return incident_id in incident_store.incidents(caller.conn, [incident_id])


# ------------------------------------------------------------------ reading
@router.get("/incidents", response_model=IncidentList, responses=_READ)
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
    order: Literal["opened", "due", "changed"] = "opened",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(max_length=200)] = "",
) -> IncidentList:
    """Incidents that match, within the caller's scope."""
    for name, moment in (("since", since), ("until", until)):
        if moment is not None and moment.tzinfo is None:
            raise Invalid(name, "时间要带时区", "the time needs a zone")
    with gate.person() as caller:
        wanted = lists.Wanted(
            stage or (), state or (), matter or (), domain or (), int(area) if area else None, unit,
            q.replace("\0", ""), since, until, order, limit, after,
        )  # fmt: skip
        page = lists.incidents(caller.conn, wanted, caller.now)
        items = read.briefs(caller.conn, page.items, names_of(request), caller.now)
        return IncidentList(items=items, next=page.after, total=page.total, as_of=caller.now)


@router.get("/incidents/{incident_id}", response_model=DetailView, responses=_READ)
def get_incident(gate: AtGate, request: Request, incident_id: Id) -> DetailView:
    """One incident with everything that belongs to it."""
    with gate.person() as caller:
        return _detail(caller, incident_id, request)


@router.get("/queue", response_model=Queue, responses=_READ)
def get_queue(
    gate: AtGate, request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Queue:
    """What waits for a dispatcher: danger, then urgency, then age."""
    with gate.person(Role.DISPATCHER, Role.SUPERVISOR, Role.CALL_TAKER, Role.LEADER) as caller:
        found, total = lists.queue(caller.conn, limit)
        tops = {
            p.incident: ProposalView.model_validate(
                {
                    "rank": p.rank,
                    "unit": p.unit,
                    "unit_name": p.unit_name,
                    "probability": p.probability,
                    "clues": p.clues,
                }
            )
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


@router.get("/orders", response_model=OrderList, responses=_READ)
def list_orders(
    gate: AtGate,
    request: Request,
    box: Literal["inbox", "verify", "verified", "overdue", "done", "all"] = "inbox",
    mine: bool = True,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(max_length=200)] = "",
) -> OrderList:
    """Orders of a box; `mine` shows only those of the caller's own unit."""
    with gate.person() as caller:
        assert caller.unit is not None
        own = caller.unit.unit if mine and caller.person.role is Role.HANDLER else ""
        orders, total, mark = lists.orders(caller.conn, box, own, limit, after)
        items = read.order_views(
            caller.conn, orders, names_of(request), caller.person.role, caller.unit
        )
        return OrderList(items=items, next=mark, total=total, as_of=caller.now)


@router.get("/orders/{order_id}", response_model=OrderDetail, responses=_READ)
def get_order(gate: AtGate, request: Request, order_id: Id) -> OrderDetail:
    """One order with its incident."""
    with gate.person() as caller:
        assert caller.unit is not None
        order = store.order(caller.conn, order_id)
        if order is None:
            raise NotFound("工单", order_id)
        (view,) = read.order_views(
            caller.conn, [order], names_of(request), caller.person.role, caller.unit
        )
        return OrderDetail(
            **view.model_dump(), incident_detail=_detail(caller, order.incident, request)
        )


@router.get("/notices", response_model=list[NoticeView], responses=_READ)
def list_notices(gate: AtGate, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> list[NoticeView]:
    """What the caller's unit was told, newest first."""
    with gate.person() as caller:
        rows = store.notices(caller.conn, caller.person.unit, limit)
        return [
            NoticeView(
                id=str(r[0]), text=r[1], at=r[2], incident=str(r[3]) if r[3] else None, read=r[4]
            )
            for r in rows
        ]


@router.post("/notices/read", status_code=204, responses=problems(401, 403))
def read_notices(gate: AtGate) -> None:
    """Mark the unit's notices as read."""
    with gate.person() as caller:
        store.read_notices(caller.conn, caller.person.unit, caller.now)


# ------------------------------------------------------------------ the desk
@router.post("/incidents/{incident_id}/assign", response_model=DetailView, responses=_ACT)
def assign_incident(
    gate: AtGate, request: Request, incident_id: Id, body: AssignBody
) -> DetailView:
    """Give an incident to a unit."""
    with gate.person(*read.desk_roles("assign")) as caller:
        incident = incident_store.locked(caller.conn, incident_id)
        if incident is None:
            raise NotFound("事件", incident_id)
        order = assign(caller.conn, incident, body.unit, office_of(request), actor(caller), caller.now,
                       instruction=body.instruction, reason=body.reason)  # fmt: skip
        _changed(caller, incident_id, order.id)
        return _detail(caller, incident_id, request)


def _settle(gate: AtGate, request: Request, incident_id: int, verb: str, to: Stage, words: str, basis: str,
            target: str = "") -> DetailView:  # fmt: skip
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
        )
        _changed(caller, incident_id)
        return _detail(caller, incident_id, request)


@router.post("/incidents/{incident_id}/answer", response_model=DetailView, responses=_ACT)
def answer_incident(
    gate: AtGate, request: Request, incident_id: Id, body: AnswerBody
) -> DetailView:
    """Answer at the desk (直接答复): closes with answer and source."""
    return _settle(gate, request, incident_id, "answer", Stage.ANSWERED, body.answer, body.source)


@router.post("/incidents/{incident_id}/refuse", response_model=DetailView, responses=_ACT)
def refuse_incident(
    gate: AtGate, request: Request, incident_id: Id, body: RefuseBody
) -> DetailView:
    """Do not take on (不予受理): needs a rule and a notice."""
    return _settle(gate, request, incident_id, "refuse", Stage.REFUSED, body.notice, body.rule)


@router.post("/incidents/{incident_id}/refer", response_model=DetailView, responses=_ACT)
def refer_incident(gate: AtGate, request: Request, incident_id: Id, body: ReferBody) -> DetailView:
    """Show the way to petition, discipline or judiciary."""
    return _settle(
        gate, request, incident_id, "refer", Stage.REFERRED, body.notice, body.rule, body.to
    )


@router.post("/incidents/{incident_id}/void", response_model=DetailView, responses=_ACT)
def void_incident(gate: AtGate, request: Request, incident_id: Id, body: ReasonBody) -> DetailView:
    """Void (作废), with the reason."""
    return _settle(gate, request, incident_id, "void", Stage.VOID, body.reason, "")


@router.post("/incidents/{incident_id}/correct", response_model=DetailView, responses=_ACT)
def correct_incident(
    gate: AtGate, request: Request, incident_id: Id, body: CorrectBody
) -> DetailView:
    """Correct what was understood; units are proposed anew."""
    area = int(body.area) if body.area else None
    if area is not None and not request.app.state.world.locator.knows(area):
        raise Invalid("area", f"没有这个区域:{area}", f"there is no area {area}")
    with gate.person(*read.desk_roles("correct")) as caller:
        if area is not None and caller.scope.span and not caller.scope.may_include(area):
            raise Forbidden(
                "只能改到本辖区之内;属于其他辖区的请由上级中心更正",
                "the place may only become one of your own area: ask the centre above for others",
            )
        _changed(caller, incident_id)  # where it lay before: those pages lose it
        desk.correct(caller.conn, incident_id, office_of(request), actor(caller), caller.now, matter=body.matter,
                     area=area, place=body.place, lon=body.lon, lat=body.lat, urgency=body.urgency,
                     danger=body.danger, reason=body.reason)  # fmt: skip
        _changed(caller, incident_id)
        return _detail(caller, incident_id, request)


# ------------------------------------------------------------------ merging by a person
@router.post("/incidents/{incident_id}/merge", response_model=DetailView, responses=_ACT)
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
        _changed(caller, int(body.other))
        _changed(caller, incident_id)
        return _detail(caller, incident_id, request)


@router.post("/incidents/{incident_id}/unmerge", response_model=DetailView, responses=_ACT)
def unmerge_incident(
    gate: AtGate, request: Request, incident_id: Id, body: OtherBody
) -> DetailView:
    """Take a merge back."""
    with gate.person(*read.desk_roles("merge")) as caller:
        regroup.unmerge(
            caller.conn,
            incident_id,
            int(body.other),
            rules_of(request),
            actor(caller),
            caller.now,
            body.reason,
        )
        _changed(caller, int(body.other))
        _changed(caller, incident_id)
        return _detail(caller, incident_id, request)


@router.post("/incidents/{incident_id}/split", response_model=DetailView, responses=_ACT)
def split_incident(gate: AtGate, request: Request, incident_id: Id, body: SplitBody) -> DetailView:
    """Take one report out into an incident of its own; answers the new incident."""
    with gate.person(*read.desk_roles("split")) as caller:
        fresh = regroup.split(caller.conn, incident_id, int(body.report), rules_of(request), office_of(request),
                              actor(caller), caller.now, body.reason)  # fmt: skip
        _changed(caller, incident_id)
        _changed(caller, fresh)
        return _detail(caller, fresh, request)


@router.post("/suggestions/{suggestion_id}", response_model=DetailView, responses=_ACT)
def answer_suggestion(
    gate: AtGate, request: Request, suggestion_id: Id, body: SuggestionBody
) -> DetailView:
    """Accept «maybe the same» (merges) or refuse it; answers the leading incident."""
    with gate.person(*read.desk_roles("merge")) as caller:
        found = incident_store.answer_suggestion(
            caller.conn, suggestion_id, "accepted" if body.accept else "refused"
        )
        if found is None or not _may_see(caller, found.other):
            raise NotFound("合并建议", suggestion_id)
        if body.accept:
            regroup.merge(caller.conn, found.other, found.incident, rules_of(request), actor(caller), caller.now,
                          body.reason or "采纳合并建议")  # fmt: skip
        _changed(caller, found.incident)
        _changed(caller, found.other)
        return _detail(caller, found.other, request)


# ------------------------------------------------------------------ orders
def _act(gate: AtGate, request: Request, order_id: int, verb: Verb, words: str, code: str = "",
         attachments: list[str] | None = None) -> OrderDetail:  # fmt: skip
    with gate.person() as caller:
        assert caller.unit is not None
        done = handle.act(caller.conn, order_id, verb, office_of(request), actor(caller), caller.person.role, caller.unit,
                          caller.now, words=words, code=code, attachments=[int(a) for a in attachments or ()])  # fmt: skip
        outbox.changed(caller.conn, "incident", done.order.incident, done.incident_area)
        outbox.changed(caller.conn, "order", order_id, done.incident_area)
        order = store.order(caller.conn, order_id)
        assert order is not None
        (view,) = read.order_views(
            caller.conn, [order], names_of(request), caller.person.role, caller.unit
        )
        return OrderDetail(
            **view.model_dump(), incident_detail=_detail(caller, order.incident, request)
        )


@router.post("/orders/{order_id}/sign", response_model=OrderDetail, responses=_ACT)
def sign_order(gate: AtGate, request: Request, order_id: Id) -> OrderDetail:
    """Sign for an order (签收)."""
    return _act(gate, request, order_id, Verb.SIGN, "")


@router.post("/orders/{order_id}/return", response_model=OrderDetail, responses=_ACT)
def return_order(gate: AtGate, request: Request, order_id: Id, body: ActBody) -> OrderDetail:
    """Hand an order back (退回), with the kind of reason and the words."""
    return _act(gate, request, order_id, Verb.RETURN, body.reason, body.reason_code or "")


@router.post("/orders/{order_id}/handle", response_model=OrderDetail, responses=_ACT)
def handle_order(gate: AtGate, request: Request, order_id: Id, body: ActBody) -> OrderDetail:
    """Report back what was done (反馈), with photos."""
    return _act(gate, request, order_id, Verb.HANDLE, body.reply, attachments=body.attachments)


@router.post("/orders/{order_id}/verify", response_model=OrderDetail, responses=_ACT)
def verify_order(gate: AtGate, request: Request, order_id: Id, body: ActBody) -> OrderDetail:
    """Confirm that it was done, or send it back to be done (核查)."""
    return _act(gate, request, order_id, Verb.ACCEPT if body.ok else Verb.REJECT, body.reason)


@router.post("/orders/{order_id}/close", response_model=OrderDetail, responses=_ACT)
def close_order(gate: AtGate, request: Request, order_id: Id) -> OrderDetail:
    """Close a verified order (结案)."""
    return _act(gate, request, order_id, Verb.CLOSE, "")


@router.post("/orders/{order_id}/urge", response_model=OrderDetail, responses=_ACT)
def urge_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Urge the unit (催办)."""
    return _act(gate, request, order_id, Verb.URGE, body.reason)


@router.post("/orders/{order_id}/withdraw", response_model=OrderDetail, responses=_ACT)
def withdraw_order(gate: AtGate, request: Request, order_id: Id, body: ReasonBody) -> OrderDetail:
    """Withdraw an order (撤回), with the reason."""
    return _act(gate, request, order_id, Verb.WITHDRAW, body.reason)
