"""What the system knows of an emergency, taken from its own rows."""

from __future__ import annotations

from chengshu.dispatch import store as order_store
from chengshu.dispatch.handover import store as handover_store
from chengshu.dispatch.handover.model import HandoverState
from chengshu.dispatch.urgent_reports.model import Facts
from chengshu.dispatch.views import Names
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Incident
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection

_STAGES = {
    "assigned": "已派，等签收", "signed": "已签收，处置中", "handled": "已反馈，等核查", "verified": "已核查",
    "closed": "已办结",
}  # fmt: skip
_GONE = frozenset({"returned", "withdrawn"})
_HANDED = {
    HandoverState.OFFERED: "已转，等回执", HandoverState.LOST: "未收到回执", HandoverState.ACKNOWLEDGED: "已接收",
    HandoverState.REFUSED: "不接收", HandoverState.HANDED_BACK: "已退回",
}  # fmt: skip
_QUIET = "（保密件，原文从略）"


def facts_of(conn: Connection, incident: Incident, names: Names) -> Facts:
    """Read them; the words of a confidential report stay where they are."""
    members = [m.report for m in incident_store.members(conn, incident.id)]
    reports = sorted(intake_store.reports(conn, members), key=lambda r: (r.said_at, r.id))
    words = (
        "" if not reports else _QUIET if any(r.confidential for r in reports) else reports[0].text
    )
    orders = tuple(
        (names.unit(o.unit) or o.unit, _STAGES.get(str(o.stage), str(o.stage)), o.reply or "")
        for o in order_store.orders_of(conn, [incident.id])
        if str(o.stage) not in _GONE
    )
    handed = tuple(
        (str(h.party), _HANDED[h.state], h.their_number)
        for h in handover_store.of_incident(conn, incident.id)
    )
    return Facts(
        incident.number, incident.title, names.matter(incident.matter)[0], incident.place, names.area(incident.area)[0],
        incident.first_at, incident.opened_at, incident.reports, incident.people, incident.danger, words, orders, handed,
    )  # fmt: skip
