"""Names of places on two sides: the same, alike, or others of the same sort."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from chengshu.incidents.grams import pairs
from chengshu.incidents.traits import NEAR_M, Traits, distance_m

_USUAL_NAME, _RARE_NAME = 3.0, 9.0  # rarity at which a shared name says nothing, and all it can say

_ROAD_ENDS = ("路", "街", "巷", "弄", "道", "公路", "高架", "隧道", "桥")
_QUARTER_ENDS = ("社区", "居委会", "村")
_SORTS = {
    "water": ("河", "湖", "溪", "景观带", "水库"),
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


Said = tuple[str, str]  # Chinese and English


def compare_places(report: Traits, incident: Traits) -> tuple[dict[str, float], Said | None]:
    """Names of one sort are compared with each other; a name that everybody uses says less."""
    if not report.places or not incident.places:
        metres = distance_m(report, incident)
        if metres is not None and metres < NEAR_M:
            return {}, None
        return {"nowhere": 1.0}, ("没有共同的地点可对照", "no place in common to go by")
    ours, theirs = _by_sort(report.called(incident)), _by_sort(incident.called(report))
    found: dict[str, float] = {}
    sentences: list[tuple[float, str, str, str]] = []
    for sort in sorted(ours.keys() & theirs.keys()):
        name, value, what, pair = _compare_names(sort, ours[sort], theirs[sort], report, incident)
        found[name] = max(found.get(name, 0.0), value)
        sentences.append((_CHIEF.get(name, 1.0) * value, what, *pair))
    found.pop("unclear", None)
    if not found and not sentences:
        found["sort_other"] = 1.0
        sentences = [(1.0, "说的是不同的地方", min(report.places), min(incident.places))]
    _, what, one, other = max(sentences)
    named = one if one == other else f"{one} / {other}"
    return found, (f"{what}：{named}", f"{_IN_ENGLISH[what]}: {named}")


_CHIEF = {"site_same": 3.0, "road_same": 2.5, "name_like": 2.0, "site_other": 1.5}
_IN_ENGLISH = {
    "同一地点": "same place",
    "地点名相近": "similar place name",
    "地点不同": "different places",
    "说的是不同的地方": "other places named",
}


def _compare_names(
    sort: str, ours: Sequence[str], theirs: Sequence[str], report: Traits, incident: Traits
) -> tuple[str, float, str, tuple[str, str]]:
    """What names of one sort say: the measure, its value, and the sentence with both names."""
    group, rarity = sort if sort in ("road", "quarter") else "site", report.places
    same = [name for name in ours if name in theirs]
    if same:
        name = max(same, key=lambda n: (rarity.get(n, _RARE_NAME), n))
        known = (rarity.get(name, _RARE_NAME) - _USUAL_NAME) / (_RARE_NAME - _USUAL_NAME)
        return f"{group}_same", min(max(known, 0.0), 1.0), "同一地点", (name, name)
    if like := _like(ours, theirs):
        return "name_like", 1.0, "地点名相近", like
    # free reading cuts names wrongly: one whose core the other side says, too, is not another place
    if any(_says(incident, name) for name in ours) or any(_says(report, name) for name in theirs):
        return "unclear", 0.0, "地点名相近", (ours[0], theirs[0])
    return f"{group}_other", 1.0, "地点不同", (ours[0], theirs[0])


def water_core(name: str) -> str:
    """The end of a water's name, which free reading gets right where it takes too much in front.

    Examples:
        >>> [water_core(name) for name in ("龙津河", "条龙津河", "内河", "文峰路")]
        ['龙津河', '龙津河', '', '']
    """
    return name[-3:] if len(name) >= 3 and name[-1] in "河湖溪" else ""


def other_waters(report: Traits, incident: Traits) -> bool:
    """Whether both name rivers, lakes or brooks and none of one is any of the other.

    A water is named by all who speak of it, and no happening is in two of them.
    """
    ours = sorted(p for p in report.called(incident) if sort_of(p) == "water")
    theirs = sorted(p for p in incident.called(report) if sort_of(p) == "water")
    if not ours or not theirs or set(ours) & set(theirs) or _like(ours, theirs):
        return False
    return not (any(_says(incident, n) for n in ours) or any(_says(report, n) for n in theirs))


def _says(traits: Traits, name: str) -> bool:
    """Whether the beginning of a name, without its ending, stands in the wording."""
    core, said = pairs(name[: max(len(name) - 2, 2)]), traits.bag.pair
    if not len(core) or not len(said):
        return False
    at = np.minimum(np.searchsorted(said, core), len(said) - 1)
    return bool((said[at] == core).all())


def _like(ours: Sequence[str], theirs: Sequence[str]) -> tuple[str, str] | None:
    """Two names of which one is the other with more in front: 城东星辰路 and 星辰路."""
    for a in ours:
        for b in theirs:
            if water_core(a) and water_core(a) == water_core(b):
                return a, b
            if min(len(a), len(b)) >= 3 and (
                a.endswith(b) or b.endswith(a) or a.startswith(b) or b.startswith(a)
            ):
                return a, b
    return None
