"""Marks put right and proposed transfers are kept with the report, once, within the scope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from chengshu.agencies.model import Role
from tests.conftest import Home
from tests.intake.conftest import Someone, rows
from tests.intake.payloads import HOTLINE

pytestmark = pytest.mark.db
People = Callable[..., Someone]

TEXT = "昨晚如皋市如城街道海阳路路灯不亮"
CALL = HOTLINE | {"text": TEXT, "place": ""}
TIME = {"kind": "time", "was": "昨晚", "now": "今早", "start": 0, "end": 2}


def test_what_was_put_right_on_the_line_is_kept_with_the_report(db: Home, person: People) -> None:
    sent = CALL | {"corrections": [TIME], "transfer": "119", "transfer_reason": "有煤气味"}
    desk = person()
    answer = desk.post("/reports", sent)
    assert answer.status_code == 202, answer.text
    assert rows(db, "select kind, was, now, first, last, actor from correction") == [
        ("time", "昨晚", "今早", 0, 2, "某人")]  # fmt: skip
    assert rows(db, "select service, reason from emergency") == [("119", "有煤气味")]


def test_sent_again_nothing_is_kept_twice(db: Home, person: People) -> None:
    desk = person()
    sent = CALL | {"channel_id": "T-1", "corrections": [TIME], "transfer": "110"}
    assert desk.post("/reports", sent).json()["duplicate"] is False
    assert desk.post("/reports", sent).json()["duplicate"] is True
    assert rows(db, "select count(*) from correction") == [(1,)]
    assert rows(db, "select count(*) from emergency") == [(1,)]


def test_a_report_is_put_right_afterwards(db: Home, person: People) -> None:
    desk = person(Role.DISPATCHER)
    number = desk.post("/reports", CALL).json()["id"]
    nothing = {"kind": "object", "was": "路灯", "now": "", "start": 12, "end": 14}
    first = desk.post(f"/reports/{number}/corrections", {"corrections": [TIME]})
    assert first.status_code == 200, first.text
    second = desk.post(f"/reports/{number}/corrections", {"corrections": [nothing]}).json()
    assert [(c["kind"], c["now"]) for c in second] == [("time", "今早"), ("object", "")]


@pytest.mark.parametrize("wrong", [
    TIME | {"end": 999}, TIME | {"start": 5, "end": 2}, TIME | {"start": -1}, TIME | {"kind": "mood"}, TIME | {"now": "昨晚"},
])  # fmt: skip
def test_what_cannot_be_is_refused_and_named(
    db: Home, person: People, wrong: dict[str, Any]
) -> None:
    desk = person()
    answer = desk.post("/reports", CALL | {"corrections": [wrong]})
    assert answer.status_code == 422
    assert rows(db, "select 1 from report") == []


def test_others_may_not(db: Home, person: People) -> None:
    number = person().post("/reports", CALL).json()["id"]
    body = {"corrections": [TIME]}
    path = f"/reports/{number}/corrections"
    assert person(Role.HANDLER, "nt.rugao.cgj").post(path, body).status_code == 403
    assert person(Role.DISPATCHER, "nt.haian").post(path, body).status_code == 404
    assert rows(db, "select 1 from correction") == []


def test_the_database_refuses_anothers_name(db: Home, person: People) -> None:
    desk = person()
    number = int(desk.post("/reports", CALL).json()["id"])
    assert desk.scope is not None
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.app.transaction(desk.scope) as conn:  # fmt: skip
        conn.execute(
            """insert into correction (report, kind, was, now, first, last, account, actor, at)
               values (%s, 'time', 'a', 'b', 0, 1, 1, 'x', now())""",
            (number,),
        )


def test_the_preview_says_what_was_understood(db: Home, person: People) -> None:
    shown = person().post("/reports/preview", {"text": "昨晚十点起闻到煤气味，屋里有2名老人"})
    assert shown.status_code == 200, shown.text
    found = shown.json()
    assert found["alarm"]["service"] == "119"
    assert found["when"][0]["lasting"] is True
    assert (found["people"][0]["low"], found["people"][0]["high"]) == (2, 2)
    assert len(found["path"]) == 3
    assert [m["what"] for m in found["missing"]][:2] == ["county", "spot"]
    text = "昨晚十点起闻到煤气味，屋里有2名老人"
    assert all(text[m["start"] : m["end"]] == m["text"] for m in found["marks"])
    assert {"danger", "time", "people"} <= {m["kind"] for m in found["marks"]}


def test_a_place_has_its_level_and_code(db: Home, person: People) -> None:
    found = person().post("/reports/preview", {"text": "如皋市如城街道海阳路路灯不亮"}).json()
    levels = {p["text"]: (p["level"], p["code"]) for p in found["places"]}
    assert levels["如皋市"] == ("county", "320682000000000")
    assert levels["如城街道"][0] == "township"
    assert levels["海阳路"][0] == "road"
    assert found["object"] == {"text": "路灯", "code": "0114", "name": "路灯", "name_en": "Street light"}  # fmt: skip
