"""Two incidents beside each other, and taking the answer to a suggestion back."""

from __future__ import annotations

from typing import Any

import pytest

from chengshu.kit.ids import new_id
from tests.security.people import rows
from tests.security.scene import Scene, ok

pytestmark = pytest.mark.db


def asked(scene: Scene) -> dict[str, Any]:
    """The open suggestions of the incident that waits, by id."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    return {s["id"]: s for s in ok(who.get(f"/incidents/{ids['waiting']}"))["suggestions"]}


def test_a_suggestion_shows_both_sides_with_marks_and_its_prior(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    found = ok(who.get(f"/suggestions/{ids['suggestion']}"))
    assert (found["suggestion"], found["state"]) == (ids["suggestion"], "open")
    assert [found[side]["incident"]["id"] for side in ("one", "other")] == [
        ids["waiting"],
        ids["other"],
    ]
    assert [r["id"] for r in found["one"]["reports"]] == [ids["waiting_report"]]
    assert (found["probability"], found["bits"], found["prior_bits"]) == (0.5, 0, 0)
    assert asked(scene)[ids["suggestion"]]["prior_bits"] == 0


def test_any_two_incidents_are_weighed_when_asked(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    found = ok(who.get(f"/incidents/{ids['incident']}/compare?other={ids['quiet_incident']}"))
    assert found["suggestion"] is None
    assert found["clues"]
    total = found["prior_bits"] + sum(clue["bits"] for clue in found["clues"])
    assert found["bits"] == pytest.approx(total, abs=0.05)
    assert found["one"]["incident"]["unit"] == "nt.rugao.cgj"
    town = [m for m in found["one"]["reports"][0]["place_marks"] if m["kind"] == "place"]
    assert town, "both lie in the same town, and say so"
    back = ok(who.get(f"/incidents/{ids['quiet_incident']}/compare?other={ids['incident']}"))
    assert back["clues"] == found["clues"], "whichever is asked first"
    itself = who.get(f"/incidents/{ids['incident']}/compare?other={ids['incident']}")
    assert itself.status_code == 422


def test_what_lies_over_the_border_is_not_compared(scene: Scene) -> None:
    mine, theirs, who = scene.rugao.ids, scene.haian.ids, scene.rugao.people["dispatcher"]
    for path in (
        f"/incidents/{mine['incident']}/compare?other={theirs['incident']}",
        f"/incidents/{theirs['incident']}/compare?other={mine['incident']}",
        f"/suggestions/{theirs['suggestion']}",
        f"/suggestions/{new_id()}",
    ):
        assert who.get(path).status_code == 404, path
    with scene.api.home.owner() as conn:
        conn.execute("update suggestion set other = %s where id = %s", (theirs["other"], mine["suggestion"]))  # fmt: skip
    path = f"/suggestions/{mine['suggestion']}"
    assert who.get(path).status_code == 404
    assert who.post(f"{path}/reopen", {}).status_code == 404


def test_a_refusal_is_taken_back(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    path = f"/suggestions/{ids['suggestion']}"
    assert who.post(f"{path}/reopen", {}).status_code == 409, "nobody answered it"
    ok(who.post(path, {"accept": False}))
    assert ids["suggestion"] not in asked(scene)
    ok(who.post(f"{path}/reopen", {}))
    assert ids["suggestion"] in asked(scene)
    assert scene.rugao.people["leader"].post(f"{path}/reopen", {}).status_code == 403


def test_a_merge_by_suggestion_is_taken_back_and_the_question_stands_again(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    path = f"/suggestions/{ids['suggestion']}"
    before = rows(scene.api.home, "select report, incident from membership order by report")
    ok(who.post(path, {"accept": True}))
    assert ok(who.get(f"/incidents/{ids['waiting']}"))["merged_into"] == ids["other"]
    ok(who.post(f"{path}/reopen", {"reason": "点错了"}))
    assert rows(scene.api.home, "select report, incident from membership order by report") == before
    back = ok(who.get(f"/incidents/{ids['waiting']}"))
    assert (back["stage"], back["merged_into"]) == ("received", None)
    assert ids["suggestion"] in asked(scene)


def test_undoing_the_merge_by_hand_opens_the_question_again(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    path, body = f"/suggestions/{ids['suggestion']}", {"other": ids["waiting"], "reason": "两件事"}
    ok(who.post(path, {"accept": True}))
    ok(who.post(f"/incidents/{ids['other']}/unmerge", body))
    assert ok(who.get(path))["state"] == "open"
    assert ids["suggestion"] in asked(scene)
    assert who.post(f"{path}/reopen", {}).status_code == 409, "it is open"
    ok(who.post(path, {"accept": False}))
    ok(who.post(f"/incidents/{ids['other']}/merge", body))
    ok(who.post(f"/incidents/{ids['other']}/unmerge", body))
    assert ok(who.get(path))["state"] == "refused", "a merge by hand did not come from it"


def test_what_has_ended_is_not_asked_about(scene: Scene) -> None:
    """Whichever side has ended, on either page; undoing brings the question back."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]

    def shown() -> set[str]:
        pages = [ok(who.get(f"/incidents/{ids[name]}")) for name in ("waiting", "other")]
        return {s["id"] for page in pages for s in page["suggestions"]}

    assert ids["suggestion"] in shown()
    merge = {"other": ids["other"], "reason": "同一件"}
    ok(who.post(f"/incidents/{ids['incident']}/merge", merge))
    assert ids["suggestion"] not in shown()
    ok(who.post(f"/incidents/{ids['incident']}/unmerge", merge))
    assert ids["suggestion"] in shown()
    ok(who.post(f"/incidents/{ids['waiting']}/void", {"reason": "重复录入作废"}))
    assert ids["suggestion"] not in shown()


def test_a_refusal_may_say_that_the_two_have_to_do_with_each_other(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    path = f"/suggestions/{ids['suggestion']}"
    ok(who.post(path, {"accept": False, "relate": True, "reason": "同一家店的两件事"}))
    (related,) = ok(who.get(f"/incidents/{ids['waiting']}"))["related"]
    assert (related["incident"]["id"], related["kind"], related["reason"]) == (
        ids["other"],
        "related",
        "同一家店的两件事",
    )
    assert ids["suggestion"] not in asked(scene)
