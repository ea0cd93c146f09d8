"""What pages show of statutory replies: on each report, and as a list for the desk."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel

from chengshu.agencies.model import Role, Unit
from chengshu.dispatch import store
from chengshu.dispatch.lists import mark, read_mark
from chengshu.dispatch.replies import store as reply_store
from chengshu.dispatch.replies.model import Reply
from chengshu.dispatch.replies.rules import ReplyRules
from chengshu.dispatch.replies_act import LABELS, may
from chengshu.dispatch.views import MayView, Names, ReplyView
from chengshu.incidents import store as incident_store
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection

_SHOWN = 80


class ReplyItem(BaseModel):
    """One complaint or denunciation with its clock, and the incident that it is part of."""

    report: str
    nature: str
    text: str
    place: str
    area: str
    area_name: str
    area_name_en: str
    received_at: datetime
    reporter_masked: str
    relation: str | None
    incident: str | None
    incident_number: str | None
    incident_title: str | None
    stage: str | None
    reply: ReplyView


class ReplyList(BaseModel):
    """One page of statutory replies."""

    items: list[ReplyItem]
    next: str | None
    total: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """By whom, and by which rules, replies are read.

    Attributes:
        units: Those that have a live order of the incident.
    """

    rules: ReplyRules
    role: Role
    unit: Unit
    units: Collection[str] = ()


def view(reply: Reply, reading: Reading) -> ReplyView:
    """One reply with what this person may do with it."""
    rule = reading.rules.named(reply.rule, reply.nature)
    return ReplyView(
        nature=reply.nature, source=rule.source if rule else "", source_en=rule.source_en if rule else "",
        nameless=reply.nameless, accept_due_at=reply.accept_due_at, accepted_at=reply.accepted_at,
        declined_at=reply.declined_at, declined_because=reply.declined_because, reply_due_at=reply.reply_due_at,
        replied_at=reply.replied_at, text=reply.text, due_at=reply.due_at, overdue=reply.overdue,
        may=[
            MayView(verb=act, label=LABELS[act][0], label_en=LABELS[act][1],
                    why_not=why.chinese if why else None, why_not_en=why.english if why else None)
            for act, why in may(reply, reading.role, reading.unit, reading.units).items()
        ],
    )  # fmt: skip


def views(conn: Connection, reports: Sequence[int], reading: Reading) -> dict[int, ReplyView]:
    """What the reports of one incident are owed."""
    found = reply_store.replies(conn, reports)
    return {report: view(reply, reading) for report, reply in found.items()}


def listed(conn: Connection, names: Names, reading: Reading, now: datetime, *, is_open: bool,
           overdue: bool | None, nature: str, limit: int, after: str) -> ReplyList:  # fmt: skip
    """One page of the list, within the scope.

    Raises:
        Invalid: The paging mark is not one of ours.
    """
    found, total = reply_store.page(conn, is_open=is_open, overdue=overdue, nature=nature, limit=limit,
                                    after=read_mark(after) if after else None)  # fmt: skip
    shown = found[:limit]
    reports = {r.id: r for r in intake_store.reports(conn, [one.reply.report for one in shown])}
    homes = sorted({one.incident for one in shown if one.incident is not None})
    incidents = incident_store.incidents(conn, homes)
    relations = {m.report: m.relation for i in incidents for m in incident_store.members(conn, i)}
    masked = intake_store.masked(conn, list(reports))
    holders: dict[int, set[str]] = {}
    for incident, _, unit in store.live_units(conn, homes):
        holders.setdefault(incident, set()).add(unit)
    items = []
    for one in shown:
        report = reports.get(one.reply.report)
        if report is None:
            continue
        incident_ = incidents.get(one.incident) if one.incident is not None else None
        area_name, area_name_en = names.area(report.area)
        units = holders.get(incident_.id, set()) if incident_ else set()
        own = Reading(reading.rules, reading.role, reading.unit, units)
        items.append(ReplyItem(
            report=str(report.id), nature=report.nature, text=(report.title or report.text)[:_SHOWN], place=report.place,
            area=str(report.area), area_name=area_name, area_name_en=area_name_en, received_at=report.received_at,
            reporter_masked=masked.get(report.id, ""), relation=relations.get(report.id),
            incident=str(incident_.id) if incident_ else None,
            incident_number=incident_.number if incident_ else None,
            incident_title=incident_.title if incident_ else None, stage=incident_.stage if incident_ else None,
            reply=view(one.reply, own),
        ))  # fmt: skip
    last = shown[-1].reply if len(found) > limit else None
    at = (last.due_at if is_open else last.changed_at) if last else None
    return ReplyList(
        items=items, next=mark(at, last.report) if last and at else None, total=total, as_of=now
    )
