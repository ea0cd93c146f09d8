"""What may be done with an order, by whom, and where it leads. The one place that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from chengshu.agencies.model import Role
from chengshu.incidents.model import Stage


class OrderStage(StrEnum):
    """Where an order stands."""

    ASSIGNED = "assigned"  # 已派,待签收
    SIGNED = "signed"  # 已签收,处置中
    HANDLED = "handled"  # 已反馈,待核查
    VERIFIED = "verified"  # 已核查
    CLOSED = "closed"  # 已办结
    RETURNED = "returned"  # 已退回
    WITHDRAWN = "withdrawn"  # 已撤回


class Verb(StrEnum):
    """What people do with an order."""

    SIGN = "sign"  # 签收
    RETURN = "return"  # 退回
    HANDLE = "handle"  # 反馈
    ACCEPT = "accept"  # 核查通过
    REJECT = "reject"  # 核查不通过
    CLOSE = "close"  # 结案
    URGE = "urge"  # 催办
    WITHDRAW = "withdraw"  # 撤回


class Party(StrEnum):
    """Whose verb it is: the unit that has the order, or the side that gave it."""

    UNIT = "unit"
    CENTRE = "centre"


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table."""

    at: frozenset[OrderStage]
    to: OrderStage | None  # None: the stage stays
    party: Party
    roles: frozenset[Role]
    label: str
    label_en: str


_UNIT_ROLES = frozenset({Role.HANDLER})
_DESK = frozenset({Role.DISPATCHER, Role.SUPERVISOR})

MOVES: Final[Mapping[Verb, Move]] = {
    Verb.SIGN: Move(
        frozenset({OrderStage.ASSIGNED}),
        OrderStage.SIGNED,
        Party.UNIT,
        _UNIT_ROLES,
        "签收",
        "Sign for",
    ),
    Verb.RETURN: Move(
        frozenset({OrderStage.ASSIGNED, OrderStage.SIGNED}),
        OrderStage.RETURNED,
        Party.UNIT,
        _UNIT_ROLES,
        "退回",
        "Return",
    ),
    Verb.HANDLE: Move(
        frozenset({OrderStage.SIGNED}),
        OrderStage.HANDLED,
        Party.UNIT,
        _UNIT_ROLES,
        "反馈",
        "Report back",
    ),
    Verb.ACCEPT: Move(
        frozenset({OrderStage.HANDLED}),
        OrderStage.VERIFIED,
        Party.CENTRE,
        _DESK | {Role.GRID_WORKER},
        "核查通过",
        "Confirm",
    ),
    Verb.REJECT: Move(
        frozenset({OrderStage.HANDLED}),
        OrderStage.SIGNED,
        Party.CENTRE,
        _DESK | {Role.GRID_WORKER},
        "核查不通过",
        "Not done",
    ),
    Verb.CLOSE: Move(
        frozenset({OrderStage.VERIFIED}), OrderStage.CLOSED, Party.CENTRE, _DESK, "结案", "Close"
    ),
    Verb.URGE: Move(
        frozenset({OrderStage.ASSIGNED, OrderStage.SIGNED}),
        None,
        Party.CENTRE,
        _DESK | {Role.LEADER},
        "催办",
        "Urge",
    ),
    Verb.WITHDRAW: Move(
        frozenset({OrderStage.ASSIGNED, OrderStage.SIGNED}),
        OrderStage.WITHDRAWN,
        Party.CENTRE,
        _DESK,
        "撤回",
        "Withdraw",
    ),
}

LIVE: Final = frozenset(
    {OrderStage.ASSIGNED, OrderStage.SIGNED, OrderStage.HANDLED, OrderStage.VERIFIED}
)

_NAMES: Final[Mapping[OrderStage, tuple[str, str]]] = {
    OrderStage.ASSIGNED: ("待签收", "not signed for yet"),
    OrderStage.SIGNED: ("处置中", "being handled"),
    OrderStage.HANDLED: ("已反馈", "reported back"),
    OrderStage.VERIFIED: ("已核查", "verified"),
    OrderStage.CLOSED: ("已办结", "closed"),
    OrderStage.RETURNED: ("已退回", "returned"),
    OrderStage.WITHDRAWN: ("已撤回", "withdrawn"),
}
_PARTIES: Final = {
    Party.UNIT: ("承办单位", "the unit that has it"),
    Party.CENTRE: ("派单一方", "the side that gave it"),
}


def stage_name(stage: OrderStage) -> tuple[str, str]:
    """What a stage is called in a sentence, Chinese and English."""
    return _NAMES[stage]


@dataclass(frozen=True, slots=True)
class Why:
    """Why something may not be done; button, API and test share the sentence."""

    chinese: str
    english: str


def why_not(
    verb: Verb, stage: OrderStage, role: Role, *, own: bool, above: bool = True
) -> Why | None:
    """Say why this person may not do this to the order now; None means she may.

    Args:
        own: The order is her own unit's (or of a unit under hers that has no centre between).
        above: Her unit is the order's or stands above it. A grid worker confirms what she sees
            in her grid, whosever order it is; nobody else acts for the side that gave it
            unless she belongs to it.
    """
    move = MOVES[verb]
    if stage not in move.at:
        name, name_en = _NAMES[stage]
        return Why(
            f"工单{name}，不能{move.label}",
            f"the order is {name_en}: {move.label_en.lower()} is not possible",
        )
    if role not in move.roles:
        return Why(
            f"您的角色不能{move.label}", f"your role may not do this: {move.label_en.lower()}"
        )
    if (move.party is Party.UNIT) != own:
        party, party_en = _PARTIES[move.party]
        return Why(f"{move.label}要由{party}来做", f"{move.label_en.lower()} is for {party_en}")
    if move.party is Party.CENTRE and not above and role is not Role.GRID_WORKER:
        return Why(
            f"工单不归本级及以下单位，不能{move.label}",
            f"the order is of a unit that is not under yours: {move.label_en.lower()} is not possible",
        )
    return None


def incident_stage(orders: Iterable[OrderStage]) -> Stage:
    """Where an incident stands, given its orders: as far as the slowest one that still counts."""
    counting = [s for s in orders if s not in (OrderStage.RETURNED, OrderStage.WITHDRAWN)]
    if not counting:
        return Stage.RECEIVED
    if OrderStage.SIGNED in counting:
        return Stage.HANDLING
    if OrderStage.ASSIGNED in counting:
        return Stage.ASSIGNED if set(counting) == {OrderStage.ASSIGNED} else Stage.HANDLING
    if set(counting) == {OrderStage.CLOSED}:
        return Stage.CLOSED
    return Stage.VERIFYING
