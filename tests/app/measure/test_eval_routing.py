"""What the figures of `eval routing` count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chengshu.app.measure.eval_routing import cases, figures, router_of
from chengshu.dispatch.routing.wording import Power
from chengshu.drill import read_kinds
from tests.conftest import Home

pytestmark = pytest.mark.db


def test_a_city_is_lived_through_and_counted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengshu.app.measure.eval_drill._DAYS", 4)
    router = router_of(home.world)
    found = cases(
        home.worker, home.world, home.keyring, router, 62, read_kinds()[:20], lambda _: None
    )
    assert len(found) > 20
    assert all(case.unit in home.world.office.directory.units for case in found)
    got = figures(found, router, home.world)
    alone = sum(
        bool(p) and p[0].probability >= got["threshold"]
        for p in (router.propose(c.asked) for c in found)
    )
    assert got["alone_share"] == pytest.approx(alone / len(found))
    assert got["top3"] >= got["first_right"] >= got["alone_share"] * got["alone_right"]
    assert got["returns_per_order"] == pytest.approx(got["alone_share"] * (1 - got["alone_right"]))
    with home.owner() as conn:
        assert conn.execute("select count(*) from incident").fetchone() == (0,)  # nothing is kept


def test_what_is_wrong_counts_as_a_return(home: Home) -> None:
    router = router_of(home.world)
    found = cases(
        home.worker, home.world, home.keyring, router, 62, read_kinds()[:1], lambda _: None
    )
    wrong = [replace(case, unit="nt.dag", power=Power("档案馆", "city")) for case in found]
    got = figures(wrong, router, home.world)
    assert got["alone_right"] == got["first_right"] == 0
    assert got["returns_per_order"] == got["alone_share"]
