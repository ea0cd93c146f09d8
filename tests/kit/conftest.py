"""Databases of a test's own, and rows of every kind to put into one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from chengshu.kit import migrate
from chengshu.kit.embedded import Dsns, Embedded
from chengshu.kit.sealing import Keyring

Rows: TypeAlias = dict[str, list[tuple[Any, ...]]]


class Maker:
    """Makes databases and drops them."""

    def __init__(self, server: Embedded) -> None:
        self._server = server
        self._made: list[str] = []

    def __call__(self, template: str = "template1") -> Dsns:
        self._made.append(f"fresh_{uuid.uuid4().hex[:12]}")
        query = sql.SQL("create database {} template {}")
        with psycopg.connect(
            self._server.dsn("chengshu_owner", "postgres"), autocommit=True
        ) as conn:
            conn.execute(query.format(sql.Identifier(self._made[-1]), sql.Identifier(template)))
        return self._server.dsns(self._made[-1])

    def drop(self) -> None:
        query = sql.SQL("drop database {} with (force)")
        with psycopg.connect(self._server.dsn("postgres", "postgres"), autocommit=True) as conn:
            for name in self._made:
                conn.execute(query.format(sql.Identifier(name)))


@pytest.fixture
def fresh(server: Embedded) -> Iterator[Maker]:
    """Makes an empty database, as often as it is called."""
    maker = Maker(server)
    yield maker
    maker.drop()


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    """Keys of one installation."""
    return Keyring(1, {1: b"k" * 32}, b"p" * 32)


def _fill(dsns: Dsns, keyring: Keyring) -> None:
    migrate.migrate(dsns.owner, to="0001")
    statements = (Path(__file__).parent / "filled_0001.sql").read_text("utf-8")
    with psycopg.connect(dsns.owner) as conn:
        conn.execute(statements)
        conn.execute("update reporter set sealed = %s", (keyring.seal(b"{}", b"1001")[1],))


@pytest.fixture
def first_version(fresh: Maker, keyring: Keyring) -> Dsns:
    """A database as the first version of the program left it, with rows in every table."""
    dsns = fresh()
    _fill(dsns, keyring)
    return dsns


@pytest.fixture(scope="session")
def newest_template(server: Embedded, keyring: Keyring) -> Iterator[str]:
    """The same at the newest version, to copy from."""
    maker = Maker(server)
    dsns = maker()
    _fill(dsns, keyring)
    migrate.migrate(dsns.owner)
    yield str(conninfo_to_dict(dsns.owner)["dbname"])
    maker.drop()


@pytest.fixture
def newest(fresh: Maker, newest_template: str) -> Dsns:
    """A filled database at the newest version."""
    return fresh(newest_template)


@pytest.fixture
def everything() -> Callable[[str], Rows]:
    """Reads all rows of all tables, and the state of all sequences, as the owner."""
    return read_everything


def read_everything(dsn_owner: str) -> Rows:
    """Every row as text, sorted, so that two databases can be compared."""
    with psycopg.connect(dsn_owner) as conn:
        names = conn.execute(
            "select tablename from pg_tables where schemaname = 'public'"
        ).fetchall()
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
