"""The database: pools, and transactions that carry a scope. SQL itself lives in each `store.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import orjson
import psycopg
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool

from chengshu.kit.errors import CannotStart

set_json_loads(orjson.loads)

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_OLDEST = 160_000
_SCOPE = ("role", "account", "unit", "area_lo", "area_hi", "source", "code")
_SET = "select " + ", ".join(f"set_config('chengshu.{name}', %s, true)" for name in _SCOPE)


def dumps(value: object) -> str:
    """JSON text of a value."""
    return orjson.dumps(value, default=str).decode()


class Database:
    """One pool of one database role."""

    def __init__(self, dsn: str, *, size: int = 8, name: str = "chengshu") -> None:
        self.dsn = dsn
        self._pool = ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            open=False,
            timeout=10,
            kwargs={"application_name": name},
        )

    def open(self) -> None:
        """Connect.

        Raises:
            CannotStart: Nobody answers, the role is refused, or the server is too old.
        """
        try:
            with psycopg.connect(self.dsn, connect_timeout=5) as conn:
                version = conn.info.server_version
                encoding = conn.execute("show server_encoding").fetchone()
        except (psycopg.OperationalError, psycopg.ProgrammingError) as failure:
            reason = str(failure).strip().splitlines()[0]
            raise CannotStart(
                f"连不上数据库：{reason}。请检查 CHENGSHU_DATABASE_URL 与数据库是否在运行",
                f"cannot reach the database: {reason}; check CHENGSHU_DATABASE_URL and that the server runs",
            ) from failure
        if version < _OLDEST:
            raise CannotStart(
                f"数据库版本 {version // 10000} 太旧，需要 PostgreSQL 16 或更新",
                f"PostgreSQL {version // 10000} is too old: version 16 or newer is needed",
            )
        if encoding is None or encoding[0] != "UTF8":
            raise CannotStart("数据库编码必须是 UTF-8", "the database's encoding must be UTF-8")
        self._pool.open(wait=True, timeout=10)

    def close(self) -> None:
        """Give all connections back to the server."""
        self._pool.close()

    @contextmanager
    def transaction(self, scope: Mapping[str, str] | None = None) -> Iterator[Connection]:
        """One transaction, committed at the end of the block, rolled back on any exception.

        Args:
            scope: Values of the `chengshu.*` settings that row-level security reads. They
                hold for this transaction only; without them the serving role sees no rows.
        """
        with self._pool.connection() as conn, conn.transaction():
            if scope:
                set_scope(conn, scope)
            yield conn


def set_scope(conn: Connection, scope: Mapping[str, str]) -> None:
    """Set what the current transaction may see; names that are missing are emptied."""
    conn.execute(_SET, [scope.get(name, "") for name in _SCOPE])


def insert_many(conn: Connection, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]], *,
                tail: str = "") -> None:  # fmt: skip
    """Insert many rows in one statement (COPY is not to be had under row-level security).

    Args:
        columns: Column to PostgreSQL type, in the order of the rows' values; no array types.
            Values of jsonb columns are given as JSON text.
        tail: What follows the select, such as an `on conflict` clause.
    """
    if not rows:
        return
    names = ", ".join(columns)
    values = ", ".join(
        f"{name}::jsonb" if kind == "jsonb" else name for name, kind in columns.items()
    )
    kinds = {name: "text" if kind == "jsonb" else kind for name, kind in columns.items()}
    args: list[Any]
    if "bytea" in kinds.values():
        source = f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds.values())}) t({names})"
        args = [list(column) for column in zip(*rows, strict=True)]
    elif _BARE.issuperset(kinds.values()):
        source = f"unnest({', '.join(f'%s::{kind}[]' for kind in kinds.values())}) t({names})"
        args = [literal(column) for column in zip(*rows, strict=True)]
    else:  # text: psycopg would escape every element in Python; orjson does it in one go
        record = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
        source = f"json_to_recordset(%s::json) t({record})"
        args = [dumps([dict(zip(columns, row, strict=True)) for row in rows])]
    conn.execute(f"insert into {table} ({names}) select {values} from {source} {tail}", args)


# Types whose array literal needs no quoting, so that it can be put together quickly.
_BARE = frozenset({"bigint", "int", "smallint", "float8", "real", "boolean", "timestamptz"})


def literal(column: Sequence[object]) -> str:
    """An array literal of numbers, truth values or instants."""
    return "{" + ",".join(["null" if v is None else str(v) for v in column]) + "}"
