"""Making an incident's derived state anew from its reports, after a person moved some.

Everything that merging keeps of an incident (counts, position, profile, postings, words) is a
function of its reports and so can be undone exactly.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chengshu.incidents import store, words
from chengshu.incidents.attach import (
    Attached,
    Rules,
    absorb,
    draft_of,
    opened,
    position,
    weigh_words,
)
from chengshu.incidents.model import Relation
from chengshu.incidents.relations import is_another_person, relate
from chengshu.incidents.store import Profile
from chengshu.intake import store as intake_store
from chengshu.kit.db import Connection
from chengshu.kit.errors import NotFound


def open_for(
    conn: Connection, report_id: int, rules: Rules, now: datetime, incident_id: int
) -> Attached:
    """Open an incident for one report, whatever merging would say; its membership is the caller's."""
    found = intake_store.reports(conn, [report_id])
    if not found:
        raise NotFound("线索", report_id)
    draft = draft_of(found[0], rules)
    incident = opened(draft, now, store.next_numbers(conn, 1)[0], incident_id)
    store.add_incidents(conn, [incident])
    return Attached(found[0], incident, True, draft.understanding, draft.located)


def rebuild(conn: Connection, incident_id: int, rules: Rules, now: datetime) -> None:
    """Derive counts, position, profile, postings and words from the reports that belong to it now."""
    incident = store.locked(conn, incident_id)
    if incident is None:
        raise NotFound("事件", incident_id)
    reports = intake_store.reports(conn, [m.report for m in store.members(conn, incident_id)])
    store.drop_postings(conn, incident_id)
    store.drop_words(conn, incident_id)
    drafts = [draft_of(report, rules) for report in reports]
    weigh_words(conn, drafts, counting=False, kept=store.bags(conn, incident_id))
    profile = Profile(incident_id)
    relations = relate(reports)  # they come in the order of time
    urged = sum(relation is Relation.URGED for relation in relations.values())
    grown = replace(
        incident, lon=None, lat=None, spread_m=0.0, reports=len(reports), people=0, changed_at=now,
        urged=urged,
    )  # fmt: skip
    postings, word_rows = [], []
    for draft in drafts:
        fresh_person = is_another_person(draft.report, profile.callers)
        absorb(profile, draft)
        lon, lat, spread = position(profile, grown, draft.located.near)
        grown = replace(
            grown, lon=lon, lat=lat, spread_m=spread, people=grown.people + int(fresh_person)
        )
        postings += [(term, draft.report.said_at, incident_id) for term in draft.posted]
        text = f"{draft.report.title} {draft.report.place} {draft.report.text} {incident.number}"
        word_rows += [
            (t, grown.area, incident_id) for t in words.terms("s", words.search_words(text))
        ]
    if reports:
        grown = replace(
            grown,
            danger=incident.danger or any(d.understanding.danger for d in drafts),
            first_at=min(r.said_at for r in reports),
            last_at=max(r.said_at for r in reports),
        )
    store.grow(conn, [grown])
    store.set_relations(conn, relations)
    store.save_profiles(conn, [profile])
    store.add_postings(conn, postings)
    store.add_words(conn, word_rows)
