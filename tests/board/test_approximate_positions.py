"""On the map an incident without a position stands at its area's marker, and says so."""

from __future__ import annotations

import pytest

from tests.security.scene import RUGAO, Scene, ok


@pytest.mark.db
@pytest.mark.parametrize(
    ("area", "marked"),
    [
        (RUGAO.township, RUGAO.township),
        (RUGAO.township + 1001, RUGAO.township),  # a grid: its township's marker
        (RUGAO.county, RUGAO.county),
        (320600000000000, None),  # only the city is known: nowhere
    ],
)
def test_without_a_position_the_area_has_one(scene: Scene, area: int, marked: int | None) -> None:
    incident = scene.rugao.ids["waiting"]
    with scene.api.home.owner() as conn:
        conn.execute("update incident set lon = null, lat = null, area = %s where id = %s", (area, int(incident)))  # fmt: skip
    shown = ok(scene.city["dispatcher"].get("/incidents/map"))
    assert shown["columns"][-1] == "approximate"
    rows = {row[0]: dict(zip(shown["columns"], row, strict=True)) for row in shown["rows"]}
    assert shown["without_position"] == int(marked is None)
    if marked is None:
        assert incident not in rows
    else:
        place = next(a for a in scene.api.home.world.city.areas if a.code == marked)
        assert place.lon is not None
        assert place.lat is not None
        assert (rows[incident]["lon"], rows[incident]["lat"]) == (round(place.lon, 6), round(place.lat, 6))  # fmt: skip
        assert rows[incident]["approximate"] is True
    assert all(row["approximate"] is False for i, row in rows.items() if i != incident)
