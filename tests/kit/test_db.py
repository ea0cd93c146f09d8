"""Reaching the database: what is wrong is said in a sentence, and scope ends with its transaction."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chengshu.kit import cluster
from chengshu.kit.db import Database
from chengshu.kit.embedded import Dsns
from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


class PretendServer:
    """Speaks just enough of PostgreSQL's protocol to be asked for its version and encoding."""

    def __init__(self, version: str, encoding: str = "UTF8") -> None:
        self.version, self.encoding = version, encoding
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.dsn = f"host=127.0.0.1 port={self._listener.getsockname()[1]} user=x dbname=x"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                conn, _ = self._listener.accept()
            except OSError:
                return
            with conn, conn.makefile("rb") as stream:
                self._talk(conn, stream.read)

    def _talk(self, conn: socket.socket, read: object) -> None:
        assert callable(read)
        while True:
            (length,) = struct.unpack("!I", read(4))
            (code,) = struct.unpack("!I", read(4))
            read(length - 8)
            if code not in (SSL_REQUEST, GSS_REQUEST):
                break
            conn.sendall(b"N")
        answer = _message(b"R", struct.pack("!I", 0))
        for name, value in (("server_version", self.version), ("client_encoding", "UTF8"),
                            ("standard_conforming_strings", "on")):  # fmt: skip
            answer += _message(b"S", f"{name}\0{value}\0".encode())
        conn.sendall(answer + _message(b"Z", b"I"))
        state = b"I"
        while head := read(5):
            query = read(struct.unpack("!I", head[1:])[0] - 4)
            if head[:1] != b"Q":
                return
            if query.lower().startswith(b"show"):
                row = struct.pack("!HI", 1, len(self.encoding)) + self.encoding.encode()
                column = b"server_encoding\0" + struct.pack("!IHIhih", 0, 0, 25, -1, -1, 0)
                answer = _message(b"T", struct.pack("!H", 1) + column) + _message(b"D", row)
                answer += _message(b"C", b"SHOW\0")
            else:
                state = b"T" if query.startswith(b"BEGIN") else b"I"
                answer = _message(b"C", query.split(b"\0")[0] + b"\0")
            conn.sendall(answer + _message(b"Z", state))


@pytest.fixture
def old_server() -> Iterator[PretendServer]:
    server = PretendServer("14.5")
    yield server
    server.close()


@pytest.fixture
def latin_server() -> Iterator[PretendServer]:
    server = PretendServer("17.2", "LATIN1")
    yield server
    server.close()


def test_an_old_server(old_server: PretendServer) -> None:
    with pytest.raises(CannotStart, match="版本 14 太旧") as refusal:
        Database(old_server.dsn).open()
    assert "version 16 or newer" in refusal.value.english


def test_a_server_that_cannot_write_chinese(latin_server: PretendServer) -> None:
    with pytest.raises(CannotStart, match="UTF-8"):
        Database(latin_server.dsn).open()


@pytest.mark.parametrize(
    "dsn",
    [
        "host=127.0.0.1 port=1 user=x dbname=x connect_timeout=2",  # nobody listens
        "host=/nowhere user=x dbname=x",  # no such socket
        "host=no-such-host.invalid user=x dbname=x connect_timeout=2",  # no such machine
    ],
)
def test_a_wrong_address(dsn: str) -> None:
    with pytest.raises(CannotStart, match="连不上数据库") as refusal:
        Database(dsn).open()
    assert "CHENGSHU_DATABASE_URL" in refusal.value.english


def test_an_address_that_is_none() -> None:
    with pytest.raises(CannotStart):
        Database("postgres//typo").open()


@pytest.mark.db
def test_an_unknown_role(fresh: Iterator[Dsns]) -> None:
    assert callable(fresh)
    dsns: Dsns = fresh()
    with pytest.raises(CannotStart, match="nobody_knows"):
        Database(dsns.app.replace("chengshu_app", "nobody_knows")).open()


@pytest.mark.db
def test_scope_ends_with_the_transaction(fresh: Iterator[Dsns]) -> None:
    assert callable(fresh)
    database = Database(fresh().app, size=1)
    database.open()
    read = "select nullif(current_setting('chengshu.role', true), '')"
    with database.transaction({"role": "leader"}) as conn:
        assert conn.execute(read).fetchone() == ("leader",)
    with database.transaction() as conn:  # the very same connection
        assert conn.execute(read).fetchone() == (None,)
    database.close()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"database_url": "host=x"}, "CHENGSHU_WORKER_DATABASE_URL"),
        ({"worker_database_url": "host=x"}, "缺少 CHENGSHU_DATABASE_URL"),
        ({"owner_database_url": "host=x"}, "缺少 CHENGSHU_DATABASE_URL"),
    ],
)
def test_half_the_addresses(given: dict[str, str], sentence: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path).model_copy(update=given)
    with pytest.raises(CannotStart, match=sentence), cluster.reach(settings):
        pass


def test_an_outside_server_is_used_as_given(tmp_path: Path) -> None:
    given = {"database_url": "a", "worker_database_url": "b", "owner_database_url": "c"}
    with cluster.reach(Settings(data_dir=tmp_path).model_copy(update=given)) as dsns:
        assert dsns == Dsns("a", "b", "c")
    assert list(tmp_path.iterdir()) == []
