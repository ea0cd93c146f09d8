"""Deciding, for a batch of reports, which incident each belongs to.

One transaction, every decision under advisory locks on the reports' places and rarest words,
so that two workers cannot open two incidents for one happening. Within the batch, reports
are decided in the order they were said, and see what the earlier ones of the batch did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import log, sqrt

from chengshu.agencies.matters import Matter
from chengshu.incidents import store, words
from chengshu.incidents.evidence import Traits, Verdict, weigh
from chengshu.incidents.model import ENDED, Incident, Stage
from chengshu.incidents.store import Member, Profile, Suggestion
from chengshu.incidents.understand import Reader, Understanding
from chengshu.intake.model import Channel, Report
from chengshu.kit.db import Connection
from chengshu.kit.ids import new_id
from chengshu.kit.times import local
from chengshu.places import Located, Locator, area_span, level_of

_RARE = 10  # terms per report that candidates are looked up by
_KEPT_WORDS = 96
_LONGEST = timedelta(days=100)
_CELL_DEG = 0.006  # about 600 m: a posting per cell, nine cells asked
_MOST_MEMBERS = 400  # beyond that an incident takes no more by itself: it would swallow strangers


@dataclass(frozen=True, slots=True)
class Rules:
    """What deciding needs to know of the city, and its two thresholds."""

    reader: Reader
    locator: Locator
    matters: Mapping[str, Matter]
    merge_above: float
    suggest_above: float


@dataclass(frozen=True, slots=True)
class Attached:
    """What became of one report."""

    report: Report
    incident: Incident
    opened: bool
    understanding: Understanding
    located: Located


@dataclass(slots=True)
class Draft:
    """A report on its way to an incident."""

    report: Report
    understanding: Understanding
    located: Located
    words: list[str]
    places: frozenset[str]
    spots: frozenset[str]
    weights: dict[str, float] = field(default_factory=dict)
    keys: list[tuple[int, float]] = field(
        default_factory=list
    )  # term, weight: what it is looked up by
    posted: list[int] = field(default_factory=list)

    def traits(self) -> Traits:
        r, u = self.report, self.understanding
        code = self.located.code
        usable = r.lon is not None and not self.located.outside
        return Traits(
            words=self.weights, places=self.places, area=code, area_width=_width(code), matter=u.matter,
            domain=u.domain, first_at=r.said_at, last_at=r.said_at,
            lon=r.lon if usable else None, lat=r.lat if usable else None,
            callers=frozenset([r.caller]) if r.caller else frozenset(), spots=self.spots,
        )  # fmt: skip


@dataclass(slots=True)
class _Cluster:
    """An incident and its profile while the batch works on them."""

    incident: Incident
    profile: Profile
    fresh: bool

    def traits(self) -> Traits:
        i = self.incident
        places, spots = set(), set()
        for name in self.profile.places:
            (spots if name.startswith("@") else places).add(name.removeprefix("@"))
        return Traits(
            words=self.profile.words, places=frozenset(places), area=i.area, area_width=_width(i.area),
            matter=i.matter, domain=i.domain, first_at=i.first_at, last_at=i.last_at, lon=i.lon, lat=i.lat,
            spread_m=i.spread_m, callers=self.profile.callers, spots=frozenset(spots),
        )  # fmt: skip


def _width(code: int) -> int:
    low, high = area_span(code, level_of(code))
    return high - low


def attach(
    conn: Connection, reports: Sequence[Report], rules: Rules, now: datetime
) -> list[Attached]:
    """Decide about new reports and write everything that follows from it.

    Args:
        reports: Reports that belong to no incident yet; those that do are left alone.
        now: When the clocks of newly opened incidents begin.

    Returns:
        One result per report, in the order in which they were decided.
    """
    known = store.decided(conn, [r.id for r in reports])
    drafts = [
        draft_of(r, rules)
        for r in sorted(reports, key=lambda r: (r.said_at, r.id))
        if r.id not in known
    ]
    if not drafts:
        return []
    weigh_words(conn, drafts)
    store.lock_keys(conn, [term for d in drafts for term, _ in d.keys])
    batch = _Batch(conn, rules, now, drafts)
    results = [batch.decide(n, draft) for n, draft in enumerate(drafts)]
    batch.write()
    return [replace(r, incident=batch.clusters[r.incident.id].incident) for r in results]


def draft_of(report: Report, rules: Rules) -> Draft:
    understanding = rules.reader.read(report.title, report.text)
    usable = report.area != rules.locator.city.code
    located = rules.locator.locate(
        place=report.place, text=f"{report.title} {report.text}", lon=report.lon, lat=report.lat
    )
    if usable and _width(report.area) <= _width(located.code):
        located = Located(report.area, max(located.confidence, 0.9), located.outside)
    said = f"{report.title} {report.place} {report.text}"
    places = frozenset(m.text for m in rules.locator.gazetteer.places_in(said[:4000]))
    return Draft(report, understanding, located, words.words(f"{report.title} {report.text}"), places,
                  words.spots(said))  # fmt: skip


def weigh_words(conn: Connection, drafts: Sequence[Draft], *, counting: bool = True) -> None:
    """Give each word its rarity, choose what each report is looked up by, and count the words of new reports."""
    terms = {w: words.term("w", w) for d in drafts for w in d.words}
    counted, total = store.counts(conn, list(terms.values()))
    added: Counter[int] = Counter({0: len(drafts)})
    for draft in drafts:
        added.update(terms[w] for w in draft.words)
        # half-counts: in a young system every word looks rare, so rarity is taken from at least 500 reports
        draft.weights = {
            w: log((max(total, 500) + 1) / (counted.get(terms[w], 0) + 1)) + 0.1
            for w in draft.words
        }
        rare = sorted(draft.weights, key=lambda w: -draft.weights[w])[:_RARE]
        draft.keys = [(terms[w], draft.weights[w]) for w in rare]
        draft.keys += [(words.term("p", p), 8.0) for p in sorted(draft.places)[:6]]
        draft.posted = [term for term, _ in draft.keys]
        if (
            draft.report.lon is not None
            and draft.report.lat is not None
            and not draft.located.outside
        ):
            x, y = int(draft.report.lon / _CELL_DEG), int(draft.report.lat / _CELL_DEG)
            draft.posted.append(words.term("c", f"{x},{y}"))
            draft.keys += [
                (words.term("c", f"{x + dx},{y + dy}"), 6.0 if dx == dy == 0 else 4.0)
                for dx in (-1, 0, 1) for dy in (-1, 0, 1)
            ]  # fmt: skip
    if counting:
        store.count(conn, added)


class _Batch:
    """The clusters that one batch works on; written once at the end."""

    def __init__(
        self, conn: Connection, rules: Rules, now: datetime, drafts: Sequence[Draft]
    ) -> None:
        self._conn, self._rules, self._now = conn, rules, now
        asks = [
            (n, term, weight, d.report.said_at - min(self._window(d), _LONGEST))
            for n, d in enumerate(drafts) for term, weight in d.keys
        ]  # fmt: skip
        self._found = store.candidates(conn, asks)
        ids = sorted({i for found in self._found.values() for i in found})
        incidents, profiles = store.incidents(conn, ids), store.profiles(conn, ids)
        self.clusters = {
            i: _Cluster(incidents[i], profiles[i], False)
            for i in ids
            if i in incidents and i in profiles
        }
        self._touched: dict[int, list[int]] = {}  # term -> incidents of this batch
        self._postings: list[tuple[int, datetime, int]] = []
        self._words: list[tuple[int, int, int]] = []
        self._members: list[Member] = []
        self._suggestions: list[Suggestion] = []
        self._changed: set[int] = set()
        self._numbers = store.next_numbers(conn, len(drafts))

    def _window(self, draft: Draft) -> timedelta:
        return self._rules.matters[draft.understanding.matter].window

    def decide(self, number: int, draft: Draft) -> Attached:
        """Join the best incident, or open one; suggest the rest."""
        scored = self._score(number, draft)
        best = scored[0] if scored else None
        if (
            best
            and best[1].probability >= self._rules.merge_above
            and self._open_for(best[0], draft)
        ):
            cluster, verdict = best
            self._join(cluster, draft)
            outcome, opened = "merged", False
        else:
            cluster, verdict, outcome, opened = self._open(draft, best), None, "opened", True
        clues = [clue.record() for clue in verdict.clues] if verdict else []
        self._members.append(Member(draft.report.id, cluster.incident.id, outcome,
                                    verdict.probability if verdict else None, clues, self._now))  # fmt: skip
        self._suggest(cluster, scored, opened)
        for term in draft.posted:
            self._touched.setdefault(term, []).append(cluster.incident.id)
            self._postings.append((term, draft.report.said_at, cluster.incident.id))
        text = f"{draft.report.title} {draft.report.place} {draft.report.text} {cluster.incident.number}"
        self._words += [(t, cluster.incident.area, cluster.incident.id)
                        for t in words.terms("s", words.search_words(text))]  # fmt: skip
        return Attached(draft.report, cluster.incident, opened, draft.understanding, draft.located)

    def _score(self, number: int, draft: Draft) -> list[tuple[_Cluster, Verdict]]:
        ids = dict.fromkeys(self._found.get(number, []))
        for term, _ in draft.keys:
            ids.update(dict.fromkeys(self._touched.get(term, [])))
        ours, scored = draft.traits(), []
        for i in ids:
            cluster = self.clusters.get(i)
            if cluster is None or cluster.incident.stage is Stage.MERGED:
                continue
            window = max(self._window(draft), self._rules.matters[cluster.incident.matter].window)
            theirs = cluster.traits()
            if (
                draft.report.said_at - theirs.last_at > window
                or theirs.first_at - draft.report.said_at > window
            ):
                continue
            scored.append((cluster, weigh(ours, theirs, window)))
        scored.sort(key=lambda pair: (-pair[1].bits, pair[0].incident.id))
        return scored[:5]

    def _open_for(self, cluster: _Cluster, draft: Draft) -> bool:
        """Whether an incident still takes reports: those said after it ended are a recurrence."""
        i = cluster.incident
        if i.reports >= _MOST_MEMBERS:
            return False
        return i.stage not in ENDED or (
            i.closed_at is not None and draft.report.said_at <= i.closed_at
        )

    def _open(self, draft: Draft, best: tuple[_Cluster, Verdict] | None) -> _Cluster:
        again = (
            best
            and best[1].probability >= self._rules.merge_above
            and best[0].incident.stage in ENDED
        )
        recurrence = best[0].incident.id if again and best else None
        incident = opened(draft, self._now, self._numbers.pop(), new_id(), recurrence)
        cluster = _Cluster(incident, Profile(incident.id), True)
        self.clusters[incident.id] = cluster
        absorb(cluster.profile, draft)
        self._changed.add(incident.id)
        return cluster

    def _join(self, cluster: _Cluster, draft: Draft) -> None:
        i, r = cluster.incident, draft.report
        first_time = not r.caller or r.caller not in cluster.profile.callers
        absorb(cluster.profile, draft)
        lon, lat, spread = position(cluster.profile, i)
        deeper = _width(draft.located.code) < _width(i.area) and _inside(draft.located.code, i.area)
        cluster.incident = replace(
            i, reports=i.reports + 1, people=i.people + int(first_time), urgency=max(i.urgency, draft.understanding.urgency),
            danger=i.danger or draft.understanding.danger, first_at=min(i.first_at, r.said_at),
            last_at=max(i.last_at, r.said_at), area=draft.located.code if deeper else i.area,
            place=i.place or r.place, lon=lon, lat=lat, spread_m=spread, changed_at=self._now,
        )  # fmt: skip
        self._changed.add(i.id)

    def _suggest(
        self, cluster: _Cluster, scored: Sequence[tuple[_Cluster, Verdict]], opened: bool
    ) -> None:
        for other, verdict in scored[:3]:
            if other is cluster or verdict.probability < self._rules.suggest_above:
                continue
            if not opened and verdict.probability < self._rules.merge_above:
                continue  # it found its place; only a second good one is worth a person's look
            pair = sorted((cluster.incident.id, other.incident.id))
            self._suggestions.append(Suggestion(new_id(), pair[1], pair[0], verdict.probability,
                                                [c.record() for c in verdict.clues]))  # fmt: skip

    def write(self) -> None:
        """Write what the batch decided."""
        changed = [self.clusters[i] for i in sorted(self._changed)]
        store.add_incidents(self._conn, [c.incident for c in changed if c.fresh])
        store.grow(self._conn, [c.incident for c in changed if not c.fresh])
        store.save_profiles(self._conn, [c.profile for c in changed])
        store.save_members(self._conn, self._members)
        store.add_postings(self._conn, self._postings)
        store.add_words(self._conn, self._words)
        store.add_suggestions(self._conn, self._suggestions, self._now)


def opened(
    draft: Draft, now: datetime, number: int, incident_id: int, recurrence_of: int | None = None
) -> Incident:
    """A new incident for one report."""
    r, u = draft.report, draft.understanding
    usable = r.lon is not None and not draft.located.outside
    return Incident(
        id=incident_id, number=f"{local(now):%Y%m%d}-{number:07d}", title=title_of(r), matter=u.matter,
        domain=u.domain, stage=Stage.RECEIVED, urgency=u.urgency, danger=u.danger, area=draft.located.code,
        place=r.place or next(iter(sorted(draft.places)), ""), lon=r.lon if usable else None,
        lat=r.lat if usable else None, spread_m=0.0, reports=1, people=1, first_at=r.said_at, last_at=r.said_at,
        opened_at=now, due_at=None, overdue=False, closed_at=None, answer=None, answer_source=None,
        merged_into=None, recurrence_of=recurrence_of, imported=r.imported, changed_at=now,
    )  # fmt: skip


def title_of(report: Report) -> str:
    """The report's own title, or the beginning of its first sentence."""
    if report.title:
        return report.title[:80]
    first = next(
        (
            line
            for line in report.text.replace("。", "\n").replace("!", "\n").splitlines()
            if line.strip()
        ),
        "",
    )
    return first.strip()[:40] or f"({_CHANNEL_NAMES[report.channel]}来件,无文字)"


_CHANNEL_NAMES = {
    Channel.HOTLINE: "热线", Channel.POLICE110: "110", Channel.WEB: "网页", Channel.GRID: "网格",
    Channel.OTHER: "其他系统", Channel.TABLE: "导入",
}  # fmt: skip


def absorb(profile: Profile, draft: Draft) -> None:
    """Add one report to what the incident's profile remembers."""
    for word, weight in draft.weights.items():
        profile.words[word] = profile.words.get(word, 0.0) + weight
    if len(profile.words) > 2 * _KEPT_WORDS:
        heaviest = sorted(profile.words.items(), key=lambda item: -item[1])[:_KEPT_WORDS]
        profile.words = dict(heaviest)
    profile.places |= draft.places | {f"@{spot}" for spot in draft.spots}
    if draft.report.caller:
        profile.callers |= {draft.report.caller}
    if draft.report.lon is not None and draft.report.lat is not None and not draft.located.outside:
        profile.xs += draft.report.lon
        profile.ys += draft.report.lat
        profile.points += 1


def position(profile: Profile, incident: Incident) -> tuple[float | None, float | None, float]:
    """Mean position of the reports, and their spread in metres."""
    if profile.points == 0:
        return incident.lon, incident.lat, incident.spread_m
    lon, lat = profile.xs / profile.points, profile.ys / profile.points
    if incident.lon is None or incident.lat is None or profile.points == 1:
        return lon, lat, 0.0
    moved = sqrt((lon - incident.lon) ** 2 + (lat - incident.lat) ** 2) * 111_195 * profile.points
    return (
        lon,
        lat,
        sqrt(((incident.spread_m**2) * (profile.points - 1) + moved**2) / profile.points),
    )


def _inside(code: int, outer: int) -> bool:
    low, high = area_span(outer, level_of(outer))
    return low <= code < high
