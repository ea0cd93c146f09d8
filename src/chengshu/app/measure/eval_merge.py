"""`chengshu eval merge`: a stream with known happenings through the real engine, in a throw-away database.

The stream runs in the order of time, each report decided as it comes. It runs twice: once as if
an operator accepted every suggestion (each report goes to its best candidate above the threshold
for suggestions), once with what the engine joins alone. Nothing is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from chengshu.app.measure.clusters import Score, bcubed, pairs, without_largest
from chengshu.app.measure.streams import (
    BATCH,
    SOURCE,
    Say,
    Streamed,
    ground,
    rows_of,
    rules_for,
    run_through,
)
from chengshu.incidents.attach import Rules
from chengshu.incidents.learning import fit
from chengshu.incidents.teaching import Teacher
from chengshu.incidents.weights import Weights
from chengshu.intake.model import Channel, Nature, Report
from chengshu.kit.db import Database
from chengshu.kit.errors import Invalid
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.kit.times import local

# A few dozen happenings may move the shipped weights a little; mostly they calibrate.
_STRENGTH: Final = 1000.0
_LONE_PRECISION: Final = 0.985
_LONE: Final = (0.55, 0.65)  # between which its threshold is chosen: so few measure it roughly


def run(settings: Settings, messages: Path, events: Path, fit_on: Path | None, ignore: Path | None,
        say: Say) -> dict[str, float]:  # fmt: skip
    """All figures, by name. `bcubed_*`, `pair_f1` and `f05` are of the first run, `auto_*` pair figures of the second,
    all over the messages of `events`; `_rest` leaves out the two largest happenings.

    Raises:
        Invalid: A file lacks a column or names a message that is not there.
    """
    stream = read_messages(messages)
    known = {r.channel_id for r in stream}
    left_out = {row["message_id"] for row in rows_of(ignore, ("message_id",))} if ignore else set()
    truth = {m: e for m, e in _truth(events, known).items() if m not in left_out}
    taught = {m: e for m, e in _truth(fit_on, known).items() if m not in left_out} if fit_on else {}
    with ground(settings, say) as (database, world, keyring):
        rules = rules_for(stream, world, say)
        lone = settings.merge_above
        if taught:
            weights, lone = _learn(database, keyring, stream, rules, taught)
            rules = replace(rules, weights=weights)
            say(f"learnt from {len(taught)} messages; joins alone from {lone:.2f}")
        accepted = run_through(
            database, keyring, stream, replace(rules, merge_above=rules.suggest_above), 1
        )
        alone = run_through(database, keyring, stream, replace(rules, merge_above=lone), BATCH)
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
    for line, row in enumerate(rows_of(path, ("id", "time", "title", "text")), 2):
        try:
            at = local(datetime.fromisoformat(row["time"]))
        except ValueError:
            raise Invalid("messages", f"第 {line} 行的时间无法识别：{row['time']}",
                          f"line {line}: time {row['time']!r} cannot be read") from None  # fmt: skip
        found.append(Report(
            id=0, channel=Channel.TABLE, source=SOURCE, channel_id=row["id"], received_at=at, said_at=at,
            title=row["title"], text=row["text"], nature=Nature.HELP, place="", area=0, imported=True,
        ))  # fmt: skip
    return sorted(found, key=lambda r: (r.said_at, r.title, r.text, r.channel_id))


def _truth(path: Path, known: set[str]) -> dict[str, str]:
    found = {
        row["message_id"]: row["event_id"] for row in rows_of(path, ("event_id", "message_id"))
    }
    if strangers := sorted(found.keys() - known):
        raise Invalid(path.name, f"{len(strangers)} 条消息不在消息文件中，如 {strangers[0]}",
                      f"{len(strangers)} messages are not in the file of messages, such as {strangers[0]}")  # fmt: skip
    return found


def _learn(database: Database, keyring: Keyring, stream: Sequence[Report], rules: Rules,
           taught: Mapping[str, str]) -> tuple[Weights, float]:  # fmt: skip
    """Weights from known happenings, and the least probability at which joining alone is right."""
    teacher = Teacher(taught)
    run_through(database, keyring, stream, replace(rules, merge_above=0.6), BATCH, teacher)
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
