"""A whole database in one file, and the way back. The keys never go into it.

The file is a tar of a manifest and a dump in pg_dump's own format. Row counts and dump are
taken from one snapshot, so that they agree however busy the database is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chengshu.kit import migrate
from chengshu.kit.db import Connection
from chengshu.kit.errors import CannotStart, Refused
from chengshu.kit.sealing import Keyring

_FORMAT = 1
_MANIFEST, _DUMP = "manifest.json", "database.dump"
_CHUNK = 1 << 20
_ROLES = ("chengshu_app", "chengshu_worker")
_WORDS = 600  # how much of a failing program's last words is passed on

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        server: Version number of the server that was dumped, for instance 180001.
        fingerprint: Of the key file (`Keyring.fingerprint`).
        key_versions: Versions of the keys that sealed something in it.
        rows: Table to number of rows.
        sequences: Sequence to its last value; those never used are left out.
        sha256: Of the dump.
        bytes: Size of the dump.
    """

    format: int
    program: str
    made_at: str
    server: int
    revision: str
    fingerprint: str
    key_versions: Sequence[int]
    rows: Mapping[str, int]
    sequences: Mapping[str, int]
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Restored:
    """How a restore ended; `readable` is False when the keys for its personal data are not here."""

    manifest: Manifest
    readable: bool


# ---------------------------------------------------------------- out
def backup(
    dsn_owner: str, target: Path, *, pg_dump: Path, keyring: Keyring, now: datetime, say: Say
) -> Manifest:
    """Write everything the database holds to `target`, readable by the present user only.

    Raises:
        CannotStart: The database cannot be reached or the role or pg_dump will not do.
        Refused: `target` exists already or cannot be written.
    """
    if target.exists():
        raise Refused(
            f"{target} 已存在，不会覆盖；请换一个文件名",
            f"{target} exists already and is not overwritten: choose another name",
        )
    with _room(target) as folder, _owner(dsn_owner) as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        conn.read_only = True
        _needs_bypass(conn)
        _needs_version(pg_dump, conn.info.server_version)
        snapshot = _one(conn, "select pg_export_snapshot()")
        rows, sequences = _rows(conn), _sequences(conn)
        if "alembic_version" not in rows:
            raise Refused(
                "数据库是空的，没有可备份的内容",
                "the database is empty: there is nothing to back up",
            )
        say(
            f"备份 {len(rows)} 张表、{sum(rows.values())} 行 / {sum(rows.values())} rows in {len(rows)} tables"
        )
        dump = folder / _DUMP
        _run(
            [str(pg_dump), "--format=custom", f"--snapshot={snapshot}", f"--file={dump}"], dsn_owner
        )
        with dump.open("rb") as content:
            digest = _digest(content)
        manifest = Manifest(
            format=_FORMAT, program=version("chengshu"), made_at=now.isoformat(),
            server=conn.info.server_version,
            revision=str(_one(conn, "select version_num from alembic_version")),
            fingerprint=keyring.fingerprint(), key_versions=_key_versions(conn),
            rows=rows, sequences=sequences, sha256=digest, bytes=dump.stat().st_size,
        )  # fmt: skip
        _pack(folder, manifest, target)
    say(f"已写入 {target} / wrote {target}, {target.stat().st_size} bytes")
    say(
        "备份不含密钥：keys.json 须另存于别处 / "
        "the keys are not in it: keep a copy of keys.json in another place"
    )
    return manifest


@contextmanager
def _room(target: Path) -> Iterator[Path]:
    """A folder beside the target for what is not finished yet."""
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".chengshu-backup-") as folder:
            yield Path(folder)
    except OSError as failure:
        raise Refused(
            f"写不了备份 {target}:{failure.strerror}；请检查磁盘空间与目录权限，或换一处",
            f"cannot write the backup {target}: {failure.strerror}; "
            "check the disk's free space and the folder's permissions, or choose another place",
        ) from failure


def _pack(folder: Path, manifest: Manifest, target: Path) -> None:
    (folder / _MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    part = folder / "part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
        with tarfile.open(fileobj=out, mode="w") as archive:
            archive.add(folder / _MANIFEST, _MANIFEST)
            archive.add(folder / _DUMP, _DUMP)
        out.flush()
        os.fsync(out.fileno())
    part.rename(target)
    parent = os.open(target.parent, os.O_RDONLY)  # else a power cut may forget the new name
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


# ---------------------------------------------------------------- back
def restore(
    archive: Path, dsn_owner: str, *, pg_restore: Path, keyring: Keyring | None, say: Say
) -> Restored:
    """Fill an empty database from a backup; all of it or nothing.

    Args:
        keyring: The keys that this installation has now, None when it has none.

    Raises:
        CannotStart: The database cannot be reached or the role or pg_restore will not do.
        Refused: The file is damaged or no backup, it comes from a newer version, or the
            database is not empty.
    """
    manifest = read_manifest(archive)
    if manifest.revision > migrate.newest():  # revisions are numbered in order
        raise Refused(
            f"备份来自更新的版本（数据库 {manifest.revision}），请先升级程序",
            f"the backup comes from a newer version (database {manifest.revision}): upgrade first",
        )
    with _owner(dsn_owner) as conn:
        _needs_bypass(conn)
        _needs_roles(conn)
        _needs_version(pg_restore, max(manifest.server, conn.info.server_version))
        if manifest.server // 10000 > conn.info.server_version // 10000:
            raise CannotStart(
                f"备份来自 PostgreSQL {manifest.server // 10000}，不能恢复到更旧的版本",
                f"the backup was made on PostgreSQL {manifest.server // 10000}: "
                "it cannot be restored into an older one",
            )
        _needs_empty(conn)
    say(
        f"恢复 {manifest.made_at} 的备份（版本 {manifest.program}） / "
        f"restoring the backup of {manifest.made_at}, version {manifest.program}"
    )
    _feed(
        archive,
        [str(pg_restore), "--no-owner", "--exit-on-error", "--single-transaction"],
        dsn_owner,
    )
    with _owner(dsn_owner) as conn:
        _compare(conn, manifest)
        conn.execute("analyze")
    say(
        f"已核对 {sum(manifest.rows.values())} 行 / all {sum(manifest.rows.values())} rows are there"
    )
    if manifest.revision < migrate.newest():
        say("请接着运行 chengshu migrate / run chengshu migrate next")
    return Restored(manifest, _can_read(manifest, keyring, say))


def read_manifest(archive: Path) -> Manifest:
    """What a backup says of itself, after comparing its dump with its digest.

    Raises:
        Refused: The file is missing, damaged or no backup.
    """
    try:
        with tarfile.open(archive) as tar:
            manifest = Manifest(**json.load(_member(tar, _MANIFEST)))
            if manifest.format != _FORMAT:
                raise Refused(
                    f"{archive} 的格式 {manifest.format} 不认识，请先升级程序",
                    f"{archive} has the unknown format {manifest.format}: upgrade first",
                )
            whole = _digest(_member(tar, _DUMP)) == manifest.sha256
    except OSError as failure:
        raise Refused(
            f"打不开备份 {archive}:{failure.strerror}", f"cannot open {archive}: {failure.strerror}"
        ) from failure
    except (tarfile.TarError, ValueError, KeyError, TypeError) as wrong:
        raise Refused(
            f"{archive} 不是城枢的备份，或已损坏",
            f"{archive} is no backup of Chengshu, or it is damaged",
        ) from wrong
    if not whole:
        raise Refused(
            f"{archive} 已损坏（校验和不符），请用另一份备份",
            f"{archive} is damaged (its checksum differs): use another backup",
        )
    return manifest


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    member = tar.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member


def _feed(archive: Path, command: Sequence[str], dsn: str) -> None:
    """Run a program with the dump as its input."""
    with tarfile.open(archive) as tar, tempfile.TemporaryFile() as words:
        dump = _member(tar, _DUMP)
        address, env = _address(dsn)
        with subprocess.Popen(
            [*command, address], stdin=subprocess.PIPE, stdout=words, stderr=words, env=env
        ) as program:
            assert program.stdin is not None
            try:
                shutil.copyfileobj(dump, program.stdin, _CHUNK)
                program.stdin.close()
            except BrokenPipeError:
                pass  # it gave up; its exit status and its words say why
        _check(command[0], program.returncode, words)


def _compare(conn: Connection, manifest: Manifest) -> None:
    have = _rows(conn)
    wrong = sorted(
        t for t in have.keys() | manifest.rows.keys() if have.get(t) != manifest.rows.get(t)
    )
    now_at = _sequences(conn)
    # a sequence runs on outside the snapshot, so the dump may know a later value
    wrong += sorted(s for s, value in manifest.sequences.items() if now_at.get(s, 0) < value)
    if wrong:
        raise Refused(
            f"恢复后的内容与备份不符：{', '.join(wrong)}；请勿使用这个数据库",
            f"what was restored differs from the backup in {', '.join(wrong)}: do not use this database",
        )


def _can_read(manifest: Manifest, keyring: Keyring | None, say: Say) -> bool:
    if keyring is None or keyring.fingerprint() != manifest.fingerprint:
        what = "缺少密钥文件" if keyring is None else "密钥文件属于另一套系统"
        why = "there is no key file" if keyring is None else "the key file is another system's"
    elif missing := sorted(set(manifest.key_versions) - set(keyring.keys)):
        numbers = ", ".join(map(str, missing))
        what = f"密钥文件太旧，缺少第 {numbers} 版密钥"
        why = f"the key file is too old and lacks version {numbers}"
    else:
        return True
    say(
        f"注意：{what}，个人信息无法读取；请把备份时的 keys.json 放回数据目录 / "
        f"mind: {why}, so personal data cannot be read without the right keys.json: "
        "put back the keys.json of the system that was backed up"
    )
    return False


# ---------------------------------------------------------------- facts
def _rows(conn: Connection) -> dict[str, int]:
    names = conn.execute(
        "select tablename from pg_tables where schemaname = 'public' order by tablename"
    ).fetchall()
    count = sql.SQL("select count(*) from public.{}")
    return {name: int(_one(conn, count.format(sql.Identifier(name)))) for (name,) in names}  # type: ignore[call-overload]


def _sequences(conn: Connection) -> dict[str, int]:
    rows = conn.execute(
        """select sequencename, last_value from pg_sequences
           where schemaname = 'public' and last_value is not null order by sequencename"""
    )
    return {row[0]: row[1] for row in rows}


def _key_versions(conn: Connection) -> list[int]:
    rows = conn.execute(
        "select distinct key_version from reporter where erased_at is null order by key_version"
    )
    return [row[0] for row in rows]


def _one(conn: Connection, query: str | sql.Composed) -> object:
    row = conn.execute(query).fetchone()
    assert row is not None
    return row[0]


# ---------------------------------------------------------------- needs
@contextmanager
def _owner(dsn: str) -> Iterator[Connection]:
    try:
        conn = psycopg.connect(dsn, connect_timeout=5)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as failure:
        reason = str(failure).strip().splitlines()[0]
        raise CannotStart(
            f"连不上数据库：{reason}。请检查 CHENGSHU_OWNER_DATABASE_URL 与数据库是否在运行",
            f"cannot reach the database: {reason}; check CHENGSHU_OWNER_DATABASE_URL and that the server runs",
        ) from failure
    with conn:
        yield conn


def _needs_bypass(conn: Connection) -> None:
    if not _one(conn, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"):
        raise CannotStart(
            "备份与恢复须用可越过行级安全的属主角色，请检查 CHENGSHU_OWNER_DATABASE_URL",
            "backup and restore need the owner's role with BYPASSRLS: check CHENGSHU_OWNER_DATABASE_URL",
        )


def _needs_roles(conn: Connection) -> None:
    have = {row[0] for row in conn.execute("select rolname from pg_roles")}
    if missing := [role for role in _ROLES if role not in have]:
        raise CannotStart(
            f"数据库服务器上缺少角色 {', '.join(missing)}，请先按 docs/operations.md 建立",
            f"the server lacks the roles {', '.join(missing)}: create them as docs/operations.md says",
        )


def _needs_empty(conn: Connection) -> None:
    if _one(conn, "select count(*) from pg_class where relnamespace = 'public'::regnamespace"):
        raise Refused(
            "数据库不是空的；只能恢复到空数据库，以免覆盖现有数据",
            "the database is not empty: a backup is restored into an empty one only",
        )


def client_program(name: str) -> Path:
    """`pg_dump` or `pg_restore` of this machine, for a server that is not the embedded one.

    Raises:
        CannotStart: It is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise CannotStart(
            f"找不到 {name}；请安装与服务器同版本的 postgresql-client",
            f"{name} is missing: install postgresql-client of the server's version",
        )
    return Path(found)


def _needs_version(program: Path, server: int) -> None:
    """PostgreSQL's own programs read servers and dumps up to their own version."""
    try:
        said = subprocess.run(
            [str(program), "--version"], capture_output=True, text=True, check=True
        )
        major = int("".join(c if c.isdigit() else " " for c in said.stdout).split()[0])
    except (OSError, subprocess.CalledProcessError, IndexError, ValueError) as failure:
        raise CannotStart(f"{program} 无法运行", f"{program} does not run") from failure
    if major < server // 10000:
        raise CannotStart(
            f"{program} 的版本 {major} 太旧，需要 {server // 10000} 或更新；请安装 postgresql-client-{server // 10000}",
            f"{program} is version {major}, too old for PostgreSQL {server // 10000}: "
            f"install postgresql-client-{server // 10000}",
        )


# ---------------------------------------------------------------- programs
def _address(dsn: str) -> tuple[str, dict[str, str]]:
    """The argument and environment that carry an address; the password stays out of the process list."""
    parts = conninfo_to_dict(dsn)
    env = {**os.environ, "LC_ALL": "C"}
    if password := parts.pop("password", None):
        env["PGPASSWORD"] = str(password)
    return f"--dbname={make_conninfo(**parts)}", env  # type: ignore[arg-type]


def _run(command: Sequence[str], dsn: str) -> None:
    address, env = _address(dsn)
    with tempfile.TemporaryFile() as words:
        done = subprocess.run(
            [*command, address], stdin=subprocess.DEVNULL, stdout=words, stderr=words, env=env
        )
        _check(command[0], done.returncode, words)


def _check(program: str, status: int, words: IO[bytes]) -> None:
    if status:
        words.seek(0)
        said = words.read().decode(errors="replace").strip()[-_WORDS:] or f"status {status}"
        name = Path(program).name
        chinese, english = (
            f"{name} 失败，没有留下半份结果",
            f"{name} failed and left nothing half-done",
        )
        if "No space left" in said:
            chinese += "；磁盘已满，请清理或换一处"
            english += "; the disk is full: make room or choose another place"
        raise Refused(f"{chinese}:{said}", f"{english}: {said}")


def _digest(content: IO[bytes]) -> str:
    digest = sha256()
    while chunk := content.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
