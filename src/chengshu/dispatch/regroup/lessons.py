"""What merging can learn from a person's merge, split, answer, or taking back of one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chengshu.dispatch.assign import Actor
from chengshu.dispatch.regroup import store
from chengshu.incidents import store as incident_store
from chengshu.incidents.attach import Rules
from chengshu.incidents.model import Incident
from chengshu.incidents.refit import answers
from chengshu.incidents.refit import store as kept
from chengshu.incidents.refit.answers import Person
from chengshu.incidents.refit.model import Answer
from chengshu.incidents.resemble import alike
from chengshu.kit.db import Connection

_LARGE = 0.5  # of two that have several reports each: merging compares one report with an incident


def answered(conn: Connection, kind: Answer, same: bool, one: Incident, other: Incident, rules: Rules, by: Actor,
             now: datetime) -> None:  # fmt: skip
    """A person said whether two incidents, still apart, are one happening."""
    found = kept.between(conn, one.id, other.id)
    fresh = None
    if found is None:
        verdict = alike(conn, one, other, rules)
        fresh = answers.measured_now(one.id, other.id, verdict, rules.weights.version)
    answers.say(conn, kind, same, one.id, other.id, [found] if found else [], fresh, _person(by), now,
                weight=1.0 if min(one.reports, other.reports) <= 1 else _LARGE)  # fmt: skip


def refused(conn: Connection, one: int, other: int, rules: Rules, by: Actor, now: datetime) -> None:
    """A person said no to a suggestion; nothing is learnt where she sees only one side."""
    seen = incident_store.incidents(conn, [one, other])
    if len(seen) == 2:
        answered(conn, Answer.REFUSED, False, seen[one], seen[other], rules, by, now)


def split_off(conn: Connection, incident: int, fresh: int, reports: Collection[int], rules: Rules, by: Actor,
              now: datetime) -> None:  # fmt: skip
    """A person took reports out: they should not have joined, and what merged just these was wrong."""
    for act in store.acts(conn, [incident]):
        if act.verb == "merge" and act.lead == incident and act.moved and act.moved <= set(reports):
            answers.forget(conn, act.lead, act.other, now)
    found = kept.joinings(conn, incident, sorted(reports))
    measured = None
    if not found:
        seen = incident_store.incidents(conn, [incident, fresh])
        verdict = alike(conn, seen[fresh], seen[incident], rules)
        measured = answers.measured_now(fresh, incident, verdict, rules.weights.version)
    answers.say(conn, Answer.SPLIT, False, incident, fresh, found, measured, _person(by), now)


def undone(
    conn: Connection, verb: str, lead: int, other: int, rules: Rules, by: Actor, now: datetime
) -> None:
    """A person took a merge or split back, and so says the opposite."""
    kind = Answer.UNMERGED if verb == "merge" else Answer.UNSPLIT
    if answers.turn(conn, kind, lead, other, _person(by), now) or verb == "split":
        return
    seen = incident_store.incidents(conn, [lead, other])
    if len(seen) == 2:
        answered(conn, kind, False, seen[lead], seen[other], rules, by, now)


def _person(by: Actor) -> Person:
    return Person(by.account, by.name)
