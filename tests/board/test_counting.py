"""Incidents and reports are counted apart, whatever people merge and split."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.board.test_figures import figures
from tests.security.people import rows
from tests.security.scene import Scene, ok

pytestmark = pytest.mark.db


def test_a_merged_incident_is_none_and_its_reports_count_once(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    assert (figures(who)["incidents"], figures(who)["reports"]) == (5, 5)
    for other in ("quiet_incident", "waiting"):
        ok(
            who.post(
                f"/incidents/{ids['incident']}/merge", {"other": ids[other], "reason": "同一件"}
            )
        )
    assert (figures(who)["incidents"], figures(who)["reports"]) == (3, 5)
    today = ok(who.get("/figures/today"))
    assert sum(d["today"] for d in today["by_domain"]) == sum(today["hours"]) == 3
    body = {"reports": [ids["quiet"], ids["waiting_report"]], "reason": "不是一件"}
    ok(who.post(f"/incidents/{ids['incident']}/split", body))
    assert (figures(who)["incidents"], figures(who)["reports"]) == (4, 5)


def test_todays_reports_of_an_older_incident_count_today(scene: Scene) -> None:
    """Today's incident that is merged into yesterday's was still reported today."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    with scene.api.home.owner() as conn:
        conn.execute(
            "update incident set opened_at = opened_at - interval '1 day' where id = %s",
            (ids["incident"],),
        )
        conn.execute(
            "update report set received_at = received_at - interval '1 day' where id = %s",
            (ids["report"],),
        )
    body = {"other": ids["waiting"], "reason": "同一件"}
    ok(who.post(f"/incidents/{ids['incident']}/merge", body))
    assert (figures(who)["incidents"], figures(who)["reports"]) == (3, 4)


def test_an_order_that_made_way_counts_against_nobody(scene: Scene) -> None:
    """Withdrawn because two incidents were merged: it is no longer anybody's, not even as overdue."""
    ids, home = scene.rugao.ids, scene.api.home
    with home.owner() as conn:
        conn.execute(
            "update work_order set overdue = true, escalated = 2 where id = %s",
            (ids["sent_order"],),
        )
        conn.execute("update incident set overdue = true where id = %s", (ids["sent_incident"],))
    who, bureau = scene.rugao.people["dispatcher"], scene.rugao.people["bureau"]
    assert figures(who)["overdue"] == 1
    assert ok(bureau.get("/orders", params={"box": "overdue"}))["total"] == 1
    body = {"other": ids["sent_incident"], "reason": "同一件"}
    ok(who.post(f"/incidents/{ids['incident']}/merge", body))
    assert figures(who)["overdue"] == 0
    assert ok(bureau.get("/orders", params={"box": "overdue"}))["total"] == 0
    assert rows(
        home, "select withdrawn_for from work_order where id = %s", int(ids["sent_order"])
    ) == [(int(ids["incident"]),)]
    scene.api.clock.now += timedelta(minutes=1)
    ok(who.post(f"/incidents/{ids['incident']}/unmerge", {**body, "reason": "两件"}))
    assert figures(who)["overdue"] == 1
