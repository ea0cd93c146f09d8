"""An order and a proposal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chengshu.dispatch.workflow import OrderStage
from chengshu.incidents.evidence import Clue


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """工单: one instruction to one unit.

    Attributes:
        escalate_at: The one timer a worker wakes for; None when nothing is to happen.
        escalated: 0 not yet, 1 urged for signing, 2 overdue, 3 still overdue a day later.
        withdrawn_for: The incident whose order leads since two were merged; such an order counts
            against nobody.
        return_by: Until when it may be handed back; None for one from before there was such a time.
        ruling: Which ruling chose the unit.
        lead: 主办: the incident closes with it; else it assists (协办).
        handlings: 1, or 2 when its unit had to do it again (二次办理).
        follows: The order whose place it took when that was reassigned or went to the centre above.
        false_closing: Somebody found that what its reply says was not so.
        was_overdue: It was late before it was opened again; `overdue` speaks of the present handling.
        document: Number of the document that proves the reply, where no file does.
    """

    id: int
    number: str
    incident: int
    unit: str
    area: int
    stage: OrderStage
    instruction: str
    assigned_at: datetime
    sign_due_at: datetime | None
    due_at: datetime | None
    signed_at: datetime | None
    handled_at: datetime | None
    closed_at: datetime | None
    escalate_at: datetime | None
    escalated: int
    overdue: bool
    returns: int
    reply: str | None
    changed_at: datetime
    withdrawn_for: int | None = None
    return_by: datetime | None = None
    ruling: int | None = None
    lead: bool = True
    handlings: int = 1
    follows: int | None = None
    false_closing: bool = False
    was_overdue: bool = False
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A unit that may be the right one, and why."""

    unit: str
    probability: float
    clues: tuple[Clue, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of history: who did what, when, from where, and why.

    Attributes:
        account: None when the system itself acted.
    """

    incident: int
    order: int | None
    at: datetime
    account: int | None
    actor: str
    unit: str
    verb: str
    from_stage: str | None = None
    to_stage: str | None = None
    reason: str = ""
    detail: tuple[tuple[str, object], ...] = ()
    address: str = ""
