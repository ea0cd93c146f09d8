"""HTTP of clocks: asking, answering, resuming, supervising, explaining."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch import clocks_act, store
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.clocks import store as clock_store
from chengshu.dispatch.clocks.model import Ask
from chengshu.dispatch.clocks.shown import AskView, RequestList, SupervisionList
from chengshu.dispatch.clocks_act import By
from chengshu.dispatch.clocks_read import Reading
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.request import actor, names_of, office_of, tell_pages
from chengshu.kit.errors import NotFound

router = APIRouter(prefix="/api/v1")

_Words = Annotated[str, Field(max_length=2000)]
_Amount = Annotated[int, Field(ge=1, le=1000)]


class PauseBody(Body):
    """Which of the city's reasons, the words, and after how much it ends by itself."""

    reason: Annotated[str, Field(max_length=40)]
    words: _Words
    amount: _Amount | None = None
    span: Span = Span.WORKING_DAYS


class ExtendBody(Body):
    """Which of the city's reasons, the words, and how much more time."""

    reason: Annotated[str, Field(max_length=40)]
    words: _Words
    amount: _Amount
    span: Span


class WordsBody(Body):
    """What is said with it."""

    words: _Words = ""


class AnswerAskBody(Body):
    """Approved or refused, and why."""

    approve: bool
    words: _Words = ""


class CapBody(Body):
    """A deadline from above, and whose it is."""

    until: AwareDatetime
    source: Literal["province", "leader", "superior"]
    words: _Words = ""


class SuperviseBody(Body):
    """At which grade, and what is demanded."""

    words: _Words
    grade: Annotated[int, Field(ge=1, le=9)] = 1


def _reading(caller: Caller, request: Request) -> Reading:
    assert caller.unit is not None
    return Reading(caller.conn, names_of(request), office_of(request), caller.person.id, caller.person.role, caller.unit,
                   caller.now)  # fmt: skip


def _by(caller: Caller) -> By:
    assert caller.unit is not None
    return By(actor(caller), caller.person.role, caller.unit)


def _told(caller: Caller, request: Request, order_id: int) -> AskView:
    order = _order(caller, order_id)
    tell_pages(caller, order.incident, order.id)
    return _reading(caller, request).asking(order)


def _order(caller: Caller, order_id: int) -> WorkOrder:
    order = store.order(caller.conn, order_id)
    if order is None:
        raise NotFound("工单", order_id)
    return order


def _limit(amount: int | None, span: Span) -> Limit | None:
    return None if amount is None else Limit(amount, span)


@router.get("/orders/{order_id}/clock", response_model=AskView, responses=READ)
def get_clock(gate: AtGate, request: Request, order_id: Id) -> AskView:
    """What may be asked about an order's clock, of whom and for how long; what was asked; supervision orders."""
    with gate.person() as caller:
        order = _order(caller, order_id)
        return _reading(caller, request).asking(order)


@router.post("/orders/{order_id}/pause", response_model=AskView, responses=ACT)
def pause_order(gate: AtGate, request: Request, order_id: Id, body: PauseBody) -> AskView:
    """Ask the next tier to stop an order's clock (申请暂停计时), for a named reason."""
    with gate.person() as caller:
        limit = _limit(body.amount, body.span)
        clocks_act.ask(caller.conn, order_id, Ask.PAUSE, body.reason, body.words, limit, office_of(request),
                       _by(caller), caller.now)  # fmt: skip
        return _told(caller, request, order_id)


@router.post("/orders/{order_id}/extend", response_model=AskView, responses=ACT)
def extend_order(gate: AtGate, request: Request, order_id: Id, body: ExtendBody) -> AskView:
    """Ask the next tier for more time (申请延期), before expiry."""
    with gate.person() as caller:
        limit = _limit(body.amount, body.span)
        clocks_act.ask(caller.conn, order_id, Ask.EXTENSION, body.reason, body.words, limit, office_of(request),
                       _by(caller), caller.now)  # fmt: skip
        return _told(caller, request, order_id)


@router.post("/orders/{order_id}/resume", response_model=AskView, responses=ACT)
def resume_order(gate: AtGate, request: Request, order_id: Id, body: WordsBody) -> AskView:
    """Let a paused clock go on (恢复计时) with what was left of it."""
    with gate.person() as caller:
        clocks_act.resume_clock(caller.conn, order_id, body.words, office_of(request), _by(caller), caller.now)  # fmt: skip
        return _told(caller, request, order_id)


@router.post("/orders/{order_id}/cap", response_model=AskView, responses=ACT)
def cap_order(gate: AtGate, request: Request, order_id: Id, body: CapBody) -> AskView:
    """A deadline of the province, a leader or the tier above ends the order's clock no later than this."""
    with gate.person() as caller:
        until: datetime = body.until
        clocks_act.cap(caller.conn, order_id, until, body.source, body.words, office_of(request), _by(caller),
                       caller.now)  # fmt: skip
        return _told(caller, request, order_id)


@router.post("/orders/{order_id}/supervise", response_model=AskView, responses=ACT)
def supervise_order(gate: AtGate, request: Request, order_id: Id, body: SuperviseBody) -> AskView:
    """Give a supervision order (督办单): copied upward by its grade, to be explained by the unit."""
    with gate.person() as caller:
        clocks_act.supervise(caller.conn, order_id, body.grade, body.words, office_of(request), _by(caller),
                             caller.now)  # fmt: skip
        return _told(caller, request, order_id)


@router.get("/clock-requests", response_model=RequestList, responses=READ)
def list_clock_requests(
    gate: AtGate, request: Request, state: Literal["open", "all"] = "open"
) -> RequestList:
    """Requests for pauses and extensions within the caller's scope, those that wait longest first."""
    with gate.person() as caller:
        items = _reading(caller, request).requests(clock_store.requests(caller.conn, state))
        return RequestList(items=items, total=len(items), as_of=caller.now)


@router.post("/clock-requests/{request_id}/answer", response_model=RequestList, responses=ACT)
def answer_clock_request(
    gate: AtGate, request: Request, request_id: Id, body: AnswerAskBody
) -> RequestList:
    """Approve or refuse a pause or an extension (延期审批); the requests that still wait."""
    with gate.person() as caller:
        order = clocks_act.answer(caller.conn, request_id, body.approve, body.words, office_of(request), _by(caller),
                                  caller.now)  # fmt: skip
        tell_pages(caller, order.incident, order.id)
        items = _reading(caller, request).requests(clock_store.requests(caller.conn, "open"))
        return RequestList(items=items, total=len(items), as_of=caller.now)


@router.get("/supervisions", response_model=SupervisionList, responses=READ)
def list_supervisions(
    gate: AtGate, request: Request, state: Literal["open", "all"] = "open"
) -> SupervisionList:
    """Supervision orders within the caller's scope, those to be explained soonest first."""
    with gate.person() as caller:
        items = _reading(caller, request).supervisions(clock_store.supervisions(caller.conn, state))
        return SupervisionList(items=items, total=len(items), as_of=caller.now)


@router.post("/supervisions/{supervision_id}/explain", response_model=SupervisionList, responses=ACT)  # fmt: skip
def explain_supervision(
    gate: AtGate, request: Request, supervision_id: Id, body: WordsBody
) -> SupervisionList:
    """The unit explains itself (督办说明)."""
    with gate.person() as caller:
        order = clocks_act.explain(caller.conn, supervision_id, body.words, _by(caller), caller.now)
        tell_pages(caller, order.incident, order.id)
        items = _reading(caller, request).supervisions(
            clock_store.supervisions(caller.conn, "open")
        )
        return SupervisionList(items=items, total=len(items), as_of=caller.now)
