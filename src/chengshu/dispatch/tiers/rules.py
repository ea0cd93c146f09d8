"""Which centre may pass an incident to which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chengshu.agencies.model import Kind, Role, Tier, Unit
from chengshu.dispatch.joint.rules import COMMANDERS
from chengshu.dispatch.tiers.model import Passing, PassKind
from chengshu.dispatch.workflow import Why
from chengshu.places import area_span, level_of

NAMES: Final[Mapping[PassKind, tuple[str, str]]] = {
    PassKind.DOWN: ("交办", "hand down"),
    PassKind.UP: ("上报", "hand up"),
    PassKind.ACROSS: ("移交", "hand across"),
    PassKind.TAKE_OVER: ("提级办理", "take over"),
    PassKind.GIVE_BACK: ("交回", "give back"),
}


def why_not_pass(kind: PassKind, role: Role, unit: Unit, other: Unit | None, last: Passing | None,
                 area: int) -> Why | None:  # fmt: skip
    """Why this person's centre may not do this with the other centre now; None: it may.

    Args:
        other: To whom it goes; with TAKE_OVER and GIVE_BACK the centre below.
        last: How the incident was passed last.
        area: Where the incident is.
    """
    name, name_en = NAMES[kind]
    if role not in COMMANDERS or unit.kind is not Kind.CENTRE:
        return Why(
            f"{name}由指挥中心的派遣员、督办员或领导来做",
            f"to {name_en} is for a centre's dispatchers and leaders",
        )
    taken = last is not None and last.kind is PassKind.TAKE_OVER
    if (
        taken
        and last is not None
        and last.taker != unit.unit
        and last.taker in _all_above(unit.unit)
    ):
        return Why("上级已提级办理，本级不再转办", "the tier above has taken it over")
    if kind is PassKind.GIVE_BACK:
        if last is None or not taken or last.taker != unit.unit:
            return Why(
                "没有提级办理，无可交回", "it was not taken over, so there is nothing to give back"
            )
        return None
    if other is None or other.kind is not Kind.CENTRE or other == unit:
        return Why("请选一个指挥中心", "choose a centre")
    if kind is PassKind.UP:
        if unit.tier is Tier.CITY or other.unit != unit.parent:
            return Why("只能上报给上一级中心", "an incident is handed up to the next centre above")
        return None
    if kind is PassKind.ACROSS:
        if unit.tier is Tier.CITY or other.tier is not unit.tier:
            return Why(
                "只能移交给同级中心", "an incident is handed across to a centre of the same tier"
            )
        return None
    if not other.unit.startswith(unit.unit + "."):
        return Why(f"只能{name}所辖的下级中心", f"to {name_en} needs a centre under your own")
    low, high = area_span(other.area, level_of(other.area))
    if kind is PassKind.TAKE_OVER and not low <= area < high:
        return Why("事件不在这个中心的辖区", "the incident does not lie in that centre's area")
    return None


def _all_above(unit: str) -> set[str]:
    parts = unit.split(".")
    return {".".join(parts[:n]) for n in range(1, len(parts))}
