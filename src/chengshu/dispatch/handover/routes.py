"""HTTP of hand-overs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.handover import rules, store
from chengshu.dispatch.handover.model import Handover, HandoverAnswer, HandoverState, OtherSide
from chengshu.dispatch.handover.offer import Offer, answer_by_phone, hand_back, offer, proposed
from chengshu.dispatch.request import actor, tell_pages
from chengshu.incidents import store as incident_store
from chengshu.kit.errors import NotFound

router = APIRouter(prefix="/api/v1")


class HandoverBody(Body):
    """To whom, in whose words, and who else was in the call."""

    party: OtherSide
    said: Annotated[str, Field(max_length=2000)] = ""
    third: Annotated[str, Field(max_length=200)] = ""


class HandoverAnswerBody(Body):
    """What the other side said on the telephone: their number, or why they refuse."""

    number: Annotated[str, Field(max_length=120)] = ""
    by: Annotated[str, Field(max_length=120)] = ""
    words: Annotated[str, Field(max_length=1000)] = ""


class HandoverBackBody(Body):
    """Why it came back."""

    words: Annotated[str, Field(max_length=1000)]


class HandoverView(BaseModel):
    """One hand-over as a desk reads it."""

    id: str
    number: str
    incident: str
    incident_number: str
    title: str
    party: OtherSide
    state: HandoverState
    said: str
    place: str
    third: str
    actor: str
    offered_at: datetime
    attempts: int
    climbed: int
    last_error: str
    their_number: str
    answered_at: datetime | None
    answered_by: str
    words: str
    holds: bool


class HandoverProposedView(BaseModel):
    """A transfer that was proposed while the caller spoke."""

    party: str
    reason: str
    actor: str
    at: datetime


class HandoverMayView(BaseModel):
    """Whether this caller may offer the incident to a party, and why not."""

    party: OtherSide
    why_not: str | None
    why_not_en: str | None


class HandoverHolderView(BaseModel):
    """Who has the matter: `party` is empty while it is ours."""

    party: OtherSide | None
    since: datetime | None
    number: str
    asked: list[OtherSide]
    joint: list[OtherSide]


class HandoversView(BaseModel):
    """Who has an incident now, what was handed over, and what may be."""

    holder: HandoverHolderView
    items: list[HandoverView]
    proposed: list[HandoverProposedView]
    may: list[HandoverMayView]
    may_answer: bool
    as_of: datetime


class HandoverList(BaseModel):
    """Hand-overs that nobody has answered."""

    items: list[HandoverView]
    total: int
    as_of: datetime


def _view(h: Handover, number: str, title: str) -> HandoverView:
    return HandoverView(
        id=str(h.id), number=h.number, incident=str(h.incident), incident_number=number, title=title, party=h.party,
        state=h.state, said=h.said, place=h.place, third=h.third, actor=h.actor, offered_at=h.offered_at,
        attempts=h.attempts, climbed=h.climbed, last_error=h.last_error, their_number=h.their_number,
        answered_at=h.answered_at, answered_by=h.answered_by, words=h.words, holds=h.holds,
    )  # fmt: skip


def _all(caller: Caller, incident_id: int) -> HandoversView:
    incident = incident_store.incidents(caller.conn, [incident_id]).get(incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    made, role = store.of_incident(caller.conn, incident_id), caller.person.role
    held = rules.holder(made)
    refusals = {party: rules.why_not_offer(role, incident, party, made) for party in OtherSide}
    return HandoversView(
        holder=HandoverHolderView(party=held.party, since=held.since, number=held.number, asked=list(held.asked),
                          joint=list(held.joint)),
        items=[_view(h, incident.number, incident.title) for h in reversed(made)],
        proposed=[HandoverProposedView(party=t.service, reason=t.reason, actor=t.actor, at=t.at)
                  for t in proposed(caller.conn, incident)],
        may=[HandoverMayView(party=p, why_not=w.chinese if w else None, why_not_en=w.english if w else None)
             for p, w in refusals.items()],
        may_answer=role in rules.OFFERERS,
        as_of=caller.now,
    )  # fmt: skip


@router.get("/handovers", response_model=HandoverList, responses=READ)
def list_handovers(gate: AtGate) -> HandoverList:
    """Hand-overs within the scope that nobody has answered, the oldest first."""
    with gate.person() as caller:
        items = [_view(*found) for found in store.unanswered(caller.conn)]
        return HandoverList(items=items, total=len(items), as_of=caller.now)


@router.get("/incidents/{incident_id}/handovers", response_model=HandoversView, responses=READ)
def get_handovers(gate: AtGate, incident_id: Id) -> HandoversView:
    """Who has an incident now, and every hand-over of it."""
    with gate.person() as caller:
        return _all(caller, incident_id)


@router.post("/incidents/{incident_id}/handovers", response_model=HandoversView, responses=ACT)
def make_handover(gate: AtGate, incident_id: Id, body: HandoverBody) -> HandoversView:
    """Hand an incident over (转接) to 110, 119, 120 or another 12345."""
    with gate.person() as caller:
        wanted = Offer(body.party, body.said, body.third)
        offer(caller.conn, incident_id, wanted, actor(caller), caller.person.role, caller.now)
        tell_pages(caller, incident_id)
        return _all(caller, incident_id)


@router.post("/handovers/{handover_id}/answer", response_model=HandoversView, responses=ACT)
def answer_handover(gate: AtGate, handover_id: Id, body: HandoverAnswerBody) -> HandoversView:
    """Write down what the other side said on the telephone: their number, or why they refuse."""
    with gate.person() as caller:
        said = HandoverAnswer(body.number.strip(), body.by.strip(), body.words.strip())
        done = answer_by_phone(
            caller.conn, handover_id, said, actor(caller), caller.person.role, caller.now
        )
        tell_pages(caller, done.incident)
        return _all(caller, done.incident)


@router.post("/handovers/{handover_id}/back", response_model=HandoversView, responses=ACT)
def take_handover_back(gate: AtGate, handover_id: Id, body: HandoverBackBody) -> HandoversView:
    """The other side gave it back: it is ours again."""
    with gate.person() as caller:
        done = hand_back(
            caller.conn, handover_id, body.words, actor(caller), caller.person.role, caller.now
        )
        tell_pages(caller, done.incident)
        return _all(caller, done.incident)
