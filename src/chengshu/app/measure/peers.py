"""Naive peers of merging and routing, run over a stream of reports with known truth.

They show what a stream asks for: a peer that does well here means an easy stream. Needs the
extra `[bench]` (scikit-learn), which is imported only when a peer runs.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import hypot
from random import Random
from typing import Any, Final

from chengshu.app.measure.clusters import Score, bcubed
from chengshu.drill import (
    Kind,
    Reported,
    Site,
    Told,
    build_sites,
    happenings,
    reports,
    truth_of,
)
from chengshu.places import City

_CUTS: Final = tuple(cut / 50 for cut in range(10, 50))  # cosine distances 0.20 .. 0.98
_ENOUGH: Final = 1.2  # a point within 400 m, or a name
_GAP: Final = timedelta(days=7)  # longer silence at one place and of one kind: another happening


@dataclass(frozen=True, slots=True)
class Clustering:
    """The best that batch clustering reaches when its threshold is tuned on the truth."""

    cut: float
    score: Score


def cluster_peer(stream: Sequence[Reported], reads: str) -> Clustering:
    """Average-linkage clustering of character TF-IDF, threshold tuned on the truth.

    Args:
        reads: "text" (title and text), "place" (the form's field, the text where that is
            empty) or "both".
    """
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_distances

    texts = [_words(reported.told, reads) for reported in stream]
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    tree: Any = AgglomerativeClustering(
        n_clusters=None, distance_threshold=0.0, metric="precomputed", linkage="average"
    ).fit(cosine_distances(vectors.fit_transform(texts)))
    truth = [reported.truth.event for reported in stream]
    scored = [
        Clustering(cut, bcubed(_cut(tree.children_, tree.distances_, cut), truth)) for cut in _CUTS
    ]
    return max(scored, key=lambda clustering: clustering.score.f1)


def _words(told: Told, reads: str) -> str:
    if reads == "place":
        return told.place or told.text
    return f"{told.title} {told.text}" + (f" {told.place}" if reads == "both" else "")


def _cut(children: Any, distances: Any, cut: float) -> list[int]:
    """Clusters of a merge tree below a distance; node `n + i` joins `children[i]`."""
    leaves = len(children) + 1
    members: dict[int, list[int]] = {leaf: [leaf] for leaf in range(leaves)}
    for step, (left, right) in enumerate(children):
        if distances[step] > cut:
            break
        members[leaves + step] = members.pop(int(left)) + members.pop(int(right))
    found = [0] * leaves
    for name, leaf_list in members.items():
        for leaf in leaf_list:
            found[leaf] = name
    return found


def oracle(stream: Sequence[Reported], site_of: Mapping[str, int]) -> Score:
    """What one reaches who knows the place and the kind of each report, and the time.

    Args:
        site_of: Number of the place by name of the event; the oracle's knowledge.
    """
    return _by_site(stream, [site_of[reported.truth.event] for reported in stream])


def reader(stream: Sequence[Reported], sites: Sequence[Site], place_of: Mapping[str, str]) -> Score:
    """What one reaches who knows each report's kind, and reads the place out of the report.

    The reader knows registered and former names, townships and points, as a register of
    addresses holds them, and no popular names. Reports whose place stays unclear stay alone.

    Args:
        place_of: Type of place by kind.
    """
    by_place: dict[str, list[Site]] = {}
    for site in sites:
        by_place.setdefault(site.place, []).append(site)
    read: list[int | None] = []
    for reported in stream:
        ranked = [(_fit(reported.told, site), site) for site in by_place[place_of[
            reported.truth.kind]]]  # fmt: skip
        fit, best = max(ranked, key=lambda pair: pair[0])
        read.append(best.number if fit >= _ENOUGH else None)
    return _by_site(stream, read)


def _fit(told: Told, site: Site) -> float:
    """How well a report fits a place; names weigh most, then points, then areas."""
    words = told.text + told.place
    named = max((len(n) for n in (site.name, site.aliases[0]) if n in words), default=0)
    fit = 3 + named / 10 if named else 0.0
    if told.lon is not None and told.lat is not None:
        north, east = (told.lat - site.lat) * 111.2, (told.lon - site.lon) * 94.3
        km = hypot(north, east)
        fit += max(0.0, 2 - 2 * km) - (1.5 if named and km > 3 else 0.0)
    if named:
        fit += site.township_name.removesuffix("街道").removesuffix("镇") in words
        fit += site.county_name[:2] in words
    return fit + (told.grid == site.grid)


def _by_site(stream: Sequence[Reported], sites: Sequence[int | None]) -> Score:
    """Group by place, kind and time; None is a place of its own."""
    truth = [reported.truth.event for reported in stream]
    order = sorted(range(len(stream)), key=lambda place: stream[place].told.said_at)
    last: dict[tuple[int, str], tuple[int, datetime]] = {}
    found = [0] * len(stream)
    for name, place in enumerate(order):
        reported, site = stream[place], sites[place]
        found[place] = name
        if site is None:
            continue
        key = (site, reported.truth.kind)
        cluster, before = last.get(key, (name, reported.told.said_at))
        if reported.told.said_at - before > _GAP:
            cluster = name
        last[key] = (cluster, reported.told.said_at)
        found[place] = cluster
    return bcubed(found, truth)


def majority_router(stream: Sequence[Reported], seed: int = 0) -> float:
    """Accuracy of «most common unit of this true kind in this township».

    The most common unit is learnt on one half of the happenings and tried on the other; where
    the township has none of the kind, the county's, then the city's most common line is used.
    """
    events = sorted({reported.truth.event for reported in stream})
    Random(seed).shuffle(events)
    taught = set(events[: len(events) // 2])
    seen: dict[tuple[object, ...], Counter[tuple[str, str]]] = {}
    for reported in (r for r in stream if r.truth.event in taught):
        for key in _keys(reported):
            seen.setdefault(key, Counter())[_line(reported)] += 1
    tried = [reported for reported in stream if reported.truth.event not in taught]
    right = 0
    for reported in tried:
        known = next((seen[key] for key in _keys(reported) if key in seen), None)
        right += known is not None and known.most_common(1)[0][0] == _line(reported)
    return right / len(tried)


def _line(reported: Reported) -> tuple[str, str]:
    """The unit, but for its area, which this peer is told."""
    return reported.truth.line, reported.truth.tier


def _keys(reported: Reported) -> tuple[tuple[object, ...], ...]:
    truth = reported.truth
    return (
        (truth.kind, truth.county, truth.township),
        (truth.kind, truth.county),
        (truth.kind,),
    )


def figures(
    city: City, kinds: Sequence[Kind], seed: int, start: date, days: int, per_day: float
) -> dict[str, float]:
    """All peers and limits over one stream; the arguments are those of `happenings`."""
    sites = build_sites(city, seed)
    stream = list(reports(city, kinds, seed, start, days, per_day, sites=sites))
    lived = happenings(city, kinds, seed, start, days, per_day, sites=sites)
    site_of = {truth_of(happening, seed).event: happening.site.number for happening in lived}
    alone = bcubed(range(len(stream)), [reported.truth.event for reported in stream])
    found = {
        "reports": float(len(stream)),
        "happenings": float(len(site_of)),
        "alone_f1": alone.f1,
    }
    for reads in ("text", "place", "both"):
        found[f"cluster_{reads}_f1"] = cluster_peer(stream, reads).score.f1
    found["reader_f1"] = reader(stream, sites, {kind.slug: kind.place for kind in kinds}).f1
    found["oracle_f1"] = oracle(stream, site_of).f1
    found["majority_accuracy"] = majority_router(stream, seed)
    return found
