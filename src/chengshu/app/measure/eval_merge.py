"""`chengshu eval merge`: a stream with known happenings through the real engine, in a throw-away database.

The stream runs in the order of time, each report decided as it comes. It runs twice: once as if
an operator accepted every suggestion (each report goes to its best candidate above the threshold
for suggestions), once with what the engine joins alone. Nothing is kept.
"""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from chengshu.app import found as founding
from chengshu.app import world as worlds
from chengshu.app.measure.clusters import Score, bcubed, pairs, without_largest
from chengshu.app.measure.ground import bench
from chengshu.app.world import World
from chengshu.incidents import store
from chengshu.incidents.attach import Rules, attach
from chengshu.incidents.learning import fit
from chengshu.incidents.teaching import Teacher
from chengshu.incidents.weights import Weights
from chengshu.intake.model import Channel, Nature, Report
from chengshu.intake.submit import submit_many
from chengshu.kit import sealing
from chengshu.kit.db import Connection, Database
from chengshu.kit.errors import Invalid
from chengshu.kit.ids import new_id
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.kit.times import local
from chengshu.places import Locator, Register

Say = Callable[[str], None]
_DATABASE: Final = "eval_merge"
_BATCH: Final = 64
# A few dozen happenings may move the shipped weights a little; mostly they calibrate.
_STRENGTH: Final = 300.0
_HERE: Final = 0.05  # share of messages that name an area, below which they are not of this city
_LONE_PRECISION: Final = 0.985
_LONE: Final = (0.6, 0.8)  # between which its threshold is chosen: so few measure it roughly


@dataclass(frozen=True, slots=True)
class Streamed:
    """What became of a stream: number of a message to its incident, and how long each decision took."""

    home: dict[str, int]
    ms: list[float]


class _Undone(Exception):
    """Leaves a transaction without keeping anything."""


def run(settings: Settings, messages: Path, events: Path, fit_on: Path | None, ignore: Path | None,
        say: Say) -> dict[str, float]:  # fmt: skip
    """All figures, by name. `bcubed_*`, `pair_f1` and `f05` are of the first run, `auto_*` pair figures of the second,
    all over the messages of `events`; `_rest` leaves out the two largest happenings.

    Raises:
        Invalid: A file lacks a column or names a message that is not there.
    """
    stream = read_messages(messages)
    known = {r.channel_id for r in stream}
    left_out = {row["message_id"] for row in _rows(ignore, ("message_id",))} if ignore else set()
    truth = {m: e for m, e in _truth(events, known).items() if m not in left_out}
    taught = {m: e for m, e in _truth(fit_on, known).items() if m not in left_out} if fit_on else {}
    with _ground(settings, say) as (database, world, keyring):
        rules = _of_city(stream, world, say)
        lone = settings.merge_above
        if taught:
            weights, lone = _learn(database, keyring, stream, rules, taught)
            rules = replace(rules, weights=weights)
            say(f"learnt from {len(taught)} messages; joins alone from {lone:.2f}")
        accepted = _stream(
            database, keyring, stream, replace(rules, merge_above=rules.suggest_above), 1
        )
        alone = _stream(database, keyring, stream, replace(rules, merge_above=lone), _BATCH)
    return figures(accepted, alone, truth)


def figures(accepted: Streamed, alone: Streamed, truth: Mapping[str, str]) -> dict[str, float]:
    """The figures of both runs over the messages whose happening is known."""
    score = _compared(accepted, truth, bcubed)
    paired, lone = _compared(accepted, truth, pairs), _compared(alone, truth, pairs)
    rest = _compared(accepted, without_largest(truth), bcubed)
    return {
        "bcubed_precision": score.precision, "bcubed_recall": score.recall, "bcubed_f1": score.f1,
        "bcubed_f1_rest": rest.f1,
        "largest_incident": float(max(Counter(accepted.home.values()).values())),
        "pair_f1": paired.f1, "f05": paired.f(0.5), "auto_precision": lone.precision, "auto_recall": lone.recall,
        "auto_largest_incident": float(max(Counter(alone.home.values()).values())),
        "ms_p50": float(np.percentile(accepted.ms, 50)), "ms_p99": float(np.percentile(accepted.ms, 99)),
    }  # fmt: skip


def _compared(streamed: Streamed, truth: Mapping[str, str], how: Callable[..., Score]) -> Score:
    return how([streamed.home[m] for m in truth], list(truth.values()))


def read_messages(path: Path) -> list[Report]:
    """Messages with id, time, title and text, in the order of their time and then of their text.

    Neither ids nor the order of rows may help.
    """
    found = []
    for line, row in enumerate(_rows(path, ("id", "time", "title", "text")), 2):
        try:
            at = local(datetime.fromisoformat(row["time"]))
        except ValueError:
            raise Invalid("messages", f"第 {line} 行的时间无法识别：{row['time']}",
                          f"line {line}: time {row['time']!r} cannot be read") from None  # fmt: skip
        found.append(Report(
            id=0, channel=Channel.TABLE, source="eval", channel_id=row["id"], received_at=at, said_at=at,
            title=row["title"], text=row["text"], nature=Nature.HELP, place="", area=0, imported=True,
        ))  # fmt: skip
    return sorted(found, key=lambda r: (r.said_at, r.title, r.text, r.channel_id))


def _truth(path: Path, known: set[str]) -> dict[str, str]:
    found = {row["message_id"]: row["event_id"] for row in _rows(path, ("event_id", "message_id"))}
    if strangers := sorted(found.keys() - known):
        raise Invalid(path.name, f"{len(strangers)} 条消息不在消息文件中，如 {strangers[0]}",
                      f"{len(strangers)} messages are not in the file of messages, such as {strangers[0]}")  # fmt: skip
    return found


def _rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [c for c in columns if c not in (reader.fieldnames or ())]:
            raise Invalid(
                path.name,
                f"缺少列：{'、'.join(missing)}",
                f"columns are missing: {', '.join(missing)}",
            )
        yield from reader


@contextmanager
def _ground(settings: Settings, say: Say) -> Iterator[tuple[Database, World, Keyring]]:
    with bench(settings, say) as b:
        b.drop(_DATABASE)
        with b.admin() as conn:
            conn.execute(f"create database {_DATABASE} owner chengshu_owner")
        dsns = b.server.dsns(_DATABASE)
        founding.found(b.settings, dsns.owner, lambda line: None)
        keys = b.settings.data_dir / "eval-keys.json"
        database = Database(dsns.worker, size=2)
        database.open()
        try:
            with database.transaction() as conn:
                world = worlds.load(b.settings, conn)
            yield database, world, sealing.read(keys) if keys.exists() else sealing.make(keys)
        finally:
            database.close()
            b.drop(_DATABASE)


def _of_city(stream: Sequence[Report], world: World, say: Say) -> Rules:
    """The rules, without the names of this city's areas where the messages are of another city."""
    sample = stream[:: max(len(stream) // 500, 1)]
    here = sum(
        world.locator.locate(text=f"{r.title} {r.text}").code != world.city.code for r in sample
    )
    if here >= _HERE * len(sample):
        return world.rules
    say(
        f"{here} of {len(sample)} messages name an area of {world.city.name_en}: they are read as another city's"
    )
    bare = replace(
        world.city, areas=tuple(a for a in world.city.areas if a.code == world.city.code)
    )
    return replace(world.rules, locator=Locator(bare, Register()))


def _learn(database: Database, keyring: Keyring, stream: Sequence[Report], rules: Rules,
           taught: Mapping[str, str]) -> tuple[Weights, float]:  # fmt: skip
    """Weights from known happenings, and the least probability at which joining alone is right."""
    teacher = Teacher(taught)
    _stream(database, keyring, stream, replace(rules, merge_above=0.6), _BATCH, teacher)
    weights = fit(teacher.samples, rules.weights, rules.weights.version + 1, _STRENGTH)
    return weights, lone_threshold(teacher, weights)


def lone_threshold(teacher: Teacher, weights: Weights) -> float:
    """The least probability above which the best candidate is right as often as is wanted, within bounds."""
    best: dict[object, tuple[float, bool]] = {}
    for s in teacher.samples:
        bits = weights.of(s.measured)
        if s.report not in best or bits > best[s.report][0]:
            best[s.report] = bits, s.same
    right = wrong = 0
    least = _LONE[1]
    for bits, same in sorted(best.values(), key=lambda b: -b[0]):
        right, wrong = right + same, wrong + (not same)
        if right / (right + wrong) >= _LONE_PRECISION:
            least = min(max(1 / (1 + 2**-bits), _LONE[0]), least)
    return float(least)


def _stream(database: Database, keyring: Keyring, stream: Sequence[Report], rules: Rules, batch: int,
            teacher: Teacher | None = None) -> Streamed:  # fmt: skip
    home: dict[str, int] = {}
    ms: list[float] = []
    try:
        with database.transaction() as conn:
            for start in range(0, len(stream), batch):
                part = [
                    replace(r, id=new_id(), area=rules.locator.city.code)
                    for r in stream[start : start + batch]
                ]
                submit_many(conn, keyring, [(r, None) for r in part])
                began = time.perf_counter()
                attach(conn, part, rules, part[-1].received_at, teacher)
                ms.append((time.perf_counter() - began) * 1e3 / len(part))
            home = _homes(conn, stream)
            raise _Undone
    except _Undone:
        return Streamed(home, ms)


def _homes(conn: Connection, stream: Sequence[Report]) -> dict[str, int]:
    found = store.homes(conn, "eval")
    if lost := [r.channel_id for r in stream if r.channel_id not in found]:
        raise RuntimeError(f"{len(lost)} messages belong to no incident, such as {lost[0]}")
    return found
