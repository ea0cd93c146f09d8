"""Synthetic communities (社区、村) and unit grids (单元网格) below each township.

The names and the grid workers are invented and say so; only the townships are real.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, hypot, pi, radians, sin
from random import Random
from typing import Final

from chengshu.drill.names import words
from chengshu.drill.people import worker_name, worker_phone
from chengshu.places import Area, City, Level

KM_PER_LAT: Final = 111.2
_SPECIAL_FROM: Final = 901  # grid numbers from here on are 专属网格
_HEADS: Final = words(
    "永红 新联 光明 前进 团结 友谊 朝阳 红星 育才 桃园 柳园 荷花 双桥 三里墩 五里庙 北濠 "
    "花墙 盐仓 运盐 官河 石桥 木行 老坝 新坝 东港 西港 南圩 北圩 中圩 万顷 大同 小园 龙舌 "
    "凤凰桥 仙鹤 芦泾 竹林 榆树 槐荫 银杏园 江堤 海界 通吕 九圩 十八总 四总 六甲 七灶 头灶"
)
_HOSTS: Final = ("学校", "医院", "工业园", "商圈", "农贸市场", "车站")


@dataclass(frozen=True, slots=True)
class GridPost:
    """One grid and the synthetic person who walks it.

    Attributes:
        special: 专属网格: one host (a school, a market) and not a piece of land.
    """

    area: Area
    community: str
    worker: str
    phone: str
    special: bool


@dataclass(frozen=True, slots=True)
class Grids:
    """All communities and grids of the synthetic city."""

    communities: tuple[Area, ...]
    posts: tuple[GridPost, ...]

    @property
    def areas(self) -> tuple[Area, ...]:
        """Communities and grids as rows of the area tree."""
        return (*self.communities, *(post.area for post in self.posts))


def homes_of(city: City) -> tuple[Area, ...]:
    """Townships, and the zones that have none and stand for one themselves."""
    filled = {area.code // 10**9 for area in city.areas if area.level is Level.TOWNSHIP}
    return tuple(
        area
        for area in city.areas
        if area.lon is not None
        and (
            area.level is Level.TOWNSHIP
            or (area.level is Level.COUNTY and area.code // 10**9 not in filled)
        )
    )


def km_between(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two lon/lat pairs; flat earth, good to 0.1 % within a city.

    Examples:
        >>> round(km_between((120.0, 32.0), (120.0, 32.1)), 2)
        11.12
    """
    north = (b[1] - a[1]) * KM_PER_LAT
    east = (b[0] - a[0]) * KM_PER_LAT * cos(radians(a[1]))
    return hypot(north, east)


def moved(lon: float, lat: float, km: float, turn: float) -> tuple[float, float]:
    """The point `km` away in direction `turn` (radians, 0 is east), rounded to about 1 m."""
    north = km * sin(turn) / KM_PER_LAT
    east = km * cos(turn) / (KM_PER_LAT * cos(radians(lat)))
    return round(lon + east, 5), round(lat + north, 5)


def radius_km(home: Area, homes: Iterable[Area]) -> float:
    """How far around a township's marker its synthetic places lie, kilometres."""
    nearest = min(km_between(_at(home), _at(other)) for other in homes if other.code != home.code)
    return min(3.5, max(0.5, 0.46 * nearest))


def build_grids(city: City, seed: int) -> Grids:
    """Invent communities and grids for every township of the city."""
    homes = homes_of(city)
    communities: list[Area] = []
    posts: list[GridPost] = []
    for home in homes:
        rng = Random(f"{seed}/grids/{home.code}")
        reach = radius_km(home, homes)
        names = rng.sample(_HEADS, k=rng.randint(4, 8))
        for place, name in enumerate(names, start=1):
            turn = 2 * pi * place / len(names)
            spot = moved(*_at(home), reach * 0.6 * rng.uniform(0.7, 1.1), turn)
            kind = "社区" if home.name.endswith("街道") or rng.random() < 0.4 else "村"
            community = _area(home.code + place * 1000, Level.COMMUNITY, name + kind, spot)
            communities.append(community)
            posts += _posts(community, rng, reach * 0.3, first=len(posts))
    return Grids(tuple(communities), tuple(posts))


def _posts(community: Area, rng: Random, reach: float, first: int) -> list[GridPost]:
    """The grids of one community; `first` is the number of posts made before."""
    made = []
    count = rng.randint(3, 7)
    for number in range(1, count + 1):
        spot = moved(*_at(community), reach * rng.uniform(0.2, 0.9), 2 * pi * number / count)
        made.append((number, f"{community.name}第{number}网格", spot, False))
    if rng.random() < 0.4:
        host = rng.choice(_HOSTS)
        name = f"{community.name}{host}专属网格"
        made.append((_SPECIAL_FROM, name, _at(community), True))
    return [
        GridPost(
            area=_area(community.code + number, Level.GRID, name, spot),
            community=community.name,
            worker=worker_name(rng),
            phone=worker_phone(first + place),
            special=special,
        )
        for place, (number, name, spot, special) in enumerate(made)
    ]


def _at(area: Area) -> tuple[float, float]:
    if area.lon is None or area.lat is None:
        raise ValueError(f"{area.name} ({area.code}) has no point")
    return area.lon, area.lat


def _area(code: int, level: Level, name: str, spot: tuple[float, float]) -> Area:
    short = name.removesuffix("社区").removesuffix("村")
    return Area(code, level, name, short, f"{level.value.title()} {code}", *spot)
