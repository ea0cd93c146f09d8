"""The nearest matching component, and what it says of a unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengshu.agencies.model import Role
from chengshu.app.components import add_components
from chengshu.dispatch.component_evidence import component_clue, nearest_to
from chengshu.drill import build_sites, write_components
from chengshu.incidents.objects import Object
from chengshu.places.components import store
from chengshu.places.components.model import Component
from tests.conftest import Home

pytestmark = pytest.mark.db

LAMP = Object(0, 2, "路灯", "0114", "路灯", "Street light")
COVER = Object(0, 2, "井盖", "0108", "窨井盖", "Manhole cover")
LON, LAT = 120.57, 32.38


def component(number: str, code: str, metres_east: float, **other: object) -> Component:
    """One component east of the point."""
    values: dict[str, object] = {
        "id": number, "code": code, "name": "部件", "grid": "g", "owner": "如皋市城市管理局", "unit": "nt.rugao.cgj",
        "lon": LON + metres_east / 93_900, "lat": LAT, "area": 320682000000000, "valid": True,
    }  # fmt: skip
    return Component(**(values | other))  # type: ignore[arg-type] # its fields, by name


def keep(db: Home, *components: Component) -> None:
    """Write components."""
    with db.worker.transaction() as conn:
        store.save(conn, components)


def test_the_nearest_of_its_class_within_reach(db: Home) -> None:
    keep(db, component("a", "0114", 60), component("b", "0114", 20), component("c", "0102", 5),
         component("d", "0114", 3, valid=False), component("e", "0114", 400))  # fmt: skip
    with db.worker.transaction() as conn:
        near = nearest_to(conn, LAMP, LON, LAT)
        assert near is not None
        assert (near.component.id, round(near.metres)) == ("b", 20)
        assert store.nearest(conn, LON, LAT, ["0114"], 10) is None
        cover = nearest_to(conn, COVER, LON, LAT)
        assert cover is not None
        assert cover.component.id == "c"  # any cover will do
        assert nearest_to(conn, LAMP, None, None) is None
        assert nearest_to(conn, None, LON, LAT) is None


def test_it_speaks_for_its_owner_only_and_less_from_afar(db: Home) -> None:
    keep(db, component("b", "0114", 20))
    with db.worker.transaction() as conn:
        near = nearest_to(conn, LAMP, LON, LAT)
    assert near is not None
    clue = component_clue(near, "nt.rugao.cgj")
    assert clue is not None
    assert (clue.about, clue.bits) == ("component", 4.0)
    assert "如皋市城市管理局" in clue.because
    assert "20 m" in clue.because_en
    assert component_clue(near, "nt.rugao.zjj") is None


def test_saved_again_it_is_replaced(db: Home) -> None:
    keep(db, component("a", "0114", 20), component("b", "0114", 30))
    keep(db, component("a", "0114", 20, valid=False))
    with db.worker.transaction() as conn:
        assert store.count(conn) == 1


def test_the_drills_components_come_in_whole(db: Home, tmp_path: Path) -> None:
    sites = build_sites(db.world.city, 7)
    path = write_components(tmp_path, sites, 7)
    assert path.read_bytes() == write_components(tmp_path, sites, 7).read_bytes()
    written, aside = add_components(db.settings, db.dsns.worker, path)
    assert aside == 0
    assert 300 < written < 900
    with db.worker.transaction() as conn:
        owned = conn.execute("select count(*) from component where unit is not null").fetchone()
        again = add_components(db.settings, db.dsns.worker, path)
    assert owned is not None
    assert owned[0] > written / 2
    assert again == (written, 0)


def test_bad_rows_are_written_with_their_reason(db: Home, tmp_path: Path) -> None:
    path, errors = tmp_path / "a.csv", tmp_path / "bad.csv"
    path.write_text("编号,分类代码,经度,纬度\nx,0114,120.57,32.38\ny,9999,120.57,32.38\n", "utf-8")
    said: list[str] = []
    assert add_components(db.settings, db.dsns.worker, path, errors, said.append) == (1, 1)
    assert "3" in errors.read_text("utf-8-sig")
    assert "9999" in said[0]


def test_citizens_and_systems_read_none(db: Home) -> None:
    keep(db, component("a", "0114", 20))
    for role, seen in ((Role.DISPATCHER.value, 1), ("citizen", 0), ("channel", 0), ("gate", 0)):
        with db.app.transaction({"role": role}) as conn:
            assert store.count(conn) == seen, role
