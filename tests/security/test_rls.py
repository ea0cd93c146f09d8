"""Row-level security itself, in SQL: what each role's scope shows and lets be written, table by table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import sql

from chengshu.agencies.model import Role
from chengshu.agencies.scope import GATE, RELAY, Scope, of_citizen
from chengshu.kit.db import Connection
from tests.conftest import Home
from tests.security.fixtures import shared_scene
from tests.security.people import rows
from tests.security.scene import HAIAN, RUGAO, County, Scene

pytestmark = pytest.mark.db


@pytest.fixture(scope="module")
def scene(home: Home) -> Iterator[Scene]:
    """One for all tests here: they only look, or are refused."""
    yield from shared_scene(home)


_BY_INCIDENT = "select {key} from {table} t join incident i on i.id = t.incident where i.area >= %s and i.area < %s"
_BY_AREA = "select {key} from {table} t where t.area >= %s and t.area < %s"
_BY_ORDER = "select {key} from {table} t join work_order o on o.id = t.work_order where o.area >= %s and o.area < %s"
_BY_REPORT = "select {key} from {table} t join report r on r.id = t.report where r.area >= %s and r.area < %s"
# How a row of each table is told from others, and how it is found out whose it is.
BUSINESS: Mapping[str, tuple[str, str]] = {
    "incident": ("t.id", _BY_AREA),
    "work_order": ("t.id", _BY_AREA),
    "report": ("t.id", _BY_AREA),
    "word": ("t.ctid::text", _BY_INCIDENT),
    "membership": ("t.report", _BY_INCIDENT),
    "proposal": ("t.ctid::text", _BY_INCIDENT),
    "step": ("t.id", _BY_INCIDENT),
    "suggestion": ("t.id", _BY_INCIDENT),
    "profile": ("t.incident", _BY_INCIDENT),
    "posting": ("t.ctid::text", _BY_INCIDENT),
    "notice": ("t.id", _BY_INCIDENT),
    "reporter": ("t.report", _BY_REPORT),
    "attachment": ("t.id", "select {key} from {table} t left join report r on r.id = t.report "
                   "left join work_order o on o.id = t.work_order "
                   "where coalesce(r.area, o.area) >= %s and coalesce(r.area, o.area) < %s"),
    "transfer": ("t.report", _BY_REPORT),
    "reply": ("t.report", _BY_REPORT),
    "handback": ("t.incident", _BY_INCIDENT),
    "dispute": ("t.id", _BY_INCIDENT),
    "ruling": ("t.id", _BY_AREA),
    "clock": ("t.ctid::text", _BY_ORDER),
    "clock_request": ("t.id", _BY_ORDER),
    "supervision": ("t.id", _BY_ORDER),
    "joint": ("t.id", _BY_AREA),
    **{name: (key, "select {key} from {table} t join joint j on j.id = t.joint where j.area >= %s and j.area < %s")
       for name, key in (("joint_strand", "t.joint || t.code"), ("joint_task", "t.id"), ("joint_meeting", "t.id"),
                         ("joint_call", "t.meeting || t.unit"), ("joint_decision", "t.id"), ("joint_resource", "t.id"),
                         ("joint_hearer", "t.report"), ("joint_entry", "t.id"))},
    "whistle": ("t.id", _BY_AREA),
    "whistle_call": ("t.whistle || t.unit", "select {key} from {table} t join whistle w on w.id = t.whistle "
                     "where w.area >= %s and w.area < %s"),
    "passing": ("t.id", _BY_INCIDENT),
    "response": ("t.id", _BY_AREA),
    "response_level": ("t.response || '-' || t.nth", "select {key} from {table} t join response r on r.id = t.response "
                       "where r.area >= %s and r.area < %s"),
    "response_task": ("t.response || '-' || t.nth", "select {key} from {table} t join response r on r.id = t.response "
                      "where r.area >= %s and r.area < %s"),
    "correction": ("t.id", _BY_REPORT),
    "filing": ("t.incident", _BY_INCIDENT),
    "inspection": ("t.id", _BY_ORDER),
    "callback_task": ("t.ctid::text", _BY_INCIDENT),
    "callback": ("t.id", _BY_INCIDENT),
    "review": ("t.id", _BY_INCIDENT),
    "quality": ("t.id", _BY_ORDER),
    "shelving": ("t.id", _BY_INCIDENT),
    "special": ("t.incident", _BY_INCIDENT),
    "paper": ("t.id", _BY_INCIDENT),
    "handling": ("t.id", _BY_ORDER),
    "draft_reply": ("t.id", _BY_ORDER),
    "first_contact": ("t.work_order", _BY_ORDER),
    "exchange_call": ("t.work_order", _BY_ORDER),
    "upper_order": ("t.number", _BY_INCIDENT),
    "upper_message": ("t.id", "select {key} from {table} t join upper_order u on u.number = t.upper_number "
                      "join incident i on i.id = u.incident where i.area >= %s and i.area < %s"),
    "emergency": ("t.report", _BY_REPORT),
    "comparison": ("t.ctid::text", "select {key} from {table} t join incident i on i.id = t.home "
                   "where i.area >= %s and i.area < %s"),
    "regroup": ("t.id", "select {key} from {table} t join incident i on i.id = t.lead "
                "where i.area >= %s and i.area < %s"),
    "delivery": ("t.id", _BY_INCIDENT),
    "alarm": ("t.notice", _BY_INCIDENT),
    "handover": ("t.id", _BY_INCIDENT),
    "urgent_case": ("t.incident", _BY_INCIDENT),
    "urgent_report": ("t.id", _BY_INCIDENT),
    "link": ("t.ctid::text", "select {key} from {table} t join incident i on i.id = t.one "
             "where i.area >= %s and i.area < %s"),
}  # fmt: skip
# Tables that hold no business of a county, and who reads them.
OTHERS: Mapping[str, frozenset[str]] = {
    "account": frozenset({"gate", "system_admin", "security_admin", "audit_admin"}),
    "session": frozenset({"gate", "security_admin"}),
    "credential": frozenset({"gate", "security_admin"}),
    "audit": frozenset({"audit_admin"}),
    "outbox": frozenset(),  # the system administrator, and only what was set aside
    "change": frozenset({"relay"}),
    "duty": frozenset(Role),  # who is responsible for what is no secret among those with a login
    "duty_version": frozenset(Role),
}
# What nobody does in the scene, or what is a unit's and no incident's: the tests of incidents/refit,
# dispatch/{scoring,kinds,inside,upward} and notices/roster look at whose it is.
ELSEWHERE = frozenset({
    "merging_answer", "named", "counter", "unit_post", "exchange_system", "reconciliation", "contact",
    "duty_person", "duty_shift", "duty_note", "hook", "score_month", "score_version", "score_row",
    "score_order", "score_picture", "score_exclusion", "score_appeal", "score_measure", "score_measure_step",
})  # fmt: skip
# The city's directory; words as hashes, with counts; what was learnt for the whole city, as numbers.
PUBLIC = frozenset({"area", "unit", "term_count", "site", "component", "merging_weights", "routing_lesson",
                    "routing_count", "routing_version"})  # fmt: skip
CENTRE = ("call_taker", "dispatcher", "supervisor", "analyst", "leader", "handler")


@contextmanager
def seen_as(home: Home, scope: Scope | None) -> Iterator[Connection]:
    """A transaction of the serving role under a scope, undone at the end."""
    with (
        home.app.transaction(scope.settings() if scope else None) as conn,
        conn.transaction(force_rollback=True),
    ):
        yield conn


def select(conn: Connection, table: str, key: str) -> set[Any]:
    query = sql.SQL("select " + key + " from {} t").format(sql.Identifier(table))
    return {row[0] for row in conn.execute(query)}


def belonging(home: Home, table: str, county: County) -> set[Any]:
    key, query = BUSINESS[table]
    low = county.place.county
    return {r[0] for r in rows(home, query.format(key=key, table=table), low, low + 10**9)}


def tables(home: Home) -> list[str]:
    found = rows(home, "select tablename from pg_tables where schemaname = 'public' order by 1")
    return [str(r[0]) for r in found]


def test_every_table_is_known_here(db: Home) -> None:
    """A new table must say whose its rows are."""
    ours = {t for t in tables(db) if not t.startswith("procrastinate_") and t != "alembic_version"}
    assert ours == BUSINESS.keys() | OTHERS.keys() | PUBLIC | ELSEWHERE


def test_every_table_of_ours_has_its_security_forced(db: Home) -> None:
    loose = rows(db, """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
                        and not (relrowsecurity and relforcerowsecurity)""")  # fmt: skip
    assert {r[0] for r in loose if not r[0].startswith("procrastinate_")} == {"alembic_version"}


def test_without_a_scope_no_table_shows_a_row(scene: Scene) -> None:
    for table in set(tables(scene.api.home)) - PUBLIC:
        with seen_as(scene.api.home, None) as conn:
            try:
                found = select(conn, table, "1")
            except psycopg.errors.InsufficientPrivilege:
                continue
            assert not found, table


def test_an_emptied_scope_is_no_scope(scene: Scene) -> None:
    for table in BUSINESS.keys() | OTHERS.keys():
        with seen_as(scene.api.home, Scope("")) as conn:
            assert not select(conn, table, "1"), table


def test_a_centre_sees_all_of_its_county_and_nothing_of_the_next(scene: Scene) -> None:
    home = scene.api.home
    for who in CENTRE:
        scope = scene.rugao.people[who].scope
        for table, (key, _) in BUSINESS.items():
            ours, theirs = belonging(home, table, scene.rugao), belonging(home, table, scene.haian)
            assert ours, f"the scene has no {table}"
            with seen_as(home, scope) as conn:
                found = select(conn, table, key)
            assert not found & theirs, (who, table)
            if (
                table == "reporter"
            ):  # analysts and leaders never; handlers not the confidential ones: below
                continue
            assert found >= ours, (who, table)


def test_the_city_sees_both_counties(scene: Scene) -> None:
    home = scene.api.home
    for table, (key, _) in BUSINESS.items():
        with seen_as(home, scene.city["dispatcher"].scope) as conn:
            found = select(conn, table, key)
        assert found >= belonging(home, table, scene.rugao) | belonging(home, table, scene.haian), (
            table
        )


def test_a_bureau_sees_what_it_has_an_order_for(scene: Scene) -> None:
    home, ids = scene.api.home, scene.rugao.ids
    with seen_as(home, scene.rugao.people["bureau"].scope) as conn:
        incidents = select(conn, "incident", "id")
        assert {int(ids["incident"]), int(ids["quiet_incident"])} <= incidents
        assert int(ids["waiting"]) not in incidents
        assert not {int(ids["waiting_report"]), int(ids["other_report"])} & select(
            conn, "report", "id"
        )
        for table, (key, _) in BUSINESS.items():
            assert not select(conn, table, key) & belonging(home, table, scene.haian), table


def test_a_bureau_without_orders_sees_nothing(scene: Scene) -> None:
    with seen_as(scene.api.home, scene.rugao.people["neighbour"].scope) as conn:
        for table in BUSINESS:
            assert not select(conn, table, "1"), table


def test_a_grid_worker_sees_her_grid_only(scene: Scene) -> None:
    with seen_as(scene.api.home, scene.rugao.people["grid_worker"].scope) as conn:
        for table in BUSINESS:
            assert not select(conn, table, "1"), (
                table
            )  # the scene's things lie in the township, in no grid


def test_administrators_see_no_business_at_all(scene: Scene) -> None:
    for role in ("system_admin", "security_admin", "audit_admin"):
        with seen_as(scene.api.home, scene.city[role].scope) as conn:
            for table in BUSINESS:
                assert not select(conn, table, "1"), (role, table)


def test_an_outside_system_sees_what_it_sent(scene: Scene) -> None:
    ids = scene.rugao.ids
    with seen_as(scene.api.home, scene.rugao.people["key"].scope) as conn:
        assert select(conn, "report", "id") == {int(ids["sent"])}
        assert select(conn, "transfer", "report") == {int(ids["sent"])}
        for table in BUSINESS.keys() - {"report", "transfer", "notice"}:
            assert not select(conn, table, "1"), table


def test_a_citizen_without_a_code_sees_nothing(scene: Scene) -> None:
    for code in ("", "0" * 32):
        with seen_as(scene.api.home, of_citizen(code)) as conn:
            for table in BUSINESS.keys() | OTHERS.keys():
                assert not select(conn, table, "1"), table


def test_the_gate_and_the_relay_see_no_business(scene: Scene) -> None:
    for scope in (GATE, RELAY):
        with seen_as(scene.api.home, scope) as conn:
            for table in BUSINESS:
                assert not select(conn, table, "1"), (scope.role, table)


def test_who_reads_accounts_sessions_keys_audit(scene: Scene) -> None:
    everybody = {**scene.everybody(), **scene.city}
    scopes = [s.scope for s in everybody.values() if s.scope] + [GATE, RELAY, of_citizen()]
    for scope in scopes:
        for table, readers in OTHERS.items():
            with seen_as(scene.api.home, scope) as conn:
                found = select(conn, table, "1::int" if table != "account" else "id")
            own = {scope.account} if table == "account" and scope.account else set()
            assert bool(found - own) == (
                scope.role in readers and bool(_filled(scene.api.home, table))
            ), (scope.role, table)


def _filled(home: Home, table: str) -> int:
    return int(rows(home, f"select count(*) from {table}")[0][0])


@pytest.mark.parametrize("who", ["dispatcher", "bureau", "call_taker", "grid_worker", "key"])
def test_updates_across_the_border_change_nothing(scene: Scene, who: str) -> None:
    ids = scene.haian.ids
    updates = {
        "incident": ("update incident set title = 'x' where id = %s", ids["incident"]),
        "work_order": ("update work_order set stage = 'closed' where id = %s", ids["order"]),
        "membership": (
            "update membership set incident = incident where report = %s",
            ids["report"],
        ),
        "suggestion": ("update suggestion set state = 'refused' where id = %s", ids["suggestion"]),
        "profile": ("update profile set body = '{}' where incident = %s", ids["incident"]),
        "proposal": ("update proposal set probability = 1 where incident = %s", ids["incident"]),
        "proposal-": ("delete from proposal where incident = %s", ids["incident"]),
        "word": ("delete from word where incident = %s", ids["incident"]),
        "posting": ("delete from posting where incident = %s", ids["incident"]),
        "notice": ("update notice set read_at = now() where incident = %s", ids["incident"]),
        "attachment": (
            f"update attachment set report = {scene.rugao.ids['report']} where id = %s",
            ids["loose"],
        ),
        "transfer": ("update transfer set acknowledged_at = now() where report = %s", ids["sent"]),
        "reply": ("update reply set overdue = true where report = %s", ids["report"]),
        "dispute": ("update dispute set state = 'lapsed' where id = %s", ids["dispute"]),
        "ruling": ("update ruling set revoked_by = 'x' where incident = %s", ids["quiet_incident"]),
        "link": ("delete from link where %s in (one, other)", ids["other"]),
        "filing": ("update filing set line = 'x' where incident = %s", ids["incident"]),
        "inspection": (
            "update inspection set passed = true, done_at = now() where id = %s",
            ids["inspection"],
        ),
        "callback_task": (
            "update callback_task set attempts = 9 where incident = %s",
            ids["quiet_incident"],
        ),
        "callback": ("update callback set reasonable = true where id = %s", ids["callback"]),
        "review": ("update review set words = 'x' where id = %s", ids["review"]),
        "shelving": ("update shelving set state = 'closed' where incident = %s", ids["incident"]),
        "clock": ("update clock set level = 9 where work_order = %s", ids["order"]),
        "clock_request": (
            "update clock_request set answer = 'x' where id = %s",
            ids["clock_request"],
        ),
        "supervision": (
            "update supervision set explanation = 'x' where id = %s",
            ids["supervision"],
        ),
        "joint": ("update joint set ended_by = 'x', ended_at = now() where id = %s", ids["joint"]),
        "joint_strand": ("update joint_strand set answer = 'x' where joint = %s", ids["joint"]),
        "joint_call": ("update joint_call set coming = true where meeting = %s", ids["meeting"]),
        "joint_resource": (
            "update joint_resource set arrived_at = now() where id = %s",
            ids["resource"],
        ),
        "whistle_call": (
            "update whistle_call set response_s = 1 where whistle = %s",
            ids["whistle"],
        ),
        "response": ("update response set level = 1 where id = %s", ids["response"]),
        "alarm": ("update alarm set ended_by = 'x' where notice = %s", ids["alarm"]),
        "delivery": ("update delivery set attempts = 0 where id = %s", ids["delivery"]),
        "handover": ("update handover set words = 'x' where id = %s", ids["handover"]),
        "urgent_case": ("update urgent_case set level = 1 where incident = %s", ids["incident"]),
        "urgent_report": (
            "update urgent_report set text = 'x' where incident = %s",
            ids["incident"],
        ),
        "duty_shift": ("update duty_shift set absent = true where id = %s", ids["duty_shift"]),
    }
    for table, (statement, key) in updates.items():
        with seen_as(scene.api.home, scene.rugao.people[who].scope) as conn:
            assert conn.execute(statement, (int(key),)).rowcount == 0, table


@pytest.mark.parametrize("who", ["dispatcher", "bureau", "call_taker", "grid_worker", "key"])
def test_inserts_across_the_border_are_refused(scene: Scene, who: str) -> None:
    ids = {k: int(v) for k, v in scene.haian.ids.items() if v.isdigit()}
    inserts = {
        "membership": f"insert into membership values ({ids['sent']}, {ids['incident']}, 'moved', 1, '[]', now())"
                      " on conflict (report) do update set incident = excluded.incident",
        "proposal": f"insert into proposal values ({ids['incident']}, 9, 'nt', 1, '[]', now())",
        "step": f"insert into step (incident, at, actor, verb) values ({ids['incident']}, now(), 'x', 'void')",
        "suggestion": f"insert into suggestion values (1, {ids['sent_incident']}, {ids['other']}, 1, '[]', 'open', now())",
        "posting": f"insert into posting values (1, now(), {ids['incident']})",
        "word": f"insert into word values (1, {RUGAO.county}, {ids['incident']})",
        "work_order": "insert into work_order (id, number, incident, unit, area, stage, assigned_at, changed_at) values "
                      f"(1, 'x', {ids['incident']}, 'nt.haian.slj', {HAIAN.county}, 'assigned', now(), now())",
        "report": "insert into report (id, channel, source, channel_id, received_at, said_at, text, nature, area, code, "
                  "body_hash) values (1, 'web', 'desk:nt.haian', 'x', now(), now(), 'x', 'help', 0, 'x', '')",
        "account": "insert into account values (1, 'x', 'x', 'x', 'dispatcher', 'nt', null, true, 0, null, now())",
        "session": f"insert into session values ('x', {ids['order']}, 'x', now(), now(), now())",
        "credential": "insert into credential values (1, 'x', 'x', '{web}', true, now())",
        "reply": "insert into reply (report, nature, rule, nameless, accept_due_at, changed_at) "
                 f"values ({ids['sent']}, 'complaint', 'x', false, now(), now())",
        "link": f"insert into link values (least({ids['incident']}, {ids['waiting']}), "
                f"greatest({ids['incident']}, {ids['waiting']}), 'related', 'x', null, 'x', now())",
        "filing": f"insert into filing (incident, line) values ({ids['incident']}, 'x') "
                  "on conflict (incident) do update set line = 'x'",
        "inspection": "insert into inspection (work_order, kind, asked_at, due_at, unit) values "
                      f"({ids['order']}, 'centre', now(), now(), 'nt')",
        "callback": "insert into callback (incident, work_order, attempt, at, channel, outcome, account) values "
                    f"({ids['incident']}, {ids['order']}, 1, now(), 'phone', 'satisfied', 1)",
        "shelving": "insert into shelving (work_order, incident, unit, state, condition, review_on, public_reason, "
                    f"proposed_at, actor) values ({ids['order']}, {ids['incident']}, 'nt', 'proposed', 'x', now(), 'x', "
                    "now(), 'x')",
        "quality": "insert into quality (work_order, at, account, actor, scores, total) values "
                   f"({ids['order']}, now(), 1, 'x', '{{}}', 1)",
        "clock": "insert into clock (work_order, kind, start_at, begun_at, unit, fixed_at, state) values "
                 f"({ids['quiet_order']}, 'sign', now(), now(), 'nt', now(), 'running')",
        "clock_request": "insert into clock_request (id, work_order, ask, reason, words, unit, to_unit, asked_at, actor, "
                         f"state) values (1, {ids['order']}, 'pause', 'x', 'x', 'nt', 'nt', now(), 'x', 'open')",
        "supervision": "insert into supervision (id, number, work_order, nth, unit, by_unit, actor, grade, cause, words, at, "
                       f"explain_by) values (1, 'x', {ids['order']}, 9, 'nt', 'nt', 'x', 1, 'person', 'x', now(), now())",
        "joint_entry": f"insert into joint_entry (joint, at, actor, verb) values ({ids['joint']}, now(), 'x', 'note')",
        "whistle": "insert into whistle (id, incident, number, title, area, unit, words, called, at, actor) values "
                   f"(1, {ids['incident']}, 'x', 'x', {HAIAN.county}, 'nt.rugao', 'x', '{{nt.rugao.cgj}}', now(), 'x')",
        "passing": "insert into passing (incident, kind, giver, taker, reason, at, actor) values "
                   f"({ids['incident']}, 'down', 'nt.rugao', 'nt', 'x', now(), 'x')",
        "response": "insert into response (id, incident, area, centre, plan, level, number, signer, declarer, declared_at, "
                    f"units) values (1, {ids['incident']}, {HAIAN.county}, 'nt.rugao', 'x', 1, 'x', 'x', 'x', now(), '{{}}')",
        "handover": "insert into handover (id, number, incident, party, state, said, offered_at, actor, unit) values "
                    f"(1, 'x', {ids['incident']}, '110', 'offered', 'x', now(), 'x', 'nt.rugao')",
        "urgent_report": "insert into urgent_report (incident, nth, kind, due_at) "
                         f"values ({ids['incident']}, 2, 'final', now())",
        "duty_note": "insert into duty_note (unit, text, open_items, given_at, given_by, account) values "
                     "('nt.haian', 'x', '{}', now(), 'x', 1)",
        "transfer": f"insert into transfer (report, source, received_at) values ({ids['report']}, 'key:1', now())",
    }  # fmt: skip
    for statement in inserts.values():
        with (
            seen_as(scene.api.home, scene.rugao.people[who].scope) as conn,
            pytest.raises(
                (psycopg.errors.InsufficientPrivilege, psycopg.errors.ForeignKeyViolation)
            ),
        ):
            conn.execute(statement)


def test_an_order_may_not_be_carried_over_the_border(scene: Scene) -> None:
    """Neither its unit nor its area may become another county's."""
    order = int(scene.rugao.ids["order"])
    with (
        seen_as(scene.api.home, scene.rugao.people["dispatcher"].scope) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute(
            "update work_order set unit = 'nt.haian.cgj', area = %s where id = %s",
            (HAIAN.county, order),
        )


def test_history_is_never_changed_by_anybody(scene: Scene) -> None:
    for database in (scene.api.home.app, scene.api.home.worker):
        for table in ("step", "audit"):
            for statement in (f"update {table} set at = now()", f"delete from {table}"):
                with (
                    pytest.raises(psycopg.errors.InsufficientPrivilege),
                    database.transaction(
                        scene.city["dispatcher"].scope.settings()
                        if scene.city["dispatcher"].scope
                        else None
                    ) as conn,
                ):
                    conn.execute(statement)
