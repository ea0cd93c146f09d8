"""From commit to the pixel on another browser's page, in a real Chromium, at fifty reports a second."""

from __future__ import annotations

import json
import shutil
import time
from typing import Any

import psycopg

from chengshu.agencies import accounts
from chengshu.agencies.model import Account, Role
from chengshu.app.measure.ground import Bench, environment, free_port, process, wait_for
from chengshu.app.measure.load import post_request, send
from chengshu.kit.errors import CannotStart, Conflict
from chengshu.kit.ids import new_id
from chengshu.kit.times import utc_now

RATE = 50.0
_FLAGS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
          "--disable-background-networking", "--no-first-run"]  # fmt: skip
_PASSWORD = "bench-reads-the-wall"


def chromium() -> str:
    """Debian's Chromium.

    Raises:
        CannotStart: It is not installed.
    """
    found = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if found is None:
        raise CannotStart(
            "没有找到 Chromium;Debian 上可安装软件包 chromium",
            "Chromium is missing: install the package chromium",
        )
    return found


def commit_to_pixel(b: Bench, rows: list[dict[str, Any]], *, seconds: int) -> dict[str, float]:
    """Percentiles in milliseconds between the change's commit and the frame after the page drew it."""
    from playwright.sync_api import sync_playwright

    b.copy("bench_run", "held_10k")
    port = free_port()
    env = environment(b, "bench_run", port)
    _add_viewer(b.server.dsns("bench_run").owner)
    key = {"X-API-Key": (b.settings.data_dir / "bench.key").read_text()}
    wanted = rows[: int(RATE * seconds)]
    requests = [
        post_request("/api/v1/channels/other/reports", json.dumps(r).encode(), key) for r in wanted
    ]
    with (
        process("-m", "chengshu.app", "serve", env=env),
        process("-m", "chengshu.app", "worker", env=env),
        sync_playwright() as playwright,
    ):
        wait_for(port, "/readyz")
        browser = playwright.chromium.launch(executable_path=chromium(), args=_FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"http://127.0.0.1:{port}/login")
        page.request.post(
            f"http://127.0.0.1:{port}/api/v1/session",
            data={"login": "viewer", "password": _PASSWORD},
        )
        page.goto(f"http://127.0.0.1:{port}/wall")
        page.wait_for_selector("canvas", timeout=60_000)
        time.sleep(3)
        began = utc_now()
        send(port, requests, connections=8, per_s=RATE)
        time.sleep(4)
        seen: dict[str, float] = page.evaluate("Object.fromEntries(window.__chengshuSeen)")
        browser.close()
    with psycopg.connect(b.server.dsns("bench_run").owner) as conn:
        committed = conn.execute(
            "select subject, extract(epoch from min(at)) * 1000 from change where kind = 'incident' and at >= %s group by 1 "
            "having count(*) = 1",
            (began,),
        ).fetchall()
    b.drop("bench_run")
    waits = sorted(seen[str(i)] - float(at) for i, at in committed if str(i) in seen)
    if not waits:
        raise RuntimeError("the page drew none of the new incidents")
    return {
        "commit_to_pixel_p50_ms": waits[len(waits) // 2],
        "commit_to_pixel_p95_ms": waits[int(len(waits) * 0.95)],
        "commit_to_pixel_max_ms": waits[-1],
        "commit_to_pixel_seen": float(len(waits)),
        "commit_to_pixel_of": float(len(committed)),
    }


def _add_viewer(dsn_owner: str) -> None:
    with psycopg.connect(dsn_owner) as conn:
        viewer = Account(new_id(), "viewer", "看墙的人", Role.SUPERVISOR, "nt", None, True)
        try:
            accounts.add_first(conn, viewer, _PASSWORD, utc_now())
        except Conflict:
            return
