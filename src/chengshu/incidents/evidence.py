"""Is this report about that incident? Each clue adds its log-odds, and says so in words.

The bits of each clue were first fitted by a regularised logistic regression on pairs of real
messages and of drill seeds below 1000, then rounded to values a person can argue with. They
are kept where they stand below, next to the comparison that they belong to.

Source: I. P. Fellegi, A. B. Sunter (1969), A Theory for Record Linkage, JASA 64(328), 1183-1210:
the sum of log likelihood ratios of independent comparisons, with two thresholds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import nlargest
from math import cos, fsum, hypot, log2, radians
from typing import NamedTuple

_PRIOR_BITS = -0.8  # most candidates that share a rare word are about something else
_M_PER_DEGREE = 111_195.0
_COUNTY_WIDTH = 10**9  # codes that one county spans; more means that only the city is known
_TOWN_WIDTH = 10**6

# Wording: how rare the three rarest shared words are together, and how many are shared: two
# strangers who write at length about the same city share some eight words.
_RARE_BITS, _RARE_USUAL, _RARE_FROM, _RARE_TO = 0.23, 22.0, 12.0, 37.0
_MANY_BITS, _MANY_FROM = 1.5, 3.0  # per doubling of the shared words beyond 2**3 - 1
_ALIKE_MOST = 2.0  # agreement (cosine times log2 of the shared words) beyond which nothing is added
_NO_PLACE_SHARE = 0.5  # of that, where no place in common holds it together
_AGAIN_BITS = 4.2  # how much agreement outweighs time: the same complaint weeks later goes on

# Places, by sort. A road is long, an estate is one place, a village or community a whole quarter.
_SAME = {"site": 4.3, "road": 2.8, "quarter": 1.5}
_OTHER = {"site": -3.5, "road": -2.5, "quarter": -0.3}
_LIKE_NAME, _OTHER_SORT, _NOWHERE, _PLACE_MOST = 2.5, -1.0, -1.2, 7.0
_SAID_BY = 0.3  # share of a large incident's reports that must say what is to tie others to it
_USUAL_NAME, _RARE_NAME = 3.0, 9.0  # rarity at which a shared name says nothing, and all it can say

# Areas and metres.
_SAME_TOWN, _SAME_COUNTY, _OTHER_TOWN, _OTHER_COUNTY = 0.4, 0.1, -2.1, -3.8
_NEAR_BITS, _FAR_BITS, _NEAR_M, _FAR_FROM_M, _FAR_TO_M = 2.6, -4.7, 600.0, 400.0, 1200.0

# Time. Within hours almost sure; a week and a window and a half later it cannot fall further.
_AT_ONCE, _PER_DOUBLING_H, _PER_DOUBLING_WINDOW = 3.0, 0.95, 0.9
_LONGEST_H, _LONGEST_WINDOWS = 168.0, 1.5

# A class is often wrong, so that another class says little.
_SAME_MATTER, _OTHER_MATTER, _OTHER_DOMAIN = 0.4, -0.2, -0.4
# Where the wording does not speak for one happening, another matter takes from place, position and
# hour what they say beyond this: a busy estate has a gas leak and rubbish on one evening, and the
# two stay apart. Less still is left where life is in danger in one of them only.
_ELSE_MOST, _ELSE_DANGER_MOST = 5.0, 3.0
_UNLIKE, _ALIKE = 0.05, 0.2  # cosines between which the wording comes to outweigh the class
_SAME_CALLER, _SAME_SPOT, _OTHER_SPOT = 0.7, 2.0, -0.9


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

    @property
    def bits(self) -> float:
        """Prior and clues together."""
        return _PRIOR_BITS + fsum(clue.bits for clue in self.clues)

    @property
    def probability(self) -> float:
        """Chance that the report belongs to the incident, 0..1."""
        return 1 / (1 + float(2.0 ** -max(min(self.bits, 60.0), -60.0)))


@dataclass(frozen=True, slots=True)
class Traits:
    """What merging compares, of a report or of all reports of an incident.

    Attributes:
        words: Word to weight (its rarity), what the texts are about.
        places: Named places below the township, such as 春江花园 or 文峰路.
        others: Other names of those that are registered. They count where the other side uses
            one and it is not certain which place it means.
        spots: Exact spots such as 3号楼; they can only speak against.
        area: Deepest known area code, and `area_width` the number of codes it spans.
        spread_m: How far apart positions of one happening usually lie.
        danger: Life is in danger.
        maybe: Further matters that it may be about.
        telling: Those of its words that hardly any incident has.
        squares: Sum of its words' squared weights, when that is known already.
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
    danger: bool = False
    maybe: frozenset[str] = field(default_factory=frozenset)
    telling: frozenset[str] = field(default_factory=frozenset)
    reports: int = 1
    others: frozenset[str] = field(default_factory=frozenset)
    squares: float | None = None

    def called(self, by: Traits) -> frozenset[str]:
        """Its places, also by those of their other names that somebody else uses."""
        return self.places | (self.others & by.places)


def weigh(report: Traits, incident: Traits, window: timedelta, *, explain: bool = True) -> Verdict:
    """Compare a report with an incident.

    Args:
        window: How long reports of one happening of this matter keep coming.
        explain: False leaves out the words that only a person reads; the bits are the same.
    """
    place = _about_place(report, incident)
    # the place is a clue of its own: in the wording only what is said about it counts
    where = " ".join(report.called(incident) & incident.called(report))
    similar, shared = cosine(
        report.words, incident.words, without=where, squares=(report.squares, incident.squares)
    )
    apart = place is not None and place.bits < _NOWHERE
    agreement = min(similar * log2(1 + len(shared)), _ALIKE_MOST)
    if apart:  # a form letter about another estate is another matter
        agreement = 0.0
    elif place is None or place.bits <= 0:  # «please speed up …» goes to the same office every week
        agreement *= _NO_PLACE_SHARE
    spot, distance = _about_spot(report, incident), _about_distance(report, incident)
    hour = _about_time(report, incident, window, agreement)
    there_and_then = fsum(max(c.bits, 0.0) for c in (place, spot, distance, hour) if c)
    clues = (
        _about_words(similar, shared, apart=apart),
        _about_rare(report, shared, apart=apart, explain=explain),
        place,
        _about_area(report, incident),
        spot,
        distance,
        hour,
        _about_matter(report, incident, similar, there_and_then),
        _about_reporter(report, incident),
    )
    return Verdict(tuple(clue for clue in clues if clue is not None))


def hopeless(report: Traits, incident: Traits) -> bool:
    """Whether a look is enough: another county, and no place, position or caller in common."""
    if max(report.area_width, incident.area_width) > _COUNTY_WIDTH:
        return False
    if report.area // _COUNTY_WIDTH == incident.area // _COUNTY_WIDTH:
        return False
    metres = distance_m(report, incident)
    return not (
        report.called(incident) & incident.called(report)
        or report.callers & incident.callers
        or (metres is not None and metres < _NEAR_M)
    )


def tied(report: Traits, incident: Traits) -> bool:
    """Whether more than a manner of speaking holds them together: a position, a caller, or a place or rare
    word that is the incident's own because many of its reports say it. Form letters to one office are
    alike without being one matter, and among all that they name something is soon in common.
    """
    metres = distance_m(report, incident)
    places = report.called(incident) & incident.called(report)
    known = places | (report.telling & incident.words.keys())
    return bool(
        any(_much_said(word, report, incident) for word in known)
        or (metres is not None and metres < _NEAR_M)
        or report.callers & incident.callers
    )


def _much_said(word: str, report: Traits, incident: Traits) -> bool:
    """Whether a good part of an incident's reports say a word; its weights there are their sum."""
    once = report.words.get(word, _RARE_NAME)
    return incident.words.get(word, 0.0) >= _SAID_BY * incident.reports * once


def cosine(
    a: Mapping[str, float],
    b: Mapping[str, float],
    without: str = "",
    squares: tuple[float | None, float | None] = (None, None),
) -> tuple[float, Sequence[str]]:
    """Cosine of two weighted bags of words, 0..1, and the shared words, heaviest first.

    Args:
        without: Words that stand in this text are left out on both sides.
        squares: What `sum_of_squares` gave for both, when it is known already.
    """
    both = a.keys() & b.keys()
    left_out = {w for w in both if w in without} if without else frozenset()
    shared = sorted(both - left_out, key=lambda w: (-a[w] * b[w], w))
    dot = fsum(a[w] * b[w] for w in shared)
    of_a, of_b = (
        sum_of_squares(words) if known is None else known
        for words, known in zip((a, b), squares, strict=True)
    )
    norm = (of_a - fsum(a[w] ** 2 for w in left_out)) * (of_b - fsum(b[w] ** 2 for w in left_out))
    return (min(dot / norm**0.5, 1.0) if norm > 0 else 0.0), shared


def sum_of_squares(words: Mapping[str, float]) -> float:
    """Of the weights: a bag's squared length."""
    return fsum(weight * weight for weight in words.values())


def joined(words: Iterable[str]) -> list[str]:
    """Pairs of characters put together again where they overlap, for a person to read.

    Examples:
        >>> joined(["丽发", "发新", "新城", "噪音"])
        ['丽发新城', '噪音']
    """
    chains: list[str] = []
    for word in words:
        for n, chain in enumerate(chains):
            if len(word) == 2 and chain.endswith(word[0]) and word not in chain:
                chains[n] = chain + word[1]
                break
            if len(word) == 2 and chain.startswith(word[1]) and word not in chain:
                chains[n] = word[0] + chain
                break
        else:
            if not any(word in chain for chain in chains):
                chains.append(word)
    return chains


def _about_words(similar: float, shared: Sequence[str], *, apart: bool) -> Clue:
    bits = 0.0 if apart else _MANY_BITS * max(log2(1 + len(shared)) - _MANY_FROM, 0.0)
    return Clue(
        "words",
        bits,
        f"共有 {len(shared)} 个词，用词相似度 {similar:.2f}",
        f"{len(shared)} words in common, wording {similar:.2f} alike",
    )


def _about_rare(report: Traits, shared: Sequence[str], *, apart: bool, explain: bool) -> Clue:
    rarest = fsum(nlargest(3, (report.words[w] for w in shared)))
    bits = _RARE_BITS * (min(max(rarest, _RARE_FROM), _RARE_TO) - _RARE_USUAL)
    if apart:
        bits = min(bits, 0.0)
    named = ("、".join(joined(shared[:8])[:4]) or "无") if explain else ""
    return Clue("rare", bits, f"共有的少见词：{named}", f"uncommon words in common: {named}")


_ROAD_ENDS = ("路", "街", "巷", "弄", "道", "公路", "高架", "隧道", "桥")
_QUARTER_ENDS = ("社区", "居委会", "村")
_SORTS = {
    "water": ("河", "湖", "景观带", "水库"),
    "school": ("幼儿园", "小学", "中学", "大学", "学校", "学院", "初中", "高中"),
    "hospital": ("医院", "卫生院", "卫生室"),
    "station": ("站", "码头"),
    "company": ("公司", "厂", "集团", "园"),
    "market": ("市场", "菜场", "超市"),
    "park": ("公园", "景区", "绿地"),
    "site": ("工地", "项目部"),
    "building": ("广场", "大厦", "商城", "购物中心", "写字楼", "宾馆", "大酒店"),
}


_HOMES = ("花园", "新村", "一村", "二村", "三村", "四村", "五村", "六村")


@lru_cache(maxsize=1 << 16)
def sort_of(place: str) -> str:
    """What sort of place a name is; only names of one sort contradict each other.

    Examples:
        >>> [sort_of(name) for name in ("文峰路", "虹桥社区", "春江花园", "实验小学")]
        ['road', 'quarter', 'home', 'school']
    """
    if place.endswith(_HOMES):
        return "home"
    if place.endswith(_QUARTER_ENDS):
        return "quarter"
    if place.endswith(_ROAD_ENDS):
        return "road"
    for sort, ends in _SORTS.items():
        if place.endswith(ends):
            return sort
    return "home"


def _by_sort(places: Iterable[str]) -> dict[str, list[str]]:
    sorts: dict[str, list[str]] = {}
    for place in sorted(places):
        sorts.setdefault(sort_of(place), []).append(place)
    return sorts


def _about_place(report: Traits, incident: Traits) -> Clue | None:
    """Names of one sort are compared with each other; a name that everybody uses says less."""
    if not report.places or not incident.places:
        metres = distance_m(report, incident)
        if metres is not None and metres < _NEAR_M:
            return None
        return Clue("place", _NOWHERE, "没有共同的地点可对照", "no place in common to go by")
    ours, theirs = _by_sort(report.called(incident)), _by_sort(incident.called(report))
    common = ours.keys() & theirs.keys()
    found = [
        _compare_names(sort, ours[sort], theirs[sort], report.words) for sort in sorted(common)
    ]
    if not found:
        found = [_Names(_OTHER_SORT, "说的是不同的地方", min(report.places), min(incident.places))]
    bits = min(max(fsum(names.bits for names in found), -_PLACE_MOST), _PLACE_MOST)
    chief = max(found, key=lambda names: abs(names.bits))
    named = chief.ours if chief.ours == chief.theirs else f"{chief.ours} / {chief.theirs}"
    return Clue("place", bits, f"{chief.what}：{named}", f"{_IN_ENGLISH[chief.what]}: {named}")


class _Names(NamedTuple):
    bits: float
    what: str
    ours: str
    theirs: str


_IN_ENGLISH = {
    "同一地点": "same place",
    "地点名相近": "similar place name",
    "地点不同": "different places",
    "说的是不同的地方": "other places named",
}


def _compare_names(
    sort: str, ours: Sequence[str], theirs: Sequence[str], rarity: Mapping[str, float]
) -> _Names:
    """What names of one sort say."""
    group = sort if sort in _SAME else "site"
    same = [name for name in ours if name in theirs]
    if same:
        name = max(same, key=lambda n: (rarity.get(n, _RARE_NAME), n))
        known = (rarity.get(name, _RARE_NAME) - _USUAL_NAME) / (_RARE_NAME - _USUAL_NAME)
        return _Names(_SAME[group] * min(max(known, 0.0), 1.0), "同一地点", name, name)
    if like := _like(ours, theirs):
        return _Names(_LIKE_NAME, "地点名相近", *like)
    return _Names(_OTHER[group], "地点不同", ours[0], theirs[0])


def _like(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, str] | None:
    """Two names of which one is the other with more in front: 城东星辰路 and 星辰路."""
    for a in ours:
        for b in theirs:
            if min(len(a), len(b)) >= 3 and (
                a.endswith(b) or b.endswith(a) or a.startswith(b) or b.startswith(a)
            ):
                return a, b
    return None


def _about_area(report: Traits, incident: Traits) -> Clue | None:
    if max(report.area_width, incident.area_width) > _COUNTY_WIDTH:  # only the city is known
        return None
    inner, outer = sorted((report, incident), key=lambda t: (t.area_width, t.area))
    if not outer.area <= inner.area < outer.area + outer.area_width:
        if inner.area // _COUNTY_WIDTH == outer.area // _COUNTY_WIDTH:
            # callers often take the next township for their own
            return Clue("area", _OTHER_TOWN, "所在镇街不同", "in different townships")
        return Clue("area", _OTHER_COUNTY, "所在区域不同", "in different areas")
    if outer.area_width <= _TOWN_WIDTH:
        return Clue("area", _SAME_TOWN, "同一镇街", "same township")
    return Clue("area", _SAME_COUNTY, "同一县区", "same county")


def _about_spot(report: Traits, incident: Traits) -> Clue | None:
    if not report.spots or not incident.spots:
        return None
    same = report.spots & incident.spots
    if same:
        name = min(same)
        return Clue("spot", _SAME_SPOT, f"同一具体位置：{name}", f"same exact spot: {name}")
    return Clue("spot", _OTHER_SPOT, "具体位置说法不同", "a different exact spot is named")


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
    beyond = max(metres - min(incident.spread_m, 500.0), 0.0)
    near = max(1 - beyond / _NEAR_M, 0.0)
    far = min(max((beyond - _FAR_FROM_M) / (_FAR_TO_M - _FAR_FROM_M), 0.0), 1.0)
    bits = _NEAR_BITS * near + _FAR_BITS * far
    return Clue("distance", bits, f"相距 {metres:,.0f} 米", f"{metres:,.0f} m apart")


def _about_time(report: Traits, incident: Traits, window: timedelta, agreement: float) -> Clue:
    gap = max(report.first_at - incident.last_at, incident.first_at - report.last_at, timedelta())
    hours = gap.total_seconds() / 3600
    passed = log2(1 + min(hours, _LONGEST_H) / 4)
    windows = log2(1 + 20 * min(gap / window, _LONGEST_WINDOWS))
    old = min(max((passed - 2) / 3, 0.0), 1.0)  # from half a day to five days
    bits = _AT_ONCE - _PER_DOUBLING_H * passed - _PER_DOUBLING_WINDOW * windows
    bits += _AGAIN_BITS * old * agreement
    said = f"{hours:.1f} 小时" if hours < 48 else f"{hours / 24:.0f} 天"
    said_en = f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.0f} days"
    return Clue("time", bits, f"相隔 {said}", f"{said_en} apart")


def _about_matter(
    report: Traits, incident: Traits, similar: float, there_and_then: float
) -> Clue | None:
    if "other" in (report.matter, incident.matter):
        return None
    if report.matter == incident.matter:
        return Clue("matter", _SAME_MATTER, "同一类事项", "same kind of matter")
    kin = report.domain == incident.domain
    usual = _OTHER_MATTER if kin else _OTHER_DOMAIN
    most = _ELSE_MOST if report.danger == incident.danger else _ELSE_DANGER_MOST
    unlike = min(max((_ALIKE - similar) / (_ALIKE - _UNLIKE), 0.0), 1.0)
    beyond = unlike * min(most - there_and_then - usual, 0.0)
    if beyond and incident.matter not in report.maybe:
        return Clue("matter", usual + beyond, "事项不同，只是地点、时间相近",
                    "another matter: only place and time are alike")  # fmt: skip
    if kin:
        return Clue("matter", usual, "事项不同，领域相同", "another matter of the same domain")
    return Clue("matter", usual, "事项与领域都不同", "another matter and domain")


def _about_reporter(report: Traits, incident: Traits) -> Clue | None:
    if not report.callers & incident.callers:
        return None
    return Clue("reporter", _SAME_CALLER, "同一来电人此前反映过", "the same caller reported before")
