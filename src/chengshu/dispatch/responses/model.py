"""A declared level and the tasks that it sets going."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chengshu.dispatch.workflow import OrderStage


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One row of a plan's task table, taken as a value.

    Attributes:
        acknowledge_min: Minutes within which it is signed for; unsigned it climbs.
        finish_min: Minutes within which it is done.
    """

    unit: str
    text: str
    acknowledge_min: int
    finish_min: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """发布: which level, under which number, by whom.

    Attributes:
        level: 4 (Ⅳ) the lowest to 1 (Ⅰ) the highest; None: ended.
        declarer: Which headquarters declares, such as 市防指.
    """

    level: int | None
    number: str
    signer: str
    declarer: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """应急响应: a running or ended emergency response."""

    id: int
    incident: int
    area: int
    centre: str
    plan: str
    level: int
    number: str
    signer: str
    declarer: str
    declared_at: datetime
    units: tuple[str, ...]
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeclaredLevel:
    """One line of how the level went."""

    nth: int
    level: int | None
    number: str
    signer: str
    declarer: str
    words: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class ResponseTask:
    """A task with where its order stands."""

    nth: int
    unit: str
    text: str
    order: int
    order_number: str
    stage: OrderStage
    acknowledge_by: datetime | None
    finish_by: datetime | None
    acknowledged_at: datetime | None
    climbed: int
    overdue: bool
