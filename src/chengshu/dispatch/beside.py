"""Two incidents beside each other: their reports with what is shared marked, and the clues as log-odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import fsum
from typing import Any

from pydantic import BaseModel, Field

from chengshu.dispatch import compare, read
from chengshu.dispatch.views import ClueView, IncidentView, Names, prior_bits
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Rules
from chengshu.incidents.model import Incident
from chengshu.incidents.resemble import alike
from chengshu.incidents.store import Suggestion
from chengshu.intake import store as intake_store
from chengshu.intake.model import Report
from chengshu.kit.db import Connection
from chengshu.kit.errors import NotFound


class SpanView(BaseModel):
    """A marked part of a text; offsets in code points."""

    start: int
    end: int
    kind: str = Field(description="word, place or spot: shared; other_place or other_spot: differs")


class BesideReportView(BaseModel):
    """One report, with what it shares with the other side."""

    id: str
    channel: str
    said_at: datetime
    title: str
    place: str
    text: str
    title_marks: list[SpanView]
    place_marks: list[SpanView]
    text_marks: list[SpanView]


class SideView(BaseModel):
    """One of the two incidents, with the reports that are most like the other."""

    incident: IncidentView
    reports: list[BesideReportView]


class BesideView(BaseModel):
    """Two incidents beside each other, and what speaks for and against their being one."""

    suggestion: str | None = Field(description="null when a person chose the two")
    state: str | None = Field(description="open, accepted or refused, of the suggestion")
    one: SideView
    other: SideView
    probability: float
    bits: float = Field(description="log2 odds: prior and clues together")
    prior_bits: float
    clues: list[ClueView]


def suggested(conn: Connection, suggestion: Suggestion, rules: Rules, names: Names, now: datetime) -> BesideView:  # fmt: skip
    """A suggestion's two incidents, with the clues that it was made with.

    Raises:
        NotFound: The scope does not show one of them.
    """
    found = incident_store.incidents(conn, [suggestion.incident, suggestion.other])
    if len(found) < 2:
        raise NotFound("合并建议", suggestion.id)
    pair = found[suggestion.incident], found[suggestion.other]
    prior = prior_bits(suggestion.probability, suggestion.clues)
    return _view(conn, pair, rules, names, now, suggestion.probability, prior, suggestion.clues,
                 suggestion=str(suggestion.id), state=suggestion.state)  # fmt: skip


def chosen(
    conn: Connection, one: int, other: int, rules: Rules, names: Names, now: datetime
) -> BesideView:
    """Any two incidents, weighed now.

    Raises:
        NotFound: The scope does not show one of them.
    """
    found = incident_store.incidents(conn, [one, other])
    for incident in (one, other):
        if incident not in found:
            raise NotFound("事件", incident)
    verdict = alike(conn, found[one], found[other], rules)
    prior = verdict.bits - fsum(clue.bits for clue in verdict.clues)
    return _view(conn, (found[one], found[other]), rules, names, now, verdict.probability, prior,
                 [clue.record() for clue in verdict.clues])  # fmt: skip


def _view(conn: Connection, pair: tuple[Incident, Incident], rules: Rules, names: Names, now: datetime,
          probability: float, prior: float, clues: Sequence[Mapping[str, Any]], *, suggestion: str | None = None,
          state: str | None = None) -> BesideView:  # fmt: skip
    all_left, all_right = (_reports(conn, incident.id) for incident in pair)
    left = compare.most_alike(all_left, all_right)
    right = compare.most_alike(all_right, all_left)
    marks = compare.marks(left, right, rules.locator)
    briefs = read.briefs(conn, pair, names, now)
    one, other = (
        SideView(incident=brief, reports=[_report(r, m) for r, m in zip(side, marked, strict=True)])
        for brief, side, marked in zip(briefs, (left, right), marks, strict=True)
    )
    return BesideView(
        suggestion=suggestion, state=state, one=one, other=other, probability=probability, prior_bits=prior,
        bits=prior + fsum(float(clue["bits"]) for clue in clues),
        clues=[ClueView.model_validate(clue) for clue in clues],
    )  # fmt: skip


def _reports(conn: Connection, incident_id: int) -> list[Report]:
    members = incident_store.members(conn, incident_id)
    return intake_store.reports(conn, [m.report for m in members])


def _report(report: Report, marks: compare.Marks) -> BesideReportView:
    spans = {
        f"{name}_marks": [SpanView(start=s.start, end=s.end, kind=s.kind) for s in marks[name]]
        for name in compare.FIELDS
    }
    return BesideReportView(
        id=str(report.id), channel=report.channel, said_at=report.said_at, title=report.title, place=report.place,
        text=report.text, **spans,
    )  # fmt: skip
