"""A confidential matter does not exist for those who are not named: by no route, in no list, number, search or stream."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from chengshu.agencies.model import Role
from chengshu.agencies.scope import of_account
from chengshu.app import live as live_module
from chengshu.app.live import Live
from chengshu.intake.submit import follow_up_code
from tests.app.test_live import listening
from tests.conftest import NOW, Home
from tests.dispatch.kinds.secret import WORDS, Secret, make
from tests.security import people
from tests.security.calls import CALLS
from tests.security.people import Someone, person, rows, unit_of
from tests.security.scene import RUGAO, file, incident_of, ok, set_up
from tests.security.test_walk import REFUSALS, answer, body, keys_of, never

pytestmark = pytest.mark.db


@pytest.fixture(scope="module")
def secret(home: Home) -> Iterator[Secret]:
    """One for the tests that only look, or are refused."""
    home.empty()
    yield make(set_up(people.make_api(home, NOW)))
    people.forget_grids(home)


def test_those_named_see_it_and_it_is_really_there(secret: Secret) -> None:
    for who in (secret.knows, secret.acts):
        assert ok(who.get(f"/incidents/{secret.ids['incident']}"))["report_list"][0][
            "text"
        ].startswith(WORDS)
        assert (
            secret.ids["incident"]
            in who.get("/orders", params={"box": "inbox", "mine": False}).text
        )
    view = ok(secret.knows.get(f"/incidents/{secret.ids['incident']}/kind"))
    assert (view["kind"], view["veil"]) == ("confidential", 2)
    assert len(view["named"]) == 2
    assert view["special"]["number"] == "通枢密〔2026〕1号"


def test_no_route_shows_or_counts_it_to_those_who_are_not_named(secret: Secret) -> None:
    """Every route, asked for nothing in particular."""
    ours, marks = keys_of(secret.scene.rugao), secret.marks()
    for caller, who in secret.outside.items():
        for route, call in sorted(CALLS.items(), key=lambda item: item[1].once):
            if call.stream or call.once:
                continue
            ids = {
                **ours,
                **{k: never(k) for k in call.path.values() if k != "channel"},
                "words": WORDS,
            }
            found = answer(who, route, call, ids)
            assert found.status_code < 500, (caller, route, found.text)
            shown = [m for m in marks if m in body(found, WORDS) and m != WORDS]
            assert not shown, (caller, route, shown, found.text)


def test_by_name_it_is_answered_like_one_that_never_was(secret: Secret) -> None:
    """Every route that takes an id, reading and writing, with the ids of what is kept secret."""
    ours, before = keys_of(secret.scene.rugao), _state(secret)
    for caller, who in secret.outside.items():
        for route, call in CALLS.items():
            if call.stream or call.once or caller in call.admins:
                continue
            for key in ("incident", "report", "order", "picture"):
                if key in (*call.path.values(), *call.uses):
                    _compare(secret, caller, who, route, key, ours)
    assert _state(secret) == before


def _compare(
    secret: Secret, caller: str, who: Someone, route: str, key: str, ours: dict[str, str]
) -> None:
    call, value, other = CALLS[route], secret.ids[key], never(key)
    if caller == "key" and key == "picture":
        return
    real = answer(who, route, call, {**ours, key: value})
    none = answer(who, route, call, {**ours, key: other})
    about = (caller, route, key, real.status_code, real.text, none.text)
    assert real.status_code in REFUSALS | call.refusals, about
    assert (real.status_code, body(real, value)) == (none.status_code, body(none, other)), about


def _state(secret: Secret) -> list[tuple[Any, ...]]:
    home, incident = secret.scene.api.home, int(secret.ids["incident"])
    found: list[tuple[Any, ...]] = []
    for table, column in (("incident", "id"), ("work_order", "incident"), ("step", "incident"), ("named", "incident"),
                          ("special", "incident"), ("membership", "incident"), ("suggestion", "other")):  # fmt: skip
        found += rows(
            home, f"select t::text from {table} t where {column} = %s order by 1", incident
        )
    return found


def test_the_tables_themselves_hide_it(secret: Secret) -> None:
    """In SQL, under the scope of each who is not named; with `named` nobody reads whom it names."""
    home, incident = secret.scene.api.home, int(secret.ids["incident"])
    queries = {
        "incident": "select 1 from incident where id = %s", "order": "select 1 from work_order where incident = %s",
        "report": "select 1 from report r where r.id in (select report from membership where incident = %s)",
        "step": "select 1 from step where incident = %s", "notice": "select 1 from notice where incident = %s",
        "special": "select 1 from special where incident = %s", "named": "select 1 from named where incident = %s",
        "word": "select 1 from word where incident = %s", "posting": "select 1 from posting where incident = %s",
        "people": "select 1 from named_people(%s)", "profile": "select 1 from profile where incident = %s",
    }  # fmt: skip
    for caller, who in secret.outside.items():
        if who.scope is None or caller == "key":
            continue
        with home.app.transaction(who.scope.settings()) as conn:
            for name, query in queries.items():
                assert conn.execute(query, (incident,)).fetchall() == [], (caller, name)
            assert not conn.execute(
                "select 1 from report where id = %s", (int(secret.ids["report"]),)
            ).fetchall()
    assert rows(home, "select 1 from word where incident = %s", incident) == []
    assert rows(home, "select 1 from posting where incident = %s", incident) == []


def test_nobody_names_herself_nor_lifts_the_veil(secret: Secret) -> None:
    home, incident = secret.scene.api.home, int(secret.ids["incident"])
    for caller in ("colleague", "handler_beside", "city_dispatcher", "supervisor", "analyst"):
        who = secret.outside[caller]
        assert who.scope is not None
        assert who.account is not None
        statements = {
            f"insert into named (incident, account, name, unit, named_by, at) values ({incident}, {who.account.id}, 'x', "
            f"'nt', {who.account.id}, now())": None,
            f"insert into special (incident, kind, number, actor, unit, at) values ({incident}, 'urgent', 'x', 'x', 'nt', "
            "now())": None,
            f"update incident set veil = 0, kind = 'ordinary' where id = {incident}": 0,
            f"update work_order set veil = 0 where incident = {incident}": 0,
            f"update named set account = {who.account.id} where incident = {incident}": None,
            "select * from counter": None,
        }  # fmt: skip
        for statement, touched in statements.items():
            with (
                home.app.transaction(who.scope.settings()) as conn,
                conn.transaction(force_rollback=True),
            ):
                if touched is None:
                    with pytest.raises(
                        (psycopg.errors.InsufficientPrivilege, psycopg.errors.UniqueViolation)
                    ):
                        conn.execute(statement)
                else:
                    assert conn.execute(statement).rowcount == touched


def test_whoever_reported_it_follows_it_by_her_code(secret: Secret) -> None:
    ((source, channel, number),) = rows(secret.scene.api.home, "select source, channel, channel_id from report where id = %s",
                                        int(secret.ids["report"]))  # fmt: skip
    code = follow_up_code(secret.scene.api.home.keyring, source, channel, number)
    told = ok(Someone(secret.scene.api).get(f"/public/track/{code}"))
    leads = rows(secret.scene.api.home, "select u.name from work_order o join unit u using (unit) where o.incident = %s "
                 "and o.stage not in ('returned', 'withdrawn', 'void') order by o.lead desc, o.id desc limit 1",
                 int(secret.ids["incident"]))  # fmt: skip
    assert told["state"] == "assigned"
    assert [(told["unit_name"],)] == leads
    assert told["steps"]


def test_figures_and_counts_are_those_without_it(scene: Any) -> None:
    """The same figures, lists and totals as a city has in which it was never filed."""
    colleague = person(scene.api, Role.DISPATCHER, "nt.rugao")
    asked = ("/figures/today", "/incidents?limit=200", "/orders?box=all&mine=false&limit=200", "/queue?limit=500",
             "/incidents/map", "/disputes?state=all", "/replies?open=true&limit=200")  # fmt: skip

    def told() -> dict[str, str]:
        return {a: colleague.get(a).text for a in asked}

    before = told()
    make(scene)
    assert told() == before


def test_a_further_report_of_the_same_is_not_merged_with_it(scene: Any) -> None:
    """Merging would tell by its suggestions and its reasons that there is such a matter."""
    secret = make(scene)
    report = file(scene.rugao.people["call_taker"], RUGAO, f"{WORDS}巷有人夜里倾倒不明废物",
                  said_at="2026-05-02T09:00:00+08:00")  # fmt: skip
    scene.api.work()
    fresh = incident_of(scene.api, report)
    assert fresh != secret.ids["incident"]
    assert secret.ids["incident"] not in secret.outside["colleague"].get(f"/incidents/{fresh}").text
    assert not rows(
        scene.api.home,
        "select 1 from suggestion where %s in (incident, other)",
        int(secret.ids["incident"]),
    )
    refused = secret.knows.post(
        f"/incidents/{fresh}/merge", {"other": secret.ids["incident"], "reason": "同一件"}
    )
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "保密或限阅的事件不能合并、拆分",
    )
    with (
        pytest.raises(psycopg.errors.CheckViolation, match="不能合并"),
        scene.api.home.worker.transaction() as conn,
    ):
        conn.execute(
            "update membership set incident = %s where report = %s", (fresh, secret.ids["report"])
        )


def test_naming_and_taking_back(scene: Any) -> None:
    secret = make(scene)
    where = f"/incidents/{secret.ids['incident']}"
    beside = secret.outside["handler_beside"]
    assert beside.account is not None
    assert secret.acts.account is not None
    assert beside.get(where).status_code == 404
    view = ok(secret.knows.post(f"{where}/named", {"accounts": [str(beside.account.id)]}))
    assert len(view["named"]) == 3
    assert ok(beside.get(where))["id"] == secret.ids["incident"]
    assert (
        beside.post(f"{where}/named", {"accounts": [str(secret.acts.account.id)]}).status_code
        == 403
    )
    ok(secret.knows.post(f"{where}/unname", {"account": str(beside.account.id)}))
    assert beside.get(where).status_code == 404
    assert secret.knows.account is not None
    own = secret.knows.post(f"{where}/unname", {"account": str(secret.knows.account.id)})
    assert own.status_code == 409, "nobody locks herself out"
    stranger = person(scene.api, Role.HANDLER, "nt.haian.cgj")
    assert stranger.account is not None
    unknown = secret.knows.post(f"{where}/named", {"accounts": [str(stranger.account.id)]})
    assert unknown.status_code == 404


def test_orders_given_later_are_veiled_too(scene: Any) -> None:
    secret = make(scene)
    done = ok(
        secret.knows.post(f"/incidents/{secret.ids['incident']}/assign", {"unit": "nt.rugao.slj"})
    )
    fresh = done["orders"][-1]["id"]
    neighbour = scene.rugao.people["neighbour"]
    assert neighbour.get(f"/orders/{fresh}").status_code == 404
    assert ok(neighbour.get("/orders", params={"box": "all"}))["total"] == 0
    assert ok(neighbour.get("/notices")) == []


def test_the_live_stream_names_it_to_those_named_only(scene: Any) -> None:
    """Not even as something that is gone; a colleague who shares unit and role hears nothing at all."""
    secret = make(scene)
    feed: Live = scene.api.app.state.live
    feed.start()
    time.sleep(3 * live_module.TICK_S)
    try:
        with (
            _hears(feed, secret.knows, scene, apart=True) as named,
            _hears(feed, secret.outside["colleague"], scene) as deaf,
        ):
            ok(secret.knows.post(f"/orders/{secret.ids['order']}/urge", {"reason": "请尽快处理"}))
            named.wait(lambda e: secret.ids["order"] in e.text())
            time.sleep(3 * live_module.TICK_S)
            assert deaf.heard == [], json.dumps(deaf.heard, ensure_ascii=False)
    finally:
        feed.stop()


def _hears(feed: Live, who: Someone, scene: Any, *, apart: bool = False) -> Any:
    assert who.account is not None
    unit = unit_of(scene.api.home, who.account.unit)
    return listening(
        feed, of_account(who.account, unit), who.account.role, who.account.unit, scene, apart=apart
    )
