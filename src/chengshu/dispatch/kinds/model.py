"""Kinds of order, marks that follow from what is known, and who may make what of an incident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from chengshu.agencies.model import Role


class OrderKind(StrEnum):
    """What an incident and its orders are treated as; a later one outranks an earlier one."""

    ORDINARY = "ordinary"  # 普通件
    URGENT = "urgent"  # 紧急件
    PASSED_DOWN = "passed_down"  # 上级转办件
    LEADER = "leader"  # 领导交办件、批示件
    CONFIDENTIAL = "confidential"  # 保密件


class OrderMark(StrEnum):
    """What follows from reports, merging and links; nobody sets it."""

    ANONYMOUS = "anonymous"  # 匿名件
    GROUP = "group"  # 群体件
    REPEAT = "repeat"  # 重复件
    RELATED = "related"  # 关联件


class Veil(IntEnum):
    """From whom an incident is kept; row-level security reads it."""

    OPEN = 0
    RESTRICTED = 1  # named people and the unit that acts
    NAMED_ONLY = 2  # named people alone; its existence is hidden


KIND_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    OrderKind.ORDINARY: ("普通件", "ordinary"),
    OrderKind.URGENT: ("紧急件", "urgent"),
    OrderKind.PASSED_DOWN: ("上级转办件", "passed down from above"),
    OrderKind.LEADER: ("领导批示件", "leader's instruction"),
    OrderKind.CONFIDENTIAL: ("保密件", "confidential"),
}
MARK_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    OrderMark.ANONYMOUS: ("匿名件", "anonymous"),
    OrderMark.GROUP: ("群体件", "group"),
    OrderMark.REPEAT: ("重复件", "repeat visit"),
    OrderMark.RELATED: ("关联件", "related"),
}
_RANK: Final = {kind: rank for rank, kind in enumerate(OrderKind)}
_MAY: Final = frozenset({Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})


@dataclass(frozen=True, slots=True)
class Special:
    """What an incident that is not ordinary carries.

    Attributes:
        number: By the city's numbering rules.
        words: The leader's instruction, verbatim.
        due_at: Its own clock, which caps every order's; None where it has none.
        upper_number: The upper platform's, of one that was passed down.
        answer: 专报: what the leader is told in the end.
    """

    incident: int
    kind: OrderKind
    number: str
    leader: str
    post: str
    words: str
    instructed_at: datetime | None
    due_at: datetime | None
    upper_number: str | None
    answer: str | None
    answered_at: datetime | None
    actor: str
    unit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account as it is named to people."""

    account: int
    name: str
    role: str
    unit: str


@dataclass(frozen=True, slots=True)
class MarkFacts:
    """What is known of an incident's reports and links.

    Attributes:
        nameless: Reports whose sender gave no name.
        people: Different reporters.
        repeated: Reports of somebody who had reported it before.
        recurs: It came back after it was closed.
        linked: Incidents that a person linked with it and that the caller may see.
    """

    reports: int
    nameless: int
    people: int
    repeated: int
    recurs: bool
    linked: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A mark with the number that it stands on: reports, people, repetitions or links."""

    mark: OrderMark
    count: int


def marks(facts: MarkFacts, group_people: int) -> tuple[Marked, ...]:
    """The marks that follow from these facts.

    Examples:
        >>> [m.mark.value for m in marks(MarkFacts(3, 3, 6, 0, False, 1), 5)]
        ['anonymous', 'group', 'related']
    """
    found = []
    if facts.reports and facts.nameless == facts.reports:
        found.append(Marked(OrderMark.ANONYMOUS, facts.nameless))
    if facts.people >= group_people:
        found.append(Marked(OrderMark.GROUP, facts.people))
    if facts.repeated or facts.recurs:
        found.append(Marked(OrderMark.REPEAT, facts.repeated + int(facts.recurs)))
    if facts.linked:
        found.append(Marked(OrderMark.RELATED, facts.linked))
    return tuple(found)


def why_not(kind: OrderKind, at: OrderKind, role: Role, *, ended: bool) -> tuple[str, str] | None:
    """Why this person may not make this kind of the incident, Chinese and English; None: she may."""
    if role not in _MAY:
        return "您的角色不能定件类", "your role may not say what kind it is"
    if ended:
        return "事件已结束，不能再定件类", "the incident has ended: its kind stays"
    if _RANK[kind] <= _RANK[at]:
        name, name_en = KIND_NAMES[at]
        to, to_en = KIND_NAMES[kind]
        return f"已是{name}，不能改为{to}", f"it is {name_en} and cannot become {to_en}"
    return None


def veil_of(kind: OrderKind, *, restricted: bool) -> Veil:
    """From whom an incident of this kind is kept; a leader's instruction may be left open."""
    if kind is OrderKind.CONFIDENTIAL:
        return Veil.NAMED_ONLY
    return Veil.RESTRICTED if kind is OrderKind.LEADER and restricted else Veil.OPEN
