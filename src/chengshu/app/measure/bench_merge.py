"""`chengshu bench merge`: how well and how fast reports are merged, beside library peers in the same run.

Accuracy: a stream of the synthetic city whose happenings are known, in the order of arrival. Ours
decides it through the real engine in a database; each peer groups it as its library does. What a
peer reads and its threshold, and our threshold, are those with the best B-cubed F1 on a stream of
another seed. A peer that cannot do a size in its time is named with the reason.

Latency: one report decided in a transaction of its own and committed, by one process, while the
database holds 10,000, 100,000 and 1,000,000 live incidents; `held` says how they are made. Writing
the report itself is intake's work and not counted. The filled databases are kept.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date
from hashlib import sha256
from itertools import groupby
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Final

import numpy as np
import psycopg

from chengshu import incidents
from chengshu.app import world as worlds
from chengshu.app.measure import held
from chengshu.app.measure.clusters import bcubed
from chengshu.app.measure.eval_drill import report_of
from chengshu.app.measure.ground import Bench, Say, bench
from chengshu.app.measure.held import Founded, founded, grow
from chengshu.app.measure.merge_peers import PEERS, Choice, Messages, Peer, measured, tuned
from chengshu.app.world import World
from chengshu.drill import Reported, build_sites, read_kinds, reports, write_sites
from chengshu.incidents.attach import Rules, attach
from chengshu.intake.model import Report
from chengshu.intake.submit import submit_many
from chengshu.kit import migrate, sealing
from chengshu.kit.db import Database
from chengshu.kit.ids import new_id
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.places import Locator, Register, Site, read_city, read_sites

STREAM: Final = 10_000
LARGE: Final = 100_000
SIZES: Final = (("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000))
_ENGINE: Final = Path(incidents.__file__).parent
_SOURCE: Final = "bench"
_BASE: Final = "merge_base"
_SEED, _TUNING_SEED = 4243, 77
_START: Final = date(2026, 5, 1)
_PER_DAY: Final = 80.0  # happenings; the stream then lasts about seven weeks
_TUNED_ON: Final = 1_500
_LATER: Final = 6_000  # reports after the stream: what is decided while latency is measured
_BATCH: Final = 64  # as in a worker
_WARM: Final = 200
_OURS: Final = (0.25, 0.5, 0.75)  # probabilities from which ours joins, to choose from
_WHOLE_S: Final = 8 * 60 - 20  # what the whole command may take
_TUNING_S: Final = 40.0
_PEER_S: Final = 45.0


def run(settings: Settings, say: Say, *, quick: bool) -> dict[str, float]:
    """The whole bench; figures as documented."""
    began = time.monotonic()
    with bench(settings, say) as b:
        say("造一份已知真相的来件 a stream whose happenings are known …")
        taught = messages(b.settings, _told(b.settings, _TUNING_SEED, _TUNED_ON, _PER_DAY))
        told = _told(b.settings, _SEED, STREAM + _LATER, _PER_DAY)
        stream = messages(b.settings, told[:STREAM])
        figures = ours(b, told[:STREAM])
        say(_line("ours", figures["ours.bcubed_f1"], figures["ours.ms"]))
        choices = choose(b, taught)
        figures |= beside(say, stream, choices, "10k", _PEER_S, {})
        figures |= latency(b, told, 300 if quick else 800)
        if not quick:
            left = _WHOLE_S - (time.monotonic() - began)
            figures |= _large(b, choices, figures, left)
        say(f"用时 {time.monotonic() - began:.0f} s in all")
    return figures


def _line(name: str, f1: float, ms: float) -> str:
    return f"  {name}: B³ F1 {f1:.3f}, {ms:.2f} ms/report"


# ---------------------------------------------------------------------- streams


def _told(settings: Settings, seed: int, how_many: int, per_day: float) -> list[Reported]:
    """The first so many reports of a city, in the order of arrival."""
    city = read_city(worlds.city_folder(settings))
    sites = build_sites(city, seed)
    days = int(how_many / per_day / 2) + 3
    while True:
        found = list(reports(city, read_kinds(), seed, _START, days, per_day, sites=sites))
        if len(found) >= how_many:
            return sorted(found, key=lambda r: (r.told.arrives_at, r.id))[:how_many]
        days += days // 4 + 1


def messages(settings: Settings, told: Sequence[Reported]) -> Messages:
    """What peers are given of a stream."""
    locator = Locator(read_city(worlds.city_folder(settings)), Register())
    found = Messages([], [], [], [], [])
    for r in told:
        t = r.told
        found.text.append(f"{t.title} {t.text}")
        found.place.append(t.place)
        found.at.append(t.said_at.timestamp())
        code = locator.locate(place=t.place, text=found.text[-1], lon=t.lon, lat=t.lat).code
        found.county.append(code // 10**9)
        found.truth.append(r.truth.event)
    return found


def _large_stream(settings: Settings) -> Messages:
    """A stream of LARGE, ten times as dense, made once and kept."""
    path = settings.data_dir / f"merge-{_SEED}-{LARGE}.json"
    if not path.exists():
        made = messages(settings, _told(settings, _SEED, LARGE, _PER_DAY * LARGE / STREAM))
        path.write_text(json.dumps(asdict(made), ensure_ascii=False), "utf-8")
    return Messages(**json.loads(path.read_text("utf-8")))


def register_of(settings: Settings, seed: int) -> list[Site]:
    """The city's places as its register of addresses would name them."""
    city = read_city(worlds.city_folder(settings))
    folder = settings.data_dir / f"sites-{seed}"
    folder.mkdir(exist_ok=True)
    write_sites(folder, build_sites(city, seed))
    return read_sites(folder / "sites.csv", city)


# ------------------------------------------------------------------------ peers


def choose(b: Bench, taught: Messages) -> dict[str, Choice]:
    """For each peer what it reads and its threshold; kept, as the same choice comes out each time."""
    path = b.settings.data_dir / "merge-choices.json"
    stamp = _digest([Path(__file__).with_name("merge_peers.py")], repr(_TUNED_ON))
    kept = json.loads(path.read_text()) if path.exists() else {}
    if kept.get("stamp") != stamp:
        kept = {"stamp": stamp}
    found: dict[str, Choice] = {}
    for peer in PEERS:
        if peer.name not in kept:
            b.say(f"调阈值 tuning {peer.name} on another seed …")
            choice = tuned(peer, taught, _TUNING_S)
            if isinstance(choice, str):
                b.say(f"  {peer.name}: not run (tuning: {choice})")
                continue
            kept[peer.name] = asdict(choice)
            path.write_text(json.dumps(kept))
        found[peer.name] = Choice(**kept[peer.name])
    return found


def beside(say: Say, stream: Messages, choices: dict[str, Choice], size: str, budget_s: float,
           known_s: dict[str, float]) -> dict[str, float]:  # fmt: skip
    """Every peer over one stream; one that cannot do it is named with the reason.

    Args:
        known_s: Seconds that a peer will take at the least, where that is known.
    """
    tail = "" if size == "10k" else f"_{size}"
    figures: dict[str, float] = {}
    for peer in PEERS:
        name = f"peers.{peer.name}"
        reason = _hindrance(peer, choices, budget_s, known_s)
        if not reason:
            choice = choices[peer.name]
            say(
                f"{size}: {peer.name}, {peer.how}; reads {choice.reads}, threshold {choice.threshold} …"
            )
            result = measured(peer, stream, choice, budget_s)
            reason = result.reason
            if not reason:
                figures[f"{name}.bcubed_f1{tail}"] = result.f1
                figures[f"{name}.ms{tail}"] = result.ms
                say(_line(peer.name, result.f1, result.ms))
        if reason:
            say(f"  {peer.name} at {size}: not run ({reason})")
    return figures


def _hindrance(
    peer: Peer, choices: dict[str, Choice], budget_s: float, known_s: dict[str, float]
) -> str:
    if peer.name not in choices:
        return "not tuned"
    if (least := known_s.get(peer.name, 0.0)) > budget_s:
        return f"it would take {least:.0f} s or more, its time is {budget_s:.0f} s"
    return ""


def _large(
    b: Bench, choices: dict[str, Choice], figures: dict[str, float], left_s: float
) -> dict[str, float]:
    """The peers at LARGE, each in its share of the time that is left."""
    known = {peer.name: figures.get(f"peers.{peer.name}.ms", 1e9) * LARGE / 1e3 for peer in PEERS}
    ours_s = figures["ours.ms"] * LARGE / 1e3
    b.say(f"  ours at 100k: not run (it would take {ours_s:.0f} s; its latency there is above)")
    if left_s < 60:
        b.say(
            f"十万条不测 peers at 100k: not run ({left_s:.0f} s are left; run it again, what is filled is kept)"
        )
        return {}
    began = time.monotonic()
    stream = _large_stream(b.settings)
    left_s -= time.monotonic() - began
    able = sum(seconds < left_s / 2 for seconds in known.values())
    return beside(b.say, stream, choices, "100k", left_s / max(able, 1), known)


# ------------------------------------------------------------------------- ours


def ours(b: Bench, told: Sequence[Reported]) -> dict[str, float]:
    """Our engine over the stream: B-cubed F1 and milliseconds per report, its threshold chosen like the peers'."""
    threshold = _our_threshold(b)
    b.say(f"本引擎 ours at 10k, joins from {threshold} …")
    with founded(b, "merge_run", register_of(b.settings, _SEED)) as city:
        f1, ms = decided(city, told, replace(city.world.rules, merge_above=threshold), b.say)
    b.rename("merge_run", _BASE)
    return {"ours.bcubed_f1": f1, "ours.ms": ms}


def _our_threshold(b: Bench) -> float:
    """The probability to join from, kept until the engine changes."""
    path = b.settings.data_dir / "merge-ours.json"
    stamp = _digest(sorted(_ENGINE.glob("*.py")), repr((_OURS, _TUNED_ON, b.settings.city)))
    kept = json.loads(path.read_text()) if path.exists() else {}
    if kept.get("stamp") == stamp:
        return float(kept["threshold"])
    b.say("调阈值 tuning ours on another seed …")
    taught = _told(b.settings, _TUNING_SEED, _TUNED_ON, _PER_DAY)
    found: dict[float, float] = {}
    for threshold in _OURS:
        with founded(b, "merge_tuning", register_of(b.settings, _TUNING_SEED)) as city:
            rules = replace(city.world.rules, merge_above=threshold)
            found[threshold], _ = decided(city, taught, rules)
    b.drop("merge_tuning")
    best = max(found, key=lambda threshold: found[threshold])
    path.write_text(json.dumps({"stamp": stamp, "threshold": best}))
    return best


def decided(
    city: Founded, told: Sequence[Reported], rules: Rules, say: Say = lambda _: None
) -> tuple[float, float]:
    """Let a stream come and be decided in batches; B-cubed F1 and milliseconds per report."""
    stream = [_report(r, city.world, city.keyring) for r in told]
    home: dict[str, int] = {}
    seconds = 0.0
    for start in range(0, len(stream), _BATCH):
        part = [replace(r, id=new_id()) for r in stream[start : start + _BATCH]]
        with city.database.transaction() as conn:
            for _, same in groupby(sorted(part, key=lambda r: r.channel), lambda r: r.channel):
                submit_many(conn, city.keyring, [(r, None) for r in same])
        began = time.perf_counter()
        with city.database.transaction() as conn:
            made = attach(conn, part, rules, part[-1].received_at)
        seconds += time.perf_counter() - began
        home |= {a.report.channel_id: a.incident.id for a in made}
        if start // _BATCH % 40 == 39:
            say(f"  {start + len(part)}/{len(stream)}")
    score = bcubed([home[r.id] for r in told], [r.truth.event for r in told])
    return score.f1, seconds * 1e3 / len(stream)


def _report(reported: Reported, world: World, keyring: Keyring) -> Report:
    report = report_of(reported, world.locator, keyring)
    return replace(report, source=_SOURCE, area=report.area or world.city.code)


# ---------------------------------------------------------------------- latency


def latency(b: Bench, told: Sequence[Reported], how_many: int) -> dict[str, float]:
    """How long one decision takes while 10,000 to 1,000,000 incidents are held."""
    figures = {f"preload_{size}_s": s for size, s in _fill(b, how_many).items()}
    for size, _ in SIZES:
        name = f"merge_{size}"
        at = STREAM + _taken(b, name)
        b.say(f"逐条判定 {how_many} decisions at {size} …")
        ms, rss, incidents_held = _in_its_own_process(b, name, told[at : at + _WARM + how_many])
        figures[f"incidents_{size}"] = float(incidents_held)
        p50, p99 = (float(p) for p in np.percentile(ms[_WARM:], (50, 99)))
        figures |= {f"p50_ms_{size}": p50, f"p99_ms_{size}": p99, "rss_mb": rss}
        b.say(f"  p50 {p50:.2f} ms, p99 {p99:.2f} ms, {incidents_held:,} incidents")
    figures["growth"] = figures["p50_ms_1m"] / figures["p50_ms_10k"]
    return figures


def _fill(b: Bench, how_many: int) -> dict[str, float]:
    """Copy what `ours` worked through where that is not there in this version; seconds that it took, by size.

    A run's decisions stay; the next one goes on with the reports after them, until they are used up.
    """
    kept = b.settings.data_dir / "merge.kept"
    stamps: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    copied = _stamp()
    took: dict[str, float] = {}
    for size, wanted in SIZES:
        name = f"merge_{size}"
        fresh = stamps.get(name) == copied and b.has(name)
        if fresh and _taken(b, name) + _WARM + how_many <= _LATER:
            continue
        began = time.monotonic()
        b.say(f"复制到 copying to {wanted:,} incidents …")
        stamps.pop(name, None)
        kept.write_text(json.dumps(stamps))
        grow(b, name, _BASE, wanted)
        took[size] = time.monotonic() - began
        b.say(f"  {took[size]:.0f} s")
        stamps[name] = copied
        kept.write_text(json.dumps(stamps))
    return took


def _stamp() -> str:
    """Changes when what is kept of an incident may have changed."""
    files = [_ENGINE / f"{n}.py" for n in ("store", "drafts", "grams", "words", "topics")]
    return _digest([*files, Path(held.__file__)], migrate.newest())


def _digest(files: Sequence[Path], more: str) -> str:
    return sha256(b"".join(f.read_bytes() for f in files) + more.encode()).hexdigest()[:16]


def _taken(b: Bench, name: str) -> int:
    """Reports that earlier runs decided in a filled database."""
    with psycopg.connect(b.server.dsn("postgres", name)) as conn:
        row = conn.execute("select count(*) from report").fetchone()
    return int(row[0]) - STREAM if row else 0


def _in_its_own_process(
    b: Bench, name: str, told: Sequence[Reported]
) -> tuple[list[float], float, int]:
    """Milliseconds of each decision, the deciding process's memory in MB, incidents held."""
    with _spawned(_decide, b.settings, b.server.dsns(name).worker, list(told)) as answer:
        try:
            ms, rss = answer.recv()
        except EOFError:
            raise RuntimeError(f"the process that decides in {name} ended by itself") from None
    with psycopg.connect(b.server.dsn("postgres", name)) as conn:
        row = conn.execute("select count(*) from incident").fetchone()
    return ms, rss, int(row[0]) if row else 0


@contextmanager
def _spawned(target: Callable[..., None], *args: object) -> Iterator[Pipe]:
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe(duplex=False)
    child = spawn.Process(target=target, args=(there, *args), daemon=True)
    child.start()
    there.close()
    try:
        yield here
    finally:
        here.close()
        child.terminate()
        child.join()


def _decide(answer: Pipe, settings: Settings, dsn: str, told: Sequence[Reported]) -> None:
    database = Database(dsn, size=2)
    database.open()
    try:
        keyring = sealing.read(settings.data_dir / "keys.json")
        with database.transaction() as conn:
            world = worlds.load(settings, conn)
        ms = []
        for reported in told:
            report = replace(_report(reported, world, keyring), id=new_id())
            with database.transaction() as conn:
                submit_many(conn, keyring, [(report, None)])
            began = time.perf_counter()
            with database.transaction() as conn:
                attach(conn, [report], world.rules, report.received_at)
            ms.append((time.perf_counter() - began) * 1e3)
        answer.send((ms, _rss_mb()))
    finally:
        database.close()


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
