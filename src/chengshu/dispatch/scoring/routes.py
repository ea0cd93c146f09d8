"""HTTP of scoring: months, tables, the orders behind a number, exclusions, appeals and measures."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role, Tier
from chengshu.dispatch.bodies import ACT, READ, Body, Id
from chengshu.dispatch.request import actor, names_of, office_of
from chengshu.dispatch.scoring import store
from chengshu.dispatch.scoring.claims import appeal as appealing
from chengshu.dispatch.scoring.claims import exclude, measure
from chengshu.dispatch.scoring.claims import store as claim_store
from chengshu.dispatch.scoring.claims.appeal import Plea
from chengshu.dispatch.scoring.claims.model import MeasureAct
from chengshu.dispatch.scoring.claims.read import ClaimReader
from chengshu.dispatch.scoring.claims.terms import Person
from chengshu.dispatch.scoring.read import Reader, to_csv
from chengshu.dispatch.scoring.rules import ScoreRules
from chengshu.dispatch.scoring.run import begins
from chengshu.dispatch.scoring.views import (
    ScoreAppealList,
    ScoreAppealView,
    ScoreExclusionList,
    ScoreExclusionView,
    ScoreMeasureList,
    ScoreMeasureView,
    ScoreMonthView,
    ScoreTableView,
    ScoreUnitView,
)
from chengshu.kit.errors import Conflict, Forbidden, Invalid, NotFound

router = APIRouter(prefix="/api/v1/scoring")

_Month = Annotated[str, Path(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
_Unit = Annotated[str, Path(min_length=1, max_length=120)]
_Matter = Annotated[str, Query(max_length=80)]
_Version = Annotated[int | None, Query(ge=1, lt=2**31)]
_Tier = Literal["", "city", "county", "township"]
_Words = Annotated[str, Field(max_length=2000)]
_Ref = Annotated[str, Field(pattern=r"^\d{1,18}$")]
_READERS = (Role.CALL_TAKER, Role.DISPATCHER, Role.HANDLER, Role.SUPERVISOR, Role.ANALYST, Role.LEADER)  # fmt: skip


class ScoreExclusionBody(Body):
    """Which order is to be left out, and why."""

    order: _Ref
    reason: Annotated[str, Field(max_length=40)]
    words: _Words


class ScoreDecideBody(Body):
    """Whether it is granted, with the reason."""

    grant: bool
    words: _Words


class ScoreAppealBody(Body):
    """To which order of the month a unit objects, what it wants, and with what it shows that it is right."""

    order: _Ref
    wants: Annotated[str, Field(max_length=20)]
    indicator: Annotated[str, Field(max_length=20)] = ""
    words: _Words
    evidence: Annotated[list[_Ref], Field(max_length=20)]


class ScoreMeasureBody(Body):
    """What is to follow, for which unit and month."""

    kind: Annotated[str, Field(max_length=20)]
    unit: Annotated[str, Field(min_length=1, max_length=120)]
    month: Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
    words: _Words


class ScoreMeasureActBody(Body):
    """What was done, found or decided."""

    words: _Words


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def _rules(request: Request) -> ScoreRules:
    rules: ScoreRules = request.app.state.world.scoring
    return rules


def _person(caller: Caller) -> Person:
    assert caller.unit is not None
    return Person(caller.person.id, caller.person.role, caller.unit.unit)


def _reader(caller: Caller, request: Request) -> Reader:
    return Reader(caller.conn, _rules(request), office_of(request), names_of(request), _person(caller), caller.now)  # fmt: skip


def _claims(caller: Caller, request: Request) -> ClaimReader:
    return ClaimReader(caller.conn, names_of(request), _person(caller))


@router.get("/months", response_model=list[ScoreMonthView], responses=READ)
def list_score_months(gate: AtGate, request: Request) -> list[ScoreMonthView]:
    """Every month that was scored, newest first, with the published counts of exclusions and suspicions."""
    with gate.person(*_READERS) as caller:
        return _reader(caller, request).months()


@router.get("/months/{month}", response_model=ScoreTableView, responses=READ)
def get_score_table(gate: AtGate, request: Request, month: _Month, tier: _Tier = "", matter: _Matter = "",
                    version: _Version = None) -> ScoreTableView:  # fmt: skip
    """The table of a month: the caller's tier over all matters once published; her own unit and those under it always."""
    with gate.person(*_READERS) as caller:
        return _reader(caller, request).table(_day(month), tier, matter, version)


@router.get("/months/{month}/table.csv", response_class=Response,
            responses={200: {"content": {"text/csv": {}}}, **READ})  # fmt: skip
def export_score_table(gate: AtGate, request: Request, month: _Month, tier: _Tier = "", matter: _Matter = "",
                       version: _Version = None) -> Response:  # fmt: skip
    """The same table for a spreadsheet."""
    with gate.person(*_READERS) as caller:
        table = _reader(caller, request).table(_day(month), tier, matter, version)
    name = f"scores-{month}-v{table.version}.csv"
    return Response(to_csv(table), media_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})  # fmt: skip


@router.get("/months/{month}/units/{unit}", response_model=ScoreUnitView, responses=READ)
def get_unit_score(gate: AtGate, request: Request, month: _Month, unit: _Unit, matter: _Matter = "",
                   version: _Version = None) -> ScoreUnitView:  # fmt: skip
    """A unit's month: exactly the orders behind its numbers, and how each one counted."""
    with gate.person(*_READERS) as caller:
        return _reader(caller, request).unit(_day(month), unit, matter, version)


@router.post("/months/{month}/run", response_model=ScoreMonthView, responses=ACT)
def run_score_month(gate: AtGate, request: Request, month: _Month) -> ScoreMonthView:
    """Have a month reckoned anew by a worker, within a minute; also one that was never scored."""
    with gate.person(Role.SUPERVISOR, Role.ANALYST, Role.LEADER) as caller:
        if caller.unit is None or caller.unit.tier is not Tier.CITY:
            raise Forbidden("考核由市级中心统一核算", "the city's centre has months reckoned")
        if begins(_day(month)) > caller.now:
            raise Invalid("month", "这个月还没有开始", "this month has not begun")
        day = _day(month)
        begun = store.begin_month(caller.conn, day, caller.now)
        if not begun and not store.disturb(caller.conn, day, caller.now):
            raise Conflict("该月已定版", "the month is final")
        return _reader(caller, request).month(day)


@router.get("/exclusions", response_model=ScoreExclusionList, responses=READ)
def list_exclusions(gate: AtGate, request: Request) -> ScoreExclusionList:
    """Orders proposed to be left out within the caller's scope, and the published counts of every month."""
    with gate.person(*_READERS) as caller:
        months = _reader(caller, request).months()
        return ScoreExclusionList(items=_claims(caller, request).exclusions(), published=months)


@router.post("/exclusions", response_model=ScoreExclusionView, responses=ACT)
def propose_exclusion(
    gate: AtGate, request: Request, body: ScoreExclusionBody
) -> ScoreExclusionView:
    """Propose that an order is left out (剔除); another person decides."""
    with gate.person(*_READERS) as caller:
        made = exclude.propose(caller.conn, int(body.order), body.reason, body.words, office_of(request), _rules(request),
                               actor(caller), _person(caller), caller.now)  # fmt: skip
        return _exclusion(caller, request, made)


@router.post("/exclusions/{exclusion_id}/decide", response_model=ScoreExclusionView, responses=ACT)
def decide_exclusion(gate: AtGate, request: Request, exclusion_id: Id, body: ScoreDecideBody) -> ScoreExclusionView:  # fmt: skip
    """Decide on a proposal; granted, the month is reckoned anew without the order."""
    with gate.person(*_READERS) as caller:
        exclude.decide(caller.conn, exclusion_id, body.grant, body.words, actor(caller), _person(caller), caller.now)  # fmt: skip
        return _exclusion(caller, request, exclusion_id)


def _exclusion(caller: Caller, request: Request, one: int) -> ScoreExclusionView:
    found = claim_store.exclusion(caller.conn, one)
    if found is None:
        raise NotFound("剔除申请", one)
    return _claims(caller, request).exclusion(found)


@router.get("/appeals", response_model=ScoreAppealList, responses=READ)
def list_appeals(gate: AtGate, request: Request) -> ScoreAppealList:
    """Appeals (考核申诉) within the caller's scope."""
    with gate.person(*_READERS) as caller:
        return ScoreAppealList(items=_claims(caller, request).appeals())


@router.post("/months/{month}/appeals", response_model=ScoreAppealView, responses=ACT)
def make_appeal(
    gate: AtGate, request: Request, month: _Month, body: ScoreAppealBody
) -> ScoreAppealView:
    """Object to how an order of one's own unit was counted, within the publicity period, with evidence."""
    with gate.person(*_READERS) as caller:
        plea = Plea(int(body.order), body.wants, body.indicator, body.words, [int(a) for a in body.evidence])  # fmt: skip
        made = appealing.appeal(caller.conn, _day(month), plea, office_of(request), _rules(request), actor(caller),
                                _person(caller), caller.now)  # fmt: skip
        return _appeal(caller, request, made)


@router.post("/appeals/{appeal_id}/answer", response_model=ScoreAppealView, responses=ACT)
def answer_appeal(
    gate: AtGate, request: Request, appeal_id: Id, body: ScoreDecideBody
) -> ScoreAppealView:
    """Answer an appeal; upheld, the month is reckoned anew."""
    with gate.person(*_READERS) as caller:
        appealing.answer(caller.conn, appeal_id, body.grant, body.words, actor(caller), _person(caller), caller.now)  # fmt: skip
        return _appeal(caller, request, appeal_id)


def _appeal(caller: Caller, request: Request, one: int) -> ScoreAppealView:
    found = claim_store.appeal(caller.conn, one)
    if found is None:
        raise NotFound("申诉", one)
    return _claims(caller, request).appeal(found)


@router.get("/measures", response_model=ScoreMeasureList, responses=READ)
def list_measures(gate: AtGate, request: Request) -> ScoreMeasureList:
    """通报、约谈、整改 within the caller's scope."""
    with gate.person(*_READERS) as caller:
        return _claims(caller, request).measures()


@router.post("/measures", response_model=ScoreMeasureView, responses=ACT)
def propose_measure(gate: AtGate, request: Request, body: ScoreMeasureBody) -> ScoreMeasureView:
    """Propose a measure; another person approves it."""
    with gate.person(*_READERS) as caller:
        made = measure.propose(caller.conn, body.kind, body.unit, _day(body.month), body.words, office_of(request),
                               _rules(request), actor(caller), _person(caller), caller.now)  # fmt: skip
        return _measure(caller, request, made)


@router.post("/measures/{measure_id}/{act}", response_model=ScoreMeasureView, responses=ACT)
def act_on_measure(gate: AtGate, request: Request, measure_id: Id, act: MeasureAct,
                   body: ScoreMeasureActBody) -> ScoreMeasureView:  # fmt: skip
    """Approve, refuse, report on, send back or strike off (销号) a measure."""
    with gate.person(*_READERS) as caller:
        measure.act(caller.conn, measure_id, act, body.words, office_of(request), _rules(request), actor(caller),
                    _person(caller), caller.now)  # fmt: skip
        return _measure(caller, request, measure_id)


def _measure(caller: Caller, request: Request, one: int) -> ScoreMeasureView:
    found = _claims(caller, request).measure(one)
    if found is None:
        raise NotFound("措施", one)
    return found
