"""Seeded synthetic places of every township: where things can happen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import pi, sqrt
from random import Random
from typing import Final

from chengshu.drill.grids import (
    GridPost,
    Grids,
    build_grids,
    homes_of,
    km_between,
    moved,
    radius_km,
)
from chengshu.drill.names import (
    aliases_of,
    landmark_names,
    name_of,
    pick_heads,
    suffix_for,
)
from chengshu.places import Area, Boundaries, City, Level

_COUNTS: Final = {
    "estate": 11, "road": 8, "building": 3, "site": 4, "water": 4, "shop": 8, "village": 4,
    "school": 3, "park": 2, "factory": 4, "market": 2, "station": 2, "hospital": 1,
}  # fmt: skip
_RURAL_FEWER: Final = {"estate": 6, "building": 1, "shop": 5}
_RURAL_MORE: Final = {"village": 9, "water": 6, "factory": 6}
_JUNCTIONS: Final = 3
_SIGNS: Final = 14
_NEAR: Final = 3
_TRIES: Final = 30
_RELATION: Final = ("对面", "斜对面", "旁边", "隔壁", "往东一百米", "后身", "门口", "")

_SPOTS: Final[dict[str, tuple[str, ...]]] = {
    "estate": ("{a}号楼{b}单元", "{a}号楼楼下", "南门口", "北门保安亭边", "地下车库{b}号入口",
               "{a}号楼和{c}号楼之间", "{a}号楼{b}单元{d}楼", "儿童滑梯旁", "西侧围墙边"),
    "road": ("路东侧人行道", "路西非机动车道", "{a}号门前", "公交站台边", "路中间隔离带", "南头",
             "桥面下坡处", "{a}号与{c}号之间", "北侧绿化带"),
    "building": ("{d}层", "一楼大厅", "地下停车场", "东侧消防通道", "{b}号电梯", "裙楼顶上",
                 "{a}{d}室"),
    "site": ("东大门", "西北角", "{a}号楼塔吊下", "生活区", "洗车台旁", "北侧围挡外", "基坑边上"),
    "water": ("南岸", "北岸排口边", "桥下", "闸口", "东段", "第{b}个水泥桥边", "转弯处", "泵站边"),
    "shop": ("门前", "后厨", "二楼", "店招下面", "收银台", "后门巷子"),
    "village": ("{a}组", "{c}组河边", "村部南边", "{a}组机耕路", "{b}组晒场", "泵房旁", "村口桥头"),
    "school": ("正门", "南门接送区", "食堂", "操场东侧", "{b}年级", "围墙外", "教学楼{b}层"),
    "park": ("中心广场", "东门", "湖边步道", "健身器材区", "公厕旁", "假山后面", "停车场"),
    "factory": ("{b}号车间", "南门", "排气筒下", "北围墙外", "仓库", "污水站边", "职工宿舍"),
    "market": ("{a}号摊位", "水产区", "北门", "二楼", "卸货区", "肉摊{b}号", "垃圾房边"),
    "junction": ("东北角", "南进口", "西侧斑马线", "北往南左转道", "待行区", "东南角人行道"),
    "station": ("候车亭", "出站口", "停车场", "售票窗口", "{b}号站台", "公厕旁"),
    "hospital": ("门诊{d}楼", "急诊", "缴费窗口", "住院部{d}楼", "停车场", "收费处{b}号窗"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Site:
    """One synthetic place.

    Attributes:
        place: Its type, as in the kinds.
        aliases: Former name first, then short and popular names; one to three.
        county: Code of its county or zone.
        township: Code of its township; its zone's code where the zone has none.
        beside: Name of a township that people mix it up with.
        grid: Code of its unit grid, with the worker's synthetic name and number.
        spots: Exact spots inside.
        landmarks: What stands nearby; neighbours may share one.
    """

    number: int
    place: str
    name: str
    aliases: tuple[str, ...]
    county: int
    county_name: str
    township: int
    township_name: str
    beside: str
    lon: float
    lat: float
    community: str
    grid: int
    worker: str
    worker_phone: str
    spots: tuple[str, ...]
    landmarks: tuple[str, ...]

    @property
    def at(self) -> tuple[float, float]:
        """WGS-84 longitude and latitude."""
        return self.lon, self.lat


def build_sites(city: City, seed: int, grids: Grids | None = None) -> tuple[Site, ...]:
    """Invent the places of the whole city.

    The same name stands in two counties now and then, never twice in one county.
    """
    homes = homes_of(city)
    counties = {area.code: area for area in city.areas if area.level is Level.COUNTY}
    borders = Boundaries.read(city.boundaries)
    posts = _posts_by_township(grids or build_grids(city, seed))
    made: list[Site] = []
    taken: set[tuple[int, str, str]] = set()
    for home in homes:
        rng = Random(f"{seed}/sites/{home.code}")
        county = counties[home.code - home.code % 10**9]
        town = _Town(home, county, _beside(home, homes), radius_km(home, homes), borders, rng)
        for site in town.sites(posts[home.code]):
            key = (site.county, site.place, site.name)
            if key not in taken:
                taken.add(key)
                made.append(replace(site, number=len(made)))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class _Town:
    home: Area
    county: Area
    beside: str
    reach: float
    borders: Boundaries
    rng: Random

    def sites(self, posts: Sequence[GridPost]) -> Iterator[Site]:
        """All places of this township, junctions last."""
        rural = self.home.level is Level.COUNTY or not self.home.name.endswith("街道")
        counts = _COUNTS | (_RURAL_FEWER | _RURAL_MORE if rural else {})
        signs = [(name, self._point()) for name in landmark_names(self.rng, _SIGNS)]
        called: set[str] = set()
        for place, count in counts.items():
            names = list(self._names(place, count))
            if place == "road":
                crossings = list(combinations([name for name, _ in names], 2))
            for name, head in names:
                yield self._site(place, name, head, signs, called, posts)
        for first, second in self.rng.sample(crossings, k=min(_JUNCTIONS, len(crossings))):
            name = f"{first}与{second}路口"
            yield self._site("junction", name, first, signs, called, posts)

    def _names(self, place: str, count: int) -> Iterator[tuple[str, str]]:
        """Names with their heads; siblings in a row share a suffix (春江花园, 春晖花园)."""
        last, suffix = "", ""
        for head in pick_heads(self.rng, count):
            if not last or last[0] != head[0] or suffix[0] == head[-1]:
                suffix = suffix_for(place, head, self.rng)
            last = head
            yield name_of(place, head, suffix, self.home.short, self.rng), head

    def _site(
        self,
        place: str,
        name: str,
        head: str,
        signs: Sequence[tuple[str, tuple[float, float]]],
        called: set[str],
        posts: Sequence[GridPost],
    ) -> Site:
        rng, at = self.rng, self._point()
        aliases = self._aliases(place, name, head, called)
        post = min(posts, key=lambda post: km_between(at, (post.area.lon or 0, post.area.lat or 0)))
        near = sorted(signs, key=lambda sign: km_between(at, sign[1]))[:_NEAR]
        return Site(
            number=0,
            place=place,
            name=name,
            aliases=aliases,
            county=self.county.code,
            county_name=self.county.name,
            township=self.home.code,
            township_name=self.home.name,
            beside=self.beside,
            lon=at[0],
            lat=at[1],
            community=post.community,
            grid=post.area.code,
            worker=post.worker,
            worker_phone=post.phone,
            spots=spots_of(place, rng),
            landmarks=tuple(sign + rng.choice(_RELATION) for sign, _ in near),
        )

    def _aliases(self, place: str, name: str, head: str, called: set[str]) -> tuple[str, ...]:
        """Aliases that no other place of the township has; the former name comes first."""
        for _ in range(_TRIES):
            former, *others = aliases_of(place, name, head, self.rng)
            if former not in called:
                break
        else:
            former = f"原{name}"
        aliases = (former, *(other for other in others if other not in called))
        called.update(aliases)
        return aliases

    def _point(self) -> tuple[float, float]:
        """A point around the township's marker and inside its county."""
        lon, lat = self.home.lon or 0.0, self.home.lat or 0.0
        around = self.borders.county_at(lon, lat)  # a zone lies inside another county
        for shrink in range(_TRIES):
            far = self.reach * sqrt(self.rng.random()) * (1 - shrink / _TRIES)
            at = moved(lon, lat, far, self.rng.uniform(0, 2 * pi))
            if around is None or self.borders.county_at(*at) == around:
                return at
        return lon, lat


def spots_of(place: str, rng: Random) -> tuple[str, ...]:
    """Exact spots inside one place."""
    forms = rng.sample(_SPOTS[place], k=min(6, len(_SPOTS[place])))
    return tuple(
        form.format(
            a=rng.randint(1, 38), b=rng.randint(1, 4), c=rng.randint(1, 26), d=rng.randint(2, 11)
        )
        for form in forms
    )


def _beside(home: Area, homes: Sequence[Area]) -> str:
    """The nearest other township, preferably of the same county."""
    here = (home.lon or 0.0, home.lat or 0.0)
    others = [other for other in homes if other.code != home.code]
    nearest = min(others, key=lambda other: km_between(here, (other.lon or 0, other.lat or 0)))
    return nearest.name


def _posts_by_township(grids: Grids) -> dict[int, list[GridPost]]:
    found: dict[int, list[GridPost]] = {}
    for post in grids.posts:
        code = post.area.code - post.area.code % 10**6
        found.setdefault(code, []).append(post)
    return found
