"""When a hand-over may be made, how often it is tried, when it is lost, and who holds the matter."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from chengshu.agencies.model import Role
from chengshu.dispatch.handover.model import (
    LIVE,
    UNANSWERED,
    Handover,
    HandoverState,
    Holder,
    OtherSide,
)
from chengshu.incidents.model import ENDED, Incident
from chengshu.kit.errors import CannotStart, Refused

OFFERERS = frozenset({Role.CALL_TAKER, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER})


@dataclass(frozen=True, slots=True)
class HandoverRules:
    """A city's rules (handover.toml).

    Attributes:
        retry: Waits before the second, third … attempt; the last one repeats.
        lost_after: Without an answer it is then lost, and the unit that offered it is told.
        leader_after: The leader on duty is then told.
        phone_to: Parties who are given the caller's telephone.
    """

    retry: tuple[timedelta, ...] = (
        timedelta(seconds=5),
        timedelta(seconds=15),
        timedelta(seconds=30),
    )
    lost_after: timedelta = timedelta(seconds=60)
    leader_after: timedelta = timedelta(seconds=180)
    phone_to: frozenset[OtherSide] = frozenset(
        {OtherSide.POLICE, OtherSide.FIRE, OtherSide.AMBULANCE}
    )


def read_handover(path: Path) -> HandoverRules:
    """Read a city's rules; without the file the ones above hold.

    Raises:
        CannotStart: It cannot be read.
    """
    if not path.is_file():
        return HandoverRules()
    try:
        table = tomllib.loads(path.read_text("utf-8"))
        rules = HandoverRules(
            tuple(timedelta(seconds=float(s)) for s in table["retry_s"]),
            timedelta(seconds=float(table["lost_after_s"])),
            timedelta(seconds=float(table["leader_after_s"])),
            frozenset(OtherSide(p) for p in table["phone_to"]),
        )
        if (
            not rules.retry
            or min(rules.retry) <= timedelta(0)
            or rules.leader_after <= rules.lost_after
        ):
            raise ValueError("retry_s must be positive, leader_after_s above lost_after_s")
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise CannotStart(f"{path.name} 有误：{wrong}", f"{path.name} is wrong: {wrong}") from wrong
    return rules


def why_not_offer(
    role: Role, incident: Incident, party: OtherSide, made: Sequence[Handover]
) -> Refused | None:
    """Why this person may not offer this incident to that party, None when she may."""
    if role not in OFFERERS:
        return Refused(
            "只有受理、派遣、督办人员和领导可以转接",
            "only the desk, supervisors and leaders hand over",
        )
    if incident.stage in ENDED:
        return Refused("事件已结束，不能再转接", "the incident has ended: it is not handed over")
    for one in made:
        if one.party is party and one.state in UNANSWERED:
            return Refused(
                f"已转 {party}，正在等待回执", f"offered to {party} already, its answer is awaited"
            )
        if one.party is party and one.state is HandoverState.ACKNOWLEDGED:
            return Refused(
                f"{party} 已接收，编号 {one.their_number}",
                f"{party} has it already: {one.their_number}",
            )
    return None


def holder(made: Sequence[Handover]) -> Holder:
    """Who has the matter: we, until another side has said that it took it over (首接负责)."""
    live = [one for one in made if one.state in LIVE]
    asked = tuple(one.party for one in live if one.state in UNANSWERED)
    joint = tuple(o.party for o in live if o.state is HandoverState.ACKNOWLEDGED and not o.holds)
    for one in live:
        if one.holds:
            return Holder(one.party, one.answered_at, one.their_number, asked, joint)
    return Holder(None, None, "", asked, joint)


def next_look(one: Handover, rules: HandoverRules, now: datetime, *, tried: bool) -> datetime:
    """When a worker looks at an unanswered hand-over again: the next attempt, or the next person to tell.

    Args:
        tried: There is a line to that party; without one a person rings them up and only the clock runs.
    """
    wait = rules.retry[min(max(one.attempts, 1), len(rules.retry)) - 1]
    marks = [
        at
        for at in (one.offered_at + rules.lost_after, one.offered_at + rules.leader_after)
        if at > now
    ]
    if tried:
        marks.append(now + wait)
    return min(marks, default=now + max(rules.retry[-1], rules.lost_after))


def climb_due(one: Handover, rules: HandoverRules, now: datetime) -> int:
    """How far up it must be known by now that no answer came: 0, 1 the unit, 2 the leader on duty."""
    age = now - one.offered_at
    return 2 if age >= rules.leader_after else 1 if age >= rules.lost_after else 0
