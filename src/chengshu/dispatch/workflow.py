"""What may be done with an order, by whom, and where it leads. The one place that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from chengshu.agencies.model import Role
from chengshu.incidents.model import Stage


class OrderStage(StrEnum):
    """Where an order stands."""

    ASSIGNED = "assigned"  # 已派,待签收
    SIGNED = "signed"  # 已签收,处置中
    HANDLED = "handled"  # 已反馈,待核查
    VERIFIED = "verified"  # 已核查
    SHELVED = "shelved"  # 已挂账
    CLOSED = "closed"  # 已办结
    ARCHIVED = "archived"  # 已归档
    RETURNED = "returned"  # 已退回
    WITHDRAWN = "withdrawn"  # 已撤回
    VOID = "void"  # 已作废


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
    REDO = "redo"  # 退回重办
    REASSIGN = "reassign"  # 改派
    LEAD = "lead"  # 改为主办
    SHELVE = "shelve"  # 申请挂账
    ALLOW_SHELVING = "allow_shelving"  # 批准挂账
    REFUSE_SHELVING = "refuse_shelving"  # 不准挂账
    STRIKE_OFF = "strike_off"  # 销账
    STRIKE_CLOSE = "strike_close"  # 销账办结
    ARCHIVE = "archive"  # 归档
    REOPEN = "reopen"  # 重开
    VOID = "void"  # 作废
    PAUSE = "pause"  # 申请暂停计时
    RESUME = "resume"  # 恢复计时
    EXTEND = "extend"  # 申请延期
    SUPERVISE = "supervise"  # 督办


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
_ABOVE = frozenset({Role.SUPERVISOR, Role.LEADER})
_LOOKS = _DESK | {Role.GRID_WORKER}
_S = OrderStage


def _move(at: Iterable[OrderStage], to: OrderStage | None, party: Party, roles: frozenset[Role],
          label: str, label_en: str) -> Move:  # fmt: skip
    return Move(frozenset(at), to, party, roles, label, label_en)


LIVE: Final = frozenset({_S.ASSIGNED, _S.SIGNED, _S.HANDLED, _S.VERIFIED, _S.SHELVED})
DONE: Final = frozenset({_S.CLOSED, _S.ARCHIVED})
VAIN: Final = frozenset({_S.RETURNED, _S.WITHDRAWN, _S.VOID})  # these count for nothing any more

_BEGUN = (_S.ASSIGNED, _S.SIGNED)
MOVES: Final[Mapping[Verb, Move]] = {
    Verb.SIGN: _move([_S.ASSIGNED], _S.SIGNED, Party.UNIT, _UNIT_ROLES, "签收", "Sign for"),
    Verb.RETURN: _move(_BEGUN, _S.RETURNED, Party.UNIT, _UNIT_ROLES, "退回", "Return"),
    Verb.HANDLE: _move([_S.SIGNED], _S.HANDLED, Party.UNIT, _UNIT_ROLES, "反馈", "Report back"),
    Verb.ACCEPT: _move([_S.HANDLED], _S.VERIFIED, Party.CENTRE, _LOOKS, "核查通过", "Confirm"),
    Verb.REJECT: _move([_S.HANDLED], _S.SIGNED, Party.CENTRE, _LOOKS, "核查不通过", "Not done"),
    Verb.CLOSE: _move([_S.VERIFIED], _S.CLOSED, Party.CENTRE, _DESK, "结案", "Close"),
    Verb.URGE: _move(_BEGUN, None, Party.CENTRE, _DESK | {Role.LEADER}, "催办", "Urge"),
    Verb.WITHDRAW: _move([*_BEGUN, _S.SHELVED], _S.WITHDRAWN, Party.CENTRE, _DESK, "撤回", "Withdraw"),
    Verb.REDO: _move([_S.HANDLED], _S.SIGNED, Party.CENTRE, _DESK, "退回重办", "Send back to be redone"),
    Verb.REASSIGN: _move([*_BEGUN, _S.SHELVED], _S.WITHDRAWN, Party.CENTRE, _DESK, "改派", "Reassign"),
    Verb.LEAD: _move(LIVE, None, Party.CENTRE, _DESK, "改为主办", "Make it lead"),
    Verb.SHELVE: _move([_S.SIGNED], None, Party.UNIT, _UNIT_ROLES, "申请挂账", "Ask to shelve"),
    Verb.ALLOW_SHELVING: _move([_S.SIGNED], _S.SHELVED, Party.CENTRE, _ABOVE, "批准挂账", "Allow shelving"),
    Verb.REFUSE_SHELVING: _move([_S.SIGNED], None, Party.CENTRE, _ABOVE, "不准挂账", "Refuse shelving"),
    Verb.STRIKE_OFF: _move([_S.SHELVED], _S.SIGNED, Party.CENTRE, _DESK | {Role.LEADER}, "销账", "Take up again"),
    Verb.STRIKE_CLOSE: _move([_S.SHELVED], _S.CLOSED, Party.CENTRE, _ABOVE, "销账办结", "Settle and close"),
    Verb.ARCHIVE: _move([_S.CLOSED], _S.ARCHIVED, Party.CENTRE, _DESK, "归档", "Archive"),
    Verb.REOPEN: _move(DONE, _S.SIGNED, Party.CENTRE, _DESK | {Role.LEADER}, "重开", "Reopen"),
    Verb.VOID: _move(_BEGUN, _S.VOID, Party.CENTRE, _DESK, "作废", "Void"),
    Verb.PAUSE: _move([_S.SIGNED], None, Party.UNIT, _UNIT_ROLES, "申请暂停计时", "Ask to stop the clock"),
    Verb.RESUME: _move([_S.SIGNED], None, Party.UNIT, _UNIT_ROLES, "恢复计时", "Resume the clock"),
    Verb.EXTEND: _move([_S.SIGNED], None, Party.UNIT, _UNIT_ROLES, "申请延期", "Ask for more time"),
    Verb.SUPERVISE: _move(_BEGUN, None, Party.CENTRE, _DESK | {Role.LEADER}, "督办", "Supervise"),
}  # fmt: skip

_NAMES: Final[Mapping[OrderStage, tuple[str, str]]] = {
    OrderStage.ASSIGNED: ("待签收", "not signed for yet"),
    OrderStage.SIGNED: ("处置中", "being handled"),
    OrderStage.HANDLED: ("已反馈", "reported back"),
    OrderStage.VERIFIED: ("已核查", "verified"),
    OrderStage.SHELVED: ("已挂账", "shelved"),
    OrderStage.CLOSED: ("已办结", "closed"),
    OrderStage.ARCHIVED: ("已归档", "archived"),
    OrderStage.RETURNED: ("已退回", "returned"),
    OrderStage.WITHDRAWN: ("已撤回", "withdrawn"),
    OrderStage.VOID: ("已作废", "void"),
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


Labels = Mapping[Verb, tuple[str, str]]
_TABLE: Final[Labels] = {verb: (move.label, move.label_en) for verb, move in MOVES.items()}


def label_of(verb: Verb, labels: Labels = _TABLE) -> tuple[str, str]:
    """What a verb is called, Chinese and English, in a line of business that names some otherwise."""
    return labels.get(verb) or _TABLE[verb]


def why_not(verb: Verb, stage: OrderStage, role: Role, *, own: bool, above: bool = True,
            labels: Labels = _TABLE) -> Why | None:  # fmt: skip
    """Say why this person may not do this to the order now; None means she may.

    Args:
        own: The order is her own unit's (or of a unit under hers that has no centre between).
        above: Her unit is the order's or stands above it. A grid worker confirms what she sees
            in her grid, whosever order it is; nobody else acts for the side that gave it
            unless she belongs to it.
        labels: What its line of business calls verbs.
    """
    move = MOVES[verb]
    label, label_en = label_of(verb, labels)
    label_en = label_en.lower()
    if stage not in move.at:
        name, name_en = _NAMES[stage]
        return Why(
            f"工单{name}，不能{label}",
            f"the order is {name_en}: {label_en} is not possible",
        )
    if role not in move.roles:
        return Why(f"您的角色不能{label}", f"your role may not do this: {label_en}")
    if (move.party is Party.UNIT) != own:
        party, party_en = _PARTIES[move.party]
        return Why(f"{label}要由{party}来做", f"{label_en} is for {party_en}")
    if move.party is Party.CENTRE and not above and role is not Role.GRID_WORKER:
        return Why(
            f"工单不归本级及以下单位，不能{label}",
            f"the order is of a unit that is not under yours: {label_en} is not possible",
        )
    return None


class Weighing(Protocol):
    """What bears on where an incident stands: an order's stage, and whether it leads (主办)."""

    @property
    def stage(self) -> OrderStage: ...
    @property
    def lead(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class CountedOrder:
    """An order of which no more is known than how far it is, and whether it leads."""

    stage: OrderStage
    lead: bool = True


def incident_stage(orders: Iterable[Weighing]) -> Stage:
    """Where an incident stands, given its orders: as far as the slowest one that still counts.

    It is closed when every order that counts is, one that leads among them: when only those have
    closed that assisted, the desk has it again and gives it to somebody who leads.
    """
    counting = [o for o in orders if o.stage not in VAIN]
    stages = {o.stage for o in counting}
    if not stages:
        return Stage.RECEIVED
    if not stages & LIVE:
        return Stage.CLOSED if any(o.lead for o in counting) else Stage.RECEIVED
    if stages & {OrderStage.SIGNED, OrderStage.SHELVED}:
        return Stage.HANDLING
    if OrderStage.ASSIGNED in stages:
        return Stage.ASSIGNED if stages == {OrderStage.ASSIGNED} else Stage.HANDLING
    return Stage.VERIFYING
