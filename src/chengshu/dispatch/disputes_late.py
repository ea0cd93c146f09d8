"""Disputes that nobody ruled in time, and returned matters that nobody has taken up."""

from __future__ import annotations

from datetime import datetime, timedelta

from chengshu.dispatch import store
from chengshu.dispatch.assign import SYSTEM
from chengshu.dispatch.disputes import store as dispute_store
from chengshu.dispatch.disputes.model import Dispute, DisputeState, Handback
from chengshu.dispatch.model import Step
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED, Incident
from chengshu.kit.db import Connection

_AGAIN = timedelta(days=1)  # as with orders: told once more a day later
_OVERDUE, _STILL = 1, 2


def watch_disputes(conn: Connection, now: datetime, limit: int) -> list[Incident]:
    """Act on every dispute and return whose timer has gone off, each level once; the incidents acted on."""
    late = dispute_store.due(conn, now, limit)
    returned = dispute_store.watched(conn, now, limit)
    if not late and not returned:
        return []
    ids = [d.incident for d in late] + [h.incident for h, _ in returned]
    incidents = incident_store.incidents(conn, ids)
    acted = [incidents[d.incident] for d in late if _late(conn, d, incidents[d.incident], now)]
    held = {
        incident for incident, _, _ in store.live_units(conn, [h.incident for h, _ in returned])
    }
    for one, due in returned:
        incident = incidents[one.incident]
        if incident.stage in ENDED or one.incident in held:
            dispute_store.watch(conn, one, None)
            continue
        _nobody(conn, one, incident, due, now)
        acted.append(incident)
    return acted


def _late(conn: Connection, dispute: Dispute, incident: Incident, now: datetime) -> bool:
    """One level up: the centre that rules and the one above it are told; a day later the city's."""
    if incident.stage in ENDED:  # closed by the interim lead, answered or merged meanwhile
        dispute_store.finish(conn, dispute, DisputeState.LAPSED, None, now)
        return False
    level = dispute.escalated + 1
    dispute_store.escalate(
        conn, dispute, level, dispute.due_at + _AGAIN if level < _STILL else None
    )
    arbiter = dispute.arbiter
    text = "裁定超时，请立即裁定" if level == _OVERDUE else "裁定超时已满一天，报市级中心督办"
    above = arbiter.rpartition(".")[0] or arbiter
    city = arbiter.partition(".")[0]  # the root of the tree of units
    told = {arbiter, above if level == _OVERDUE else city}
    store.add_steps(conn, [Step(incident.id, None, now, None, SYSTEM, arbiter, "escalate", reason=text,
                                detail=(("dispute", str(dispute.id)), ("level", level)))])  # fmt: skip
    store.notify_units(
        conn, [(u, incident.id, f"争议 {incident.number} {text}") for u in sorted(told)], now
    )
    return True


def _nobody(conn: Connection, one: Handback, incident: Incident, due: datetime | None, now: datetime) -> None:  # fmt: skip
    """Handed back and not given on: the centre that has it hears of it, at the due time the one above too."""
    over = due is not None and due <= now
    dispute_store.watch(conn, one, due if due is not None and not over else None)
    if over:
        dispute_store.mark_overdue(conn, incident.id, now)
    text = "退回后无人承办，已超期" if over else "退回后超过签收时限仍未改派"
    centre = one.unit.rpartition(".")[0] or one.unit
    told = {centre, (centre.rpartition(".")[0] or centre) if over else centre}
    store.add_steps(
        conn, [Step(incident.id, None, now, None, SYSTEM, centre, "escalate", reason=text)]
    )
    store.notify_units(
        conn, [(u, incident.id, f"事件 {incident.number} {text}") for u in sorted(told)], now
    )
