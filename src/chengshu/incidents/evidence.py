"""Is this report about that incident? Each clue adds its log-odds, and says so in words.

A comparison is first measured (how alike the titles are, whether a place is the same, how many
hours lie between) and then weighed: bits per unit of each measure, from `weights`. What is
measured stands here, next to the sentence that a person reads; what it weighs was fitted.

Source: I. P. Fellegi, A. B. Sunter (1969), A Theory for Record Linkage, JASA 64(328), 1183-1210:
the sum of log likelihood ratios of comparisons, with two thresholds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import fsum, log2

from chengshu.incidents.named import Said, compare_places, other_waters
from chengshu.incidents.topics import Topics
from chengshu.incidents.traits import NEAR_M, Traits, distance_m, hours_between
from chengshu.incidents.weights import Weights
from chengshu.incidents.wording import Likeness, Wording

_COUNTY_WIDTH = 10**9  # codes that one county spans; more means that only the city is known
_TOWN_WIDTH = 10**6
_FAR_FROM_M, _FAR_TO_M = 400.0, 1200.0
_LONGEST_H, _LONGEST_WINDOWS = 168.0, 1.5
_UNLIKE, _ALIKE = 0.05, 0.2  # cosines between which the wording comes to outweigh the class
_SURE_TOPIC = (
    2.0  # bits from which two reports are taken to tell of one thing, whatever their class
)
_TITLE_BEYOND = 0.4  # how far beyond the texts equal headlines count: many write the same headline
_TIED_RUN = 0.4  # a name's worth of rare characters in one piece


@dataclass(frozen=True, slots=True)
class Clue:
    """One reason for or against.

    Attributes:
        about: What was compared: words, rare, place, area, spot, distance, time, matter, reporter.
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
    prior: float
    measured: Mapping[str, float] = field(default_factory=dict)

    @property
    def bits(self) -> float:
        """Prior and clues together."""
        return self.prior + fsum(clue.bits for clue in self.clues)

    @property
    def probability(self) -> float:
        """Chance that the report belongs to the incident, 0..1."""
        return probability(self.bits)


def probability(bits: float) -> float:
    """The chance that log2 odds mean, 0..1."""
    return 1 / (1 + float(2.0 ** -max(min(bits, 60.0), -60.0)))


def measure(
    report: Traits, incident: Traits, likeness: Likeness, window: timedelta, topics: Topics
) -> dict[str, float]:
    """Every measure of one comparison that is not 0.

    Args:
        likeness: How alike their wording is.
        window: How long reports of one happening of this matter keep coming.
    """
    place, _ = compare_places(report, incident)
    hours = hours_between(report, incident)
    gap = hours / (window.total_seconds() / 3600)
    windows = log2(1 + 20 * min(gap, _LONGEST_WINDOWS))
    if is_blind(report, incident):
        found = {
            "blind": 1.0, "blind_title": min(likeness.title, likeness.text + _TITLE_BEYOND), "blind_text": likeness.text,
            "blind_run": likeness.run, "blind_cross": likeness.cross, "blind_windows": windows,
            "blind_matter": float(report.matter == incident.matter != "other"),
        }  # fmt: skip
        if any(name in place for name in ("site_same", "road_same", "name_like")):
            found["blind_same"] = 1.0
        elif "nowhere" in place:
            found["blind_nowhere"] = 1.0
        elif any(name in place for name in ("site_other", "road_other")):
            found["blind_other"] = 1.0
            found["blind_apart"] = likeness.title + likeness.text
    else:
        found = _seen(report, incident, likeness, place, topics)
        found["hours"] = log2(1 + min(hours, _LONGEST_H) / 4)
        found["windows"] = windows
        if "apart_text" not in found:  # the same complaint weeks later goes on
            old = min(max((found["hours"] - 2) / 3, 0.0), 1.0)
            found["again"] = old * (likeness.title + likeness.text)
    if area := _area(report, incident):
        found[area] = 1.0
    if report.spots and incident.spots:
        found["spot_same" if report.spots & incident.spots else "spot_other"] = 1.0
    if report.callers & incident.callers:
        found["caller_same"] = 1.0
    return {name: value for name, value in found.items() if value}


def _seen(
    report: Traits, incident: Traits, likeness: Likeness, place: Mapping[str, float], topics: Topics
) -> dict[str, float]:
    """Measures of two whose whereabouts are known."""
    found = dict(place)
    metres = distance_m(report, incident)
    if metres is not None:
        beyond = max(metres - min(incident.spread_m, 500.0), 0.0)
        found["near"] = max(1 - beyond / NEAR_M, 0.0)
        found["far"] = min(max((beyond - _FAR_FROM_M) / (_FAR_TO_M - _FAR_FROM_M), 0.0), 1.0)
    there = fsum(found.get(k, 0.0) for k in ("site_same", "road_same", "name_like", "near"))
    elsewhere = fsum(found.get(k, 0.0) for k in ("site_other", "road_other", "sort_other"))
    found["title"], found["text"] = likeness.title, likeness.text
    found["run"], found["cross"] = likeness.run, likeness.cross
    if elsewhere > 0 and there <= 0:  # a form letter about another estate is another matter
        found["apart_title"], found["apart_text"] = likeness.title, likeness.text
    topic = 0.0
    if report.topics is not None and incident.topics is not None:
        topic = topics.agreement(report.topics, incident.topics)
        found["topic_same"], found["topic_other"] = max(topic, 0.0), min(topic, 0.0)
    if "other" not in (report.matter, incident.matter):
        if report.matter == incident.matter:
            found["matter_same"] = 1.0
        else:
            found["matter_kin" if report.domain == incident.domain else "matter_other"] = 1.0
            # a busy estate has a gas leak and rubbish on one evening, and the two stay apart
            if incident.matter not in report.maybe:
                unlike = min(max((_ALIKE - likeness.text) / (_ALIKE - _UNLIKE), 0.0), 1.0)
                # what they tell of may be one thing even so, in words that have nothing in common
                unlike *= 1 - min(max(topic / _SURE_TOPIC, 0.0), 1.0)
                found["else"] = unlike * min(there, 1.0)
                if report.danger != incident.danger:
                    found["else_danger"] = found["else"]
    return found


_ABOUT: Mapping[str, tuple[str, ...]] = {
    "words": ("title", "text", "apart_title", "apart_text", "blind", "blind_title", "blind_text"),
    "rare": ("run", "cross", "blind_run", "blind_cross"),
    "place": ("site_same", "road_same", "quarter_same", "site_other", "road_other", "quarter_other",
              "name_like", "sort_other", "nowhere", "blind_same", "blind_other", "blind_apart",
              "blind_nowhere"),
    "area": ("same_town", "same_county", "other_town", "other_county"),
    "spot": ("spot_same", "spot_other"),
    "distance": ("near", "far"),
    "time": ("hours", "windows", "again", "blind_windows"),
    "matter": ("blind_matter", "topic_same", "topic_other", "matter_same", "matter_kin", "matter_other", "else", "else_danger"),
    "reporter": ("caller_same",),
}  # fmt: skip
MEASURES = tuple(name for names in _ABOUT.values() for name in names)
# What agrees can only speak for, what differs only against, whatever a handful of decisions says.
FOR = frozenset({
    "title", "text", "blind_title", "blind_text", "run", "cross", "blind_run", "blind_cross", "site_same",
    "road_same", "quarter_same", "name_like", "blind_same", "same_town", "same_county", "spot_same", "near",
    "again", "blind_matter", "topic_same", "topic_other", "matter_same", "caller_same",
})  # fmt: skip
AGAINST = frozenset({
    "apart_title", "apart_text", "site_other", "road_other", "quarter_other", "sort_other", "nowhere",
    "blind_other", "blind_apart", "blind_nowhere", "other_county", "spot_other", "far", "hours", "windows",
    "blind_windows", "else", "else_danger",
})  # fmt: skip


def weigh(
    report: Traits, incident: Traits, window: timedelta, weights: Weights, topics: Topics
) -> Verdict:
    """Compare a report with an incident, with a sentence for each reason."""
    likeness = likenesses(report, [incident])[0]
    measured = measure(report, incident, likeness, window, topics)
    return explained(report, incident, likeness, measured, weights)


def likenesses(report: Traits, incidents: Sequence[Traits]) -> list[Likeness]:
    """How alike the wording of a report is to that of each incident."""
    wording = report.wording or Wording.of_bag(report.bag)
    return wording.alike(
        [
            (
                i.bag,
                i.reports,
                "" if is_blind(report, i) else " ".join(report.called(i) & i.called(report)),
            )
            for i in incidents
        ]
    )


def explained(report: Traits, incident: Traits, likeness: Likeness, measured: Mapping[str, float],
              weights: Weights) -> Verdict:  # fmt: skip
    """The reasons in words, each with its bits."""
    said = {
        "words": _say_words(likeness),
        "rare": _say_rare(report, likeness),
        "place": compare_places(report, incident)[1],
        "area": _AREAS.get(next((a for a in _ABOUT["area"] if a in measured), "")),
        "spot": _say_spot(report, incident),
        "distance": _say_distance(report, incident),
        "time": _say_time(report, incident),
        "matter": _say_matter(measured),
        "reporter": ("同一来电人此前反映过", "the same caller reported before"),
    }
    clues = []
    for about, names in _ABOUT.items():
        sentence = said[about]
        if sentence and any(name in measured for name in names):
            bits = fsum(weights.bits.get(n, 0.0) * measured.get(n, 0.0) for n in names)
            clues.append(Clue(about, bits, *sentence))
    return Verdict(tuple(clues), weights.prior, measured)


def is_blind(report: Traits, incident: Traits) -> bool:
    """Whether nothing is known of where the two are but the names in their wording."""
    city_only = min(report.area_width, incident.area_width) > _COUNTY_WIDTH
    return city_only and None in (report.lon, incident.lon)


def hopeless(report: Traits, incident: Traits) -> bool:
    """Whether a look is enough: another county, and no place, position or caller in common; or, where only
    the city is known, another river."""
    if max(report.area_width, incident.area_width) > _COUNTY_WIDTH:
        return not report.callers & incident.callers and other_waters(report, incident)
    if report.area // _COUNTY_WIDTH == incident.area // _COUNTY_WIDTH:
        return False
    metres = distance_m(report, incident)
    return not (
        report.called(incident) & incident.called(report)
        or report.callers & incident.callers
        or (metres is not None and metres < NEAR_M)
    )


def promise(report: Traits, incident: Traits, likeness: Likeness) -> float:
    """How much a first look promises, for choosing which candidates to measure in full."""
    metres = distance_m(report, incident)
    near = 0.0 if metres is None else max(1 - metres / NEAR_M, 0.0)
    there = bool(report.called(incident) & incident.called(report))
    return likeness.title + likeness.text + likeness.cross + there + near


def tied(measured: Mapping[str, float]) -> bool:
    """Whether more than a manner of speaking holds them together: a position, a caller, a place, or a
    name's worth of rare characters that a good part of the incident's reports say. Form letters to one
    office are alike without being one matter.
    """
    runs = (measured.get(name, 0.0) for name in ("run", "cross", "blind_run", "blind_cross"))
    return max(runs) >= _TIED_RUN or any(
        name in measured for name in ("site_same", "near", "caller_same")
    )


def _area(report: Traits, incident: Traits) -> str | None:
    if max(report.area_width, incident.area_width) > _COUNTY_WIDTH:  # only the city is known
        return None
    inner, outer = sorted((report, incident), key=lambda t: (t.area_width, t.area))
    if not outer.area <= inner.area < outer.area + outer.area_width:
        if inner.area // _COUNTY_WIDTH == outer.area // _COUNTY_WIDTH:
            return "other_town"  # callers often take the next township for their own
        return "other_county"
    return "same_town" if outer.area_width <= _TOWN_WIDTH else "same_county"


_AREAS: Mapping[str, Said] = {
    "same_town": ("同一镇街", "same township"),
    "same_county": ("同一县区", "same county"),
    "other_town": ("所在镇街不同", "in different townships"),
    "other_county": ("所在区域不同", "in different areas"),
}


def _say_words(likeness: Likeness) -> Said:
    return (
        f"标题相似度 {likeness.title:.2f}，正文相似度 {likeness.text:.2f}",
        f"titles {likeness.title:.2f} alike, texts {likeness.text:.2f}",
    )


def _say_rare(report: Traits, likeness: Likeness) -> Said:
    named = "、".join(report.wording.in_common(likeness) if report.wording else ()) or "无"
    return f"共有的少见说法：{named}", f"uncommon wording in common: {named}"


def _say_spot(report: Traits, incident: Traits) -> Said | None:
    same = report.spots & incident.spots
    if same:
        name = min(same)
        return f"同一具体位置：{name}", f"same exact spot: {name}"
    return "具体位置说法不同", "a different exact spot is named"


def _say_distance(report: Traits, incident: Traits) -> Said | None:
    metres = distance_m(report, incident)
    return None if metres is None else (f"相距 {metres:,.0f} 米", f"{metres:,.0f} m apart")


def _say_time(report: Traits, incident: Traits) -> Said:
    hours = hours_between(report, incident)
    if hours < 48:
        return f"相隔 {hours:.1f} 小时", f"{hours:.1f} hours apart"
    return f"相隔 {hours / 24:.0f} 天", f"{hours / 24:.0f} days apart"


def _say_matter(measured: Mapping[str, float]) -> Said | None:
    if "matter_same" in measured or "blind_matter" in measured:
        return "同一类事项", "same kind of matter"
    if "else" in measured:
        return "事项不同，只是地点、时间相近", "another matter: only place and time are alike"
    read = "matter_kin" in measured or "matter_other" in measured
    if "topic_same" in measured:
        if read:
            return "事项归类不同，说的内容相近", "filed as another matter, but telling of the like"
        return "说的内容相近", "telling of the like"
    if "matter_kin" in measured:
        return "事项不同，领域相同", "another matter of the same domain"
    if read:
        return "事项与领域都不同", "another matter and domain"
    return "说的内容不同", "telling of other things"
