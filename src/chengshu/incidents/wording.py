"""The wording of one report, compared with that of many incidents at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.grams import SCALE, Bag, Pairs, joined, pairs

_SAID_BY = 0.2  # share of an incident's reports that must say a pair, or it is no mark of it
_PLAIN = 1.5  # rarity up to which a pair adds nothing to a run: everybody says it
_RUN_MOST = 16.0  # a run that is rarer than this, a long name, adds nothing more
_RUN_UNIT = 10.0
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two wordings are.

    Attributes:
        title: Cosine of the titles, 0..1.
        text: Cosine of titles with the beginnings of the texts, 0..1.
        run: Rarity of the rarest piece of text that both titles hold, 0..1.6.
        cross: The same of a title on one side and a text on the other.
        common: Which of the report's pairs the incident's reports say, too.
    """

    title: float
    text: float
    run: float
    cross: float
    common: NDArray[np.bool_]


class Wording:
    """What a report says, in order.

    Args:
        title, text: Its pairs, 0 where a run of letters ends; the text begins with the title.
        bag: The same, weighed.
        rarity: Of each pair of the bag.
    """

    def __init__(self, title: Pairs, text: Pairs, bag: Bag, rarity: NDArray[np.float64]) -> None:
        self._bag = bag
        self._title, self._text = bag.title / SCALE, bag.text / SCALE
        self._norms = _length(self._title), _length(self._text)
        rare = np.maximum(rarity - _PLAIN, 0.0)
        self._rare = np.append(rare, 0.0)  # the last is for what lies between runs
        self._title_at, self._text_at = self._places(title), self._places(text)

    @classmethod
    def of_bag(cls, bag: Bag) -> Wording:
        """Without the order nothing is known of runs."""
        nothing = np.zeros(0, np.uint32)
        return cls(nothing, nothing, bag, np.zeros(len(bag.pair)))

    def _places(self, said: Pairs) -> NDArray[np.intp]:
        """Where each pair stands in the bag; one past the end between runs."""
        if not len(self._bag.pair):
            return np.zeros(0, np.intp)
        at = np.searchsorted(self._bag.pair, said)
        at[at == len(self._bag.pair)] = 0
        return np.where(self._bag.pair[at] == said, at, len(self._bag.pair))

    def alike(self, incidents: Sequence[tuple[Bag, int, str]]) -> list[Likeness]:
        """Compare with many incidents.

        Args:
            incidents: Of each its bag, its number of reports, and the names of places that both
                name: a place is a clue of its own, so that in the wording only what is said about
                it counts.
        """
        if not incidents:
            return []
        n, m = len(incidents), len(self._bag.pair)
        if not m:
            nothing = np.zeros(0, np.bool_)
            return [Likeness(0.0, 0.0, 0.0, 0.0, nothing)] * n
        which = np.repeat(np.arange(n), [len(bag.pair) for bag, _, _ in incidents])
        pair = np.concatenate([bag.pair for bag, _, _ in incidents])
        title = np.concatenate([bag.title for bag, _, _ in incidents]) / SCALE
        text = np.concatenate([bag.text for bag, _, _ in incidents]) / SCALE
        at = np.searchsorted(self._bag.pair, pair)
        at[at == m] = 0
        both = self._bag.pair[at] == pair
        of_title, of_text = np.zeros((n, m + 1)), np.zeros((n, m + 1))
        of_title[which[both], at[both]] = title[both]
        of_text[which[both], at[both]] = text[both]
        named = self._named([names for _, _, names in incidents])
        title_norms = np.bincount(which, title**2, n) - ((of_title * named) ** 2).sum(1)
        text_norms = np.bincount(which, text**2, n) - ((of_text * named) ** 2).sum(1)
        ours = (
            self._norms[0] - named[:, :m] @ self._title**2,
            self._norms[1] - named[:, :m] @ self._text**2,
        )
        of_title[named], of_text[named] = 0.0, 0.0
        title_cosines = _cosines(of_title[:, :m] @ self._title, ours[0] * title_norms)
        text_cosines = _cosines(of_text[:, :m] @ self._text, ours[1] * text_norms)
        least = (
            _SAID_BY
            * np.array([reports for _, reports, _ in incidents])[:, None]
            * np.append(self._text, 1.0)
        )
        in_title, in_text = of_title >= np.maximum(least, 1e-9), of_text >= np.maximum(least, 1e-9)
        run = self._heaviest(in_title, self._title_at)
        cross = np.maximum(
            self._heaviest(in_text, self._title_at), self._heaviest(in_title, self._text_at)
        )
        return [
            Likeness(float(a), float(b), min(float(c), _RUN_MOST) / _RUN_UNIT, min(float(d), _RUN_MOST) / _RUN_UNIT, common)
            for a, b, c, d, common in zip(title_cosines, text_cosines, run, cross, in_text | in_title, strict=True)
        ]  # fmt: skip

    def _named(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """For each incident, which pairs are part of a place that both name."""
        found = np.zeros((len(names), len(self._bag.pair) + 1), np.bool_)
        for row, said in enumerate(names):
            if said:
                found[row, :-1] = np.isin(self._bag.pair, pairs(said))
        return found

    def _heaviest(self, said: NDArray[np.bool_], at: NDArray[np.intp]) -> NDArray[np.float64]:
        """For each incident, the rarity of the rarest unbroken piece that it says, too."""
        if not len(at):
            return np.zeros(len(said))
        here = said[:, at]
        sums = np.cumsum(self._rare[at] * here, axis=1)
        before = np.maximum.accumulate(np.where(here, 0.0, sums), axis=1)
        found: NDArray[np.float64] = (sums - before).max(axis=1)
        return found

    def in_common(self, likeness: Likeness) -> list[str]:
        """The rarest pieces of text that both say, for a person to read."""
        at, common = self._text_at, likeness.common
        runs: dict[tuple[int, ...], float] = {}
        run: list[int] = []
        for place in [*at.tolist(), len(self._bag.pair)]:
            if place < len(self._bag.pair) and common[place]:
                run.append(place)
                continue
            if run:
                key = tuple(int(self._bag.pair[p]) for p in run)
                runs[key] = float(self._rare[run].sum())
            run = []
        rarest = sorted(runs, key=lambda r: -runs[r])
        return [text[:12] for text in joined(r for r in rarest[:_SHOWN] if runs[r] > 0)]


def _length(weights: NDArray[np.float64]) -> float:
    return float(np.dot(weights, weights))


def _cosines(dots: NDArray[np.float64], norms: NDArray[np.float64]) -> NDArray[np.float64]:
    usable = norms > 1e-9
    lengths = np.sqrt(np.where(usable, norms, 1.0))
    found: NDArray[np.float64] = np.where(usable, np.minimum(dots / lengths, 1.0), 0.0)
    return found
