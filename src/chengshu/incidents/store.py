"""All SQL of incidents, their profiles, merging's candidates and memberships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from chengshu.incidents.grams import EMPTY, Bag, unpack
from chengshu.incidents.model import ENDED, Incident, Relation, Stage
from chengshu.incidents.topics import Shares
from chengshu.kit.db import Connection, dumps, insert_many, literal

COLUMNS = (
    "i.id, i.number, i.title, i.matter, i.domain, i.stage, i.urgency, i.danger, i.area, i.place, i.lon, i.lat, "
    "i.spread_m, i.reports, i.people, i.first_at, i.last_at, i.opened_at, i.due_at, i.overdue, i.closed_at, "
    "i.answer, i.answer_source, i.merged_into, i.recurrence_of, i.imported, i.changed_at, i.urged"
)
NEWEST = 48  # postings looked at per term: the cost stays flat however long the history
CANDIDATES = 16


def incident_of(row: Sequence[Any]) -> Incident:
    """An incident from a row of COLUMNS."""
    values = list(row)
    values[5] = Stage(values[5])
    return Incident(*values)


def incidents(conn: Connection, ids: Sequence[int]) -> dict[int, Incident]:
    """Incidents with these ids that the scope shows."""
    rows = conn.execute(
        f"select {COLUMNS} from incident i where i.id = any(%s::bigint[])", (literal(ids),)
    )
    return {row[0]: incident_of(row) for row in rows}


def locked(conn: Connection, incident: int) -> Incident | None:
    """One incident, its row locked until the transaction ends."""
    row = conn.execute(
        f"select {COLUMNS} from incident i where i.id = %s for update", (incident,)
    ).fetchone()
    return incident_of(row) if row else None


@dataclass(slots=True)
class Profile:
    """What merging remembers of an incident: the sum over its reports."""

    incident: int
    bag: Bag = EMPTY
    topics: Shares = field(default_factory=lambda: np.zeros(0, np.int32))
    places: frozenset[str] = frozenset()
    xs: float = 0.0
    ys: float = 0.0
    points: int = 0
    callers: frozenset[str] = frozenset()


def lock_keys(conn: Connection, keys: Sequence[int]) -> None:
    """Serialise with every other worker that is deciding about one of these keys."""
    conn.execute(
        "select pg_advisory_xact_lock(77310, k) from (select unnest(%s::int[]) k order by 1) keys",
        (sorted({key & 0xFFFF for key in keys}),),
    )


def counts(conn: Connection, terms: Sequence[int]) -> tuple[dict[int, int], int]:
    """In how many reports each term was, and how many reports there were."""
    row = conn.execute(
        "select array_agg(term), array_agg(reports) from term_count where term = any(%s::bigint[])",
        (literal([*terms, 0]),),
    ).fetchone()
    found = dict(zip(row[0], row[1], strict=True)) if row and row[0] else {}
    return found, found.get(0, 0)


def count(conn: Connection, added: Mapping[int, int]) -> None:
    """Add to the counts; term 0 counts the reports themselves."""
    terms = sorted(added)
    conn.execute(
        """insert into term_count as c (term, reports) select * from unnest(%s::bigint[], %s::bigint[])
           on conflict (term) do update set reports = c.reports + excluded.reports""",
        (literal(terms), literal([added[t] for t in terms])),
    )


def candidates(
    conn: Connection, asks: Sequence[tuple[int, int, float, datetime]]
) -> dict[int, list[int]]:
    """The incidents that share the heaviest terms with each report.

    Args:
        asks: Rows of report number, term, weight, and the oldest time that still counts.

    Returns:
        Report number to at most CANDIDATES incident ids, most promising first.
    """
    rows = conn.execute(
        """with ask as (select * from unnest(%s::int[], %s::bigint[], %s::real[], %s::timestamptz[]) a(n, term, w, since)),
           hit as (select a.n, p.incident, sum(a.w) w
             from ask a cross join lateral (select incident from posting where term = a.term and seen >= a.since
               order by seen desc limit %s) p group by 1, 2),
           best as (select n, incident, row_number() over (partition by n order by w desc, incident desc) r from hit)
           select n, incident from best where r <= %s order by n, r""",
        (*(literal([a[column] for a in asks]) for column in range(4)), NEWEST, CANDIDATES),
    )
    found: dict[int, list[int]] = {}
    for number, incident in rows:
        found.setdefault(number, []).append(incident)
    return found


_BODY = "p.body, p.pairs, p.topics"


def _profile_of(incident: int, row: Sequence[Any]) -> Profile:
    """A profile from a row of _BODY."""
    body, pairs, topics = row
    return Profile(
        incident,
        unpack(pairs),
        np.frombuffer(topics, "<i4"),
        frozenset(body["places"]),
        body["xs"],
        body["ys"],
        body["points"],
        frozenset(body["callers"]),
    )


def profiles(conn: Connection, ids: Sequence[int]) -> dict[int, Profile]:
    """Profiles of these incidents."""
    rows = conn.execute(
        f"select p.incident, {_BODY} from profile p where p.incident = any(%s::bigint[])",
        (literal(ids),),
    )
    return {row[0]: _profile_of(row[0], row[1:]) for row in rows}


def compared(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[Incident, Profile]]:
    """Incidents with these ids that the scope shows, with what merging remembers of them."""
    rows = conn.execute(
        f"select {COLUMNS}, {_BODY} from incident i join profile p on p.incident = i.id where i.id = any(%s::bigint[])",
        (literal(ids),),
    )
    return {row[0]: (incident_of(row[:-3]), _profile_of(row[0], row[-3:])) for row in rows}


def save_profiles(conn: Connection, changed: Sequence[Profile]) -> None:
    """Write profiles, new and changed ones."""
    rows = [
        (p.incident, dumps({"places": sorted(p.places), "xs": p.xs, "ys": p.ys, "points": p.points,
                            "callers": sorted(p.callers)}), p.bag.pack(), p.topics.tobytes())
        for p in changed
    ]  # fmt: skip
    tail = "on conflict (incident) do update set body = excluded.body, pairs = excluded.pairs, topics = excluded.topics"
    insert_many(
        conn,
        "profile",
        {"incident": "bigint", "body": "jsonb", "pairs": "bytea", "topics": "bytea"},
        rows,
        tail=tail,
    )


def add_postings(conn: Connection, rows: Sequence[tuple[int, datetime, int]]) -> None:
    """Let later reports find these incidents by these terms."""
    insert_many(
        conn, "posting", {"term": "bigint", "seen": "timestamptz", "incident": "bigint"}, rows
    )


def drop_postings(conn: Connection, incident: int) -> None:
    """Forget an incident's terms, before they are written anew."""
    conn.execute("delete from posting where incident = %s", (incident,))


def add_words(conn: Connection, rows: Sequence[tuple[int, int, int]]) -> None:
    """Full-text postings: term, area, incident."""
    columns = {"term": "bigint", "area": "bigint", "incident": "bigint"}
    insert_many(conn, "word", columns, rows, tail="on conflict do nothing")


def drop_words(conn: Connection, incident: int) -> None:
    """Take an incident out of the full-text index."""
    conn.execute("delete from word where incident = %s", (incident,))


_SAVED = {
    "id": "bigint", "number": "text", "title": "text", "matter": "text", "domain": "text", "stage": "text",
    "urgency": "smallint", "danger": "boolean", "area": "bigint", "place": "text", "lon": "float8", "lat": "float8",
    "spread_m": "float8", "reports": "int", "people": "int", "first_at": "timestamptz", "last_at": "timestamptz",
    "opened_at": "timestamptz", "recurrence_of": "bigint", "imported": "boolean", "changed_at": "timestamptz",
}  # fmt: skip


def add_incidents(conn: Connection, fresh: Sequence[Incident]) -> None:
    """Write new incidents."""
    insert_many(conn, "incident", _SAVED, [[getattr(i, name) for name in _SAVED] for i in fresh])


def grow(conn: Connection, grown: Sequence[Incident]) -> None:
    """Write what more reports change of an incident; its stage and clocks stay untouched."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """update incident set title = %s, urgency = %s, danger = %s, area = %s, place = %s, lon = %s, lat = %s,
                 spread_m = %s, reports = %s, people = %s, first_at = %s, last_at = %s, changed_at = %s, urged = %s
               where id = %s""",
            [(i.title, i.urgency, i.danger, i.area, i.place, i.lon, i.lat, i.spread_m, i.reports, i.people,
              i.first_at, i.last_at, i.changed_at, i.urged, i.id) for i in grown],
        )  # fmt: skip


def classify(conn: Connection, incident: int, matter: str, domain: str, now: datetime) -> None:
    """Write another matter."""
    conn.execute(
        "update incident set matter = %s, domain = %s, changed_at = %s where id = %s",
        (matter, domain, now, incident),
    )


def move(conn: Connection, incident: int, came_from: Sequence[Stage], to: Stage, now: datetime, *,
         closed: bool = False, answer: str | None = None, source: str | None = None,
         merged_into: int | None = None) -> bool:  # fmt: skip
    """Move an incident's stage by one conditional update; False when somebody was first."""
    done = conn.execute(
        """update incident set stage = %s, changed_at = %s, closed_at = case when %s then %s::timestamptz end,
             overdue = overdue and not %s, answer = coalesce(%s, answer), answer_source = coalesce(%s, answer_source),
             merged_into = %s
           where id = %s and stage = any(%s)""",
        (to, now, closed, now, closed, answer, source, merged_into, incident, list(came_from)),
    )
    return done.rowcount == 1


@dataclass(frozen=True, slots=True)
class Member:
    """A report's membership in an incident, and why."""

    report: int
    incident: int
    outcome: str
    probability: float | None
    clues: Sequence[Mapping[str, object]]
    at: datetime
    relation: str = Relation.JOINED
    bag: Bag | None = None


def save_members(conn: Connection, members: Sequence[Member]) -> None:
    """Write memberships; a report that moves leaves its old incident, where it goes `relate` says anew."""
    columns = {"report": "bigint", "incident": "bigint", "outcome": "text", "probability": "real", "clues": "jsonb",
               "at": "timestamptz", "relation": "text", "pairs": "bytea"}  # fmt: skip
    rows = [
        (
            m.report,
            m.incident,
            m.outcome,
            m.probability,
            dumps(list(m.clues)),
            m.at,
            m.relation,
            m.bag.pack() if m.bag else None,
        )
        for m in members
    ]
    insert_many(conn, "membership", columns, rows, tail=(
        "on conflict (report) do update set incident = excluded.incident, outcome = excluded.outcome, "
        "probability = excluded.probability, clues = excluded.clues, at = excluded.at"
    ))  # fmt: skip


def members(conn: Connection, incident: int) -> list[Member]:
    """An incident's reports, as memberships."""
    rows = conn.execute(
        "select report, incident, outcome, probability, clues, at, relation from membership where incident = %s order by report",
        (incident,),
    )
    return [Member(*row) for row in rows]


def set_relations(conn: Connection, relations: Mapping[int, Relation]) -> None:
    """Write how reports relate to their incident."""
    conn.execute(
        """update membership m set relation = n.relation
           from unnest(%s::bigint[], %s::text[]) n(report, relation)
           where m.report = n.report and m.relation <> n.relation""",
        (list(relations), [str(r) for r in relations.values()]),
    )


def recurrences(conn: Connection, incident: int) -> list[int]:
    """What came again after this incident was closed, as far as the scope shows."""
    rows = conn.execute(
        "select id from incident where recurrence_of = %s order by id desc limit 50", (incident,)
    )
    return [row[0] for row in rows]


def membership(conn: Connection, report: int) -> int | None:
    """Which incident a report belongs to; None while it waits."""
    row = conn.execute("select incident from membership where report = %s", (report,)).fetchone()
    return int(row[0]) if row else None


def homes(conn: Connection, source: str) -> dict[str, int]:
    """Number of each report of one source to the incident that it belongs to."""
    rows = conn.execute(
        "select r.channel_id, m.incident from report r join membership m on m.report = r.id where r.source = %s",
        (source,),
    )
    return {row[0]: row[1] for row in rows}


def begin(conn: Connection, reports: Sequence[int]) -> tuple[set[int], list[int]]:
    """Those of these reports that already belong to an incident, and a number for each report."""
    row = conn.execute(
        """select array(select report from membership where report = any(%s::bigint[])),
                  array(select nextval('number_seq') from generate_series(1, %s))""",
        (literal(reports), len(reports)),
    ).fetchone()
    assert row is not None
    return set(row[0]), [_scattered(n) for n in row[1]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two incidents that may be one."""

    id: int
    incident: int
    other: int
    probability: float
    clues: Sequence[Mapping[str, object]]
    state: str = "open"


def add_suggestions(conn: Connection, suggestions: Sequence[Suggestion], now: datetime) -> None:
    """Write suggestions; a pair is suggested once."""
    columns = {"id": "bigint", "incident": "bigint", "other": "bigint", "probability": "real", "clues": "jsonb",
               "at": "timestamptz"}  # fmt: skip
    rows = [
        (s.id, s.incident, s.other, s.probability, dumps(list(s.clues)), now) for s in suggestions
    ]
    insert_many(conn, "suggestion", columns, rows, tail="on conflict (incident, other) do nothing")


def suggestions(conn: Connection, incident: int) -> list[Suggestion]:
    """Open suggestions about an incident, whichever side it is on, while neither side has ended."""
    rows = conn.execute(
        """select id, incident, other, probability, clues, state from suggestion s
           where (incident = %(i)s or other = %(i)s) and state = 'open' and not exists (
             select 1 from incident e where e.id in (s.incident, s.other) and e.stage = any(%(ended)s))
           order by probability desc""",
        {"i": incident, "ended": [str(stage) for stage in ENDED]},
    )
    return [Suggestion(*row) for row in rows]


def home_of(conn: Connection, report: int) -> tuple[bool, int | None]:
    """Whether a report was decided, and the incident it belongs to now, where the scope shows it."""
    row = conn.execute(
        """select is_decided(%(report)s), (
             select coalesce(lead.id, i.id) from membership m join incident i on i.id = m.incident
             left join incident lead on lead.id = i.merged_into where m.report = %(report)s)""",
        {"report": report},
    ).fetchone()
    return (bool(row[0]), row[1]) if row else (False, None)


def suggestion(conn: Connection, suggestion_id: int) -> Suggestion | None:
    """A suggestion, answered or not, that the scope shows."""
    row = conn.execute(
        "select id, incident, other, probability, clues, state from suggestion where id = %s",
        (suggestion_id,),
    ).fetchone()
    return Suggestion(*row) if row else None


def answer_suggestion(conn: Connection, suggestion: int, state: str) -> Suggestion | None:
    """Accept or refuse an open suggestion; None when there is none."""
    row = conn.execute(
        """update suggestion set state = %s where id = %s and state = 'open'
           returning id, incident, other, probability, clues, state""",
        (state, suggestion),
    ).fetchone()
    return Suggestion(*row) if row else None


def reopen_suggestion(conn: Connection, suggestion: int) -> bool:
    """Ask again what was answered; False when it is open."""
    done = conn.execute(
        "update suggestion set state = 'open' where id = %s and state <> 'open'", (suggestion,)
    )
    return done.rowcount == 1


def next_numbers(conn: Connection, how_many: int) -> list[int]:
    """Numbers that were never handed out, scattered so that they tell nothing of how many there are."""
    rows = conn.execute("select nextval('number_seq') from generate_series(1, %s)", (how_many,))
    return [_scattered(row[0]) for row in rows]


def _scattered(number: int) -> int:
    return number * 7_368_787 % 10_000_000


def bags(conn: Connection, incident: int) -> dict[int, Bag]:
    """What the reports of an incident weighed when they were decided."""
    rows = conn.execute(
        "select report, pairs from membership where incident = %s and pairs is not null",
        (incident,),
    )
    return {report: unpack(pairs) for report, pairs in rows}
