"""A linear chain over many sentences at once: marginals for learning, the best tags for reading.

Source: J. Lafferty, A. McCallum, F. Pereira (2001), Conditional Random Fields, ICML, 282-289.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chengshu.places.tagging.scheme import Scheme

Floats = NDArray[np.float32]
_NEVER = np.float32(-1e4)


@dataclass(frozen=True, slots=True)
class Layout:
    """Sentences laid side by side, longest first, so that step t is one slice.

    Attributes:
        order: Number of the sentence in each lane.
        rows: For each cell, in the order of steps, the row of its token.
        steps: The slice of cells of each step; its length is how many lanes are that long.
    """

    order: NDArray[np.intp]
    rows: NDArray[np.intp]
    steps: tuple[slice, ...]

    @classmethod
    def of(cls, lengths: Sequence[int], starts: Sequence[int]) -> Self:
        """Lengths may not be 0; `starts` holds the row of each sentence's first token."""
        size, start = np.asarray(lengths), np.asarray(starts)
        order = np.argsort(-size, kind="stable")
        size, start = size[order], start[order]
        lanes = [int((size > t).sum()) for t in range(int(size[0]) if len(size) else 0)]
        ends = np.cumsum([0, *lanes])
        steps = tuple(slice(a, b) for a, b in pairwise(ends.tolist()))
        rows = [start[:n] + t for t, n in enumerate(lanes)]
        return cls(order, np.concatenate(rows) if rows else np.empty(0, np.intp), steps)

    def lanes(self, t: int) -> int:
        """How many sentences are longer than `t`."""
        return self.steps[t].stop - self.steps[t].start if t < len(self.steps) else 0

    def before(self) -> NDArray[np.intp]:
        """For each cell from step 1 on, the cell before it."""
        parts = [
            np.arange(self.steps[t - 1].start, self.steps[t - 1].start + self.lanes(t))
            for t in range(1, len(self.steps))
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.intp)


def incidence(ids: NDArray[np.int32], count: int, kind: type[np.generic] = np.float32) -> csr_array:
    """A sparse matrix, shape (cells, count): a 1 for each number from 1 that a cell names, none for 0.

    Its product with rows of weights is the score of the cells. `ids` has the shape (cells, columns).
    """
    named = ids > 0
    ends = np.zeros(len(ids) + 1, np.int32)
    np.cumsum(named.sum(1), out=ends[1:])
    at = ids[named] - 1
    return csr_array((np.ones(len(at), kind), at, ends), shape=(len(ids), count))


def marginals(score: Floats, weight: Floats, scheme: Scheme, layout: Layout) -> tuple[Floats, Floats]:  # fmt: skip
    """Probabilities of tags in each cell, shape (cells, tags), and expected counts of pairs, (tags, tags).

    Args:
        score: Shape (cells, tags), in the order of the layout.
        weight: Shape (tags, tags), of one tag after another; illegal pairs are left out here.
    """
    turn = np.exp(weight) * scheme.follows()
    opening, closing = scheme.first().astype(np.float32)[None], scheme.last().astype(np.float32)
    here = np.exp(score - score.max(1, keepdims=True))
    ahead, back = np.empty_like(here), np.empty_like(here)
    for t, cells in enumerate(layout.steps):
        before = ahead[layout.steps[t - 1]][: layout.lanes(t)] @ turn if t else opening
        reached = before * here[cells]
        ahead[cells] = reached / reached.sum(1, keepdims=True)
    for t in range(len(layout.steps) - 1, -1, -1):
        cells, going = layout.steps[t], layout.lanes(t + 1)
        rest = back[cells]
        rest[going:] = closing
        if going:
            after = layout.steps[t + 1]
            led = (here[after] * back[after]) @ turn.T
            rest[:going] = led / led.sum(1, keepdims=True)
    share = ahead * back
    share /= share.sum(1, keepdims=True)
    before = ahead[layout.before()]
    after_all = (here * back)[layout.lanes(0) :]
    whole = ((before @ turn) * after_all).sum(1, keepdims=True)
    return share, turn * (before.T @ (after_all / whole))


def best(score: Floats, weight: Floats, scheme: Scheme, layout: Layout) -> NDArray[np.intp]:
    """The most probable tag sequence of every sentence, a tag per cell (Viterbi).

    Only the legal pairs are looked at: an end before an opening, and inside one label.
    """
    n = len(scheme.labels)
    joint = weight[2 * n :, np.r_[:n, 3 * n : 4 * n]][:, :, None]  # (ended, opening, 1)
    label = np.arange(n)
    inner = [
        weight[label + a * n, label + b * n, None] for a in (0, 1) for b in (1, 2)
    ]  # BI BE II IE
    first = np.where(scheme.first(), 0, _NEVER).astype(np.float32)[:, None]
    total = np.ascontiguousarray(score.T)  # lanes are the inner axis, which is quicker
    for t, cells in enumerate(layout.steps):
        new = total[:, cells]  # added to in place
        if not t:
            new += first
            continue
        old = total[:, layout.steps[t - 1]][:, : layout.lanes(t)]
        opened = (old[2 * n :, None] + joint).max(0)
        new[:n] += opened[:n]
        new[3 * n :] += opened[n:]
        new[n : 2 * n] += np.maximum(old[:n] + inner[0], old[n : 2 * n] + inner[2])
        new[2 * n : 3 * n] += np.maximum(old[:n] + inner[1], old[n : 2 * n] + inner[3])
    return _walk_back(np.ascontiguousarray(total.T), weight, scheme, layout)


def _walk_back(total: Floats, weight: Floats, scheme: Scheme, layout: Layout) -> NDArray[np.intp]:
    """The best last tag, and before each tag the one that it was reached from."""
    tags = np.zeros(len(total), np.intp)
    reached = np.where(scheme.follows(), weight, _NEVER).T  # (tag, tag before)
    last = np.where(scheme.last(), 0, _NEVER).astype(np.float32)
    later = np.empty(0, np.intp)
    for t in range(len(layout.steps) - 1, -1, -1):
        cells, going = layout.steps[t], layout.lanes(t + 1)
        after = total[cells]
        now = np.empty(len(after), np.intp)
        now[:going] = (after[:going] + reached[later]).argmax(1)
        now[going:] = (after[going:] + last).argmax(1)
        tags[cells] = later = now
    return tags
