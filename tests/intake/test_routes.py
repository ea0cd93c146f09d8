"""Reports over HTTP: who may send, what comes back, what is kept, and who sees it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.agencies.scope import of_citizen
from chengshu.intake import store
from chengshu.intake.submit import code_hash
from tests.conftest import Home
from tests.intake.conftest import Api, Someone, rows
from tests.intake.payloads import GRID, HOTLINE, OTHER, POLICE110, PUBLIC, WEB

pytestmark = pytest.mark.db
People = Callable[..., Someone]


def test_a_call_takers_report_is_kept_with_its_message(db: Home, person: People) -> None:
    answer = person().post("/reports", HOTLINE)
    assert answer.status_code == 202, answer.text
    assert answer.json()["duplicate"] is False
    ((number, source, caller, unit),) = rows(db, "select id, source, caller, unit from report")
    assert (str(number), source, len(caller), unit) == (answer.json()["id"], "desk:nt", 32, "nt")
    assert rows(db, "select topic, key from outbox") == [("report.received", number)]


def test_personal_data_is_nowhere_in_clear(db: Home, person: People) -> None:
    person().post(
        "/reports",
        HOTLINE | {"reporter": {"name": "陈小明", "phone": "13812345678", "identity": "320602X"}},
    )
    tables = [r[0] for r in rows(db, "select tablename from pg_tables where schemaname = 'public'")]
    everything = "\n".join(
        str(row) for table in tables for row in rows(db, f"select t::text, t from {table} t")
    )
    assert "路灯" in everything
    for secret in ("陈小明", "13812345678", "320602X"):
        assert secret not in everything
        assert secret.encode().hex() not in everything
    assert rows(db, "select masked from reporter") == [("陈** 138****5678",)]


def test_revealing_a_reporter_leaves_a_line_in_the_audit_trail(db: Home, person: People) -> None:
    desk = person(Role.DISPATCHER)
    number = desk.post("/reports", HOTLINE).json()["id"]
    refused = desk.post(f"/reports/{number}/reveal", {"purpose": "看"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert rows(db, "select 1 from audit") == []
    answer = desk.post(f"/reports/{number}/reveal", {"purpose": "回访核实"})
    assert answer.json() == {"name": "陈小明", "phone": "13812345678", "identity": ""}
    assert rows(db, "select act, subject, detail, role from audit") == [
        ("reveal", number, {"purpose": "回访核实"}, "dispatcher")]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "kept"), [({"confidential": True}, [(True,)]), ({"anonymous": True}, [])]
)
def test_confidential_is_sealed_and_anonymous_is_not_kept(
    db: Home, person: People, changes: dict[str, Any], kept: list[Any]
) -> None:
    person().post("/reports", HOTLINE | changes)
    assert rows(db, "select confidential from reporter") == kept
    assert rows(db, "select caller <> '' from report") == [(bool(kept),)]


def test_a_bureau_cannot_reveal_a_confidential_reporter_even_of_its_own_report(
    person: People,
) -> None:
    desk = person(Role.CALL_TAKER, "nt.cgj")  # a bureau with a desk of its own
    number = desk.post("/reports", HOTLINE | {"confidential": True}).json()["id"]
    assert desk.post(f"/reports/{number}/reveal", {"purpose": "回访核实"}).status_code == 404
    assert (
        person(Role.CALL_TAKER)
        .post(f"/reports/{number}/reveal", {"purpose": "回访核实"})
        .status_code
        == 200
    )
    assert desk.post("/callers", {"phone": "13812345678"}).json() == []


def test_earlier_reports_of_a_caller(db: Home, person: People) -> None:
    desk = person()
    desk.post("/reports", HOTLINE)
    desk.post(
        "/reports", HOTLINE | {"text": "还是不亮", "reporter": {"phone": "0086-138 1234 5678"}}
    )
    found = desk.post("/callers", {"phone": "138-1234-5678"}).json()
    assert [f["text"] for f in found] == ["还是不亮", HOTLINE["text"]]
    assert person(unit="nt.haian").post("/callers", {"phone": "13812345678"}).json() == []
    assert len(rows(db, "select 1 from audit where act = 'callers'")) == 2
    assert desk.post("/callers", {"phone": ""}).json() == []


@pytest.mark.parametrize(
    ("role", "body", "status"),
    [
        (Role.CALL_TAKER, HOTLINE, 202),
        (Role.GRID_WORKER, GRID, 202),
        (Role.GRID_WORKER, HOTLINE, 403),
        (Role.CALL_TAKER, GRID, 403),
        (Role.LEADER, HOTLINE, 403),
        (Role.SYSTEM_ADMIN, HOTLINE, 403),
        (Role.CALL_TAKER, HOTLINE | {"text": "  "}, 422),
        (Role.CALL_TAKER, HOTLINE | {"channel": "pigeon"}, 422),
        (Role.CALL_TAKER, [], 422),
        (Role.CALL_TAKER, HOTLINE | {"attachments": ["7"]}, 422),
    ],
)
def test_who_may_file_what(person: People, role: Role, body: Any, status: int) -> None:
    answer = person(role).post("/reports", body)
    assert answer.status_code == status, answer.text
    if status != 202:
        assert {"code", "detail"} <= answer.json().keys()


def test_nobody_files_without_session_or_token(api: Api, person: People) -> None:
    assert api.request("POST", "/api/v1/reports", json=HOTLINE).status_code == 401
    desk = person()
    assert (
        Someone(api, {"Cookie": desk.headers["Cookie"]}).post("/reports", HOTLINE).status_code
        == 403
    )


def test_a_transfer_gets_one_receipt_and_is_acknowledged_once(db: Home, system: People) -> None:
    police = system("police110")
    first, again = (police.post("/channels/police110/reports", POLICE110).json() for _ in range(2))
    assert first["receipt"] == again["receipt"]
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    path = f"/channels/police110/reports/{POLICE110['channel_id']}/acknowledge"
    assert police.post(path, {"receipt": "CS1"}).status_code == 409
    done = police.post(path, {"receipt": first["receipt"], "by": "110 接警台"})
    assert done.status_code == 200, done.text
    assert police.post(path, {"receipt": first["receipt"], "by": "别人"}).json() == done.json()
    assert police.post(path.replace("0012", "0013"), {"receipt": "CS1"}).status_code == 404
    assert rows(db, "select acknowledged_by, officer from transfer") == [
        ("110 接警台", "如城派出所值班民警")
    ]
    seen = police.get(f"/channels/reports/{POLICE110['channel_id']}?channel=police110").json()
    assert seen["acknowledged_at"] == done.json()["acknowledged_at"]


def test_a_number_used_for_another_message_is_refused(system: People) -> None:
    police = system("police110")
    police.post("/channels/police110/reports", POLICE110)
    answer = police.post("/channels/police110/reports", POLICE110 | {"text": "另一件事"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_key_opens_its_channels_and_its_own_reports_only(system: People, api: Api) -> None:
    portal, two = system("web"), system("web", "other")
    assert portal.post("/channels/web/reports", WEB).status_code == 202
    assert portal.post("/channels/other/reports", OTHER).status_code == 403
    assert two.post("/channels/web/reports", WEB).json()["duplicate"] is False  # its own numbering
    assert two.post("/channels/other/reports", OTHER).status_code == 202
    assert two.get("/channels/reports/S%2F2026%2F9").json()["channel_id"] == OTHER["channel_id"]
    assert portal.get("/channels/reports/S%2F2026%2F9?channel=web").status_code == 404
    assert portal.get("/channels/reports/S%2F2026%2F9?channel=other").status_code == 403
    assert portal.get("/channels/reports/%00%ff?channel=web").status_code in (404, 422)
    assert (
        Someone(api, {"X-API-Key": "cs_wrong"}).post("/channels/web/reports", WEB).status_code
        == 401
    )


def test_a_citizen_sends_twice_and_has_one_code(api: Api, db: Home) -> None:
    nobody = Someone(api, {})
    first, again = (nobody.post("/public/reports", PUBLIC) for _ in range(2))
    assert first.status_code == 202, first.text
    assert first.json() == again.json()
    assert len(rows(db, "select 1 from report")) == 1


def test_a_citizen_reads_her_own_report_and_no_other(api: Api, db: Home) -> None:
    nobody = Someone(api, {})
    hers = nobody.post("/public/reports", PUBLIC).json()["code"]
    nobody.post(
        "/public/reports", PUBLIC | {"client_id": "another-client-id-01", "text": "别人的事"}
    )
    hashed = code_hash(db.keyring, hers)
    every = [r[0] for r in rows(db, "select id from report")]
    with db.app.transaction(of_citizen(hashed).settings()) as conn:
        assert [r.text for r in store.reports(conn, every)] == [PUBLIC["text"]]
        assert store.sealed(conn, every[0]) is None
        assert store.masked(conn, every) == {}
    with db.app.transaction(of_citizen().settings()) as conn:
        assert store.reports(conn, every) == []
    stolen = nobody.post("/public/reports", PUBLIC | {"text": "猜编号的人"})
    assert (stolen.status_code, hers in stolen.text) == (409, False)


def test_citizens_are_slowed_down(api: Api, db: Home) -> None:
    nobody = Someone(api, {})
    answers = [
        nobody.post("/public/reports", PUBLIC) for _ in range(db.settings.public_per_minute + 1)
    ]
    assert [a.status_code for a in answers[-2:]] == [202, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1


@pytest.mark.parametrize("attempt", range(3))
def test_the_same_report_from_ten_threads_is_one(db: Home, person: People, attempt: int) -> None:
    desk = person()
    body = HOTLINE | {"channel_id": f"call-{attempt}"}
    with ThreadPoolExecutor(10) as pool:
        answers = [a.json() for a in pool.map(lambda _: desk.post("/reports", body), range(10))]
    assert len({a["id"] for a in answers}) == len({a["code"] for a in answers}) == 1
    assert sorted(a["duplicate"] for a in answers) == [False] + [True] * 9
    assert (
        rows(db, "select count(*) from report") == rows(db, "select count(*) from outbox") == [(1,)]
    )


@pytest.mark.parametrize(
    "content",
    [b"{", b"\xff\xfe", b'{"text": ' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"channel":"hotline","text":1' + b"0" * 5000 + b"}",
     b'{"channel":"hotline","text":"a","lon":NaN,"lat":1}', b'{"channel":"hotline","text":"\\ud800","area":"\\u0000"}'],
)  # fmt: skip
def test_garbage_is_a_clear_refusal(api: Api, person: People, content: bytes) -> None:
    headers = person().headers | {"Content-Type": "application/json"}
    answer = api.request("POST", "/api/v1/reports", content=content, headers=headers)
    assert answer.status_code in (400, 422), answer.text


def test_every_refusal_is_documented(api: Api) -> None:
    paths = api.request("GET", "/openapi.json").json()["paths"]
    mine = {
        path: verbs
        for path, verbs in paths.items()
        if path.startswith(("/api/v1/channels", "/api/v1/attachments"))
    }
    assert len(mine) == 8
    for path, verbs in mine.items():
        for operation in verbs.values():
            assert {"401", "403", "422"} <= operation["responses"].keys(), path
