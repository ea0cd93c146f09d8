"""How much each view counts, learnt from questions whose passages are known; and when to stay silent.

Beside the views of a passage stand what answered questions say: passages of near questions, passages that resemble
those, and how often a passage or its source was the answer. A question never hears of its own answer while
weights are learnt, nor does a passage of the question it answers.

Source: listwise softmax: Z. Cao and others (2007), Learning to rank: from pairwise approach to listwise approach,
ICML; hubs: A. Conneau and others (2018), Word translation without parallel data, ICLR, section 2.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chengshu.library.grams import Bags, Floats, Rows, together
from chengshu.library.passages import asked, head
from chengshu.library.views import VIEWS, Shelf, Table, bags_of, cosine, one, top_mean

Progress = Callable[[int, int], None]
CANDIDATES: Final = 400
_NEAR: Final = 10  # answered questions that vote
_ECHO: Final = 5  # answered questions whose passages are looked for again
_STRENGTH: Final = 1e-3  # of the pull of standardised weights to zero
_STEPS: Final = 30
_FOLDS: Final = 5
_RIGHT: Final = 0.5  # the best answer is shown where it is right at least so often
FEATURES: Final = (
    *VIEWS, "char_share", "bm_share", "neighbour", "hub", "hub_asked", "hub_head", "echo",
    "source_often", "often", "vote", "source_vote", "dense",
)  # fmt: skip
_PLAIN: Final = {"char_share": 1.0, "head": 0.3, "bm_share": 0.5}  # before anything is learnt


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the rows of its passages, in the shelf it was answered from."""

    text: str
    rows: tuple[int, ...]


class Answered:
    """Answered questions as a shelf sees them.

    Where the passages are another shelf's, only what their texts say is used. Votes count only if passages recur:
    where each question has its own passage, earlier answers say nothing of later ones.
    """

    def __init__(self, shelf: Shelf, known: Sequence[Asked], of: Shelf) -> None:
        self.known, self._same, self._shelf = known, shelf is of, shelf
        often = Counter(row for k in known for row in set(k.rows))
        self.recurs = self._same and any(n > 1 for n in often.values())
        bags = bags_of([asked(k.text) for k in known])
        self._questions = cosine(bags, shelf.rarity)
        self._table = Table(self._questions)
        self._passages = self._vectors(of)
        self.hubs = self._hubs()
        self._often = np.zeros(len(shelf), np.float32)
        self._source = np.zeros(len(shelf.sources), np.float32)
        if self.recurs:
            for k in known:
                self._count(k, 1)

    def _count(self, k: Asked, by: int) -> None:
        for row in k.rows:
            self._often[row] += by
            self._source[self._shelf.source_of[row]] += by / len(k.rows)

    def _vectors(self, of: Shelf) -> list[Bags]:
        """The passages of each question as vectors under this shelf's rarity."""
        found = []
        for k in self.known:
            held = together([Bags(np.array([0, len(t)]), t, v) for t, v in map(of.vectors.one, k.rows)])  # fmt: skip
            if not self._same:
                ours, theirs = self._shelf.rarity.weight(held.terms), of.rarity.weight(held.terms)
                held = Bags(held.indptr, held.terms, held.times * ours / theirs)
            found.append(held)
        return found

    def _hubs(self) -> tuple[Floats, Floats]:
        """How near each passage is to the questions that are nearest to it, but for its own; whole and heads."""
        found = []
        for texts in ([asked(k.text) for k in self.known], [head(k.text) for k in self.known]):
            best = np.zeros((10, len(self._shelf)), np.float32)
            for start in range(0, len(texts), 32):
                part = cosine(bags_of(texts[start : start + 32]), self._shelf.rarity)
                rows = [self._shelf.whole.scores(*part.one(i)) for i in range(len(part))]
                if self._same:
                    for row, k in zip(rows, self.known[start : start + 32], strict=True):
                        row[list(k.rows)] = 0
                best = np.partition(np.concatenate([best, np.stack(rows)]), len(rows), axis=0)[-10:]
            found.append(top_mean(best))
        return found[0], found[1]

    def said(self, question: str, skip: int | None) -> dict[str, Floats]:
        """What near answered questions say of all passages; `skip` is the number of one that must not speak."""
        near = self._table.scores(*one(asked(question), bags_of, self._shelf.rarity))
        if skip is not None:
            near[skip] = 0
        order = np.lexsort((np.arange(len(near)), -near))[:_NEAR]
        order = order[near[order] > 0]
        said = {"echo": self._echo(near, order[:_ECHO])}
        if not self.recurs:
            return said
        own = self.known[skip] if skip is not None else None
        if own:
            self._count(own, -1)
        vote = np.zeros(len(self._shelf), np.float32)
        source_vote = np.zeros(len(self._shelf.sources), np.float32)
        for number in order:
            rows = self.known[number].rows
            for row in rows:
                vote[row] += near[number] ** 2
                source_vote[self._shelf.source_of[row]] += near[number] ** 2 / len(rows)
        of = self._shelf.source_of
        said |= {
            "often": np.log(self._often + 0.3), "source_often": np.log(self._source + 0.3)[of],
            "vote": np.sqrt(vote), "source_vote": np.sqrt(source_vote)[of],
        }  # fmt: skip
        if own:
            self._count(own, 1)
        return said

    def _echo(self, near: Floats, order: Rows) -> Floats:
        """Passages like those that answered near questions; a passage is not held against itself."""
        terms, values = [np.zeros(0, np.uint32)], [np.zeros(0, np.float32)]
        for number in order:
            held = self._passages[number]
            terms.append(held.terms)
            values.append(held.times * near[number] / max(len(held), 1))
        every, at = np.unique(np.concatenate(terms), return_inverse=True)
        total = np.bincount(at, np.concatenate(values), len(every)).astype(np.float32)
        found = self._shelf.whole.scores(every, total)
        if self._same:
            for number in order:
                rows = self.known[number].rows
                for row in rows:
                    found[row] -= near[number] / len(rows)
        return np.maximum(found, 0)


@dataclass(frozen=True, slots=True)
class Mix:
    """Weights of `FEATURES`, and the least share of the best passage at which it is shown."""

    weights: NDArray[np.float64]
    floor: float

    @classmethod
    def plain(cls) -> Mix:
        """Before anything was learnt: nothing is held back that shares a run with the question."""
        return cls(np.array([_PLAIN.get(name, 0.0) for name in FEATURES]), 0.0)


def measured(
    shelf: Shelf, answered: Answered | None, question: str, skip: int | None = None
) -> tuple[Rows, NDArray[np.float64]]:
    """The best candidates of all views together and their features, shapes (c,) and (c, features)."""
    seen = shelf.views(question)
    for name in ("char", "bm", "head"):
        seen[f"{name}_share"] = seen[name] / max(float(seen[name].max(initial=0)), 1e-9)
    seen["neighbour"] = _neighbour(shelf, seen["bm"])
    seen["hub"] = shelf.hub
    rough = seen["char_share"] + 0.3 * seen["head_share"] + 0.5 * seen["bm_share"]
    if answered:
        seen["hub_asked"], seen["hub_head"] = answered.hubs
        seen |= answered.said(question, skip)
        if answered.recurs:
            rough = rough + 0.08 * seen["source_often"] + 2 * seen["vote"] ** 2
    most = min(CANDIDATES, len(shelf))
    rows = np.sort(np.argpartition(-rough, most - 1)[:most]) if most else np.zeros(0, np.int64)
    nothing = np.zeros(len(shelf), np.float32)
    table = np.stack([seen.get(name, nothing)[rows] for name in FEATURES], 1)
    return rows, table.astype(np.float64)


def _neighbour(shelf: Shelf, score: Floats) -> Floats:
    """The better score of the passages before and after, within the same source."""
    same = shelf.source_of[1:] == shelf.source_of[:-1]
    named = same & (shelf.sources[shelf.source_of[1:]] != "")
    before, after = np.zeros_like(score), np.zeros_like(score)
    before[1:], after[:-1] = score[:-1] * named, score[1:] * named
    return np.maximum(before, after)


def fit(answered: Answered, shelf: Shelf, progress: Progress = lambda done, all_: None) -> Mix:
    """Learn weights from questions that were answered from this shelf, and the floor on folds held out."""
    tables, truths = [], []
    for number, known in enumerate(answered.known):
        rows, table = measured(shelf, answered, known.text, number)
        right = np.isin(rows, known.rows)
        if right.any():
            tables.append(table)
            truths.append(right)
        progress(number + 1, len(answered.known))
    if not tables:
        return Mix.plain()
    every, truth = np.stack(tables), np.stack(truths)
    return Mix(weigh(every, truth), _floor(every, truth))


def weigh(tables: NDArray[np.float64], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weights under which right candidates have the largest share, by Newton's method.

    Args:
        tables: Shape (questions, candidates, features).
        truth: Shape (questions, candidates); at least one is right in each.
    """
    mean, spread = tables.mean((0, 1)), tables.std((0, 1))
    spread[spread < 1e-9] = np.inf  # says nothing here
    x = (tables - mean) / spread
    wanted = truth / truth.sum(1, keepdims=True)
    found = np.zeros(x.shape[2])
    value = _loss(x, wanted, found)
    for _ in range(_STEPS):
        p = shares(x @ found)
        centre = np.einsum("qc,qcf->qf", p, x)
        slope = np.einsum("qc,qcf->f", p - wanted, x) / len(x) + 2 * _STRENGTH * found
        bend = np.einsum("qcf,qcg->fg", x * p[:, :, None], x) - centre.T @ centre
        step = np.linalg.solve(bend / len(x) + 2 * _STRENGTH * np.eye(len(found)), slope)
        size = 1.0
        while (new := _loss(x, wanted, found - size * step)) > value and size > 1e-4:
            size /= 2
        if new > value - 1e-9:
            break
        found, value = found - size * step, new
    return np.asarray(found / spread, np.float64)


def _loss(x: NDArray[np.float64], wanted: NDArray[np.float64], weights: NDArray[np.float64]) -> float:  # fmt: skip
    p = shares(x @ weights)
    return float(-(wanted * np.log(p + 1e-12)).sum() / len(x) + _STRENGTH * weights @ weights)


def shares(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Softmax along the last axis."""
    raised = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(raised / raised.sum(-1, keepdims=True), np.float64)


def _floor(tables: NDArray[np.float64], truth: NDArray[np.bool_]) -> float:
    """The least share of the best candidate above which it is right at least half the time, on folds held out."""
    if len(tables) < 4 * _FOLDS:
        return 0.0
    fold = np.arange(len(tables)) % _FOLDS
    sure, right = np.zeros(len(tables)), np.zeros(len(tables), np.bool_)
    for number in range(_FOLDS):
        out = fold == number
        p = shares(tables[out] @ weigh(tables[~out], truth[~out]))
        sure[out] = p.max(1)
        right[out] = np.take_along_axis(truth[out], p.argmax(1)[:, None], 1)[:, 0]
    order = np.argsort(-sure, kind="stable")
    upto = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(upto >= _RIGHT)
    return float(sure[order[enough[-1]]]) if len(enough) else 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of passages, best first, and whether the best is likely enough to be shown."""

    rows: Rows
    shares: Floats
    shown: bool


def find(shelf: Shelf, answered: Answered | None, mix: Mix, question: str) -> Found:
    """All candidates in order; of equal ones the earlier row comes first. Empty for an empty question."""
    if not len(shelf) or not asked(question):
        return Found(np.zeros(0, np.int64), np.zeros(0, np.float32), False)
    rows, table = measured(shelf, answered, question)
    p = shares(table @ mix.weights)
    order = np.lexsort((rows, -p))
    touched = bool((table[:, : len(VIEWS)] > 0).any())
    shown = touched and float(p.max()) >= mix.floor
    return Found(rows[order], p[order].astype(np.float32), shown)
