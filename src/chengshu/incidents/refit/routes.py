"""HTTP of the versions of merging's weights: which is in use, what is proposed, before and after."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role, Tier
from chengshu.incidents.evidence import MEASURES
from chengshu.incidents.refit import store, versions
from chengshu.incidents.refit.model import Answer, Standing, Version
from chengshu.incidents.refit.names import NAMES, PRIOR
from chengshu.incidents.refit.versions import BASE, LEAST, Operator
from chengshu.incidents.weights import SHIPPED
from chengshu.kit.errors import Forbidden
from chengshu.kit.problem import problems

router = APIRouter(prefix="/api/v1")
_ROLES = (Role.ANALYST, Role.SUPERVISOR)
_KINDS = tuple(str(kind) for kind in Answer)


class ScoreView(BaseModel):
    """How weights do on answered comparisons."""

    answers: int
    loss: float = Field(description="mean surprise at the answer in bits; 1 is a coin")
    right: float
    precision: float | None = Field(
        description="of those merged without a person, the share that is one"
    )
    recall: float | None = Field(
        description="of those that are one, the share merged without a person"
    )


class BeforeAfterView(BaseModel):
    """The weights in use beside the new ones."""

    before: ScoreView
    after: ScoreView


class StoodView(BaseModel):
    """What was merged and stood, and the share of it that would be merged again."""

    answers: int
    before: float
    after: float


class FiguresView(BaseModel):
    """Before and after, on past decisions."""

    ahead: BeforeAfterView = Field(
        description="new answers, each judged by what was answered before it"
    )
    whole: BeforeAfterView = Field(description="all answers, after learning from all")
    stood: StoodView
    kinds: dict[str, int] = Field(description="kind of answer to how many were learnt from")
    new: int


class MeasureView(BaseModel):
    """One measure's weight in a version."""

    name: str
    label: str
    label_en: str
    bits: float


class VersionView(BaseModel):
    """One version of the weights; 0 is the shipped one."""

    version: int
    state: str = Field(description="active, proposed, retired or dropped")
    usable: bool = Field(description="false: fitted from the weights of another program")
    made_at: datetime | None
    made_by: str
    activated_at: datetime | None
    activated_by: str | None
    reason: str
    figures: FiguresView | None
    measures: list[MeasureView]


class MergingWeightsView(BaseModel):
    """What decides about merging, and what could."""

    current: int
    night: bool = Field(description="whether a proposal is switched on at night without a person")
    waiting: dict[str, int] = Field(
        description="kind of answer to how many came after the last version"
    )
    least: int = Field(description="new answers before a version is proposed")
    versions: list[VersionView] = Field(description="newest first, the shipped one last")


class ActivateBody(BaseModel):
    """Put a version in use, saying why."""

    model_config = ConfigDict(extra="forbid")

    instead_of: Annotated[int, Field(ge=0, lt=2**31)]
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


def _whole_city(caller: Caller) -> None:
    """The weights decide for the whole city: they are for those who see all of it."""
    if caller.unit is None or caller.unit.tier is not Tier.CITY:
        raise Forbidden(
            "合并权重全市统一，只有市级中心可以查看和启用",
            "merging has one set of weights for the whole city: only its own centre sees and switches them",
        )


def _view(caller: Caller, night: bool) -> MergingWeightsView:
    known = store.versions(caller.conn)
    used = versions.in_force(caller.conn).version
    since = max((v.upto for v in known if v.activated_at and v.base == BASE), default=0)
    state = Standing.RETIRED if used else Standing.ACTIVE
    shipped = Version(SHIPPED, BASE, {}, 0, None, "", state)
    waiting = store.counts(caller.conn, since)
    return MergingWeightsView(
        current=used, night=night, least=LEAST, waiting={kind: waiting.get(kind, 0) for kind in _KINDS if kind in waiting},
        versions=[_one(v) for v in (*known, shipped)],
    )  # fmt: skip


def _one(version: Version) -> VersionView:
    bits = version.weights.bits
    measures = [
        MeasureView(name="prior", label=PRIOR[0], label_en=PRIOR[1], bits=version.weights.prior)
    ]
    measures += [
        MeasureView(name=name, label=NAMES[name][0], label_en=NAMES[name][1], bits=bits[name])
        for name in MEASURES
        if name in bits
    ]
    return VersionView(
        version=version.weights.version, state=version.state, usable=version.base == BASE, made_at=version.made_at,
        made_by=version.made_by, activated_at=version.activated_at, activated_by=version.activated_by,
        reason=version.reason, figures=FiguresView.model_validate(version.figures) if version.figures else None,
        measures=measures,
    )  # fmt: skip


@router.get(
    "/merging/weights", response_model=MergingWeightsView, responses=problems(401, 403, 422)
)
def get_weights(gate: AtGate, request: Request) -> MergingWeightsView:
    """The weights in use, what is proposed with before and after, and all earlier versions."""
    with gate.person(*_ROLES) as caller:
        _whole_city(caller)
        return _view(caller, request.app.state.settings.merging_refit == "night")


@router.post(
    "/merging/weights/{version}/activate",
    response_model=MergingWeightsView,
    responses=problems(400, 401, 403, 404, 409, 422),
)
def activate_weights(
    gate: AtGate,
    request: Request,
    version: Annotated[int, Path(ge=0, lt=2**63)],
    body: ActivateBody,
) -> MergingWeightsView:
    """Put a version in use: what is proposed, an earlier one, or 0 for the shipped weights."""
    with gate.person(*_ROLES) as caller:
        _whole_city(caller)
        by = Operator(caller.person.name, caller.person.id, caller.person.role, caller.address)
        versions.activate(
            caller.conn, version, body.instead_of, by, body.reason.strip(), caller.now
        )
        return _view(caller, request.app.state.settings.merging_refit == "night")
