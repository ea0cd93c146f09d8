"""`chengshu eval retrieve`: how often the passage that answers a question is among the first.

Learns from the answered questions it is told to, measures on others, with BM25 over words and the plain cosine of
character runs beside it in the same run. Nothing is kept.
"""

from __future__ import annotations

import csv
import gzip
import json
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import rjieba
from numpy.typing import NDArray

from chengshu.incidents.encoder import Encoder
from chengshu.kit.errors import Invalid
from chengshu.library.encoder import latent
from chengshu.library.grams import Bags, Rarity, together
from chengshu.library.mix import Answered, Asked, Mix, find, fit
from chengshu.library.passages import Passage, asked, tidy
from chengshu.library.views import Shelf, Table, bm25

Say = Callable[[str], None]
_SEED: Final = 20_260_501


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the names of the passages that answer it."""

    text: str
    relevant: tuple[str, ...]


# ------------------------------------------------------------------------ files


def read_corpus(path: Path) -> list[Passage]:
    """Passages of a file of JSON lines with `name` and `text`, and `title` where there is one; may be gzipped.

    Raises:
        Invalid: A line cannot be read, lacks a field or repeats a name; the message names file and line.
    """
    found: dict[str, Passage] = {}
    for line, row in _rows(path):
        name, text = _string(path, line, row, "name"), _string(path, line, row, "text")
        if name in found:
            raise _wrong(path, line, f"名称重复：{name}", f"the name {name!r} stands twice")
        title = row.get("title", "")
        found[name] = Passage(name, text, title if isinstance(title, str) else "")
    if not found:
        raise Invalid(path.name, f"{path.name} 中没有条目", f"{path.name} holds no passage")
    return list(found.values())


def read_questions(path: Path, names: Iterable[str]) -> list[Question]:
    """Questions of a file of JSON lines with `question` and `relevant`, a list of names.

    Raises:
        Invalid: A line cannot be read, lacks a field or names no passage; the message names file and line.
    """
    known = set(names)
    found = []
    for line, row in _rows(path):
        relevant = row.get("relevant")
        if not isinstance(relevant, list) or not relevant or not all(isinstance(r, str) for r in relevant):  # fmt: skip
            raise _wrong(path, line, "relevant 应为非空的名称列表", "relevant must be a list of names, not empty")  # fmt: skip
        if strangers := [r for r in relevant if r not in known]:
            raise _wrong(path, line, f"条目不存在：{strangers[0]}", f"there is no passage {strangers[0]!r}")  # fmt: skip
        found.append(Question(_string(path, line, row, "question"), tuple(dict.fromkeys(relevant))))
    if not found:
        raise Invalid(path.name, f"{path.name} 中没有问题", f"{path.name} holds no question")
    return found


def _wrong(path: Path, line: int, chinese: str, english: str) -> Invalid:
    return Invalid(
        path.name, f"{path.name} 第 {line} 行：{chinese}", f"{path.name}, line {line}: {english}"
    )


def _string(path: Path, line: int, row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, line, f"缺少文字字段 {name}", f"the field {name} is missing or no text")
    return value


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    line = 0
    try:
        with path.open("rb") as raw_file:
            lines = gzip.GzipFile(fileobj=raw_file) if path.suffix == ".gz" else raw_file
            for line, raw in enumerate(lines, 1):
                if raw.strip():
                    row = json.loads(raw.decode("utf-8-sig"))
                    if not isinstance(row, dict):
                        raise _wrong(path, line, "应为 JSON 对象", "a JSON object is needed")
                    yield line, row
    except (UnicodeDecodeError, json.JSONDecodeError) as why:
        raise _wrong(
            path, line, f"不是 UTF-8 的 JSON：{why}", f"not JSON in UTF-8: {why}"
        ) from None
    except (OSError, EOFError, zlib.error) as why:
        raise _wrong(path, line + 1, f"无法读取：{why}", f"cannot be read: {why}") from None


def read_replies(path: Path) -> tuple[list[Passage], list[Question]]:
    """Messages and the official replies to them, of a table with id, title, text and reply.

    The title is taken out of the reply: officials quote what they answer.

    Raises:
        Invalid: The file is no UTF-8 table, lacks a column, repeats an id or lacks a text; file and line are named.
    """
    csv.field_size_limit(min(sys.maxsize, 1 << 30))
    passages: dict[str, Passage] = {}
    questions = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := {"id", "title", "text", "reply"} - set(reader.fieldnames or ()):
                raise Invalid(path.name, f"{path.name} 缺少列：{'、'.join(sorted(missing))}",
                              f"{path.name} lacks the columns {', '.join(sorted(missing))}")  # fmt: skip
            for row in reader:
                name = _string(path, reader.line_num, row, "id")
                if name in passages:
                    raise _wrong(path, reader.line_num, f"编号重复：{name}", f"the id {name!r} stands twice")  # fmt: skip
                title, reply = row["title"] or "", _string(path, reader.line_num, row, "reply")
                passages[name] = Passage(name, unquoted(reply, title))
                questions.append(Question(f"{title}\n{row['text'] or ''}", (name,)))
    except (UnicodeDecodeError, csv.Error) as why:
        raise Invalid(path.name, f"{path.name} 不是 UTF-8 编码的 CSV 表：{why}",
                      f"{path.name} is not a CSV table in UTF-8: {why}") from None  # fmt: skip
    if not questions:
        raise Invalid(path.name, f"{path.name} 中没有回复", f"{path.name} holds no reply")
    return list(passages.values()), questions


def unquoted(reply: str, title: str) -> str:
    """A reply without the title of the message it answers.

    Examples:
        >>> unquoted("您反映“A区路灯坏了”的问题收悉，已修。", "A区路灯坏了")
        '您反映“”的问题收悉,已修。'
    """
    title = tidy(title)
    return tidy(reply).replace(title, "") if title else tidy(reply)


# ---------------------------------------------------------------------- figures


def run(
    corpus: Path,
    questions: Path,
    fit_on: Path | None,
    fit_corpus: Path | None,
    say: Say,
    *,
    dense: bool = False,
) -> dict[str, float]:
    """All figures, by name, on questions that are not learnt from.

    Raises:
        Invalid: A file cannot be used.
    """
    passages = read_corpus(corpus)
    asked_here = read_questions(questions, (p.name for p in passages))
    others = read_corpus(fit_corpus) if fit_corpus else passages
    learnt = read_questions(fit_on, (p.name for p in others)) if fit_on else []
    say(f"{len(passages)} passages, {len(asked_here)} questions, {len(learnt)} to learn from")
    encoder = _encoder(passages, dense)
    shelf = Shelf(passages, encoder)
    other = Shelf(others, encoder) if fit_corpus and learnt else shelf
    answered, mix, fit_s = _learnt(shelf, other, learnt, say)
    found = Ranks()
    found.ask(shelf, answered, mix, asked_here)
    return {**found.figures(), **_peers(passages, shelf, asked_here), "fit_s": fit_s}


def run_replies(path: Path, folds: int, say: Say, *, dense: bool = False) -> dict[str, float]:
    """The same for messages and replies: each fold is asked with what was learnt from the others, among all replies.

    Raises:
        Invalid: The file cannot be used, or there are more folds than messages.
    """
    passages, questions = read_replies(path)
    if not 2 <= folds <= len(questions):
        raise Invalid("folds", f"折数应在 2 与 {len(questions)} 之间", f"folds must be 2 to {len(questions)}")  # fmt: skip
    shelf = Shelf(passages, _encoder(passages, dense), remember=True)
    fold = np.random.default_rng(_SEED).permutation(len(questions)) % folds
    found, seconds = Ranks(), 0.0
    for number in range(folds):
        learnt = [q for q, f in zip(questions, fold, strict=True) if f != number]
        answered, mix, took = _learnt(shelf, shelf, learnt, lambda _: None)
        seconds += took
        found.ask(shelf, answered, mix, [q for q, f in zip(questions, fold, strict=True) if f == number])  # fmt: skip
        say(f"fold {number + 1} of {folds}: recall_10 so far {found.figures()['recall_10']:.3f}")
    return {**found.figures(), **_peers(passages, shelf, questions), "fit_s": seconds}


def _encoder(passages: Sequence[Passage], dense: bool) -> Encoder | None:
    return latent([p.text for p in passages]) if dense else None


def _learnt(
    shelf: Shelf, other: Shelf, learnt: Sequence[Question], say: Say
) -> tuple[Answered | None, Mix, float]:
    if not learnt:
        return None, Mix.plain(), 0.0
    began = time.perf_counter()
    number = {name: row for row, name in enumerate(other.names)}
    known = [Asked(q.text, tuple(number[r] for r in q.relevant)) for q in learnt]

    def progress(done: int, total: int) -> None:
        if done % 200 == 0:
            say(f"学习 learning: {done} of {total}")

    at_home = Answered(other, known, other)
    mix = fit(at_home, other, progress)
    answered = at_home if other is shelf else Answered(shelf, known, other)
    return answered, mix, time.perf_counter() - began


class Ranks:
    """Places of relevant passages in the answers, and what they cost."""

    def __init__(self) -> None:
        self._rows: list[tuple[float, float, float, float, float]] = []
        self._ms: list[float] = []
        self._shown: list[bool] = []

    def ask(
        self, shelf: Shelf, answered: Answered | None, mix: Mix, questions: Sequence[Question]
    ) -> None:
        """Ask each question once."""
        number = {name: row for row, name in enumerate(shelf.names)}
        for question in questions:
            began = time.perf_counter()
            got = find(shelf, answered, mix, question.text)
            self._ms.append((time.perf_counter() - began) * 1e3)
            right = np.isin(got.rows, [number[r] for r in question.relevant])
            self._rows.append(scored(right, len(question.relevant)))
            self._shown.append(got.shown)

    def figures(self) -> dict[str, float]:
        """All means, and the 95th percentile of the time."""
        mean = np.mean(self._rows, axis=0)
        shown = np.array(self._shown)
        first = np.array([row[3] == 1 for row in self._rows])
        return {
            "recall_1": float(mean[0]), "recall_10": float(mean[1]), "recall_100": float(mean[2]),
            "mrr": float(mean[3]), "ndcg_10": float(mean[4]), "ms_p95": float(np.percentile(self._ms, 95)),
            "shown": float(shown.mean()), "shown_right": float(first[shown].mean()) if shown.any() else 1.0,
        }  # fmt: skip


def scored(right: NDArray[np.bool_], relevant: int) -> tuple[float, float, float, float, float]:
    """Recall among the first 1, 10 and 100, one by the first right place, and nDCG among the first 10.

    Args:
        right: Which of the answers, best first, are relevant.
        relevant: How many relevant passages there are, found or not.
    """
    at = np.flatnonzero(right)
    recall = [float((at < k).sum() / relevant) for k in (1, 10, 100)]
    gain = float((1 / np.log2(at[at < 10] + 2)).sum())
    best = float((1 / np.log2(np.arange(min(relevant, 10)) + 2)).sum())
    return recall[0], recall[1], recall[2], float(1 / (at[0] + 1)) if len(at) else 0.0, gain / best


# ------------------------------------------------------------------------ peers


def _peers(passages: Sequence[Passage], shelf: Shelf, questions: Sequence[Question]) -> dict[str, float]:  # fmt: skip
    """BM25 over words, as most would begin, and the cosine of character runs."""
    words = _cut([p.text for p in passages])
    table = Table(bm25(words, Rarity.of(words)))

    def by_words(text: str) -> NDArray[np.float32]:
        terms, times = _cut([asked(text)]).one(0)
        return table.scores(terms, times)

    number = {name: row for row, name in enumerate(shelf.names)}
    figures: dict[str, float] = {}
    for name, peer in (("bm25_words", by_words), ("char_cosine", lambda t: shelf.views(t)["char"])):
        rows = []
        for question in questions:
            score = peer(question.text)
            order = np.argsort(-score, kind="stable")[:1_000]
            right = np.isin(order[score[order] > 0], [number[r] for r in question.relevant])
            rows.append(scored(right, len(question.relevant)))
        mean = np.mean(rows, axis=0)
        for key, value in zip(("recall_1", "recall_10", "recall_100", "mrr"), mean, strict=False):
            figures[f"peers.{name}.{key}"] = float(value)
    return figures


def _cut(texts: Sequence[str]) -> Bags:
    """Every word of texts, as numbers."""
    parts = []
    for text in texts:
        found = [zlib.crc32(w.encode()) for w in rjieba.cut(text) if w[0].isalnum()]
        terms, times = np.unique(np.array(found, np.uint32), return_counts=True)
        parts.append(Bags(np.array([0, len(terms)]), terms, times.astype(np.float32)))
    return together(parts)
