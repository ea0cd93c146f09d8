"""Model 7, attack or leak in a water network (供水管网异常): sensors that no longer agree with each other.

Each sensor is predicted by ridge regression from all others, all a step before, and the hour of day.
What is left over is centred and scaled anew all the time, robustly and slowly, since a network drifts
(demand, seasons, repairs) more than an attack moves it; then smoothed, and all sensors are taken
together by their root mean square. The alarm has hysteresis, and drift is followed more slowly while
it is on.

Sources: R. Taormina et al. (2018), The Battle of the Attack Detection Algorithms, J. Water Resour.
Plann. Manage. 144(8) (the task, the score); A. E. Hoerl, R. W. Kennard (1970), Ridge Regression;
S. W. Roberts (1959), Control Chart Tests Based on Geometric Moving Averages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from chengshu.warning.model import Flags, Floats, Whole

VERSION: Final = "1.0"
_HARMONICS: Final = (1, 2, 3)  # of the day
_WARM_STEPS: Final = 1500  # of known history that the tracker runs through before it is asked
_FAR: Final = 8.0  # standard deviations beyond which an input counts no more
_STILL: Final = 1e-6  # a sensor that never moved teaches nothing
_WINSOR: Final = 3.0
_MEAN_ABS: Final = 0.7979  # mean absolute deviation of a standard normal


@dataclass(frozen=True, slots=True)
class Series:
    """Readings of S sensors at T hourly steps.

    Attributes:
        values: (T, S).
        hours: (T,) hour of day.
        attacked: (T,) whether the step is known to be abnormal; such steps teach nothing.
    """

    values: Floats
    hours: Whole
    attacked: Flags

    def part(self, begin: int, end: int) -> Series:
        """Steps from `begin` to `end`, exclusive."""
        return Series(self.values[begin:end], self.hours[begin:end], self.attacked[begin:end])


@dataclass(frozen=True, slots=True)
class Manner:
    """Settings, chosen on the public normal year and development file only.

    Attributes:
        ridge: Penalty, in squared standard deviations.
        rate: Share of a step's deviation by which centre and scale follow.
        slowed: Factor of that rate while the alarm is on.
        pace: Weight of the newest step in the smoothing.
        bound: Deviations beyond count as this many.
        off: Share of the threshold below which the alarm ends.
    """

    ridge: float = 10.0
    rate: float = 0.006
    slowed: float = 0.2
    pace: float = 0.2
    bound: float = 10.0
    off: float = 0.7


@dataclass(frozen=True, slots=True)
class WaterNetwork:
    """A fitted network."""

    manner: Manner
    mean: Floats
    spread: Floats
    moving: Flags
    weights: Floats
    left: Floats

    @classmethod
    def learnt(cls, parts: Sequence[Series], manner: Manner | None = None) -> Self:
        """From one or more unbroken series; attacked steps are left out.

        Raises:
            ValueError: No sensor moves.
        """
        manner = manner or Manner()
        values = np.concatenate([part.values for part in parts])
        mean, spread = values.mean(0), np.maximum(values.std(0), 1e-3)
        moving = values.std(0) > _STILL
        if not moving.any():
            raise ValueError("no sensor moves")
        blank = cls(manner, mean, spread, moving, np.zeros((0, 0)), np.ones(int(moving.sum())))
        free = np.concatenate([~part.attacked for part in parts])
        inputs = np.concatenate([blank._inputs(part) for part in parts])[free]
        wanted = np.concatenate([blank._scaled(part.values) for part in parts])[free]
        weights = _ridge(inputs, wanted, manner.ridge)
        rest = wanted - inputs @ weights
        middle = 1.4826 * np.median(np.abs(rest - np.median(rest, 0)), 0)
        left = np.maximum(middle, 0.3 * rest.std(0)) + 1e-3
        return cls(manner, mean, spread, moving, weights, left)

    def residuals(self, series: Series) -> Floats:
        """(T, moving sensors) what the other sensors do not explain, in units of its usual size."""
        return np.asarray(
            (self._scaled(series.values) - self._inputs(series) @ self.weights) / self.left
        )

    def _scaled(self, values: Floats) -> Floats:
        return np.asarray(np.clip((values - self.mean) / self.spread, -_FAR, _FAR)[:, self.moving])

    def _inputs(self, series: Series) -> Floats:
        """Sensors now, sensors a step before, harmonics of the day, one."""
        now = self._scaled(series.values)
        before = np.vstack([now[:1], now[:-1]])
        turn = 2 * np.pi * series.hours / 24
        day = [wave(k * turn) for k in _HARMONICS for wave in (np.sin, np.cos)]
        return np.hstack([now, before, np.stack(day, 1), np.ones((len(now), 1))])


def follow(
    residuals: Floats, threshold: float, manner: Manner | None = None
) -> tuple[Floats, Flags]:
    """Disagreement (T,) of the network over time, and whether the alarm is on (T,)."""
    manner = manner or Manner()
    steps, sensors = residuals.shape
    centre, scale, smooth = np.zeros(sensors), np.ones(sensors), np.zeros(sensors)
    size = np.sqrt(manner.pace / (2 - manner.pace))  # spread of smoothed white noise
    found, alarms, on = np.zeros(steps), np.zeros(steps, bool), False
    for step in range(steps):
        off = (residuals[step] - centre) / scale
        soft = np.clip(off, -_WINSOR, _WINSOR)
        rate = manner.rate * (manner.slowed if on else 1.0)
        centre = centre + rate * scale * soft
        scale = np.clip(scale * (1 + rate * (np.abs(soft) / _MEAN_ABS - 1)), 0.3, 20.0)
        smooth = smooth + manner.pace * (np.clip(off, -manner.bound, manner.bound) - smooth)
        found[step] = np.sqrt(np.mean((smooth / size) ** 2))
        on = bool(found[step] > threshold or (on and found[step] > manner.off * threshold))
        alarms[step] = on
    return found, alarms


def detect(network: WaterNetwork, warm: Series, series: Series, threshold: float) -> tuple[Floats, Flags]:  # fmt: skip
    """Disagreement and alarms over `series`, the tracker having run through the end of `warm`."""
    known = network.residuals(warm)[~warm.attacked][-_WARM_STEPS:]
    both = np.vstack([known, network.residuals(series)])
    found, alarms = follow(both, threshold, network.manner)
    return found[len(known) :], alarms[len(known) :]


def _ridge(inputs: Floats, wanted: Floats, penalty: float) -> Floats:
    """Weights (inputs, sensors); a sensor's own present value, its input of that index, has none."""
    count, sensors = inputs.shape[1], wanted.shape[1]
    square, cross = inputs.T @ inputs, inputs.T @ wanted
    found = np.zeros((count, sensors))
    for sensor in range(sensors):
        use = np.arange(count) != sensor
        sides = square[np.ix_(use, use)] + penalty * np.eye(count - 1)
        found[use, sensor] = np.linalg.solve(sides, cross[use, sensor])
    return found
