"""What the database itself enforces: roles without powers, forced row security, history that stays."""

from __future__ import annotations

import psycopg
import pytest

from chengshu.kit.embedded import Dsns

pytestmark = pytest.mark.db

NOT_OURS = ("alembic_version", "procrastinate\\_%")


@pytest.mark.parametrize("role", ["app", "worker"])
def test_a_serving_role_has_no_powers(newest: Dsns, role: str) -> None:
    with psycopg.connect(getattr(newest, role)) as conn:
        powers = conn.execute(
            """select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
               from pg_roles where rolname = current_user"""
        ).fetchone()
        owned = conn.execute(
            """select count(*) from pg_class c join pg_roles r on r.oid = c.relowner
               where c.relnamespace = 'public'::regnamespace
                 and (r.rolname = current_user or pg_has_role(current_user, r.oid, 'member'))"""
        ).fetchone()
        others = conn.execute(
            "select count(*) from pg_roles where rolname <> current_user and pg_has_role(current_user, oid, 'member')"
        ).fetchone()
    assert powers == (False,) * 5
    assert owned == (0,)
    assert others == (0,)  # nor can it become a role that has some


@pytest.mark.parametrize("role", ["app", "worker"])
def test_a_serving_role_changes_no_schema(newest: Dsns, role: str) -> None:
    with psycopg.connect(getattr(newest, role), autocommit=True) as conn:
        for statement in (
            "create table mine (n int)",
            "alter table report disable row level security",
            "drop policy scope on report",
            "alter table step disable trigger step_append_only",
            "truncate outbox",
            "set role chengshu_owner",
            "update alembic_version set version_num = '0000'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)


def test_every_table_forces_row_security(newest: Dsns) -> None:
    with psycopg.connect(newest.owner) as conn:
        rows = conn.execute(
            """select relname, relrowsecurity and relforcerowsecurity from pg_class
               where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
                 and relname <> %s and relname not like %s""",
            NOT_OURS,
        ).fetchall()
    assert len(rows) >= 22
    assert [name for name, forced in rows if not forced] == []


def test_no_view_or_function_opens_a_way_round(newest: Dsns) -> None:
    """Views and definers run as the owner, who sees everything.

    `vital_signs` tells totals only, `follow_report` what the holder of a follow-up code may know,
    `is_decided` whether a report was worked on at all,
    `next_ruling` gives a number, `interim_order` opens the order of the centre that acts during a dispute,
    `rate_report` writes a citizen's rating of her own report and says whether it was possible,
    `order_stages` how far the orders are of an incident that one has an order of, `joint_orders` the same for the
    members of a joint command, `joint_part` gives a part to a member for whoever runs the command; the guards are
    triggers, which nobody calls.
    `is_hidden` whether an incident is kept from the caller, `is_named` and `has_order` whether she is named or her
    unit acts, `named_people` to one who is named who else is,
    `end_naming` takes a name back for one who may, `people_of` names people under the caller's unit,
    `next_number` gives a number; five triggers carry the veil to orders, reports and the change feed, two see to
    it that one order of an incident leads.
    """
    with psycopg.connect(newest.owner) as conn:
        definers = conn.execute(
            "select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef"
        ).fetchall()
        views = conn.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')"
        ).fetchall()
    assert {row[0] for row in definers} == {
        "vital_signs",
        "follow_report",
        "is_decided",
        "next_ruling",
        "interim_order",
        "order_stages",
        "rate_report",
        "one_leads",
        "take_lead",
        "joint_orders",
        "joint_part",
        "joint_guards_orders",
        "joint_guards_incidents",
        "taken_over_guards_orders",
        "is_hidden",
        "is_named",
        "has_order",
        "spread_veil",
        "veil_order",
        "keep_veil",
        "veil_members",
        "hide_change",
        "named_people",
        "end_naming",
        "people_of",
        "next_number",
    }
    assert views == []


def test_the_serving_role_cannot_touch_jobs(newest: Dsns) -> None:
    with psycopg.connect(newest.app, autocommit=True) as conn:
        for statement in ("select * from procrastinate_jobs", "delete from procrastinate_jobs"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)


@pytest.mark.parametrize("table", ["step", "audit"])
@pytest.mark.parametrize(
    "act", ["update {} set actor = 'x'", "update {} set at = now()", "delete from {}"]
)
@pytest.mark.parametrize("role", ["app", "worker", "owner"])
def test_history_stays_as_it_was_written(newest: Dsns, role: str, table: str, act: str) -> None:
    if "actor" in act and table == "audit":
        act = act.replace("actor", "act")
    with psycopg.connect(newest.owner) as conn:
        before = conn.execute(f"select * from {table} order by id").fetchall()
    assert before
    refusal = (
        psycopg.errors.IntegrityConstraintViolation
        if role == "owner"
        else psycopg.errors.InsufficientPrivilege
    )
    with psycopg.connect(getattr(newest, role), autocommit=True) as conn, pytest.raises(refusal):
        conn.execute(act.format(table))
    with psycopg.connect(newest.owner) as conn:
        assert conn.execute(f"select * from {table} order by id").fetchall() == before


@pytest.mark.parametrize("table", ["step", "audit"])
@pytest.mark.parametrize("role", ["app", "worker"])
def test_history_refuses_even_a_role_that_was_granted_too_much(
    newest: Dsns, role: str, table: str
) -> None:
    """The trigger is the second lock behind the missing grant."""
    with psycopg.connect(newest.owner) as conn:
        conn.execute(f"grant update, delete on {table} to chengshu_{role}")
        conn.execute(f"create policy open on {table} to chengshu_{role} using (true)")
    with psycopg.connect(getattr(newest, role), autocommit=True) as conn:
        for act in ("delete from {}", "update {} set at = now()"):
            with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
                conn.execute(act.format(table))
