"""HTTP of checks, call-backs, reviews and quality."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.dispatch import checks_do, store
from chengshu.dispatch.bodies import ACT, READ, Body, Id, OrderDetail
from chengshu.dispatch.checks import store as check_store
from chengshu.dispatch.checks.model import CallOutcome, CheckKind
from chengshu.dispatch.checks_read import (
    CallbackView,
    ChecksView,
    IncidentChecks,
    Looking,
    QualityView,
    ReviewView,
    callback_view,
    review_view,
)
from chengshu.dispatch.order_act import files_of, order_detail
from chengshu.dispatch.request import actor, names_of, office_of, tell_pages
from chengshu.incidents import store as incident_store
from chengshu.intake.submit import code_hash
from chengshu.kit.errors import NotFound
from chengshu.kit.problem import problems

router = APIRouter(prefix="/api/v1")

_Number = Annotated[str, Field(pattern=r"^\d{1,18}$")]
_Text = Annotated[str, Field(max_length=2000)]


class AskBody(Body):
    """Who is to look: a grid worker, or the centre above."""

    kind: Literal["grid", "centre"] = "centre"


class InspectBody(Body):
    """What was found; `untrue`: the reply says what was not so."""

    passed: bool
    words: _Text = ""
    untrue: bool = False
    attachments: Annotated[list[_Number], Field(max_length=12, default_factory=list)]


class CallBody(Body):
    """What a citizen said, or that nobody answered; `unreasonable`: what shows that nobody can meet her demand."""

    outcome: Literal["satisfied", "basic", "unsatisfied", "no_answer", "refused"]
    words: _Text = ""
    report: _Number | None = None
    unreasonable: _Text = ""


class DoubtBody(Body):
    """What shows that a demand is unreasonable."""

    evidence: _Text


class ReviewBody(Body):
    """Whether a second person finds it unreasonable too, and why."""

    upheld: bool
    words: _Text = ""


class ScoreBody(Body):
    """A filled score sheet, for a reply or for a call about it."""

    order: _Number
    callback: _Number | None = None
    scores: dict[Annotated[str, Field(max_length=40)], int]
    words: _Text = ""


class QualityScoreView(BaseModel):
    """The total of a score sheet, 0 to 100."""

    total: int


class RateBody(Body):
    """A citizen's own rating, on the page or by the link that she was sent."""

    outcome: Literal["satisfied", "basic", "unsatisfied"]
    words: Annotated[str, Field(max_length=500)] = ""
    via: Literal["web", "sms"] = "web"


def _looking(caller: Caller, request: Request) -> Looking:
    assert caller.unit is not None
    return Looking(caller.conn, names_of(request), office_of(request), caller.person, caller.unit, caller.now)  # fmt: skip


@router.get("/checks", response_model=ChecksView, responses=READ)
def list_checks(gate: AtGate, request: Request) -> ChecksView:
    """What the caller is to check, whom to call back, and what to review (核查回访)."""
    with gate.person() as caller:
        return _looking(caller, request).due()


@router.get("/incidents/{incident_id}/checks", response_model=IncidentChecks, responses=READ)
def incident_checks(gate: AtGate, request: Request, incident_id: Id) -> IncidentChecks:
    """What was checked and asked about one incident."""
    with gate.person() as caller:
        if incident_id not in incident_store.incidents(caller.conn, [incident_id]):
            raise NotFound("事件", incident_id)
        return _looking(caller, request).of_incident(incident_id)


@router.post("/orders/{order_id}/inspections", response_model=OrderDetail, responses=ACT)
def ask_inspection(gate: AtGate, request: Request, order_id: Id, body: AskBody) -> OrderDetail:
    """Ask for a check; of a closed order it is a sample (抽查)."""
    with gate.person(*checks_do.INSPECTORS) as caller:
        assert caller.unit is not None
        order = checks_do.ask(caller.conn, order_id, CheckKind(body.kind), office_of(request), actor(caller),
                              caller.unit, caller.now)  # fmt: skip
        tell_pages(caller, order.incident, order_id)
        return order_detail(caller, request, order_id)


@router.post("/inspections/{inspection_id}", response_model=OrderDetail, responses=ACT)
def inspect(gate: AtGate, request: Request, inspection_id: Id, body: InspectBody) -> OrderDetail:
    """Say what a check found (核查); a closed order that fails it is a false closing, handled again."""
    with gate.person() as caller:
        assert caller.unit is not None
        order = checks_do.inspect(
            caller.conn, inspection_id, body.passed, office_of(request), actor(caller), caller.person.role, caller.unit,
            caller.now, words=body.words, untrue=body.untrue, attachments=tuple(files_of(body.attachments)),
        )  # fmt: skip
        tell_pages(caller, order.incident, order.id)
        return order_detail(caller, request, order.id)


@router.post("/incidents/{incident_id}/callback", response_model=CallbackView, responses=ACT)
def call_back(gate: AtGate, request: Request, incident_id: Id, body: CallBody) -> CallbackView:
    """Write down an attempt to call back (回访); dissatisfaction has it handled again."""
    with gate.person(*checks_do.CALLERS) as caller:
        assert caller.unit is not None
        said = checks_do.call(
            caller.conn, incident_id, CallOutcome(body.outcome), office_of(request), actor(caller), caller.unit,
            caller.now, words=body.words, report=int(body.report) if body.report else None, unreasonable=body.unreasonable,
        )  # fmt: skip
        tell_pages(caller, incident_id, *_orders(caller, incident_id))
        return callback_view(said)


@router.post("/callbacks/{callback_id}/doubt", response_model=CallbackView, responses=ACT)
def doubt_callback(
    gate: AtGate, request: Request, callback_id: Id, body: DoubtBody
) -> CallbackView:
    """Call a citizen's dissatisfaction unreasonable, with evidence; a second person reviews it (复核)."""
    with gate.person(*checks_do.CALLERS) as caller:
        said = checks_do.doubt(caller.conn, callback_id, body.evidence, actor(caller), caller.now)
        tell_pages(caller, said.incident)
        return callback_view(said)


@router.post("/reviews/{review_id}", response_model=ReviewView, responses=ACT)
def decide_review(gate: AtGate, request: Request, review_id: Id, body: ReviewBody) -> ReviewView:
    """Decide, as a second person, whether a demand was unreasonable (复核)."""
    with gate.person(*checks_do.REVIEWERS) as caller:
        done = checks_do.review(caller.conn, review_id, body.upheld, office_of(request), actor(caller), caller.now,
                                body.words)  # fmt: skip
        tell_pages(caller, done.incident, *_orders(caller, done.incident))
        now, said = check_store.review(caller.conn, review_id), check_store.callback(caller.conn, done.callback)  # fmt: skip
        assert now is not None
        assert said is not None
        return review_view(now, said)


@router.get("/quality", response_model=QualityView, responses=READ)
def list_quality(gate: AtGate, request: Request) -> QualityView:
    """Replies and calls drawn for scoring, and the score sheets (质检)."""
    with gate.person(*checks_do.SCORERS) as caller:
        return _looking(caller, request).quality()


@router.post("/quality", response_model=QualityScoreView, responses=ACT)
def score_quality(gate: AtGate, request: Request, body: ScoreBody) -> QualityScoreView:
    """Score a reply or a call."""
    with gate.person(*checks_do.SCORERS) as caller:
        assert caller.unit is not None
        found = checks_do.score(
            caller.conn, int(body.order), int(body.callback) if body.callback else None, body.scores, office_of(request),
            actor(caller), caller.unit, caller.now, body.words,
        )  # fmt: skip
        return QualityScoreView(total=found)


@router.post("/public/track/{code}/rate", status_code=204, responses=problems(400, 404, 409, 422))
def rate(
    gate: AtGate, code: Annotated[str, Path(min_length=4, max_length=40)], body: RateBody
) -> None:
    """Rate what came of one's own report, once after each closing."""
    hashed = code_hash(gate.keyring, code)
    with gate.citizen(hashed) as caller:
        if store.followed(caller.conn, hashed) is None:
            raise NotFound("查询码", code)
        checks_do.rate(caller.conn, hashed, CallOutcome(body.outcome), body.words.strip(), body.via, caller.now)  # fmt: skip


def _orders(caller: Caller, incident: int) -> list[int]:
    return [o.id for o in store.orders_of(caller.conn, [incident])]
