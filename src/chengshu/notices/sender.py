"""The port of everything that carries a message out of the house."""

from __future__ import annotations

from typing import Protocol

from chengshu.notices.model import Message


class Undelivered(Exception):
    """It did not arrive, or nobody knows.

    Attributes:
        final: Trying again is no use: the address or the message itself was refused.
    """

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Sender(Protocol):
    """One way out. A message may be sent more than once; its key travels with it, so that the other end can tell."""

    def send(self, message: Message) -> None:
        """Hand it over; returning means that the other end has taken it.

        Raises:
            Undelivered: It has not, or did not say so in time.
        """
