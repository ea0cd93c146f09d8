"""Who is on duty, who stands in, and the written hand-over between two shifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from chengshu.agencies.model import Role
from chengshu.notices.reseal import reseal_notices
from chengshu.notices.roster.model import Part, Shift, on_duty
from tests.notices.conftest import OFFICER, Town
from tests.security.scene import ok

NOON = datetime(2026, 7, 14, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


def shift(
    number: int,
    person: int,
    since: int,
    until: int,
    *,
    deputy: int | None = None,
    absent: bool = False,
) -> Shift:
    return Shift(
        number, "nt", Part.OFFICER, person, deputy, NOON + since * HOUR, NOON + until * HOUR, absent
    )


@pytest.mark.parametrize(
    ("shifts", "who"),
    [
        ([], None),
        ([shift(1, 7, -1, 1)], 7),
        ([shift(1, 7, 0, 8)], 7),  # it begins now
        ([shift(1, 7, -8, 0)], None),  # it has just ended
        ([shift(1, 7, -8, 0), shift(2, 8, 0, 8)], 8),  # one hands over to the other
        ([shift(1, 7, -1, 1, deputy=9)], 7),
        ([shift(1, 7, -1, 1, deputy=9, absent=True)], 9),  # the deputy stands in
        ([shift(1, 7, -1, 1, absent=True)], None),  # nobody does
        ([shift(1, 7, -1, 1, absent=True), shift(2, 8, -2, 2)], 8),
    ],
)
def test_who_is_on_duty(shifts: list[Shift], who: int | None) -> None:
    assert on_duty(shifts, Part.OFFICER, NOON) == who
    assert on_duty(shifts, Part.LEADER, NOON) is None


@pytest.mark.db
def test_the_deputy_gets_the_message_while_she_is_absent(town: Town) -> None:
    unit = town.unit_of(town.happens())
    ids = town.duty(unit, deputy="13977778888")
    who = town.at(Role.HANDLER, unit)
    shown = ok(who.post(f"/roster/shifts/{ids['shift_officer']}", {"absent": True}))
    assert shown["now"]["officer"]["name"] == "代班officer"
    town.round()
    assert [p for p, _ in town.texts()] == ["13977778888"]


@pytest.mark.db
def test_without_a_deputy_nobody_can_be_absent(town: Town) -> None:
    ids = town.duty("nt.rugao")
    who = town.at(Role.SUPERVISOR, "nt.rugao")
    assert who.post(f"/roster/shifts/{ids['shift_officer']}", {"absent": True}).status_code == 409
    shown = ok(who.post(f"/roster/shifts/{ids['shift_officer']}", {"remove": True}))
    assert shown["now"]["officer"] is None


@pytest.mark.db
def test_two_are_not_put_on_one_post_at_once(town: Town) -> None:
    ids = town.duty("nt.rugao")
    who = town.at(Role.SUPERVISOR, "nt.rugao")
    body = {"unit": "nt.rugao", "part": "officer", "person": ids["officer"], "from_at": town.now.isoformat(),
            "to_at": (town.now + HOUR).isoformat()}  # fmt: skip
    assert who.post("/roster/shifts", body).status_code == 409
    ok(who.post("/roster/shifts", {**body, "part": "leader"}))
    assert who.post("/roster/shifts", {**body, "to_at": body["from_at"]}).status_code == 422
    assert who.post("/roster/shifts", {**body, "person": "99999"}).status_code == 404


@pytest.mark.db
def test_a_telephone_is_masked_and_shown_for_a_purpose(town: Town) -> None:
    ids = town.duty("nt.rugao")
    who = town.at(Role.SUPERVISOR, "nt.rugao")
    assert ok(who.get("/roster"))["now"]["officer"]["phone"] == "139****2222"
    path = f"/roster/people/{ids['officer']}/phone"
    assert who.post(path, {"purpose": "看看"}).status_code == 422
    assert ok(who.post(path, {"purpose": "夜间核实值守"}))["phone"] == OFFICER
    assert town.sql("select detail->>'purpose' from audit where act = 'reveal'") == [
        ("夜间核实值守",)
    ]
    assert (
        town.at(Role.SUPERVISOR, "nt.haian").post(path, {"purpose": "夜间核实值守"}).status_code
        == 404
    )


@pytest.mark.db
def test_rotated_keys_seal_her_telephone_anew(town: Town) -> None:
    ids, home = town.duty("nt.rugao"), town.api.home
    old = home.keyring
    ring = replace(old, active=old.active + 1, keys={**old.keys, old.active + 1: b"n" * 32})
    with home.worker.transaction() as conn:
        assert reseal_notices(conn, ring, 100) == 1
        assert reseal_notices(conn, ring, 100) == 0
    newest = replace(ring, keys={ring.active: ring.keys[ring.active]})
    ((version, sealed, token),) = town.sql("select key_version, sealed, token from duty_person where id = %s",
                                           int(ids["officer"]))  # fmt: skip
    assert newest.unseal(version, bytes(sealed), token.encode()).decode() == OFFICER


@pytest.mark.db
def test_a_shift_hands_over_in_writing_and_somebody_else_takes_over(town: Town) -> None:
    town.happens()
    town.round()
    who, other = town.at(Role.SUPERVISOR, "nt.rugao"), town.at(Role.DISPATCHER, "nt.rugao")
    assert who.post("/roster/notes", {"unit": "nt.rugao", "text": " "}).status_code == 422
    given = ok(who.post("/roster/notes", {"unit": "nt.rugao", "text": "煤气一事等水务局回电"}))[
        "notes"
    ][0]
    assert given["open_items"] == {
        "unsigned": 1,
        "overdue": 0,
        "alarms": 1,
        "handovers": 0,
        "urgent": 0,
    }
    assert who.post(f"/roster/notes/{given['id']}/take").status_code == 409, "not by herself"
    taken = ok(other.post(f"/roster/notes/{given['id']}/take"))["notes"][0]
    assert taken["taken_by"]
    assert other.post(f"/roster/notes/{given['id']}/take").status_code == 409
    assert (
        town.at(Role.DISPATCHER, "nt.haian").post(f"/roster/notes/{given['id']}/take").status_code
        == 404
    )


@pytest.mark.db
def test_whose_roster_one_sees_and_keeps(town: Town) -> None:
    town.duty("nt.rugao")
    bureau = town.at(Role.HANDLER, "nt.rugao.cgj")
    seen = ok(bureau.get("/roster"))
    assert seen["unit"] == "nt.rugao.cgj"
    assert seen["above"]["officer"]["phone"] == "139****2222", "she can ring up the centre above"
    assert bureau.get("/roster?unit=nt.rugao").status_code == 404
    assert bureau.get("/roster?unit=nt.haian.cgj").status_code == 404
    assert (
        bureau.post("/roster/contact", {"unit": "nt.rugao", "phone": "051312345678"}).status_code
        == 404
    )
    ok(town.at(Role.SUPERVISOR, "nt.rugao").get("/roster?unit=nt.rugao.cgj"))
    assert town.at(Role.ANALYST, "nt.rugao").get("/roster").status_code == 403
    assert town.at(Role.GRID_WORKER, "nt.rugao").get("/roster").status_code == 403
    assert town.at(Role.CALL_TAKER, "nt.rugao").post(
        "/roster/contact", {"unit": "nt.rugao", "phone": "051312345678"}
    ).status_code == 403  # fmt: skip


@pytest.mark.db
def test_the_database_itself_keeps_rosters_and_hooks_apart(town: Town) -> None:
    town.duty("nt.rugao")
    ok(
        town.at(Role.SUPERVISOR, "nt.rugao").post(
            "/roster/notes", {"unit": "nt.rugao", "text": "没有未了的事项"}
        )
    )
    ok(
        town.at(Role.SUPERVISOR, "nt.rugao").post(
            "/roster/contact", {"unit": "nt.rugao", "phone": "051312345678"}
        )
    )
    with town.api.home.owner() as conn:
        conn.execute("insert into hook (name, url, unit, key_version, sealed, token, created_at) "
                     "values ('x', 'http://x', 'nt', 1, '', '', now())")  # fmt: skip
    tables = ("duty_person", "duty_shift", "duty_note", "contact", "hook")
    everybody = {
        "own": (
            town.at(Role.DISPATCHER, "nt.rugao"),
            {"duty_person", "duty_shift", "duty_note", "contact"},
        ),
        "city": (town.at(Role.LEADER, "nt"), {"duty_person", "duty_shift", "duty_note", "contact"}),
        "under": (town.at(Role.HANDLER, "nt.rugao.cgj"), {"duty_person", "duty_shift", "contact"}),
        "next": (town.at(Role.DISPATCHER, "nt.haian"), set[str]()),
        "analyst": (town.at(Role.ANALYST, "nt.rugao"), set[str]()),
        "grid": (town.at(Role.GRID_WORKER, "nt.rugao"), set[str]()),
        "admin": (town.at(Role.SYSTEM_ADMIN, "nt"), {"hook"}),
        "audit": (town.at(Role.AUDIT_ADMIN, "nt"), set[str]()),
    }
    for name, (who, sees) in everybody.items():
        assert who.scope is not None
        with town.api.home.app.transaction(who.scope.settings()) as conn:
            found = {t for t in tables if conn.execute(f"select 1 from {t}").fetchone()}
        assert found == sees, name
    writes = "insert into contact (unit, phone, changed_at, changed_by) values ('nt.rugao.cgj', '1', now(), 'x')"
    for name in ("next", "analyst", "admin"):
        scope = everybody[name][0].scope
        assert scope is not None
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            town.api.home.app.transaction(scope.settings()) as conn,
        ):
            conn.execute(writes)
