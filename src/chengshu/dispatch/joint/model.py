"""A joint command, its matters, parts, meetings and resources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chengshu.dispatch.workflow import OrderStage


@dataclass(frozen=True, slots=True)
class Strand:
    """One matter of a case that has an answer of its own, such as wages beside contract money.

    Attributes:
        words: A report that says one of these is of this strand.
        answer: What its reporters are told; None: not decided yet.
    """

    code: str
    name: str
    name_en: str
    words: tuple[str, ...] = ()
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """联动指挥: one happening under one lead.

    Attributes:
        number, title: The incident's, for members who have no order of it.
        centre: Which centre commands; the incident lies in its area.
        lead_order: The parent; it closes last.
        members: All units that take part, the lead and the centre among them.
        people: The most people that one report speaks of; None: none names a number.
        crowd: Many people are concerned: they may gather.
    """

    id: int
    incident: int
    number: str
    title: str
    area: int
    centre: str
    lead: str
    lead_order: int
    members: tuple[str, ...]
    template: str
    reason: str
    basis: tuple[str, ...]
    people: int | None
    crowd: bool
    started_at: datetime
    account: int | None
    actor: str
    ended_at: datetime | None = None
    ended_by: str | None = None


@dataclass(frozen=True, slots=True)
class JointOrder:
    """An order of the command's incident, as every member may know it."""

    id: int
    number: str
    unit: str
    stage: OrderStage
    assigned_at: datetime
    sign_due_at: datetime | None
    due_at: datetime | None
    signed_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    overdue: bool
    reply: str | None


@dataclass(frozen=True, slots=True)
class SubTask:
    """子任务: a part of the case; its state and clock are those of its order."""

    id: int
    nth: int
    strand: str
    unit: str
    text: str
    order: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """会商: a meeting called from the case.

    Attributes:
        link: Where people meet at a distance; empty when they do not.
    """

    id: int
    nth: int
    subject: str
    place: str
    link: str
    starts_at: datetime
    called_at: datetime
    actor: str
    ended_at: datetime | None
    summary: str


@dataclass(frozen=True, slots=True)
class MeetingCall:
    """One unit called in: whether it will come, and whether it was there."""

    meeting: int
    unit: str
    coming: bool | None
    words: str
    answered_at: datetime | None
    attended: bool | None
    person: str


@dataclass(frozen=True, slots=True)
class MeetingDecision:
    """决定: what a meeting decided; `task` is the part that it became."""

    id: int
    meeting: int
    nth: int
    text: str
    task: int | None
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class ResourceCall:
    """调用资源: what was called, from whom, when, and when it arrived."""

    id: int
    what: str
    source: str
    contact: str
    called_at: datetime
    actor: str
    arrived_at: datetime | None
    arrived_by: str | None


@dataclass(frozen=True, slots=True)
class JointEntry:
    """One line of the time line that all members share."""

    at: datetime
    account: int | None
    actor: str
    unit: str
    verb: str
    words: str
