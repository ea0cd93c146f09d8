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


def marginals(score: Floats, weight: Floats, scheme: Scheme, layout: Layout) -> tuple[Floats, Floats]:  # fmt: skip
    """Probabilities of tags in each cell, shape (cells, tags), and expected counts of pairs, (tags, tags).

    Args:
        score: Shape (cells, tags), in the order of the layout.
        weight: Shape (tags, tags), of one tag after another; illegal pairs are left out here.
    """
    turn = np.exp(weight) * scheme.follows()
    opening = scheme.first().astype(np.float32)[None]
    here = np.exp(score - score.max(1, keepdims=True))
    ahead, back = np.empty_like(here), np.empty_like(here)
    for t, cells in enumerate(layout.steps):
        before = ahead[layout.steps[t - 1]][: layout.lanes(t)] @ turn if t else opening
        reached = before * here[cells]
        ahead[cells] = reached / reached.sum(1, keepdims=True)
    for t in range(len(layout.steps) - 1, -1, -1):
        cells, going = layout.steps[t], layout.lanes(t + 1)
        rest = np.broadcast_to(
            scheme.last().astype(np.float32), (layout.lanes(t), scheme.size)
        ).copy()
        if going:
            after = layout.steps[t + 1]
            led = (here[after] * back[after]) @ turn.T
            rest[:going] = led / led.sum(1, keepdims=True)
        back[cells] = rest
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
    joint = np.ascontiguousarray(weight[2 * n :][:, np.r_[:n, 3 * n : 4 * n]].T)  # (opening, ended)
    label = np.arange(n)
    inner = [weight[label + a * n, label + b * n] for a in (0, 1) for b in (1, 2)]  # BI BE II IE
    first = np.where(scheme.first(), 0, _NEVER).astype(np.float32)
    last = np.where(scheme.last(), 0, _NEVER).astype(np.float32)
    total, came = np.empty_like(score), np.zeros(score.shape, np.int16)
    for t, cells in enumerate(layout.steps):
        if not t:
            total[cells] = score[cells] + first
            continue
        old = total[layout.steps[t - 1]][: layout.lanes(t)]
        to_open = old[:, None, 2 * n :] + joint[None]
        choice = to_open.argmax(2)
        opened = np.take_along_axis(to_open, choice[:, :, None], 2)[:, :, 0]
        new, back = np.empty_like(old), np.empty(old.shape, np.int16)
        for column, part in ((0, slice(0, n)), (3, slice(n, 2 * n))):
            new[:, column * n : (column + 1) * n] = opened[:, part]
            back[:, column * n : (column + 1) * n] = choice[:, part] + 2 * n
        for column in (1, 2):
            from_open = old[:, :n] + inner[column - 1]
            from_inside = old[:, n : 2 * n] + inner[column + 1]
            new[:, column * n : (column + 1) * n] = np.maximum(from_open, from_inside)
            back[:, column * n : (column + 1) * n] = np.where(
                from_open >= from_inside, label, label + n
            )
        total[cells] = new + score[cells]
        came[cells] = back
    return _walk_back(total, came, last, layout)


def _walk_back(total: Floats, came: NDArray[np.int16], last: Floats, layout: Layout) -> NDArray[np.intp]:  # fmt: skip
    tags = np.zeros(len(total), np.intp)
    later = np.empty(0, np.intp)
    for t in range(len(layout.steps) - 1, -1, -1):
        cells, going = layout.steps[t], layout.lanes(t + 1)
        now = np.empty(layout.lanes(t), np.intp)
        if going:
            now[:going] = came[layout.steps[t + 1]][np.arange(going), later]
        now[going:] = (total[cells][going:] + last).argmax(1)
        tags[cells] = later = now
    return tags
