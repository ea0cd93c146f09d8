"""kill -9 of any process at any moment loses no accepted report and doubles no order.

Five kills here; `make soak` runs a hundred.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from chengshu.agencies import accounts
from chengshu.app import found as founding
from chengshu.kit.embedded import Embedded
from chengshu.kit.settings import Settings
from chengshu.kit.times import utc_now

pytestmark = [pytest.mark.db, pytest.mark.slow]

PATIENCE_S = 120
PLACES = (
    "崇川区文峰街道",
    "如皋市如城街道",
    "海安市城东镇",
    "启东市汇龙镇",
    "如东县掘港街道",
    "海门区三星镇",
)
THINGS = (
    "路灯整排不亮,晚上走路看不清",
    "污水从井盖往外冒,臭气很大",
    "工地半夜还在打桩,吵得睡不着",
    "路面塌了一个坑,电动车差点摔",
    "楼道堆满纸箱和旧家具",
    "小区门口烧烤摊油烟呛人",
    "公交车等了四十分钟不来",
)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@dataclass
class Town:
    """The product in processes of its own, on a server of its own."""

    folder: Path
    port: int
    server: Embedded
    key: str
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        env = {
            **os.environ,
            "CHENGSHU_DATA_DIR": str(self.folder),
            "CHENGSHU_PORT": str(self.port),
            "CHENGSHU_LOG_LEVEL": "error",
        }
        command = "serve" if name == "api" else "worker"
        self.children[name] = subprocess.Popen(
            [sys.executable, "-m", "chengshu.app", command], env=env, stdout=subprocess.DEVNULL
        )

    def kill(self, name: str) -> None:
        if name == "database":
            pid = self.server.pid()
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
            return
        self.children[name].kill()
        self.children[name].wait()
        self.start(name)

    def owner(self) -> psycopg.Connection[tuple[object, ...]]:
        until = time.monotonic() + 60
        while True:
            try:
                return psycopg.connect(self.server.dsns().owner, autocommit=True)
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)


@pytest.fixture
def town() -> Iterator[Town]:
    folder = Path(
        tempfile.mkdtemp(prefix="chengshu-town-")
    )  # pytest's own folder is closed to the server's user
    folder.chmod(0o755)
    server = Embedded(folder)
    server.start()
    founding.found(Settings(data_dir=folder), server.dsns().owner, lambda _: None)
    with psycopg.connect(server.dsns().owner) as conn:
        _, key = accounts.add_credential(conn, "test", ["other"], utc_now())
    made = Town(folder, free_port(), server, key)
    for name in ("api", "worker-1", "worker-2"):
        made.start(name)
    yield made
    for child in made.children.values():
        child.terminate()
    for child in made.children.values():
        child.wait(15)
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def report_until_accepted(
    client: httpx.Client, town: Town, number: int, accepted: dict[str, str], stop: threading.Event
) -> None:
    """Send one report again and again until it is accepted, as an outside system would."""
    rng = random.Random(number)
    body = {
        "channel_id": f"r{number}",
        "text": f"{rng.choice(PLACES)}春晖路{number % 40 + 1}号附近{rng.choice(THINGS)}",
    }
    while not stop.is_set():
        try:
            answer = client.post(
                f"http://127.0.0.1:{town.port}/api/v1/channels/other/reports",
                content=json.dumps(body), headers={"X-API-Key": town.key, "Content-Type": "application/json"},
            )  # fmt: skip
        except httpx.HTTPError:
            time.sleep(0.1)
            continue
        if answer.status_code == 202:
            accepted[body["channel_id"]] = answer.json()["id"]
            return
        assert answer.status_code in (429, 500, 503), answer.text
        time.sleep(0.1)


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_kills_lose_nothing_and_double_nothing(town: Town, kills: int) -> None:
    accepted: dict[str, str] = {}
    stop, numbers = threading.Event(), iter(range(10**9))

    def sender() -> None:
        with httpx.Client(timeout=5) as client:
            while not stop.is_set():
                report_until_accepted(client, town, next(numbers), accepted, stop)

    clients = [threading.Thread(target=sender) for _ in range(4)]
    for thread in clients:
        thread.start()
    rng = random.Random(20200619)
    victims = ["worker-1", "api", "database", "worker-2", "api"]
    until = time.monotonic() + PATIENCE_S
    while len(accepted) < 20 and time.monotonic() < until:
        time.sleep(0.1)
    try:
        for n in range(kills):
            before = len(accepted)
            victim = victims[n] if n < len(victims) else rng.choice(victims)
            town.kill(victim)
            until = time.monotonic() + PATIENCE_S
            while len(accepted) < before + 5 and time.monotonic() < until:
                time.sleep(0.05)
            assert len(accepted) >= before + 5, (
                f"{victim} was killed, and nothing is accepted any more"
            )
            time.sleep(rng.uniform(0.0, 0.8))
    finally:
        stop.set()
        for thread in clients:
            thread.join(30)
    check(town, accepted)
    print(f"{kills} kills, {len(accepted)} reports accepted, none lost, no order doubled")


def check(town: Town, accepted: dict[str, str]) -> None:
    """Every accepted report once, in one incident; every order once; nothing waits or was set aside."""
    until = time.monotonic() + 120
    with town.owner() as conn:
        while conn.execute(
            "select 1 from outbox where topic = 'report.received' limit 1"
        ).fetchone():
            assert time.monotonic() < until, conn.execute(
                "select failed from outbox limit 3"
            ).fetchall()
            time.sleep(0.2)
        stored = {str(r[0]): str(r[1]) for r in conn.execute("select channel_id, id from report")}
        assert accepted.items() <= stored.items()
        (lost,) = conn.execute(
            "select count(*) from report r where not exists (select 1 from membership m where m.report = r.id)"
        ).fetchone() or (None,)
        assert lost == 0
        wrong = conn.execute(
            """select i.id from incident i left join membership m on m.incident = i.id
               group by i.id, i.reports having i.reports <> count(m.report)"""
        ).fetchall()
        assert wrong == []
        doubled = conn.execute(
            "select incident, unit, count(*) from work_order where stage = 'assigned' group by 1, 2 having count(*) > 1"
        ).fetchall()
        assert doubled == []
        opened = conn.execute(
            "select incident from step where verb = 'opened' group by 1 having count(*) > 1"
        ).fetchall()
        assert opened == []
        told = conn.execute(
            "select detail->>'report' from step where verb in ('opened', 'joined')"
        ).fetchall()
        assert len(told) == len({t[0] for t in told}) == len(stored)
