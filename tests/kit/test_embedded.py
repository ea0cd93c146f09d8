"""The embedded server's life: shared, recovered, stopped, and refused with a sentence."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from chengshu.kit.embedded import Embedded
from chengshu.kit.errors import CannotStart

pytestmark = pytest.mark.db

HOLD = """
import sys
from pathlib import Path
from chengshu.kit.embedded import Embedded
server = Embedded(Path(sys.argv[1]))
server.start()
print(server.pid(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's own user can enter; pytest's are closed to it."""
    made = Path(tempfile.mkdtemp(prefix="chengshu-embedded-"))
    made.chmod(0o755)
    yield made
    Embedded(made).stop()
    shutil.rmtree(made, ignore_errors=True)


def _alive(pid: int) -> bool:
    """Whether it runs; a killed one that nobody waited for is dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_two_starts_share_one_server_and_the_last_stop_stops_it(folder: Path) -> None:
    one, two = Embedded(folder), Embedded(folder)
    one.start()
    pid = one.pid()
    assert pid is not None
    two.start()
    assert two.pid() == pid
    one.stop()
    with psycopg.connect(two.dsns().app) as conn:
        assert conn.execute("select current_user").fetchone() == ("chengshu_app",)
    one.stop()  # a second stop changes nothing
    assert _alive(pid)
    two.stop()
    assert not _alive(pid)
    assert two.pid() is None


def test_a_process_that_dies_lets_go_of_the_server(folder: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    pid = int(other.stdout.readline())
    mine = Embedded(folder)
    mine.start()
    assert mine.pid() == pid
    other.kill()
    other.communicate()
    assert _alive(pid)
    mine.stop()
    assert not _alive(pid)


def test_committed_rows_survive_kill_9(folder: Path) -> None:
    server = Embedded(folder)
    server.start()
    with psycopg.connect(server.dsns().owner, autocommit=True) as conn:
        conn.execute("create table kept (n int)")
        conn.execute("insert into kept select generate_series(1, 1000)")
    open_one = psycopg.connect(server.dsns().owner)
    open_one.execute("insert into kept values (-1)")  # never committed
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    open_one.close()
    again = Embedded(folder)
    again.start()
    assert again.pid() != pid
    with psycopg.connect(again.dsns().owner) as conn:
        assert conn.execute("select count(*), min(n) from kept").fetchone() == (1000, 1)
    again.stop()
    server.stop()


def test_killed_while_it_was_initialised(folder: Path) -> None:
    (folder / "pg").mkdir()
    (folder / "pg" / "base").mkdir()
    (folder / "pg" / "postgresql.conf").write_text("half")
    server = Embedded(folder)
    server.start()
    assert server.pid() is not None
    server.stop()


def test_a_removed_log_does_not_cost_the_data(folder: Path) -> None:
    server = Embedded(folder)
    server.start()
    with psycopg.connect(server.dsns().owner, autocommit=True) as conn:
        conn.execute("create table kept (n int)")
    server.stop()
    (folder / "pg" / "server.log").unlink()
    server.start()
    with psycopg.connect(server.dsns().owner) as conn:
        assert conn.execute("select count(*) from kept").fetchone() == (0,)
    server.stop()


def test_the_serving_roles_have_no_powers(server: Embedded) -> None:
    with psycopg.connect(server.dsns().owner) as conn:
        rows = conn.execute(
            """select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles
               where rolname like 'chengshu%' order by rolname"""
        ).fetchall()
    assert rows == [
        ("chengshu_app", False, False, False, False),
        ("chengshu_owner", False, True, False, True),
        ("chengshu_worker", False, False, False, False),
    ]


def test_a_folder_that_is_a_file(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(CannotStart, match="无法使用") as refusal:
        Embedded(folder / "file" / "data").start()
    assert "CHENGSHU_DATA_DIR" in refusal.value.english


def test_a_folder_that_may_not_be_entered(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0o500)
    with pytest.raises(CannotStart, match="CHENGSHU_DATA_DIR"):
        Embedded(closed / "data").start()


def test_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9 - 10**6, 10**6))
    with pytest.raises(CannotStart, match="不足 300 MB") as refusal:
        Embedded(folder).start()
    assert "make room" in refusal.value.english


def test_a_server_that_will_not_come_up_ends_with_its_own_words(folder: Path) -> None:
    server = Embedded(folder)
    server.start()
    server.stop()
    with (folder / "pg" / "postgresql.conf").open("a") as conf:
        conf.write("\nno_such_setting = 1\n")
    with pytest.raises(CannotStart, match="no_such_setting"):
        Embedded(folder).start()


def test_a_long_path_gets_a_short_socket(folder: Path) -> None:
    deep = folder / ("d" * 90)
    deep.mkdir(mode=0o755)
    server = Embedded(deep)
    server.start()
    with psycopg.connect(server.dsns().app) as conn:
        assert conn.execute("select 1").fetchone() == (1,)
    server.stop()
