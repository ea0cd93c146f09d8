"""From a channel's form to a report: places, natures, times, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from chengshu.intake import grid, hotline, other, police110, web
from chengshu.intake.form import Taker
from chengshu.intake.model import Channel, Nature
from chengshu.kit.errors import Invalid
from tests.intake.payloads import GRID, HOTLINE, OTHER, POLICE110, PUBLIC, WEB

pytestmark = pytest.mark.db  # the city comes with the database

NANTONG, RUGAO, HAIAN = 320600000000000, 320682000000000, 320685000000000


def _hotline(taker: Taker, **changes: Any) -> Any:
    return hotline.to_report(hotline.HotlineForm.model_validate(HOTLINE | changes), taker)


def test_each_channel_makes_its_report(taker: Taker) -> None:
    call, caller = _hotline(taker)
    assert (call.channel, call.recording, call.extra) == (
        Channel.HOTLINE,
        "rec://pbx1/7",
        {"call": "C-20260714-0007"},
    )
    assert caller is not None
    assert (caller.name, call.taken_by, call.unit) == ("陈小明", 1, "nt")
    found, nobody = grid.to_report(grid.GridForm.model_validate(GRID), taker)
    assert (found.channel, found.channel_id, nobody, found.nature) == (
        Channel.GRID,
        "phone-1-0001",
        None,
        Nature.HELP,
    )
    case, _ = police110.to_report(police110.TransferForm.model_validate(POLICE110), taker)
    assert (case.channel, case.said_at.isoformat()) == (
        Channel.POLICE110,
        "2026-07-14T10:40:00+00:00",
    )
    passed, _ = web.to_report(web.WebForm.model_validate(WEB), taker)
    assert (passed.channel, passed.nature, passed.confidential) == (
        Channel.WEB,
        Nature.COMPLAINT,
        True,
    )
    message, _ = other.to_report(other.OtherForm.model_validate(OTHER), taker)
    assert message.extra == {"system": "数字城管", "sent": OTHER["extra"]}
    assert message.lon is not None
    assert abs(message.lon - 120.56) > 0.003  # GCJ-02 was turned into WGS-84
    own, citizen = web.public_report(
        web.PublicForm.model_validate(PUBLIC), replace(taker, source="public")
    )
    assert (own.channel_id, own.channel, citizen.name if citizen else "") == (
        PUBLIC["client_id"],
        Channel.WEB,
        "赵敏",
    )


def test_the_number_on_the_display_is_taken_when_no_other_is_named(taker: Taker) -> None:
    _, caller = _hotline(taker, reporter=None, call={"phone": "13812345678"})
    assert caller is not None
    assert caller.phone == "13812345678"


def test_a_form_without_number_gets_one(taker: Taker) -> None:
    first, _ = _hotline(taker)
    second, _ = _hotline(taker)
    assert first.channel_id != second.channel_id


@pytest.mark.parametrize(
    ("changes", "area", "outside"),
    [
        ({"place": "", "text": "没有地名的一句话", "title": ""}, NANTONG, False),
        ({"place": "如皋市", "text": "灯坏了", "title": ""}, RUGAO, False),
        ({"place": "", "text": "灯坏了", "title": "", "lon": 120.566, "lat": 32.392}, RUGAO, False),
        (
            {"place": "", "text": "灯坏了", "title": "", "lon": 0.0, "lat": 0.0},
            NANTONG,
            True,
        ),  # Gulf of Guinea
        (
            {"place": "如皋市", "text": "灯坏了", "title": "", "lon": 116.4, "lat": 39.9},
            RUGAO,
            True,
        ),  # Beijing
        (
            {"area": str(HAIAN), "lon": 120.566, "lat": 32.392},
            HAIAN,
            False,
        ),  # a person's choice beats all
        ({"area": str(HAIAN), "lon": 116.4, "lat": 39.9}, HAIAN, True),
    ],
)
def test_the_area(taker: Taker, changes: dict[str, Any], area: int, outside: bool) -> None:
    report, _ = _hotline(taker, **changes)
    assert (report.area, report.extra.get("outside", False)) == (area, outside)
    assert report.lon == changes.get("lon")  # kept, even where it is not used


def test_a_grid_worker_reports_from_her_grid_unless_she_is_elsewhere(taker: Taker) -> None:
    mine = 320682001001001
    worker = replace(taker, grid=mine)
    nearby, _ = grid.to_report(grid.GridForm.model_validate(GRID), worker)
    elsewhere, _ = grid.to_report(
        grid.GridForm.model_validate(GRID | {"lon": 120.45, "lat": 32.55}), worker
    )
    assert nearby.area == mine
    assert elsewhere.area == HAIAN


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \u3000\n\u0000 "}, "text"),
        ({"lon": 120.5}, "lat"),
        ({"lat": 32.5}, "lon"),
        ({"area": "110000000000000"}, "area"),
        ({"area": "320682999000000"}, "area"),
        ({"said_at": "2027-01-01T00:00:00Z"}, "said_at"),
        ({"said_at": "1900-01-01T00:00:00Z"}, "said_at"),
        ({"said_at": "0001-01-01T00:00:00+14:00"}, "said_at"),
        ({"said_at": "9999-12-31T23:59:59-12:00"}, "said_at"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    taker: Taker, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        _hotline(taker, **changes)
    assert refusal.value.field == field
    assert refusal.value.chinese
    assert refusal.value.english != refusal.value.chinese


@pytest.mark.parametrize(
    "changes",
    [{"lon": 181, "lat": 0}, {"lon": 0, "lat": 91}, {"lon": float("nan"), "lat": 1}, {"text": "字" * 100_001},
     {"nature": "rage"}, {"unknown": 1}, {"attachments": ["-1"]}, {"attachments": ["1"] * 21}, {"said_at": "13月5日"}],
)  # fmt: skip
def test_what_the_form_does_not_allow(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        hotline.HotlineForm.model_validate(HOTLINE | changes)


def test_nul_and_half_characters_do_no_harm(taker: Taker) -> None:
    report, _ = _hotline(taker, text="坏\u0000了\ud800灯", title="\u0000", place="如\u0000皋市")
    assert (report.text, report.title, report.place) == ("坏了\ufffd灯", "", "如皋市")


def test_a_time_without_zone_is_the_citys(taker: Taker, now: datetime) -> None:
    report, _ = _hotline(taker, said_at="2026-07-14T18:00:00")
    assert report.said_at == now - timedelta(minutes=62)


def test_anonymous_drops_the_reporter(taker: Taker) -> None:
    report, reporter = _hotline(taker, anonymous=True)
    assert (reporter, report.caller) == (None, "")


@pytest.mark.parametrize(
    "extra",
    [
        {"a": "x" * 20_000},
        {"a": float("nan")},
        {"a": [[[[[[[[[[1]]]]]]]]]]},
        {str(n): "字" * 99 for n in range(99)},
    ],
)
def test_extra_has_limits(taker: Taker, extra: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        other.to_report(other.OtherForm.model_validate(OTHER | {"extra": extra}), taker)
    assert refusal.value.field == "extra"
