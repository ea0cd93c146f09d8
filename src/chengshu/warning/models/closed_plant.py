"""Model 1, a closed plant running again (停产企业死灰复燃): five weak streams, one explained warning."""

from __future__ import annotations

from typing import Final

import numpy as np

from chengshu.warning.explain import Explanation, explain
from chengshu.warning.model import Readings, Stream, StreamKind
from chengshu.warning.watch import Watched, watch

VERSION: Final = "1.0"
QUIET_DAYS: Final = 90
STREAMS: Final = (
    Stream("power_kwh", "用电", "power", StreamKind.AMOUNT, 0.8),
    Stream("water_m3", "用水", "water", StreamKind.AMOUNT, 0.8),
    Stream("stops", "危化车辆停留", "hazardous-vehicle stops", StreamKind.EVENTS, 0.7),
    Stream("waybills", "电子运单", "waybills", StreamKind.EVENTS, 0.5),
    Stream("dcs_online", "DCS 在线", "DCS online", StreamKind.ONLINE, 0.6),
)


def run(readings: Readings, per_year: float = 0.1, quiet_days: int = QUIET_DAYS) -> Watched:
    """Watch plants after `quiet_days` at a wished number of false alarms per plant and year."""
    return watch(readings, STREAMS, quiet_days, per_year)


def explained(watched: Watched, readings: Readings, plant: int, day: int) -> Explanation:
    """Why a plant (by number) is suspected on a day; see `explain.explain`."""
    return explain(watched, readings, plant, day, np.array([stream.likely for stream in STREAMS]))
