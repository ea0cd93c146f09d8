"""Whose the thing is that a message names: a component (部件) of that class close by, with its owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp2

from chengshu.agencies.model import Unit
from chengshu.dispatch.component_evidence import component_clue, nearest_to
from chengshu.dispatch.model import Proposal
from chengshu.incidents.attach import Attached
from chengshu.kit.db import Connection
from chengshu.places.components.model import Near

_SHOWN = 3
_STRANGER = 0.05  # of an owner whom nothing else spoke for


def weighed_by_owner(
    conn: Connection, one: Attached, found: Sequence[Proposal], units: Mapping[str, Unit]
) -> list[Proposal]:
    """The proposals for a new incident, with the owner of the nearest such component counted."""
    near = nearest_to(conn, one.understanding.object, one.incident.lon, one.incident.lat)
    return list(found) if near is None else by_owner(found, near, units)


def by_owner(found: Sequence[Proposal], near: Near, units: Mapping[str, Unit]) -> list[Proposal]:
    """The same with the owner's odds raised by the clue's bits, likeliest first, three at most.

    The bits are judged, not fitted. So they may put the owner first, but make nobody surer than the
    surest was without them: no order goes out alone for a component's sake.
    """
    owner = near.component.unit
    if owner is None or owner not in units:
        return list(found)
    given = list(found)
    if all(component_clue(near, p.unit) is None for p in given):
        given.append(Proposal(owner, _STRANGER, ()))
    surest = max((p.probability for p in found), default=_STRANGER)
    weighed, rest = [], 1 - sum(p.probability for p in found)
    for proposal in given:
        clue = component_clue(near, proposal.unit)
        if clue is not None:
            raised = proposal.probability * exp2(clue.bits)
            proposal = replace(proposal, probability=raised, clues=(clue, *proposal.clues))
        weighed.append(proposal)
    weighed.sort(key=lambda p: -p.probability)
    total = sum(p.probability for p in weighed) + max(rest, 0.0)
    return [replace(p, probability=min(surest, p.probability / total)) for p in weighed[:_SHOWN]]
