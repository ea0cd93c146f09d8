"""While the clerk types: what the words say, what is missing, what may be the same."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from chengshu.agencies.gate import AtGate
from chengshu.agencies.model import Role
from chengshu.dispatch.propose import Question, propose
from chengshu.dispatch.read import briefs
from chengshu.dispatch.routing.router import Asked
from chengshu.dispatch.views import ClueView, IncidentView, MarkView, Names, mark_views
from chengshu.dispatch.whereabouts import PlaceView, place_marks, places_in
from chengshu.incidents.marks import laid
from chengshu.incidents.questions import missing
from chengshu.incidents.resemble import resembling
from chengshu.kit.problem import problems
from chengshu.kit.times import local
from chengshu.places import level_of

router = APIRouter(prefix="/api/v1")


class PreviewBody(BaseModel):
    """What was typed so far."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, Field(max_length=20_000)]
    place: Annotated[str, Field(max_length=300)] = ""


class Missing(BaseModel):
    """Something to ask while the caller is on the line.

    Attributes:
        field: Where the answer is written: place or text.
        lead: The words that begin the answer in the text.
    """

    what: str
    question: str
    question_en: str
    field: str
    lead: str


class WhenView(BaseModel):
    """When it happens: a span, or how it comes back; times aware.

    Attributes:
        lasting: It went on until the report, or still does.
        habit: daily, weekly, monthly, yearly, workdays, weekends, holidays, often; empty: once.
    """

    start: int
    end: int
    text: str
    since: datetime | None
    until: datetime | None
    lasting: bool
    habit: str
    said: str
    said_en: str
    confidence: float


class PeopleView(BaseModel):
    """How many people, from `low` to `high`."""

    start: int
    end: int
    text: str
    low: int
    high: int
    who: str
    confidence: float


class ObjectView(BaseModel):
    """What it is about; `code` is the class of component, empty where it is none."""

    text: str
    code: str
    name: str
    name_en: str


class AlarmView(BaseModel):
    """Danger that the words speak of, why, and the line to which transfer is proposed."""

    kind: str
    probability: float
    service: str
    why: str
    why_en: str


class SimilarView(BaseModel):
    """An incident that this may be about."""

    incident: IncidentView
    probability: float
    clues: list[ClueView]


class UnitGuess(BaseModel):
    """The unit it would go to."""

    unit: str
    name: str
    name_en: str
    probability: float


class ChoiceView(BaseModel):
    """Another matter that it may be."""

    matter: str
    name: str
    name_en: str
    confidence: float


class PreviewView(BaseModel):
    """What was understood.

    Attributes:
        path: The three levels of its class.
        marks: Spans in the order of the text, without overlaps, of the kinds danger, time, people,
            place, urgency, object and matter.
        alarm: Not null: it rings.
    """

    matter: str
    matter_name: str
    matter_name_en: str
    confidence: float
    domain: str
    area: str
    area_name: str
    area_name_en: str
    place_confidence: float
    urgency: int
    danger: bool
    danger_words: list[str]
    alarm: AlarmView | None
    path: list[str]
    runners_up: list[ChoiceView]
    places: list[PlaceView]
    when: list[WhenView]
    people: list[PeopleView]
    object: ObjectView | None
    marks: list[MarkView]
    missing: list[Missing]
    similar: list[SimilarView]
    unit: UnitGuess | None


@router.post("/reports/preview", response_model=PreviewView, responses=problems(400, 401, 403, 422))
def preview(gate: AtGate, request: Request, body: PreviewBody) -> PreviewView:
    """Class, place, danger, missing answers, similar incidents and likely unit of a text; nothing is kept."""
    world, names = request.app.state.world, request.app.state.names
    assert isinstance(names, Names)
    text, place = body.text.replace("\0", ""), body.place.replace("\0", "")
    with gate.person(Role.CALL_TAKER, Role.DISPATCHER, Role.GRID_WORKER, Role.SUPERVISOR) as caller:
        now = caller.now
        found = (
            resembling(caller.conn, text, place, world.rules, caller.now) if len(text) >= 8 else []
        )
        shown = briefs(caller.conn, [i for i, _ in found], names, caller.now)
    understood = world.rules.reader.read("", text, now)
    located = world.locator.locate(place=place, text=text)
    router = world.office.router
    proposals = (
        propose(Question(understood, located), world.rules.matters, world.office.directory)
        if router is None
        else router.propose(
            Asked("", text, "", understood.matter, located, local(caller.now).date())
        )
    )
    places = places_in(world.locator, names, text, located.code)
    marks = mark_views(laid((*understood.marks, *place_marks(places))))
    mentions = world.locator.gazetteer.places_in(f"{place} {text}")
    asked = missing(
        world.questions,
        understood,
        f"{text} {place}",
        level=level_of(located.code),
        named=bool(mentions),
    )
    rings, about = understood.ringing, understood.object
    matter_name, matter_name_en = names.matter(understood.matter)
    area_name, area_name_en = names.area(located.code)
    likely = proposals[0] if proposals and text.strip() else None
    return PreviewView(
        matter=understood.matter, matter_name=matter_name, matter_name_en=matter_name_en,
        confidence=understood.confidence, domain=understood.domain, area=str(located.code),
        area_name=area_name, area_name_en=area_name_en, place_confidence=located.confidence, urgency=understood.urgency,
        danger=understood.danger, danger_words=[m.text for m in understood.marks if m.kind == "danger"], marks=marks,
        alarm=AlarmView(kind=rings.kind, probability=rings.probability, service=rings.service, why=rings.why,
                        why_en=rings.why_en) if rings.danger else None,
        path=list(world.rules.matters[understood.matter].path), places=places,
        runners_up=[ChoiceView(matter=m, name=names.matter(m)[0], name_en=names.matter(m)[1], confidence=round(c, 3))
                    for m, c in understood.runners_up],
        when=[WhenView(start=m.start, end=m.end, text=m.text, since=m.since, until=m.until, lasting=m.lasting,
                       habit=m.habit.value, said=m.said()[0], said_en=m.said()[1], confidence=m.confidence)
              for m in understood.moments],
        people=[PeopleView(start=p.start, end=p.end, text=p.text, low=p.low, high=p.high, who=p.who,
                           confidence=p.confidence) for p in understood.people],
        object=ObjectView(text=about.text, code=about.code, name=about.name, name_en=about.name_en) if about else None,
        missing=[Missing(what=q.what, question=q.ask, question_en=q.ask_en, field=q.field, lead=q.lead) for q in asked],
        similar=[SimilarView(incident=view, probability=verdict.probability,
                             clues=[ClueView.model_validate(c.record()) for c in verdict.clues])
                 for view, (_, verdict) in zip(shown, found, strict=True)],
        unit=UnitGuess(unit=likely.unit, name=names.unit(likely.unit) or "", name_en=names.unit_en(likely.unit) or "",
                       probability=likely.probability) if likely else None,
    )  # fmt: skip
