"""Is this report about that incident? Each clue adds its log-odds, and says so in words.

Source: I. P. Fellegi, A. B. Sunter (1969), A Theory for Record Linkage, JASA 64(328), 1183-1210:
the sum of log likelihood ratios of independent comparisons, with two thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, exp, fsum, hypot, log1p, radians

_PRIOR_BITS = -5.0  # most candidates that share a rare word are about something else
_M_PER_DEGREE = 111_195.0
_NEAR_M, _FAR_M = 250.0, 1500.0


@dataclass(frozen=True, slots=True)
class Clue:
    """One reason for or against.

    Attributes:
        about: What was compared: words, place, distance, time, matter, reporter, …
        bits: Log2 of the likelihood ratio; positive speaks for.
        because: The sentence an operator reads, Chinese and English.
    """

    about: str
    bits: float
    because: str
    because_en: str

    def record(self) -> dict[str, object]:
        """As it is kept in the database and sent to pages."""
        return {
            "about": self.about,
            "bits": round(self.bits, 2),
            "because": self.because,
            "because_en": self.because_en,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """All clues for one pair, and what they add up to."""

    clues: tuple[Clue, ...]

    @property
    def bits(self) -> float:
        """Prior and clues together."""
        return _PRIOR_BITS + fsum(clue.bits for clue in self.clues)

    @property
    def probability(self) -> float:
        """Chance that the report belongs to the incident, 0..1."""
        return 1 / (1 + 2.0 ** -max(min(self.bits, 60.0), -60.0))


@dataclass(frozen=True, slots=True)
class Traits:
    """What merging compares, of a report or of all reports of an incident.

    Attributes:
        words: Word to weight (its rarity), what the texts are about.
        places: Named places below the township, such as 春江花园 or 文峰路.
        spots: Exact spots such as 3号楼; they can only speak against.
        area: Deepest known area code, and `area_width` the number of codes it spans.
        scale_m: How far apart positions of one happening usually lie.
    """

    words: Mapping[str, float]
    places: frozenset[str]
    area: int
    area_width: int
    matter: str
    domain: str
    first_at: datetime
    last_at: datetime
    lon: float | None = None
    lat: float | None = None
    spread_m: float = 0.0
    callers: frozenset[str] = field(default_factory=frozenset)
    spots: frozenset[str] = field(default_factory=frozenset)


def weigh(report: Traits, incident: Traits, window: timedelta) -> Verdict:
    """Compare a report with an incident.

    Args:
        window: How long reports of one happening of this matter keep coming.
    """
    clues = (
        _about_words(report, incident),
        _about_place(report, incident),
        _about_area(report, incident),
        _about_spot(report, incident),
        _about_distance(report, incident),
        _about_time(report, incident, window),
        _about_matter(report, incident),
        _about_reporter(report, incident),
    )
    return Verdict(tuple(clue for clue in clues if clue is not None))


def cosine(a: Mapping[str, float], b: Mapping[str, float]) -> tuple[float, Sequence[str]]:
    """Cosine of two weighted bags of words, 0..1, and the shared words, heaviest first."""
    if len(b) < len(a):
        a, b = b, a
    shared = [word for word in a if word in b]
    dot = fsum(a[w] * b[w] for w in shared)
    norm = fsum(v * v for v in a.values()) * fsum(v * v for v in b.values())
    shared.sort(key=lambda w: -a[w] * b[w])
    return (dot / norm**0.5 if norm else 0.0), shared


def _about_words(report: Traits, incident: Traits) -> Clue:
    similar, shared = cosine(report.words, incident.words)
    bits = 9.0 * (similar**0.7) - 1.6
    named = "、".join(shared[:4]) or "无"
    return Clue(
        "words",
        bits,
        f"用词相似度 {similar:.2f},共有:{named}",
        f"wording {similar:.2f} alike, shared: {named}",
    )


def _about_place(report: Traits, incident: Traits) -> Clue | None:
    if not report.places or not incident.places:
        return None
    same = report.places & incident.places
    if not same:
        near = {p for p in report.places for q in incident.places if _contains(p, q)}
        if near:
            name = max(near, key=len)
            return Clue("place", 2.5, f"地点名相近:{name}", f"similar place name: {name}")
        ours, theirs = min(report.places, key=len), min(incident.places, key=len)
        return Clue(
            "place", -5.0, f"地点不同:{ours} / {theirs}", f"different places: {ours} / {theirs}"
        )
    name = max(same, key=len)
    return Clue(
        "place", 4.5 + min(len(same) - 1, 2) * 0.8, f"同一地点:{name}", f"same place: {name}"
    )


def _contains(a: str, b: str) -> bool:
    return len(a) >= 3 and len(b) >= 3 and (a in b or b in a)


def _about_area(report: Traits, incident: Traits) -> Clue | None:
    if report.area_width > 10**9 or incident.area_width > 10**9:  # only the city is known
        return None
    inner, outer = sorted((report, incident), key=lambda t: t.area_width)
    if not outer.area <= inner.area < outer.area + outer.area_width:
        return Clue("area", -6.0, "所在区域不同", "in different areas")
    if outer.area_width <= 10**6:
        return Clue("area", 1.0, "同一镇街", "same township")
    return Clue("area", 0.3, "同一县区", "same county")


def _about_spot(report: Traits, incident: Traits) -> Clue | None:
    if not report.spots or not incident.spots or report.spots & incident.spots:
        return None
    return Clue("spot", -1.5, "具体位置说法不同", "a different exact spot is named")


def distance_m(a: Traits, b: Traits) -> float | None:
    """Metres between two positions, None when one is missing (equirectangular, fine below 100 km)."""
    if a.lon is None or a.lat is None or b.lon is None or b.lat is None:
        return None
    x = (a.lon - b.lon) * cos(radians((a.lat + b.lat) / 2))
    return hypot(x, a.lat - b.lat) * _M_PER_DEGREE


def _about_distance(report: Traits, incident: Traits) -> Clue | None:
    metres = distance_m(report, incident)
    if metres is None:
        return None
    reach = _NEAR_M + min(incident.spread_m, 500.0)
    if metres <= reach:
        bits = 3.5 - 2.0 * metres / reach
    else:
        bits = 1.5 - 6.0 * min((metres - reach) / (_FAR_M - _NEAR_M), 1.0)
    return Clue("distance", bits, f"相距 {metres:,.0f} 米", f"{metres:,.0f} m apart")


def _about_time(report: Traits, incident: Traits, window: timedelta) -> Clue:
    gap = max(report.first_at - incident.last_at, incident.first_at - report.last_at, timedelta())
    share = gap / window
    hours = gap.total_seconds() / 3600
    bits = 1.5 * exp(-6 * share) - 0.8 * log1p(3 * share)
    said = f"{hours:.1f} 小时" if hours < 48 else f"{hours / 24:.0f} 天"
    said_en = f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.0f} days"
    return Clue("time", bits, f"相隔 {said}", f"{said_en} apart")


def _about_matter(report: Traits, incident: Traits) -> Clue | None:
    if "other" in (report.matter, incident.matter):
        return None
    if report.matter == incident.matter:
        return Clue("matter", 1.6, "同一类事项", "same kind of matter")
    if report.domain == incident.domain:
        return Clue("matter", -0.8, "事项不同,领域相同", "another matter of the same domain")
    return Clue("matter", -2.0, "事项与领域都不同", "another matter and domain")


def _about_reporter(report: Traits, incident: Traits) -> Clue | None:
    if not report.callers & incident.callers:
        return None
    return Clue("reporter", 2.5, "同一来电人此前反映过", "the same caller reported before")
