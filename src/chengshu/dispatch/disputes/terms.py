"""The terms on which disputes end: who rules, by when, who acts meanwhile, what a rule decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from chengshu.agencies.calendar import WorkCalendar
from chengshu.agencies.duties.model import Duty
from chengshu.agencies.matters import Limit, Span
from chengshu.agencies.model import Kind, Role, Tier, Unit
from chengshu.dispatch.deadlines import due_at
from chengshu.dispatch.disputes.model import (
    MOST_RETURNS,
    REASON_NAMES,
    Dispute,
    DisputeState,
    Returnable,
    Ruling,
)
from chengshu.dispatch.model import Proposal, WorkOrder
from chengshu.dispatch.propose import Directory
from chengshu.dispatch.workflow import Why
from chengshu.incidents.evidence import Clue
from chengshu.incidents.model import Incident
from chengshu.kit.times import local
from chengshu.places import Level, ancestor_at, area_span, level_of

VERY_URGENT: Final = 3
RULERS: Final = frozenset({Role.SUPERVISOR, Role.LEADER})
_RANK = {Tier.TOWNSHIP: 0, Tier.COUNTY: 1, Tier.CITY: 2}
_LEVELS = {Tier.TOWNSHIP: Level.TOWNSHIP, Tier.COUNTY: Level.COUNTY, Tier.CITY: Level.CITY}
_RULED_BITS = 10.0  # log2 odds that a page draws for a rule that decides
_DEEPEST = (Level.TOWNSHIP, Level.COUNTY, Level.CITY)


# Returning
def return_by(duty: Duty | None, assigned_at: datetime, sign_due_at: datetime, calendar: WorkCalendar) -> datetime:  # fmt: skip
    """Until when an order may be handed back: the responsibility list's time for signing, and never
    less than the order itself gives."""
    if duty is None:
        return sign_due_at
    return max(sign_due_at, due_at(local(assigned_at), duty.limits.sign, calendar))


def why_not_return(order: WorkOrder, standing: Returnable, now: datetime) -> Why | None:
    """Why this order may not be handed back at all, whatever the reason; None: it may."""
    if standing.returns >= MOST_RETURNS:
        after = "正由上级裁定" if standing.disputed else "不再退回"
        after_en = (
            "the centre above is ruling on it" if standing.disputed else "it is not returned again"
        )
        return Why(
            f"此事已退回两次，{after}，请先行办理（先办后议）",
            f"it was returned twice already and {after_en}: act first",
        )
    if order.return_by is not None and order.return_by < now:
        until = local(order.return_by)
        return Why(
            f"退回时限已过（{until:%m月%d日 %H:%M}），请先行办理，有异议向上级中心提出",
            f"the time for returning ended on {until:%d %b %H:%M}: act first and object to the centre above",
        )
    barred = [why_not_reason(reason, standing) for reason in REASON_NAMES]
    return barred[0] if all(barred) else None


def why_not_reason(reason: str, standing: Returnable) -> Why | None:
    """Why an order may not be handed back for this reason: the same dispute does not come twice."""
    ruling = standing.ruling
    if ruling is None or not ruling.in_force or reason not in ruling.settled:
        return None
    name, name_en = REASON_NAMES[reason]
    return Why(
        f"{ruling.number}已就「{name}」作出裁定，同一争议不再受理，请办理",
        f"ruling {ruling.number} settled «{name_en}»: the same dispute does not come twice",
    )


def cite(duty: Duty, name: str, version: int) -> dict[str, Any]:
    """A row of the responsibility list as a return and a ruling quote it.

    Args:
        name: The matter's name.
        version: Of the list.
    """
    return {
        "matter": duty.matter, "name": name, "stage": str(duty.stage), "tier": str(duty.tier), "lead": duty.lead,
        "assist": list(duty.assist), "basis": [b.text() for b in duty.basis], "version": version,
        "sign": duty.limits.sign.text(),
    }  # fmt: skip


# Arbitration
def is_urgent(incident: Incident) -> bool:
    """Whether the clock of a dispute runs through the night and the leader on duty rules."""
    return incident.danger or incident.urgency >= VERY_URGENT


def rule_by(opened_at: datetime, urgent: bool, hours: int, calendar: WorkCalendar) -> datetime:
    """By when a dispute is ruled: so many working hours, natural ones where it is urgent."""
    return due_at(
        local(opened_at), Limit(hours, Span.HOURS if urgent else Span.WORKING_HOURS), calendar
    )


def arbiter_of(parties: Sequence[str], area: int, directory: Directory) -> Unit | None:
    """The centre that rules: the lowest one a tier above every party, over all of them and the place.

    Units of two counties have none below the city's; above the city there is none, so it rules itself.
    """
    ranks = [_RANK[directory.units[p].tier] for p in parties]
    for level in _DEEPEST:
        centre = directory.centre(area, level)
        if centre is None or _RANK[centre.tier] <= max(ranks):
            continue
        if all(is_under(party, centre.unit) for party in parties):
            return centre
    return directory.city


def is_under(unit: str, above: str) -> bool:
    """Whether a unit is another or lies below it."""
    return unit == above or unit.startswith(above + ".")


def interim_of(
    parties: Iterable[str], area: int, fallback: str, directory: Directory
) -> Unit | None:
    """先办后议: who acts until it is ruled. The place's own centre, the next one up where that is a
    party, and the named fallback unit when nobody is found."""
    handed = set(parties)
    for level in _DEEPEST:
        centre = directory.centre(area, level)
        if centre is not None and centre.unit not in handed:
            return centre
    named = directory.units.get(fallback)
    return named if named is not None and named.kind is Kind.CENTRE else directory.city


def why_not_rule(dispute: Dispute, role: Role, unit: str) -> Why | None:
    """Why this person may not rule on a dispute; None: she may."""
    if dispute.state is not DisputeState.OPEN:
        return Why("这件争议已有结果", "this dispute has ended")
    if role not in RULERS:
        return Why("裁定由督办员或领导作出", "rulings are made by supervisors and leaders")
    if not is_under(dispute.arbiter, unit):
        return Why(
            "裁定由上一级中心作出，不归本单位",
            "the centre above rules on this: it is not for your unit",
        )
    if dispute.urgent and role is not Role.LEADER:
        return Why("紧急争议由值班领导裁定", "urgent disputes are ruled by the leader on duty")
    return None


def why_not_revoke(ruling: Ruling, role: Role, unit: str) -> Why | None:
    """Why this person may not revoke a ruling; None: she may."""
    if not ruling.in_force:
        return Why(f"{ruling.number}已经撤销", f"{ruling.number} was revoked already")
    if role not in RULERS:
        return Why("撤销裁定由督办员或领导作出", "rulings are revoked by supervisors and leaders")
    if not is_under(ruling.unit, unit):
        return Why(
            "只有作出裁定的中心及其上级可以撤销",
            "only the centre that ruled or one above it may revoke",
        )
    return None


# Rules
def number_of(year: int, serial: int) -> str:
    """The number under which a ruling is cited.

    Examples:
        >>> number_of(2026, 12)
        '裁字〔2026〕12号'
    """
    return f"裁字〔{year}〕{serial}号"


def deciding(rulings: Iterable[Ruling], matter: str, area: int, text: str) -> Ruling | None:
    """The ruling that decides a case: of this matter, for this place, with one of its words in the text.

    The one with words goes before the one without, then the smaller area, then the newer.
    """
    found = [r for r in rulings if r.in_force and _holds(r, matter, area, text)]
    return max(found, key=lambda r: (bool(r.words), _DEPTH[level_of(r.area)], r.id), default=None)


_DEPTH = {
    level: n
    for n, level in enumerate(
        (Level.CITY, Level.COUNTY, Level.TOWNSHIP, Level.COMMUNITY, Level.GRID)
    )
}


def _holds(ruling: Ruling, matter: str, area: int, text: str) -> bool:
    low, high = area_span(ruling.area, level_of(ruling.area))
    return (
        ruling.matter == matter
        and low <= area < high
        and (not ruling.words or any(word in text for word in ruling.words))
    )


def unit_there(named: str, ruling: Ruling, area: int, directory: Directory) -> Unit | None:
    """The unit that a ruling names, at another place: a rule for the whole city that names a county's
    bureau or a centre means the one of the place."""
    unit = directory.units.get(named)
    if unit is None or unit.tier is Tier.CITY or level_of(ruling.area) is not Level.CITY:
        return unit
    if (
        ancestor_at(area, Level.COUNTY) == ancestor_at(unit.area, Level.COUNTY)
        and unit.tier is Tier.COUNTY
    ):
        return unit
    if unit.kind is Kind.CENTRE:
        return directory.centre(area, _LEVELS[unit.tier])
    return directory.bureau(unit.line, area, unit.tier)


def decided(ruling: Ruling, sure: float, area: int, directory: Directory) -> Proposal | None:
    """What a ruling proposes: certain where one of its words was found, else as sure as the reading is."""
    unit = unit_there(ruling.lead, ruling, area, directory)
    if unit is None:
        return None
    said = f"，含「{'、'.join(ruling.words)}」之一" if ruling.words else ""
    said_en = ", by its words" if ruling.words else ""
    clue = Clue(
        "ruling", _RULED_BITS,
        f"{ruling.number}（源自事件 {ruling.origin}）裁定：此类事项{said}由{unit.name}牵头",
        f"ruling {ruling.number}, from incident {ruling.origin}: such a matter{said_en} is led by {unit.name_en}",
    )  # fmt: skip
    return Proposal(unit.unit, 1.0 if ruling.words else sure, (clue,))


def assistants(ruling: Ruling, area: int, directory: Directory) -> list[str]:
    """The units that help, at this place; without the lead."""
    lead = unit_there(ruling.lead, ruling, area, directory)
    found = [unit_there(name, ruling, area, directory) for name in ruling.assist]
    return list(dict.fromkeys(u.unit for u in found if u is not None and u != lead))


def matter_name(matters: Mapping[str, Any], matter: str) -> str:
    """A matter's name, its id where it is unknown."""
    known = matters.get(matter)
    return str(known.name) if known is not None else matter
