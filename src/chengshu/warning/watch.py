"""Entities watched day by day: learn from quiet history, then weigh, fuse and ring.

Ratios for setting thresholds must not come from the days that taught the models, or ordinary days look
too ordinary; so each sixth of the quiet days is weighed by models, and fused with spells, that learnt
from the other five.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from chengshu.warning import calibrate, evidence
from chengshu.warning.fuse import Fusion, discounts, rings
from chengshu.warning.model import Flags, Floats, Readings, Stream
from chengshu.warning.spells import Spells

SUSPECTED: Final = 2.0  # nats above which an entity's models stand still
LEAST_QUIET_DAYS: Final = 28
FOLDS: Final = 6
# Attention, warning, urgent: false alarms as multiples of the operator's knob.
LEVELS: Final = (10.0, 1.0, 0.1)


@dataclass(frozen=True, slots=True)
class Watched:
    """What watching gave.

    Attributes:
        streams: The streams, in the order of the last axis of `ratios`.
        quiet_days: How many days were learnt from; before them nothing is said.
        ratios: (N, days, streams) what each stream said each day, in nats.
        suspicion: (N, days) fused, in nats.
        thresholds: Suspicion at which level 1, 2 and 3 begin; level 2 is the warning.
        rings: (N, days) the warnings; none on quiet days.
        spells: What was learnt of harmless spells.
        discount: (streams,) weights of streams.
    """

    streams: tuple[Stream, ...]
    quiet_days: int
    ratios: Floats
    suspicion: Floats
    thresholds: tuple[float, ...]
    rings: Flags
    spells: Spells
    discount: Floats

    @property
    def threshold(self) -> float:
        """Suspicion at which a warning is given."""
        return self.thresholds[1]


def watch(
    readings: Readings, streams: Sequence[Stream], quiet_days: int, per_year: float
) -> Watched:
    """Learn from the first `quiet_days`, then go on day by day, using nothing that lies ahead.

    Args:
        per_year: Wished false alarms per entity and year.

    Raises:
        ValueError: Fewer than 28 quiet days, or more than there are; `per_year` is not above 0.
    """
    if not LEAST_QUIET_DAYS <= quiet_days <= readings.days:
        raise ValueError(f"between {LEAST_QUIET_DAYS} quiet days and all of them")
    values = np.stack([readings.values[stream.key] for stream in streams], -1)
    groups = _groups(readings.states)
    likely = np.array([stream.likely for stream in streams])
    quiet = _crossed(values[:, :quiet_days], streams, groups)
    discount = discounts(quiet)
    null = _null(quiet, likely, discount)
    thresholds = tuple(calibrate.threshold(null, per_year * times) for times in LEVELS)
    fusion = Fusion(Spells.learnt(quiet), likely, discount)
    ratios, suspicion = _weighed(values, streams, groups, quiet_days, fusion)
    found = np.zeros(suspicion.shape, bool)
    found[:, quiet_days:] = rings(suspicion[:, quiet_days:], thresholds[1])
    return Watched(tuple(streams), quiet_days, ratios, suspicion, thresholds, found,
                   fusion.spells.fresh(), discount)  # fmt: skip


def _weighed(values: Floats, streams: Sequence[Stream], groups: Floats, taught: int,
             fusion: Fusion | None) -> tuple[Floats, Floats]:  # fmt: skip
    """Ratios and suspicion of all days; before `taught` both are 0."""
    models = [evidence.learn(stream.kind, values[:, :taught, at], groups)
              for at, stream in enumerate(streams)]  # fmt: skip
    ratios, suspicion = np.zeros(values.shape), np.zeros(values.shape[:2])
    suspected = np.zeros(len(values), bool)
    for day in range(taught, values.shape[1]):
        for at, model in enumerate(models):
            ratios[:, day, at] = model.step(values[:, day, at], suspected)
        if fusion:
            suspicion[:, day] = fusion.step(ratios[:, day])
            suspected = suspicion[:, day] > SUSPECTED
    return ratios, suspicion


def _crossed(quiet: Floats, streams: Sequence[Stream], groups: Floats) -> Floats:
    """Ratios (N, days, streams) of quiet days, each part weighed by what the others taught."""
    found = np.empty(quiet.shape)
    for begin, end in _parts(quiet):
        others = np.concatenate([quiet[:, end:], quiet[:, :begin]], 1)  # ends just before the part
        taught = others.shape[1]
        both = np.concatenate([others, quiet[:, begin:end]], 1)
        found[:, begin:end] = _weighed(both, streams, groups, taught, None)[0][:, taught:]
    return found


def _null(quiet: Floats, likely: Floats, discount: Floats) -> Floats:
    """Suspicion (N, days) on quiet days, each part with spells learnt from the others."""
    found: list[Floats] = []
    fusion: Fusion | None = None
    for begin, end in _parts(quiet):
        spells = Spells.learnt(np.concatenate([quiet[:, :begin], quiet[:, end:]], 1))
        if fusion is None:
            fusion = Fusion(spells, likely, discount)
        else:
            spells.belief, fusion.spells = fusion.spells.belief, spells
        found.append(fusion.run(quiet[:, begin:end]))
    return np.concatenate(found, 1)


def _parts(quiet: Floats) -> list[tuple[int, int]]:
    edges = [round(quiet.shape[1] * part / FOLDS) for part in range(FOLDS + 1)]
    return list(pairwise(edges))


def _groups(states: Sequence[str]) -> Floats:
    """A number per entity, the same for the same state, whatever the order of entities."""
    known = {state: number for number, state in enumerate(sorted(set(states)))}
    return np.array([known[state] for state in states], dtype=np.float64)
