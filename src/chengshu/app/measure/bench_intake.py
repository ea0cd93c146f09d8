"""`chengshu bench intake`: reports per second through the whole pipeline, beside a bare POST-and-INSERT.

Counted from the first request until no message waits: report, incident and proposal committed.
Preloaded databases are kept in the data folder. The 200,000 are the 10,000 worked through the
real pipeline and copied nineteen times with other ids and earlier times, everything merging
reads included.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta
from typing import Any

import psycopg

from chengshu.agencies import accounts
from chengshu.app import pipeline
from chengshu.app import world as worlds
from chengshu.app.measure.bench_pixel import commit_to_pixel
from chengshu.app.measure.ground import Bench, Say, bench, environment, free_port, process, wait_for
from chengshu.app.measure.held import founded, insert_copies
from chengshu.app.measure.load import post_request, send
from chengshu.drill import Reported, read_kinds, reports
from chengshu.intake.model import Channel, Nature, Report
from chengshu.intake.store import RECEIVED
from chengshu.intake.submit import submit_many
from chengshu.kit import migrate, outbox
from chengshu.kit.ids import new_id
from chengshu.kit.settings import Settings
from chengshu.kit.times import utc_now
from chengshu.places import read_city

HELD = 10_000
COPIES = 19
_SEED = 4242
_WAIT_S = 300
_WARM = 600


def texts(settings: Settings, how_many: int) -> list[dict[str, Any]]:
    """So many synthetic reports, made once and kept."""
    path = settings.data_dir / f"texts-{_SEED}-{how_many}-past.jsonl"
    if not path.exists():
        city = read_city(worlds.city_folder(settings))
        start = (utc_now() - timedelta(days=80)).date()  # all of it in the past
        stream = reports(city, read_kinds(), _SEED, start, 60, how_many // 120 + 20)
        rows = [_row(r) for _, r in zip(range(how_many), stream, strict=False)]
        path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _row(reported: Reported) -> dict[str, Any]:
    told = reported.told
    return {"channel_id": reported.id, "title": told.title, "text": told.text, "place": told.place, "lon": told.lon,
            "lat": told.lat, "said_at": told.said_at.isoformat()}  # fmt: skip


def preload(b: Bench, rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Work HELD reports through the real pipeline; returns rows/s accepted and rows/s settled."""
    with founded(b, "held_building") as city:
        now = utc_now()
        made = [(_report(r, city.world, now), None) for r in rows[:HELD]]
        began = time.perf_counter()
        for at in range(0, len(made), 500):
            with city.database.transaction() as conn:
                submit_many(conn, city.keyring, made[at : at + 500])
        accepted = time.perf_counter()
        done = 0
        while taken := pipeline.handle_reports(city.database, city.world, utc_now()):
            done += taken
            if done % 1024 < pipeline.BATCH:
                b.say(f"  预载 preloading {done}/{HELD}")
        ended = time.perf_counter()
    with psycopg.connect(city.dsns.owner, autocommit=True) as conn:
        _, key = accounts.add_credential(conn, "bench", ["other"], utc_now())
        conn.execute("create table bare (id bigint generated always as identity primary key, channel_id text, title text, "
                     "text text, place text, said_at timestamptz, lon float8, lat float8)")  # fmt: skip
        conn.execute("grant insert, select on bare to chengshu_app")
        conn.execute("vacuum analyze")
    (b.settings.data_dir / "bench.key").write_text(key)
    b.rename("held_building", "held_10k")
    return len(made) / (accepted - began), len(made) / (ended - began)


def _report(row: dict[str, Any], world: worlds.World, now: datetime) -> Report:
    said = min(datetime.fromisoformat(row["said_at"]), now)
    located = world.locator.locate(
        place=row["place"], text=row["text"], lon=row["lon"], lat=row["lat"]
    )
    return Report(new_id(), Channel.OTHER, "bench", row["channel_id"], now, said, row["title"], row["text"], Nature.HELP,
                  row["place"], located.code, row["lon"], row["lat"])  # fmt: skip


def multiply(b: Bench) -> None:
    """Copy what is held COPIES times, each copy with other ids and some hours earlier."""
    b.copy("held_200k", "held_10k")
    shift = "(c * 1000000000000)"
    columns = {
        "incident": {"id": f"id - {shift}", "number": "number || '-' || c", "first_at": "first_at - c * interval '31 hours'",
                     "last_at": "last_at - c * interval '31 hours'", "opened_at": "opened_at - c * interval '31 hours'",
                     "recurrence_of": f"recurrence_of - {shift}"},
        "report": {"id": f"id - {shift}", "channel_id": "channel_id || '-' || c", "code": "code || '-' || c",
                   "said_at": "said_at - c * interval '31 hours'", "received_at": "received_at - c * interval '31 hours'"},
        "membership": {"report": f"report - {shift}", "incident": f"incident - {shift}"},
        "profile": {"incident": f"incident - {shift}"},
        "posting": {"incident": f"incident - {shift}", "seen": "seen - c * interval '31 hours'"},
        "word": {"incident": f"incident - {shift}"},
        "proposal": {"incident": f"incident - {shift}"},
    }  # fmt: skip
    with psycopg.connect(b.server.dsns("held_200k").owner, autocommit=True) as conn:
        for table, changed in columns.items():
            insert_copies(conn, table, changed, f"{table}, generate_series(1, {COPIES}) c")
            b.say(f"  复制 copied {table}")
        conn.execute("update term_count set reports = reports * %s", (COPIES + 1,))
        conn.execute("vacuum analyze")


def run_bare(b: Bench, rows: list[dict[str, Any]]) -> float:
    """Reports per second of the yardstick."""
    b.copy("bench_run", "held_10k")
    port = free_port()
    with process(
        "-m", "chengshu.app.measure.bare", b.server.dsns("bench_run").app, str(port), env={}
    ):
        wait_for(port, "/docs")
        requests = [post_request("/reports", json.dumps(r).encode(), {}) for r in rows]
        send(port, requests[:_WARM])
        answered = send(port, requests[_WARM:])
    b.drop("bench_run")
    return answered.per_s


def run_pipeline(b: Bench, template: str, rows: list[dict[str, Any]]) -> tuple[float, float]:
    """Reports per second answered, and settled: from the first request until nothing waits."""
    b.copy("bench_run", template)
    port = free_port()
    env = environment(b, "bench_run", port)
    key = {"X-API-Key": (b.settings.data_dir / "bench.key").read_text()}
    path = "/api/v1/channels/other/reports"
    requests = [post_request(path, json.dumps(r).encode(), key) for r in rows]
    with (
        process("-m", "chengshu.app", "serve", env=env),
        process("-m", "chengshu.app", "worker", env=env),
    ):
        wait_for(port, "/readyz")
        send(port, requests[:_WARM])  # a database that was just copied is not in memory yet
        _until_empty(b)
        began = time.perf_counter()
        answered = send(port, requests[_WARM:])
        _until_empty(b)
        seconds = time.perf_counter() - began
    if answered.refused:
        raise RuntimeError(f"refused: {answered.refused}")
    b.drop("bench_run")
    return answered.per_s, (len(rows) - _WARM) / seconds


def _until_empty(b: Bench) -> None:
    until = time.monotonic() + _WAIT_S
    with psycopg.connect(b.server.dsns("bench_run").worker, autocommit=True) as conn:
        while outbox.waiting(conn, RECEIVED):
            if time.monotonic() > until:
                raise TimeoutError("the backlog does not empty")
            time.sleep(0.02)


def run(settings: Settings, say: Say, *, quick: bool) -> dict[str, float]:
    """The whole bench; figures as documented."""
    count = 1800 if quick else 4000
    with bench(settings, say) as b:
        rows = texts(b.settings, HELD + 3 * 4000)
        figures: dict[str, float] = {}
        stamp = b.settings.data_dir / "held.version"
        version = migrate.newest() + str(HELD)
        if not (b.has("held_200k") and stamp.exists() and stamp.read_text().split()[0] == version):
            say("预载一万条 preloading 10,000 reports …")
            accepted, settled = preload(b, rows)
            say("复制到二十万条 copying to 200,000 …")
            multiply(b)
            stamp.write_text(f"{version} {accepted} {settled}")
        accepted, settled = map(float, stamp.read_text().split()[1:])
        figures["bulk_accepted_per_s"], figures["bulk_per_s"] = accepted, settled
        sent = rows[HELD:]
        say("对照 bare POST + INSERT …")
        first = run_bare(b, sent[:count])
        say("完整流程（已有一万条） pipeline at 10k …")
        figures["answered_per_s_10k"], figures["pipeline_per_s_10k"] = run_pipeline(
            b, "held_10k", sent[4000 : 4000 + count]
        )
        say("完整流程（已有二十万条） pipeline at 200k …")
        figures["answered_per_s_200k"], figures["pipeline_per_s_200k"] = run_pipeline(
            b, "held_200k", sent[8000 : 8000 + count]
        )
        figures["bare_per_s"] = (first + run_bare(b, sent[:count])) / 2
        figures["ratio_10k"] = figures["pipeline_per_s_10k"] / figures["bare_per_s"]
        figures["ratio_200k"] = figures["pipeline_per_s_200k"] / figures["bare_per_s"]
        figures["rate_200k_to_10k"] = figures["pipeline_per_s_200k"] / figures["pipeline_per_s_10k"]
        say("  " + ", ".join(f"{k} {v:,.2f}" for k, v in figures.items()))
        say("提交到像素 commit to pixel, 50 reports/s …")
        figures.update(commit_to_pixel(b, sent[count:], seconds=15 if quick else 40))
        return figures
