"""Which reports are owed a statutory reply, and beginning its clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from chengshu.agencies.calendar import WorkCalendar
from chengshu.dispatch.replies import store
from chengshu.dispatch.replies.model import OWED
from chengshu.dispatch.replies.rules import ReplyRules, accept_due
from chengshu.incidents import store as incident_store
from chengshu.incidents.model import Relation
from chengshu.intake import store as intake_store
from chengshu.intake.model import Nature, Report
from chengshu.kit.db import Connection


def is_owed(report: Report, relation: Relation) -> bool:
    """Whether this very report is owed a reply by law.

    One that only urges is about a complaint that has its reply already. An imported one was
    answered where it came from. An anonymous complaint has nobody who could be told.
    """
    if report.nature not in OWED or report.imported or relation is Relation.URGED:
        return False
    return not report.anonymous or report.nature is Nature.DENUNCIATION


def owe(conn: Connection, decided: Iterable[tuple[Report, Relation, str]], rules: ReplyRules,
        calendar: WorkCalendar, now: datetime) -> None:  # fmt: skip
    """Begin the clocks of reports that were just decided, in one statement.

    Args:
        decided: Each report with how it relates to its incident, and its matter.
    """
    rows = []
    for report, relation, matter in decided:
        rule = rules.holding(report.nature, matter) if is_owed(report, relation) else None
        if rule is not None:
            due = accept_due(rule, report.received_at, calendar)
            rows.append((report.id, report.nature, rule.id, report.anonymous, due, now))
    store.owe(conn, rows)


def owe_anew(conn: Connection, incident_id: int, rules: ReplyRules, calendar: WorkCalendar,
             now: datetime) -> None:  # fmt: skip
    """Begin the clocks of reports that only urged until a person gave them an incident of their own."""
    incident = incident_store.incidents(conn, [incident_id]).get(incident_id)
    if incident is None:
        return
    relations = {m.report: Relation(m.relation) for m in incident_store.members(conn, incident_id)}
    reports = intake_store.reports(conn, list(relations))
    decided = [(report, relations[report.id], incident.matter) for report in reports]
    owe(conn, decided, rules, calendar, now)
