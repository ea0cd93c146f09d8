"""From a row of dispatch to somebody's telephone, with gateways that fail and workers that die."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chengshu.agencies.model import Role
from chengshu.app.notifying import Ways, post_of
from chengshu.notices import deliver, store
from chengshu.notices.channels.webhook import SIGNATURE, is_genuine
from chengshu.notices.model import DeliveryState, Way
from chengshu.notices.spread import spread
from tests.notices.conftest import DANGER, LEADER, OFFICER, Town
from tests.notices.servers import Answer
from tests.security.scene import ok

pytestmark = pytest.mark.db
ASK = "想问一下公园什么时候开放"


def test_an_order_reaches_whoever_is_on_duty(town: Town) -> None:
    unit = town.unit_of(town.happens())
    town.duty(unit)
    town.round()
    ((phone, text),) = town.texts()
    number = town.sql("select number from incident")[0][0]
    assert phone == OFFICER
    assert text.startswith("【南通市")
    assert number in text
    assert "请登录签收" in text
    assert town.sql("select state, attempts, next_at from delivery") == [("sent", 1, None)]
    assert town.round() == 0, "once"


def test_no_telephone_lies_open_in_the_database(town: Town) -> None:
    town.duty(town.unit_of(town.happens()))
    town.round()
    for table in ("delivery", "duty_person", "duty_shift", "alarm", "audit", "notice"):
        assert OFFICER not in str(town.sql(f"select * from {table}")), table
    assert town.sql("select recipient from delivery") == [("值班officer 139****2222",)]


def test_nothing_leaves_the_house_unless_it_is_open(town: Town) -> None:
    town.ways = Ways({}, {})
    town.duty(town.unit_of(town.happens()))
    town.round()
    assert town.sql("select count(*) from delivery") == [(0,)]
    assert town.texts() == []
    assert town.sql("select count(*) from alarm") == [(1,)], (
        "inside the product it is an alarm all the same"
    )


def test_nobody_on_duty_is_shown_as_a_dead_letter(town: Town) -> None:
    town.happens()
    town.round()
    assert town.texts() == []
    assert town.sql("select state, last_error from delivery") == [
        ("dead", "没有值班人员，也没有值班电话")
    ]


def test_the_units_telephone_stands_in_for_an_empty_roster(town: Town) -> None:
    unit = town.unit_of(town.happens())
    ok(
        town.at(Role.HANDLER, unit).post(
            "/roster/contact", {"unit": unit, "phone": "0513-8765 4321"}
        )
    )
    town.round()
    assert [p for p, _ in town.texts()] == ["051387654321"]


def test_a_gateway_that_fails_is_tried_again_until_a_person_must_look(town: Town) -> None:
    town.gateway.answers = lambda _: (503, {})
    town.duty(town.unit_of(town.happens()))
    town.round()
    waits, at = [], town.now
    for _ in range(7):
        ((next_at,),) = town.sql("select next_at from delivery where key like 'n%%-1-%%'")
        waits.append((next_at - at).total_seconds())
        at = next_at
        with town.api.home.worker.transaction() as conn:
            (one,) = [o for o in deliver.claim(conn, town.api.home.world.notices, [Way.SMS], town.api.home.keyring,
                                               at, 50) if "-1-" in o.delivery.key]  # fmt: skip
        failure = deliver.attempt(one, town.ways.senders)
        with town.api.home.worker.transaction() as conn:
            deliver.record(conn, one.delivery, failure, town.api.home.world.notices, at)
    assert all(0.75 * 10 * 2**n <= w <= 1.25 * 10 * 2**n for n, w in enumerate(waits)), waits
    assert town.sql("select state, attempts, last_error from delivery") == [("dead", 8, "HTTP 503")]
    assert len(set(town.keys())) == 1

    supervisor = town.at(Role.SUPERVISOR, "nt.rugao")
    dead = ok(supervisor.get("/deliveries?state=dead"))
    assert [(d["state"], d["last_error"]) for d in dead["items"]] == [("dead", "HTTP 503")]
    assert dead["tally"] == [{"channel": "sms", "state": "dead", "count": 1}]
    town.gateway.answers = lambda _: (200, {})
    again = f"/deliveries/{dead['items'][0]['id']}/again"
    assert town.at(Role.CALL_TAKER, "nt.rugao").post(again).status_code == 403
    assert town.at(Role.SUPERVISOR, "nt.haian").post(again).status_code == 404
    ok(supervisor.post(again))
    assert supervisor.post(again).status_code == 409
    town.round()
    assert town.sql("select state, attempts from delivery where key like 'n%%-1-%%'") == [
        ("sent", 1)
    ]
    assert len(set(town.keys())) == 1, "the same message, and the gateway can tell"
    assert town.sql("select count(*) from audit where act = 'notice_resent'") == [(1,)]


def test_what_the_gateway_refuses_is_not_tried_again(town: Town) -> None:
    town.gateway.answers = lambda _: (422, {})
    town.duty(town.unit_of(town.happens()))
    town.round()
    assert town.sql("select state, attempts, last_error from delivery") == [("dead", 1, "HTTP 422")]


def sent_keys(town: Town) -> list[str]:
    return town.keys()


def test_a_worker_that_dies_after_sending_sends_twice_under_one_key(town: Town) -> None:
    """At least once: the gateway drops the second by its key."""
    home = town.api.home
    town.duty(town.unit_of(town.happens()))
    with home.worker.transaction() as conn:
        spread(conn, post_of(home.world, town.ways), town.now, 100)
    with home.worker.transaction() as conn:
        (one,) = deliver.claim(conn, home.world.notices, [Way.SMS], home.keyring, town.now, 10)
    assert deliver.attempt(one, town.ways.senders) is None
    # here the worker is killed: nothing was written down
    town.round(timedelta(minutes=1))
    assert len(town.keys()) == 1, "the claim still holds"
    town.round(deliver.LEASE)
    first = [k for k in sent_keys(town) if "-1-" in k]
    assert (len(first), len(set(first))) == (2, 1)
    assert town.sql("select state, attempts from delivery where key = %s", first[0]) == [
        ("sent", 2)
    ]
    with (
        home.worker.transaction() as conn
    ):  # the first one was only slow after all: it changes nothing
        assert not store.sent(conn, one.delivery, town.now)


def test_an_answer_that_is_lost_is_no_answer(town: Town) -> None:
    answers: Iterator[Answer] = iter([None, (200, {})])
    town.gateway.answers = lambda _: next(answers)
    town.duty(town.unit_of(town.happens()))
    town.round()
    assert town.sql("select state from delivery") == [("waiting",)]
    town.round(timedelta(seconds=15))
    assert town.sql("select state, attempts from delivery") == [("sent", 2)]
    assert len(set(town.keys())) == 1


@pytest.mark.parametrize("_again", range(3))
def test_many_workers_take_each_delivery_once(town: Town, _again: int) -> None:
    home = town.api.home
    incident = town.happens()
    with home.owner() as conn:
        conn.execute(
            """insert into delivery (key, incident, notice, event, level, channel, recipient, text, state, next_at, created_at)
               select 'k' || n, %s, 0, 'other', 0, 'sms', 'x', 'x', 'waiting', %s, %s from generate_series(1, 60) n""",
            (int(incident), town.now, town.now),
        )

    def take(_: int) -> list[str]:
        with home.worker.transaction() as conn:
            return [
                d.key for d in store.claim(conn, town.now, town.now + deliver.LEASE, ["sms"], 10)
            ]

    with ThreadPoolExecutor(8) as pool:
        taken = [key for batch in pool.map(take, range(16)) for key in batch]
    assert sorted(taken) == sorted(f"k{n}" for n in range(1, 61))


def test_spreading_twice_writes_nothing_twice(town: Town) -> None:
    home = town.api.home
    town.duty(town.unit_of(town.happens()))
    for _ in range(2):
        with home.owner() as conn:
            conn.execute("update notice set spread_at = null")
        with home.worker.transaction() as conn:
            spread(conn, post_of(home.world, town.ways), town.now, 100)
    assert town.sql("select count(*), count(distinct key) from delivery") == [(1, 1)]
    assert town.sql("select count(*) from alarm") == [(1,)]


# ---------------------------------------------------------------- whoever reported
def answer(town: Town, incident: str) -> None:
    ok(town.at(Role.DISPATCHER, "nt.rugao").post(f"/incidents/{incident}/answer",
                                                 {"answer": "每天六点到二十二点开放", "source": "园林局"}))  # fmt: skip


def test_whoever_reported_gets_the_answer(town: Town) -> None:
    answer(town, town.happens(ASK))
    town.round()
    assert [p for p, _ in town.texts()] == ["13911110001"]
    assert "六点到二十二点" in town.texts()[0][1]
    assert town.sql("select recipient from delivery where report is not null") == [
        ("臧** 139****0001",)
    ]


def test_a_confidential_reporter_is_never_written_to(town: Town) -> None:
    answer(town, town.happens(ASK, confidential=True, nature="denunciation"))
    town.round()
    assert town.texts() == []


def test_a_telephone_that_was_erased_meanwhile_is_not_sent_to(town: Town) -> None:
    town.gateway.answers = lambda _: (503, {})
    answer(town, town.happens(ASK))
    town.round()
    with town.api.home.owner() as conn:
        conn.execute("update reporter set erased_at = now(), sealed = ''")
    town.round(timedelta(minutes=1))
    assert town.sql("select state from delivery where report is not null") == [("dead",)]
    assert len(town.keys()) == 1


def test_of_a_confidential_matter_only_the_number_leaves(town: Town) -> None:
    incident = town.happens(
        f"{DANGER},举报人姓名不要外传", confidential=True, nature="denunciation"
    )
    town.duty(town.unit_of(incident))
    town.round()
    ((_, text),) = town.texts()
    assert "煤气" not in text
    assert "5号楼" not in text  # the unit's own name may hold that of its town
    assert "保密件" in text


# ---------------------------------------------------------------- night and limits
def test_at_night_an_answer_waits_and_a_danger_does_not(town: Town) -> None:
    town.later(timedelta(hours=4))  # 23:02
    answer(town, town.happens(ASK))
    town.duty(town.unit_of(town.happens()))
    town.round()
    assert [p for p, _ in town.texts()] == [OFFICER]
    ((state, held),) = town.sql(
        "select state, next_at - %s from delivery where report is not null", town.now
    )
    assert (state, held) == ("waiting", timedelta(hours=7, minutes=58))
    town.round(held)
    assert "13911110001" in [p for p, _ in town.texts()]


def test_one_telephone_gets_no_more_than_its_limit_and_nothing_is_lost(town: Town) -> None:
    home = town.api.home
    rules = home.world.notices
    rate = replace(rules.rates[Way.SMS], most=2, within=timedelta(minutes=10))
    rules = replace(rules, rates={Way.SMS: rate})
    incident = town.happens()
    unit = town.unit_of(incident)
    town.duty(unit)
    with home.owner() as conn:
        conn.execute("update notice set spread_at = now()")
        conn.execute(
            """insert into delivery (key, incident, notice, event, level, channel, unit, person, recipient, text, state, next_at,
                                     created_at)
               select 'k' || n, %s, 0, 'other', case when n = 5 then 2 else 0 end, 'sms', %s,
                 (select min(id) from duty_person), 'one', 'x', 'waiting', %s, %s from generate_series(1, 5) n""",
            (int(incident), unit, town.now, town.now),
        )

    def send() -> list[str]:
        with home.worker.transaction() as conn:
            taken = deliver.claim(conn, rules, [Way.SMS], home.keyring, town.now, 50)
        for one in taken:
            with home.worker.transaction() as conn:
                deliver.record(
                    conn, one.delivery, deliver.attempt(one, town.ways.senders), rules, town.now
                )
        return sorted(o.delivery.key for o in taken)

    assert send() == ["k1", "k2", "k5"], "a danger is not counted out"
    assert send() == []
    town.later(timedelta(minutes=10))
    assert send() == ["k3", "k4"]
    assert town.sql("select distinct state, attempts from delivery where key like 'k%%'") == [
        (DeliveryState.SENT, 1)
    ]


# ---------------------------------------------------------------- other systems
def test_a_hook_hears_signed_retried_and_dead_lettered(town: Town) -> None:
    admin, app = town.at(Role.SYSTEM_ADMIN, "nt"), town.api.app
    host = town.gateway.url.split("/")[2]
    app.state.settings = app.state.settings.model_copy(update={"webhook_hosts": host})
    body = {
        "name": "如皋城管系统",
        "url": town.gateway.url,
        "unit": "nt.rugao",
        "events": ["assigned"],
    }
    assert admin.post("/admin/hooks", {**body, "url": "http://elsewhere.test/"}).status_code == 422
    assert town.at(Role.SUPERVISOR, "nt.rugao").post("/admin/hooks", body).status_code == 403
    made = ok(admin.post("/admin/hooks", body), 201)
    assert [h["secret"] for h in ok(admin.get("/admin/hooks"))] == [""], "it is shown once"
    assert made["secret"] not in str(town.sql("select * from hook"))
    town.gateway.answers = lambda _: (500, {})
    town.happens()
    town.round()
    heard = town.gateway.heard[-1]
    assert is_genuine(heard.headers[SIGNATURE], made["secret"], heard.body, _sent_at(heard.headers[SIGNATURE]),
                      timedelta(minutes=5))  # fmt: skip
    assert heard.json["event"] == "assigned"
    assert town.sql("select state from delivery where channel = 'webhook'") == [("waiting",)]
    town.gateway.answers = lambda _: (410, {})
    town.round(timedelta(seconds=15))
    assert town.sql("select state, last_error from delivery where channel = 'webhook'") == [
        ("dead", "HTTP 410")
    ]
    assert (
        admin.call("PATCH", f"/admin/hooks/{made['id']}", json={"active": False}).status_code == 204
    )
    before = len(town.gateway.heard)
    town.happens(f"{DANGER},另一处")
    town.round()
    assert not [
        h
        for h in town.gateway.heard[before:]
        if "Idempotency-Key" in h.headers and b"event" in h.body
    ]


def _sent_at(header: str) -> datetime:
    return datetime.fromtimestamp(int(header.partition("t=")[2].partition(",")[0]), UTC)


def test_a_leaders_words_go_to_the_leader(town: Town) -> None:
    incident = town.happens()
    town.duty("nt.rugao", leader=LEADER)
    ok(town.at(Role.SUPERVISOR, "nt.rugao").post(f"/incidents/{incident}/urgent", {"level": 4}))
    town.round()
    assert LEADER in [p for p, _ in town.texts()]
