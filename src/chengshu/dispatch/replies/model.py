"""A statutory reply, and the rule that gives its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chengshu.agencies.matters import Limit
from chengshu.intake.model import Nature

OWED = frozenset({Nature.COMPLAINT, Nature.DENUNCIATION})


class ReplyAct(StrEnum):
    """What people do with a statutory reply."""

    ACCEPT = "accept"  # 受理
    DECLINE = "decline"  # 不予受理
    REPLY = "reply"  # 答复


@dataclass(frozen=True, slots=True)
class ReplyRule:
    """By when a complaint or denunciation is to be decided on and answered.

    Attributes:
        matters: For which it holds; empty: for all that no other rule names.
        accept: From receipt until it is said whether it is accepted.
        reply: From acceptance until the answer.
        source: The regulation.
    """

    id: str
    nature: Nature
    matters: frozenset[str]
    accept: Limit
    reply: Limit
    source: str
    source_en: str


@dataclass(frozen=True, slots=True)
class Reply:
    """法定答复: what one report is owed by law.

    Attributes:
        nameless: An anonymous denunciation is decided on, but there is nobody to tell.
        reply_due_at: None until it is accepted.
        overdue: The clock that runs, or ran last, ran out.
        due_at: End of the one clock that runs now; None when nothing is owed any more.
    """

    report: int
    nature: Nature
    rule: str
    nameless: bool
    accept_due_at: datetime
    accepted_at: datetime | None
    declined_at: datetime | None
    declined_because: str | None
    reply_due_at: datetime | None
    replied_at: datetime | None
    text: str | None
    overdue: bool
    changed_at: datetime
    due_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether something is still owed."""
        return self.due_at is not None
