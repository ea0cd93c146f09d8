"""An incident passed between centres."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PassKind(StrEnum):
    """How an incident goes from one centre to another."""

    DOWN = "down"  # 交办
    UP = "up"  # 上报
    ACROSS = "across"  # 移交
    TAKE_OVER = "take_over"  # 提级办理
    GIVE_BACK = "give_back"  # 交回


@dataclass(frozen=True, slots=True)
class Passing:
    """One time that an incident was passed: from whom to whom, and why."""

    incident: int
    kind: PassKind
    giver: str
    taker: str
    reason: str
    order: int | None
    at: datetime
    account: int | None
    actor: str
