"""Who has an order inside a unit, a reply that waits for a signature, the first word with the citizen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chengshu.dispatch.workflow import OrderStage

_LEAST_LEFT: Final = 4  # characters that a reply must hold beside words that say nothing
_YELLOW: Final = 4  # yellow in the last quarter of the time


class Post(StrEnum):
    """What somebody is inside her unit beside her role."""

    LIAISON = "liaison"  # 联络员: passes orders on
    HEAD = "head"  # 审签人: signs replies; a unit with one sends none unsigned


class DraftState(StrEnum):
    """Where a reply stands that a head has to sign."""

    WAITING = "waiting"  # 待审签
    SIGNED = "signed"  # 已审签
    SENT_BACK = "sent_back"  # 退回重办


class ContactLight(StrEnum):
    """How a clock looks."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Handling:
    """经办: who has an order inside the unit."""

    order: int
    section: str
    account: int
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DraftReply:
    """送审: a reply and what a head said of it."""

    id: int
    order: int
    words: str
    attachments: tuple[int, ...]
    account: int
    actor: str
    at: datetime
    state: DraftState
    head_name: str | None
    decided_at: datetime | None
    remark: str


@dataclass(frozen=True, slots=True)
class FirstContact:
    """先行联系: by when the unit first speaks with the citizen, and what came of it.

    Attributes:
        reached: Whether somebody answered; None while nobody tried.
    """

    order: int
    due_at: datetime
    late: bool
    made_at: datetime | None
    way: str | None
    reached: bool | None
    words: str | None
    actor: str | None


@dataclass(frozen=True, slots=True)
class House:
    """Who has which post in a unit."""

    liaisons: frozenset[int] = frozenset()
    heads: frozenset[int] = frozenset()

    @property
    def signs(self) -> bool:
        """Whether a reply needs a head's signature before it goes out."""
        return bool(self.heads)


Sentence = tuple[str, str]


def says_nothing(words: str, phrases: Collection[str]) -> bool:
    """Whether a reply holds nothing beside phrases that fit every case.

    Examples:
        >>> says_nothing("情况属实，已处理。", ["情况属实", "已处理"])
        True
        >>> says_nothing("已处理：更换了两盏路灯", ["已处理"])
        False
    """
    left = "".join(c for c in words if c.isalnum())
    for phrase in sorted(phrases, key=len, reverse=True):
        left = left.replace(phrase, "")
    return len(left) < _LEAST_LEFT


def light(
    begun_at: datetime, due_at: datetime, done_at: datetime | None, now: datetime
) -> ContactLight:
    """How a clock looks: yellow in its last quarter, red from when it ran out."""
    if done_at is not None:
        return ContactLight.DONE
    if now >= due_at:
        return ContactLight.RED
    return (
        ContactLight.YELLOW if (due_at - now) * _YELLOW <= due_at - begun_at else ContactLight.GREEN
    )


def why_not_pass(house: House, account: int, stage: OrderStage) -> Sentence | None:
    """Why this person of the unit may not pass an order on; None: she may."""
    if stage not in (OrderStage.ASSIGNED, OrderStage.SIGNED):
        return "工单不在办理中，不能交办", "the order is not being handled: it cannot be passed on"
    if house.liaisons and account not in house.liaisons | house.heads:
        return "本单位由联络员交办", "in this unit the liaison passes orders on"
    return None


def why_not_reply(house: House, handling: Handling | None, account: int) -> Sentence | None:
    """Why this person of the unit may not write the reply; None: she may."""
    if handling is None or account in {handling.account} | house.liaisons | house.heads:
        return None
    return f"工单由{handling.name}经办", f"the order is {handling.name}'s to handle"


def why_not_sign(house: House, draft: DraftReply | None, account: int) -> Sentence | None:
    """Why this person may not sign the reply that waits; None: she may."""
    if draft is None or draft.state is not DraftState.WAITING:
        return "没有待审签的答复", "no reply waits to be signed"
    if account not in house.heads:
        return "您不是本单位的审签人", "you do not sign for this unit"
    if account == draft.account:
        return "不能审签自己写的答复", "nobody signs her own reply"
    return None


def latest(drafts: Sequence[DraftReply]) -> dict[int, DraftReply]:
    """The last reply of each order that was submitted."""
    return {d.order: d for d in sorted(drafts, key=lambda d: d.id)}
