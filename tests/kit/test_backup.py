"""Backup and restore: every row comes back, and what cannot work ends with a sentence."""

from __future__ import annotations

import io
import json
import os
import resource
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chengshu.kit import backup as backups
from chengshu.kit import migrate, sealing
from chengshu.kit.backup import Manifest, Restored
from chengshu.kit.embedded import Dsns, Embedded
from chengshu.kit.errors import CannotStart, Refused
from chengshu.kit.sealing import Keyring

pytestmark = pytest.mark.db

OPEN_TO_ALL = {
    "area",
    "unit",
    "term_count",
}  # names of places and units are no secret within the city


class Kit:
    """A source, its keys and the programs, so that a test says only what differs."""

    def __init__(
        self, source: Dsns, server: Embedded, keyring: Keyring, folder: Path, now: datetime
    ) -> None:
        self.source, self.server, self.keyring, self.now = source, server, keyring, now
        self.archive = folder / "city.chengshu"
        self.said: list[str] = []

    def backup(
        self, target: Path | None = None, *, dsn: str = "", pg_dump: Path | None = None
    ) -> Manifest:
        return backups.backup(
            dsn or self.source.owner, target or self.archive, keyring=self.keyring, now=self.now,
            pg_dump=pg_dump or self.server.program("pg_dump"), say=self.said.append,
        )  # fmt: skip

    def restore(
        self, into: Dsns, keyring: Keyring | None = None, *, archive: Path | None = None
    ) -> Restored:
        return backups.restore(
            archive or self.archive, into.owner, keyring=keyring,
            pg_restore=self.server.program("pg_restore"), say=self.said.append,
        )  # fmt: skip


@pytest.fixture
def kit(newest: Dsns, server: Embedded, keyring: Keyring, tmp_path: Path, now: datetime) -> Kit:
    return Kit(newest, server, keyring, tmp_path, now)


def test_every_row_comes_back(
    kit: Kit, fresh: Callable[[], Dsns], everything: Callable[[str], dict[str, Any]]
) -> None:
    before = everything(kit.source.owner)
    manifest = kit.backup()
    assert {t: len(rows) for t, rows in before.items() if t != "sequences"} == manifest.rows
    target = fresh()
    restored = kit.restore(target, kit.keyring)
    assert restored == Restored(manifest, readable=True)
    assert everything(target.owner) == before
    assert migrate.current(target.owner) == migrate.newest()
    assert kit.archive.stat().st_mode & 0o077 == 0


def test_a_restored_database_goes_on_working_and_guarding(
    kit: Kit, fresh: Callable[[], Dsns]
) -> None:
    kit.backup()
    target = fresh()
    kit.restore(target, kit.keyring)
    with psycopg.connect(target.worker) as conn:
        step = "insert into step (incident, at, actor, verb) values (501, now(), 'x', 'y') returning id"
        row = conn.execute(step).fetchone()
        assert row == (3,)  # the sequence went on where it stood
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("delete from step")
    with (
        psycopg.connect(target.owner) as conn,
        pytest.raises(psycopg.errors.IntegrityConstraintViolation),
    ):
        conn.execute("delete from audit")


def test_the_serving_role_sees_nothing_without_scope(kit: Kit, fresh: Callable[[], Dsns]) -> None:
    manifest = kit.backup()
    target = fresh()
    kit.restore(target, kit.keyring)
    seen: dict[str, int] = {}
    with psycopg.connect(target.app, autocommit=True) as conn:
        for table in manifest.rows:
            try:
                row = conn.execute(f"select count(*) from {table}").fetchone()
            except psycopg.errors.InsufficientPrivilege:
                continue
            assert row is not None
            seen[table] = row[0]
    assert {table for table, count in seen.items() if count} == OPEN_TO_ALL
    assert len(seen) > 15


def test_counts_and_dump_are_of_one_instant(kit: Kit, fresh: Callable[[], Dsns]) -> None:
    """Rows written while the dump is under way are in neither."""

    def write_more(line: str) -> None:
        kit.said.append(line)
        with psycopg.connect(kit.source.owner) as conn:
            conn.execute("insert into term_count values (%s, 1)", (len(kit.said),))

    manifest = backups.backup(
        kit.source.owner, kit.archive, pg_dump=kit.server.program("pg_dump"), keyring=kit.keyring,
        now=kit.now, say=write_more,
    )  # fmt: skip
    assert manifest.rows["term_count"] == 1
    assert kit.restore(fresh(), kit.keyring).readable


# ---------------------------------------------------------------- keys
def test_without_keys_it_restores_and_says_what_cannot_be_read(
    kit: Kit, fresh: Callable[[], Dsns]
) -> None:
    kit.backup()
    for keys, why in (
        (None, "there is no key file"),
        (replace(kit.keyring, pepper=b"o" * 32), "another system's"),
        (replace(kit.keyring, active=2, keys={2: b"k" * 32}), "lacks version 1"),
    ):
        kit.said.clear()
        assert not kit.restore(fresh(), keys).readable
        assert why in kit.said[-1]
        assert "keys.json" in kit.said[-1]


def test_the_keys_are_not_in_it(kit: Kit) -> None:
    kit.backup()
    content = kit.archive.read_bytes()
    assert kit.keyring.keys[1] not in content
    assert kit.keyring.pepper not in content
    assert any("keys.json" in line for line in kit.said)


def test_the_right_keys_read_what_was_restored(kit: Kit, fresh: Callable[[], Dsns]) -> None:
    kit.backup()
    target = fresh()
    kit.restore(target, kit.keyring)
    with psycopg.connect(target.owner) as conn:
        row = conn.execute("select key_version, sealed, report::text from reporter").fetchone()
    assert row is not None
    assert kit.keyring.unseal(row[0], row[1], row[2].encode()) == b"{}"
    with pytest.raises(sealing.CannotUnseal):
        replace(kit.keyring, keys={1: b"x" * 32}).unseal(row[0], row[1], row[2].encode())


# ---------------------------------------------------------------- refusals
def test_only_into_an_empty_database(kit: Kit) -> None:
    kit.backup()
    with pytest.raises(Refused, match="不是空的") as refusal:
        kit.restore(kit.source, kit.keyring)
    assert "empty one only" in refusal.value.english


def test_an_existing_file_is_not_overwritten(kit: Kit) -> None:
    kit.archive.write_text("dear")
    with pytest.raises(Refused, match="已存在"):
        kit.backup()
    assert kit.archive.read_text() == "dear"


def test_a_target_that_cannot_be_written(kit: Kit, tmp_path: Path) -> None:
    for folder in (tmp_path / "absent", Path("/proc")):
        with pytest.raises(Refused, match="写不了备份"):
            kit.backup(folder / "city.chengshu")


@pytest.fixture
def tiny_disk() -> Iterator[None]:
    """No file may grow beyond 4 KB: what a full disk does, without needing one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("tiny_disk")
def test_a_full_disk_leaves_nothing_behind(kit: Kit, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"失败|写不了"):
        kit.backup()
    assert list(tmp_path.iterdir()) == []


def test_a_role_that_cannot_see_everything_makes_no_backup(kit: Kit) -> None:
    with pytest.raises(CannotStart, match="行级安全"):
        kit.backup(dsn=kit.source.worker)


def test_an_empty_database_makes_no_backup(kit: Kit, fresh: Callable[[], Dsns]) -> None:
    with pytest.raises(Refused, match="没有可备份的内容"):
        kit.backup(dsn=fresh().owner)


def test_nobody_answers(kit: Kit) -> None:
    with pytest.raises(CannotStart, match="连不上数据库"):
        kit.backup(dsn="host=127.0.0.1 port=1 dbname=x")


def test_an_old_pg_dump(kit: Kit, tmp_path: Path) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'\n")
    old.chmod(0o755)
    with pytest.raises(CannotStart, match="太旧") as refusal:
        kit.backup(pg_dump=old)
    assert "postgresql-client-18" in refusal.value.english
    with pytest.raises(CannotStart, match="无法运行"):
        kit.backup(pg_dump=tmp_path / "none")


def test_no_client_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotStart, match="postgresql-client"):
        backups.client_program("pg_dump")
    (tmp_path / "pg_dump").write_text("#!/bin/sh\n")
    (tmp_path / "pg_dump").chmod(0o755)
    assert backups.client_program("pg_dump") == tmp_path / "pg_dump"


def test_what_is_no_backup(kit: Kit, fresh: Callable[[], Dsns], tmp_path: Path) -> None:
    kit.backup()
    for name, content in {
        "empty": b"",
        "text": b"hello" * 999,
        "half": kit.archive.read_bytes()[:3000],
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Refused, match=r"不是城枢的备份|已损坏"):
            kit.restore(fresh(), archive=tmp_path / name)
    with pytest.raises(Refused, match="打不开备份"):
        kit.restore(fresh(), archive=tmp_path / "none")


def _rewritten(archive: Path, target: Path, **changes: object) -> Path:
    """The same backup with other words in its manifest."""
    with tarfile.open(archive) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            assert content is not None
            data = content.read()
            if member.name == "manifest.json":
                data = json.dumps({**json.loads(data), **changes}).encode()
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return target


def test_a_damaged_dump_is_noticed_before_anything_is_restored(
    kit: Kit, fresh: Callable[[], Dsns], everything: Callable[[str], dict[str, Any]]
) -> None:
    kit.backup()
    content = bytearray(kit.archive.read_bytes())
    content[len(content) // 2] ^= 1
    kit.archive.write_bytes(content)
    target = fresh()
    with pytest.raises(Refused, match="校验和不符"):
        kit.restore(target)
    assert everything(target.owner) == {"sequences": []}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"revision": "9999"}, "来自更新的版本"),
        ({"format": 7}, "格式 7 不认识"),
        ({"server": 990000}, "太旧"),  # our own pg_restore is older than the one that dumped
    ],
)
def test_a_backup_of_the_future(
    kit: Kit, fresh: Callable[[], Dsns], tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    kit.backup()
    with pytest.raises(Refused, match=sentence):
        kit.restore(fresh(), archive=_rewritten(kit.archive, tmp_path / "new", **changes))


def test_a_difference_is_named(kit: Kit, fresh: Callable[[], Dsns], tmp_path: Path) -> None:
    manifest = kit.backup()
    other = _rewritten(kit.archive, tmp_path / "new", rows={**manifest.rows, "report": 7})
    with pytest.raises(Refused, match="与备份不符：report"):
        kit.restore(fresh(), archive=other)


def test_a_password_stays_out_of_the_process_list(kit: Kit, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    spy = tmp_path / "pg_dump"
    spy.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo "pg_dump 99" && exit\necho "$@" >{seen}\n'
        f'echo "$PGPASSWORD" >>{seen}\nexit 1\n'
    )
    spy.chmod(0o755)
    with pytest.raises(Refused):
        kit.backup(dsn=kit.source.owner + " password=secret-word", pg_dump=spy)
    arguments, password = seen.read_text().splitlines()
    assert "secret-word" not in arguments
    assert password == "secret-word"
    assert os.environ.get("PGPASSWORD") is None
