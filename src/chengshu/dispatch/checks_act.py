"""What checking does when an order moves: inspections begin and end, call-backs are due."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.assign import SYSTEM, Actor, Office
from chengshu.dispatch.checks import store as check_store
from chengshu.dispatch.checks.model import CheckKind
from chengshu.dispatch.model import Step, WorkOrder
from chengshu.incidents.model import Incident
from chengshu.kit.db import Connection
from chengshu.places import Level


def after_reply(conn: Connection, order: WorkOrder, incident: Incident, office: Office, now: datetime) -> None:  # fmt: skip
    """A reply is to be checked: by a grid worker where something can be seen, else by the centre above."""
    kind = office.checks.kind(office.matters[incident.matter])
    ask(conn, order, incident, kind, office, now)


def ask(conn: Connection, order: WorkOrder, incident: Incident, kind: CheckKind, office: Office,
        now: datetime) -> bool:  # fmt: skip
    """Ask for an inspection; False when one is open already."""
    unit = inspecting(order.unit, incident.area, kind, office)
    due = office.checks.inspect_by(now, office.calendar)
    return check_store.add_inspection(conn, order.id, kind, unit, due, now)


def inspecting(handled_by: str, area: int, kind: CheckKind, office: Office) -> str:
    """Whose people look: never those of the unit that handled it, but for the city's own centre."""
    above = handled_by.rpartition(".")[0] or handled_by
    if kind is CheckKind.SAMPLE:
        return handled_by.partition(".")[0]  # the city's: it samples everybody's closings
    if kind is CheckKind.GRID:
        near = office.directory.centre(area, Level.TOWNSHIP)
        return near.unit if near and near.unit != handled_by else above
    return above


def after_closing(conn: Connection, order: WorkOrder, incident: Incident, office: Office, now: datetime) -> None:  # fmt: skip
    """Some of the closed orders are looked at once more."""
    if not incident.imported and office.checks.sampled(order.id, order.handlings):
        ask(conn, order, incident, CheckKind.SAMPLE, office, now)


def call_back(conn: Connection, incident: Incident, office: Office, now: datetime) -> None:
    """An incident was closed: those who reported it are to be asked, where they may be."""
    if incident.imported or not check_store.wants_calling(
        conn, incident.id, office.checks.channels
    ):
        return
    script = office.checks.script_of(office.matters.get(incident.matter))
    due = office.checks.call_by(now, office.calendar)
    check_store.open_task(conn, incident.id, script.id, due, now)


def found_false(conn: Connection, order: WorkOrder, by: Actor, words: str, now: datetime) -> None:
    """Somebody found that what the reply says was not so (虚假办结): marked, counted, the unit above told."""
    if not store.mark_false(conn, order.id, now):
        return
    store.add_steps(conn, [Step(order.incident, order.id, now, by.account, by.name or SYSTEM, by.unit, "false_closing",
                                order.stage, order.stage, words, (("handlings", order.handlings),), by.address)])  # fmt: skip
    above = order.unit.rpartition(".")[0] or order.unit
    text = f"工单 {order.number} 反馈与事实不符，计一次虚假办结：{words[:60]}"
    store.notify_units(conn, [(u, order.incident, text) for u in {order.unit, above}], now)
