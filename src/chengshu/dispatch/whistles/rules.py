"""Who may whistle, by when a department answers, whom silence reaches next."""

from __future__ import annotations

from datetime import datetime, timedelta

from chengshu.agencies.model import Kind, Role, Tier, Unit
from chengshu.dispatch.joint.rules import COMMANDERS
from chengshu.dispatch.whistles.model import WhistleCall
from chengshu.dispatch.workflow import Why

_URGENT = 2  # from this urgency on the time is halved


def why_not_blow(role: Role, unit: Unit) -> Why | None:
    """Why this person may not whistle; None: she may."""
    if unit.kind is not Kind.CENTRE or unit.tier is Tier.CITY:
        return Why(
            "吹哨由镇街（园区）指挥中心发起，市级中心请直接派单或启动联动",
            "townships and zones whistle; the city's centre gives orders or starts a joint command",
        )
    if role not in COMMANDERS | {Role.HANDLER}:
        return Why("您的角色不能吹哨", "your role may not whistle")
    return None


def why_not_call(unit: Unit | None, by: Unit) -> Why | None:
    """Why this unit cannot be whistled for; None: it can."""
    if unit is None:
        return Why("没有这个单位", "there is no such unit")
    if unit.kind is Kind.CENTRE:
        return Why("吹哨召集的是部门，不是中心", "a whistle calls departments, not centres")
    county = ".".join(by.unit.split(".")[:2])
    if unit.tier is not Tier.CITY and not unit.unit.startswith(county + "."):
        return Why(
            "只能召集本县（市、区）和市级部门", "departments of your county and the city only"
        )
    return None


def why_not_answer(call: WhistleCall | None, role: Role, unit: str) -> Why | None:
    """Why this person may not answer; None: she may."""
    if call is None or call.unit != unit:
        return Why("没有召集您的单位", "your unit is not called")
    if call.answered_at is not None:
        return Why("已经报到", "it was answered already")
    if role not in COMMANDERS | {Role.HANDLER}:
        return Why("您的角色不能报到", "your role may not answer")
    return None


def answer_within(minutes: int, urgency: int, danger: bool) -> timedelta:
    """How long a department has: the setting's minutes of the clock, half where it is urgent.

    Examples:
        >>> answer_within(30, 1, False).seconds, answer_within(30, 2, False).seconds
        (1800, 900)
    """
    full = timedelta(minutes=minutes)
    return full / 2 if danger or urgency >= _URGENT else full


def next_above(told: str) -> str | None:
    """Whom silence reaches next; None above the city's centre.

    Examples:
        >>> next_above("nt.rugao.zjj"), next_above("nt.rugao"), next_above("nt")
        ('nt.rugao', 'nt', None)
    """
    return told.rpartition(".")[0] or None


def response_of(called_at: datetime, answered_at: datetime) -> int:
    """Seconds from the call to the answer, as they are scored."""
    return max(0, round((answered_at - called_at).total_seconds()))
