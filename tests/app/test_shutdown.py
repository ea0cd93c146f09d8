"""The server ends at once, quietly and with status 0, however many pages are open; so do its children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from chengshu.agencies.model import Role
from chengshu.kit.times import utc_now
from tests.conftest import Home
from tests.security.people import forget_grids, make_api, person

_START_S = 60.0


@contextmanager
def _served(home: Home) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`chengshu serve` as a process of its own on the tests' database, and its address."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    env = {
        **os.environ, "CHENGSHU_DATA_DIR": str(home.settings.data_dir), "CHENGSHU_PORT": str(port),
        "CHENGSHU_DATABASE_URL": home.dsns.app, "CHENGSHU_WORKER_DATABASE_URL": home.dsns.worker,
        "CHENGSHU_LOG_LEVEL": "error",
    }  # fmt: skip
    served = subprocess.Popen([sys.executable, "-m", "chengshu.app", "serve"], env=env, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
    try:
        yield served, f"http://127.0.0.1:{port}"
    finally:
        served.kill()
        served.wait()
        if served.stderr:
            served.stderr.close()


def _wait_for(address: str) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        try:
            if httpx.get(f"{address}/healthz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.mark.db
@pytest.mark.slow
def test_open_pages_do_not_hold_the_server_up(db: Home) -> None:
    who = person(make_api(db, utc_now()), Role.DISPATCHER, "nt.rugao")
    with _served(db) as (served, address):
        _wait_for(address)
        with httpx.stream(
            "GET", f"{address}/api/v1/live", headers=who.headers, timeout=20
        ) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: hello"
            served.send_signal(signal.SIGTERM)
            # a page that is waited for would end with a traceback, once the grace time is over
            _, said = served.communicate(timeout=30)
            assert list(lines)[-1:] == [""]  # the stream ended as a stream ends
    assert served.returncode == 0
    assert said == ""
    forget_grids(db)


_FOLLOWER = """
import signal, sys, time
from chengshu.app.cli import _follow
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
_follow()
print("ready", flush=True)
time.sleep({sleep})
"""


@pytest.mark.parametrize("parent_ends", [True, False])
def test_a_child_that_follows_ends_without_an_error(parent_ends: bool) -> None:
    """Also when it ends by itself while standard input is still open."""
    code = _FOLLOWER.format(sleep=30 if parent_ends else 0)
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    assert child.stdout and child.stderr and child.stdin  # noqa: PT018
    assert child.stdout.readline() == "ready\n"
    if parent_ends:
        child.stdin.close()
    assert child.wait(20) == 0
    assert child.stderr.read() == ""
    for pipe in (child.stdin, child.stdout, child.stderr):
        pipe.close()
