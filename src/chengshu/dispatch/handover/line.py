"""The line to another command platform: what it is given, what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chengshu.dispatch.handover.model import HandoverAnswer, OtherSide


class Unanswered(Exception):
    """Nobody answered, or nothing that can be understood: they may have it or not."""


@dataclass(frozen=True, slots=True)
class Note:
    """三方通话单: who hands over, to whom, what was said, where, and whom to ring back.

    Attributes:
        number: Ours. Sent again, it is the same matter.
        phone: The caller's, in plain text; empty where the party is not given it or nobody knows it.
    """

    number: str
    party: OtherSide
    sender: str
    actor: str
    third: str
    said: str
    place: str
    lon: float | None
    lat: float | None
    incident: str
    phone: str
    offered_at: datetime


class Line(Protocol):
    """One line to one party. An attempt may be repeated; the party tells repetitions by our number."""

    def offer(self, note: Note) -> HandoverAnswer:
        """Offer it and wait for the answer.

        Raises:
            Unanswered: No answer within the line's own time, or none that says yes or no.
        """
