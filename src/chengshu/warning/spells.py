"""Harmless spells: short times of activity, such as maintenance, that end by themselves.

What is watched for lasts; a spell does not. So the null is a chain of two states per entity, idle and
in a spell, fitted on quiet history: how often each entity has spells (drawn to all entities), how long
they last, and in which streams they show. A day of activity is then weighed against «another spell»,
and only its lasting, its coming back, or a stream that spells do not touch, makes it a warning.

Source: L. E. Baum, T. Petrie, G. Soules, N. Weiss (1970), A Maximization Technique Occurring in the
Statistical Analysis of Probabilistic Functions of Markov Chains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from chengshu.warning.model import Floats, Whole

_ROUNDS: Final = 12
_OWN_DAYS: Final = 60.0  # days of own history that outweigh what holds for all entities
_RARE, _OFTEN = 5e-4, 0.2  # chance a day that a spell begins
_BRIEF, _LONG = 0.3, 0.9  # chance that a spell lasts another day


@dataclass(slots=True)
class Spells:
    """Chances of harmless spells, and the belief of each entity to be in one.

    Attributes:
        begins: (N,) chance a day that a spell begins.
        lasts: Chance that it lasts another day.
        shows: (streams,) chance that a spell shows in a stream.
        belief: (N,) predicted chance of being in a spell on the next day.
    """

    begins: Floats
    lasts: float
    shows: Floats
    belief: Floats

    @classmethod
    def learnt(cls, ratios: Floats) -> Self:
        """From log-likelihood ratios (N, days, streams) of quiet history."""
        count, days, streams = ratios.shape
        odds = np.exp(ratios)
        begins, lasts, shows = np.full(count, 0.02), 0.6, np.full(streams, 0.5)
        for _ in range(_ROUNDS if days > 1 else 0):
            active = np.prod(1 - shows + shows * odds, -1)
            inside, begun, stayed, left = _smoothed(active, begins, lasts)
            everyone = (begun.sum() + 1) / (count * days)
            begins = np.clip((begun + _OWN_DAYS * everyone) / (days + _OWN_DAYS), _RARE, _OFTEN)
            lasts = float(np.clip((stayed + 6) / (stayed + left + 10), _BRIEF, _LONG))
            seen = shows * odds / (1 - shows + shows * odds)
            weight = inside[..., None]
            shows = np.clip(((weight * seen).sum((0, 1)) + 0.5) / (weight.sum() + 1), 0.02, 0.98)
        return cls(begins, lasts, shows, begins.copy())

    def fresh(self, rows: Whole | None = None) -> Spells:
        """The same chances with no belief yet; for entities `rows` (indices) where given."""
        begins = self.begins if rows is None else self.begins[rows]
        return Spells(begins, self.lasts, self.shows, begins.copy())

    def step(self, ratios: Floats) -> Floats:
        """How likely a day (N, streams) is under the null against plain idleness, in nats (N,)."""
        active = np.prod(1 - self.shows + self.shows * np.exp(ratios), -1)
        likely = 1 - self.belief + self.belief * active
        inside = self.belief * active / likely
        self.belief = inside * self.lasts + (1 - inside) * self.begins
        return np.asarray(np.log(likely))


def _smoothed(active: Floats, begins: Floats, lasts: float) -> tuple[Floats, Floats, float, float]:
    """Forward and backward pass: belief in a spell (N, days), spells begun (N,), days stayed, left."""
    count, days = active.shape
    ahead, scale = np.empty((count, days)), np.empty((count, days))
    belief = begins
    for day in range(days):
        scale[:, day] = 1 - belief + belief * active[:, day]
        ahead[:, day] = belief * active[:, day] / scale[:, day]
        belief = ahead[:, day] * lasts + (1 - ahead[:, day]) * begins
    inside, begun, stayed, left = ahead.copy(), np.zeros(count), 0.0, 0.0
    after_in, after_out = np.ones(count), np.ones(count)
    for day in range(days - 2, -1, -1):
        into = active[:, day + 1] * after_in / scale[:, day + 1]
        out = after_out / scale[:, day + 1]
        now = ahead[:, day]
        begun += (1 - now) * begins * into
        stayed += float((now * lasts * into).sum())
        left += float((now * (1 - lasts) * out).sum())
        after_in, after_out = lasts * into + (1 - lasts) * out, begins * into + (1 - begins) * out
        inside[:, day] = now * after_in
    return inside, begun, stayed, left
