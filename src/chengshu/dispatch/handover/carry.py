"""What a worker does with hand-overs: try, write the answer down, and tell when none comes.

The attempt itself happens between two transactions: `due` claims and commits, the caller asks the line,
`carried` writes what came of it. A worker that dies in between leaves a claim that runs out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chengshu.agencies import store as agency_store
from chengshu.dispatch import store as order_store
from chengshu.dispatch.assign import Actor
from chengshu.dispatch.handover import rules, store
from chengshu.dispatch.handover.line import Line, Note, Unanswered
from chengshu.dispatch.handover.model import Handover, HandoverAnswer, HandoverState, OtherSide
from chengshu.dispatch.handover.offer import settle
from chengshu.dispatch.handover.rules import HandoverRules
from chengshu.dispatch.model import Step
from chengshu.incidents import store as incident_store
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.sealing import Keyring

LEASE = timedelta(seconds=30)
_SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A claimed hand-over and what the other side is told; no note where there is no line to them."""

    handover: Handover
    note: Note | None


def due(conn: Connection, now: datetime, lines: Mapping[OtherSide, Line], city: HandoverRules, keyring: Keyring,
        sender: str, limit: int) -> list[Attempt]:  # fmt: skip
    """Claim what is to be tried now. The caller's telephone is opened here, for this attempt, and nowhere kept."""
    found = store.claim(conn, now, now + LEASE, limit)
    numbers = {
        i.id: i.number for i in incident_store.incidents(conn, [h.incident for h in found]).values()
    }
    attempts = []
    for h in found:
        note = None
        if h.party in lines:
            phone = _phone(conn, h, keyring, now) if h.party in city.phone_to else ""
            note = Note(h.number, h.party, sender, h.actor, h.third, h.said, h.place, h.lon, h.lat,
                        numbers.get(h.incident, ""), phone, h.offered_at)  # fmt: skip
        attempts.append(Attempt(h, note))
    return attempts


def _phone(conn: Connection, h: Handover, keyring: Keyring, now: datetime) -> str:
    """The caller's telephone; of a confidential report never. Its first use is a line of the audit trail."""
    if h.report is None or any(r.confidential for r in intake_store.reports(conn, [h.report])):
        return ""
    sealed = intake_store.sealed(conn, h.report)
    if sealed is None:
        return ""
    phone = str(json.loads(keyring.unseal(*sealed, str(h.report).encode())).get("phone", ""))
    if phone and h.attempts == 1:
        agency_store.record(conn, now, "reveal", subject=str(h.report),
                            detail={"purpose": f"转接 {h.party}", "number": h.number})  # fmt: skip
    return phone


def area_of(conn: Connection, incident: int) -> int:
    """The area of an incident, to tell open pages; 0 when it is gone."""
    found = incident_store.incidents(conn, [incident]).get(incident)
    return found.area if found else 0


def ask(attempt: Attempt, lines: Mapping[OtherSide, Line]) -> tuple[HandoverAnswer | None, str]:
    """Ask the other side, outside any transaction: the answer, or why there is none."""
    if attempt.note is None:
        return None, "没有接通的专线，请电话转接并登记编号"
    try:
        return lines[attempt.handover.party].offer(attempt.note), ""
    except Unanswered as failure:
        return None, str(failure)


def carried(conn: Connection, attempt: Attempt, answer: HandoverAnswer | None, error: str, city: HandoverRules,
            now: datetime) -> bool:  # fmt: skip
    """Write what came of an attempt; False when somebody answered meanwhile."""
    h = attempt.handover
    if answer is not None:
        return settle(conn, h, answer, _SYSTEM, now)
    climb = rules.climb_due(h, city, now)
    lost = climb > 0
    state = HandoverState.LOST if lost else HandoverState.OFFERED
    timer = rules.next_look(h, city, now, tried=attempt.note is not None)
    written = store.not_answered(
        conn, h, state=state, climbed=max(climb, h.climbed), error=error, timer=timer
    )
    if written and climb > h.climbed:
        _tell(conn, h, climb, now)
    return written


def _tell(conn: Connection, h: Handover, climb: int, now: datetime) -> None:
    waited = int((now - h.offered_at).total_seconds())
    text = (
        f"转接 {h.party}（{h.number}）{waited} 秒未收到回执，仍由我方负责，请电话联系对方并登记编号"
    )
    units = [h.unit]
    if climb > 1:
        text += "；已报带班领导"
        units = list(dict.fromkeys((h.unit, h.unit.rpartition(".")[0] or h.unit)))
    event = "handover_lost" if climb == 1 else "handover_lost_leader"
    order_store.notify_units(
        conn, [(u, h.incident, text) for u in units], now, event=event, level=climb
    )
    order_store.add_steps(conn, [Step(h.incident, None, now, None, _SYSTEM.name, h.unit, "handover_lost", reason=text,
                                      detail=(("handover", str(h.id)), ("number", h.number)))])  # fmt: skip
