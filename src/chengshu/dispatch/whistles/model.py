"""A whistle and the departments that it calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WhistleCall:
    """报到: one department called.

    Attributes:
        timer: When a worker looks again; None: answered, or nobody is above any more.
        told: Up to which unit silence has climbed; at first the department itself.
        response_s: Seconds from the call to the answer; what is scored.
    """

    whistle: int
    unit: str
    called_at: datetime
    due_at: datetime
    timer: datetime | None
    told: str
    climbed: int = 0
    answered_at: datetime | None = None
    words: str = ""
    actor: str = ""
    response_s: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Whistle:
    """吹哨: a township's call, about one incident."""

    id: int
    incident: int
    number: str
    title: str
    place: str
    area: int
    unit: str
    words: str
    called: tuple[str, ...]
    at: datetime
    account: int | None
    actor: str
