"""A return, a dispute, a ruling and the rule that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

MOST_RETURNS: Final = 2


class ReturnReason(StrEnum):
    """Why a unit says that a matter is not its own; there are no others."""

    NOT_MY_MATTER = "not_my_matter"  # 非本单位职责
    NOT_MY_AREA = "not_my_area"  # 非本辖区
    NOT_MY_POWER = "not_my_power"  # 无此权限


REASON_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    ReturnReason.NOT_MY_MATTER: ("非本单位职责", "not our matter"),
    ReturnReason.NOT_MY_AREA: ("非本辖区", "not our area"),
    ReturnReason.NOT_MY_POWER: ("无此权限", "not in our power"),
}


class DisputeState(StrEnum):
    """Where a dispute stands."""

    OPEN = "open"  # 待裁定
    RULED = "ruled"  # 已裁定
    LAPSED = "lapsed"  # 事件已结束，不再裁定


@dataclass(frozen=True, slots=True)
class Handback:
    """退回: one return of an incident's order.

    Attributes:
        nth: 1 or 2; there is no third.
        duty: The row of the responsibility list that it leans on, as `terms.cite` writes it; None when the
            list has none for the matter.
        watch_at: When a worker looks whether somebody has the matter again.
    """

    incident: int
    nth: int
    order: int
    unit: str
    reason: ReturnReason
    words: str
    duty: Mapping[str, Any] | None
    account: int | None
    actor: str
    at: datetime
    watch_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """争议: an incident that two units handed back, before the centre that rules.

    Attributes:
        urgent: Its clock runs in natural hours and the leader on duty rules.
        due_at: By when it is ruled.
        escalated: 0 not yet, 1 overdue, 2 still overdue.
        interim: Who acts meanwhile (先办后议), and with which order.
    """

    id: int
    incident: int
    arbiter: str
    urgent: bool
    opened_at: datetime
    due_at: datetime
    state: DisputeState
    timer: datetime | None
    escalated: int
    interim: str
    interim_order: int | None
    ruling: int | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """裁定: who leads, why, by which rows and articles; and the rule that decides the next such case.

    Attributes:
        incident, origin: What it was made for, id and number.
        area: The rule holds for incidents in this area.
        words: It holds where one of these stands in the message; empty: for every message of the matter.
        settled: The reasons of the returns that it ended.
        unit: The centre that ruled.
        meeting: The day of the meeting on hard cases, if it was made there.
    """

    id: int
    number: str
    incident: int
    origin: str
    matter: str
    area: int
    words: tuple[str, ...]
    lead: str
    assist: tuple[str, ...]
    reason: str
    basis: tuple[str, ...]
    settled: frozenset[str]
    at: datetime
    account: int | None
    actor: str
    unit: str
    meeting: date | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_because: str | None = None

    @property
    def in_force(self) -> bool:
        """Whether it still decides."""
        return self.revoked_at is None


@dataclass(frozen=True, slots=True)
class Returnable:
    """What bears on whether an order may be handed back.

    Attributes:
        returns: How often orders of its incident were returned.
        disputed: The incident is before arbitration.
        ruling: The ruling in force that chose the order's unit.
    """

    returns: int = 0
    disputed: bool = False
    ruling: Ruling | None = None
