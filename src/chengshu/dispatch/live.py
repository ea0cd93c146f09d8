"""What changed, as pages need it: read under one scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import read, store
from chengshu.dispatch.views import Names
from chengshu.incidents import store as incident_store
from chengshu.kit.db import Connection


@dataclass(frozen=True, slots=True)
class Seen:
    """Changed incidents and orders that a scope shows, as JSON-ready dictionaries."""

    incidents: list[dict[str, Any]]
    orders: list[dict[str, Any]]


def changed_views(conn: Connection, incidents: Sequence[int], orders: Sequence[int], names: Names, role: Role, unit: Unit,
                  now: datetime) -> Seen:  # fmt: skip
    """Those of the changed incidents and orders that the transaction's scope shows."""
    found = list(incident_store.incidents(conn, incidents).values()) if incidents else []
    views = read.briefs(conn, found, names, now)
    changed = store.orders(conn, orders) if orders else []
    return Seen(
        [v.model_dump(mode="json") for v in views],
        [
            v.model_dump(mode="json")
            for v in read.order_views(conn, changed, names, role, unit, now)
        ],
    )
