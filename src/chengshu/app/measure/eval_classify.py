"""`chengshu eval classify`: how often the right class is named, and how often it could be left to itself.

Learns from the files it is told to, measures on another, with two usual models beside it in the same run.
Nothing is kept.
"""

from __future__ import annotations

import csv
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.classify import Classifier
from chengshu.incidents.features import Doc, split
from chengshu.kit.errors import Invalid

Say = Callable[[str], None]
_BINS: Final = 15
_TIMED: Final = 1_000  # messages whose time is taken


@dataclass(frozen=True, slots=True)
class Rows:
    """Labelled texts, and how many rows could not be used."""

    docs: list[Doc]
    labels: list[str]
    empty: int  # no text or no label


def run(train: Sequence[Path], test: Path, say: Say) -> dict[str, float]:
    """All figures, by name.

    Raises:
        Invalid: A file cannot be read, lacks a column or holds nothing usable.
    """
    learnt, asked = read(train), read([test])
    began = time.perf_counter()
    model = Classifier.fit(learnt.docs, learnt.labels)
    train_s = time.perf_counter() - began
    _say_aside(learnt, asked, model, say)
    ms = []
    shares = []
    for doc in asked.docs:
        began = time.perf_counter()
        shares.append(model.proba([doc])[0])
        ms.append((time.perf_counter() - began) * 1e3)
    share = np.stack(shares)
    found = figures(share, model.labels, asked.labels, model.threshold)
    say("peers: words with ComplementNB, runs of characters with LinearSVC")
    return {
        **found, "threshold": model.threshold, "train_s": train_s, "ms_p50": float(np.median(ms[:_TIMED])),
        "rows_train": float(len(learnt.docs)), "rows_test": float(len(asked.docs)),
        "rows_set_aside": float(learnt.empty + asked.empty + sum(map(len, _aside(model)))),
        **_peers(learnt, asked),
    }  # fmt: skip


def read(paths: Sequence[Path]) -> Rows:
    """Rows of one or more files with `label` and `text` or `seg`; rows without text or label are counted.

    Raises:
        Invalid: A file is no UTF-8 table, lacks a column or has no usable row.
    """
    docs: list[Doc] = []
    labels: list[str] = []
    empty = 0
    csv.field_size_limit(min(sys.maxsize, 1 << 30))
    for path in paths:
        before = len(docs)
        for row in _lines(path):
            label, text = (row.get("label") or "").strip(), (row.get("text") or "").strip()
            doc: Doc = text or split(row.get("seg") or "")
            if not label or not doc:
                empty += 1
                continue
            docs.append(doc)
            labels.append(label)
        if len(docs) == before:
            raise Invalid(
                path.name,
                "没有可用的行：每行需要类别和文本",
                "no usable row: each needs a label and a text",
            )
    return Rows(docs, labels, empty)


def _lines(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            names = reader.fieldnames or ()
            if "label" not in names or not {"text", "seg"} & set(names):
                raise Invalid(path.name, f"需要列 label 和 text（或 seg），文件中有：{'、'.join(names)}",
                              f"columns label and text (or seg) are needed, there are: {', '.join(names)}")  # fmt: skip
            return list(reader)
    except (UnicodeDecodeError, csv.Error) as why:
        raise Invalid(
            path.name, f"不是 UTF-8 编码的 CSV 表：{why}", f"not a CSV table in UTF-8: {why}"
        ) from None


def _aside(model: Classifier) -> tuple[tuple[int, ...], ...]:
    return model.aside.empty, model.aside.repeated, model.aside.alone


def _say_aside(learnt: Rows, asked: Rows, model: Classifier, say: Say) -> None:
    for count, why in (
        (learnt.empty + len(model.aside.empty), "training rows without text or label"),
        (len(model.aside.repeated), "training rows that repeat a text with the same label"),
        (len(model.aside.alone), "training rows whose label has no second text"),
        (asked.empty, "test rows without text or label"),
    ):
        if count:
            say(f"set aside: {count} {why}")
    if strange := sorted(set(asked.labels) - set(model.labels)):
        say(f"labels that were not learnt count as wrong: {', '.join(strange[:5])}")


def figures(
    share: NDArray[np.float64], names: Sequence[str], truth: Sequence[str], threshold: float
) -> dict[str, float]:
    """The figures of probabilities, shape (texts, classes), against the true labels.

    A label that is not among `names` can only be missed. `auto_precision` is 1 where nothing passes.
    """
    best, sure = share.argmax(1), share.max(1)
    said = [names[i] for i in best]
    right = np.array([a == b for a, b in zip(said, truth, strict=True)])
    top = np.argsort(-share, axis=1, kind="stable")[:, :3]
    alone = sure >= threshold
    return {
        "macro_f1": macro_f1(said, truth), "accuracy": float(right.mean()),
        "top3": float(np.mean([t in {names[i] for i in row} for t, row in zip(truth, top, strict=True)])),
        "coverage_at_98": coverage(sure, right, 0.98),
        "auto_coverage": float(alone.mean()), "auto_precision": float(right[alone].mean()) if alone.any() else 1.0,
        "ece": calibration_error(sure, right),
    }  # fmt: skip


def macro_f1(said: Sequence[str], truth: Sequence[str]) -> float:
    """Mean over the labels of either side of 2 · right / (said + true)."""
    hits = Counter(a for a, b in zip(said, truth, strict=True) if a == b)
    both = Counter(said) + Counter(truth)
    return float(np.mean([2 * hits[label] / both[label] for label in both]))


def coverage(sure: NDArray[np.float64], right: NDArray[np.bool_], precision: float) -> float:
    """The largest share of the rows, in order of confidence, of which `precision` is right."""
    order = np.argsort(-sure, kind="stable")
    upto = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(upto >= precision)
    return float((enough[-1] + 1) / len(order)) if len(enough) else 0.0


def calibration_error(sure: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    """Expected calibration error over 15 bins of equal mass.

    Source: C. Guo and others (2017), On calibration of modern neural networks, ICML, section 2.
    """
    parts = [p for p in np.array_split(np.argsort(sure, kind="stable"), _BINS) if len(p)]
    return float(sum(len(p) * abs(sure[p].mean() - right[p].mean()) for p in parts) / len(sure))


def _peers(learnt: Rows, asked: Rows) -> dict[str, float]:
    """Two usual models, on texts as they are: words of segmented rows with spaces between."""
    import rjieba
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    def plain(docs: Sequence[Doc]) -> list[str]:
        return [doc if isinstance(doc, str) else " ".join(doc) for doc in docs]

    def words(text: str) -> list[str]:
        return [word for word in rjieba.cut(text) if word.strip()]

    peers: dict[str, tuple[Any, Any]] = {
        "nb": (TfidfVectorizer(tokenizer=words, token_pattern=None, sublinear_tf=True), ComplementNB()),
        "svc": (TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, max_features=200_000),
                LinearSVC(random_state=0)),
    }  # fmt: skip
    found = {}
    for name, (reader, model) in peers.items():
        model.fit(reader.fit_transform(plain(learnt.docs)), learnt.labels)
        said = model.predict(reader.transform(plain(asked.docs))).tolist()
        found[f"peer_{name}_macro_f1"] = macro_f1(said, asked.labels)
    return found
