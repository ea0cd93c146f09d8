"""Where people of a meeting see each other: a conference service, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlsplit

from chengshu.kit.errors import CannotStart

_SLOT = "{meeting}"


class Conference(Protocol):
    """Gives a meeting its link.

    The link is the same for the same meeting, and is empty where people meet in a room only.
    """

    def link(self, meeting: int, number: str) -> str:
        """The link of a meeting; `number` is its incident's."""
        ...


@dataclass(frozen=True, slots=True)
class NoConference:
    """People meet in a room."""

    def link(self, meeting: int, number: str) -> str:
        """Empty."""
        return ""


@dataclass(frozen=True, slots=True)
class LinkTemplate:
    """A service whose rooms are opened by their name, such as https://meet.city.example/{meeting}."""

    template: str

    def link(self, meeting: int, number: str) -> str:
        """The template with the meeting's name in it."""
        return self.template.replace(_SLOT, quote(f"{number}-{meeting:x}", safe=""))


def conference_of(template: str) -> Conference:
    """The conference service of a setting; an empty one means none.

    Raises:
        CannotStart: It is no web address, or has no place for the meeting.

    Examples:
        >>> conference_of("https://meet.example/{meeting}").link(255, "20260001")
        'https://meet.example/20260001-ff'
    """
    if not template:
        return NoConference()
    address = urlsplit(template)
    if address.scheme not in ("https", "http") or not address.netloc or _SLOT not in template:
        raise CannotStart(
            f"设置 conference_url 要写成 https://…{_SLOT}…，现为 {template}",
            f"the setting conference_url must look like https://…{_SLOT}…, not {template}",
        )
    return LinkTemplate(template)
