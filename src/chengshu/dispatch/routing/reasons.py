"""Why a unit is proposed, in the sentences a dispatcher reads."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import Final

from chengshu.agencies.duties.model import Duty
from chengshu.agencies.matters import Matter
from chengshu.agencies.model import Kind, Tier, Unit
from chengshu.incidents.evidence import Clue

_TIERS: Final = {
    Tier.TOWNSHIP: ("镇街级", "township"),
    Tier.COUNTY: ("县（市、区）级", "county"),
    Tier.CITY: ("市级", "city"),
}
_SHOWN: Final = 3


def of_words(unit: Unit, words: Sequence[str], share: float) -> Clue:
    """Which words are like those of what the unit settles."""
    said = "、".join(f"「{word}」" for word in words)
    return Clue(
        "words", _bits(share), f"说法像{unit.short or unit.name}办理的事：{said}（{share:.0%}）",
        f"worded like what {unit.name_en} settles: {said} ({share:.0%})",
    )  # fmt: skip


def of_list(unit: Unit, row: Duty, matter: Matter, share: float) -> Clue:
    """The row of the responsibility list, its law and who assists."""
    basis = row.basis[0].text() if row.basis else ""
    assist = "、".join(row.assist)
    chinese = f"职责清单：{matter.name}由{row.lead}牵头"
    english = f"responsibility list: {matter.name_en}, led by {unit.name_en}"
    if assist:
        chinese, english = f"{chinese}，{assist}协办", f"{english}, assisted by {assist}"
    if basis:
        chinese, english = f"{chinese}，依据{basis}", f"{english}, by {basis}"
    return Clue("duty", _bits(share), chinese, english)


def of_tier(unit: Unit) -> Clue:
    """Who can decide, not only where it is."""
    if unit.kind is Kind.CENTRE and unit.tier is not Tier.CITY:
        return Clue(
            "local", 0.0, f"属地办理：先由{unit.name}就地处置",
            f"a local matter: {unit.name_en}, the centre of the place, goes first",
        )  # fmt: skip
    tier, tier_en = _TIERS[unit.tier]
    return Clue(
        "tier", 0.0, f"权限在{tier}：{unit.name}", f"the power lies with the {tier_en}: {unit.name_en}"
    )  # fmt: skip


def of_history(share: float) -> Clue | None:
    """How much of this matter the unit settled in this county."""
    if not share:
        return None
    return Clue(
        "history", _bits(share), f"同区域同类事项以往 {share:.0%} 由它办结",
        f"it settled {share:.0%} of such matters in this area before",
    )  # fmt: skip


def of_similar(numbers: Sequence[str], likeness: float) -> Clue:
    """Closed cases like this one that the unit settled."""
    listed = "、".join(numbers[:_SHOWN])
    return Clue(
        "similar", _bits(likeness), f"相似的已办结事件由它办理：{listed}",
        f"it settled similar incidents: {listed}",
    )  # fmt: skip


def of_place(unit: Unit, sure: float) -> Clue | None:
    """How sure the place is, for a unit whose area is not the whole city."""
    if unit.tier is Tier.CITY:
        return None
    return Clue(
        "area", _bits(sure), f"地点归属 {unit.name}，把握 {sure:.0%}",
        f"the place lies there, {sure:.0%} sure",
    )  # fmt: skip


def of_accused(accused: Unit, words: str, above: Unit) -> Clue:
    """That a complaint never goes to whom it is about."""
    return Clue(
        "accused", 0.0,
        f"反映的对象是{accused.name}（「{words}」），不得转给被反映单位，改由{above.name}办理",
        f"it accuses {accused.name_en} («{words}»): never to the accused, so to {above.name_en}",
    )  # fmt: skip


def _bits(probability: float) -> float:
    p = min(max(probability, 0.01), 0.99)
    return log2(p / (1 - p))
