"""The ground that benches stand on: a server of their own, real processes, free ports."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg

from chengshu.kit.embedded import Embedded
from chengshu.kit.settings import Settings

Say = Callable[[str], None]


@dataclass(slots=True)
class Bench:
    """The bench's own server and settings."""

    server: Embedded
    settings: Settings
    say: Say

    def admin(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A superuser's connection for making and dropping databases."""
        return psycopg.connect(self.server.dsn("postgres", "postgres"), autocommit=True)

    def has(self, name: str) -> bool:
        """Whether a database exists."""
        with self.admin() as conn:
            return (
                conn.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
                is not None
            )

    def copy(self, name: str, template: str) -> None:
        """Make a database from another, in place of an old one."""
        with self.admin() as conn:
            conn.execute(f"drop database if exists {name} with (force)")
            conn.execute(f"create database {name} template {template} owner chengshu_owner")
            conn.execute("checkpoint")

    def rename(self, name: str, to: str) -> None:
        """Give a database another name, in place of an old one of that name."""
        self.drop(to)
        with self.admin() as conn:
            conn.execute(f"alter database {name} rename to {to}")

    def drop(self, name: str) -> None:
        """Remove a database."""
        with self.admin() as conn:
            conn.execute(f"drop database if exists {name} with (force)")


@contextmanager
def bench(settings: Settings, say: Say) -> Iterator[Bench]:
    """The embedded server of the benches, in its own folder."""
    folder = settings.data_dir / "bench"
    server = Embedded(folder)
    server.start()
    try:
        b = Bench(server, settings.model_copy(update={"data_dir": folder}), say)
        with b.admin() as conn:  # a run that was killed may have left the server in haste
            conn.execute("alter system reset all")
            conn.execute("select pg_reload_conf()")
        yield b
    finally:
        server.stop()


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextmanager
def process(*command: str, env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that ends with the block."""
    child = subprocess.Popen([sys.executable, *command], env={**os.environ, **env})
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


def wait_for(port: int, path: str) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2)
            return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise TimeoutError(f"port {port} does not answer")


def environment(b: Bench, name: str, port: int) -> dict[str, str]:
    """What the real processes need to work on one database of the bench."""
    dsns = b.server.dsns(name)
    return {"CHENGSHU_DATA_DIR": str(b.settings.data_dir), "CHENGSHU_DATABASE_URL": dsns.app,
            "CHENGSHU_WORKER_DATABASE_URL": dsns.worker, "CHENGSHU_OWNER_DATABASE_URL": dsns.owner,
            "CHENGSHU_PORT": str(port)}  # fmt: skip
