"""Who rules, by when, who acts meanwhile, until when an order goes back, and what a rule decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chengshu.agencies.calendar import WorkCalendar, read_calendar
from chengshu.agencies.duties.files import read_catalogue
from chengshu.agencies.duties.model import Duty, DutyStage
from chengshu.agencies.model import Role
from chengshu.agencies.units import read_units
from chengshu.dispatch.disputes import terms
from chengshu.dispatch.disputes.model import (
    REASON_NAMES,
    Dispute,
    DisputeState,
    Returnable,
    ReturnReason,
    Ruling,
)
from chengshu.dispatch.model import WorkOrder
from chengshu.dispatch.propose import Directory
from chengshu.dispatch.workflow import OrderStage

ZONE = ZoneInfo("Asia/Shanghai")
NANTONG = Path(__file__).parents[2] / "cities/nantong"
CITY, RUGAO, BAIPU, QUTANG = 320600000000000, 320682000000000, 320682105000000, 320685102000000
NOW = datetime(2026, 7, 14, 10, 0, tzinfo=ZONE)


@lru_cache(maxsize=1)
def world() -> tuple[Directory, WorkCalendar, Duty]:
    rows = read_catalogue(NANTONG).rows
    duty = next(
        r.duty for r in rows if r.duty.matter == "road.damage" and r.duty.stage is DutyStage.HANDLE
    )
    return (
        Directory(read_units(NANTONG / "units.csv")),
        read_calendar(NANTONG / "calendar.toml"),
        duty,
    )


def ruling(**more: object) -> Ruling:
    made = Ruling(
        1, "裁字〔2026〕1号", 7, "20260714-1", "road.damage", RUGAO, ("钢板",), "nt.rugao.zjj", ("nt.rugao.jtj",),
        "施工单位所有", ("《城市道路管理条例》第二十三条",), frozenset({"not_my_matter"}), NOW, 1, "值班领导", "nt",
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type] # a test's shorthand


def order(**more: object) -> WorkOrder:
    made = WorkOrder(1, "n", 7, "nt.rugao.jtj", BAIPU, OrderStage.ASSIGNED, "", NOW, NOW, None, None, None, None, None,
                     0, False, 0, None, NOW, None, NOW + timedelta(hours=2))  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type] # a test's shorthand


@pytest.mark.parametrize(
    ("parties", "area", "arbiter"),
    [
        (["nt.rugao.baipu"], BAIPU, "nt.rugao"),  # a township's: the county's centre
        (["nt.rugao.baipu", "nt.rugao.cgj"], BAIPU, "nt"),  # a county's among them: the city's
        (["nt.rugao.jtj", "nt.rugao.gongshui"], BAIPU, "nt"),
        (["nt.haian.jtj", "nt.rugao.gongshui"], BAIPU, "nt"),
        (["nt.haian.qutang", "nt.rugao.baipu"], BAIPU, "nt"),  # two counties' townships
        (["nt.jtj"], BAIPU, "nt"),  # nobody stands above the city's centre
        (["nt.rugao.baipu"], QUTANG, "nt"),  # the place is not the county's
        (["nt.rugao.baipu"], CITY, "nt"),
    ],
)
def test_the_next_centre_up_rules(parties: list[str], area: int, arbiter: str) -> None:
    found = terms.arbiter_of(parties, area, world()[0])
    assert found is not None
    assert found.unit == arbiter


@pytest.mark.parametrize(
    ("parties", "area", "interim"),
    [
        (["nt.rugao.jtj", "nt.rugao.zjj"], BAIPU, "nt.rugao.baipu"),
        (["nt.rugao.jtj", "nt.rugao.baipu"], BAIPU, "nt.rugao"),
        (["nt.rugao", "nt.rugao.baipu"], BAIPU, "nt"),
        (["nt.jtj", "nt.zjj"], CITY, "nt"),
    ],
)
def test_somebody_acts_meanwhile(parties: list[str], area: int, interim: str) -> None:
    found = terms.interim_of(parties, area, "", world()[0])
    assert found is not None
    assert found.unit == interim


def test_the_named_unit_acts_when_nobody_is_found() -> None:
    found = terms.interim_of(["nt", "nt.rugao.jtj"], CITY, "nt.haian", world()[0])
    assert found is not None
    assert found.unit == "nt.haian"
    own = terms.interim_of(["nt", "nt.rugao.jtj"], CITY, "nt.rugao.zjj", world()[0])
    assert own is not None
    assert own.unit == "nt", "a bureau is no fallback"


@pytest.mark.parametrize(
    ("opened", "urgent", "due"),
    [
        ((2026, 7, 14, 9, 30), False, (2026, 7, 14, 13, 30)),
        ((2026, 7, 14, 16, 30), False, (2026, 7, 15, 12, 0)),  # over night
        ((2026, 7, 17, 16, 30), False, (2026, 7, 20, 12, 0)),  # over a weekend
        ((2026, 9, 30, 16, 30), False, (2026, 10, 8, 12, 0)),  # over the National Day holidays
        ((2026, 9, 30, 16, 30), True, (2026, 9, 30, 20, 30)),
        ((2026, 10, 1, 23, 0), True, (2026, 10, 2, 3, 0)),  # an urgent one runs through all of it
    ],
)
def test_the_clock_of_a_dispute(
    opened: tuple[int, int, int, int, int], urgent: bool, due: tuple[int, int, int, int, int]
) -> None:
    found = terms.rule_by(datetime(*opened, tzinfo=ZONE), urgent, 4, world()[1])
    assert found == datetime(*due, tzinfo=ZONE)


def test_an_order_goes_back_within_the_lists_time_for_signing() -> None:
    _, calendar, duty = world()
    friday = datetime(2026, 7, 17, 17, 0, tzinfo=ZONE)
    sign = friday + timedelta(minutes=20)
    assert duty.limits.sign.text() == "2 工作小时"
    assert terms.return_by(duty, friday, sign, calendar) > friday + timedelta(days=2)
    assert terms.return_by(None, friday, sign, calendar) == sign
    late = friday + timedelta(days=9)
    assert terms.return_by(duty, friday, late, calendar) == late


def test_why_an_order_stays() -> None:
    inside, over = NOW, NOW + timedelta(hours=2, minutes=1)
    assert terms.why_not_return(order(), Returnable(), inside) is None
    assert terms.why_not_return(order(), Returnable(returns=1), inside) is None
    why = terms.why_not_return(order(), Returnable(), over)
    assert why is not None
    assert "退回时限已过" in why.chinese
    assert "12:00" in why.chinese
    assert "12:00" in why.english
    twice = terms.why_not_return(order(), Returnable(returns=2, disputed=True), inside)
    assert twice is not None
    assert "先办后议" in twice.chinese
    assert terms.why_not_return(order(return_by=None), Returnable(), over) is None


def test_the_same_dispute_does_not_come_twice() -> None:
    settled = Returnable(ruling=ruling())
    why = terms.why_not_reason(ReturnReason.NOT_MY_MATTER, settled)
    assert why is not None
    assert "裁字〔2026〕1号" in why.chinese
    assert "裁字〔2026〕1号" in why.english
    assert terms.why_not_reason(ReturnReason.NOT_MY_AREA, settled) is None
    assert terms.why_not_return(order(), settled, NOW) is None  # for another reason it may
    everything = Returnable(ruling=ruling(settled=frozenset(REASON_NAMES)))
    assert terms.why_not_return(order(), everything, NOW) is not None
    gone = Returnable(
        ruling=ruling(revoked_at=NOW, revoked_because="错了", settled=frozenset(REASON_NAMES))
    )
    assert terms.why_not_return(order(), gone, NOW) is None


def test_a_rule_decides_by_matter_place_and_words() -> None:
    plain, exact = ruling(id=2, words=()), ruling(id=1)
    wide = ruling(id=3, area=CITY)
    text = "路面钢板松动"
    assert terms.deciding([plain, exact, wide], "road.damage", BAIPU, text) == exact
    assert terms.deciding([plain], "road.damage", BAIPU, "路面有坑") == plain
    assert terms.deciding([exact], "road.damage", BAIPU, "路面有坑") is None
    assert terms.deciding([exact], "city.garbage", BAIPU, text) is None
    assert terms.deciding([exact], "road.damage", QUTANG, text) is None
    assert terms.deciding([exact, wide], "road.damage", QUTANG, text) == wide
    assert terms.deciding([replace(exact, revoked_at=NOW)], "road.damage", BAIPU, text) is None
    newer = ruling(id=9, lead="nt.rugao.jtj")
    assert terms.deciding([exact, newer], "road.damage", BAIPU, text) == newer


def test_a_rule_with_words_is_certain_one_without_as_sure_as_the_reading() -> None:
    directory = world()[0]
    found = terms.decided(ruling(), 0.3, BAIPU, directory)
    assert found is not None
    assert (found.unit, found.probability) == ("nt.rugao.zjj", 1.0)
    assert "裁字〔2026〕1号" in found.clues[0].because
    assert "20260714-1" in found.clues[0].because_en
    unsure = terms.decided(ruling(words=()), 0.3, BAIPU, directory)
    assert unsure is not None
    assert unsure.probability == 0.3


def test_a_rule_for_the_whole_city_means_the_units_of_the_place() -> None:
    directory, whole = (
        world()[0],
        ruling(area=CITY, assist=("nt.rugao.jtj", "nt.rugao.baipu", "nt.gaj")),
    )
    assert terms.unit_there(whole.lead, whole, BAIPU, directory) == directory.units["nt.rugao.zjj"]
    assert terms.unit_there(whole.lead, whole, QUTANG, directory) == directory.units["nt.haian.zjj"]
    assert terms.assistants(whole, QUTANG, directory) == [
        "nt.haian.jtj",
        "nt.haian.qutang",
        "nt.gaj",
    ]
    assert terms.decided(ruling(lead="nt.keiner"), 0.9, BAIPU, directory) is None


@pytest.mark.parametrize(
    ("role", "unit", "urgent", "may"),
    [
        (Role.SUPERVISOR, "nt", False, True), (Role.LEADER, "nt", False, True), (Role.LEADER, "nt", True, True),
        (Role.SUPERVISOR, "nt", True, False), (Role.DISPATCHER, "nt", False, False),
        (Role.LEADER, "nt.rugao", False, False), (Role.SUPERVISOR, "nt.rugao", False, False),
    ],
)  # fmt: skip
def test_who_may_rule(role: Role, unit: str, urgent: bool, may: bool) -> None:
    dispute = Dispute(
        1, 7, "nt", urgent, NOW, NOW, DisputeState.OPEN, NOW, 0, "nt.rugao.baipu", 1, None, None
    )
    assert (terms.why_not_rule(dispute, role, unit) is None) is may
    assert terms.why_not_rule(replace(dispute, state=DisputeState.RULED), role, unit) is not None
    above = replace(dispute, arbiter="nt.rugao")
    assert (terms.why_not_rule(above, role, unit) is None) is (
        role in terms.RULERS and (not urgent or role is Role.LEADER)
    )


def test_who_may_revoke() -> None:
    assert terms.why_not_revoke(ruling(), Role.SUPERVISOR, "nt") is None
    for who, unit in (
        (Role.SUPERVISOR, "nt.rugao"),
        (Role.DISPATCHER, "nt"),
        (Role.HANDLER, "nt.rugao.zjj"),
    ):
        assert terms.why_not_revoke(ruling(), who, unit) is not None
    assert terms.why_not_revoke(ruling(unit="nt.rugao"), Role.LEADER, "nt") is None
    assert terms.why_not_revoke(ruling(revoked_at=NOW), Role.LEADER, "nt") is not None
