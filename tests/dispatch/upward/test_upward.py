"""Orders from the platform above and back, over a real server that loses answers, repeats and reorders."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chengshu.agencies.model import Role
from chengshu.dispatch import upward_act
from chengshu.dispatch.upward.http import HttpUpper
from chengshu.dispatch.upward.model import DayEntry, compare
from chengshu.dispatch.upward.port import UpperAwayError
from chengshu.dispatch.upward.signing import SKEW, is_signed, sign
from chengshu.kit.times import local
from tests.conftest import NOW, Home
from tests.dispatch.upward.upper import SECRET, Platform, running
from tests.security.people import Api, forget_grids, make_api, person, rows
from tests.security.scene import ok, upload

pytestmark = pytest.mark.db
TEXTS = (("沟头社区路灯不亮", "晚上一片漆黑，老人不敢出门"), ("菜场门口垃圾成堆", "已经三天没有人清运，气味很大"),
         ("工地夜间施工", "混凝土泵车轰鸣到凌晨两点"))  # fmt: skip


@dataclass
class Line:
    """The city and the platform above, with the line between them."""

    api: Api
    platform: Platform
    upper: HttpUpper

    def round(self) -> None:
        """One round of exchange, whether the line holds or not; then the workers."""
        home = self.api.home
        with contextlib.suppress(UpperAwayError):
            upward_act.exchange(
                home.worker,
                home.keyring,
                self.upper,
                home.world.office,
                home.world.locator,
                self.now,
            )
        self.api.work()

    @property
    def now(self) -> Any:
        return self.api.clock.now

    def later(self, by: timedelta) -> None:
        self.api.clock.now += by
        self.platform.now = self.api.clock.now

    def sql(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return rows(self.api.home, query, *args)


@pytest.fixture
def line(db: Home) -> Iterator[Line]:
    api = make_api(db, NOW.replace(hour=2, minute=0))
    platform = Platform(api.clock.now, random.Random(7))
    with running(platform) as address, httpx.Client(base_url=address, timeout=5) as client:
        yield Line(api, platform, HttpUpper(client, "nantong", SECRET, api.clock))
    forget_grids(db)


def test_whatever_the_line_does_each_order_comes_once_and_each_receipt_counts_once(
    line: Line,
) -> None:
    for n, (title, text) in enumerate(TEXTS):
        line.platform.hand_down(f"JS-2026-{n}", title, text)
    line.platform.repeats = True
    rng = random.Random(11)
    for _ in range(12):
        line.platform.loses = rng.choice((0, 0, 1, 2, 4))
        line.round()
        line.later(timedelta(minutes=31))
    line.platform.loses, line.platform.repeats = 0, False
    line.round()
    assert line.sql(
        "select count(*), count(distinct number), count(incident) from upper_order"
    ) == [(3, 3, 3)]
    assert line.sql("select count(*) from report where source = 'upper'") == [(3,)]
    assert Counter(e["kind"] for e in line.platform.effects.values()) == {"receipt": 3}
    assert len(line.platform.seen) > 3, "answers were lost and messages repeated"
    assert set(line.platform.states.values()) == {"received"}
    assert line.sql(
        "select count(*) from upper_message where receipt is null or due_at is not null"
    ) == [(0,)]


def test_it_is_an_order_from_above_with_their_clock(line: Line) -> None:
    line.platform.hand_down("JS-2026-1", *TEXTS[0], days=1)
    line.round()
    line.round()
    ((incident, kind, due, number),) = line.sql(
        "select i.id, i.kind, i.due_at, s.upper_number from incident i join special s on s.incident = i.id")  # fmt: skip
    assert (kind, number) == ("passed_down", "JS-2026-1")
    assert due <= line.platform.now + timedelta(days=1)
    assert line.sql(
        "select count(*) from work_order where incident = %s and due_at > %s", incident, due
    ) == [(0,)]


def test_answered_with_the_units_files_when_it_ends(line: Line) -> None:
    line.platform.hand_down("JS-2026-1", *TEXTS[0])
    line.round()
    line.round()
    ((incident,),) = line.sql("select id from incident")
    desk, worker = (
        person(line.api, Role.DISPATCHER, "nt.rugao"),
        person(line.api, Role.HANDLER, "nt.rugao.cgj"),
    )
    found = ok(desk.get(f"/incidents/{incident}"))
    if not any(o["unit"] == "nt.rugao.cgj" for o in found["orders"]):
        for o in found["orders"]:
            ok(desk.post(f"/orders/{o['id']}/withdraw", {"reason": "改派城管局办理"}))
        found = ok(desk.post(f"/incidents/{incident}/assign", {"unit": "nt.rugao.cgj"}))
    order = next(o["id"] for o in found["orders"] if o["unit"] == "nt.rugao.cgj")
    ok(worker.post(f"/orders/{order}/sign"))
    ok(
        worker.post(
            f"/orders/{order}/handle", {"reply": "已更换路灯两盏", "attachments": [upload(worker)]}
        )
    )
    ok(desk.post(f"/orders/{order}/verify", {"ok": True}))
    ok(desk.post(f"/orders/{order}/close"))
    line.platform.loses = 1
    for _ in range(3):
        line.round()
        line.later(timedelta(minutes=10))
    (reply,) = [e for e in line.platform.effects.values() if e["kind"] == "reply"]
    assert reply["body"]["words"] == "已更换路灯两盏"
    assert [(a["name"], a["kind"]) for a in reply["body"]["attachments"]] == [
        ("photo.png", "image/png")
    ]
    assert line.platform.states["JS-2026-1"] == "answered"
    assert (
        desk.post(f"/incidents/{incident}/upper/return", {"words": "不属本市管辖"}).status_code
        == 409
    )


def test_handed_back_or_more_time_asked(line: Line) -> None:
    line.platform.hand_down("JS-2026-1", *TEXTS[0])
    line.round()
    line.round()
    ((incident,),) = line.sql("select id from incident")
    desk, clerk = (
        person(line.api, Role.DISPATCHER, "nt.rugao"),
        person(line.api, Role.CALL_TAKER, "nt.rugao"),
    )
    where = f"/incidents/{incident}/upper"
    until = (line.now + timedelta(days=9)).isoformat()
    assert (
        clerk.post(f"{where}/extend", {"words": "需要更多时间", "until": until}).status_code == 403
    )
    assert (
        desk.post(
            f"{where}/extend", {"words": "需要更多时间", "until": line.now.isoformat()}
        ).status_code
        == 422
    )
    ok(desk.post(f"{where}/extend", {"words": "需要更多时间", "until": until}))
    ok(desk.post(f"{where}/return", {"words": "不属本市管辖"}))
    line.later(timedelta(seconds=1))
    line.round()
    view = ok(desk.get(where))
    assert [(m["kind"], m["waits"]) for m in view["messages"]] == [
        ("receipt", False), ("extension", False), ("return", False)]  # fmt: skip
    assert (view["state"], view["messages"][1]["verdict"]) == ("returned", "granted")
    assert [e["kind"] for e in line.platform.effects.values()] == [
        "receipt",
        "extension",
        "return",
    ], "in their order"
    assert person(line.api, Role.DISPATCHER, "nt.haian").get(where).status_code == 404


def test_a_day_is_compared_and_every_difference_named(line: Line) -> None:
    line.platform.hand_down("JS-2026-1", *TEXTS[0])
    line.round()
    line.platform.hand_down("JS-2026-2", *TEXTS[1])  # sent, never fetched
    line.platform.states["JS-2026-1"] = "sent"  # they lost our receipt
    day = local(line.now).date()
    found = upward_act.reconcile(line.api.home.worker, line.upper, day, line.now)
    assert [(d.number, d.ours, d.theirs) for d in found] == [
        ("JS-2026-1", "received", "sent"), ("JS-2026-2", None, "sent")]  # fmt: skip
    line.round()
    line.later(timedelta(seconds=1))
    line.round()
    assert upward_act.reconcile(line.api.home.worker, line.upper, day, line.now) == ()
    city, county = (
        person(line.api, Role.SUPERVISOR, "nt"),
        person(line.api, Role.SUPERVISOR, "nt.rugao"),
    )
    (kept,) = ok(city.get("/reconciliations"))
    assert (kept["party"], kept["ours"], kept["theirs"], kept["differences"]) == ("upper", 2, 2, [])
    assert ok(county.get("/reconciliations")) == [], "the city's exchange is the city's"


def test_a_forged_answer_is_no_answer(line: Line) -> None:
    line.platform.hand_down("JS-2026-1", *TEXTS[0])
    line.platform.forges = True
    line.round()
    assert line.sql("select 1 from upper_order") == []
    stranger = HttpUpper(line.upper.client, "nantong", b"guessed", line.api.clock)
    line.platform.forges = False
    with pytest.raises(UpperAwayError, match="401"):
        stranger.fetch()


def test_a_signature_holds_for_what_it_was_made_of_and_not_for_long() -> None:
    stamp, made = (
        NOW.isoformat(),
        sign(SECRET, "POST", "/orders/1/messages", NOW.isoformat(), b"{}"),
    )
    assert is_signed(SECRET, "post", "/orders/1/messages", stamp, b"{}", made, NOW + SKEW)
    for changed in (
        (b"other", "POST", "/orders/1/messages", stamp, b"{}", made, NOW),
        (SECRET, "GET", "/orders/1/messages", stamp, b"{}", made, NOW),
        (SECRET, "POST", "/orders/2/messages", stamp, b"{}", made, NOW),
        (SECRET, "POST", "/orders/1/messages", stamp, b"{ }", made, NOW),
        (
            SECRET,
            "POST",
            "/orders/1/messages",
            stamp,
            b"{}",
            made,
            NOW + SKEW + timedelta(seconds=1),
        ),
        (SECRET, "POST", "/orders/1/messages", "yesterday", b"{}", made, NOW),
    ):
        assert not is_signed(*changed)


def test_no_difference_is_missed() -> None:
    states = ("received", "taken", "returned", "answered")
    ours = [DayEntry(f"{a}{b}", a) for a in states for b in states]
    theirs = [DayEntry(f"{a}{b}", b) for a in states for b in states]
    told = {d.number for d in compare(ours, theirs)}
    alike = {("received", "taken"), ("taken", "received")}
    assert told == {f"{a}{b}" for a in states for b in states if a != b and (a, b) not in alike}
