"""Migrations: once, under a lock, and nothing is lost on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from importlib import util
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate.schema import SchemaManager
from psycopg import sql

from chengshu.kit import migrate
from chengshu.kit.embedded import Dsns

pytestmark = pytest.mark.db

STEPS = Path(migrate.__file__).parent / "migrations" / "versions"
RUN = "import json, sys; from chengshu.kit.migrate import migrate; print(json.dumps(migrate(sys.argv[1])))"


def test_two_processes_at_once_run_each_step_once(fresh: Callable[[], Dsns]) -> None:
    owner = fresh().owner
    both = [
        subprocess.Popen([sys.executable, "-c", RUN, owner], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    ran: list[str] = []
    for process in both:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        ran += json.loads(out)
    assert sorted(ran) == sorted(p.stem[:4] for p in STEPS.glob("[0-9]*.py"))
    assert migrate.current(owner) == migrate.newest()


def test_every_step_is_said_and_a_second_run_does_nothing(fresh: Callable[[], Dsns]) -> None:
    owner = fresh().owner
    said: list[str] = []
    ran = migrate.migrate(owner, said.append)
    assert [line[:4] for line in said] == ran
    assert all(len(line) > len("0001: ") for line in said)
    assert migrate.migrate(owner) == []


def _columns(owner: str) -> dict[str, list[str]]:
    with psycopg.connect(owner) as conn:
        rows = conn.execute(
            """select table_name, array_agg(column_name::text order by ordinal_position)
               from information_schema.columns where table_schema = 'public'
                 and table_name <> 'alembic_version' group by table_name"""
        ).fetchall()
    return {row[0]: row[1] for row in rows}


def _rows(owner: str, columns: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    with psycopg.connect(owner) as conn:
        return {
            table: conn.execute(
                sql.SQL("select row({})::text from {} order by 1").format(
                    sql.SQL(", ").join(map(sql.Identifier, names)), sql.Identifier(table)
                )
            ).fetchall()
            for table, names in columns.items()
        }


def test_a_filled_database_of_the_first_version_keeps_its_rows(first_version: Dsns) -> None:
    columns = _columns(first_version.owner)
    before = _rows(first_version.owner, columns)
    assert [table for table, rows in before.items() if not rows] == []  # every table was tried
    assert migrate.migrate(first_version.owner)[0] == "0002"
    assert migrate.current(first_version.owner) == migrate.newest()
    # one thing is meant to change: workers look at every order in work, to give it its clocks
    with psycopg.connect(first_version.owner) as conn:
        conn.execute("update work_order set escalate_at = null")
    assert _rows(first_version.owner, columns) == before


def test_a_failing_step_is_undone_and_those_before_it_stay(fresh: Callable[[], Dsns]) -> None:
    owner = fresh().owner
    migrate.migrate(owner, to="0002")
    with psycopg.connect(owner) as conn:
        conn.execute("create table procrastinate_jobs (id int)")  # in the way of step 0003
    with pytest.raises(psycopg.errors.DuplicateTable):
        migrate.migrate(owner)
    assert migrate.current(owner) == "0002"
    with psycopg.connect(owner) as conn:
        conn.execute("drop table procrastinate_jobs")
    assert migrate.migrate(owner)[0] == "0003"  # and the lock was given back


def test_procrastinate_still_has_the_schema_that_our_step_applied() -> None:
    """When this fails, write a step from procrastinate's own migrations and the new digest."""
    spec = util.spec_from_file_location("step_0003", STEPS / "0003_jobs.py")
    assert spec is not None
    assert spec.loader is not None
    step = util.module_from_spec(spec)
    spec.loader.exec_module(step)
    assert sha256(SchemaManager.get_schema().encode()).hexdigest() == step.SCHEMA_SHA256
