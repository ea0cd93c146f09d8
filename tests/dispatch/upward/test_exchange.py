"""A bureau's own system signs, returns, replies and compares by its key: its own unit's orders, each request once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chengshu.agencies.model import Role
from tests.security.people import Someone, person, rows, system
from tests.security.scene import Scene, ok

pytestmark = pytest.mark.db


def bound(scene: Scene, unit: str) -> Someone:
    """A key of a unit's own system."""
    who = system(scene.api, "other")
    assert who.scope is not None
    number = who.scope.source.removeprefix("key:")
    admin = person(scene.api, Role.SECURITY_ADMIN, "nt")
    assert admin.post(f"/admin/credentials/{number}/unit", {"unit": unit}).status_code == 204
    return who


def act(who: Someone, order: str, verb: str, number: str, **more: Any) -> Any:
    return who.post(f"/exchange/orders/{order}/{verb}", {"number": number, **more})


def test_its_own_orders_without_whoever_reported_them(scene: Scene) -> None:
    who = bound(scene, "nt.rugao.cgj")
    answer = who.get("/exchange/orders")
    assert {o["id"] for o in ok(answer)} == {
        str(r[0]) for r in rows(scene.api.home, "select id from work_order where unit = 'nt.rugao.cgj'")}  # fmt: skip
    for mark in (*scene.haian.marks(), "13911110001", "臧"):
        assert mark not in answer.text
    assert who.get(f"/exchange/orders/{scene.haian.ids['order']}").status_code == 404
    assert act(who, scene.haian.ids["order"], "sign", "n1").status_code == 404


def test_a_key_of_no_unit_has_no_orders(scene: Scene) -> None:
    stranger = system(scene.api, "other")
    assert stranger.get("/exchange/orders").status_code == 403
    assert Someone(scene.api).get("/exchange/orders").status_code == 401
    assert scene.rugao.people["dispatcher"].get("/exchange/orders").status_code == 401
    for who in ("system_admin", "audit_admin", "dispatcher"):
        assert scene.city[who].post("/admin/credentials/1/unit", {"unit": "nt"}).status_code == 403


def test_signed_and_answered_and_a_repetition_changes_nothing(scene: Scene) -> None:
    who, order = bound(scene, "nt.rugao.cgj"), scene.rugao.ids["sent_order"]
    first = ok(act(who, order, "sign", "OA-1"))
    assert first["stage"] == "signed"
    scene.api.clock.now = scene.api.clock.now.replace(minute=59)
    assert ok(act(who, order, "sign", "OA-1")) == first
    assert act(who, order, "reply", "OA-1", words="已清运垃圾两车").status_code == 409, (
        "the number is taken"
    )
    assert act(who, order, "reply", "OA-2", words="情况属实，已处理").status_code == 422
    bare = act(who, order, "reply", "OA-2", words="已清运垃圾两车")
    assert bare.status_code == 422, "what is handled on the spot needs a photo or a document"
    done = ok(
        act(who, order, "reply", "OA-3", words="已清运垃圾两车", document="城管函〔2026〕3号")
    )
    assert done["stage"] == "handled"
    assert (
        ok(act(who, order, "reply", "OA-3", words="已清运垃圾两车", document="城管函〔2026〕3号"))
        == done
    )
    assert act(who, order, "reply", "OA-3", words="已清运垃圾三车").status_code == 409
    steps = rows(scene.api.home, "select verb, actor, account from step where work_order = %s and actor = '系统' "
                 "and unit = 'nt.rugao.cgj' order by id", int(order))  # fmt: skip
    assert steps == [("sign", "系统", None), ("handle", "系统", None)]


def test_one_request_sent_six_times_at_once_is_done_once(scene: Scene) -> None:
    who, order = bound(scene, "nt.rugao.cgj"), scene.rugao.ids["sent_order"]
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: ok(act(who, order, "sign", "OA-1")), range(6)))
    assert len({str(t) for t in told}) == 1
    assert rows(
        scene.api.home,
        "select count(*) from step where work_order = %s and verb = 'sign'",
        int(order),
    ) == [(1,)]


def test_handed_back_once_by_the_system_then_by_a_person(scene: Scene) -> None:
    who, ids = bound(scene, "nt.rugao.cgj"), scene.rugao.ids
    body = {"words": "管线不是我们的", "reason_code": "not_my_matter"}
    assert ok(act(who, ids["sent_order"], "return", "OA-1", **body))["stage"] == "returned"
    desk = scene.rugao.people["dispatcher"]
    slj = ok(desk.post(f"/incidents/{ids['sent_incident']}/assign", {"unit": "nt.rugao.slj"}))[
        "orders"
    ][-1]["id"]
    refused = act(bound(scene, "nt.rugao.slj"), slj, "return", "OA-2", **body)
    assert refused.status_code == 409
    assert "由人" in refused.json()["detail"]


def test_a_confidential_order_is_not_the_systems(scene: Scene) -> None:
    who, ids = bound(scene, "nt.rugao.cgj"), scene.rugao.ids
    before = len(ok(who.get("/exchange/orders")))
    ok(
        scene.rugao.people["dispatcher"].post(
            f"/incidents/{ids['sent_incident']}/kind", {"kind": "confidential"}
        )
    )
    assert len(ok(who.get("/exchange/orders"))) == before - 1
    assert act(who, ids["sent_order"], "sign", "OA-1").status_code == 404


def test_a_day_is_compared(scene: Scene) -> None:
    who = bound(scene, "nt.rugao.cgj")
    ours = [{"number": o["number"], "stage": o["stage"]} for o in ok(who.get("/exchange/orders"))]
    day = {"day": "2026-07-14", "orders": ours}
    assert ok(who.post("/exchange/reconcile", day))["differences"] == []
    wrong = [
        {**ours[0], "stage": "closed"},
        *ours[1:-1],
        {"number": "unknown-1", "stage": "signed"},
    ]
    found = ok(who.post("/exchange/reconcile", {"day": "2026-07-14", "orders": wrong}))
    assert {(d["number"], d["theirs"]) for d in found["differences"]} == {
        (ours[0]["number"], "closed"), ("unknown-1", "signed"), (ours[-1]["number"], None)}  # fmt: skip
    assert (
        who.post("/exchange/reconcile", {"day": "2026-07-14", "orders": ours[:1] * 2}).status_code
        == 422
    )
    (kept,) = ok(scene.rugao.people["dispatcher"].get("/reconciliations"))
    assert (kept["party"], len(kept["differences"])) == ("nt.rugao.cgj", 3)
    assert ok(person(scene.api, Role.DISPATCHER, "nt.haian").get("/reconciliations")) == []
