"""An order inside its unit, over HTTP: passed on, spoken about, answered, sent back, signed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from tests.conftest import NOW, Home
from tests.security.people import Api, Someone, forget_grids, make_api, person, rows
from tests.security.scene import RUGAO, file, incident_of, ok, upload

pytestmark = pytest.mark.db
UNIT = "nt.rugao.cgj"
REPLY = "已更换损坏的路灯两盏，恢复照明"


@dataclass
class Bureau:
    """The city management of 如皋 and who works there."""

    api: Api
    desk: Someone
    liaison: Someone
    worker: Someone
    head: Someone
    admin: Someone

    def order(self, text: str = "白蒲镇老街路灯坏了两盏") -> tuple[str, str]:
        report = file(self.desk_clerk(), RUGAO, text)
        self.api.work()
        incident = incident_of(self.api, report)
        found = ok(self.desk.get(f"/incidents/{incident}"))
        live = [o for o in found["orders"] if o["unit"] == UNIT]
        if not live:
            live = ok(self.desk.post(f"/incidents/{incident}/assign", {"unit": UNIT}))["orders"]
        order = next(o["id"] for o in live if o["unit"] == UNIT)
        return incident, str(order)

    def desk_clerk(self) -> Someone:
        return person(self.api, Role.CALL_TAKER, "nt.rugao")

    def post(self, who: Someone, post: str, on: bool = True) -> Any:
        return self.admin.post(
            f"/units/{UNIT}/posts", {"account": id_of(who), "post": post, "on": on}
        )

    def tick(self, by: timedelta = timedelta()) -> None:
        self.api.clock.now += by
        pipeline.handle_contacts(self.api.home.worker, self.api.home.world, self.api.clock.now)


def id_of(who: Someone) -> str:
    assert who.account is not None
    return str(who.account.id)


@pytest.fixture
def bureau(db: Home) -> Any:
    api = make_api(db, NOW.replace(hour=2, minute=0))  # ten in the morning, a Tuesday
    roles = ((Role.DISPATCHER, "nt.rugao"), (Role.HANDLER, UNIT), (Role.HANDLER, UNIT), (Role.LEADER, UNIT),
             (Role.SYSTEM_ADMIN, "nt"))  # fmt: skip
    yield Bureau(api, *(person(api, role, unit) for role, unit in roles))
    forget_grids(db)


def said(answer: Any) -> str:
    return str(answer.json()["detail"])


def proved(who: Someone) -> dict[str, object]:
    """A reply with a picture of her own: street lights are mended on the spot."""
    return {"reply": REPLY, "attachments": [upload(who)]}


def test_from_the_liaison_to_the_signed_reply(bureau: Bureau) -> None:
    ok(bureau.post(bureau.liaison, "liaison"))
    ok(bureau.post(bureau.head, "head"))
    _, order = bureau.order()
    refused = bureau.worker.post(
        f"/orders/{order}/pass-on", {"section": "市容科", "account": id_of(bureau.worker)}
    )
    assert (refused.status_code, said(refused)) == (403, "本单位由联络员交办")
    ok(bureau.liaison.post(f"/orders/{order}/sign"))
    done = ok(
        bureau.liaison.post(
            f"/orders/{order}/pass-on", {"section": "市容科", "account": id_of(bureau.worker)}
        )
    )
    assert (done["handling"]["section"], done["handling"]["mine"]) == ("市容科", False)
    (mine,) = ok(bureau.worker.get("/inside/orders"))
    assert (mine["order"], mine["handling"]["mine"], mine["signs"]) == (order, True, True)
    direct = bureau.worker.post(f"/orders/{order}/handle", {"reply": REPLY})
    assert (direct.status_code, said(direct)) == (409, "本单位的答复须经审签，请送审")
    empty = bureau.worker.post(f"/orders/{order}/submit", {"reply": "情况属实，已处理。"})
    assert (empty.status_code, said(empty)) == (422, "答复没有实质内容，请写明查到了什么、做了什么")
    photo = upload(bureau.worker)
    sent = ok(
        bureau.worker.post(
            f"/orders/{order}/submit", {"reply": "已到现场看过了", "attachments": [photo]}
        )
    )
    assert sent["draft"]["state"] == "waiting"
    assert bureau.worker.post(f"/orders/{order}/submit", {"reply": REPLY}).status_code == 409
    assert bureau.worker.post(f"/orders/{order}/countersign", {"agree": True}).status_code == 403
    assert bureau.head.post(f"/orders/{order}/countersign", {"agree": False}).status_code == 422
    back = ok(
        bureau.head.post(
            f"/orders/{order}/countersign", {"agree": False, "remark": "没有写修了几盏"}
        )
    )
    assert (back["draft"]["state"], back["draft"]["remark"]) == ("sent_back", "没有写修了几盏")
    ok(bureau.worker.post(f"/orders/{order}/submit", {"reply": REPLY}))
    ok(bureau.head.post(f"/orders/{order}/countersign", {"agree": True}))
    seen = ok(bureau.desk.get(f"/orders/{order}"))
    assert (seen["stage"], seen["reply"]) == ("handled", REPLY)
    assert [a["id"] for a in seen["attachments"]] == [photo]
    verbs = [s["verb"] for s in seen["incident_detail"]["steps"] if s["order"] == order]
    assert verbs[-7:] == [
        "sign",
        "pass_on",
        "submit",
        "send_back",
        "submit",
        "countersign",
        "handle",
    ]


def test_a_unit_without_a_head_reports_back_at_once(bureau: Bureau) -> None:
    _, order = bureau.order()
    ok(bureau.worker.post(f"/orders/{order}/sign"))
    assert bureau.worker.post(f"/orders/{order}/submit", {"reply": REPLY}).status_code == 409
    nothing = bureau.worker.post(f"/orders/{order}/handle", {"reply": "已处理！已处理！"})
    assert nothing.status_code == 422
    done = bureau.worker.post(f"/orders/{order}/handle", proved(bureau.worker))
    assert ok(done)["stage"] == "handled"


def test_what_one_has_another_does_not_answer(bureau: Bureau) -> None:
    _, order = bureau.order()
    other = person(bureau.api, Role.HANDLER, UNIT)
    ok(bureau.worker.post(f"/orders/{order}/sign"))
    ok(
        bureau.worker.post(
            f"/orders/{order}/pass-on", {"section": "亮化科", "account": id_of(bureau.worker)}
        )
    )
    refused = other.post(f"/orders/{order}/handle", {"reply": REPLY})
    assert refused.status_code == 403
    assert "经办" in said(refused)
    ok(other.post(f"/orders/{order}/pass-on", {"section": "督查科", "account": id_of(other)}))
    assert ok(other.get(f"/orders/{order}/inside"))["handling"]["mine"]
    assert ok(other.post(f"/orders/{order}/handle", proved(other)))["stage"] == "handled"
    ended = rows(
        bureau.api.home,
        "select count(*), count(ended_at) from handling where work_order = %s",
        int(order),
    )
    assert ended == [(2, 1)]


def test_nobody_outside_the_unit_passes_on_signs_or_speaks(bureau: Bureau) -> None:
    _, order = bureau.order()
    ok(bureau.post(bureau.head, "head"))
    stranger, neighbour = (
        person(bureau.api, Role.HANDLER, "nt.haian.cgj"),
        person(bureau.api, Role.HANDLER, "nt.rugao.slj"),
    )
    centre = person(bureau.api, Role.LEADER, "nt.rugao")
    acts: list[tuple[str, dict[str, object]]] = [
        ("pass-on", {"section": "市容科", "account": id_of(bureau.worker)}), ("countersign", {"agree": True}),
        ("first-contact", {"way": "phone", "reached": True, "words": "已电话说明情况"}),
    ]  # fmt: skip
    for act, body in acts:
        for who in (stranger, neighbour):
            assert who.post(f"/orders/{order}/{act}", body).status_code == 404, act
        assert centre.post(f"/orders/{order}/{act}", body).status_code == 403, act
    outside = bureau.liaison.post(
        f"/orders/{order}/pass-on", {"section": "市容科", "account": id_of(neighbour)}
    )
    assert outside.status_code == 404
    for who in (bureau.worker, bureau.head, bureau.desk):
        assert (
            who.post(f"/units/{UNIT}/posts", {"account": id_of(who), "post": "head"}).status_code
            == 403
        )
    assert (
        bureau.admin.post(
            f"/units/{UNIT}/posts", {"account": id_of(neighbour), "post": "head"}
        ).status_code
        == 404
    )


def test_two_who_sign_at_once_send_it_out_once(bureau: Bureau) -> None:
    second = person(bureau.api, Role.HANDLER, UNIT)
    ok(bureau.post(bureau.head, "head"))
    ok(bureau.post(second, "head"))
    for what in ("白蒲镇老街路灯坏了两盏", "白蒲镇菜场门口垃圾成堆没人清"):
        incident, order = bureau.order(what)
        ok(bureau.worker.post(f"/orders/{order}/sign"))
        ok(bureau.worker.post(f"/orders/{order}/submit", proved(bureau.worker)))
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda w, o=order: w.post(f"/orders/{o}/countersign", {"agree": True}),
                                    (bureau.head, second)))  # fmt: skip
        assert sorted(a.status_code for a in answers) == [200, 409]
        steps = ok(bureau.desk.get(f"/incidents/{incident}"))["steps"]
        assert [s["verb"] for s in steps].count("handle") == 1


def test_the_first_word_has_a_clock_of_its_own(bureau: Bureau) -> None:
    _, order = bureau.order()
    bureau.tick()
    contact = ok(bureau.worker.get(f"/orders/{order}/inside"))["contact"]
    assert (contact["light"], contact["late"]) == ("green", False)
    ((due, urgency),) = rows(bureau.api.home, "select c.due_at, i.urgency from first_contact c join work_order o on o.id = "
                             "c.work_order join incident i on i.id = o.incident where o.id = %s", int(order))  # fmt: skip
    limit = bureau.api.home.world.office.kinds.first_contact[urgency - 1]
    assert due > bureau.api.clock.now, limit
    ok(
        bureau.worker.post(
            f"/orders/{order}/first-contact",
            {"way": "phone", "reached": True, "words": "已告知今天上门维修"},
        )
    )
    again = bureau.worker.post(
        f"/orders/{order}/first-contact", {"way": "phone", "reached": True, "words": "再次电话告知"}
    )
    assert again.status_code == 409
    bureau.tick(timedelta(days=5))
    assert rows(bureau.api.home, "select late, timer from first_contact") == [(False, None)]


def test_a_first_word_that_nobody_spoke_is_late_once(bureau: Bureau) -> None:
    _, order = bureau.order()
    bureau.tick()
    bureau.api.clock.now += timedelta(days=5)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: bureau.tick(), range(8)))
    told = rows(
        bureau.api.home,
        "select text from notice where unit = %s and text like %s",
        UNIT,
        "%先行联系%",
    )
    assert len(told) == 1
    ((late, timer),) = rows(
        bureau.api.home, "select late, timer from first_contact where work_order = %s", int(order)
    )
    assert (late, timer) == (True, None)


def test_nobody_to_speak_with_no_clock(bureau: Bureau) -> None:
    report = file(
        bureau.desk_clerk(), RUGAO, "白蒲镇路灯坏了两盏没人修", anonymous=True, reporter=None
    )
    bureau.api.work()
    incident = incident_of(bureau.api, report)
    found = ok(bureau.desk.get(f"/incidents/{incident}"))["orders"]
    if not found:
        found = ok(bureau.desk.post(f"/incidents/{incident}/assign", {"unit": UNIT}))["orders"]
    bureau.tick()
    assert rows(bureau.api.home, "select 1 from first_contact") == []
    assert rows(bureau.api.home, "select distinct contact_set from work_order") == [(True,)]


def test_a_confidential_order_is_passed_to_named_people_only(bureau: Bureau) -> None:
    incident, order = bureau.order()
    ok(
        bureau.desk.post(
            f"/incidents/{incident}/kind",
            {"kind": "confidential", "named": [id_of(bureau.liaison)]},
        )
    )
    body = {"section": "市容科", "account": id_of(bureau.worker)}
    refused = bureau.liaison.post(f"/orders/{order}/pass-on", body)
    assert (refused.status_code, said(refused)) == (
        409,
        "保密件只能交给知悉人，请先由中心增加知悉人",
    )
    ok(bureau.desk.post(f"/incidents/{incident}/named", {"accounts": [id_of(bureau.worker)]}))
    ok(bureau.liaison.post(f"/orders/{order}/pass-on", body))
    (seen,) = ok(bureau.worker.get("/inside/orders"))
    assert (seen["kind_label"], seen["handling"]["mine"]) == ("保密件", True)
