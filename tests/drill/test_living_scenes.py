"""Where the living city plays its scenes."""

from chengshu.drill import SCENES, Site
from chengshu.drill.happenings import ZONE
from chengshu.drill.playing import SCRIPTS, others, reserved
from chengshu.kit.times import utc_now


def test_every_scene_has_its_own_places_all_over_the_city(sites: tuple[Site, ...]) -> None:
    for script in SCRIPTS:
        places = reserved(script, sites)
        assert len(places) >= 12
        assert len({s.county for s in places}) >= 4
        for site in places:
            scene = SCENES[script.name]([site], utc_now().astimezone(ZONE))
            assert scene.expected.township == site.township


def test_chance_leaves_them_alone(sites: tuple[Site, ...]) -> None:
    left = {s.number for s in others(sites)}
    kept = {s.number for script in SCRIPTS for s in reserved(script, sites)}
    assert not left & kept
    assert len(left) + len(kept) == len(sites)
