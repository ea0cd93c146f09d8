"""Databases of a test's own, and rows of every kind to put into one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import pytest
from psycopg import sql

from chengshu.kit import migrate
from chengshu.kit.embedded import Dsns, Embedded
from chengshu.kit.sealing import Keyring

Rows: TypeAlias = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def fresh(server: Embedded) -> Iterator[Callable[[], Dsns]]:
    """Makes an empty database, as often as it is called."""
    made: list[str] = []

    def make() -> Dsns:
        made.append(f"fresh_{uuid.uuid4().hex[:12]}")
        with psycopg.connect(server.dsn("chengshu_owner", "postgres"), autocommit=True) as conn:
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(made[-1])))
        return server.dsns(made[-1])

    yield make
    with psycopg.connect(server.dsn("postgres", "postgres"), autocommit=True) as conn:
        for name in made:
            conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def keyring() -> Keyring:
    """Keys of one installation."""
    return Keyring(1, {1: b"k" * 32}, b"p" * 32)


@pytest.fixture
def first_version(fresh: Callable[[], Dsns], keyring: Keyring) -> Dsns:
    """A database as the first version of the program left it, with rows in every table."""
    dsns = fresh()
    migrate.migrate(dsns.owner, to="0001")
    statements = (Path(__file__).parent / "filled_0001.sql").read_text("utf-8")
    with psycopg.connect(dsns.owner) as conn:
        conn.execute(statements)  # type: ignore[call-overload]
        conn.execute("update reporter set sealed = %s", (keyring.seal(b"{}", b"1001")[1],))
    return dsns


@pytest.fixture
def everything() -> Callable[[str], Rows]:
    """Reads all rows of all tables, and the state of all sequences, as the owner."""
    return read_everything


def read_everything(dsn_owner: str) -> Rows:
    """Every row as text, sorted, so that two databases can be compared."""
    with psycopg.connect(dsn_owner) as conn:
        names = conn.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        rows: Rows = {
            name: conn.execute(
                sql.SQL("select t::text from {} t order by t::text").format(sql.Identifier(name))
            ).fetchall()
            for (name,) in names
        }
        rows["sequences"] = conn.execute(
            "select sequencename, last_value from pg_sequences where schemaname = 'public' order by 1"
        ).fetchall()
        return rows
