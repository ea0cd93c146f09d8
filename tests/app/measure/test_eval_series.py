"""The contest's score, files read or refused with the row, settings from the development file alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chengshu.app.measure import eval_series
from chengshu.kit.errors import Invalid


def _file(folder: Path, name: str, seed: int, steps: int, attacks: tuple[tuple[int, int], ...] = ()) -> Path:  # fmt: skip
    rng = np.random.default_rng(seed)
    demand = np.sin(np.arange(steps) / 4) + 0.3 * rng.normal(size=steps)
    values = demand[:, None] * np.array([1.0, -2.0, 3.0]) + 0.1 * rng.normal(size=(steps, 3))
    flag = np.zeros(steps, int)
    for begin, end in attacks:
        values[begin:end, 1] += 1.5
        flag[begin:end] = 1
    rows = [f"01/{1 + at // 24:02d}/16 {at % 24:02d}," + ",".join(f"{v:.4f}" for v in values[at])
            + f",{flag[at]}" for at in range(steps)]  # fmt: skip
    path = folder / name
    path.write_text("\n".join(["DATETIME,L_T1,F_PU1,P_J2,ATT_FLAG", *rows]) + "\n")
    return path


def test_the_score_by_hand() -> None:
    attacked = np.array([0, 0, 1, 1, 1, 1, 0, 0, 1, 1], bool)
    alarms = np.array([0, 1, 0, 1, 1, 1, 0, 0, 0, 0], bool)
    found = eval_series.scored(alarms, attacked)
    assert found["ttd"] == pytest.approx(1 - (0.25 + 1) / 2)
    assert (found["precision"], found["recall"]) == (0.75, 0.5)
    assert found["batadal_s"] == pytest.approx(0.5 * 0.375 + 0.25 * (0.5 + 0.75))
    assert (found["attacks_found"], found["attacks"]) == (1, 2)


def test_attacks_are_found_with_settings_from_the_development_file(tmp_path: Path) -> None:
    said: list[str] = []
    figures = eval_series.run(
        _file(tmp_path, "n.csv", 1, 600),
        _file(tmp_path, "d.csv", 2, 500, ((100, 130), (300, 340))),
        _file(tmp_path, "t.csv", 3, 400, ((150, 190),)),
        said.append,
    )
    assert figures["batadal_s"] > 0.9
    assert {"ttd", "precision", "recall", "static_batadal_s"} <= set(figures)
    assert any("attack 1: steps 150-189" in line for line in said)


def test_without_a_development_file_normal_time_sets_the_threshold(tmp_path: Path) -> None:
    figures = eval_series.run(_file(tmp_path, "n.csv", 1, 600), None,
                              _file(tmp_path, "t.csv", 3, 400, ((150, 190),)), lambda line: None)  # fmt: skip
    assert figures["batadal_s"] > 0.85


@pytest.mark.parametrize(("change", "says"), [
    (("F_PU1", "F_PU9"), "t.csv lacks the column F_PU1"),
    (("ATT_FLAG", "FLAG"), "t.csv lacks the column ATT_FLAG"),
    (("01/01/16 03,", "01/01/16,"), "t.csv, row 5: the time cannot be read: '01/01/16'"),
    (("01/01/16 03,", "01/01/16 03,nan"), "t.csv, row 5: L_T1 is no number"),
    (("01/01/16 03,", "01/01/16 03,1,"), "t.csv, row 5 has 6 columns instead of 5"),
])  # fmt: skip
def test_what_cannot_be_read_is_said(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    test = _file(tmp_path, "t.csv", 3, 100, ((50, 60),))
    test.write_text(test.read_text().replace(*change, 1))
    with pytest.raises(Invalid) as refused:
        eval_series.run(_file(tmp_path, "n.csv", 1, 100), None, test, lambda line: None)
    assert says in refused.value.english
    assert refused.value.chinese != refused.value.english


def test_a_test_without_attacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="没有标为攻击"):
        eval_series.run(
            _file(tmp_path, "n.csv", 1, 100),
            None,
            _file(tmp_path, "t.csv", 3, 100),
            lambda line: None,
        )
