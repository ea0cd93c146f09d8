"""Learn the weights of a chain from sentences whose spans are known.

Descriptions are left out at random while learning, so that no single one (a name in the lexicon, a
pair of characters) is leaned on alone; steps are scaled per weight, and the last passes are averaged.

Sources: J. Duchi, E. Hazan, Y. Singer (2011), Adaptive Subgradient Methods, JMLR 12, 2121-2159;
N. Srivastava and others (2014), Dropout, JMLR 15, 1929-1958.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from chengshu.places.tagging.batch import Codes
from chengshu.places.tagging.chain import Floats, Layout, incidence, marginals
from chengshu.places.tagging.scheme import Scheme, Sentence

Say = Callable[[str], None]
_SMALL: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Manner:
    """How to learn.

    Attributes:
        passes: Times that every sentence is read.
        averaged: Over how many of the last passes the weights are averaged.
        batch: Sentences per step.
        step: Length of a step.
        shrink: Pull of the weights towards 0, per step that touches them.
        left_out: Share of the descriptions that are left out at random.
        trusted: What is learnt of tokens counts by this when reading, as it is surer than it is right.
        least: Tokens that must have a description for it to be learnt.
    """

    passes: int = 5
    averaged: int = 2
    batch: int = 48
    step: float = 0.05
    shrink: float = 0.05
    left_out: float = 0.5
    trusted: float = 0.7
    least: int = 3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: codes ascending, shape (codes,); a row of one weight per tag each; tag after tag."""

    codes: Codes
    rows: Floats
    turns: Floats


def fit(columns: Sequence[Codes], sentences: Sequence[Sentence], scheme: Scheme, manner: Manner,
        say: Say = lambda line: None) -> Weights:  # fmt: skip
    """Weights that make the known tags likely.

    Args:
        columns: Shape (tokens,) each, all sentences' tokens one after another.
        sentences: None of them empty.
        scheme: Holds every label.
        manner: How to learn.
        say: Told of every pass.
    """
    numbered = Numbered.of(columns, manner.least)
    return _learnt(numbered, sentences, scheme, manner, np.arange(len(sentences)), say)


def fit_folds(columns: Sequence[Codes], sentences: Sequence[Sentence], scheme: Scheme, manner: Manner,
              folds: int, say: Say = lambda line: None) -> tuple[Weights, Floats]:  # fmt: skip
    """The mean of one model per fold, each learnt without it, and what each model says of its own fold.

    Returns:
        Weights, and scores of shape (tokens, tags) by models that had not read the sentence.
    """
    numbered = Numbered.of(columns, manner.least)
    starts, ends = _bounds(sentences)
    fold = np.random.default_rng(manner.seed).permutation(len(sentences)) % folds
    said = np.zeros((len(numbered.ids), scheme.size), np.float32)
    parts = []
    for k in range(folds):
        on = np.flatnonzero(fold != k)
        part = _learnt(numbered, sentences, scheme, replace(manner, seed=k), on, say)
        own = np.flatnonzero(np.repeat(fold == k, ends - starts))
        said[own] = _scored(numbered.ids[own], np.pad(part.rows, ((1, 0), (0, 0))))
        parts.append(part)
        say(f"model {k + 1} of {folds}")
    rows = np.stack([p.rows for p in parts]).mean(0)
    return Weights(numbered.codes, rows, np.stack([p.turns for p in parts]).mean(0)), said


@dataclass(frozen=True, slots=True)
class Numbered:
    """Codes that occur often enough, ascending; for each token and column the place among them from 1, else 0."""

    codes: Codes
    ids: NDArray[np.int32]

    @classmethod
    def of(cls, columns: Sequence[Codes], least: int) -> Self:
        """Leave out what fewer than `least` tokens have."""
        whole = np.stack(columns, 1)
        codes, count = np.unique(whole, return_counts=True)
        codes = codes[(count >= min(least, len(whole))) & (codes > 0)]
        at = np.searchsorted(codes, whole)
        at[at == len(codes)] = 0
        return cls(codes, np.where(codes[at] == whole, at + 1, 0).astype(np.int32))


def _bounds(sentences: Sequence[Sentence]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    ends = np.cumsum([0, *(len(s.tokens) for s in sentences)])
    return ends[:-1], ends[1:]


def _learnt(numbered: Numbered, sentences: Sequence[Sentence], scheme: Scheme, manner: Manner,
            on: NDArray[np.intp], say: Say) -> Weights:  # fmt: skip
    starts, ends = _bounds(sentences)
    truth = np.concatenate([scheme.encode(s) for s in sentences])
    descent = _Descent(len(numbered.codes) + 1, scheme, manner)
    rng, order = np.random.default_rng(manner.seed), on.copy()
    rows, turns = np.zeros_like(descent.rows), np.zeros_like(descent.turns)
    for done in range(1, manner.passes + 1):
        rng.shuffle(order)
        for at in range(0, len(order), manner.batch):
            part = order[at : at + manner.batch]
            layout = Layout.of((ends - starts)[part].tolist(), starts[part].tolist())
            here = numbered.ids[layout.rows]
            here[rng.random(here.shape) < manner.left_out] = 0
            descent.step(here, truth[layout.rows], layout)
        if done > manner.passes - manner.averaged:
            rows += descent.rows / manner.averaged
            turns += descent.turns / manner.averaged
        say(f"pass {done} of {manner.passes}")
    # when reading, nothing is left out: without this, pairs of tags would count too little beside tokens
    rows *= (1 - manner.left_out) * manner.trusted
    return Weights(numbered.codes, rows[1:], turns)


def _scored(ids: NDArray[np.int32], rows: Floats) -> Floats:
    """The sum of the rows that each token names, shape (tokens, tags); row 0 must be 0."""
    score: Floats = incidence(ids, len(rows) - 1) @ rows[1:]
    return score


class _Descent:
    """The state of the learner."""

    def __init__(self, count: int, scheme: Scheme, manner: Manner) -> None:
        self.scheme, self.manner = scheme, manner
        self.rows = np.zeros((count, scheme.size), np.float32)
        self.turns = np.zeros((scheme.size, scheme.size), np.float32)
        self._rows_moved = np.full_like(self.rows, _SMALL)
        self._turns_moved = np.full_like(self.turns, _SMALL)
        self._named, self._at = np.zeros(count, np.bool_), np.zeros(count, np.int32)

    def step(self, ids: NDArray[np.int32], truth: NDArray[np.intp], layout: Layout) -> None:
        """One step down the gradient of the negative log likelihood of these cells."""
        self._named[:] = False
        self._named[ids] = True
        self._named[0] = False
        touched = np.flatnonzero(self._named)
        self._at[touched] = np.arange(1, len(touched) + 1)
        which = incidence(self._at[ids], len(touched))
        weight = self.rows[touched]
        share, pairs = marginals(which @ weight, self.turns, self.scheme, layout)
        np.subtract.at(pairs, (truth[layout.before()], truth[layout.lanes(0) :]), 1)
        share[np.arange(len(truth)), truth] -= 1
        slope: Floats = which.T @ share
        slope += self.manner.shrink * weight
        moved = self._rows_moved[touched]
        moved += slope * slope
        self._rows_moved[touched] = moved
        slope *= self.manner.step
        slope /= np.sqrt(moved, out=moved)
        weight -= slope
        self.rows[touched] = weight
        pairs += _SMALL * self.turns
        self._turns_moved += pairs * pairs
        self.turns -= self.manner.step * pairs / np.sqrt(self._turns_moved)
