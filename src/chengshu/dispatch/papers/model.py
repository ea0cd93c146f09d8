"""Printed forms: which there are, who may print them, what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from chengshu.agencies.model import Role
from chengshu.dispatch.workflow import OrderStage
from chengshu.kit.times import local


class PaperKind(StrEnum):
    """A printed form."""

    ASSIGNMENT = "assignment"  # 交办单
    SUPERVISION = "supervision"  # 督办单
    EXTENSION = "extension"  # 延期审批单
    RECEIPT = "receipt"  # 办结回执
    SPECIAL_REPORT = "special_report"  # 专报


@dataclass(frozen=True, slots=True)
class Form:
    """One form.

    Attributes:
        own: It is the unit's own that has the order, not the giving side's.
        once: The second asking gets the paper of the first.
        stages: At which stages of the order; empty for a form about the incident.
    """

    title: str
    title_en: str
    roles: frozenset[Role]
    own: bool
    once: bool
    stages: frozenset[OrderStage]


_DESK: Final = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})
_LIVE: Final = frozenset({OrderStage.ASSIGNED, OrderStage.SIGNED})
_DONE: Final = frozenset({OrderStage.HANDLED, OrderStage.VERIFIED, OrderStage.CLOSED})
FORMS: Final[Mapping[PaperKind, Form]] = {
    PaperKind.ASSIGNMENT: Form("交办单", "assignment form", _DESK, False, True, _LIVE | _DONE),
    PaperKind.SUPERVISION: Form("督办单", "supervision order", _DESK, False, False, _LIVE),
    PaperKind.EXTENSION: Form(
        "延期审批单", "extension form", frozenset({Role.HANDLER}), True, False, _LIVE
    ),
    PaperKind.RECEIPT: Form(
        "办结回执",
        "receipt of settlement",
        frozenset({Role.HANDLER, Role.LEADER}),
        True,
        False,
        _DONE,
    ),
    PaperKind.SPECIAL_REPORT: Form("专报", "report to the leader", _DESK, False, True, frozenset()),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """文书: one form as it was printed first.

    Attributes:
        facts: What it says; printing it again says the same, under another watermark.
    """

    id: int
    number: str
    kind: PaperKind
    incident: int
    order: int | None
    facts: Mapping[str, Any]
    actor: str
    unit: str
    at: datetime


def why_not(
    kind: PaperKind, role: Role, stage: OrderStage | None, *, own: bool
) -> tuple[str, str] | None:
    """Why this person may not print the form of this order now; None: she may.

    Args:
        own: The order is her own unit's.
    """
    form = FORMS[kind]
    if role not in form.roles:
        return f"您的角色不能打印{form.title}", f"your role may not print this: {form.title_en}"
    if form.own and not own:
        return (
            f"{form.title}由承办单位打印",
            f"the unit that has the order prints the {form.title_en}",
        )
    if form.stages and stage not in form.stages:
        return f"工单现在不能打印{form.title}", f"the order has no {form.title_en} at this stage"
    return None


def watermark(name: str, unit: str, at: datetime) -> str:
    """Who took a copy and when, in the city's time.

    Examples:
        >>> from datetime import UTC, datetime
        >>> watermark("陈晨", "市指挥中心", datetime(2026, 7, 14, 11, 2, tzinfo=UTC))
        '市指挥中心 陈晨 2026-07-14 19:02:00 导出'
    """
    return f"{unit} {name} {local(at):%Y-%m-%d %H:%M:%S} 导出"
