"""Closed cases like a new one, found with merging's own eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import fsum
from typing import Final

from chengshu.dispatch.routing import store as routing_store
from chengshu.dispatch.routing.router import Similar
from chengshu.incidents import store
from chengshu.incidents.attach import Attached, Rules, cluster_traits, draft_of, weigh_words
from chengshu.incidents.evidence import probability, weigh
from chengshu.incidents.model import Stage
from chengshu.kit.db import Connection

_BACK: Final = timedelta(days=180)
_LEAST: Final = 0.3
_MOST: Final = 5
# What happened weeks apart is not one incident, but the same unit's: time says nothing here.
_TIME: Final = frozenset({"hours", "windows", "again", "blind_windows"})
_CLOSED: Final = frozenset({Stage.CLOSED})


def similar(
    conn: Connection, opened: Sequence[Attached], rules: Rules, settled_by: Mapping[int, str] | None, now: datetime
) -> dict[int, tuple[Similar, ...]]:  # fmt: skip
    """Closed incidents that are like newly opened ones, the likeliest first, by incident.

    Args:
        settled_by: Incident → unit; None asks the database.
    """
    if not opened:
        return {}
    drafts = [draft_of(a.report, rules) for a in opened]
    weigh_words(conn, drafts, counting=False)
    found = store.candidates(
        conn,
        [(n, term, weight, now - _BACK) for n, d in enumerate(drafts) for term, weight in d.keys],
    )
    ids = sorted({i for some in found.values() for i in some})
    known = {i: pair for i, pair in store.compared(conn, ids).items() if pair[0].stage in _CLOSED}
    if settled_by is None:
        settled_by = routing_store.settled_by(conn, sorted(known))
    said: dict[int, tuple[Similar, ...]] = {}
    for n, (one, draft) in enumerate(zip(opened, drafts, strict=True)):
        traits, window = draft.traits(), rules.matters[draft.understanding.matter].window
        votes = []
        for i in found.get(n, []):
            if i not in known or i not in settled_by or i == one.incident.id:
                continue
            incident, profile = known[i]
            verdict = weigh(
                traits, cluster_traits(incident, profile), window, rules.weights, rules.topics
            )
            bits = verdict.prior + fsum(
                rules.weights.bits.get(name, 0.0) * value
                for name, value in verdict.measured.items()
                if name not in _TIME
            )
            if probability(bits) >= _LEAST:
                votes.append(Similar(incident.number, settled_by[i], probability(bits)))
        votes.sort(key=lambda s: -s.likeness)
        said[one.incident.id] = tuple(votes[:_MOST])
    return said
