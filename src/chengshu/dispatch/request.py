"""What every request about incidents and orders needs: the city's rules, who acts, whom to tell."""

from __future__ import annotations

from fastapi import Request

from chengshu.agencies.gate import Caller
from chengshu.dispatch import read
from chengshu.dispatch.assign import Actor, Office
from chengshu.dispatch.views import DetailView, Names
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Rules
from chengshu.kit import outbox
from chengshu.kit.db import Connection


def names_of(request: Request) -> Names:
    """Names of areas, units and matters."""
    names: Names = request.app.state.names
    return names


def rules_of(request: Request) -> Rules:
    """Merging's rules."""
    rules: Rules = request.app.state.world.rules
    return rules


def office_of(request: Request) -> Office:
    """Dispatch's rules."""
    office: Office = request.app.state.world.office
    return office


def actor(caller: Caller) -> Actor:
    """Who acts, for the history."""
    unit = caller.unit.unit if caller.unit else ""
    return Actor(caller.person.id, caller.person.name, unit, caller.address)


def detail_of(caller: Caller, incident_id: int, request: Request) -> DetailView:
    assert caller.unit is not None
    return read.detail(
        caller.conn,
        incident_id,
        rules_of(request),
        names_of(request),
        caller.person.role,
        caller.unit,
        caller.now,
        office_of(request).replies,
    )


def tell_pages(caller: Caller, incident_id: int, *orders: int) -> None:
    found = incident_store.incidents(caller.conn, [incident_id]).get(incident_id)
    area = found.area if found else 0
    outbox.changed(caller.conn, "incident", incident_id, area)
    for order in orders:
        outbox.changed(caller.conn, "order", order, area)


def area_of(conn: Connection, incident_id: int) -> int:
    """Where an incident lies, for the feed; 0 when it cannot be seen."""
    found = incident_store.incidents(conn, [incident_id]).get(incident_id)
    return found.area if found else 0


def _may_see(caller: Caller, incident_id: int) -> bool:
    return incident_id in incident_store.incidents(caller.conn, [incident_id])
