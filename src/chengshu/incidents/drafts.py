"""A report made ready for merging: where it is, what it says, and how rare its words are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import log, sqrt

import numpy as np
from numpy.typing import NDArray

from chengshu.agencies.matters import Matter
from chengshu.incidents import grams, store, words
from chengshu.incidents.grams import SCALE, Bag, Pairs
from chengshu.incidents.model import Incident, Stage
from chengshu.incidents.named import water_core
from chengshu.incidents.relations import is_machine
from chengshu.incidents.store import Profile
from chengshu.incidents.topics import Shares, Topics, shipped
from chengshu.incidents.traits import Traits
from chengshu.incidents.understand import Reader, Understanding
from chengshu.incidents.weights import SHIPPED, Weights
from chengshu.incidents.wording import Wording
from chengshu.intake.model import Channel, Report
from chengshu.kit.db import Connection
from chengshu.kit.times import local
from chengshu.places import Gazetteer, Located, Locator, Naming, Point, area_span, level_of

# Terms that a report is found by, and that it looks others up by: of its title, of its text.
_POSTED_TITLE, _POSTED_TEXT = 8, 8
_ASKED_TITLE, _ASKED_TEXT, _PLACES = 8, 6, 6
_WATER = 5.0  # rarity of a river's name in the search, however many live beside it
_SEARCHED = 60  # heaviest pairs of a title or text among which those known to others are looked for
_NAMED = 1.5  # how much more a pair counts in the search that stands in the title or the place
_HEAD = 300  # characters: what a message is about stands in its beginning; the rest argues
_SENTENCE = 40  # of a report without a title, the characters that stand for one
_CELL_DEG = 0.006  # about 600 m: a posting per cell, nine cells asked
_CELL_WEIGHT, _NEXT_CELL_WEIGHT = 6.0, 4.0
# Rarity is read as if the system held at least 500 reports, where every word looks rare, and at
# most 5,000: a word that is in one report of a hundred says as much in a big city as in a small one.
_FEWEST, _MOST = 500, 5_000
# Up to here every report is counted; of ten times as many, one in ten for ten: the shares come out
# the same, and a city of a million reports does not write a hundred counts for each.
_ALL_COUNTED = 4 * _MOST


@dataclass(frozen=True, slots=True)
class Rules:
    """What deciding needs to know of the city, and its two thresholds."""

    reader: Reader
    locator: Locator
    matters: Mapping[str, Matter]
    merge_above: float
    suggest_above: float
    weights: Weights = SHIPPED
    topics: Topics = field(default_factory=shipped)


@dataclass(slots=True)
class Draft:
    """A report on its way to an incident.

    Attributes:
        title, text: Pairs of characters in order; the text begins with the title.
        places: Named places, with their rarity once it is known.
        others: Other names of the registered places among its places.
        shared: Those of its places whose name several registered places bear.
        bag: Its pairs, weighed by their rarity.
        keys: Term and weight of what others are looked up by.
        posted: Terms that it will be found by.
        counted: Terms to be counted where they are new to its incident.
        times: How many reports it stands for in the counts.
    """

    report: Report
    understanding: Understanding
    located: Located
    title: Pairs
    text: Pairs
    topics: Shares
    places: dict[str, float]
    spots: frozenset[str]
    others: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    bag: Bag = grams.EMPTY
    rarity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    keys: list[tuple[int, float]] = field(default_factory=list)
    posted: list[int] = field(default_factory=list)
    counted: list[int] = field(default_factory=list)
    times: int = 0
    seen: Traits | None = None

    def traits(self) -> Traits:
        """What evidence compares, once its words are weighed."""
        if self.seen is None:
            self.seen = self._traits()
        return self.seen

    def _traits(self) -> Traits:
        r, u = self.report, self.understanding
        code = self.located.code
        usable = self.has_point()
        return Traits(
            bag=self.bag, places=self.places, area=code, area_width=width(code), matter=u.matter,
            domain=u.domain, first_at=r.said_at, last_at=r.said_at,
            wording=Wording(self.title, self.text, self.bag, self.rarity),
            lon=r.lon if usable else None, lat=r.lat if usable else None,
            callers=_callers(r), spots=self.spots, danger=u.danger,
            maybe=frozenset(matter for matter, _ in u.runners_up), others=self.others, topics=self.topics,
        )  # fmt: skip

    def has_point(self) -> bool:
        """Whether its position is known and lies in the city."""
        r = self.report
        return r.lon is not None and r.lat is not None and not self.located.outside


def _callers(report: Report) -> frozenset[str]:
    """Who reported it; of a grid worker, who reports all day, that says nothing."""
    known = report.caller and report.channel is not Channel.GRID
    return frozenset([report.caller]) if known else frozenset()


def width(code: int) -> int:
    """How many codes an area spans."""
    low, high = area_span(code, level_of(code))
    return high - low


def draft_of(report: Report, rules: Rules) -> Draft:
    """Read one report: everything that needs no database."""
    understanding = rules.reader.read(report.title, report.text)
    usable = report.area != rules.locator.city.code
    located = rules.locator.locate(
        place=report.place, text=f"{report.title} {report.text}", lon=report.lon, lat=report.lat
    )
    if usable and width(report.area) <= width(located.code):
        located = replace(located, code=report.area, confidence=max(located.confidence, 0.9))
    gazetteer = rules.locator.gazetteer
    field = _without_areas(report.place[:120], gazetteer)
    name = _name_in(report.place[:120], gazetteer)
    naming = _naming(report, rules.locator, located.code)
    places = set(naming.names)
    if name and not any(place in field for place in {*places, *naming.others}):
        places.add(name)
    said = f"{report.title} {report.place} {report.text}"[:4000]
    title = _without_areas(report.title[:80] or _first_sentence(report.text), gazetteer)
    head = f"{title} {field} {_without_areas(report.text[:_HEAD], gazetteer)}"
    text = grams.pairs(head)
    title = _RHETORIC.sub(lambda said: " " * len(said.group()), title)
    return Draft(
        report, understanding, located, grams.pairs(f"{title} {field}"), text, rules.topics.of(text),
        dict.fromkeys(places, 0.0), words.spots(said), naming.others, naming.shared,
    )  # fmt: skip


def _first_sentence(text: str) -> str:
    """The beginning of a text that has no title."""
    return _SENTENCE_END.split(text.strip(), maxsplit=1)[0][:_SENTENCE]


# How people ask, whatever they ask for: of a headline it is no mark.
_RHETORIC = re.compile(
    "尊敬的|您好|你好|谢谢|请求|恳请|强烈|请问|请|希望|要求|建议|咨询|投诉|反映|举报|关于|问题|情况|严重|影响"
    "|为什么|为何|何时|什么时候|是否|怎么|可以|能否|能不能|尽快|尽早|早日|加快|加强|推进|落实|解决|处理|相关|有关"
    "|部门|政府|领导|书记|市长|存在|涉嫌|非常|一直|多次|至今|已经|我们|我是|本人|居民|市民|群众|老百姓|业主"
)
_SENTENCE_END = re.compile(r"[。！？!?\n]")


def _naming(report: Report, locator: Locator, code: int) -> Naming:
    """What it calls its places.

    A headline runs its words together and so seems to name places: it is asked last, but for waters,
    which it names plainly and the text then calls «the river». A park called after a river is beside it.
    """
    said = f"{report.place[:120]} {report.text[:2000]}"
    naming = locator.naming(said, locator.gazetteer.places_in(said), code)
    title = report.title[:80]
    headline = locator.naming(title, locator.gazetteer.places_in(title), code)
    if not naming.names:
        naming = headline
    names = naming.names | {name for name in headline.names if water_core(name)}
    waters = {park[1] for name in names if (park := _RIVERSIDE.fullmatch(name))}
    return replace(naming, names=names | waters)


_RIVERSIDE = re.compile(r"(\w{2,6}[河湖溪])(?:公园|景观带)")
_FIELD_NAME = re.compile(
    r"[^\W\d_]{2,8}?(?=\d|[东南西北][侧门]|门口|门前|后门|楼下|路口|附近|旁|对面|$|[\W_])"
)


def _name_in(field: str, gazetteer: Gazetteer) -> str:
    """What a form's field for the place names beneath the areas, up to the exact spot.

    Names of shops, lanes and old estates end in anything: in the field they need no ending.
    """
    parts = _without_areas(field, gazetteer).split()
    found = _FIELD_NAME.match(parts[-1]) if parts else None
    return found.group() if found else ""


def _without_areas(text: str, gazetteer: Gazetteer) -> str:
    """A text with the names of areas blanked: half a city lives in 崇川区, they are no wording."""
    for span in gazetteer.find(text):
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def weigh_words(
    conn: Connection,
    drafts: Sequence[Draft],
    *,
    counting: bool = True,
    kept: Mapping[int, Bag] | None = None,
) -> None:
    """Give each pair and name its rarity, and choose what each report is looked up by.

    Rarity is taken over incidents, not reports: a name that fifty people say of one happening
    stays as telling as it was for the first of them.

    Args:
        counting: Whether these are new reports, whose pairs will be counted.
        kept: Report to its bag, of reports that were weighed before: what a report weighs does
            not change, so that an incident is the same sum however often it is taken apart.
    """
    said = [_distinct(d) for d in drafts]
    terms, times = np.unique(
        np.concatenate([pairs for _, _, pairs in said] or [grams.pairs("")]), return_counts=True
    )
    names = {name: words.term("w", name) for d in drafts for name in (*d.places, *d.others)}
    counted, total = store.counts(conn, [*terms.tolist(), *names.values()])
    base = min(max(total, _FEWEST), _MOST)
    scale = base / max(total, base)
    known_to = np.array([counted.get(term, 0) for term in terms.tolist()], float)
    rare = np.log((base + 1) / (known_to * scale + 1)) + 0.1
    telling = (known_to > 0) | (times > 1)  # a pair that nobody else has said finds nothing
    named = {
        name: log((base + 1) / (counted.get(term, 0) * scale + 1)) + 0.1
        for name, term in names.items()
    }
    for draft, (in_title, in_text, pairs) in zip(drafts, said, strict=True):
        at = np.searchsorted(terms, pairs)
        bag = (kept or {}).get(draft.report.id)
        if bag is None:
            draft.rarity = rare[at]
            bag = Bag(pairs, _shares(draft.rarity * in_title), _shares(draft.rarity * in_text))
        draft.bag = bag
        draft.places = {name: named[name] for name in draft.places}
        heaviest = np.lexsort((bag.pair, -np.maximum(bag.title, bag.text)))
        in_titles = bag.title[heaviest] > 0
        of_title, of_text = bag.pair[heaviest[in_titles]], bag.pair[heaviest[~in_titles]]
        places = sorted(draft.places, key=lambda p: (-draft.places[p], p))[:_PLACES]
        # a certain place is found by those who say a name that it shares with others, and finds
        # them; two certain ones do not meet by it
        others = sorted(draft.others)[:_PLACES]
        here, around = _cells(draft)
        draft.posted = [
            *of_title[:_POSTED_TITLE].tolist(),
            *of_text[:_POSTED_TEXT].tolist(),
            *(names[p] for p in places),
            *here,
        ]
        waters = sorted({core for p in draft.places if (core := water_core(p))})
        cores = words.terms("w", (core for core in waters if core not in draft.places))
        draft.posted += [*words.terms("o", others), *cores]
        draft.keys = []
        for found, most, times_over in (
            (of_title[:_SEARCHED], _ASKED_TITLE, _NAMED),
            (of_text[:_SEARCHED], _ASKED_TEXT, 1.0),
        ):
            place = np.minimum(np.searchsorted(terms, found), max(len(terms) - 1, 0))
            place = place[(terms[place] == found) & telling[place]][:most] if len(terms) else place
            draft.keys += zip(
                terms[place].tolist(), (rare[place] * times_over).tolist(), strict=True
            )
        draft.keys += [
            (names[p], max(draft.places[p], _WATER if p in waters else 0.0) * _NAMED)
            for p in places
        ]
        draft.keys += [(core, _WATER * _NAMED) for core in cores]
        draft.keys += [(names[other], named[other] * _NAMED) for other in others]
        draft.keys += [(words.term("o", p), draft.places[p] * _NAMED) for p in sorted(draft.shared)]
        draft.keys += [(t, _CELL_WEIGHT) for t in here] + [(t, _NEXT_CELL_WEIGHT) for t in around]
        one_in = max(total // _ALL_COUNTED, 1)
        if counting and _scattered(draft.report.id) % one_in == 0:
            draft.counted = [*pairs.tolist(), *(names[p] for p in draft.places)]
            draft.times = one_in


def _scattered(number: int) -> int:
    """A number that tells nothing of the order in which ids were given (Fibonacci hashing)."""
    return (number * 0x9E3779B97F4A7C15 & 0xFFFF_FFFF_FFFF_FFFF) >> 32


def _shares(rarity: NDArray[np.float64]) -> grams.Weights:
    """Rarities over their length as a vector, in thousandths."""
    length = float(np.sqrt((rarity**2).sum()))
    shares: grams.Weights = np.rint(SCALE * rarity / (length or 1.0)).astype(np.int32)
    return shares


def _distinct(draft: Draft) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Pairs]:
    """Which of a report's different pairs stand in its title and in its text, and the pairs."""
    both = np.unique(np.concatenate([draft.title, draft.text]))
    both = both[1:] if len(both) and not both[0] else both
    marks = np.zeros((2, len(both)), bool)
    for mark, said in zip(marks, (draft.title, draft.text), strict=True):
        mark[np.searchsorted(both, said[said > 0])] = True
    return marks[0], marks[1], both


def _cells(draft: Draft) -> tuple[list[int], list[int]]:
    """Keys of the cell in which the report lies, and of the eight around it."""
    lon, lat = draft.report.lon, draft.report.lat
    if lon is None or lat is None or not draft.has_point():
        return [], []
    x, y = int(lon / _CELL_DEG), int(lat / _CELL_DEG)
    around = [(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy]
    return [words.term("c", f"{x},{y}")], [words.term("c", f"{i},{j}") for i, j in around]


def opened(
    draft: Draft, now: datetime, number: int, incident_id: int, recurrence_of: int | None = None
) -> Incident:
    """A new incident for one report."""
    r, u = draft.report, draft.understanding
    lon, lat = (r.lon, r.lat) if draft.has_point() else draft.located.near or (None, None)
    return Incident(
        id=incident_id, number=f"{local(now):%Y%m%d}-{number:07d}", title=title_of(r), matter=u.matter,
        domain=u.domain, stage=Stage.RECEIVED, urgency=u.urgency, danger=u.danger, area=draft.located.code,
        place=r.place or next(iter(sorted(draft.places)), ""), lon=lon, lat=lat, spread_m=0.0, reports=1,
        people=int(not is_machine(r)), first_at=r.said_at, last_at=r.said_at, opened_at=now, due_at=None, overdue=False,
        closed_at=None, answer=None, answer_source=None,
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
    return first.strip()[:40] or f"({_CHANNEL_NAMES[report.channel]}来件，无文字)"


_CHANNEL_NAMES = {
    Channel.HOTLINE: "热线", Channel.POLICE110: "110", Channel.WEB: "网页", Channel.GRID: "网格",
    Channel.OTHER: "其他系统", Channel.TABLE: "导入",
}  # fmt: skip


def absorb(profile: Profile, draft: Draft) -> None:
    """Add one report to what the incident's profile remembers."""
    profile.bag = grams.together([profile.bag, draft.bag])
    profile.topics = draft.topics if not len(profile.topics) else profile.topics + draft.topics
    profile.places |= draft.places.keys() | {f"@{spot}" for spot in draft.spots}
    profile.places |= {f"={other}" for other in draft.others}
    if draft.report.caller:
        profile.callers |= {draft.report.caller}
    if draft.report.lon is not None and draft.report.lat is not None and draft.has_point():
        profile.xs += draft.report.lon
        profile.ys += draft.report.lat
        profile.points += 1


def position(
    profile: Profile, incident: Incident, near: Point | None = None
) -> tuple[float | None, float | None, float]:
    """Mean position of the reports, and their spread in metres.

    Args:
        near: Where the incident stands on the map until a report brings a position.
    """
    if profile.points == 0:
        if near is not None and (incident.lon is None or incident.lat is None):
            return near.lon, near.lat, 0.0
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
