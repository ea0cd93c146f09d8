"""Incidents that have to do with each other and are not the same."""

from __future__ import annotations

from typing import Any

import pytest

from chengshu.incidents.model import Stage
from tests.security.people import Someone, rows
from tests.security.scene import Scene, ok

pytestmark = pytest.mark.db
_WHY = {"reason": "同一家公司的两处工地"}


def _related(who: Someone, incident: str) -> list[tuple[Any, ...]]:
    found = ok(who.get(f"/incidents/{incident}"))["related"]
    return [(r["incident"]["id"], r["kind"], r["reason"]) for r in found]


def test_a_person_links_two_and_both_show_it(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    one, other = ids["incident"], ids["waiting"]
    before = rows(scene.api.home, "select incident, report from membership order by report")
    ok(who.post(f"/incidents/{one}/relate", {"other": other, **_WHY}))
    assert _related(who, one) == [(other, "related", _WHY["reason"])]
    assert _related(who, other) == [(one, "related", _WHY["reason"])]
    for incident in (one, other):
        assert ok(who.get(f"/incidents/{incident}"))["steps"][-1]["verb"] == "relate"
    assert rows(scene.api.home, "select incident, report from membership order by report") == before
    again = who.post(f"/incidents/{other}/relate", {"other": one, **_WHY})
    assert again.status_code == 409
    ok(who.post(f"/incidents/{other}/unrelate", {"other": one, "reason": "没有关系"}))
    assert _related(who, one) == _related(who, other) == []
    assert who.post(f"/incidents/{one}/unrelate", {"other": other}).status_code == 409


def test_what_cannot_be_linked(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    one = ids["incident"]
    assert who.post(f"/incidents/{one}/relate", {"other": one, **_WHY}).status_code == 422
    assert who.post(f"/incidents/{one}/relate", {"other": ids["waiting"], "reason": ""}).status_code == 422  # fmt: skip
    foreign = who.post(f"/incidents/{one}/relate", {"other": scene.haian.ids["incident"], **_WHY})
    assert foreign.status_code == 404
    ok(who.post(f"/incidents/{one}/merge", {"other": ids["waiting"], "reason": "同一件事"}))
    merged = who.post(f"/incidents/{ids['other']}/relate", {"other": ids["waiting"], **_WHY})
    assert merged.status_code == 409
    for name in ("bureau", "analyst", "leader"):
        refused = scene.rugao.people[name].post(f"/incidents/{one}/relate", {"other": ids["other"], **_WHY})  # fmt: skip
        assert refused.status_code == 403


def test_a_link_across_the_border_shows_to_whoever_sees_both(scene: Scene) -> None:
    ours, theirs = scene.rugao.ids["incident"], scene.haian.ids["incident"]
    city = scene.city["dispatcher"]
    ok(city.post(f"/incidents/{ours}/relate", {"other": theirs, **_WHY}))
    assert _related(city, ours) == [(theirs, "related", _WHY["reason"])]
    for name in ("dispatcher", "bureau"):
        seen = ok(scene.rugao.people[name].get(f"/incidents/{ours}"))
        assert seen["related"] == []
        assert theirs not in str(seen)


def test_a_recurrence_is_shown_on_both_sides(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    with scene.api.home.owner() as conn:
        conn.execute("update incident set stage = %s, closed_at = opened_at where id = %s",
                     (Stage.CLOSED, int(ids["other"])))  # fmt: skip
        conn.execute("update incident set recurrence_of = %s where id = %s",
                     (int(ids["other"]), int(ids["waiting"])))  # fmt: skip
    assert (ids["other"], "recurrence", "办结后再次发生") in _related(who, ids["waiting"])
    assert (ids["waiting"], "recurrence", "办结后再次发生") in _related(who, ids["other"])
