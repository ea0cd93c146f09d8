"""After a rotation both generations can be read; after sealing anew only the new key is needed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from chengshu.intake.reseal import reseal
from chengshu.kit import sealing
from chengshu.kit.db import Connection, Database
from chengshu.kit.sealing import CannotUnseal, Keyring

pytestmark = pytest.mark.db


class Home(Protocol):
    """What these tests use of the shared database."""

    worker: Database

    def owner(self) -> psycopg.Connection[tuple[object, ...]]: ...


def _plain(report: int) -> bytes:
    return f'{{"name": "陈{report}"}}'.encode()


def _file(conn: Connection, ring: Keyring, ids: range, now: datetime) -> None:
    for report in ids:
        version, sealed = ring.seal(_plain(report), str(report).encode())
        conn.execute(
            """insert into report (id, channel, source, channel_id, received_at, said_at, text, nature, area,
                 code, body_hash) values (%s, 'web', 'public', %s, %s, %s, '路灯不亮', 'complaint', 320682, %s, '')""",
            (report, str(report), now, now, f"code-{report}"),
        )
        conn.execute(
            "insert into reporter (report, key_version, sealed, confidential) values (%s, %s, %s, false)",
            (report, version, sealed),
        )


def _versions(home: Home) -> dict[int, int]:
    with home.owner() as conn:
        rows = conn.execute("select key_version, count(*) from reporter group by 1").fetchall()
    return {int(str(row[0])): int(str(row[1])) for row in rows}


def _readable(home: Home, ring: Keyring) -> int:
    with home.worker.transaction() as conn:
        rows = conn.execute(
            "select report, key_version, sealed from reporter where erased_at is null"
        ).fetchall()
    for report, version, sealed in rows:
        assert ring.unseal(version, sealed, str(report).encode()) == _plain(report)
    return len(rows)


@pytest.mark.parametrize("cipher", ["aes", "sm4"])
@pytest.mark.parametrize("next_cipher", ["aes", "sm4"])
def test_rotation(db: Home, now: datetime, tmp_path: Path, cipher: str, next_cipher: str) -> None:
    path = tmp_path / "keys.json"
    first = sealing.make(path, cipher)
    with db.worker.transaction() as conn:
        _file(conn, first, range(1, 26), now)
    second = sealing.rotate(path, next_cipher)
    with db.worker.transaction() as conn:
        _file(conn, second, range(26, 31), now)
    assert _readable(db, second) == 30  # old and new
    counts: list[int] = []
    while not counts or counts[-1]:
        with db.worker.transaction() as conn:
            counts.append(reseal(conn, second, 10))
    assert counts == [10, 10, 5, 0]
    assert _versions(db) == {2: 30}
    assert (
        _readable(db, replace(second, keys={2: second.keys[2]})) == 30
    )  # the old key is not needed


def test_a_wrong_key_changes_nothing_and_says_so(db: Home, now: datetime) -> None:
    ring = Keyring(1, {1: b"a" * 32}, b"p" * 32)
    with db.worker.transaction() as conn:
        _file(conn, ring, range(1, 4), now)
    for keys in ({2: b"b" * 32}, {1: b"x" * 32, 2: b"b" * 32}):
        with pytest.raises(CannotUnseal, match=r"keys\.json"), db.worker.transaction() as conn:
            reseal(conn, replace(ring, active=2, keys=keys), 10)
    assert _versions(db) == {1: 3}
    assert _readable(db, ring) == 3


def test_what_was_erased_is_left_alone(db: Home, now: datetime) -> None:
    ring = Keyring(1, {1: b"a" * 32}, b"p" * 32)
    with db.worker.transaction() as conn:
        _file(conn, ring, range(1, 4), now)
        conn.execute(
            "update reporter set sealed = '', masked = '', erased_at = %s where report = 2", (now,)
        )
    with db.worker.transaction() as conn:
        assert reseal(conn, replace(ring, active=2, keys={**ring.keys, 2: b"b" * 32}), 10) == 2
    assert _versions(db) == {1: 1, 2: 2}


def test_four_at_once_seal_each_row_once(db: Home, now: datetime) -> None:
    old = Keyring(1, {1: b"a" * 32}, b"p" * 32)
    ring = replace(old, active=2, keys={**old.keys, 2: b"b" * 32})
    with db.worker.transaction() as conn:
        _file(conn, old, range(1, 101), now)
    counts: list[int] = []

    def work() -> None:
        done = 1
        while done:
            with db.worker.transaction() as conn:
                done = reseal(conn, ring, 7)
            counts.append(done)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 100
    assert _versions(db) == {2: 100}
    assert _readable(db, ring) == 100
