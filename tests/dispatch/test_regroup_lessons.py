"""What people do with incidents becomes answers that merging can learn from; the last word counts."""

from __future__ import annotations

from typing import Any

import pytest

from chengshu.incidents.refit import store
from chengshu.incidents.refit.model import Comparison, Kept
from tests.conftest import NOW
from tests.security.people import rows
from tests.security.scene import Scene, ok

pytestmark = pytest.mark.db

KEPT = {"title": 0.4, "site_same": 1.0}


def said(
    scene: Scene, columns: str = "kind, same, fresh, withdrawn_at is null"
) -> list[tuple[Any, ...]]:
    return rows(scene.api.home, f"select {columns} from merging_answer order by id")


def keep(scene: Scene, report: str, incident: str, home: str, kind: Kept = Kept.BESIDE) -> None:
    """What merging measured when it decided."""
    with scene.api.home.worker.transaction() as conn:
        found = Comparison(int(report), int(incident), int(home), kind, KEPT, 0.7, 3)
        store.keep(conn, [found], NOW)


def test_a_refused_suggestion_says_two_and_taking_it_back_says_nothing(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    keep(scene, ids["waiting_report"], ids["other"], ids["waiting"])
    path = f"/suggestions/{ids['suggestion']}"
    ok(who.post(path, {"accept": False, "relate": True}))
    assert said(scene) == [("refused", False, False, True)]
    assert said(scene, "report, measured, version, weight, account, at") == [
        (
            int(ids["waiting_report"]),
            KEPT,
            3,
            1.0,
            who.account.id if who.account else None,
            scene.api.clock.now,
        )
    ]
    ok(who.post(f"{path}/reopen", {}))
    assert said(scene) == [("refused", False, False, False)]


def test_an_accepted_suggestion_says_one_and_undoing_says_two(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    ok(who.post(f"/suggestions/{ids['suggestion']}", {"accept": True}))
    assert said(scene) == [("accepted", True, True, True)]
    measured = said(scene, "measured")[0][0]
    assert measured["same_town"] == 1, "measured when it was said, because nothing had been kept"
    body = {"other": ids["waiting"], "reason": "不是一件事"}
    ok(who.post(f"/incidents/{ids['other']}/unmerge", body))
    assert said(scene) == [("accepted", True, True, False), ("unmerged", False, True, True)]
    assert said(scene, "measured")[1][0] == measured


def test_reopening_an_accepted_suggestion_leaves_nothing_said(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    path = f"/suggestions/{ids['suggestion']}"
    ok(who.post(path, {"accept": True}))
    ok(who.post(f"{path}/reopen", {"reason": "点错了"}))
    assert all(not stands for *_, stands in said(scene))


def test_a_split_says_that_the_report_should_not_have_joined(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    with scene.api.home.owner() as conn:  # as if it had been compared with nothing before
        conn.execute("delete from comparison")
    lead, other = ids["incident"], ids["sent_incident"]
    ok(who.post(f"/incidents/{lead}/merge", {"other": other, "reason": "同一家厂"}))
    assert said(scene, "kind, same, withdrawn_at is null") == [("merged", True, True)]
    keep(scene, ids["sent"], lead, lead, Kept.JOINED)
    fresh = ok(who.post(f"/incidents/{lead}/split", {"report": ids["sent"], "reason": "另一家"}))["id"]  # fmt: skip
    assert said(scene, "kind, same, fresh, report, withdrawn_at is null") == [
        ("merged", True, True, None, False),  # it moved just this report, and so was wrong
        ("split", False, False, int(ids["sent"]), True),
    ]
    ok(who.post(f"/incidents/{fresh}/unsplit", {"other": lead, "reason": "还是一家"}))
    assert said(scene, "kind, same, report, withdrawn_at is null")[1:] == [
        ("split", False, int(ids["sent"]), False),
        ("unsplit", True, int(ids["sent"]), True),
    ]


def test_a_split_of_what_nothing_was_kept_of_is_measured_now(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead, other = ids["incident"], ids["sent_incident"]
    ok(who.post(f"/incidents/{lead}/merge", {"other": other, "reason": "同一家厂"}))
    ok(who.post(f"/incidents/{lead}/split", {"report": ids["sent"], "reason": "另一家"}))
    (kind, same, fresh, stands) = said(scene)[-1]
    assert (kind, same, fresh, stands) == ("split", False, True, True)
    assert said(scene, "measured")[-1][0]


def test_merging_what_was_split_off_takes_the_split_back(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    merge = {"other": ids["sent_incident"], "reason": "同一家厂"}
    ok(who.post(f"/incidents/{ids['incident']}/merge", merge))
    split = {"report": ids["sent"], "reason": "另一家"}
    fresh = ok(who.post(f"/incidents/{ids['incident']}/split", split))["id"]
    ok(who.post(f"/incidents/{ids['incident']}/merge", {"other": fresh, "reason": "是一家"}))
    standing = rows(scene.api.home, "select kind from merging_answer where withdrawn_at is null")
    assert standing == [("merged",)]


def test_an_answer_is_seen_only_by_who_sees_both(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    ok(who.post(f"/suggestions/{ids['suggestion']}", {"accept": False}))
    keep(scene, ids["waiting_report"], ids["other"], ids["waiting"])
    ours = [int(ids["waiting"]), int(ids["other"])]
    for county, seen in ((scene.rugao, 1), (scene.haian, 0)):
        scope = county.people["dispatcher"].scope
        assert scope is not None
        with scene.api.home.app.transaction(scope.settings()) as conn:
            for table, column in (("merging_answer", "one"), ("comparison", "home")):
                found = conn.execute(
                    f"select count(*) from {table} where {column} = any(%s)", (ours,)
                )
                assert found.fetchone() == (seen,)
