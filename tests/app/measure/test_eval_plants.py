"""Plants measured: what a delay and a false alarm are, files read or refused with the row, the plot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chengshu.app.measure import eval_plants, plants_table
from chengshu.app.measure.cli import nested
from chengshu.drill import plants as drill
from chengshu.kit.errors import Invalid
from chengshu.warning.models.closed_plant import STREAMS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    drill.write(drill.plants(3, 30, 150, restarting=0.5), tmp_path)
    return tmp_path


def test_false_alarms_and_delays_by_hand() -> None:
    flags = np.zeros((3, 365), bool)
    flags[0, [10, 104]] = True  # false, then found after 4 days
    flags[1, 50] = True  # never restarts: false
    found = eval_plants.judged(flags, np.array([100, -1, 200]))
    assert found.delays.tolist() == [4.0, np.inf]
    assert found.per_year == pytest.approx(2 / ((100 + 365 + 200) / 365))
    assert found.within(14) == 0.5


def test_what_drill_writes_is_read_back(folder: Path) -> None:
    made, case = drill.plants(3, 30, 150, restarting=0.5), plants_table.read(folder)
    assert case.readings.entities == made.names
    assert case.readings.states == made.states
    np.testing.assert_array_equal(case.restart_day, made.restart_day)
    for key, values in made.readings.items():
        np.testing.assert_allclose(case.readings.values[key], values, rtol=1e-4)


def test_a_folder_is_measured_beside_its_peers(folder: Path, tmp_path: Path) -> None:
    said: list[str] = []
    figures = nested(eval_plants.from_files(folder, said.append, tmp_path / "p.svg"))
    assert 0 <= figures["within_14_days"] <= 1
    assert figures["best_single"]["stream"] in STREAMS[0].key + "water_m3stopsdcs_onlinewaybills"
    assert set(figures["peers"]) >= {
        "power_kwh",
        "water_m3",
        "any_single",
        "sum_clipped",
        "power_3_sigma",
    }
    for peer in figures["peers"].values():
        assert peer["false_alarms_per_plant_year"] <= figures["false_alarms_per_plant_year"] + 1e-9
    assert any("fused" in line for line in said)
    assert (tmp_path / "p.svg").read_text().startswith("<svg")


def test_infinite_figures_are_null_in_json() -> None:
    assert nested({"a.b": float("inf"), "a.c": "x"}) == {"a": {"b": None, "c": "x"}}


@pytest.mark.parametrize(("name", "line", "says"), [
    ("readings.csv", "P00001,12,power_kwh,nan", "value 'nan' is no number"),
    ("readings.csv", "P00001,12,power_kwh,many", "value 'many' is no number"),
    ("readings.csv", "P00001,12.5,power_kwh,1", "day '12.5' is no whole number"),
    ("readings.csv", "P00001,2024-01-01,power_kwh,1", "day '2024-01-01' is no whole number"),
    ("readings.csv", "P00001,12,gas,1", "unknown stream 'gas'"),
    ("readings.csv", "X,12,power_kwh,1", "plant 'X' is not in registry.csv"),
    ("readings.csv", "P00001,12", "has too few columns"),
    ("truth.csv", "P00001,30", "restart_day 30 is not between 90 and 149"),
    ("registry.csv", "P00001,closed", "plant 'P00001' is empty or repeated"),
])  # fmt: skip
def test_a_bad_row_is_named(folder: Path, name: str, line: str, says: str) -> None:
    path = folder / name
    rows = path.read_text().splitlines()
    path.write_text("\n".join([*rows, line]) + "\n")
    with pytest.raises(Invalid) as refused:
        plants_table.read(folder)
    assert f"{name}, row {len(rows) + 1}: {says}" in refused.value.english
    assert f"第 {len(rows) + 1} 行" in refused.value.chinese


def test_missing_files_and_columns_are_named(folder: Path) -> None:
    path = folder / "readings.csv"
    path.write_text(path.read_text().replace("plant,day,stream,value", "plant,date,stream,value"))
    with pytest.raises(Invalid, match="缺少列 day"):
        plants_table.read(folder)
    path.unlink()
    with pytest.raises(Invalid, match=r"缺少文件 readings\.csv"):
        plants_table.read(folder)


def test_an_empty_value_is_no_reading_and_the_last_row_counts(folder: Path) -> None:
    with (folder / "readings.csv").open("a") as file:
        file.write("P00001,12,power_kwh,\nP00002,12,power_kwh,1\nP00002,12,power_kwh,7\n")
    power = plants_table.read(folder).readings.values["power_kwh"]
    assert np.isnan(power[1, 12])
    assert power[2, 12] == 7
