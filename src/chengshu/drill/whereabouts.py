"""How reporters say where: names, aliases, landmarks, forms with gaps, and coordinates."""

from math import pi
from random import Random
from typing import Final

from chengshu.drill.grids import moved
from chengshu.drill.happenings import Happening
from chengshu.drill.sites import Site
from chengshu.places import wgs84_to_gcj02

_VAGUE: Final = {
    "estate": ("我们小区", "我家小区", "咱院里"), "road": ("家门口这条路", "上班路上"),
    "building": ("我们楼里", "单位楼下"), "site": ("家对面的工地", "那个工地"),
    "water": ("村前的河", "家后面那条河"), "shop": ("楼下那家店", "街上那家"),
    "village": ("我们村", "队里"), "school": ("孩子学校", "家附近的学校"),
    "park": ("常去的那个公园", "家旁边的公园"), "factory": ("村边那个厂", "隔壁厂"),
    "market": ("买菜的地方", "家门口菜场"), "junction": ("上班必经的路口", "前面那个路口"),
    "station": ("等车的地方", "坐车的站"), "hospital": ("看病的地方", "附近医院"),
}  # fmt: skip
# Weights of: county+township+name, township+name, county+name, name, alias, vague.
_STYLES: Final = {
    "hotline": (30, 20, 12, 25, 11, 2),
    "web": (6, 14, 8, 42, 22, 8),
    "grid": (2, 6, 0, 80, 12, 0),
    "police110": (20, 22, 10, 38, 10, 0),
    "other": (3, 8, 6, 45, 28, 10),
}
_FIELD_FILLED: Final = {"hotline": 0.85, "web": 0.5, "grid": 0.95, "police110": 0.8, "other": 0.3}
# Share of reports with coordinates, and how far off they usually are, kilometres.
_LOCATED: Final = {
    "hotline": (0.06, 0.5), "web": (0.5, 0.3), "grid": (0.98, 0.02),
    "police110": (0.55, 0.4), "other": (0.4, 0.15),
}  # fmt: skip
_SHIFTED_SHARE: Final = 0.08  # of located web and app reports: GCJ-02 taken for WGS-84
_GROSS_SHARE: Final = 0.01
_WRONG_TOWNSHIP_SHARE: Final = 0.05


def place_phrase(happening: Happening, channel: str, rng: Random) -> str:
    """How this reporter calls the place inside a sentence."""
    site = happening.site
    county, town = _without_suffix(site.county_name, rng), _town(site, rng)
    style = rng.choices(range(6), _STYLES[channel])[0]
    return (
        site.county_name + town + site.name,
        town + site.name,
        county + site.name,
        site.name,
        rng.choice(site.aliases),
        rng.choice(_VAGUE[site.place]),
    )[style]


def near_phrase(happening: Happening, rng: Random) -> str:
    """A landmark, with where the place lies from it."""
    return rng.choice(happening.site.landmarks)


def spot_phrase(happening: Happening, rng: Random) -> str:
    """The exact spot, now and then in other words or less exactly."""
    spot, draw = happening.spot, rng.random()
    if draw < 0.25:
        return spot.replace("号楼", "幢").replace("人行道", "便道").replace("门口", "门")
    if draw < 0.35:
        return spot.split("单元")[0].split("号楼")[0] + "号楼" if "号楼" in spot else spot
    if draw < 0.42:
        return rng.choice(("里面", "那边", "附近"))
    return spot


def place_field(happening: Happening, channel: str, rng: Random) -> str:
    """The form's field for the place; often empty, sometimes wrong about the township."""
    if rng.random() > _FIELD_FILLED[channel]:
        return ""
    site = happening.site
    if channel == "grid":
        community = "" if site.place == "village" else site.community
        return f"{community}{site.name}" + (happening.spot if rng.random() < 0.7 else "")
    name = rng.choice(site.aliases) if rng.random() < 0.15 else site.name
    spot = happening.spot if rng.random() < 0.35 else ""
    town = site.beside if rng.random() < _WRONG_TOWNSHIP_SHARE else site.township_name
    parts = rng.choices(("all", "no county", "no town", "name"), (55, 20, 12, 13))[0]
    return {
        "all": f"{site.county_name}{_once(town, site.county_name)}{name}{spot}",
        "no county": f"{town}{name}{spot}",
        "no town": f"{site.county_name}{name}{spot}",
        "name": f"{name}{spot}",
    }[parts]


def point_told(
    happening: Happening, channel: str, rng: Random
) -> tuple[float, float] | tuple[None, None]:
    """Coordinates that come with the report; seldom exact, sometimes in the wrong datum."""
    share, off_km = _LOCATED[channel]
    if rng.random() > share:
        return None, None
    lon, lat = happening.lon, happening.lat
    if channel in ("web", "other"):
        draw = rng.random()
        if draw < _GROSS_SHARE:
            return moved(lon, lat, rng.uniform(5, 60), rng.uniform(0, 2 * pi))
        if draw < _GROSS_SHARE + _SHIFTED_SHARE:
            shifted = wgs84_to_gcj02(lon, lat)
            return round(shifted.lon, 5), round(shifted.lat, 5)
    return moved(lon, lat, off_km * rng.random(), rng.uniform(0, 2 * pi))


def names_place(text: str, site: Site) -> bool:
    """Whether a text holds the place's name or an alias."""
    return any(name in text for name in (site.name, *site.aliases))


def _town(site: Site, rng: Random) -> str:
    if site.township_name == site.county_name:
        return ""
    return _without_suffix(site.township_name, rng)


def _once(town: str, county: str) -> str:
    return "" if town == county else town


def _without_suffix(name: str, rng: Random) -> str:
    """镇, 街道, 区 and 市 are said about half the time."""
    if rng.random() < 0.5:
        return name
    for suffix in ("街道", "镇", "区", "市", "县"):
        if name.endswith(suffix) and len(name) - len(suffix) > 1:
            return name.removesuffix(suffix)
    return name
