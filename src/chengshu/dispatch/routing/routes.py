"""HTTP of routing's quality: agreement and calibration to read, a calibration to put in use."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from chengshu.agencies.gate import AtGate, Caller
from chengshu.agencies.model import Role, Tier
from chengshu.dispatch.routing import refit, store
from chengshu.kit.errors import Forbidden, NotFound
from chengshu.kit.problem import problems

router = APIRouter(prefix="/api/v1")
_ROLES = (Role.ANALYST, Role.SUPERVISOR)
_BACK = timedelta(days=180)


class BinView(BaseModel):
    """One step of the calibration curve."""

    low: float
    high: float
    decisions: int
    said: float = Field(description="mean probability of the first proposal")
    right: float = Field(description="share of first proposals that settled it in the end")


class RoutingVersionView(BaseModel):
    """One calibration."""

    version: int
    state: str = Field(description="active, proposed, retired or dropped")
    made_at: datetime
    activated_at: datetime | None
    figures: dict[str, float]


class RoutingQualityView(BaseModel):
    """How routing does, on what was settled in the last half year."""

    decisions: int
    agreement: float | None = Field(description="share of first proposals that settled it")
    curve: list[BinView]
    lessons: int = Field(description="corrections that count in this process")
    current: int = Field(description="version in use; 0 is the shipped one")
    least: int = Field(description="decisions before a calibration is proposed")
    versions: list[RoutingVersionView]


class RoutingActivateBody(BaseModel):
    """Put a calibration in use, saying why."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=1000)]


def _whole_city(caller: Caller) -> None:
    if caller.unit is None or caller.unit.tier is not Tier.CITY:
        raise Forbidden(
            "派遣模型全市统一，只有市级中心可以查看和启用",
            "routing is one for the whole city: only its own centre sees and switches it",
        )


def _learnt(request: Request) -> int:
    router = request.app.state.world.office.router
    return router.learnt if router else 0  # the list alone proposes: nothing is learnt


def _view(caller: Caller, learnt: int) -> RoutingQualityView:
    decided = store.decided(caller.conn, caller.now - _BACK)
    agreed = sum(d.unit == d.proposed for d in decided)
    used = store.active(caller.conn)
    return RoutingQualityView(
        decisions=len(decided), agreement=agreed / len(decided) if decided else None,
        curve=[BinView(low=b.low, high=b.high, decisions=b.decisions, said=b.said, right=b.right) for b in refit.curve(decided)],
        lessons=learnt, current=used.version if used else 0, least=refit.LEAST,
        versions=[RoutingVersionView(version=v, state=state, made_at=made, activated_at=at, figures=figures)
                  for v, state, made, at, figures in store.versions(caller.conn)],
    )  # fmt: skip


@router.get(
    "/routing/quality", response_model=RoutingQualityView, responses=problems(401, 403, 422)
)
def get_quality(gate: AtGate, request: Request) -> RoutingQualityView:
    """Agreement and calibration of routing, and its versions."""
    with gate.person(*_ROLES) as caller:
        _whole_city(caller)
        return _view(caller, _learnt(request))


@router.post(
    "/routing/versions/{version}/activate",
    response_model=RoutingQualityView,
    responses=problems(400, 401, 403, 404, 422),
)
def activate_routing(
    gate: AtGate, request: Request, version: Annotated[int, Path(ge=0, lt=2**31)], body: RoutingActivateBody
) -> RoutingQualityView:  # fmt: skip
    """Put a calibration in use: what is proposed, an earlier one, or 0 for the shipped one."""
    with gate.person(*_ROLES) as caller:
        _whole_city(caller)
        name = caller.person.name
        if not store.activate(caller.conn, version, name, body.reason.strip(), caller.now):
            raise NotFound("派遣模型版本", version)
        return _view(caller, _learnt(request))
