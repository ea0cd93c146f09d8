"""Deciding, for a batch of reports, which incident each belongs to.

One transaction. Reading reports runs in as many workers as there are; deciding is for one
worker at a time, so that no two open two incidents for one happening or write over what the
other just added. Within the batch, reports are decided in the order they were said, and see
what the earlier ones of the batch did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log2

from chengshu.incidents import store, words
from chengshu.incidents.drafts import (
    Draft,
    Rules,
    absorb,
    draft_of,
    opened,
    position,
    title_of,
    weigh_words,
    width,
)
from chengshu.incidents.evidence import (
    Verdict,
    explained,
    hopeless,
    likenesses,
    measure,
    probability,
    promise,
    tied,
)
from chengshu.incidents.model import ENDED, Incident, Relation, Stage
from chengshu.incidents.refit import store as refit_store
from chengshu.incidents.refit.model import Comparison, Kept
from chengshu.incidents.relations import is_another_person, relation_of
from chengshu.incidents.store import Member, Profile, Suggestion
from chengshu.incidents.teaching import Teacher
from chengshu.incidents.traits import Traits
from chengshu.incidents.understand import Understanding
from chengshu.incidents.wording import Likeness
from chengshu.intake.model import Report
from chengshu.kit.db import Connection
from chengshu.kit.ids import new_id
from chengshu.places import Located, area_span, level_of

DECIDING = (
    0  # the lock under which incidents are decided; a batch of 64 shares keys with every other
)
_LONGEST = timedelta(days=400)  # what comes with a season is known again; older is history
_MOST_MEMBERS = 400  # beyond that an incident takes no more by itself: it would swallow strangers
_WEIGHED = 8  # of a report's candidates, the most promising, that are measured in full
_SUGGESTED = 3  # incidents that a person is asked about for one report
_MANY_MEMBERS = 6  # from here on likeness alone adds none: what many said is like a lot of texts


@dataclass(frozen=True, slots=True)
class Attached:
    """What became of one report."""

    report: Report
    incident: Incident
    opened: bool
    understanding: Understanding
    located: Located
    relation: Relation = Relation.FIRST


@dataclass(slots=True)
class _Cluster:
    """An incident and its profile while the batch works on them."""

    incident: Incident
    profile: Profile
    fresh: bool
    seen: Traits | None = None  # made once, until the next report joins

    def traits(self) -> Traits:
        if self.seen is None:
            self.seen = cluster_traits(self.incident, self.profile)
        return self.seen


def cluster_traits(incident: Incident, profile: Profile) -> Traits:
    """What merging compares of an incident.

    A position that only comes from the register of places is none that was reported: it is shown,
    not compared.
    """
    spots = frozenset(name[1:] for name in profile.places if name.startswith("@"))
    others = frozenset(name[1:] for name in profile.places if name.startswith("="))
    places = frozenset(name for name in profile.places if not name.startswith(("@", "=")))
    i, measured = incident, profile.points > 0
    return Traits(
        bag=profile.bag, places=dict.fromkeys(places - others, 0.0), area=i.area, area_width=width(i.area), matter=i.matter,
        domain=i.domain, first_at=i.first_at, last_at=i.last_at, lon=i.lon if measured else None,
        lat=i.lat if measured else None, spread_m=i.spread_m, callers=profile.callers, spots=spots, others=others,
        danger=i.danger, reports=i.reports, topics=profile.topics,
    )  # fmt: skip


def attach(
    conn: Connection,
    reports: Sequence[Report],
    rules: Rules,
    now: datetime,
    teacher: Teacher | None = None,
) -> list[Attached]:
    """Decide about new reports and write everything that follows from it.

    Args:
        reports: Reports that belong to no incident yet; those that do are left alone.
        now: When the clocks of newly opened incidents begin.
        teacher: Knows where some of them belong, and learns how the comparisons came out.

    Returns:
        One result per report, in the order in which they were decided.
    """
    with conn.pipeline():  # what needs no answer travels with the next thing that does
        known, numbers = store.begin(conn, [r.id for r in reports])
        drafts = [
            draft_of(r, rules)
            for r in sorted(reports, key=lambda r: (r.said_at, r.id))
            if r.id not in known
        ]
        if not drafts:
            return []
        weigh_words(conn, drafts)  # what is rare may be read before the lock: it hardly changes
        store.lock_keys(conn, [DECIDING])
        batch = _Batch(conn, rules, now, drafts, numbers, teacher)
        results = [batch.decide(n, draft) for n, draft in enumerate(drafts)]
        batch.write()
    return [replace(r, incident=batch.clusters[r.incident.id].incident) for r in results]


@dataclass(frozen=True, slots=True)
class _Scored:
    """A candidate that was measured, and how likely it is the report's home."""

    cluster: _Cluster
    likeness: Likeness
    measured: Mapping[str, float]
    bits: float

    @property
    def probability(self) -> float:
        return probability(self.bits)


class _Batch:
    """The clusters that one batch works on; written once at the end."""

    def __init__(
        self,
        conn: Connection,
        rules: Rules,
        now: datetime,
        drafts: Sequence[Draft],
        numbers: list[int],
        teacher: Teacher | None,
    ) -> None:
        self._conn, self._rules, self._now, self._teacher = conn, rules, now, teacher
        asks = [
            (n, term, weight, d.report.said_at - _LONGEST)
            for n, d in enumerate(drafts) for term, weight in d.keys
        ]  # fmt: skip
        self._found = store.candidates(conn, asks)
        ids = sorted({i for found in self._found.values() for i in found})
        self.clusters = {
            i: _Cluster(incident, profile, False)
            for i, (incident, profile) in store.compared(conn, ids).items()
        }
        self._touched: dict[int, list[int]] = {}  # term -> incidents of this batch
        self._postings: list[tuple[int, datetime, int]] = []
        self._words: list[tuple[int, int, int]] = []
        self._members: list[Member] = []
        self._suggestions: list[Suggestion] = []
        self._comparisons: list[Comparison] = []
        self._counted: Counter[int] = Counter()
        self._changed: set[int] = set()
        self._numbers = numbers

    def _window(self, draft: Draft) -> timedelta:
        return self._rules.matters[draft.understanding.matter].window

    def decide(self, number: int, draft: Draft) -> Attached:
        """Join the best incident, or open one; suggest the rest."""
        scored = self._score(number, draft)
        home, joined = self._home(scored, draft)
        relation = Relation.FIRST
        if home:
            cluster, outcome, opened = home, "merged", False
            verdict = joined and self._verdict(draft, joined)  # before it grows by this report
            self._suggest(cluster, draft, scored, opened)
            relation = relation_of(draft.report, cluster.profile.callers)
            self._join(cluster, draft, relation)
        else:
            cluster, verdict, outcome, opened = self._open(draft, scored), None, "opened", True
            self._suggest(cluster, draft, scored, opened)
        clues = [clue.record() for clue in verdict.clues] if verdict else []
        self._members.append(Member(draft.report.id, cluster.incident.id, outcome,
                                    joined.probability if joined else None, clues, self._now, relation, draft.bag))  # fmt: skip
        self._keep(draft, cluster, scored)
        for term in draft.posted:
            self._touched.setdefault(term, []).append(cluster.incident.id)
            self._postings.append((term, draft.report.said_at, cluster.incident.id))
        text = f"{draft.report.title} {draft.report.place} {draft.report.text} {cluster.incident.number}"
        self._words += [(t, cluster.incident.area, cluster.incident.id)
                        for t in words.terms("s", words.search_words(text))]  # fmt: skip
        return Attached(
            draft.report, cluster.incident, opened, draft.understanding, draft.located, relation
        )

    def _verdict(self, draft: Draft, scored: _Scored) -> Verdict:
        """The reasons in words: only for what a person may come to read."""
        theirs = scored.cluster.traits()
        return explained(
            draft.traits(), theirs, scored.likeness, scored.measured, self._rules.weights
        )

    def _score(self, number: int, draft: Draft) -> list[_Scored]:
        """The candidates that are likely enough to be suggested, the likeliest first."""
        ids = dict.fromkeys(self._found.get(number, []))
        for term, _ in draft.keys:
            ids.update(dict.fromkeys(self._touched.get(term, [])))
        ours, said_at = draft.traits(), draft.report.said_at
        least = min(self._rules.suggest_above, 0.999)
        least_bits = log2(least / (1 - least))
        looked: list[_Cluster] = []
        for i in ids:
            cluster = self.clusters.get(i)
            if cluster is None or cluster.incident.stage is Stage.MERGED:
                continue
            first, last = cluster.incident.first_at, cluster.incident.last_at
            if not first - _LONGEST <= said_at <= last + _LONGEST:
                continue
            if not hopeless(ours, cluster.traits()):
                looked.append(cluster)
        weights, window = self._rules.weights, self._window(draft)
        scored = []
        for cluster, likeness in self._promising(ours, looked):
            longer = max(window, self._rules.matters[cluster.incident.matter].window)
            measured = measure(ours, cluster.traits(), likeness, longer, self._rules.topics)
            scored.append(_Scored(cluster, likeness, measured, weights.of(measured)))
            if self._teacher:
                self._teacher.saw(draft.report.channel_id, cluster.incident.id, measured)
        scored.sort(key=lambda one: (one.bits, -one.cluster.incident.id), reverse=True)
        return [one for one in scored if one.bits >= least_bits]

    def _promising(
        self, ours: Traits, looked: Sequence[_Cluster]
    ) -> list[tuple[_Cluster, Likeness]]:
        """Those candidates that are worth measuring in full, with the likeness of their wording."""
        theirs = [cluster.traits() for cluster in looked]
        found = list(zip(looked, likenesses(ours, theirs), strict=True))
        if len(found) <= _WEIGHED:
            return found
        worth = [promise(ours, t, likeness) for t, (_, likeness) in zip(theirs, found, strict=True)]
        order = sorted(range(len(found)), key=lambda n: -worth[n])
        return [found[n] for n in order[:_WEIGHED]]

    def _open_for(self, scored: _Scored, draft: Draft) -> bool:
        """Whether an incident takes this report by itself: what was said after it ended is a recurrence,
        and a large one needs more than likeness."""
        i = scored.cluster.incident
        if i.reports >= _MOST_MEMBERS:
            return False
        if i.reports >= _MANY_MEMBERS and not tied(scored.measured):
            return False
        return i.stage not in ENDED or (
            i.closed_at is not None and draft.report.said_at <= i.closed_at
        )

    def _home(
        self, scored: Sequence[_Scored], draft: Draft
    ) -> tuple[_Cluster | None, _Scored | None]:
        """Of the open incidents that are sure enough the likeliest."""
        if self._teacher and self._teacher.knows(draft.report.channel_id):
            return self._taught(self._teacher, draft), None
        for one in scored:
            if one.probability < self._rules.merge_above:
                break
            if self._teacher and self._teacher.owns(one.cluster.incident.id):
                continue
            if self._open_for(one, draft):
                return one.cluster, one
        return None, None

    def _taught(self, teacher: Teacher, draft: Draft) -> _Cluster | None:
        """Where the teacher says that a report belongs."""
        home = teacher.home(draft.report.channel_id)
        if home is None:
            return None
        if home not in self.clusters:
            self.clusters[home] = _Cluster(*store.compared(self._conn, [home])[home], False)
        return self.clusters[home]

    def _open(self, draft: Draft, scored: Sequence[_Scored]) -> _Cluster:
        again = scored and scored[0].probability >= self._rules.merge_above
        ended = again and scored[0].cluster.incident.stage in ENDED
        recurrence = scored[0].cluster.incident.id if ended else None
        incident = opened(draft, self._now, self._numbers.pop(), new_id(), recurrence)
        cluster = _Cluster(incident, Profile(incident.id), True)
        self.clusters[incident.id] = cluster
        if draft.times:
            for term in (0, *draft.counted):
                self._counted[term] += draft.times
        absorb(cluster.profile, draft)
        self._changed.add(incident.id)
        if self._teacher:
            self._teacher.opened(draft.report.channel_id, incident.id)
        return cluster

    def _join(self, cluster: _Cluster, draft: Draft, relation: Relation) -> None:
        i, r = cluster.incident, draft.report
        first_time = is_another_person(r, cluster.profile.callers)
        if draft.times:
            known = frozenset(cluster.profile.bag.pair.tolist()) | {
                words.term("w", p) for p in cluster.profile.places
            }
            for term in draft.counted:
                if term not in known:
                    self._counted[term] += draft.times
        absorb(cluster.profile, draft)
        cluster.seen = None
        lon, lat, spread = position(cluster.profile, i, draft.located.near)
        deeper = width(draft.located.code) < width(i.area) and _inside(draft.located.code, i.area)
        cluster.incident = replace(
            i, reports=i.reports + 1, people=i.people + int(first_time), urgency=max(i.urgency, draft.understanding.urgency),
            danger=i.danger or draft.understanding.danger, first_at=min(i.first_at, r.said_at),
            last_at=max(i.last_at, r.said_at), area=draft.located.code if deeper else i.area,
            place=i.place or r.place, lon=lon, lat=lat, spread_m=spread, changed_at=self._now,
            urged=i.urged + int(relation is Relation.URGED),
        )  # fmt: skip
        self._changed.add(i.id)

    def _suggest(
        self, cluster: _Cluster, draft: Draft, scored: Sequence[_Scored], opened: bool
    ) -> None:
        for one in scored[:_SUGGESTED]:
            other = one.cluster
            if other is cluster or one.probability < self._rules.suggest_above:
                continue
            if not opened and one.probability < self._rules.merge_above:
                continue  # it found its place; only a second good one is worth a person's look
            pair = sorted((cluster.incident.id, other.incident.id))
            clues = [clue.record() for clue in self._verdict(draft, one).clues]
            self._suggestions.append(Suggestion(new_id(), pair[1], pair[0], one.probability, clues))

    def _keep(self, draft: Draft, home: _Cluster, scored: Sequence[_Scored]) -> None:
        """What was measured of where it joined and of the next likeliest, for answers that come later."""
        mine = [s for s in scored if s.cluster is home][:1]
        others = [s for s in scored if s.cluster is not home][:2]
        version = self._rules.weights.version
        self._comparisons += [
            Comparison(draft.report.id, s.cluster.incident.id, home.incident.id, kind, s.measured, s.probability, version)
            for kind, some in ((Kept.JOINED, mine), (Kept.BESIDE, others)) for s in some
        ]  # fmt: skip

    def write(self) -> None:
        """Write what the batch decided."""
        changed = [self.clusters[i] for i in sorted(self._changed)]
        store.add_incidents(self._conn, [c.incident for c in changed if c.fresh])
        store.grow(self._conn, [c.incident for c in changed if not c.fresh])
        store.save_profiles(self._conn, [c.profile for c in changed])
        store.save_members(self._conn, self._members)
        store.add_postings(self._conn, self._postings)
        store.add_words(self._conn, self._words)
        store.count(self._conn, self._counted)
        store.add_suggestions(self._conn, self._suggestions, self._now)
        refit_store.keep(self._conn, self._comparisons, self._now)


def _inside(code: int, outer: int) -> bool:
    low, high = area_span(outer, level_of(outer))
    return low <= code < high


__all__ = [
    "DECIDING",
    "Attached",
    "Draft",
    "Rules",
    "absorb",
    "attach",
    "cluster_traits",
    "draft_of",
    "opened",
    "position",
    "title_of",
    "weigh_words",
]
