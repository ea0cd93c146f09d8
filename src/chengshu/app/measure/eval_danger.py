"""`chengshu eval danger`: recall and false alarms of the danger detector on texts with a known answer.

In the same run stands the peer: the list of words, each with the words that take it back, that
came before the detector.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from chengshu.incidents.danger import find
from chengshu.kit.errors import Invalid

SHIPPED: Final = ("a", "b")  # rules and weights were made with half A in view, never half B
_YES, _NO = frozenset({"1", "true", "yes", "是"}), frozenset({"0", "false", "no", "否"})
_SHOWN = 5
_WORDS: Final[tuple[tuple[str, str], ...]] = (
    (
        r"燃气泄漏|煤气泄漏|天然气泄漏|液化气泄漏|燃气味|煤气味|闻到.{0,4}(?:煤气|燃气|天然气)|漏气",
        r"费|价|充值|开户|轮胎|空调",
    ),
    (r"着火|起火|失火|火灾|冒烟|爆炸|自燃|明火", r"隐患|演习|演练|预防|防火|保险|宣传"),
    (r"被困|困在|困人|出不来|关在电梯", r"困难"),
    (r"跳楼|轻生|自杀|想不开|割腕", r"热线|预防|宣传"),
    (r"持刀|砍人|捅人|打人|斗殴|被打|绑架|强奸", r"打人电话|家暴咨询"),
    (r"溺水|落水|掉进.{0,4}(?:河|塘|井|水)|坠井|坠落|触电|漏电", r"预防|宣传|防溺水"),
    (r"坍塌|塌陷|倒塌|塌了|要塌|垮塌", r"房价|股市"),
    (r"中毒|昏迷|不省人事|没有呼吸|心脏骤停|大出血", r"预防|宣传"),
    (r"走失|失踪|找不到(?:老人|孩子|小孩)", r"快递|包裹|手机|狗|猫"),
    (
        r"聚集.{0,6}(?:人|闹|堵)|(?:上百|几百|数百|几十)人.{0,6}(?:聚|堵|围)|堵路讨薪|拉横幅",
        r"聚集性疫情",
    ),
    (r"氯气|氨气泄漏|有毒气体|危化品.{0,4}(?:泄漏|侧翻)|油罐车.{0,4}(?:泄漏|侧翻)|汽油泄漏", r"$^"),
)
_PEER: Final = tuple((re.compile(yes), re.compile(no)) for yes, no in _WORDS)


@dataclass(frozen=True, slots=True)
class Asked:
    """A text and whether it is dangerous."""

    text: str
    danger: bool


def run(test: Path | None) -> dict[str, float]:
    """The figures of a file, or of both shipped halves, each with its letter.

    Raises:
        Invalid: The file has no such columns, holds a row that cannot be used, or misses one sort.
    """
    if test is not None:
        return figures(read(test.read_bytes(), test.name))
    found: dict[str, float] = {}
    for half in SHIPPED:
        asked = read(shipped(half), f"set_{half}.csv")
        found.update((f"{half}_{name}", value) for name, value in figures(asked).items())
    return found


def shipped(half: str) -> bytes:
    """A half of the set that comes with the product: text, danger, kind, note."""
    return files("chengshu.incidents.danger").joinpath(f"set_{half}.csv").read_bytes()


def read(raw: bytes, name: str) -> list[Asked]:
    """The rows of a CSV file with the columns text and danger (1 or 0).

    Raises:
        Invalid: As for `run`.
    """
    try:
        lines = list(csv.DictReader(raw.decode("utf-8-sig").splitlines(keepends=True)))
    except UnicodeDecodeError as wrong:
        raise Invalid("file", f"{name}：不是 UTF-8 编码", f"{name}: not UTF-8") from wrong
    if not lines or not {"text", "danger"} <= set(lines[0]):
        raise Invalid("file", f"{name}：须有 text 与 danger 两列和至少一行",
                      f"{name}: the columns text and danger and at least one row are needed")  # fmt: skip
    asked, wrong_rows = [], []
    for number, line in enumerate(lines, 2):
        text, says = (line["text"] or "").strip(), (line["danger"] or "").strip().lower()
        if not text or says not in _YES | _NO:
            wrong_rows.append(number)
        else:
            asked.append(Asked(text, says in _YES))
    if wrong_rows:
        rows = ", ".join(map(str, wrong_rows[:_SHOWN])) + (" …" if len(wrong_rows) > _SHOWN else "")
        raise Invalid("file", f"{name}：第 {rows} 行没有文字，或 danger 不是 1 或 0",
                      f"{name}: rows {rows} have no text, or their danger is neither 1 nor 0")  # fmt: skip
    if len({row.danger for row in asked}) < 2:
        raise Invalid("file", f"{name}：须同时有危险与不危险的行",
                      f"{name}: rows with danger and rows without are needed")  # fmt: skip
    return asked


def figures(asked: Sequence[Asked]) -> dict[str, float]:
    """recall: share of the dangers that ring; false_rate: share of the others that do."""
    ours = [(row.danger, find(row.text).danger) for row in asked]
    peer = [(row.danger, by_words(row.text)) for row in asked]
    return {
        "dangers": float(sum(row.danger for row in asked)),
        "others": float(sum(not row.danger for row in asked)),
        "recall": _share(ours, danger=True),
        "false_rate": _share(ours, danger=False),
        "peer_recall": _share(peer, danger=True),
        "peer_false_rate": _share(peer, danger=False),
    }


def by_words(text: str) -> bool:
    """The peer: a word of danger without a word beside it that takes it back."""
    return any(
        not no.search(text[max(found.start() - 6, 0) : found.end() + 6])
        for yes, no in _PEER
        for found in yes.finditer(text)
    )


def _share(pairs: Sequence[tuple[bool, bool]], *, danger: bool) -> float:
    rang = [said for truth, said in pairs if truth is danger]
    return sum(rang) / len(rang)
