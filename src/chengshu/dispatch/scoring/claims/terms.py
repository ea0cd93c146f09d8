"""Who may say and decide what about figures; button, API and test take the sentence from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chengshu.agencies.model import Role
from chengshu.dispatch.scoring.claims.model import (
    Appeal,
    Exclusion,
    Measure,
    MeasureAct,
    MeasureState,
)
from chengshu.dispatch.workflow import Why

DECIDERS: Final = frozenset({Role.SUPERVISOR, Role.LEADER})
SPEAKERS: Final = frozenset(
    {Role.HANDLER, Role.DISPATCHER, Role.SUPERVISOR, Role.ANALYST, Role.LEADER}
)
PROPOSERS: Final = frozenset({Role.SUPERVISOR, Role.ANALYST, Role.LEADER})


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: account, role, and the unit for which she acts."""

    account: int
    role: Role
    unit: str


def holds(path: str, above: str) -> bool:
    """Whether a unit is another or lies below it."""
    return path == above or path.startswith(above + ".")


def why_not_decide(state: str, account: int, to_unit: str, who: Person) -> Why | None:
    """Why this person may not decide what another one proposed; None: she may."""
    if state != "open":
        return Why("已经答复", "this was answered already")
    if who.role not in DECIDERS:
        return Why("由督办员或领导审定", "supervisors and leaders decide")
    if not holds(to_unit, who.unit):
        return Why(
            "由上级中心审定，不归本单位", "the centre above decides: it is not for your unit"
        )
    if account == who.account:
        return Why("提出的人不能自己审定", "whoever proposed it does not decide it")
    return None


def why_not_decide_exclusion(one: Exclusion, who: Person) -> Why | None:
    """Why this person may not decide on an exclusion; None: she may."""
    return why_not_decide(one.state, one.account, one.to_unit, who)


def why_not_answer(one: Appeal, who: Person) -> Why | None:
    """Why this person may not answer an appeal; None: she may."""
    return why_not_decide(one.state, one.account, one.to_unit, who)


def why_not_appeal(state: str, until: datetime | None, unit: str, who: Person, now: datetime) -> Why | None:  # fmt: skip
    """Why this person may not appeal about a unit's month; None: she may.

    Args:
        state: Of the month.
    """
    if state == "open":
        return Why("本月考核尚未公示", "the month is not published yet")
    if state == "frozen" or until is None or until < now:
        return Why("公示期已过，本月考核已定版", "the time for appeals is over: the month is final")
    if who.role not in SPEAKERS:
        return Why("您的角色不能提出申诉", "your role may not appeal")
    if who.unit != unit:
        return Why("只能就本单位的工单申诉", "a unit appeals about its own orders")
    return None


@dataclass(frozen=True, slots=True)
class _Step:
    at: frozenset[MeasureState]
    to: MeasureState
    roles: frozenset[Role]
    by_unit: bool  # the unit's own act; else that of the centre whose measure it is


_CENTRE_ACTS = DECIDERS
STEPS: Final[Mapping[MeasureAct, _Step]] = {
    MeasureAct.APPROVE: _Step(frozenset({MeasureState.PROPOSED}), MeasureState.APPROVED, _CENTRE_ACTS, False),
    MeasureAct.REFUSE: _Step(frozenset({MeasureState.PROPOSED}), MeasureState.REFUSED, _CENTRE_ACTS, False),
    MeasureAct.REPORT: _Step(frozenset({MeasureState.APPROVED}), MeasureState.REPORTED, SPEAKERS - {Role.ANALYST}, True),
    MeasureAct.AGAIN: _Step(frozenset({MeasureState.REPORTED}), MeasureState.APPROVED, _CENTRE_ACTS, False),
    MeasureAct.STRIKE: _Step(frozenset({MeasureState.REPORTED}), MeasureState.STRUCK, _CENTRE_ACTS, False),
}  # fmt: skip
NAMES: Final[Mapping[MeasureAct, tuple[str, str]]] = {
    MeasureAct.APPROVE: ("批准", "approve"),
    MeasureAct.REFUSE: ("不批准", "refuse"),
    MeasureAct.REPORT: ("报送整改情况", "report"),
    MeasureAct.AGAIN: ("退回重改", "send back"),
    MeasureAct.STRIKE: ("销号", "strike off"),
}


def why_not_act(act: MeasureAct, one: Measure, who: Person) -> Why | None:
    """Why this person may not do this about a measure; None: she may."""
    step, (name, name_en) = STEPS[act], NAMES[act]
    if one.state not in step.at:
        return Why(f"现在不能{name}", f"it is not the time to {name_en}")
    if who.role not in step.roles:
        return Why(f"您的角色不能{name}", f"your role may not {name_en}")
    if step.by_unit and who.unit != one.unit:
        return Why(f"{name}由被考核单位来做", f"it is for the unit itself to {name_en}")
    if not step.by_unit and not holds(one.by_unit, who.unit):
        return Why(
            f"{name}由提出的中心来做", f"it is for the centre whose measure it is to {name_en}"
        )
    if act in (MeasureAct.APPROVE, MeasureAct.REFUSE) and one.account == who.account:
        return Why("提出的人不能自己审批", "whoever proposed it does not approve it")
    if act is MeasureAct.STRIKE and one.reported_by == who.account:
        return Why("报送的人不能自己销号", "whoever reported does not strike off")
    return None
