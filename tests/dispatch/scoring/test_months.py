"""A month from reckoning to freezing, over HTTP with the real worker."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from chengshu.agencies.model import Role
from chengshu.app.scores import watch_scores
from chengshu.dispatch.scoring.difficulty import past_of
from chengshu.dispatch.scoring.gather import store as gather_store
from tests.conftest import Home
from tests.dispatch.scoring import months
from tests.dispatch.scoring.months import (
    HAIAN_CGJ,
    JUNE,
    PUBLISHED,
    RUGAO_CGJ,
    RUGAO_JTJ,
    RUGAO_ZJJ,
    Books,
)
from tests.security.people import Someone
from tests.security.scene import ok, upload

pytestmark = pytest.mark.db
NIGHT = datetime(2026, 6, 20, 19, 0, tzinfo=UTC)


@pytest.fixture
def books(db: Home) -> Iterator[Books]:
    yield months.make(db)
    db.empty()


def june(who: Someone, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(who.get("/scoring/months/2026-06", params=query))
    return found


def unit(who: Someone, path: str, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(who.get(f"/scoring/months/2026-06/units/{path}", params=query))
    return found


def indicator(score: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(m for m in score["measured"] if m["indicator"] == name)
    return found


def fill(books: Books) -> list[int]:
    """Three bureaus of 如皋 and one of 海安 with known months; the orders of 如皋's first."""
    own = [books.order(RUGAO_CGJ, check=True) for _ in range(6)]
    own += [books.order(RUGAO_CGJ, hours=60, contact=5, call="unsatisfied"), books.order(RUGAO_CGJ, hours=None)]  # fmt: skip
    for _ in range(4):
        books.order(RUGAO_JTJ, call="satisfied")
        books.order(RUGAO_ZJJ, hours=70, check=False)
        books.order(HAIAN_CGJ, matter="city.garbage", check=True)
    books.order(RUGAO_JTJ, begin=months.BEGIN + timedelta(days=40))  # due in July
    return own


def test_numbers_equal_an_independent_recount(books: Books) -> None:
    own = fill(books)
    books.later(PUBLISHED)
    shown = unit(books.at(Role.HANDLER, RUGAO_CGJ), RUGAO_CGJ)
    assert [int(o["order"]) for o in shown["orders"]] == own
    in_time, said = books.sql(
        "select count(*) filter (where handled_at <= due_at), count(*) from work_order where unit = %s and due_at >= %s "
        "and due_at < %s", RUGAO_CGJ, datetime(2026, 5, 31, 16, tzinfo=UTC),
        datetime(2026, 6, 30, 16, tzinfo=UTC))[0]  # fmt: skip
    on_time = indicator(shown["score"], "on_time")
    assert (on_time["orders"], on_time["hits"], on_time["misses"]) == (said, in_time, said - in_time)  # fmt: skip
    passed, looked = books.sql(
        "select count(*) filter (where n.passed), count(*) from inspection n join work_order o on o.id = n.work_order "
        "where o.unit = %s and n.done_at is not null", RUGAO_CGJ)[0]  # fmt: skip
    resolved = indicator(shown["score"], "resolved")
    # the dissatisfied citizen and the order that nobody handled are not resolved either
    assert (resolved["orders"], resolved["hits"]) == (looked + 2, passed)
    contacted = books.sql(
        "select count(*) filter (where c.made_at <= c.due_at), count(*) from first_contact c join work_order o "
        "on o.id = c.work_order where o.unit = %s", RUGAO_CGJ)[0]  # fmt: skip
    response = indicator(shown["score"], "response")
    assert (response["hits"], response["orders"]) == contacted
    # each number is the sum of what its orders are shown to weigh, and the version's own rows say the same
    for m in shown["score"]["measured"]:
        parts = [p for o in shown["orders"] for p in o["marks"] if p["indicator"] == m["indicator"]]
        assert sum(p["hits"] for p in parts) == pytest.approx(m["hits"])
        assert sum(p["misses"] for p in parts) == pytest.approx(m["misses"])
        kept = books.sql(
            "select coalesce(sum(share * factor * (marks->%s->>'value')::float), 0) from score_order where unit = %s "
            "and month = %s and share > 0 and version = (select version from score_month where month = %s)",
            m["indicator"], RUGAO_CGJ, JUNE, JUNE)[0][0]  # fmt: skip
        assert kept == pytest.approx(m["hits"])


def test_points_are_what_the_page_explains(books: Books) -> None:
    fill(books)
    books.later(PUBLISHED)
    score = unit(books.at(Role.HANDLER, RUGAO_CGJ), RUGAO_CGJ)["score"]
    weight = sum(m["weight"] for m in score["measured"])
    by_hand = 100 * sum(m["weight"] * m["value"] for m in score["measured"]) / weight
    assert score["points"] == pytest.approx(by_hand)
    assert score["low"] < score["points"] < score["high"]


def test_difficulty_in_sql_is_that_of_the_rules(books: Books) -> None:
    fill(books)
    order = books.order(RUGAO_JTJ, hours=30)
    books.order(RUGAO_JTJ, hours=1, grid=True)
    with books.home.owner() as conn:
        conn.execute("insert into step (incident, work_order, at, actor, verb) select incident, id, changed_at, '甲', 'reject' "
                     "from work_order where id = %s", (order,))  # fmt: skip
    since, until = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    with books.home.worker.transaction() as conn:
        facts = gather_store.facts(conn, since, until, contact=True)
        fast = gather_store.past(conn, since, until)
    slow = past_of(facts)
    assert fast.keys() == slow.keys()
    for matter, p in slow.items():
        assert (fast[matter].orders, fast[matter].again) == (p.orders, p.again)
        assert fast[matter].hours == pytest.approx(p.hours)
    assert sum(p.again for p in slow.values()) == 1


def test_an_open_month_is_reckoned_anew_and_seen_by_its_own_unit_only(books: Books) -> None:
    fill(books)
    books.later(NIGHT)
    own = june(books.at(Role.HANDLER, RUGAO_CGJ))
    assert [r["unit"] for r in own["rows"]] == [RUGAO_CGJ]
    books.order(RUGAO_CGJ)
    books.later(NIGHT + timedelta(days=1))
    again = june(books.at(Role.HANDLER, RUGAO_CGJ))
    assert again["rows"][0]["orders"] == own["rows"][0]["orders"] + 1
    assert books.sql("select count(*) from score_version where month = %s", JUNE) == [(1,)]


def test_scope_of_the_table_and_of_the_orders_behind_it(books: Books) -> None:
    fill(books)
    books.later(PUBLISHED)
    bureau = books.at(Role.HANDLER, RUGAO_CGJ)
    table = june(bureau)
    # the published table of her tier, of other counties too; the orders behind are her own only
    assert {r["unit"] for r in table["rows"]} == {RUGAO_CGJ, RUGAO_JTJ, RUGAO_ZJJ, HAIAN_CGJ}
    assert [r["unit"] for r in table["rows"] if r["opens"]] == [RUGAO_CGJ]
    unknown = bureau.get("/scoring/months/2026-06/units/nt.rugao.nosuch")
    for other in (RUGAO_JTJ, HAIAN_CGJ):
        answer = bureau.get(f"/scoring/months/2026-06/units/{other}")
        assert (answer.status_code, unknown.status_code) == (404, 404)
    assert not june(bureau, matter="city.garbage")["rows"], (
        "a matter's rows are for the unit and those above"
    )
    county = books.at(Role.SUPERVISOR, "nt.rugao")
    assert unit(county, RUGAO_JTJ)["orders"]
    assert county.get(f"/scoring/months/2026-06/units/{HAIAN_CGJ}").status_code == 404
    assert unit(books.at(Role.ANALYST, "nt"), HAIAN_CGJ)["orders"]
    assert books.at(Role.GRID_WORKER, "nt.rugao").get("/scoring/months").status_code == 403
    assert books.at(Role.SECURITY_ADMIN, "nt").get("/scoring/months").status_code == 403
    with books.home.app.transaction(bureau.scope.settings() if bureau.scope else None) as conn:
        units = {r[0] for r in conn.execute("select unit from score_order").fetchall()}
        assert units == {RUGAO_CGJ}


def appeal(books: Books, order: int, who: Someone | None = None, **more: Any) -> Any:
    who = who or books.at(Role.HANDLER, RUGAO_CGJ)
    body = {"order": str(order), "wants": "count", "indicator": "on_time", "words": "延误因供电中断，有停电通知",
            "evidence": [upload(who)], **more}  # fmt: skip
    return who.post("/scoring/months/2026-06/appeals", body)


def test_appeal_recompute_freeze(books: Books) -> None:
    own = fill(books)
    late = own[6]
    books.later(NIGHT)
    assert appeal(books, late).status_code == 409, "not published yet"
    books.later(PUBLISHED)
    before = unit(books.at(Role.HANDLER, RUGAO_CGJ), RUGAO_CGJ)["score"]
    assert appeal(books, late, evidence=[]).status_code == 422
    assert appeal(books, late, indicator="luck").status_code == 422
    assert appeal(books, late, books.at(Role.HANDLER, RUGAO_JTJ)).status_code in (403, 404)
    made = ok(appeal(books, late))
    assert appeal(books, late).status_code == 409, "the same appeal is open already"
    assert datetime.fromisoformat(made["due_at"]) > PUBLISHED
    path = f"/scoring/appeals/{made['id']}/answer"
    yes = {"grant": True, "words": "停电通知属实"}
    assert books.at(Role.HANDLER, RUGAO_CGJ).post(path, yes).status_code == 403
    assert books.at(Role.SUPERVISOR, "nt.haian").post(path, yes).status_code == 404
    # nobody answers: the clock marks it once and the month is not frozen meanwhile
    until = datetime.fromisoformat(june(books.at(Role.ANALYST, "nt"))["month"]["appeals_until"])
    books.later(until + timedelta(minutes=1))
    assert books.sql(
        "select m.state, p.late from score_month m join score_appeal p using (month)"
    ) == [("published", True)]
    told = books.sql("select unit from notice where text like '%%申诉答复已超过%%' order by unit")
    assert told == [("nt",), ("nt.rugao",)]
    done = ok(books.at(Role.SUPERVISOR, "nt.rugao").post(path, yes))
    assert (done["state"], done["answered_actor"] != done["actor"]) == ("upheld", True)
    assert books.at(Role.SUPERVISOR, "nt.rugao").post(path, yes).status_code == 409
    books.later(books.api.clock.now + timedelta(minutes=1))
    after = unit(books.at(Role.HANDLER, RUGAO_CGJ), RUGAO_CGJ)
    assert indicator(after["score"], "on_time")["hits"] == indicator(before, "on_time")["hits"] + 1
    assert after["score"]["points"] > before["points"]
    (own_late,) = [o for o in after["orders"] if int(o["order"]) == late]
    (mark,) = [m for m in own_late["marks"] if m["indicator"] == "on_time"]
    assert "申诉" in mark["why"]
    assert after["month"]["state"] == "frozen"
    frozen = books.sql("select * from score_order order by work_order, version")
    for statement in (
        "update score_row set points = 100", "delete from score_order where month = '2026-06-01'",
        "update score_version set digest = ''",
        "update score_month set state = 'published', frozen_at = null where month = '2026-06-01'",
        "insert into score_version select month, version + 1, made_at, because, rules, difficulty, excluded, flags, orders, "
        "digest from score_version where month = '2026-06-01' and version = 2",
    ):  # fmt: skip
        with books.home.owner() as conn, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            conn.execute(statement)
    assert books.sql("select * from score_order order by work_order, version") == frozen
    assert appeal(books, own[7]).status_code == 409
    # both versions stay readable
    earlier = june(books.at(Role.ANALYST, "nt"), version="2")
    assert [v["version"] for v in earlier["versions"]] == [3, 2]
    # months go on: whatever is decided later does not touch it
    assert books.at(Role.ANALYST, "nt").post("/scoring/months/2026-06/run").status_code == 409


def test_an_exclusion_needs_two_people_and_takes_the_order_out(books: Books) -> None:
    own = fill(books)
    books.later(PUBLISHED)
    before = unit(books.at(Role.ANALYST, "nt.rugao"), RUGAO_CGJ)["score"]
    first = books.at(Role.SUPERVISOR, "nt.rugao")
    body = {"order": str(own[7]), "reason": "no_power", "words": "涉及省管河道，县级无权处置"}
    assert first.post("/scoring/exclusions", {**body, "reason": "bad_luck"}).status_code == 422
    assert books.at(Role.HANDLER, RUGAO_JTJ).post("/scoring/exclusions", body).status_code == 404
    made = ok(first.post("/scoring/exclusions", body))
    assert first.post("/scoring/exclusions", body).status_code == 409
    path, yes = (
        f"/scoring/exclusions/{made['id']}/decide",
        {"grant": True, "words": "情况属实，同意剔除"},
    )
    answer = first.post(path, yes)
    assert (answer.status_code, answer.json()["detail"]) == (403, made["why_not_decide"])
    with books.home.owner() as conn, pytest.raises(psycopg.errors.CheckViolation):
        conn.execute("update score_exclusion set state = 'approved', decided_by = account")
    ok(books.at(Role.SUPERVISOR, "nt.rugao", 2).post(path, yes))
    books.later(PUBLISHED + timedelta(minutes=1))
    after = unit(books.at(Role.ANALYST, "nt.rugao"), RUGAO_CGJ)
    assert after["score"]["orders"] == before["orders"] - 1
    assert indicator(after["score"], "on_time")["misses"] == indicator(before, "on_time")["misses"] - 1  # fmt: skip
    (one,) = [o for o in after["orders"] if o["excluded"]]
    assert (one["order"], one["excluded"], one["share"]) == (str(own[7]), "no_power", 0)
    # published with counts, to a unit of another county too
    published = ok(books.at(Role.HANDLER, HAIAN_CGJ).get("/scoring/exclusions"))
    assert published["items"] == []
    assert published["published"][-1]["excluded"] == {"no_power": 1}


def test_a_measure_is_approved_reported_and_struck_off_by_others(books: Books) -> None:
    fill(books)
    books.later(PUBLISHED)
    body = {
        "kind": "rectify",
        "unit": RUGAO_ZJJ,
        "month": "2026-06",
        "words": "按时办结率连续偏低，限期整改",
    }
    first, second = (books.at(Role.SUPERVISOR, "nt.rugao", n) for n in (1, 2))
    own = books.at(Role.HANDLER, RUGAO_ZJJ)
    assert own.post("/scoring/measures", body).status_code == 403
    assert first.post("/scoring/measures", {**body, "unit": HAIAN_CGJ}).status_code == 403
    made = ok(first.post("/scoring/measures", body))
    path, words = f"/scoring/measures/{made['id']}", {"words": "已逐件核对并整改到位"}
    assert ok(own.get("/scoring/measures"))["items"] == [], "the unit hears of it once approved"
    assert first.post(f"{path}/approve", words).status_code == 403
    ok(second.post(f"{path}/approve", words))
    assert second.post(f"{path}/strike", words).status_code == 409
    assert second.post(f"{path}/report", words).status_code == 403
    books.later(PUBLISHED + timedelta(days=30))
    (shown,) = ok(books.at(Role.HANDLER, RUGAO_ZJJ).get("/scoring/measures"))["items"]
    assert shown["late"]
    ok(books.at(Role.HANDLER, RUGAO_ZJJ).post(f"{path}/report", words))
    ok(books.at(Role.SUPERVISOR, "nt.rugao").post(f"{path}/again", {"words": "还有三件没有整改"}))
    ok(books.at(Role.HANDLER, RUGAO_ZJJ).post(f"{path}/report", words))
    done = ok(books.at(Role.SUPERVISOR, "nt.rugao").post(f"{path}/strike", words))
    assert (done["state"], done["late"]) == ("struck", False)
    assert [s["act"] for s in done["steps"]] == ["propose", "approve", "report", "again", "report", "strike"]  # fmt: skip
    with books.home.owner() as conn, pytest.raises(psycopg.errors.IntegrityConstraintViolation):
        conn.execute("update score_measure_step set words = '没有的事'")


def test_what_is_suspected_is_inspected_and_counts_once_confirmed(books: Books) -> None:
    fill(books)
    fast = books.order(RUGAO_CGJ, hours=0.05, evidence=False, lon=121.9)
    trifle = books.order(RUGAO_CGJ, hours=1, grid=True)
    books.later(NIGHT)
    shown = unit(books.at(Role.HANDLER, RUGAO_CGJ), RUGAO_CGJ)
    by_order = {int(o["order"]): o for o in shown["orders"]}
    assert [f["flag"] for f in by_order[fast]["flags"]] == ["instant"]
    assert [f["flag"] for f in by_order[trifle]["flags"]] == ["trivia"]
    assert by_order[trifle]["share"] == 0
    asked = books.sql(
        "select work_order, kind, unit from inspection where done_at is null order by work_order"
    )
    assert asked == [(fast, "sample", "nt.rugao"), (trifle, "sample", "nt.rugao")]
    (mark,) = [m for m in by_order[fast]["marks"] if m["indicator"] == "on_time"]
    assert mark["value"] == 0
    with books.home.owner() as conn:
        conn.execute("update inspection set passed = true, done_at = %s where work_order = %s",
                     (months.BEGIN + timedelta(hours=5), fast))  # fmt: skip
    books.later(NIGHT + timedelta(days=1))
    shown = unit(books.at(Role.HANDLER, RUGAO_CGJ), RUGAO_CGJ)
    (order,) = [o for o in shown["orders"] if int(o["order"]) == fast]
    assert order["cleared"]
    assert [m["value"] for m in order["marks"] if m["indicator"] in ("on_time", "resolved")] == [
        1,
        1,
    ]
    assert books.sql("select count(*) from inspection where work_order = %s", fast) == [(1,)]


def test_two_workers_reckon_a_month_once(books: Books) -> None:
    fill(books)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: watch_scores(books.home.worker, books.home.world, PUBLISHED), range(4)))  # fmt: skip
    books.api.clock.now = PUBLISHED
    ok(books.at(Role.ANALYST, "nt").post("/scoring/months/2026-06/run"))
    with ThreadPoolExecutor(4) as pool:
        done += list(pool.map(lambda _: watch_scores(books.home.worker, books.home.world, PUBLISHED), range(4)))  # fmt: skip
    assert sum(done) == 3, "July, June, and June again because it was asked for"
    assert books.sql("select month, version, state from score_month order by month") == [
        (JUNE, 1, "published"), (date(2026, 7, 1), 1, "open")]  # fmt: skip


def test_only_the_city_has_months_reckoned_and_none_before_it_begins(books: Books) -> None:
    county, city = books.at(Role.ANALYST, "nt.rugao"), books.at(Role.ANALYST, "nt")
    assert county.post("/scoring/months/2026-05/run").status_code == 403
    assert books.at(Role.HANDLER, "nt").post("/scoring/months/2026-05/run").status_code == 403
    assert city.post("/scoring/months/2027-05/run").status_code == 422
    assert city.post("/scoring/months/2026-13/run").status_code == 422
    assert ok(city.post("/scoring/months/2026-05/run"))["version"] == 0


def test_the_table_as_csv(books: Books) -> None:
    fill(books)
    books.later(PUBLISHED)
    who = books.at(Role.ANALYST, "nt")
    answer = who.get("/scoring/months/2026-06/table.csv")
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    table = june(who)
    assert [r["unit"] for r in lines] == [r["unit"] for r in table["rows"]]
    for line, row in zip(lines, table["rows"], strict=True):
        assert float(line["points"]) == pytest.approx(row["points"], abs=0.006)
        assert int(line["on_time_orders"]) == indicator(row, "on_time")["orders"]
