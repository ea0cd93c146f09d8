"""What a text that is still being typed may be about: merging's own eyes, without writing anything."""

from __future__ import annotations

from datetime import datetime

from chengshu.incidents import store
from chengshu.incidents.attach import Rules, cluster_traits, draft_of, weigh_words
from chengshu.incidents.evidence import Verdict, weigh
from chengshu.incidents.model import Incident, Stage
from chengshu.incidents.store import Profile
from chengshu.intake.model import Channel, Nature, Report
from chengshu.kit.db import Connection
from chengshu.places import Locator

_LEAST = 0.2
_SHOWN = 3


def resembling(
    conn: Connection, text: str, place: str, rules: Rules, now: datetime
) -> list[tuple[Incident, Verdict]]:
    """Open incidents within the scope that a text may be about, the likeliest first."""
    draft = draft_of(_typed(text, place, rules.locator, now), rules)
    weigh_words(conn, [draft], counting=False)
    window = rules.matters[draft.understanding.matter].window
    found = store.candidates(
        conn, [(0, term, weight, now - window) for term, weight in draft.keys]
    ).get(0, [])
    known = store.compared(conn, found)
    scored = []
    for i in found:
        incident, profile = known.get(i, (None, None))
        if incident is None or profile is None or incident.stage is Stage.MERGED:
            continue
        verdict = weigh(
            draft.traits(),
            cluster_traits(incident, profile),
            window,
            rules.weights,
            rules.topics,
        )
        if verdict.probability >= _LEAST:
            scored.append((incident, verdict))
    scored.sort(key=lambda pair: -pair[1].bits)
    return scored[:_SHOWN]


def _typed(text: str, place: str, locator: Locator, now: datetime) -> Report:
    return Report(id=0, channel=Channel.HOTLINE, source="", channel_id="", received_at=now, said_at=now, title="",
                  text=text, nature=Nature.HELP, place=place, area=locator.city.code)  # fmt: skip


def alike(conn: Connection, one: Incident, other: Incident, rules: Rules) -> Verdict:
    """Weigh two incidents against each other; that with fewer reports is read as the report."""
    report, incident = sorted((one, other), key=lambda i: (i.reports, -i.id))
    profiles = store.profiles(conn, [report.id, incident.id])
    seen = [cluster_traits(i, profiles.get(i.id) or Profile(i.id)) for i in (report, incident)]
    return weigh(seen[0], seen[1], rules.matters[report.matter].window, rules.weights, rules.topics)
