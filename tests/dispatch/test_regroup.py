"""Merging by a person, and the way back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengshu.agencies.model import Role
from chengshu.dispatch.workflow import Verb
from tests.conftest import NOW, Home
from tests.dispatch.test_verbs import do
from tests.security import people
from tests.security.people import Api, rows
from tests.security.scene import RUGAO, Scene, file, incident_of, ok, upload

pytestmark = pytest.mark.db

_STATE = (
    "select to_jsonb(i) - 'changed_at' from incident i where id <> all(%s) order by id",
    "select to_jsonb(o) - 'changed_at' from work_order o where incident <> all(%s) order by id",
    "select to_jsonb(m) from membership m where incident <> all(%s) order by report",
    "select to_jsonb(p) from profile p where incident <> all(%s) order by incident",
    "select to_jsonb(p) from posting p where incident <> all(%s) order by 1",
    "select to_jsonb(w) from word w where incident <> all(%s) order by 1",
)


def state(home: Home, but: Collection[int] = ()) -> list[list[tuple[Any, ...]]]:
    """Everything but history, notices and changed_at; `but` for these incidents."""
    return [rows(home, query, list(but)) for query in _STATE]


def test_a_merge_withdraws_live_orders_and_its_undoing_gives_them_back(scene: Scene) -> None:
    """Stage, timer and clocks are as they were; the order counted against nobody meanwhile."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead, other = ids["incident"], ids["sent_incident"]
    before = state(scene.api.home)
    ok(who.post(f"/incidents/{lead}/merge", {"other": other, "reason": "同一家厂"}))
    merged = ok(who.get(f"/incidents/{other}"))
    assert (merged["stage"], merged["merged_into"], merged["report_list"]) == ("merged", lead, [])
    assert [o["stage"] for o in merged["orders"]] == ["withdrawn"]
    assert rows(
        scene.api.home, "select withdrawn_for from work_order where stage = 'withdrawn'"
    ) == [(int(lead),)]
    leading = ok(who.get(f"/incidents/{lead}"))
    assert {r["id"] for r in leading["report_list"]} == {ids["report"], ids["sent"]}
    assert leading["reports"] == 2
    assert "不计考核" in scene.rugao.people["bureau"].get("/notices").text
    again = who.post(f"/incidents/{lead}/merge", {"other": other, "reason": "再来"})
    assert again.status_code == 409
    assert "已并入" in again.json()["detail"]
    ok(who.post(f"/incidents/{lead}/unmerge", {"other": other, "reason": "两家厂"}))
    assert state(scene.api.home) == before
    gone = who.post(f"/incidents/{lead}/unmerge", {"other": other, "reason": "再来"})
    assert gone.status_code == 409


def test_what_was_reported_back_leads(scene: Scene) -> None:
    """The work that is further goes on, under its own number and with its evidence; the less advanced makes way."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    lead, other = ids["incident"], ids["quiet_incident"]
    before = state(scene.api.home)
    ok(who.post(f"/incidents/{lead}/merge", {"other": other, "reason": "同一家厂"}))
    assert {o["id"]: o["stage"] for o in ok(who.get(f"/incidents/{lead}"))["orders"]} == {
        ids["order"]: "withdrawn", ids["quiet_order"]: "handled"}  # fmt: skip
    proof = ok(scene.rugao.people["bureau"].get(f"/orders/{ids['quiet_order']}"))
    assert [a["id"] for a in proof["attachments"]] == [ids["proof"]]
    assert proof["reports"] == 2
    verbs = [
        s["verb"]
        for s in ok(who.get(f"/incidents/{lead}"))["steps"]
        if s["order"] == ids["quiet_order"]
    ]
    assert "handle" in verbs  # its history came with it
    ok(who.post(f"/incidents/{lead}/unmerge", {"other": other, "reason": "两家厂"}))
    assert state(scene.api.home) == before


def test_danger_that_came_with_a_merge_goes_with_it(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    burning = file(
        scene.rugao.people["call_taker"],
        RUGAO,
        "仓库着火了,有人被困在里面",
        said_at="2026-07-11T08:00:00+08:00",
    )
    scene.api.work()
    other = incident_of(scene.api, burning)
    ok(who.post(f"/incidents/{ids['waiting']}/merge", {"other": other, "reason": "同一处"}))
    assert ok(who.get(f"/incidents/{ids['waiting']}"))["danger"] is True
    ok(who.post(f"/incidents/{ids['waiting']}/unmerge", {"other": other, "reason": "不同处"}))
    assert ok(who.get(f"/incidents/{ids['waiting']}"))["danger"] is False
    assert ok(who.get(f"/incidents/{other}"))["danger"] is True


def test_an_overdue_incident_is_overdue_again(scene: Scene) -> None:
    ids, who, home = scene.rugao.ids, scene.rugao.people["dispatcher"], scene.api.home
    with home.owner() as conn:
        conn.execute("update incident set overdue = true where id = %s", (ids["incident"],))
    ok(
        who.post(
            f"/incidents/{ids['waiting']}/merge", {"other": ids["incident"], "reason": "同一处"}
        )
    )
    ok(
        who.post(
            f"/incidents/{ids['waiting']}/unmerge", {"other": ids["incident"], "reason": "不同处"}
        )
    )
    assert rows(home, "select overdue from incident where id = %s", int(ids["incident"])) == [
        (True,)
    ]


def test_the_other_county_never_hears_whom_its_incident_was_merged_with(scene: Scene) -> None:
    """The city merges across the border: a bureau that keeps its withdrawn order sees no id of the other side."""
    ids, theirs = scene.rugao.ids, scene.haian.ids
    ok(
        scene.city["dispatcher"].post(
            f"/incidents/{theirs['incident']}/merge", {"other": ids["incident"], "reason": "同一事"}
        )
    )
    for name in ("bureau", "dispatcher"):
        seen = ok(scene.rugao.people[name].get(f"/incidents/{ids['incident']}"))
        assert seen["stage"] == "merged"
        assert seen["merged_into"] is None
        assert theirs["incident"] not in str(seen)
    assert (
        ok(scene.city["dispatcher"].get(f"/incidents/{ids['incident']}"))["merged_into"]
        == theirs["incident"]
    )


def test_a_confidential_reporter_stays_hidden_through_a_merge(scene: Scene) -> None:
    """The bureau sees the words of a confidential report that was merged in, never the person."""
    ids, who = scene.rugao.ids, scene.rugao.people
    ok(
        who["dispatcher"].post(
            f"/incidents/{ids['incident']}/merge",
            {"other": ids["quiet_incident"], "reason": "同一家"},
        )
    )
    masked = {
        r["id"]: r["reporter_masked"]
        for r in ok(who["bureau"].get(f"/incidents/{ids['incident']}"))["report_list"]
    }
    assert masked == {ids["report"]: "臧** 139****0001", ids["quiet"]: ""}
    assert ok(who["dispatcher"].get(f"/incidents/{ids['incident']}"))["report_list"][0][
        "reporter_masked"
    ]
    purpose = {"purpose": "回访核实情况"}
    assert who["bureau"].post(f"/reports/{ids['quiet']}/reveal", purpose).status_code == 404
    assert (
        ok(who["bureau"].post(f"/reports/{ids['report']}/reveal", purpose))["phone"] == RUGAO.phone
    )
    assert (
        ok(who["call_taker"].post(f"/reports/{ids['quiet']}/reveal", purpose))["phone"]
        == RUGAO.phone
    )
    for name in ("analyst", "leader", "grid_worker"):
        assert who[name].post(f"/reports/{ids['report']}/reveal", purpose).status_code == 403
    assert (
        who["dispatcher"].post(f"/reports/{ids['other_report']}/reveal", purpose).status_code == 404
    )  # anonymous


def test_name_and_telephone_cannot_be_searched(scene: Scene) -> None:
    for words in (RUGAO.phone, RUGAO.phone[-4:], f"{RUGAO.surname}小姐", RUGAO.surname + "小"):
        for who in (
            scene.rugao.people["dispatcher"],
            scene.rugao.people["bureau"],
            scene.city["dispatcher"],
        ):
            found = ok(who.get("/incidents", params={"q": words}))
            assert words in ("臧小", "臧小姐") or found["items"] == []
            assert RUGAO.phone not in str(found)


def test_splitting_gives_the_report_an_incident_of_its_own(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    ok(
        who.post(
            f"/incidents/{ids['incident']}/merge", {"other": ids["waiting"], "reason": "同一处"}
        )
    )
    fresh = ok(
        who.post(
            f"/incidents/{ids['incident']}/split",
            {"report": ids["waiting_report"], "reason": "不是一件"},
        )
    )
    assert [r["id"] for r in fresh["report_list"]] == [ids["waiting_report"]]
    assert fresh["stage"] == "received"
    assert fresh["proposals"]
    alone = who.post(
        f"/incidents/{fresh['id']}/split", {"report": ids["waiting_report"], "reason": "再拆"}
    )
    assert alone.status_code == 409


def test_a_foreign_report_is_not_split_off_by_those_who_could_not_see_what_came_of_it(
    scene: Scene,
) -> None:
    ids, theirs = scene.rugao.ids, scene.haian.ids
    ok(
        scene.city["dispatcher"].post(
            f"/incidents/{ids['incident']}/merge", {"other": theirs["waiting"], "reason": "误合"}
        )
    )
    body = {"report": theirs["waiting_report"], "reason": "不是一件"}
    assert (
        scene.rugao.people["dispatcher"]
        .post(f"/incidents/{ids['incident']}/split", body)
        .status_code
        == 403
    )
    ok(scene.city["dispatcher"].post(f"/incidents/{ids['incident']}/split", body))


WORK: tuple[tuple[str, ...], ...] = (
    (),
    ("assign",),
    ("assign", Verb.SIGN),
    ("assign", Verb.SIGN, Verb.HANDLE),
    ("assign", Verb.SIGN, Verb.HANDLE, Verb.ACCEPT),
    ("assign", Verb.RETURN),
    ("assign", Verb.WITHDRAW),
)
TEXTS = ("路灯坏了三盏晚上漆黑", "井盖丢了有人摔伤", "垃圾成堆没人清运", "楼道里堆满杂物", "工地半夜施工噪音", "小区停水两天",
         "燃气泄漏味道很大", "公交车总是脱班")  # fmt: skip


def test_merge_then_unmerge_leaves_everything_as_it_was(home: Home) -> None:
    """Apart from history and changed_at."""

    @settings(max_examples=6, deadline=None)
    @given(
        texts=st.lists(st.sampled_from(TEXTS), min_size=3, max_size=6, unique=True),
        order=st.permutations(range(6)),
        done=st.tuples(st.sampled_from(WORK), st.sampled_from(WORK)),
    )
    def holds(
        texts: list[str], order: list[int], done: tuple[tuple[str, ...], tuple[str, ...]]
    ) -> None:
        home.empty()
        api = people.make_api(home, NOW)
        desk, dispatcher = (
            people.person(api, Role.CALL_TAKER, "nt.rugao"),
            people.person(api, Role.DISPATCHER, "nt.rugao"),
        )
        for n, text in enumerate(texts):
            file(desk, RUGAO, text, said_at=f"2026-07-{10 + n % 3}T08:00:00+08:00")
        api.work()
        found = [str(r[0]) for r in rows(home, "select id from incident order by id")]
        if len(found) < 2:
            return
        lead, other = [found[n] for n in order if n < len(found)][:2]
        for incident, steps in zip((lead, other), done, strict=True):
            _work_on(api, incident, steps)
        start = state(home)
        assert _there_and_back(api, dispatcher, lead, other) == start

    holds()


def _work_on(api: Api, incident: str, steps: tuple[str, ...]) -> None:
    dispatcher = people.person(api, Role.DISPATCHER, "nt.rugao")
    bureau = people.person(api, Role.HANDLER, "nt.rugao.slj")
    order = ""
    for step in steps:
        if step == "assign":
            orders = ok(dispatcher.post(f"/incidents/{incident}/assign", {"unit": "nt.rugao.slj"}))[
                "orders"
            ]
            order = next(o["id"] for o in orders if o["unit"] == "nt.rugao.slj")
        else:
            who = dispatcher if step in (Verb.ACCEPT, Verb.WITHDRAW) else bureau
            ok(do(who, Verb(step), order))


def _there_and_back(
    api: Api, who: people.Someone, lead: str, other: str
) -> list[list[tuple[Any, ...]]]:
    ok(who.post(f"/incidents/{lead}/merge", {"other": other, "reason": "同一件事"}))
    ok(who.post(f"/incidents/{lead}/unmerge", {"other": other, "reason": "不是一件"}))
    return state(api.home)


def test_evidence_of_a_reply_is_the_handlers_own(scene: Scene) -> None:
    """Another unit's upload cannot be passed off as one's own."""
    ids, who = scene.rugao.ids, scene.rugao.people
    foreign = upload(who["neighbour"])
    answer = who["bureau"].post(
        f"/orders/{ids['order']}/handle", {"reply": "已经派人处理", "attachments": [foreign]}
    )
    assert answer.status_code == 422
    assert (
        ok(who["bureau"].get(f"/orders/{ids['order']}"))["stage"] == "signed"
    )  # nothing half done
