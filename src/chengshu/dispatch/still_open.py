"""Whether what an urgent notice was about still needs somebody; asked before it is sent once more."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.handover import store as handover_store
from chengshu.dispatch.handover.model import UNANSWERED
from chengshu.dispatch.urgent_reports import store as urgent_store
from chengshu.dispatch.workflow import OrderStage
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import ENDED
from chengshu.kit.db import Connection


def still_open(conn: Connection, event: str, incident_id: int, unit: str, now: datetime) -> bool:
    """False when the order was signed, the hand-over answered, the report signed, or the incident has ended."""
    if event in ("urgent_due", "urgent_late", "urgent_late_above"):
        due = [r for r in urgent_store.reports(conn, incident_id) if r.submitted_at is None]
        return any(r.nth == 1 if event == "urgent_due" else r.due_at <= now for r in due)
    incident = incident_store.incidents(conn, [incident_id]).get(incident_id)
    if incident is None or incident.stage in ENDED:
        return False
    if event == "assigned":
        mine = [o for o in store.orders_of(conn, [incident_id]) if o.unit == unit]
        return any(o.stage is OrderStage.ASSIGNED for o in mine)
    if event in ("handover_lost", "handover_lost_leader"):
        made = handover_store.of_incident(conn, incident_id)
        return any(h.state in UNANSWERED for h in made)
    return True
