"""Databases that a bench finds filled: founded, worked into once, then copied many times over.

A million incidents cannot be worked through the pipeline in minutes. So some thousands are, and
`grow` copies them, each copy another time within the last LIVE_DAYS, so that all are live and the
newest entries of every list are of many copies, not of one. The vocabulary grows as that of a
larger city does: terms that at least one incident of COMMON says (everyday wording) stay what they
are and get as many entries as there are copies; the rare ones (names, cells, odd wording) become
other terms in most copies, so many that distinct terms grow with the power HEAPS of the text. Each
rare term then still has several times the entries that it had, from other places' copies and its
own. What an incident's profile says is copied as it is: comparing costs the same, and finds
happenings that look alike weeks apart, as recurring ones do.

Not copied: reports, memberships and full-text words. A decision only adds to them.

Source: vocabulary growth: H. S. Heaps (1978), Information Retrieval, Academic Press, section 7.5;
exponents of 0.4 to 0.6 are usual for text, the upper end is taken.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from chengshu.app import found as founding
from chengshu.app import world as worlds
from chengshu.app.measure.ground import Bench
from chengshu.app.world import World
from chengshu.kit import sealing
from chengshu.kit.db import Database
from chengshu.kit.embedded import Dsns
from chengshu.kit.sealing import Keyring
from chengshu.places import Site
from chengshu.places.store import save_sites

LIVE_DAYS: Final = 90
COMMON: Final = 200
HEAPS: Final = 0.6
_APART: Final = 10_000_000_000_000  # between the ids of two copies: 40 minutes of ids
_AT_ONCE: Final = 2  # connections that copy postings, the largest table
_STRIDE: Final = (
    0.6180339887  # of LIVE_DAYS from one copy to the next: any number of them lies evenly
)

Owner = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Founded:
    """A city's new database, ready for reports."""

    database: Database
    world: World
    keyring: Keyring
    dsns: Dsns


@contextmanager
def founded(b: Bench, name: str, sites: Sequence[Site] = ()) -> Iterator[Founded]:
    """Found the city in a new database, in place of an old one, with its register of places."""
    b.drop(name)
    with b.admin() as conn:
        conn.execute(f"create database {name} owner chengshu_owner")
    dsns = b.server.dsns(name)
    founding.found(b.settings, dsns.owner, lambda _: None)
    if sites:
        with psycopg.connect(dsns.owner) as conn:
            save_sites(conn, sites)
    keys = b.settings.data_dir / "keys.json"
    keyring = sealing.read(keys) if keys.exists() else sealing.make(keys)
    database = Database(dsns.worker)
    database.open()
    try:
        with database.transaction() as conn:
            world = worlds.load(b.settings, conn)
        yield Founded(database, world, keyring, dsns)
    finally:
        database.close()


def columns(conn: Owner, table: str) -> dict[str, str]:
    """A table's columns in order, with their types."""
    rows = conn.execute(
        "select column_name, data_type from information_schema.columns where table_name = %s and table_schema = 'public' "
        "order by ordinal_position", (table,))  # fmt: skip
    return dict(rows.fetchall())


def insert_copies(
    conn: Owner, table: str, changed: Mapping[str, str], source: str | None = None
) -> int:
    """Add copies of a table's rows; returns how many.

    Args:
        changed: Column to the SQL that stands in a copy; all others are taken as they are.
        source: What is selected from; it holds the table's columns.
    """
    names = list(columns(conn, table))
    picked = ", ".join(changed.get(n, n) for n in names)
    done = conn.execute(
        f"insert into {table} ({', '.join(names)}) select {picked} from {source or table}"
    )
    return done.rowcount


def grow(b: Bench, name: str, template: str, incidents: int) -> int:
    """Make a database with at least so many incidents out of a smaller one; returns how many it has.

    Raises:
        RuntimeError: The table of postings is not as it is known here.
    """
    with _hasty(b):
        b.copy(name, template)
        with _loader(b, name) as conn:
            base = _number(conn, "select count(*) from incident")
            if missing := {"term", "incident", "seen"} - columns(conn, "posting").keys():
                raise RuntimeError(f"posting has no column {', '.join(sorted(missing))} to copy by")
            if copies := max(-(-incidents // base) - 1, 0):
                _plan(conn, copies)
                indexes = [s for t in ("posting", "incident") for s in _drop_indexes(conn, t)]
                with ThreadPoolExecutor(_AT_ONCE) as beside:
                    parts = [
                        beside.submit(_copy_postings, b, name, part) for part in range(_AT_ONCE)
                    ]
                    _copy_rest(conn)
                    for part in parts:
                        part.result()
                    tidied = [
                        f"vacuum (analyze) {t}" for t in ("profile", "incident", "term_count")
                    ]
                    list(beside.map(lambda sql: _execute(b, name, sql), [*indexes, *tidied]))
                conn.execute("drop table made, common, variant")
            conn.execute("vacuum (analyze) posting")  # lists are read from the index alone then
            found = _number(conn, "select count(*) from incident")
    os.sync()  # what was written in haste shall not be written while something is measured
    return found


def _execute(b: Bench, name: str, statement: str) -> None:
    with _loader(b, name) as conn:
        conn.execute(statement)


@contextmanager
def _hasty(b: Bench) -> Iterator[None]:
    """Nothing is forced to the disk meanwhile: after a crash the copies are made anew."""
    with b.admin() as conn:
        for setting in ("fsync", "autovacuum"):
            conn.execute(f"alter system set {setting} = off")
        conn.execute("select pg_reload_conf()")
        try:
            yield
        finally:
            for setting in ("fsync", "autovacuum"):
                conn.execute(f"alter system reset {setting}")
            conn.execute("select pg_reload_conf()")
            conn.execute("checkpoint")


@contextmanager
def _loader(b: Bench, name: str) -> Iterator[Owner]:
    """A superuser's connection that checks no foreign keys: the copies refer to copies."""
    with psycopg.connect(b.server.dsn("postgres", name), autocommit=True) as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute("set synchronous_commit = off")
        conn.execute("set maintenance_work_mem = '1GB'")
        conn.execute("set work_mem = '256MB'")
        yield conn


def _number(conn: Owner, query: str) -> int:
    row = conn.execute(query).fetchone()
    return int(row[0]) if row else 0


def _plan(conn: Owner, copies: int) -> None:
    """Which copies there will be, which terms are common, and how often each variant of a rare one occurs."""
    variants = max(1, round((copies + 1) ** HEAPS))
    span = LIVE_DAYS * 86_400
    conn.execute(
        f"""create unlogged table made as
            select id m_base, id - n * {_APART} m_copy, n m_nth, n % {variants} m_variant,
              make_interval(secs => mod(age + n * {span * _STRIDE:.0f}, {span}) - age) m_earlier
            from (select id, extract(epoch from max(last_at) over () - last_at)::bigint age from incident) i,
              generate_series(1, {copies}) n"""
    )
    conn.execute(
        f"""create unlogged table common as select term c_term from term_count
            where reports * {COMMON} >= (select reports from term_count where term = 0)"""
    )
    conn.execute(
        f"create unlogged table variant as select n % {variants} v_number, count(*) v_times "
        f"from generate_series(1, {copies}) n group by 1"
    )
    conn.execute("analyze made, common")


def _other(term: str, number: str) -> str:
    """SQL of a rare term's variant; the first is the term itself."""
    other = f"hashint8extended({term}, {number}) & 9223372036854775807"
    return f"case when {number} = 0 then {term} else {other} end"


def _drop_indexes(conn: Owner, table: str) -> list[str]:
    """Drop what only makes reading faster; returns the statements that make it again."""
    rows = conn.execute(
        "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index where indrelid = %s::regclass "
        "and not exists (select from pg_constraint where conindid = indexrelid)", (table,)).fetchall()  # fmt: skip
    for index, _ in rows:
        conn.execute(f"drop index {index}")
    return [statement for _, statement in rows]


def _shifted(conn: Owner, table: str) -> dict[str, str]:
    found = columns(conn, table).items()
    return {n: f"{n} - m_earlier" for n, kind in found if kind == "timestamp with time zone"}


def _copy_postings(b: Bench, name: str, part: int) -> None:
    """Copy one part of all postings; what other parts copied belongs to no base and is left alone."""
    with _loader(b, name) as conn:
        term = f"case when c_term is null then {_other('term', 'm_variant')} else term end"
        insert_copies(
            conn, "posting", {**_shifted(conn, "posting"), "term": term, "incident": "m_copy"},
            "posting left join common on c_term = term "
            f"join made on m_base = incident and m_nth % {_AT_ONCE} = {part}",
        )  # fmt: skip


def _copy_rest(conn: Owner) -> None:
    has = columns(conn, "incident")
    changed = {
        "id": "m_copy",
        "number": "number || '-' || m_nth",
        "recurrence_of": "null",
        "merged_into": "null",
    }
    changed = {n: sql for n, sql in changed.items() if n in has}
    insert_copies(
        conn,
        "incident",
        {**_shifted(conn, "incident"), **changed},
        "incident join made on m_base = id",
    )
    insert_copies(
        conn, "profile", {**_shifted(conn, "profile"), "incident": "m_copy"},
        "profile join made on m_base = incident",
    )  # fmt: skip
    all_copies = "(select sum(v_times) from variant)"
    own_copies = "coalesce((select v_times from variant where v_number = 0), 0)"
    rare = "not exists (select from common where c_term = term)"
    conn.execute(  # both parts see the counts as they were
        f"""with grown as (
              update term_count set reports = reports * (1 + case when term <> 0 and {rare}
                then {own_copies} else {all_copies} end))
            insert into term_count (term, reports)
            select {_other("term", "v_number")}, sum(reports * v_times) from term_count, variant
            where v_number <> 0 and term <> 0 and {rare} group by 1 on conflict (term) do nothing"""
    )
