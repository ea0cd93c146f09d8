"""Closed plants, some of which run again in secret: five daily streams with known truth, from a seed.

For measuring the early warning of closed plants. Nothing here is shared with what is measured: the
sizes are this file's own, after published figures (a fully stopped firm's power falls by more than
75 %), and every one of them can be changed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
QUIET_DAYS: Final = 90  # no plant starts again before
LEAST_DAYS: Final = 120


@dataclass(frozen=True, slots=True)
class Regime:
    """How noisy the streams are.

    Attributes:
        power_noise, water_noise: Standard deviation of the slow noise, as a share of normal use.
        persistence: First-order autocorrelation of that noise.
        bursts_per_year: Maintenance: one to four days of some use and visits, at any plant.
        maintained: Share of plants with licensed maintenance, a busy week every other month or so.
        silences_per_year: Spells of two to twenty days without readings, of one stream.
        lost: Share of single readings that never arrive.
        season: Size of the yearly swing of seasonal plants, as a share of their idle use.
        passers: Stops a day of vehicles that only pass.
        flicker: Share of days on which an idle control system is seen online.
    """

    power_noise: float = 0.095
    water_noise: float = 0.05
    persistence: float = 0.75
    bursts_per_year: float = 1.5
    maintained: float = 0.08
    silences_per_year: float = 1.0
    lost: float = 0.01
    season: float = 0.3
    passers: float = 0.2
    flicker: float = 0.02


@dataclass(frozen=True, slots=True)
class Restart:
    """What a secret restart looks like.

    Attributes:
        share: Least and most of normal use that it reaches.
        works: Share of days on which there is work.
        ramp_days: Days until it is reached.
        files_waybills, trips_control: Share of plants that leave this trace at all.
        stops, waybills: More a day, on a working day at half of normal use.
        online: Share of working days on which the control system is seen online.
    """

    share: tuple[float, float] = (0.15, 0.50)
    works: float = 0.75
    ramp_days: int = 10
    files_waybills: float = 0.5
    trips_control: float = 0.6
    stops: float = 1.8
    waybills: float = 0.45
    online: float = 0.65


REGIMES: Final[Mapping[str, Regime]] = {
    "calm": Regime(power_noise=0.07, water_noise=0.03, persistence=0.6, bursts_per_year=0.7,
                   maintained=0.04, silences_per_year=0.4, lost=0.004, season=0.15, passers=0.12,
                   flicker=0.01),
    "ordinary": Regime(),
    "rough": Regime(power_noise=0.14, water_noise=0.065, persistence=0.85, bursts_per_year=2.5,
                    maintained=0.12, silences_per_year=2.0, lost=0.03, season=0.45, passers=0.3,
                    flicker=0.03),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plants:
    """What the registry, the meters and, for measuring, the truth say.

    Attributes:
        names, states: One a plant: closed, suspended, seasonal or licensed (to maintain).
        readings: By stream, shape (plants, days); NaN where no reading arrived.
        restart_day: By plant, from 0; -1 for never.
    """

    names: tuple[str, ...]
    states: tuple[str, ...]
    readings: Mapping[str, Floats]
    restart_day: NDArray[np.int64]


def plants(seed: int, count: int, days: int, regime: Regime | None = None,
           restart: Restart | None = None, restarting: float = 0.4) -> Plants:  # fmt: skip
    """Draw `count` plants over `days` days; the same seed gives the same plants.

    Args:
        restarting: Share of plants that start again, at any day from 90 to 31 before the end.

    Raises:
        ValueError: Fewer than 1 plant or 120 days.
    """
    if count < 1 or days < LEAST_DAYS:
        raise ValueError(f"at least one plant and {LEAST_DAYS} days")
    regime, restart = regime or REGIMES["ordinary"], restart or Restart()
    rng = np.random.default_rng(seed)
    states = rng.choice(["closed", "suspended", "seasonal"], count, p=[0.7, 0.2, 0.1])
    states[rng.random(count) < regime.maintained] = "licensed"
    begins = rng.integers(QUIET_DAYS, max(days - 30, QUIET_DAYS + 1), count)
    begins[rng.random(count) >= restarting] = -1
    work = _work(rng, begins, days, restart)
    kept = _maintenance(rng, states, days, regime)
    readings = {
        "power_kwh": _use(rng, 8000.0, (0.04, 0.20), regime.power_noise, states, work, kept, regime),
        "water_m3": _use(rng, 250.0, (0.01, 0.05), regime.water_noise, states, work, 0.5 * kept, regime),
        "stops": _counts(rng, regime.passers, 2 * restart.stops * work + 0.8 * (kept > 0)),
        "waybills": _counts(rng, 0.01, 2 * restart.waybills * work
                            * (rng.random((count, 1)) < restart.files_waybills)),
        "dcs_online": _online(rng, work, kept, regime, restart),
    }  # fmt: skip
    names = tuple(f"P{number:05d}" for number in range(count))
    silent = {name: _silenced(rng, values, regime) for name, values in readings.items()}
    return Plants(names, tuple(str(state) for state in states), silent, begins)


def scaled(regime: Regime, factor: float) -> Regime:
    """The same regime with its noise and its bursts larger or smaller by a factor."""
    return replace(regime, power_noise=regime.power_noise * factor,
                   water_noise=regime.water_noise * factor,
                   bursts_per_year=regime.bursts_per_year * factor)  # fmt: skip


def _work(rng: np.random.Generator, begins: NDArray[np.int64], days: int, how: Restart) -> Floats:
    """Share of normal use by plant and day that secret work takes; 0 on idle days."""
    since = np.arange(days)[None, :] - begins[:, None]
    ramp = np.clip((since + 1) / how.ramp_days, 0, 1)
    share = rng.uniform(*how.share, (len(begins), 1)) * rng.uniform(0.85, 1.15, since.shape)
    runs = (begins[:, None] >= 0) & (since >= 0) & (rng.random(since.shape) < how.works)
    return np.asarray(np.where(runs, share * ramp, 0.0))


def _maintenance(rng: np.random.Generator, states: NDArray[np.str_], days: int, regime: Regime) -> Floats:  # fmt: skip
    """Share of normal use that honest maintenance takes: bursts anywhere, busy weeks where licensed."""
    found = np.zeros((len(states), days))
    for plant, state in enumerate(states):
        for _ in range(rng.poisson(regime.bursts_per_year * days / 365)):
            start, length = int(rng.integers(days)), int(rng.integers(1, 5))
            found[plant, start : start + length] = rng.uniform(0.05, 0.25)
        if state == "licensed":
            for start in range(int(rng.integers(60)), days, int(rng.integers(45, 75))):
                found[plant, start : start + int(rng.integers(3, 8))] = rng.uniform(0.1, 0.3)
    return found


def _use(rng: np.random.Generator, usual: float, idle: tuple[float, float], noise: float,
         states: NDArray[np.str_], work: Floats, kept: Floats, regime: Regime) -> Floats:  # fmt: skip
    """Daily use of power or water; never below zero."""
    count, days = work.shape
    normal = usual * np.exp(rng.normal(0, 0.7, (count, 1)))
    floor = rng.uniform(*idle, (count, 1))
    # idle use is small, and so is the most of its noise: a share of the noise follows the floor
    spread = noise * np.exp(rng.normal(0, 0.3, (count, 1))) * (0.3 + 3.5 * floor)
    swing = regime.season * (states == "seasonal")[:, None]
    turn = np.sin(2 * np.pi * (np.arange(days)[None, :] - rng.integers(0, 30, (count, 1))) / 365)
    level = floor * (1 + swing * turn)
    used = level + spread * _slow(rng, count, days, regime.persistence) + work + kept
    return np.asarray(np.round(np.maximum(used, 0.0) * normal, 2), dtype=np.float64)


def _slow(rng: np.random.Generator, count: int, days: int, persistence: float) -> Floats:
    """First-order autoregressive noise of unit variance, with now and then a larger shock."""
    shocks = rng.normal(0, 1, (count, days)) * np.where(rng.random((count, days)) < 0.02, 3.0, 1.0)
    found = np.empty((count, days))
    found[:, 0] = shocks[:, 0]
    for day in range(1, days):
        found[:, day] = (
            persistence * found[:, day - 1] + np.sqrt(1 - persistence**2) * shocks[:, day]
        )
    return found


def _counts(rng: np.random.Generator, rate: float, more: Floats) -> Floats:
    """Events a day: a gamma rate per plant for what is always there, and what work adds."""
    always = rate * rng.gamma(2.0, 0.5, (len(more), 1))
    return rng.poisson(always + more).astype(np.float64)


def _online(rng: np.random.Generator, work: Floats, kept: Floats, regime: Regime, restart: Restart) -> Floats:  # fmt: skip
    trips = rng.random((len(work), 1)) < restart.trips_control
    chance = np.where((work > 0) & trips, restart.online, regime.flicker)
    chance = np.where(kept > 0, np.maximum(chance, 0.1), chance)
    return (rng.random(work.shape) < chance).astype(np.float64)


def _silenced(rng: np.random.Generator, values: Floats, regime: Regime) -> Floats:
    """Readings with single losses and spells of silence taken out."""
    count, days = values.shape
    lost: Flags = rng.random(values.shape) < regime.lost
    for plant in np.flatnonzero(rng.random(count) < regime.silences_per_year * days / 365 / 5):
        start = int(rng.integers(days))
        lost[plant, start : start + int(rng.integers(2, 21))] = True
    return np.asarray(np.where(lost, np.nan, values))


def write(found: Plants, folder: Path) -> None:
    """Write registry.csv, readings.csv and truth.csv, as `chengshu eval plants --data` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "registry.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("plant", "state"), *zip(found.names, found.states, strict=True)]
        )
    with (folder / "truth.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("plant", "restart_day"))
        for name, day in zip(found.names, found.restart_day, strict=True):
            out.writerow((name, "" if day < 0 else int(day)))
    with (folder / "readings.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(("plant", "day", "stream", "value"))
        for stream, values in found.readings.items():
            for plant, day in zip(*np.nonzero(~np.isnan(values)), strict=True):
                out.writerow((found.names[plant], int(day), stream, f"{values[plant, day]:g}"))
