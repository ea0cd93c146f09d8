"""Plants of drill: the same seed gives the same plants, and the truth is what the readings show."""

from __future__ import annotations

import numpy as np
import pytest

from chengshu.drill.plants import QUIET_DAYS, REGIMES, Restart, plants


def test_the_same_seed_gives_the_same_plants() -> None:
    first, again, other = plants(1, 20, 150), plants(1, 20, 150), plants(2, 20, 150)
    for key, values in first.readings.items():
        np.testing.assert_array_equal(values, again.readings[key])
    assert not np.array_equal(
        first.readings["power_kwh"], other.readings["power_kwh"], equal_nan=True
    )


def test_restarts_come_after_the_quiet_days_and_raise_use() -> None:
    made = plants(1, 200, 300, REGIMES["calm"])
    again = np.flatnonzero(made.restart_day >= 0)
    assert 0.25 < len(again) / 200 < 0.55
    assert made.restart_day[again].min() >= QUIET_DAYS
    raised = [np.nanmean(made.readings["water_m3"][p, made.restart_day[p] + 10 :])
              > 2 * np.nanmean(made.readings["water_m3"][p, :QUIET_DAYS]) for p in again]  # fmt: skip
    assert np.mean(raised) > 0.95


def test_half_file_no_waybill_and_some_never_trip_the_control_system() -> None:
    made = plants(1, 400, 365, REGIMES["calm"], Restart(), restarting=1.0)
    after = [(np.nansum(made.readings["waybills"][p, d:]) > 5, np.nanmean(made.readings["dcs_online"][p, d:]) > 0.2)
             for p, d in enumerate(made.restart_day) if d < 300]  # fmt: skip
    files, trips = np.mean(after, 0)
    assert files == pytest.approx(0.5, abs=0.1)
    assert trips == pytest.approx(0.6, abs=0.1)


def test_too_few_plants_or_days_are_refused() -> None:
    for count, days in ((0, 200), (5, 100)):
        with pytest.raises(ValueError, match="at least one plant"):
            plants(1, count, days)
