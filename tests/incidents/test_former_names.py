"""An estate by its former name and by its new one: one incident, though no character is the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from chengshu.incidents import store
from chengshu.incidents.attach import Attached, attach
from chengshu.incidents.rebuild import rebuild
from chengshu.intake.model import Report
from chengshu.intake.submit import submit
from chengshu.places import Locator, Point, Register, Site
from tests.conftest import NOW, Home
from tests.incidents.conftest import report

pytestmark = pytest.mark.db

HONGQIAO, JINSHA = 320613005000000, 320612001000000
HERE = Point(120.8551, 31.9982)
SITES = (
    Site("濠滨雅苑", ("轮船公司宿舍", "老供销社宿舍"), "estate", HONGQIAO, HERE),
    Site("春江花园", ("老供销社宿舍",), "estate", JINSHA, Point(121.08, 32.07)),
)
NEW = "濠滨雅苑7号楼楼道里堆满旧沙发和纸板,消火栓被遮住,楼梯走不过去。"
FORMER = "轮船公司宿舍七幢楼道里旧沙发、纸板一路码到楼梯转弯,消火栓也被遮住。"
BRIEF = "轮船公司宿舍楼梯间杂物成堆，无人清理"
SHARED = FORMER.replace("轮船公司宿舍", "老供销社宿舍")
OTHER = NEW.replace("濠滨雅苑", "春江花园")
Send = Callable[[Sequence[str | Report]], list[Attached]]


@pytest.fixture
def send(db: Home) -> Send:
    """Decide about texts said ten minutes apart, in a city with a register."""
    rules = replace(db.world.rules, locator=Locator(db.world.city, Register(SITES)))

    def run(said: Sequence[str | Report]) -> list[Attached]:
        reports = [
            replace(one if isinstance(one, Report) else report(one), said_at=NOW + timedelta(minutes=10 * n))
            for n, one in enumerate(said)
        ]  # fmt: skip
        with db.worker.transaction() as conn:
            for one in reports:
                submit(conn, db.keyring, one)
            return attach(conn, reports, rules, NOW)

    return run


def incidents(found: Sequence[Attached]) -> list[int]:
    """Which incident each report came to, counted from 0."""
    ids = list(dict.fromkeys(one.incident.id for one in found))
    return [ids.index(one.incident.id) for one in found]


@pytest.mark.parametrize(("said", "groups"), [
    ((NEW, FORMER), [0, 0]),
    ((FORMER, NEW), [0, 0]),
    ((NEW, SHARED), [0, 0]),            # a name that two estates bear; one of them is spoken of
    ((SHARED, NEW), [0, 0]),
    ((NEW, SHARED, OTHER), [0, 0, 1]),  # it does not tie the two together
    ((OTHER, FORMER), [0, 1]),
    ((OTHER, f"崇川区{SHARED}"), [0, 1]),
])  # fmt: skip
def test_merging(send: Send, said: tuple[str, ...], groups: list[int]) -> None:
    assert incidents(send(said)) == groups


def _without_register(db: Home, said: Sequence[str]) -> list[Attached]:
    with db.worker.transaction() as conn:
        reports = [report(text) for text in said]
        for one in reports:
            submit(conn, db.keyring, one)
        return attach(conn, reports, db.world.rules, NOW)


def test_only_the_register_brings_together_what_is_said_in_other_words(
    db: Home, send: Send
) -> None:
    assert incidents(send([NEW, BRIEF])) == [0, 0]
    db.empty()
    assert incidents(_without_register(db, [NEW, BRIEF])) == [0, 1]


def test_without_the_register_no_place_speaks_for_them(db: Home) -> None:
    """Long pieces of one wording, ten minutes apart, may join them; what they call the estate does not."""
    found = _without_register(db, [NEW, FORMER])
    with db.worker.transaction() as conn:
        merged = [m for one in found for m in store.members(conn, one.incident.id) if m.clues]
    speaking = {str(c["about"]) for m in merged for c in m.clues if float(str(c["bits"])) > 0}
    assert not speaking & {"place", "area", "distance"}
    assert not merged or speaking >= {"words", "rare"}


def test_the_reason_is_the_place_by_its_registered_name(db: Home, send: Send) -> None:
    found = send([NEW, FORMER])
    with db.worker.transaction() as conn:
        (merged,) = [m for m in store.members(conn, found[0].incident.id) if m.outcome == "merged"]
    (place,) = [c for c in merged.clues if c["about"] == "place"]
    assert place["because"] == "同一地点：濠滨雅苑"
    assert float(str(place["bits"])) > 0
    assert "distance" not in {c["about"] for c in merged.clues}


def test_it_stands_on_the_map_until_somebody_measures(send: Send) -> None:
    (first,) = send([FORMER])
    assert (first.incident.area, first.incident.lon, first.incident.lat) == (HONGQIAO, *HERE)
    *_, last = send([replace(report(NEW), lon=120.8601, lat=31.9951)])
    assert last.incident.id == first.incident.id
    assert (last.incident.lon, last.incident.lat) == (120.8601, 31.9951)
    assert last.incident.spread_m == 0


def test_rebuilding_keeps_it_on_the_map(db: Home, send: Send) -> None:
    (first,) = send([FORMER])
    rules = replace(db.world.rules, locator=Locator(db.world.city, Register(SITES)))
    with db.worker.transaction() as conn:
        rebuild(conn, first.incident.id, rules, NOW)
        (again,) = store.incidents(conn, [first.incident.id]).values()
    assert (again.lon, again.lat) == HERE
