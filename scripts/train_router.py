"""Fit routing's shipped models on the synthetic city.

Writes src/chengshu/dispatch/routing/wording.npz and mix.json. Words are learnt from seeds 1 to 20 as from
closed decisions (a text, and the line and tier of the unit that settled it). How sources add up and how sure
the best unit is are fitted on seeds 41 to 44, and, so that a text in words that were never met is not taken
for known, on streams of one half of all sentences by words learnt from the other half. Seeds from 61 on are
kept for `chengshu eval routing`. Takes about ten minutes; needs SciPy (the extra `[bench]`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from chengshu.app.measure.eval_routing import Case, cases, figures, router_of
from chengshu.app.measure.streams import ground
from chengshu.dispatch.routing import combine
from chengshu.dispatch.routing.combine import Mix
from chengshu.dispatch.routing.router import FOLDER, Router
from chengshu.dispatch.routing.wording import BUCKETS, Power, Wording, marks, read
from chengshu.drill import Kind, read_kinds, reports
from chengshu.drill.kinds import half_of
from chengshu.kit import log
from chengshu.kit.settings import shared
from chengshu.places import City, read_city

ROOT = Path(__file__).parent.parent
_LEARN, _HALF_LEARN = range(1, 21), range(1, 5)
_TUNE, _HALF_TUNE = range(41, 45), (46, 47)
_START, _DAYS, _PER_DAY = date(2026, 5, 1), 30, 17
_EPOCHS, _BATCH, _RATE, _DECAY = 8, 256, 0.5, 1e-6

Table = NDArray[np.float32]


def told(city: City, kinds: Sequence[Kind], seeds: Sequence[int]) -> tuple[list[str], list[Power]]:
    """Texts and who settled them."""
    texts, powers = [], []
    for seed in seeds:
        for r in reports(city, kinds, seed, _START, _DAYS, _PER_DAY):
            texts.append(f"{r.told.title}。{r.told.text}")
            powers.append(Power(r.truth.line, r.truth.tier))
    return texts, powers


def learn(texts: Sequence[str], powers: Sequence[Power]) -> Wording:
    """A softmax over hashed features by Adagrad, rounded to eight bits."""
    names = tuple(sorted(set(powers), key=str))
    truth = np.array([names.index(p) for p in powers])
    some = [read(text, np.zeros(0, np.uint8)) for text in texts]
    table = csr_matrix(
        (np.concatenate([s.values for s in some]), np.concatenate([s.rows for s in some]),
         np.cumsum([0, *(len(s.rows) for s in some)])), shape=(len(some), BUCKETS),
    )  # fmt: skip
    weight, bias = _softmax(table, truth, len(names))
    scale = (np.abs(weight).max(0) / 127).astype(np.float32)
    rounded = np.round(weight / scale).astype(np.int8)
    return Wording(names, rounded, scale, bias, marks(texts))


def _softmax(table: csr_matrix, truth: NDArray[np.int64], classes: int) -> tuple[Table, Table]:
    weight, bias = np.zeros((BUCKETS, classes), np.float32), np.zeros(classes, np.float32)
    squares = np.full((BUCKETS, 1), 1e-6, np.float32)
    rng = np.random.default_rng(0)
    for _ in range(_EPOCHS):
        order = rng.permutation(len(truth))
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            part = table[some]
            used = np.unique(part.indices)
            part = part[:, used]
            z = part @ weight[used] + bias
            share = np.exp(z - z.max(1, keepdims=True))
            share /= share.sum(1, keepdims=True)
            share[np.arange(len(some)), truth[some]] -= 1
            slope = part.T @ share / len(some) + _DECAY * weight[used]
            squares[used] += (slope**2).mean(1, keepdims=True)
            weight[used] -= _RATE * slope / np.sqrt(squares[used])
            bias -= _RATE * 0.1 * share.mean(0)
    return weight, bias


def fit_mix(some: Sequence[tuple[Router, Sequence[Case]]], held: int) -> Mix:
    """Weights of sources, then of doubts, then the threshold on the first `held` streams."""
    weighed = [[(r.weigh(c.asked), c) for c in found] for r, found in some]
    source = combine.fit_sources([(w.seen, str(c.power)) for found in weighed for w, c in found])
    first = Mix(0, source, dict.fromkeys(combine.DOUBTS, 0.0), 1.01)
    doubts = []
    for (router, _), found in zip(some, weighed, strict=True):
        router.mix = first
        ranked = [(router.ranked(w, c.asked), w, c) for w, c in found]
        doubts.append([(router.doubts(w, r, c.asked), r[0][0].unit == c.unit) for r, w, c in ranked if r])  # fmt: skip
    doubt = combine.fit_doubts([case for found in doubts for case in found])
    mix = Mix(0, source, doubt, 1.01)
    tried = [(mix.sure(d), right) for found in doubts[:held] for d, right in found]
    return Mix(0, source, doubt, round(combine.threshold(tried), 4))


def main() -> None:
    """Fit, write, and print what the halves say of sentences that were never met."""
    log.setup("error")
    city, kinds = read_city(ROOT / "cities/nantong"), read_kinds()
    halves = [[half_of(kind, half) for kind in kinds] for half in (0, 1)]
    if "--mix" not in sys.argv:
        learn(*told(city, kinds, _LEARN)).save(FOLDER / "wording.npz")
    empty = Mix(0, dict.fromkeys(combine.SOURCES, 0.0), dict.fromkeys(combine.DOUBTS, 0.0), 1.01)
    if not (FOLDER / "mix.json").exists():
        (FOLDER / "mix.json").write_text(json.dumps(empty.record()))
    by_half = [learn(*told(city, half, _HALF_LEARN)) for half in halves]
    with ground(shared(), print) as (database, world, keyring):
        whole = router_of(world)
        some: list[tuple[Router, list[Case]]] = [
            (whole, [c for seed in _TUNE for c in cases(database, world, keyring, whole, seed, kinds, print)])
        ]  # fmt: skip
        for half, seed in enumerate(_HALF_TUNE):
            router = router_of(world)
            router.wording = by_half[1 - half]
            some.append(
                (router, cases(database, world, keyring, router, seed, halves[half], print))
            )
        mix = fit_mix(some, 1)
        (FOLDER / "mix.json").write_text(json.dumps(mix.record(), indent=1) + "\n")
        print(json.dumps(mix.record(), indent=1))
        for router, found in some:
            router.mix = mix
            print(json.dumps(figures(found, router, world), indent=1))


if __name__ == "__main__":
    main()
