"""`chengshu eval series`: attacks on a water network found in its sensors, by the contest's own score.

Everything is fixed on the normal and the development file: the threshold by leaving out one part of
the development file after another. The score is half how early attacks are found, half how right each
step is (BATADAL; R. Taormina et al. 2018).
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np

from chengshu.kit.errors import Invalid
from chengshu.warning.model import Flags, Floats
from chengshu.warning.models.water_network import Manner, Series, WaterNetwork, detect, follow

Say = Callable[[str], None]
_FLAG: Final = "ATT_FLAG"
_LEAST_STEPS: Final = 48
_CUTS: Final = tuple(round(1.2 + 0.1 * step, 1) for step in range(29))
_NORMAL_SHARE: Final = 0.999  # without a development file: so much of normal time lies below
_PLAIN: Final = Manner(rate=0.0, slowed=1.0)


def run(normal: Path, dev: Path | None, test: Path, say: Say) -> dict[str, float]:
    """Figures by name, with a static scaling of the same residuals beside them.

    Raises:
        Invalid: A file cannot be read; says which row.
    """
    names, quiet = read_series(normal, flagged=False)
    shown = read_series(dev, flagged=True, names=names)[1] if dev else None
    asked = read_series(test, flagged=True, names=names)[1]
    if not asked.attacked.any():
        raise Invalid(test.name, f"{test.name} 没有标为攻击的时段", f"{test.name} marks no attack")
    known = [quiet, *([shown] if shown else [])]
    figures: dict[str, float] = {}
    for prefix, manner in (("", Manner()), ("static_", _PLAIN)):
        cut = threshold(quiet, shown, manner)
        network = WaterNetwork.learnt(known, manner)
        _, alarms = detect(network, known[-1], asked, cut)
        found = scored(alarms, asked.attacked)
        figures |= {prefix + name: value for name, value in found.items()} | {
            f"{prefix}threshold": cut
        }
    _tell(detect(WaterNetwork.learnt(known), known[-1], asked, figures["threshold"])[1], asked, say)
    return figures


def threshold(quiet: Series, shown: Series | None, manner: Manner) -> float:
    """The cut with the best score on parts of `shown` that were left out; else a high quantile of normal."""
    if shown is None or not shown.attacked.any():
        half = len(quiet.values) // 2
        network = WaterNetwork.learnt([quiet.part(0, half)], manner)
        left = network.residuals(quiet.part(half, len(quiet.values)))
        return 1.2 * float(np.quantile(follow(left, np.inf, manner)[0], _NORMAL_SHARE))
    left = np.vstack([network.residuals(shown)[begin:end]
                      for begin, end, network in _left_out(quiet, shown, manner)])  # fmt: skip
    scores = np.array([scored(follow(left, cut, manner)[1], shown.attacked)["batadal_s"]
                       for cut in _CUTS])  # fmt: skip
    # the middle of three: a single lucky cut is not a setting
    smooth = np.convolve(np.pad(scores, 1, mode="edge"), np.ones(3) / 3, "valid")
    return _CUTS[int(smooth.argmax())]


def _left_out(quiet: Series, shown: Series, manner: Manner) -> list[tuple[int, int, WaterNetwork]]:
    """Parts of `shown`, one attack each, with a network that learnt from all the rest."""
    spans = _spans(shown.attacked)
    cuts = [(before[1] + after[0]) // 2 for before, after in pairwise(spans)]
    edges = [0, *cuts, len(shown.values)]
    found = []
    for begin, end in pairwise(edges):
        rest = [shown.part(a, b) for a, b in ((0, begin), (end, edges[-1])) if b - a > 1]
        found.append((begin, end, WaterNetwork.learnt([quiet, *rest], manner)))
    return found


def scored(alarms: Flags, attacked: Flags) -> dict[str, float]:
    """The contest's score and what it is made of; `ttd` is 1 when every attack is found at once."""
    late = []
    for begin, end in _spans(attacked):
        seen = np.flatnonzero(alarms[begin:end])
        late.append((int(seen[0]) if seen.size else end - begin) / (end - begin))
    ttd = 1 - float(np.mean(late)) if late else 0.0
    right = int((alarms & attacked).sum())
    recall = right / max(int(attacked.sum()), 1)
    quiet = int((~alarms & ~attacked).sum()) / max(int((~attacked).sum()), 1)
    return {
        "batadal_s": 0.5 * ttd + 0.5 * (recall + quiet) / 2,
        "ttd": ttd,
        "precision": right / max(int(alarms.sum()), 1),
        "recall": recall,
        "specificity": quiet,
        "attacks_found": float(sum(share < 1 for share in late)),
        "attacks": float(len(late)),
    }


def _spans(flags: Flags) -> list[tuple[int, int]]:
    """Begin and end, exclusive, of each unbroken run of flags."""
    edges = np.diff(np.concatenate([[0], flags.astype(np.int64), [0]]))
    return [(int(a), int(b)) for a, b in
            zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)]  # fmt: skip


def _tell(alarms: Flags, asked: Series, say: Say) -> None:
    for number, (begin, end) in enumerate(_spans(asked.attacked), 1):
        seen = np.flatnonzero(alarms[begin:end])
        after = f"found after {seen[0]} h" if seen.size else "missed"
        say(f"attack {number}: steps {begin}-{end - 1}, {end - begin} h, {after}, "
            f"{alarms[begin:end].mean():.0%} of it on alarm")  # fmt: skip


def read_series(path: Path, flagged: bool, names: Sequence[str] | None = None) -> tuple[list[str], Series]:  # fmt: skip
    """Sensors' names and a series: a time that ends in its hour (06/01/14 00 or …T00:00), then numbers.

    Args:
        flagged: Whether a column ATT_FLAG must be there; 1 is an attack, all else is not.
        names: Sensors that must be there; None takes those of the file.

    Raises:
        Invalid: A column is missing, a value is no number, a time has no hour; says which row.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = [row for row in csv.reader(file) if row]
    head = [cell.strip() for cell in rows[0]] if rows else []
    wanted = list(names) if names else [name for name in head[1:] if name != _FLAG]
    for name in [*wanted, *([_FLAG] if flagged else [])]:
        if name not in head:
            raise Invalid(
                name, f"{path.name} 缺少列 {name}", f"{path.name} lacks the column {name}"
            )
    if len(rows) <= _LEAST_STEPS or not wanted:
        raise Invalid(path.name, f"{path.name} 至少需要 {_LEAST_STEPS} 行和一列读数",
                      f"{path.name} needs at least {_LEAST_STEPS} rows and one sensor")  # fmt: skip
    at = [head.index(name) for name in wanted]
    values = np.array([_numbers(path, row, line, at, head) for line, row in enumerate(rows[1:], 2)])
    hours = np.array([_hour(path, row[0], line) for line, row in enumerate(rows[1:], 2)])
    flags = np.zeros(len(values), bool)
    if flagged:
        mark = head.index(_FLAG)
        flags = np.array([float(row[mark]) == 1 for row in rows[1:]])
    return wanted, Series(values, hours, flags)


def _numbers(path: Path, row: list[str], line: int, at: list[int], head: list[str]) -> Floats:
    if len(row) != len(head):
        raise Invalid(path.name, f"{path.name} 第 {line} 行有 {len(row)} 列，应为 {len(head)} 列",
                      f"{path.name}, row {line} has {len(row)} columns instead of {len(head)}")  # fmt: skip
    for place in (*at, *([head.index(_FLAG)] if _FLAG in head else [])):
        try:
            good = isfinite(float(row[place]))
        except ValueError:
            good = False
        if not good:
            raise Invalid(head[place], f"{path.name} 第 {line} 行 {head[place]} 不是数值：{row[place]!r}",
                          f"{path.name}, row {line}: {head[place]} is no number: {row[place]!r}")  # fmt: skip
    return np.array([float(row[place]) for place in at])


def _hour(path: Path, text: str, line: int) -> int:
    clock = text.strip().replace("T", " ").split(" ")[-1].split(":")[0]
    if " " in text.strip().replace("T", " ") and clock.isdecimal() and int(clock) < 24:
        return int(clock)
    raise Invalid("time", f"{path.name} 第 {line} 行的时间无法读取：{text!r}",
                  f"{path.name}, row {line}: the time cannot be read: {text!r}")  # fmt: skip
