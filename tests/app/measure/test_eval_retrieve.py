"""Figures on files made here, their definitions by hand, and files that cannot be read."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from chengshu.app.measure import eval_retrieve
from chengshu.app.measure.cli import evals
from chengshu.kit.errors import Invalid

THINGS = "路灯 井盖 电梯 燃气 供水 停车 噪音 油烟 垃圾 绿化 公交 学校".split()


def _lines(path: Path, rows: list[dict[str, object]]) -> Path:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    corpus: list[dict[str, object]] = [
        {"name": f"{t}条例第{n}条", "text": f"{t}损坏的，由{t}的养护单位修复。"} for t in THINGS for n in "一二"
    ]  # fmt: skip
    asked: list[dict[str, object]] = [
        {"question": f"{t}{how}", "relevant": [f"{t}条例第二条"]}
        for how in ("坏了", "没人修")
        for t in THINGS
    ]
    return (
        _lines(tmp_path / "c.jsonl.gz", corpus),
        _lines(tmp_path / "q.jsonl", [{"question": f"{t}怎么报修", "relevant": [f"{t}条例第二条"]} for t in THINGS]),
        _lines(tmp_path / "f.jsonl", asked),
    )  # fmt: skip


def _run(*arguments: str) -> dict[str, float]:
    target = Path(arguments[-1])
    done = CliRunner().invoke(evals, ["retrieve", *arguments[:-1], "--json", str(target)])
    assert done.exit_code == 0, done.output
    return dict(json.loads(target.read_text()))


def test_the_command_writes_all_figures(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    corpus, questions, fit = map(str, files)
    found = _run("--corpus", corpus, "--questions", questions, "--fit", fit, str(tmp_path / "f"))
    for name in ("recall_1", "recall_10", "recall_100", "mrr", "ndcg_10", "shown", "shown_right"):
        assert 0 <= found[name] <= 1
    assert found["ms_p95"] > 0
    assert found["recall_1"] == 1  # of two equal articles the second was always the answer
    without = _run("--corpus", corpus, "--questions", questions, str(tmp_path / "w"))
    assert without["recall_1"] == 0
    assert without["recall_10"] == 1
    assert without["mrr"] == pytest.approx(0.5)


def test_a_corpus_of_its_own_to_learn_from(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    corpus, questions, fit = files
    other = tmp_path / "other.jsonl"
    other.write_bytes(gzip.decompress(corpus.read_bytes()))
    found = _run(
        "--corpus", str(corpus), "--questions", str(questions), "--fit", str(fit), "--fit-corpus", str(other),
        str(tmp_path / "f"),
    )  # fmt: skip
    assert found["recall_10"] == 1


def test_replies_in_folds(tmp_path: Path) -> None:
    path = tmp_path / "replies.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "title", "text", "reply"])
        for n, t in enumerate(THINGS):
            out.writerow([f"m{n}", f"{t}坏了", f"小区的{t}坏了很久", f"您反映“{t}坏了”收悉，{t}已修好。"])  # fmt: skip
    found = _run("--replies", str(path), "--folds", "3", str(tmp_path / "f"))
    assert found["recall_1"] == 1
    passages, _ = eval_retrieve.read_replies(path)
    assert "坏了" not in passages[0].body


def test_figures_by_hand() -> None:
    right = np.array([False, True, False, True, *[False] * 8, True])
    r1, r10, r100, mrr, ndcg = eval_retrieve.scored(right, 4)
    assert (r1, r10, r100, mrr) == (0, 0.5, 0.75, 0.5)
    ideal = sum(1 / np.log2(n + 2) for n in range(4))
    assert ndcg == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / ideal)
    assert eval_retrieve.scored(np.zeros(0, bool), 1) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("{", "c.jsonl 第 2 行"),
        ("[1]", "应为 JSON 对象"),
        ('{"name": "甲"}', "缺少文字字段 text"),
        ('{"name": "甲", "text": 5}', "缺少文字字段 text"),
        ('{"name": "一", "text": "乙"}', "名称重复：一"),
    ],
)
def test_a_malformed_corpus_is_refused_with_its_line(tmp_path: Path, row: str, wanted: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text('{"name": "一", "text": "甲"}\n' + row + "\n", "utf-8")
    with pytest.raises(Invalid, match=wanted) as refused:
        eval_retrieve.read_corpus(path)
    assert "c.jsonl, line 2" in refused.value.english


def test_other_files_that_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "e.jsonl"
    empty.write_text("\n")
    with pytest.raises(Invalid, match="没有条目"):
        eval_retrieve.read_corpus(empty)
    with pytest.raises(Invalid, match="没有问题"):
        eval_retrieve.read_questions(empty, [])
    torn = tmp_path / "t.jsonl.gz"
    torn.write_bytes(gzip.compress(b'{"name": "a", "text": "b"}\n' * 50)[:-9])
    with pytest.raises(Invalid, match=r"t\.jsonl\.gz"):
        eval_retrieve.read_corpus(torn)
    asked = _lines(tmp_path / "q.jsonl", [{"question": "甲", "relevant": ["没有"]}])
    with pytest.raises(Invalid, match="第 1 行：条目不存在：没有"):
        eval_retrieve.read_questions(asked, ["有"])
    asked = _lines(tmp_path / "q.jsonl", [{"question": "甲", "relevant": []}])
    with pytest.raises(Invalid, match="非空的名称列表"):
        eval_retrieve.read_questions(asked, ["有"])
    table = tmp_path / "r.csv"
    table.write_text("id,title\n1,2\n")
    with pytest.raises(Invalid, match="缺少列：reply、text"):
        eval_retrieve.read_replies(table)


def test_options_that_do_not_go_together(files: tuple[Path, Path, Path]) -> None:
    corpus, questions, _ = map(str, files)
    for arguments in (["--corpus", corpus], ["--replies", corpus, "--corpus", corpus],
                      ["--corpus", corpus, "--questions", questions, "--fit-corpus", corpus]):  # fmt: skip
        done = CliRunner().invoke(evals, ["retrieve", *arguments])
        assert isinstance(done.exception, Invalid)
