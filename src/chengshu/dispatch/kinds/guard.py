"""What must not be done with an incident that is kept from some: merging and splitting would show its reports."""

from __future__ import annotations

from chengshu.dispatch.kinds import store
from chengshu.dispatch.kinds.model import Veil
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict


def stays_whole(conn: Connection, *incidents: int) -> None:
    """Refuse to merge or split veiled incidents.

    Raises:
        Conflict: One of them is veiled.
    """
    for incident in incidents:
        found = store.kind_of(conn, incident)
        if found is not None and found[1] is not Veil.OPEN:
            raise Conflict(
                "保密或限阅的事件不能合并、拆分",
                "an incident that only some may see is neither merged nor split",
            )
