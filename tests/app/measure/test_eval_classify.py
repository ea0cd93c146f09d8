"""Figures on files made here, their definitions by hand, and files that cannot be read."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chengshu.app.measure import eval_classify
from chengshu.app.measure.cli import evals
from chengshu.incidents.features import cut
from chengshu.kit.errors import Invalid
from tests.incidents.test_classify import taught

pytest.importorskip("sklearn")


def _file(path: Path, column: str, rows: list[tuple[str, str]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([column, "label"])
        out.writerows(rows)
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    rows = list(zip(*taught(), strict=True))
    segmented = [
        (" ".join(w for w in cut(t) if w not in ("已有", "个")), label) for t, label in rows
    ]
    return (
        _file(tmp_path / "text.csv", "text", [*rows[::2], ("", "环境"), ("村里的鱼塘", "农业")]),
        _file(tmp_path / "seg.csv", "seg", segmented[::3]),
        _file(tmp_path / "test.csv", "text", rows[1::4]),
    )


def test_the_command_writes_all_figures(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    text, seg, test = map(str, files)
    target = tmp_path / "figures.json"
    done = CliRunner().invoke(
        evals, ["classify", "--train", text, "--train", seg, "--test", test, "--json", str(target)]
    )
    assert done.exit_code == 0, done.output
    assert "set aside" in done.output
    found = json.loads(target.read_text())
    shares = "macro_f1 accuracy top3 coverage_at_98 auto_coverage auto_precision ece peer_nb_macro_f1 peer_svc_macro_f1"
    assert all(0 <= found[name] <= 1 for name in shares.split())
    assert found["macro_f1"] > 0.9
    assert found["top3"] == 1
    assert {"train_s", "ms_p50"} <= found.keys()
    assert found["rows_set_aside"] >= 2


def test_figures_by_hand() -> None:
    share = np.array([[0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.4, 0.3, 0.3]])
    found = eval_classify.figures(share, ["a", "b", "c"], ["a", "b", "b", "x"], 0.6)
    assert found["accuracy"] == 0.5
    assert found["macro_f1"] == pytest.approx((2 / 4 + 2 / 3 + 0) / 3)
    assert found["top3"] == 0.75
    assert found["coverage_at_98"] == 0.5
    assert (found["auto_coverage"], found["auto_precision"]) == (0.5, 1)
    assert found["ece"] == pytest.approx((0.3 + 0.5 + 0.2 + 0.4) / 4)


def test_bins_hold_equally_many() -> None:
    sure = np.repeat([0.5, 1.0], 150)
    right = np.tile([True, False], 75).tolist() + [True] * 150
    assert eval_classify.calibration_error(sure, np.array(right)) < 0.06
    assert eval_classify.coverage(sure, np.array(right), 0.98) == 157 / 300


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"label,body\na,b\n", "body"),
        (b"text\nb\n", "label"),
        (b"", "label"),
        (b"label,text\n,b\na,\n", "usable"),
        ("label,text\n环境,河水".encode("gb18030"), "UTF-8"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        eval_classify.read([path])
    assert says in refused.value.english
    assert refused.value.field == "rows.csv"
