"""Two scripted stories, with photos, for the demo and the acceptance tests.

Each is played at a place of the synthetic city: 楼道堆物 (clutter in a stairwell, three
reporters, one incident) and 玻璃碴 (glass on a main road, seen from a patrol car).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFilter

from chengshu.drill.grids import moved
from chengshu.drill.sites import Site
from chengshu.drill.telling import Told


@dataclass(frozen=True, slots=True)
class Step:
    """One report of a scene, `after` its beginning."""

    after: timedelta
    told: Told


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out of a scene, in the words of the city and not of the product.

    Attributes:
        incidents: How many incidents the reports make together.
        line: The responsible line; with `tier` and the areas it is the unit.
        assist: Lines that help.
        urgency: Least urgency, 1 ordinary to 3 at once.
        ordered_within: From the first report to the order.
        done_within: From the order to the unit's answer; None where no limit is fixed.
    """

    incidents: int
    reports: int
    kind: str
    line: str
    tier: str
    assist: tuple[str, ...]
    county: int
    township: int | None
    lon: float
    lat: float
    urgency: int
    danger: bool
    ordered_within: timedelta | None
    done_within: timedelta | None


@dataclass(frozen=True, slots=True)
class Scene:
    """A story: what is reported and what must come of it."""

    name: str
    steps: tuple[Step, ...]
    expected: Expected


def corridor_clutter(sites: Sequence[Site], begins_at: datetime) -> Scene:
    """楼道堆物: 110, web and grid worker on one stairwell; usually begins at 19:02.

    Args:
        begins_at: Aware; the moment of the call to 110.
    """
    site = _first(sites, "estate", "街道")
    point = moved(*site.at, 0.05, 1.0)
    told = (
        _quarrel_told(site, begins_at),
        _neighbour_told(site, begins_at + timedelta(minutes=8)),
        _worker_told(site, begins_at + timedelta(minutes=38), point),
    )
    expected = Expected(
        incidents=1,
        reports=len(told),
        kind="corridor_clutter",
        line="镇街",
        tier="township",
        assist=("消防救援",),
        county=site.county,
        township=site.township,
        lon=point[0],
        lat=point[1],
        urgency=2,
        danger=False,
        ordered_within=None,
        done_within=None,
    )
    return Scene("corridor_clutter", _steps(told), expected)


def _quarrel_told(site: Site, said_at: datetime) -> Told:
    return _told(
        "police110",
        said_at,
        text=f"报警人住{site.name}7号楼2单元，与对门为三楼过道的旧家具和垃圾争吵，"
        "对方摔门骂人，未动手。到场劝开，见杂物占去半边楼梯并遮住消火栓，非警务事项，转贵处。",
        place=f"{site.county_name}{site.township_name}{site.name}7号楼2单元",
        who=("钱桂芳", "19900008101"),
    )


def _neighbour_told(site: Site, said_at: datetime) -> Told:
    """By web: no coordinates, no form field, the estate's former name."""
    return _told(
        "web",
        said_at,
        title="楼上楼下都下不来了",
        text=f"{site.aliases[0]}七幢，三楼那户把烂沙发、腌菜缸、成捆纸板一路码到楼梯转弯，"
        "今晚又为这个吵翻天。我妈七十六了，扶手摸不着，真着了火往哪边跑？"
        "物业说管不动，请你们来人看一眼。",
        nature="投诉",
        who=("施雨桐", "19900008102"),
    )


def _worker_told(site: Site, said_at: datetime, point: tuple[float, float]) -> Told:
    return _told(
        "grid",
        said_at,
        title="三楼平台杂物",
        text="现场：7号楼2单元三至四层平台旧沙发一张、纸板约一方、瓦缸三只，消火栓箱门打不开，"
        "通行宽度不足半米。双方情绪已平，住户答应商量，建议物业社区先上门。附照片。",
        place=f"{site.community}{site.name}7号楼2单元",
        point=point,
        grid=site.grid,
        who=(site.worker, site.worker_phone),
        photos=(photo_of_clutter(7),),
    )


def glass_on_road(sites: Sequence[Site], begins_at: datetime) -> Scene:
    """玻璃碴: a patrol hands on glass on a main road; usually begins at 07:31.

    Args:
        begins_at: Aware; the moment of the call to 110.
    """
    site = _first(sites, "road", "街道", ending="大道")
    point = moved(*site.at, 0.15, 0.4)
    call = _told(
        "police110",
        begins_at,
        text=f"骑车人来警：{site.name}由西往东靠公交站台一段，路面一大片碎玻璃，"
        "已有两辆电瓶车扎胎、一人滑倒擦伤自行离开，早高峰车流正往快车道上让。"
        "巡逻车摆了锥桶，清扫请速派。",
        place=f"{site.county_name}{site.township_name}{site.name}",
        point=point,
        who=("倪晓东", "19900008201"),
    )
    expected = Expected(
        incidents=1,
        reports=1,
        kind="glass_on_road",
        line="城管局",
        tier="county",
        assist=(),
        county=site.county,
        township=site.township,
        lon=point[0],
        lat=point[1],
        urgency=3,
        danger=True,
        ordered_within=timedelta(seconds=60),
        done_within=timedelta(hours=2),
    )
    return Scene("glass_on_road", _steps((call,)), expected)


SCENES: Final[Mapping[str, Callable[[Sequence[Site], datetime], Scene]]] = {
    "corridor_clutter": corridor_clutter,
    "glass_on_road": glass_on_road,
}


def photo_of_clutter(seed: int, width: int = 640, height: int = 480) -> bytes:
    """Draw a small JPEG of a stairwell full of boxes; no camera ever saw it."""
    rng = Random(f"photo/{seed}")
    image = Image.new("RGB", (width, height), (148, 142, 132))
    draw = ImageDraw.Draw(image)
    for step in range(7):
        left, top = width * 0.55 + step * 34, height - 60 - step * 42
        draw.rectangle((left, top, width, top + 42), (120 - step * 5,) * 3, (70, 70, 70))
    draw.rectangle((20, 90, 90, 210), (168, 38, 32), (90, 20, 18))
    for _ in range(26):
        wide, high = rng.randint(40, 120), rng.randint(30, 90)
        left, bottom = rng.randint(0, width * 2 // 3), height - rng.randint(0, 190)
        shade = rng.randint(90, 180)
        box = (left, bottom - high, left + wide, bottom)
        draw.rectangle(box, (shade, int(shade * 0.78), int(shade * 0.5)), (60, 45, 30))
    out = BytesIO()
    image.filter(ImageFilter.GaussianBlur(1.2)).save(out, "JPEG", quality=72)
    return out.getvalue()


def _first(sites: Sequence[Site], place: str, township: str, ending: str = "") -> Site:
    """The first place of a type in a township of a type, by number."""
    return min(
        (
            site
            for site in sites
            if site.place == place
            and site.township_name.endswith(township)
            and site.name.endswith(ending)
        ),
        key=lambda site: site.number,
    )


def _told(
    channel: str,
    said_at: datetime,
    *,
    text: str,
    who: tuple[str, str],
    title: str = "",
    place: str = "",
    point: tuple[float, float] | tuple[None, None] = (None, None),
    grid: int | None = None,
    nature: str = "求助",
    photos: tuple[bytes, ...] = (),
) -> Told:
    return Told(
        channel=channel,
        said_at=said_at,
        arrives_at=said_at,
        title=title,
        text=text,
        place=place,
        lon=point[0],
        lat=point[1],
        grid=grid,
        nature=nature,
        anonymous=False,
        confidential=False,
        reporter=who[0],
        phone=who[1],
        photos=photos,
    )


def _steps(told: Sequence[Told]) -> tuple[Step, ...]:
    begins_at = told[0].said_at
    return tuple(Step(one.said_at - begins_at, one) for one in told)
