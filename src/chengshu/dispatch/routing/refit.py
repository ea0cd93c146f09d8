"""Every night: who settled what is counted anew, and how sure routing is, is fitted to what came out.

A new calibration is a version that waits for a person's word; the curves beside it say why. What the words
and the list say stays as it is: corrections already count in the words.

Source: J. Platt (1999), Probabilistic outputs for support vector machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from chengshu.dispatch.routing import store
from chengshu.dispatch.routing.combine import Mix, logit, threshold
from chengshu.dispatch.routing.store import Decided
from chengshu.kit.db import Connection

LEAST: Final = 200  # decisions before a calibration is proposed
_BACK: Final = timedelta(days=180)
_COUNTED: Final = timedelta(days=730)
_STEPS: Final = 10
_BETTER: Final = 0.002  # by which the held-out surprise must fall, in nats


@dataclass(frozen=True, slots=True)
class Bin:
    """One step of the calibration curve."""

    low: float
    high: float
    decisions: int
    said: float  # mean probability
    right: float  # share that came out right


def curve(decided: Sequence[Decided]) -> list[Bin]:
    """How often the first proposal was right, by how sure it was, in steps of a tenth."""
    found: list[Bin] = []
    for step in range(_STEPS):
        here = [d for d in decided if min(int(d.probability * _STEPS), _STEPS - 1) == step]
        if here:
            found.append(Bin(step / _STEPS, (step + 1) / _STEPS, len(here),
                             sum(d.probability for d in here) / len(here),
                             sum(d.unit == d.proposed for d in here) / len(here)))  # fmt: skip
    return found


def fitted(decided: Sequence[Decided], mix: Mix) -> tuple[Mix, dict[str, float]] | None:
    """A calibration fitted on the earlier two thirds and tried on the last; None if it is no better."""
    if len(decided) < LEAST:
        return None
    ranked = sorted(decided, key=lambda d: d.at)
    cut = len(ranked) * 2 // 3
    slope, offset = _platt(ranked[:cut])
    before = _surprise(ranked[cut:], 1.0, 0.0)
    after = _surprise(ranked[cut:], slope, offset)
    figures = {"decisions": float(len(ranked)), "slope": slope, "offset": offset,
               "surprise_before": before, "surprise_after": after}  # fmt: skip
    if after > before - _BETTER:
        return None
    doubt = {name: weight * slope for name, weight in mix.doubt.items()}
    doubt["one"] += offset
    tried = [(_moved(d.probability, slope, offset), d.unit == d.proposed) for d in ranked]
    return replace(mix, doubt=doubt, threshold=round(threshold(tried), 4)), figures


def nightly(conn: Connection, mix: Mix, now: datetime) -> int | None:
    """Count anew and propose a calibration; returns its number, None where none is proposed."""
    store.recount(conn, now - _COUNTED)
    found = fitted(store.decided(conn, now - _BACK), mix)
    return None if found is None else store.propose_version(conn, *found, now)


def _moved(probability: float, slope: float, offset: float) -> float:
    return float(1 / (1 + np.exp(-(slope * logit(probability) + offset))))


def _platt(decided: Sequence[Decided]) -> tuple[float, float]:
    design = np.array([[logit(d.probability), 1.0] for d in decided])
    right = np.array([float(d.unit == d.proposed) for d in decided])
    found = np.array([1.0, 0.0])
    for _ in range(50):
        share = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (share - right) + (found - [1.0, 0.0])
        curvature = (design * (share * (1 - share))[:, None]).T @ design + np.eye(2)
        step = np.linalg.solve(curvature, slope)
        found = found - step / max(1.0, float(np.abs(step).max()))
    return max(float(found[0]), 0.05), float(found[1])


def _surprise(decided: Sequence[Decided], slope: float, offset: float) -> float:
    p = np.clip([_moved(d.probability, slope, offset) for d in decided], 1e-6, 1 - 1e-6)
    right = np.array([d.unit == d.proposed for d in decided])
    return float(-np.log(np.where(right, p, 1 - p)).mean())
