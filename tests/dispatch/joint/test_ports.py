"""One contract for every conference service: the same meeting, the same link; other meetings, other links."""

from __future__ import annotations

import pytest

from chengshu.dispatch.joint.ports import Conference, LinkTemplate, NoConference, conference_of
from chengshu.kit.errors import CannotStart


@pytest.mark.parametrize(
    "port", [NoConference(), LinkTemplate("https://meet.city.example/room/{meeting}?lang=zh")]
)
def test_a_meeting_has_one_link_or_none(port: Conference) -> None:
    first = port.link(7, "20260714000001")
    assert first == port.link(7, "20260714000001")
    assert first == "" or first.startswith("https://")
    assert first == "" or first != port.link(8, "20260714000001")


def test_the_setting_chooses_the_service() -> None:
    assert isinstance(conference_of(""), NoConference)
    assert (
        conference_of("https://meet.example/{meeting}").link(1, "a/b")
        == "https://meet.example/a%2Fb-1"
    )


@pytest.mark.parametrize(
    "wrong", ["meet.example/{meeting}", "https://meet.example/", "javascript:{meeting}"]
)
def test_an_address_without_a_place_for_the_meeting_is_refused(wrong: str) -> None:
    with pytest.raises(CannotStart, match="conference_url"):
        conference_of(wrong)
