"""`chengshu eval plants`: closed plants that run again, found among thousands that do not.

Delay runs from the restart to the first warning on or after it; a miss counts as infinite. Warnings
before a restart, or at a plant that never restarts, are false. The product's threshold comes from the
first 90 days alone; its peers get theirs from the truth, at exactly the product's false alarms, which
favours them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np

from chengshu.app.measure import plants_table
from chengshu.app.measure.delays_drawing import Curve, draw
from chengshu.app.measure.plants_table import Case
from chengshu.drill import plants as drill
from chengshu.warning import Readings, Watched
from chengshu.warning.fuse import first, rings
from chengshu.warning.model import Flags, Floats, Whole
from chengshu.warning.models.closed_plant import QUIET_DAYS, STREAMS
from chengshu.warning.models.closed_plant import run as watch

Say = Callable[[str], None]
Figures = dict[str, float | str]
PER_YEAR: Final = 0.1  # the knob as shipped
MAIN: Final = "ordinary"  # the regime whose figures have no prefix
_YEAR: Final = 365.0
_HALVINGS: Final = 18
_CURVE_DAYS: Final = 40


@dataclass(frozen=True, slots=True)
class Found:
    """How one rule did."""

    per_year: float
    delays: Floats

    @property
    def median(self) -> float:
        """Days; infinite when fewer than half are found."""
        return float(np.median(self.delays)) if self.delays.size else float("inf")

    def within(self, days: int) -> float:
        """Share of restarts found within so many days."""
        return float((self.delays <= days).mean()) if self.delays.size else 0.0


def from_drill(seed: int, count: int, days: int, say: Say, plot: Path | None = None,
               per_year: float = PER_YEAR) -> Figures:  # fmt: skip
    """Figures of the three regimes; those of the ordinary one without prefix."""
    figures: Figures = {}
    curves: dict[str, list[Curve]] = {}
    for name, regime in drill.REGIMES.items():
        made = drill.plants(seed, count, days, regime)
        readings = Readings(made.names, made.states, made.readings)
        found, curves[name] = measured(Case(name, readings, made.restart_day), say, per_year)
        figures |= (
            found if name == MAIN else {f"{name}.{key}": value for key, value in found.items()}
        )
    if plot:
        plot.write_text(draw(curves), encoding="utf-8")
    return figures


def from_files(
    folder: Path, say: Say, plot: Path | None = None, per_year: float = PER_YEAR
) -> Figures:
    """Figures of a folder; see `plants_table.read` for what it raises."""
    case = plants_table.read(folder)
    figures, curves = measured(case, say, per_year)
    if plot:
        plot.write_text(draw({case.name: curves}), encoding="utf-8")
    return figures


def measured(case: Case, say: Say, per_year: float) -> tuple[Figures, list[Curve]]:
    """The product and its peers on one case."""
    watched = watch(case.readings, per_year)
    restart = np.where(case.restart_day >= 0, case.restart_day - QUIET_DAYS, -1)
    ours = judged(watched.rings[:, QUIET_DAYS:], restart)
    rivals = {name: _equal(suspicion, restart, ours.per_year)
              for name, suspicion in _peers(case.readings, watched).items()}  # fmt: skip
    singles = {stream.key: rivals[stream.key] for stream in STREAMS}
    best = min(singles, key=lambda key: (singles[key].median, -singles[key].within(14)))
    say(f"{case.name}: {len(restart)} plants, {int((restart >= 0).sum())} start again, "
        f"threshold {watched.threshold:.2f} nats")  # fmt: skip
    say(f"{'rule':>16}  {'false/yr':>8} {'median d':>8} {'<=14 d':>6} {'<=30 d':>6}")
    for name, found in {"fused": ours, **rivals}.items():
        say(f"{name:>16}  {found.per_year:8.3f} {found.median:8.1f} {found.within(14):6.3f} "
            f"{found.within(30):6.3f}")  # fmt: skip
    figures: Figures = {
        "median_delay_days": ours.median,
        "within_14_days": ours.within(14),
        "false_alarms_per_plant_year": ours.per_year,
        "best_single.stream": best,
        "best_single.median_delay_days": singles[best].median,
        "best_single.within_14_days": singles[best].within(14),
        "ratio_to_best_single": ours.median / max(singles[best].median, 1e-9)
        if isfinite(singles[best].median) else 0.0,
    }  # fmt: skip
    for name, found in rivals.items():
        figures |= {f"peers.{name}.median_delay_days": found.median,
                    f"peers.{name}.within_14_days": found.within(14),
                    f"peers.{name}.false_alarms_per_plant_year": found.per_year}  # fmt: skip
    return figures, [Curve(name, tuple(found.within(day) for day in range(_CURVE_DAYS + 1)))
                     for name, found in {"fused": ours, **rivals}.items()]  # fmt: skip


def judged(flags: Flags, restart: Whole) -> Found:
    """False alarms and delays of warnings (N, days), restarts counted from the first of these days."""
    days = flags.shape[1]
    quiet = np.arange(days)[None, :] < np.where(restart < 0, days, restart)[:, None]
    again = restart >= 0
    return Found(float((flags & quiet).sum() / max(quiet.sum() / _YEAR, 1e-9)),
                 first(flags, np.maximum(restart, 0))[again])  # fmt: skip


def _equal(suspicion: Floats, restart: Whole, per_year: float) -> Found:
    """A rule at the lowest threshold with at most so many false alarms, chosen on the truth."""
    low, high = 0.0, float(suspicion.max()) + 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if judged(rings(suspicion, middle), restart).per_year > per_year:
            low = middle
        else:
            high = middle
    return judged(rings(suspicion, high), restart)


def _peers(readings: Readings, watched: Watched) -> Mapping[str, Floats]:
    """Suspicion (N, days watched) of each peer: CUSUMs of single streams, any of them, their sum, 3 sigma."""
    ratios = watched.ratios[:, QUIET_DAYS:]
    singles = {stream.key: _cusum(ratios[..., at]) for at, stream in enumerate(STREAMS)}
    return singles | {
        "any_single": np.max(np.stack(list(singles.values())), 0),
        "sum_clipped": _cusum(np.clip(ratios, -1, 2).sum(-1)),
        "power_3_sigma": _sigmas(readings.values["power_kwh"]),
    }


def _cusum(said: Floats) -> Floats:
    """The textbook sum, held at 40 nats so that it can come down again."""
    found, total = np.zeros(said.shape), np.zeros(len(said))
    for day in range(said.shape[1]):
        total = np.clip(total + said[:, day], 0, 40)
        found[:, day] = total
    return found


def _sigmas(values: Floats) -> Floats:
    """How many standard deviations of the quiet days each later day lies above their mean."""
    quiet = values[:, :QUIET_DAYS]
    there = ~np.isnan(quiet)
    days = np.maximum(there.sum(1), 1)
    mean = np.where(there, quiet, 0).sum(1) / days
    spread = np.sqrt(np.where(there, (quiet - mean[:, None]) ** 2, 0).sum(1) / days)
    above = (values[:, QUIET_DAYS:] - mean[:, None]) / np.maximum(spread, 1e-9)[:, None]
    return np.asarray(np.clip(np.nan_to_num(above), 0, 1e3))
