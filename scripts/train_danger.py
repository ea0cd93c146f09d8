"""Fit how much each sign of danger counts, on half A of the danger set and the texts beside it.

Writes src/chengshu/incidents/danger/weights.npz and prints recall and false alarms on half A when
each tenth is judged by weights of the rest. Half B is not read. Takes a minute or two.

A message is dangerous if one of its windows is, so of a dangerous message only the window that
speaks most counts (S. Andrews, I. Tsochantaridis, T. Hofmann (2002), Support vector machines for
multiple-instance learning). Each row also stands there without its cues, so that the sorts of words
learn to speak for texts that no cue knows.
Needs SciPy (the extra `[bench]`), which the product itself does not.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack

from chengshu.drill import build_sites, read_kinds, reports
from chengshu.incidents.danger import features
from chengshu.incidents.danger.judge import Judge, wording
from chengshu.incidents.danger.slips import mend
from chengshu.places import read_city

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "src/chengshu/incidents/danger"
TARGET = FOLDER / "weights.npz"
FALSE_RATE = 0.01  # of the hard negatives of half A, judged by weights of the rest
_LEAST = 3
_EVERYDAY = 0.6  # weight of a window of the drill's ordinary reports
_BIAS = -3.0
# What a sign counts before anything is learnt; `at:` half as much again.
_PRIOR = {
    "cue:clean": 2.5, "cue:half_clean": 0.8, "cue:sure": 2.5, "cue:second_sure": 1.5, "cue:third_sure": 0.7,
    "cue:half": 0.6, "cue:second_half": 0.6, "cue:share": 1.5, "in:now": 0.3, "in:help": 0.5,
    "in:person": 0.3, "in:going": 0.5, "in:ask": -1.2, "in:rule": -1.0, "in:teach": -1.5,
    "in:money": -1.2, "in:past": -1.0, "in:over": -1.5, "in:denied": -1.0, "in:feared": -0.8,
    "in:told": -1.0, "in:daily": -0.6, "in:idiom": -0.8,
}  # fmt: skip
_STIFF = {"g": 0.1, "s": 1.0, "p": 1.0}  # how hard a weight is held to its prior, by its sort

Features = dict[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """A message as the features of its windows."""

    danger: bool
    windows: list[Features]


def row(text: str, danger: bool) -> Row:
    """Read a message."""
    said = mend(text)
    return Row(
        danger,
        [
            {**window.features, **wording(said, window)}
            for start, end in features.windows(said)
            for window in [features.read(said, start, end)]
        ],
    )


def rows(path: Path) -> list[Row]:
    """All rows of a set."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [row(line["text"], line["danger"] == "1") for line in csv.DictReader(lines)]


def everyday() -> list[Row]:
    """Ordinary reports of the synthetic city."""
    city, kinds = read_city(ROOT / "cities/nantong"), read_kinds()
    quiet = {kind.slug for kind in kinds if not kind.danger}
    stream = reports(city, kinds, 905, date(2026, 3, 2), 12, 17, sites=build_sites(city, 905))
    return [row(r.told.text, False) for r in stream if r.truth.kind in quiet]


def fit(learnt: Sequence[Row], ordinary: Sequence[Row]) -> Judge:
    """Weights from messages; the threshold is not set."""
    dangers = [r.windows for r in learnt if r.danger and r.windows]
    quiet = [w for r in learnt if not r.danger for w in r.windows]
    dangers += [[_bare(w) for w in windows] for windows in dangers]
    quiet += [_bare(w) for w in quiet]
    daily = [w for r in ordinary for w in r.windows]
    seen = Counter(name for w in (*(w for d in dangers for w in d), *quiet, *daily) for name in w)
    names = sorted(n for n, times in seen.items() if n[:2] not in {"g:", "p:"} or times >= _LEAST)
    column = {name: at for at, name in enumerate(names)}
    prior = np.array([*(_prior(name) for name in names), _BIAS])
    stiff = np.array([*(_STIFF.get(name.partition(":")[0], 1.0) for name in names), 0.1])
    others = _matrix(quiet + daily, column)
    choices = [_matrix(windows, column) for windows in dangers]
    share = np.r_[np.ones(len(dangers) + len(quiet)), np.full(len(daily), _EVERYDAY)]
    truth = np.r_[np.ones(len(dangers)), np.zeros(len(quiet) + len(daily))]
    weight = prior.copy()
    for _ in range(2):
        loudest = [c[int(np.argmax(c @ weight[:-1]))] for c in choices]
        seen_by = vstack([*loudest, others]).tocsr()

        def loss(
            w: NDArray[np.float64], x: csr_matrix = seen_by
        ) -> tuple[float, NDArray[np.float64]]:
            z = x @ w[:-1] + w[-1]
            off = share * (1 / (1 + np.exp(-z)) - truth)
            cost = (share * (np.logaddexp(0, z) - truth * z)).sum()
            cost += 0.5 * (stiff * (w - prior) ** 2).sum()
            return float(cost), np.r_[x.T @ off, off.sum()] + stiff * (w - prior)

        weight = minimize(loss, weight, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return Judge(dict(zip(names, weight[:-1].tolist(), strict=True)), float(weight[-1]), 0.0)


def score(judge: Judge, message: Row) -> float:
    """The log odds of the loudest window."""
    return judge.bias + max(
        (sum(judge.weight.get(n, 0.0) * v for n, v in w.items()) for w in message.windows),
        default=0.0,
    )


def main() -> None:
    """Fit, say how well, write."""
    half, beside, ordinary = rows(FOLDER / "set_a.csv"), rows(FOLDER / "set_learn.csv"), everyday()
    order = list(range(len(half)))
    Random(0).shuffle(order)
    found = np.zeros(len(half))
    for part in range(10):
        left = set(order[part::10])
        judge = fit([r for at, r in enumerate(half) if at not in left] + beside, ordinary)
        for at in left:
            found[at] = score(judge, half[at])
    danger = np.array([r.danger for r in half])
    quiet = np.sort(found[~danger])[::-1]
    threshold = float(quiet[int(FALSE_RATE * len(quiet))])
    for share in (0.005, 0.01, 0.02, 0.03):
        at = quiet[int(share * len(quiet))]
        print(
            f"half A, unseen tenths: recall {(found[danger] > at).mean():.4f} at {share:.1%} false, log odds {at:.2f}"
        )
    judge = fit(half + beside, ordinary)
    kept = {name: weight for name, weight in judge.weight.items() if abs(weight) > 0.02}
    np.savez_compressed(
        TARGET,
        name=np.array(list(kept)),
        weight=np.array(list(kept.values()), np.float16),
        bias=np.float32(judge.bias),
        threshold=np.float32(threshold),
    )
    print(
        f"{TARGET.name}: {TARGET.stat().st_size / 1000:.0f} kB, {len(kept)} weights, rings above {threshold:.2f}"
    )


def _prior(name: str) -> float:
    sort, _, what = name.partition(":")
    return 0.5 * _PRIOR.get(f"in:{what}", 0.0) if sort == "at" else _PRIOR.get(name, 0.0)


def _bare(window: Features) -> Features:
    return {n: v for n, v in window.items() if n.partition(":")[0] not in {"cue", "c", "kind"}}


def _matrix(windows: Sequence[Features], column: dict[str, int]) -> csr_matrix:
    at, to, values = [], [], []
    for number, window in enumerate(windows):
        for name, value in window.items():
            if name in column:
                at.append(number)
                to.append(column[name])
                values.append(value)
    return csr_matrix((values, (at, to)), shape=(len(windows), len(column)))


if __name__ == "__main__":
    main()
