"""HTTP of joint commands."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import AwareDatetime, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.joint import conclude, meet, parts, resource, store
from chengshu.dispatch.joint.acting import Acting, command_of
from chengshu.dispatch.joint.minutes import minutes
from chengshu.dispatch.joint.read import JointReading
from chengshu.dispatch.joint.start import Beginning, start
from chengshu.dispatch.joint.views import JointList, JointView, OfferView
from chengshu.dispatch.request import actor, names_of, office_of
from chengshu.kit import outbox

router = APIRouter(prefix="/api/v1")

_Unit = Annotated[str, Field(min_length=1, max_length=120)]
_Words = Annotated[str, Field(max_length=2000)]
_Hours = Annotated[int, Field(ge=1, le=24 * 90)]
_Code = Annotated[str, Field(max_length=40)]
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}


class StartBody(Body):
    """How a command begins: by a template, or by hand with a lead."""

    reason: _Words
    template: _Code = ""
    lead: Annotated[str, Field(max_length=120)] = ""
    members: Annotated[list[_Unit], Field(max_length=40, default_factory=list)]


class MemberBody(Body):
    """A unit to take in."""

    unit: _Unit


class PartBody(Body):
    """A part: whose, what, within how many hours of the clock."""

    unit: _Unit
    text: _Words
    hours: _Hours
    sign_hours: _Hours = 2
    strand: _Code = ""


class WordsBody(Body):
    """What somebody writes."""

    words: _Words


class MeetingBody(Body):
    """A meeting to call members to."""

    subject: Annotated[str, Field(max_length=200)]
    starts_at: AwareDatetime
    place: Annotated[str, Field(max_length=200)] = ""
    units: Annotated[list[_Unit], Field(max_length=60)]


class ComingBody(Body):
    """Whether a unit comes; where not, why."""

    coming: bool
    words: _Words = ""


class AttendBody(Body):
    """Whether a unit was there, and who for it."""

    unit: _Unit
    attended: bool
    person: Annotated[str, Field(max_length=60)] = ""


class DecideBody(Body):
    """What was decided; with `unit` and `hours` it becomes a part at once."""

    text: _Words
    unit: Annotated[str, Field(max_length=120)] = ""
    hours: _Hours = 24
    strand: _Code = ""


class SummaryBody(Body):
    """What is to stand in the minutes."""

    summary: Annotated[str, Field(max_length=5000)] = ""


class ResourceBody(Body):
    """What is called, from whom."""

    what: Annotated[str, Field(max_length=200)]
    source: Annotated[str, Field(max_length=200)]
    contact: Annotated[str, Field(max_length=100)] = ""


class StrandAnswerBody(Body):
    """The one answer of a matter."""

    answer: _Words
    reply_all: bool = Field(
        False, description="it is also the statutory reply to every complaint of this matter"
    )


class StrandBody(Body):
    """Of which matter a report is."""

    report: Annotated[str, Field(pattern=r"^\d{1,19}$")]
    strand: _Code


def acting(caller: Caller, request: Request) -> Acting:
    """Who acts in a request, with what."""
    assert caller.unit is not None
    return Acting(caller.conn, office_of(request), request.app.state.world.joint, actor(caller), caller.person.role,
                  caller.unit, caller.now)  # fmt: skip


def tell(caller: Caller, incident: int, area: int, *orders: int) -> None:
    """Open pages hear of it, whether or not the caller sees the incident itself."""
    outbox.changed(caller.conn, "incident", incident, area)
    for order in orders:
        outbox.changed(caller.conn, "order", order, area)


def _reading(a: Acting, request: Request) -> JointReading:
    return JointReading(a, names_of(request))


def _done(caller: Caller, a: Acting, request: Request, joint: int, *orders: int) -> JointView:
    command = command_of(caller.conn, joint)
    tell(caller, command.incident, command.area, *orders)
    return _reading(a, request).full(command)


@router.get("/incidents/{incident_id}/joint", response_model=OfferView, responses=READ)
def get_offer(gate: AtGate, request: Request, incident_id: Id) -> OfferView:
    """Whether the incident is under joint command, else which templates there are for it."""
    with gate.person() as caller:
        return _reading(acting(caller, request), request).offer(incident_id)


@router.post("/incidents/{incident_id}/joint", response_model=JointView, responses=ACT)
def start_joint(gate: AtGate, request: Request, incident_id: Id, body: StartBody) -> JointView:
    """Begin a joint command (联动指挥)."""
    with gate.person() as caller:
        a = acting(caller, request)
        command = start(
            a, incident_id, Beginning(body.reason, body.template, body.lead, body.members)
        )
        orders = [o.id for o in store.orders(caller.conn, command.id)]
        return _done(caller, a, request, command.id, *orders)


@router.get("/joint", response_model=JointList, responses=READ)
def list_joint(
    gate: AtGate, request: Request, state: Literal["running", "ended"] = "running"
) -> JointList:
    """Joint commands within the caller's scope: of her area, and those that her unit takes part in."""
    with gate.person() as caller:
        reading = _reading(acting(caller, request), request)
        items = [reading.brief(c) for c in store.commands(caller.conn, state == "running")]
        return JointList(items=items, total=len(items), as_of=caller.now)


@router.get("/joint/{joint_id}", response_model=JointView, responses=READ)
def get_joint(gate: AtGate, request: Request, joint_id: Id) -> JointView:
    """One joint command in full."""
    with gate.person() as caller:
        return _reading(acting(caller, request), request).full(command_of(caller.conn, joint_id))


@router.post("/joint/{joint_id}/members", response_model=JointView, responses=ACT)
def add_member(gate: AtGate, request: Request, joint_id: Id, body: MemberBody) -> JointView:
    """Take a unit in (增加成员)."""
    with gate.person() as caller:
        a = acting(caller, request)
        parts.add_member(a, joint_id, body.unit)
        return _done(caller, a, request, joint_id)


@router.post("/joint/{joint_id}/parts", response_model=JointView, responses=ACT)
def add_part(gate: AtGate, request: Request, joint_id: Id, body: PartBody) -> JointView:
    """Give a member a part with its own clock (子任务)."""
    with gate.person() as caller:
        a = acting(caller, request)
        part = parts.Part(
            body.unit, body.text, _hours(body.hours), body.strand, _hours(body.sign_hours)
        )
        task = parts.add_part(a, joint_id, part)
        return _done(caller, a, request, joint_id, task.order)


def _hours(amount: int) -> Limit:
    return Limit(amount, Span.HOURS)


@router.post("/joint/{joint_id}/notes", response_model=JointView, responses=ACT)
def add_note(gate: AtGate, request: Request, joint_id: Id, body: WordsBody) -> JointView:
    """Write on the shared time line."""
    with gate.person() as caller:
        a = acting(caller, request)
        resource.note(a, joint_id, body.words)
        return _done(caller, a, request, joint_id)


@router.post("/joint/{joint_id}/meetings", response_model=JointView, responses=ACT)
def call_meeting(gate: AtGate, request: Request, joint_id: Id, body: MeetingBody) -> JointView:
    """Call members in (会商)."""
    with gate.person() as caller:
        a = acting(caller, request)
        meet.call(a, joint_id, meet.Calling(body.subject, body.starts_at, body.place, body.units))
        return _done(caller, a, request, joint_id)


@router.post(
    "/joint/{joint_id}/meetings/{meeting_id}/coming", response_model=JointView, responses=ACT
)
def answer_meeting(
    gate: AtGate, request: Request, joint_id: Id, meeting_id: Id, body: ComingBody
) -> JointView:
    """A member says whether it comes."""
    with gate.person() as caller:
        a = acting(caller, request)
        meet.answer_call(a, joint_id, meeting_id, body.coming, body.words)
        return _done(caller, a, request, joint_id)


@router.post(
    "/joint/{joint_id}/meetings/{meeting_id}/attend", response_model=JointView, responses=ACT
)
def attend_meeting(
    gate: AtGate, request: Request, joint_id: Id, meeting_id: Id, body: AttendBody
) -> JointView:
    """Write down who was there (到会)."""
    with gate.person() as caller:
        a = acting(caller, request)
        meet.attend(a, joint_id, meeting_id, body.unit, body.attended, body.person)
        return _done(caller, a, request, joint_id)


@router.post(
    "/joint/{joint_id}/meetings/{meeting_id}/decide", response_model=JointView, responses=ACT
)
def decide_meeting(
    gate: AtGate, request: Request, joint_id: Id, meeting_id: Id, body: DecideBody
) -> JointView:
    """Write a decision; with a unit it becomes a part in the same act."""
    with gate.person() as caller:
        a = acting(caller, request)
        ordered = meet.Ordered(body.unit, _hours(body.hours), body.strand) if body.unit else None
        meet.decide(a, joint_id, meeting_id, body.text, ordered)
        orders = [t.order for t in store.tasks(caller.conn, joint_id)][-1:] if ordered else []
        return _done(caller, a, request, joint_id, *orders)


@router.post("/joint/{joint_id}/meetings/{meeting_id}/end", response_model=JointView, responses=ACT)
def end_meeting(
    gate: AtGate, request: Request, joint_id: Id, meeting_id: Id, body: SummaryBody
) -> JointView:
    """End a meeting; its minutes can be printed."""
    with gate.person() as caller:
        a = acting(caller, request)
        meet.end_meeting(a, joint_id, meeting_id, body.summary)
        return _done(caller, a, request, joint_id)


@router.get(
    "/joint/{joint_id}/meetings/{meeting_id}/minutes",
    response_class=Response,
    responses={**_PDF, **READ},
)
def get_minutes(gate: AtGate, request: Request, joint_id: Id, meeting_id: Id) -> Response:
    """The minutes of a meeting (纪要) as PDF."""
    with gate.person() as caller:
        a = acting(caller, request)
        fonts = request.app.state.settings.fonts_dir
        name, made = minutes(a, _reading(a, request), joint_id, meeting_id, fonts)
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"}
        return Response(made, media_type="application/pdf", headers=headers)


@router.post("/joint/{joint_id}/resources", response_model=JointView, responses=ACT)
def call_resource(gate: AtGate, request: Request, joint_id: Id, body: ResourceBody) -> JointView:
    """Write what was called from whom (调用资源)."""
    with gate.person() as caller:
        a = acting(caller, request)
        resource.call_resource(a, joint_id, body.what, body.source, body.contact)
        return _done(caller, a, request, joint_id)


@router.post(
    "/joint/{joint_id}/resources/{resource_id}/arrive", response_model=JointView, responses=ACT
)
def arrive_resource(gate: AtGate, request: Request, joint_id: Id, resource_id: Id) -> JointView:
    """Write that it arrived (到达)."""
    with gate.person() as caller:
        a = acting(caller, request)
        resource.arrive(a, joint_id, resource_id)
        return _done(caller, a, request, joint_id)


@router.post("/joint/{joint_id}/strands", response_model=JointView, responses=ACT)
def sort_report(gate: AtGate, request: Request, joint_id: Id, body: StrandBody) -> JointView:
    """Say of which matter a report is."""
    with gate.person() as caller:
        a = acting(caller, request)
        conclude.set_strand(a, joint_id, int(body.report), body.strand)
        return _done(caller, a, request, joint_id)


@router.post("/joint/{joint_id}/strands/{code}/answer", response_model=JointView, responses=ACT)
def answer_strand(gate: AtGate, request: Request, joint_id: Id, code: Annotated[str, Path(max_length=40)],
                  body: StrandAnswerBody) -> JointView:  # fmt: skip
    """Answer one matter: everybody who reported it is told the same (统一答复)."""
    with gate.person() as caller:
        a = acting(caller, request)
        conclude.answer(a, joint_id, code, body.answer, reply_all=body.reply_all)
        return _done(caller, a, request, joint_id)


@router.post("/joint/{joint_id}/end", response_model=JointView, responses=ACT)
def end_joint(gate: AtGate, request: Request, joint_id: Id) -> JointView:
    """End a joint command and close its parent; refused with a sentence that says what is open."""
    with gate.person() as caller:
        a = acting(caller, request)
        command = conclude.conclude(a, joint_id)
        return _done(caller, a, request, joint_id, command.lead_order)
