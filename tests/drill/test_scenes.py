"""The scripted stories: times, gaps and photo as told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from PIL import Image

from chengshu.drill import Site
from chengshu.drill.scenes import SCENES, corridor_clutter, glass_on_road

EVENING = datetime(2026, 5, 12, 19, 2, tzinfo=ZoneInfo("Asia/Shanghai"))
MORNING = datetime(2026, 5, 12, 7, 31, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_clutter_is_told_three_times(sites: Sequence[Site]) -> None:
    scene = corridor_clutter(sites, EVENING)
    minutes = [step.after / timedelta(minutes=1) for step in scene.steps]
    assert minutes == [0, 8, 38]
    call, web, grid = (step.told for step in scene.steps)
    assert [call.channel, web.channel, grid.channel] == ["police110", "web", "grid"]
    assert web.lon is None
    assert web.place == ""
    site = next(s for s in sites if s.name in call.text and s.aliases[0] in web.text)
    assert site.name not in web.text
    assert (grid.lon, grid.lat) == (scene.expected.lon, scene.expected.lat)
    assert scene.expected.incidents == 1
    assert scene.expected.reports == 3


def test_photo_is_a_small_jpeg(sites: Sequence[Site]) -> None:
    (photo,) = corridor_clutter(sites, EVENING).steps[2].told.photos
    assert len(photo) < 60_000
    with Image.open(BytesIO(photo)) as image:
        assert image.format == "JPEG"
        assert image.size == (640, 480)


def test_glass_must_be_ordered_within_a_minute(sites: Sequence[Site]) -> None:
    scene = glass_on_road(sites, MORNING)
    assert [step.told.channel for step in scene.steps] == ["police110"]
    assert scene.expected.danger
    assert scene.expected.ordered_within == timedelta(seconds=60)


def test_scenes_are_listed_by_their_names(sites: Sequence[Site]) -> None:
    for name, scene in SCENES.items():
        assert scene(sites, EVENING).name == name
