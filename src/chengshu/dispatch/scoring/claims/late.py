"""Exclusions, appeals and measures that nobody dealt with in time: marked once, and the centres told."""

from __future__ import annotations

from datetime import datetime

from chengshu.dispatch.scoring import store
from chengshu.dispatch.scoring.claims import store as claim_store
from chengshu.kit.db import Connection

_NAMES = {"exclusion": "剔除审定", "appeal": "考核申诉答复", "measure": "通报、约谈或整改"}


def mark_late(conn: Connection, now: datetime, limit: int) -> int:
    """Mark what is late; tell whose turn it was and the centre above; returns how many."""
    late = claim_store.overdue(conn, now, limit)
    told = []
    for kind, _, turn, unit, _ in late:
        text = f"{_NAMES[kind]}已超过时限，请立即办理（涉及 {unit}）"
        told += [(to, text) for to in dict.fromkeys((turn, turn.rpartition(".")[0] or turn))]
    store.tell(conn, told, now)
    return len(late)
