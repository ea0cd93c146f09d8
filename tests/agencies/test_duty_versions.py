"""Versions in the database: who may draft and who may put in force; a refused list changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chengshu.agencies.duties import change, store
from chengshu.agencies.duties.current import current
from chengshu.agencies.duties.fields import as_row
from chengshu.agencies.duties.files import BadList
from chengshu.agencies.duties.model import Placed
from chengshu.agencies.duties.table import read_table
from chengshu.agencies.model import Role
from tests.agencies.duty_rows import nantong
from tests.conftest import Home
from tests.security.people import Api, Someone, rows

pytestmark = pytest.mark.db
Person = Callable[..., Someone]
GARBAGE = "city.garbage"


def _found(home: Home, api: Api) -> None:
    """Version 1, as founding loads it."""
    catalogue, ground = nantong()
    with home.worker.transaction() as conn:
        made, fresh = change.take_folder(conn, catalogue.rows, ground, now=api.clock.now)
    assert made is not None
    assert (made.version, made.state, fresh) == (1, "active", True)


def _body(*, lead: str = "园林", **values: Any) -> dict[str, Any]:
    catalogue, _ = nantong()
    row = as_row(next(r.duty for r in catalogue.rows if r.duty.matter == GARBAGE))
    excluded = row.pop("not")
    row = {**row, "excludes": excluded, "lead": lead, "assist": [], **values}
    row.pop("matter")
    return {"note": "试行由园林牵头", "changes": [{"matter": GARBAGE, "rows": [row]}]}


def _lead(who: Someone) -> str:
    found = who.get("/duties", params={"matter": GARBAGE}).json()
    return str(found["rows"][0]["lead"])


@pytest.fixture
def founded(api: Api) -> Api:
    """The application over a city whose list is loaded."""
    _found(api.home, api)
    return api


def test_founding_again_changes_nothing_until_the_files_do(founded: Api) -> None:
    catalogue, ground = nantong()
    with founded.home.worker.transaction() as conn:
        same, fresh = change.take_folder(conn, catalogue.rows, ground, now=founded.clock.now)
        assert same is not None
        assert (same.version, fresh) == (1, False)
        first, *others = catalogue.rows
        other = Placed(
            first.duty.__class__(**{**_fields(first.duty), "assist": ()}), first.file, first.row
        )
        again, fresh = change.take_folder(conn, [other, *others], ground, now=founded.clock.now)
        assert again is not None
        assert (again.version, again.based_on, fresh) == (2, 1, True)
        assert [v.state for v in store.versions(conn)] == ["active", "retired"]


def _fields(duty: Any) -> dict[str, Any]:
    return {name: getattr(duty, name) for name in duty.__dataclass_fields__}


def test_a_bad_list_is_refused_whole_and_the_running_one_stays(founded: Api) -> None:
    catalogue, ground = nantong()
    bad = [
        Placed(type(r.duty)(**{**_fields(r.duty), "lead": "神仙局"}), r.file, r.row)
        for r in catalogue.rows[:2]
    ]
    before = rows(founded.home, "select version, state from duty_version")
    with founded.home.worker.transaction() as conn, pytest.raises(BadList) as refused:
        change.take(
            conn,
            [*bad, *catalogue.rows[2:]],
            ground,
            source="bad.csv",
            note="",
            now=founded.clock.now,
        )
    assert {f.row for f in refused.value.faults} >= {r.row for r in bad}
    assert rows(founded.home, "select version, state from duty_version") == before


def test_a_draft_and_a_second_person(founded: Api, person: Person) -> None:
    writer, second = person(Role.DISPATCHER, "nt"), person(Role.SUPERVISOR, "nt")
    made = writer.post("/duties/drafts", _body())
    assert made.status_code == 201, made.text
    assert (made.json()["version"], made.json()["state"], made.json()["based_on"]) == (
        2,
        "draft",
        1,
    )
    assert _lead(writer) == "城管局"  # a draft is no law
    assert writer.post("/duties/versions/2/activate", {"reason": "自己启用"}).status_code == 403
    done = second.post("/duties/versions/2/activate", {"reason": "会议纪要第三条"})
    assert done.status_code == 200, done.text
    assert _lead(writer) == "园林"
    assert [r["matter"] for r in writer.get("/duties").json()["rows"]] == [
        r.duty.matter for r in nantong()[0].rows
    ]
    told = writer.get(f"/duties/{GARBAGE}/history").json()
    assert [(v["version"]["version"], v["version"]["state"], v["rows"][0]["lead"]) for v in told] == [
        (2, "active", "园林"), (1, "retired", "城管局")]  # fmt: skip
    assert told[0]["version"]["reason"] == "会议纪要第三条"
    assert second.post("/duties/versions/2/activate", {"reason": "再来一次"}).status_code == 409
    acts = rows(founded.home, "select act from audit where subject = '2' order by id")
    assert acts == [("duties_drafted",), ("duties_activated",)]


def test_she_who_wrote_it_may_not_put_it_in_force_whatever_her_role(
    founded: Api, person: Person
) -> None:
    both = person(Role.SUPERVISOR, "nt")
    assert both.post("/duties/drafts", _body()).status_code == 201
    refused = both.post("/duties/versions/2/activate", {"reason": "自己启用"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize("unit", ["nt", "nt.rugao", "nt.cgj"])
def test_who_may_draft_and_activate(founded: Api, person: Person, unit: str) -> None:
    writer, centre = person(Role.DISPATCHER, "nt"), unit == "nt"
    number = 1
    for n, role in enumerate(Role):
        assert (
            writer.post(
                "/duties/drafts", _body(close_when=f"垃圾清走后第{n}次复查干净")
            ).status_code
            == 201
        )
        number += 1
        who = person(role, unit, grid=320682105001001 if role is Role.GRID_WORKER else None)
        activates = who.post(
            f"/duties/versions/{number}/activate", {"reason": "复核无误"}
        ).status_code
        assert activates == (200 if centre and role in (Role.SUPERVISOR, Role.LEADER) else 403), (
            role
        )
        drafts = who.post("/duties/drafts", _body(lead="水利局")).status_code
        allowed = centre and role in (Role.DISPATCHER, Role.SUPERVISOR)
        assert drafts == (201 if allowed else 403), role
        number += allowed


def test_a_bad_draft_names_row_and_field_in_both_languages(founded: Api, person: Person) -> None:
    writer = person(Role.DISPATCHER, "nt")
    body = _body(
        lead="神仙局", limits={**_body()["changes"][0]["rows"][0]["limits"], "urgent": "90 days"}
    )
    refused = writer.post("/duties/drafts", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_list")
    said = {f["field"]: f["message"] for f in refused.json()["fields"]}
    assert "神仙局" in said["rows.1.lead"]
    assert "倒挂" in said["rows.1.limits.urgent"]
    english = writer.post("/duties/drafts", body, headers={"Accept-Language": "en"}).json()
    assert "no unit" in {f["field"]: f["message"] for f in english["fields"]}["rows.1.lead"]
    gone = writer.post("/duties/drafts", {**body, "changes": [{"matter": GARBAGE, "rows": []}]})
    assert gone.status_code == 422
    assert f"{GARBAGE}.stage" in {f["field"] for f in gone.json()["fields"]}
    assert [v["version"] for v in writer.get("/duties/versions").json()] == [1]


def test_a_draft_on_a_list_that_was_replaced_is_void(founded: Api, person: Person) -> None:
    writer, second = person(Role.DISPATCHER, "nt"), person(Role.LEADER, "nt")
    for lead in ("园林", "水利局"):
        assert writer.post("/duties/drafts", _body(lead=lead)).status_code == 201
    assert second.post("/duties/versions/3/activate", {"reason": "采用后一稿"}).status_code == 200
    assert second.post("/duties/versions/2/activate", {"reason": "前一稿"}).status_code == 409
    assert _lead(writer) == "水利局"


def test_filters_and_export(founded: Api, person: Person, tmp_path: Path) -> None:
    reader = person(Role.HANDLER, "nt.rugao.cgj")
    whole = reader.get("/duties").json()
    catalogue, _ = nantong()
    assert whole["total"] == len(catalogue.rows) == len(whole["rows"])
    mine = reader.get("/duties", params={"line": "海事局"}).json()["rows"]
    assert mine
    assert all("海事局" in (r["lead"], *r["assist"]) for r in mine)
    assert {r["matter"] for r in reader.get("/duties", params={"q": "广场舞"}).json()["rows"]} >= {
        "noise.social"
    }
    inland = {
        r["matter"]
        for r in reader.get("/duties", params={"area": "320682000000000"}).json()["rows"]
    }
    coast = {
        r["matter"]
        for r in reader.get("/duties", params={"area": "320623000000000"}).json()["rows"]
    }
    assert coast - inland == {"sea.area", "sea.fishing_boat", "sea.shore"}
    excluded = reader.get("/duties", params={"matter": "noise.site", "stage": "handle"}).json()[
        "rows"
    ][0]["excludes"]
    assert {x["matter"]: x["lead"] for x in excluded}["noise.night_permit"] == "住建局"
    for form in ("csv", "xlsx"):
        file = tmp_path / f"duties.{form}"
        file.write_bytes(reader.get("/duties/export", params={"form": form}).content)
        assert [r.duty for r in read_table(file)[0]] == [r.duty for r in catalogue.rows]


def test_without_a_version_the_files_are_shown_and_nothing_can_be_drafted(
    api: Api, person: Person
) -> None:
    writer = person(Role.DISPATCHER, "nt")
    assert writer.get("/duties").json()["version"] is None
    assert writer.post("/duties/drafts", _body()).status_code == 409


def test_the_list_in_force_is_read_again_only_when_it_changed(founded: Api, person: Person) -> None:
    catalogue, _ = nantong()
    with founded.home.worker.transaction() as conn:
        held = current(conn, catalogue)
        assert held.version == 1
        assert current(conn, catalogue, held) is held
    person(Role.DISPATCHER, "nt").post("/duties/drafts", _body())
    person(Role.LEADER, "nt").post("/duties/versions/2/activate", {"reason": "采用"})
    with founded.home.worker.transaction() as conn:
        fresh = current(conn, catalogue, held)
    assert fresh.version == 2
    assert fresh.by_matter[GARBAGE][0].lead == "园林"


@pytest.mark.parametrize("statement", [
    "update duty set matter = 'x'", "delete from duty", "delete from duty_version",
    "update duty_version set note = 'x'"])  # fmt: skip
@pytest.mark.parametrize("role", ["app", "worker"])
def test_rows_stay_as_they_were_written(founded: Api, role: str, statement: str) -> None:
    with (
        psycopg.connect(getattr(founded.home.dsns, role), autocommit=True) as conn,
        pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.IntegrityConstraintViolation)
        ),
    ):
        conn.execute(statement)


def test_nobody_without_a_login_reads_it(founded: Api) -> None:
    assert Someone(founded).get("/duties").status_code == 401
    with founded.home.app.transaction({"role": "citizen"}) as conn:
        assert conn.execute("select count(*) from duty").fetchone() == (0,)


def test_the_day_is_nantongs(founded: Api) -> None:
    """A list that begins on the first of the month holds from midnight in Nantong."""
    catalogue, ground = nantong()
    now = founded.clock.now.replace(month=1, day=1, hour=0) - timedelta(
        hours=7
    )  # 2026-01-01 01:00 there
    with founded.home.worker.transaction() as conn:
        made = change.take(conn, catalogue.rows, ground, source="x.csv", note="", now=now)
    assert made.version == 2
