"""While the clerk types: what the words say, what is missing, what may be the same."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from chengshu.agencies.gate import AtGate
from chengshu.agencies.model import Role
from chengshu.dispatch.propose import Question, propose
from chengshu.dispatch.read import briefs
from chengshu.dispatch.views import ClueView, IncidentView, MarkView, Names
from chengshu.incidents.resemble import resembling
from chengshu.kit.problem import problems
from chengshu.places import Level, level_of

router = APIRouter(prefix="/api/v1")


class PreviewBody(BaseModel):
    """What was typed so far."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, Field(max_length=20_000)]
    place: Annotated[str, Field(max_length=300)] = ""


class Missing(BaseModel):
    """Something to ask while the caller is on the line."""

    what: str
    question: str
    question_en: str


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


class PreviewView(BaseModel):
    """What was understood."""

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
    understood = world.rules.reader.read("", text)
    located = world.locator.locate(place=place, text=text)
    proposals = propose(Question(understood, located), world.rules.matters, world.office.directory)
    marks = [MarkView(start=m.start, end=m.end, kind=m.kind, text=m.text) for m in understood.marks]
    marks += [
        MarkView(start=s.start, end=s.end, kind="place", text=s.text)
        for s in world.locator.gazetteer.find(text)
    ]
    mentions = world.locator.gazetteer.places_in(f"{place} {text}")
    with gate.person(Role.CALL_TAKER, Role.DISPATCHER, Role.GRID_WORKER, Role.SUPERVISOR) as caller:
        found = (
            resembling(caller.conn, text, place, world.rules, caller.now) if len(text) >= 8 else []
        )
        shown = briefs(caller.conn, [i for i, _ in found], names, caller.now)
    matter_name, matter_name_en = names.matter(understood.matter)
    area_name, area_name_en = names.area(located.code)
    likely = proposals[0] if proposals and text.strip() else None
    return PreviewView(
        matter=understood.matter, matter_name=matter_name, matter_name_en=matter_name_en,
        confidence=understood.confidence, domain=understood.domain, area=str(located.code),
        area_name=area_name, area_name_en=area_name_en, place_confidence=located.confidence, urgency=understood.urgency,
        danger=understood.danger, danger_words=[m.text for m in understood.marks if m.kind == "danger"], marks=marks,
        missing=_missing(level_of(located.code), bool(mentions), understood.confidence, text),
        similar=[SimilarView(incident=view, probability=verdict.probability,
                             clues=[ClueView.model_validate(c.record()) for c in verdict.clues])
                 for view, (_, verdict) in zip(shown, found, strict=True)],
        unit=UnitGuess(unit=likely.unit, name=names.unit(likely.unit) or "", name_en=names.unit_en(likely.unit) or "",
                       probability=likely.probability) if likely else None,
    )  # fmt: skip


def _missing(level: Level, named: bool, confidence: float, text: str) -> list[Missing]:
    """What to ask; nothing while only a few characters are typed."""
    if len(text) < 6:
        return []
    asked = []
    if level is Level.CITY:
        asked.append(
            Missing(
                what="county",
                question="在哪个县（市、区）、哪个镇街？",
                question_en="Which county and township?",
            )
        )
    elif level is Level.COUNTY:
        asked.append(
            Missing(
                what="township",
                question="在哪个镇或街道？",
                question_en="Which township or subdistrict?",
            )
        )
    if not named:
        asked.append(
            Missing(
                what="spot",
                question="具体在什么小区、路段或门牌？",
                question_en="Which estate, road or number exactly?",
            )
        )
    if confidence < 0.3:
        asked.append(
            Missing(
                what="matter",
                question="主要想解决什么问题？",
                question_en="What should be settled?",
            )
        )
    return asked
