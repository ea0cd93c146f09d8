"""The port to the platform above; a province's protocol is one class that keeps these promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from chengshu.dispatch.upward.model import DayEntry, PassedDown, UpMessage, UpReceipt


class UpperAwayError(Exception):
    """The platform above did not answer, or not in a way that can be read: it is asked again later."""


class UpperRefusedError(Exception):
    """The platform above understood, and said no: asking again would not help."""


class Upper(Protocol):
    """The platform above.

    Every call may be repeated: it has the effect of one. A lost answer raises `UpperAwayError`.
    """

    def fetch(self) -> Sequence[PassedDown]:
        """Orders that it has no receipt of yet, in any order, some again."""
        ...

    def send(self, message: UpMessage) -> UpReceipt:
        """Hand a message up.

        Raises:
            UpperRefusedError: It will not have it.
        """
        ...

    def day(self, day: date) -> Sequence[DayEntry]:
        """What it handed down on a day, and where it thinks each stands."""
        ...
