"""Statutory replies whose clock ran out: marked once, and the centre told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chengshu.dispatch import store
from chengshu.dispatch.assign import SYSTEM
from chengshu.dispatch.model import Step
from chengshu.dispatch.replies import store as reply_store
from chengshu.dispatch.replies.store import Late
from chengshu.intake.model import Nature
from chengshu.kit.db import Connection
from chengshu.places import Level, ancestor_at

_NAMES = {Nature.COMPLAINT: "投诉", Nature.DENUNCIATION: "举报"}


def mark_late(conn: Connection, now: datetime, limit: int) -> list[Late]:
    """Mark every reply that is late, each clock once; tell the centre of the report's county (of the
    city where the county is unknown) and the units that have a live order."""
    late = reply_store.due(conn, now, limit)
    if not late:
        return []
    marked = set(reply_store.mark_overdue(conn, [one.reply.report for one in late], now))
    acted = [one for one in late if one.reply.report in marked]
    centres = reply_store.centres(conn)
    holders: dict[int, set[str]] = {}
    for incident, _, unit in store.live_units(conn, sorted({one.incident for one in acted})):
        holders.setdefault(incident, set()).add(unit)
    told, steps = [], []
    for one in acted:
        text = _text(one)
        centre = centre_of(one.report_area, centres)
        told += [
            (unit, one.incident, text)
            for unit in sorted({centre, *holders.get(one.incident, ())} - {""})
        ]
        detail = (("report", str(one.reply.report)), ("nature", str(one.reply.nature)))
        steps.append(
            Step(one.incident, None, now, None, SYSTEM, centre, "reply_overdue", reason=text, detail=detail)
        )  # fmt: skip
    store.notify_units(conn, told, now)
    store.add_steps(conn, steps)
    return acted


def centre_of(area: int, centres: Mapping[int, str]) -> str:
    """The centre that commands in practice: the county's, else the city's."""
    for level in (Level.COUNTY, Level.CITY):
        code = ancestor_at(area, level)
        if code is not None and code in centres:
            return centres[code]
    return ""


def _text(one: Late) -> str:
    name = _NAMES[one.reply.nature]
    what = (
        "是否受理超过法定时限仍未告知" if one.reply.accepted_at is None else "超过法定时限仍未答复"
    )
    return f"{name}{what}，请立即办理并说明原因"
