"""The measure of danger: a file's rows are checked, the peer stands beside, the shipped halves are the default."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengshu.app.measure.eval_danger import by_words, read, run
from chengshu.kit.errors import Invalid


def test_a_file_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_text("text,danger\n三楼着火了,1\n天然气价格什么时候下调,0\n", "utf-8")
    assert run(path) == {
        "dangers": 1, "others": 1, "recall": 1, "false_rate": 0, "peer_recall": 1, "peer_false_rate": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("text,danger\n着火,maybe\n路灯坏了,0\n,1\n", "rows 2, 4"),
        ("text\n着火\n", "columns text and danger"),
        ("", "columns text and danger"),
        ("text,danger\n着火,1\n", "rows without"),
    ],
)
def test_what_is_wrong_is_named(raw: str, says: str) -> None:
    with pytest.raises(Invalid) as wrong:
        read(raw.encode(), "test.csv")
    assert says in wrong.value.english


def test_the_peer_reads_words() -> None:
    assert by_words("三楼着火了")
    assert not by_words("火灾演练通知")


def test_both_halves_come_with_the_product() -> None:
    found = run(None)
    assert found["a_dangers"] + found["b_dangers"] >= 300
    assert found["b_recall"] > found["b_peer_recall"]
    assert found["b_false_rate"] < found["b_peer_false_rate"]
