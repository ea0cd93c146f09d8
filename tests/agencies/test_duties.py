"""A list that breaks a rule is refused with its row and reason; one that keeps them loads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengshu.agencies.duties.current import Responsibilities
from chengshu.agencies.duties.fields import Wrong, as_row, read_duty
from chengshu.agencies.duties.files import BadList, must_hold, read_rows
from chengshu.agencies.duties.model import Duty, DutyStage, Ground, clock_hours
from chengshu.agencies.matters import Limit, Span
from tests.agencies.duty_rows import DAY, changed, faults_of, rows_of, small

Rows: TypeAlias = list[dict[str, Any]]
RUGAO, CHONGCHUAN = "320682000000000", "320613000000000"


def _at(rows: Rows, matter: str, stage: str = "handle") -> int:
    return next(n for n, r in enumerate(rows) if r["matter"] == matter and r["stage"] == stage)


def _with(**values: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: changed(row, **values)


# what is done to the row of city.vendor → the field that is named, and a word of each reason
BREACHES = {
    "unknown matter": (_with(matter="city.nothing"), "matter", "不存在", "no matter"),
    "unknown lead": (_with(lead="神仙局"), "lead", "神仙局 不存在", "no unit"),
    "unknown assistant": (_with(assist=["神仙局"]), "assist", "神仙局 不存在", "no unit"),
    "lead assists": (_with(assist=["城管局"]), "assist", "既牵头又协办", "leads and assists"),
    "no such tier there": (_with(lead="海事局"), "lead", "区域有缺口", "gap in area"),
    "city has no such line": (_with(lead="镇街", tier="county"), "tier", "不符", "does not fit"),
    "township without 镇街": (_with(tier="township"), "tier", "不符", "does not fit"),
    "unknown tier": (_with(tier="village"), "tier", "可选值", "none of"),
    "unknown stage": (_with(stage="dream"), "stage", "可选值", "none of"),
    "unknown area": (_with(area=["320699000000000"]), "area", "不存在", "no area"),
    "area no number": (_with(area=["如皋"]), "area", "读不懂", "cannot read"),
    "ends before it begins": (_with(valid_to="2025-01-01"), "valid_to", "早于", "before"),
    "no date": (_with(valid_from="2026-13-40"), "valid_from", "读不懂", "cannot read"),
    "no basis": (_with(basis=[]), "basis", "缺少法律依据", "missing"),
    "basis without article": (_with(basis=[{"document": "噪声法", "article": "多条"}]), "basis", "条号", "no article"),
    "urgent is slower": (_with(limits={"urgent": "900 working_days"}), "limits.urgent", "倒挂", "longer"),
    "very urgent is slower": (_with(limits={"very_urgent": "900 days"}), "limits.very_urgent", "倒挂", "longer"),
    "signing takes longer": (_with(limits={"sign": "900 working_days"}), "limits.sign", "倒挂", "longer"),
    "limit no text": (_with(limits={"normal": "soon"}), "limits", "读不懂", "cannot read"),
    "limit of nothing": (_with(limits={"normal": "0 hours"}), "limits", "读不懂", "cannot read"),
    "limit is missing": (_with(limits={"contact": ""}), "limits", "缺少", "missing"),
    "no condition": (_with(file_when=""), "file_when", "写清楚", "must be said"),
    "no closing": (_with(close_when="好"), "close_when", "写清楚", "must be said"),
    "unknown key": (lambda row: {**row, "leed": "城管局"}, "leed", "没有这个字段", "no such key"),
    "not what is unknown": (_with(**{"not": ["city.nothing"]}), "not", "不存在", "does not exist"),
    "not itself": (_with(**{"not": ["city.vendor"]}), "not", "就是自己", "own"),
}  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_refused_with_its_row_and_reason(breach: str) -> None:
    spoil, field, chinese, english = BREACHES[breach]
    rows = rows_of(small())
    n = _at(rows, "city.vendor")
    rows[n] = spoil(rows[n])
    named = [f for f in faults_of(rows, small()) if f.row == n + 1 and f.field == field]
    assert named, faults_of(rows, small())
    assert chinese in named[0].chinese
    assert english in named[0].english
    assert f"第 {n + 1} 行" in named[0].text()
    with pytest.raises(BadList) as refused:
        must_hold(
            read_rows("list.csv", enumerate(rows, 1))[0],
            small(),
            DAY,
            read_rows("list.csv", enumerate(rows, 1))[1],
        )
    assert chinese in refused.value.chinese
    assert english in refused.value.english


def test_two_leads_at_once() -> None:
    rows = rows_of(small())
    twin = changed(
        rows[_at(rows, "city.vendor")],
        lead="公安局",
        assist=[],
        area=[RUGAO],
        file_when="夜间摆摊且有人打架斗殴",
    )
    rows.append(twin)
    (fault,) = faults_of(rows, small())
    assert (fault.row, fault.field) == (len(rows), "lead")
    assert "如城街道" in fault.chinese or "如皋" in fault.chinese
    assert "重叠" in fault.chinese
    rows[-1] = changed(twin, stage="enforce")  # another stage is another's power
    assert faults_of(rows, small()) == []


def test_a_lead_after_the_other_is_no_overlap_and_no_gap() -> None:
    rows = rows_of(small())
    n = _at(rows, "city.vendor")
    rows[n] = changed(rows[n], valid_to="2026-12-31")
    (fault,) = faults_of(rows, small())
    assert "2027-01-01" in fault.chinese  # nobody from the new year on
    rows.append(changed(rows[n], lead="公安局", assist=[], valid_from="2027-01-01", valid_to=None))
    assert faults_of(rows, small()) == []
    rows[-1] = changed(rows[-1], valid_from="2026-12-31")
    assert "重叠" in faults_of(rows, small())[0].chinese


def test_a_county_left_out_is_a_gap() -> None:
    rows = rows_of(small())
    n = _at(rows, "city.vendor")
    counties = [str(c) for c in small().counties() if str(c) != RUGAO]
    rows[n] = changed(rows[n], area=counties)
    (fault,) = faults_of(rows, small())
    assert (fault.row, fault.matter, fault.field) == (n + 1, "city.vendor", "area")
    assert "如皋市" in fault.chinese
    rows.append(changed(rows[n], area=[RUGAO], limits={"normal": "3 working_days"}))
    assert faults_of(rows, small()) == []


def test_a_township_left_out_is_a_gap_of_its_county() -> None:
    rows = rows_of(small())
    n = _at(rows, "city.vendor")
    leaves = sorted(small().leaves)
    rows[n] = changed(rows[n], area=[str(a) for a in leaves[1:]])
    (fault,) = faults_of(rows, small())
    assert small().names[small().leaves[leaves[0]]] in fault.chinese


def test_a_matter_that_arises_in_some_counties_only_needs_no_others() -> None:
    ground = replace(small(), where={"city.vendor": (int(RUGAO),)})
    rows = rows_of(ground)
    n = _at(rows, "city.vendor")
    rows[n] = changed(rows[n], area=[RUGAO])
    assert faults_of(rows, ground) == []


def test_a_matter_without_a_handling_row() -> None:
    rows = rows_of(small())
    rows[_at(rows, "city.vendor")]["stage"] = "supervise"
    (fault,) = faults_of(rows, small())
    assert (fault.matter, fault.field) == ("city.vendor", "stage")
    assert "无人负责" in fault.chinese


@pytest.mark.parametrize("words", ["{}", "如皋市{}", "由公安局处理：{}", "流动摊贩占道{}"])
def test_a_copied_row_is_found_whatever_names_stand_in_it(words: str) -> None:
    """Rows that differ only in area, unit or the matter's name are no work."""
    rows = rows_of(small())
    source = changed(
        rows[_at(rows, "city.vendor")],
        file_when="摊位妨碍行人通行的情形",
        close_when="摊位已经撤离现场",
    )
    rows[_at(rows, "city.vendor")] = source
    n = _at(rows, "noise.social")
    rows[n] = changed(source, matter="noise.social", lead="公安局", assist=[], close_when=source["close_when"],
                      file_when=words.format(source["file_when"]).replace("由处理：", ""))  # fmt: skip
    copies = [f for f in faults_of(rows, small()) if "照抄" in f.chinese]
    assert [f.row for f in copies] == ([n + 1] if "处理：" not in words else [])


def test_every_fault_is_told_not_only_the_first() -> None:
    rows = rows_of(small())
    for n in (0, 2, 3):
        rows[n] = changed(rows[n], lead="神仙局")
    assert {f.row for f in faults_of(rows, small())} == {1, 3, 4}


# ------------------------------------------------------------------ any list
FEW = settings(deadline=None, max_examples=30)  # each example checks a whole list
PARTS = st.lists(st.sampled_from(sorted(small().counties())), unique=True, max_size=9)
SPANS = st.sampled_from(["hours", "working_hours", "days", "working_days"])


@st.composite
def lists(draw: st.DrawFn) -> Rows:
    """A list that keeps every rule: some rows divided by county, some by date, limits of all kinds."""
    ground, made = small(), []
    for row in rows_of(small()):
        span = draw(SPANS)
        top = draw(st.integers(2, 40))
        base = changed(row, limits={"normal": f"{top} {span}", "urgent": f"{draw(st.integers(1, top))} {span}",
                                    "very_urgent": f"1 {span}", "sign": "1 hours", "contact": "1 hours"})  # fmt: skip
        special = draw(PARTS) if row["tier"] != "city" else []
        rest = [c for c in ground.counties() if c not in special]
        for part in [special, rest] if special else [[]]:
            name = "、".join(str(c) for c in part)
            one = changed(
                base,
                area=[str(c) for c in part],
                file_when=f"{base['file_when']}（{len(part)}，{name}）",
            )
            if draw(st.booleans()):
                cut = draw(st.dates(date(2026, 8, 1), date(2027, 12, 30)))
                made.append(changed(one, valid_to=cut.isoformat()))
                one = changed(one, valid_from=date.fromordinal(cut.toordinal() + 1).isoformat())
            made.append(one)
    return draw(st.permutations(made))


@FEW
@given(lists())
def test_a_list_that_keeps_the_rules_loads(rows: Rows) -> None:
    assert faults_of(rows, small()) == []


@FEW
@given(lists(), st.sampled_from(sorted(BREACHES)), st.data())
def test_any_single_breach_is_refused_with_its_row(
    rows: Rows, breach: str, data: st.DataObject
) -> None:
    spoil, field, _, _ = BREACHES[breach]
    n = data.draw(st.sampled_from([i for i, r in enumerate(rows) if r["lead"] == "城管局"]))
    if breach == "ends before it begins":
        rows[n] = changed(rows[n], valid_to="2020-01-01")
    elif breach == "not itself":
        rows[n] = changed(rows[n], **{"not": [rows[n]["matter"]]})
    else:
        rows[n] = spoil(rows[n])
    faults = faults_of(rows, small())
    assert (n + 1, field) in {(f.row, f.field) for f in faults}


@FEW
@given(lists(), st.data())
def test_taking_a_handling_row_away_leaves_a_gap(rows: Rows, data: st.DataObject) -> None:
    n = data.draw(st.sampled_from([i for i, r in enumerate(rows) if r["stage"] == "handle"]))
    matter = rows.pop(n)["matter"]
    assert matter in {f.matter for f in faults_of(rows, small())}


@FEW
@given(lists())
def test_a_row_survives_being_written_and_read(rows: Rows) -> None:
    for row in rows:
        duty = read_duty(row)
        assert isinstance(duty, Duty)
        assert read_duty(as_row(duty)) == duty


def test_the_row_in_force_is_found_for_a_place_and_a_day() -> None:
    rows = rows_of(small())
    n = _at(rows, "city.vendor")
    rows[n] = changed(rows[n], area=[str(c) for c in small().counties() if str(c) != RUGAO])
    rows.append(
        changed(rows[n], area=[RUGAO], limits={"normal": "3 working_days"}, valid_to="2026-12-31")
    )
    placed, _ = read_rows("x", enumerate(rows, 1))
    held = Responsibilities(
        1, {"city.vendor": tuple(p.duty for p in placed if p.duty.matter == "city.vendor")}
    )
    stage = DutyStage.HANDLE
    baipu, elsewhere = (
        held.of("city.vendor", 320682105001000, stage, DAY),
        held.of("city.vendor", int(CHONGCHUAN), stage, DAY),
    )
    assert baipu is not None
    assert elsewhere is not None
    assert baipu.limits.normal.amount == 3
    assert elsewhere.limits.normal.amount == 8
    assert elsewhere.limits.of(3).amount == 2
    assert held.of("city.vendor", int(RUGAO), stage, date(2027, 1, 1)) is None
    assert held.of("city.vendor", int(RUGAO), DutyStage.ENFORCE, DAY) is None


def test_wrong_values_are_all_named_at_once() -> None:
    wrong = read_duty({"matter": "", "stage": "x", "limits": None})
    assert isinstance(wrong, list)
    assert all(isinstance(w, Wrong) for w in wrong)
    assert {w.field for w in wrong} >= {
        "matter",
        "stage",
        "tier",
        "lead",
        "basis",
        "limits",
        "valid_from",
    }


def test_limits_of_different_units_are_compared_by_the_clock() -> None:
    order = [
        clock_hours(Limit(n, span))
        for n, span in (
            (4, Span.HOURS),
            (2, Span.WORKING_HOURS),
            (1, Span.DAYS),
            (1, Span.WORKING_DAYS),
        )
    ]
    assert order == [4.0, 6.0, 24.0, 33.6]


def test_ground_names_what_it_is_made_of() -> None:
    ground: Ground = small()
    assert len(ground.counties()) == 10
    assert set(ground.leaves.values()) == set(ground.counties())
