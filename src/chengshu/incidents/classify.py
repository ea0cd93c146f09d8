"""Which class a text belongs to, how sure that is, and which words say so.

One linear model per class over words and characters; a person's correction counts at once. Serving needs
numpy alone, learning (`Classifier.fit`) scikit-learn of the extra `[bench]`.

Sources: linear models on sparse text features, R.-E. Fan and others (2008), LIBLINEAR, JMLR 9,
1871-1874; features scaled by how much they tell, S. Wang, C. Manning (2012), Baselines and bigrams, ACL
short papers, 90-94; scores to probabilities, J. Platt (1999), Probabilistic outputs for support vector machines;
corrections, J. Duchi, E. Hazan, Y. Singer (2011), Adaptive subgradient methods, JMLR 12, 2121-2159.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.encoder import Encoder
from chengshu.incidents.features import (
    Doc,
    Vocabulary,
    Words,
    cut,
    grams,
    learn_stops,
    sketch,
    spelled,
    vocabulary,
)
from chengshu.kit.errors import Invalid

Table = NDArray[np.float32]
Numbers = NDArray[np.int64]

PRECISION: Final = 0.98  # what deciding alone must reach on texts that were not learnt from
_MARGIN: Final = 0.007  # over it, since later texts differ a little from those learnt from
_FOLDS: Final = 5
_COST: Final = 0.3
_TELLING: Final = 0.5  # how far a feature is scaled by what it tells of a class: 0 not, 1 wholly
_UNSEEN: Final = 0.05  # added to each feature's sums: a class without it still has a ratio
_NEAR, _SAME = 6, 13  # shared hashes of a sketch's 16: to be held out together, to be one text
_STEP: Final = 1.0
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Term:
    """One word or run of characters that speaks for a class (positive) or against it."""

    text: str
    weight: float  # logits


@dataclass(frozen=True, slots=True)
class SetAside:
    """What was not learnt from, and why. Numbers of rows."""

    empty: tuple[int, ...]
    repeated: tuple[int, ...]  # the same text with the same label, once more
    alone: tuple[int, ...]  # the only text of its label: it cannot be learnt and checked


@dataclass(slots=True, eq=False)
class Classifier:
    """A fitted model.

    Attributes:
        labels: The classes, sorted.
        words: What it reads of a text.
        weight: Shape (features + the encoder's width, classes).
        slope, offset: Shape (classes,); a score's logit is `slope * score + offset`.
        sharpness: Exponent of the probabilities before they are made to sum to one.
        threshold: Probability from which it may decide alone.
        aside: What was not learnt from.
        encoder: A dense view beside the words; loading a model needs the same one.
        residual: What corrections added, in logits; shape as `weight`.
        steps: Sums of squared gradients of the corrections.
    """

    labels: tuple[str, ...]
    words: Vocabulary
    weight: Table
    bias: Table
    slope: Table
    offset: Table
    sharpness: float
    threshold: float
    aside: SetAside = field(default_factory=lambda: SetAside((), (), ()))
    encoder: Encoder | None = None
    residual: Table | None = None
    steps: Table | None = None

    @classmethod
    def fit(
        cls, docs: Sequence[Doc], labels: Sequence[str], encoder: Encoder | None = None
    ) -> Self:
        """Learn from texts; near-duplicates are held out together when probabilities are fitted.

        Raises:
            Invalid: Fewer than two labels have two texts each, or scikit-learn is not installed.
        """
        if len(docs) != len(labels):
            raise ValueError(f"{len(docs)} texts, {len(labels)} labels")
        read = [cut(doc) if isinstance(doc, str) else doc for doc in docs]
        stops = learn_stops(
            [w for w, doc in zip(read, docs, strict=True) if isinstance(doc, str)],
            [w for w, doc in zip(read, docs, strict=True) if not isinstance(doc, str)],
        )
        read = [tuple(w for w in words if w not in stops) for words in read]
        kept, groups, aside = _sorted_out(read, labels)
        names = tuple(sorted({labels[i] for i in kept}))
        if len(names) < 2:
            raise Invalid("label", "至少需要两个类别，每类至少两条不同的文本",
                          "at least two labels with two different texts each are needed")  # fmt: skip
        texts = [read[i] for i in kept]
        vocab = vocabulary(texts, stops)
        table = _table(vocab, texts, encoder)
        truth = np.array([names.index(labels[i]) for i in kept])
        held = _held_out(table, truth, groups, len(names), len(vocab.known))
        slope, offset = _platt(held, truth)
        weight, bias = _linear(table, truth, len(names), len(vocab.known))
        sharpness = _sharpness(held * slope + offset, truth)
        sure = _shares(held * slope + offset, sharpness)
        alone = _threshold(sure, truth)
        return cls(names, vocab, weight, bias, slope, offset, sharpness, alone, aside, encoder)

    def proba(self, docs: Sequence[Doc]) -> NDArray[np.float64]:
        """Shape (texts, classes); rows sum to 1."""
        if not docs:
            return np.zeros((0, len(self.labels)))
        logits = np.stack([self._logits(self.words.words(doc)) for doc in docs])
        return _shares(logits, self.sharpness)

    def best(self, doc: Doc, most: int = 3) -> list[tuple[str, float]]:
        """The likeliest classes with their probabilities, best first."""
        share = self.proba([doc])[0]
        return [(self.labels[i], float(share[i])) for i in np.argsort(-share, kind="stable")[:most]]

    def explain(self, doc: Doc, label: str, most: int = 5) -> tuple[list[Term], list[Term]]:
        """What speaks for a class and what against it, strongest first; no term lies within a stronger one.

        Raises:
            Invalid: The class is not known.
        """
        at = self._number(label)
        words = self.words.words(doc)
        rows, values = self.words.of(words)
        found = grams(words)
        places, here = self.words.places(found.hashes)
        stands = dict(zip(places.tolist(), np.flatnonzero(here).tolist(), strict=True))
        text = spelled(words)
        total: dict[str, float] = {}
        for row, value in zip(rows.tolist(), values.tolist(), strict=True):
            weight = float(self.weight[row, at] * self.slope[at])
            if self.residual is not None:
                weight += float(self.residual[row, at])
            term = text[stands[row]].strip()
            total[term] = total.get(term, 0.0) + weight * value
        total.pop("", None)
        return _strongest(total, 1, most), _strongest(total, -1, most)

    def correct(self, doc: Doc, label: str) -> None:
        """Take in at once that a text belongs to a class; costs only the features of the text.

        Raises:
            Invalid: The class is not known; new classes need learning anew.
        """
        at = self._number(label)
        if self.residual is None or self.steps is None:
            self.residual, self.steps = np.zeros_like(self.weight), np.zeros_like(self.weight)
        words = self.words.words(doc)
        rows, values = self._features(words)
        wrong = 1 / (1 + np.exp(-np.clip(self._logits(words), -30, 30)))
        wrong[at] -= 1
        gradient = values[:, None] * wrong[None, :].astype(np.float32)
        self.steps[rows] += gradient**2
        self.residual[rows] -= _STEP * gradient / np.sqrt(1 + self.steps[rows])

    def save(self, path: Path) -> None:
        """Write one `.npz` without pickled objects; the encoder is not in it."""
        about = {
            "format": _FORMAT, "labels": self.labels, "stops": sorted(self.words.stops), "threshold": self.threshold,
            "sharpness": self.sharpness,
            "aside": [self.aside.empty, self.aside.repeated, self.aside.alone],
            "encoder": self.encoder.width if self.encoder else 0,
        }  # fmt: skip
        none = np.zeros((0, 0), np.float32)
        np.savez_compressed(
            path, about=np.frombuffer(json.dumps(about).encode(), np.uint8), known=self.words.known,
            rarity=self.words.rarity, weight=self.weight, bias=self.bias, slope=self.slope, offset=self.offset,
            residual=none if self.residual is None else self.residual,
            steps=none if self.steps is None else self.steps,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path, encoder: Encoder | None = None) -> Self:
        """Read what `save` wrote.

        Raises:
            Invalid: The file is no such model, or its encoder was another.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                about = json.loads(kept["about"].tobytes())
                part: dict[str, Any] = {name: kept[name] for name in kept.files}
            words = Vocabulary(part["known"], part["rarity"], frozenset(about["stops"]))
            aside = SetAside(*(tuple(rows) for rows in about["aside"]))
            form, labels, width = about["format"], tuple(about["labels"]), about["encoder"]
            corrected = {n: part[n] if part[n].size else None for n in ("residual", "steps")}
            made = cls(labels, words, part["weight"], part["bias"], part["slope"], part["offset"],
                       about["sharpness"], about["threshold"], aside, encoder, **corrected)  # fmt: skip
        except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as why:
            raise Invalid(
                path.name, f"无法读取模型：{why}", f"the model cannot be read: {why}"
            ) from why
        if form != _FORMAT or width != (encoder.width if encoder else 0):
            raise Invalid(
                path.name,
                "模型与程序版本或编码器不符",
                "the model is of another version or encoder",
            )
        return made

    def _number(self, label: str) -> int:
        if label not in self.labels:
            raise Invalid("label", f"没有这个类别：{label}", f"there is no label {label!r}")
        return self.labels.index(label)

    def _features(self, words: Words) -> tuple[Numbers, Table]:
        rows, values = self.words.of(words)
        if self.encoder is None:
            return rows, values
        dense = self.encoder([words])[0]
        beyond = len(self.words.known) + np.arange(len(dense))
        return np.concatenate([rows, beyond]), np.concatenate([values, dense])

    def _logits(self, words: Words) -> NDArray[np.float64]:
        rows, values = self._features(words)
        logit = (values @ self.weight[rows] + self.bias) * self.slope + self.offset
        if self.residual is not None:
            logit = logit + values @ self.residual[rows]
        return np.asarray(logit, np.float64)


def _shares(logits: NDArray[Any], sharpness: float) -> NDArray[np.float64]:
    """Each class's own probability to a power, divided by their sum."""
    each = 1 / (1 + np.exp(-np.clip(np.asarray(logits, np.float64), -30, 30)))
    each **= sharpness
    return np.asarray(each / each.sum(-1, keepdims=True))


def _sharpness(logits: NDArray[Any], truth: Numbers) -> float:
    """The power that makes held-out texts likeliest: dividing by the sum alone leaves too little certainty."""

    def surprise(power: float) -> float:
        share = _shares(logits, power)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(share, 1e-12)).mean())

    return float(min(np.arange(0.5, 2.51, 0.05), key=surprise))


def _strongest(total: dict[str, float], sign: int, most: int) -> list[Term]:
    found: list[Term] = []
    for text, weight in sorted(total.items(), key=lambda t: (-sign * t[1], t[0])):
        if sign * weight <= 0 or len(found) == most:
            break
        if not any(text in term.text or term.text in text for term in found):
            found.append(Term(text, weight))
    return found


def _sorted_out(
    read: Sequence[Words], labels: Sequence[str]
) -> tuple[list[int], Numbers, SetAside]:
    """Rows to learn from, a number for each group of near-duplicates, and what is left out."""
    full = [i for i, words in enumerate(read) if words]
    near, same = _alike([read[i] for i in full])
    repeated: list[int] = []
    first: dict[tuple[int, str], int] = {}
    for at, row in enumerate(full):
        if first.setdefault((int(same[at]), labels[row]), row) != row:
            repeated.append(row)
    gone = set(repeated)
    counts = Counter(labels[i] for i in full if i not in gone)
    kept = [(i, at) for at, i in enumerate(full) if i not in gone and counts[labels[i]] > 1]
    aside = SetAside(
        tuple(i for i, words in enumerate(read) if not words), tuple(repeated),
        tuple(i for i in full if i not in gone and counts[labels[i]] == 1),
    )  # fmt: skip
    return [i for i, _ in kept], near[[at for _, at in kept]], aside


def _alike(texts: Sequence[Words]) -> tuple[Numbers, Numbers]:
    """For each text the first text of its group of near-duplicates, and of its group of repetitions."""
    by: dict[int, list[int]] = {}
    near, same = list(range(len(texts))), list(range(len(texts)))
    for at, words in enumerate(texts):
        hashes = [int(h) for h in sketch(words)]
        shared = Counter(other for h in hashes for other in by.get(h, ()))
        for other, n in shared.items():
            if n >= min(_NEAR, len(hashes)):
                _join(near, at, other)
            if n >= min(_SAME, len(hashes)):
                same[at] = min(same[at], same[other])
        for h in hashes:
            by.setdefault(h, []).append(at)
    return np.array([_root(near, i) for i in range(len(texts))], np.int64), np.array(same, np.int64)


def _root(parent: list[int], at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at


def _join(parent: list[int], one: int, other: int) -> None:
    a, b = _root(parent, one), _root(parent, other)
    parent[max(a, b)] = min(a, b)


def _table(vocab: Vocabulary, texts: Sequence[Words], encoder: Encoder | None) -> Any:
    """The features of all texts as scipy's sparse rows."""
    from scipy import sparse

    rows = [vocab.of(words) for words in texts]
    ends = np.cumsum([0, *(len(at) for at, _ in rows)])
    table = sparse.csr_matrix(
        (np.concatenate([v for _, v in rows]), np.concatenate([at for at, _ in rows]), ends),
        shape=(len(texts), len(vocab.known)),
    )
    return sparse.hstack([table, encoder(texts)]).tocsr() if encoder else table


def _linear(table: Any, truth: Numbers, classes: int, known: int) -> tuple[Table, Table]:
    """One linear model per class, shapes (features, classes) and (classes,); the first `known` are scaled."""
    try:
        from sklearn.svm import LinearSVC
    except ImportError:
        raise Invalid("train", "训练需要安装附加组件 chengshu[bench]",
                      "learning needs scikit-learn: install chengshu[bench]") from None  # fmt: skip
    weight = np.zeros((table.shape[1], classes), np.float32)
    bias = np.full(classes, -1, np.float32)  # of a class that is missing from this part
    for at in range(classes):
        mine = truth == at
        if mine.any():
            scale = _telling(table, mine, known)
            scaled = table.copy()
            scaled.data *= scale[scaled.indices]
            model = LinearSVC(C=_COST, tol=1e-3, random_state=0).fit(scaled, mine)
            # the scale goes into the weights, so that reading a text costs no more
            weight[:, at], bias[at] = model.coef_[0] * scale, model.intercept_[0]
    return weight, bias


def _telling(table: Any, mine: NDArray[np.bool_], known: int) -> Table:
    """How much each feature tells of a class: the size of its log-count ratio, halfway to one.

    A learner that pays for large weights then trusts telling features sooner. Of the first `known`
    only: an encoder's numbers are no counts. Shape (features,).
    """
    scale = np.ones(table.shape[1], np.float32)
    share = [np.asarray(table[rows].sum(0)).ravel()[:known] + _UNSEEN for rows in (mine, ~mine)]
    ratio = np.abs(np.log(share[0] / share[0].sum()) - np.log(share[1] / share[1].sum()))
    ratio /= max(float(np.sqrt((ratio**2).mean())), 1e-9)
    scale[:known] = 1 - _TELLING + _TELLING * ratio
    return scale


def _held_out(table: Any, truth: Numbers, groups: Numbers, classes: int, known: int) -> Table:
    """Scores of texts by models that saw neither them nor their near-duplicates, shape (texts, classes)."""
    fold = _folds(truth, groups)
    held = np.zeros((len(truth), classes), np.float32)
    for n in range(_FOLDS):
        out = fold == n
        if out.any() and not out.all():
            weight, bias = _linear(table[~out], truth[~out], classes, known)
            held[out] = table[out] @ weight + bias
    return held


def _folds(truth: Numbers, groups: Numbers) -> Numbers:
    """A fold for each text: groups stay together, each class is dealt out evenly, larger groups first."""
    fold = np.zeros(len(truth), np.int64)
    dealt: Counter[tuple[int, int]] = Counter()
    names, first, at, size = np.unique(
        groups, return_index=True, return_inverse=True, return_counts=True
    )
    chosen = np.zeros(len(names), np.int64)
    for g in np.lexsort((first, -size)):
        label = int(truth[first[g]])
        chosen[g] = min(range(_FOLDS), key=lambda n: (dealt[label, n], n))
        dealt[label, int(chosen[g])] += int(size[g])
    fold[:] = chosen[at]
    return fold


def _platt(held: Table, truth: Numbers) -> tuple[Table, Table]:
    """Slope and offset of each class's logit, fitted on scores of texts that were held out."""
    slopes, offsets = [], []
    for at in range(held.shape[1]):
        mine = truth == at
        n = int(mine.sum())
        target = np.where(
            mine, (n + 1) / (n + 2), 1 / (len(truth) - n + 2)
        )  # Platt's, against certainty
        design = np.stack([held[:, at].astype(np.float64), np.ones(len(truth))], 1)
        found = np.array([1.0, 0.0])
        for _ in range(50):
            share = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
            slope = design.T @ (share - target) + 1e-3 * (found - [1.0, 0.0])
            curve = (design * (share * (1 - share))[:, None]).T @ design + 1e-3 * np.eye(2)
            step = np.linalg.solve(curve, slope)
            found = found - step / max(1.0, float(np.abs(step).max()))
            if np.abs(step).max() < 1e-6:
                break
        slopes.append(max(float(found[0]), 1e-3))
        offsets.append(float(found[1]))
    return np.array(slopes, np.float32), np.array(offsets, np.float32)


def _threshold(share: NDArray[np.float64], truth: Numbers) -> float:
    """The least probability above which enough held-out texts are right; above 1 if there is none."""
    best, sure = share.argmax(1), share.max(1)
    order = np.argsort(-sure, kind="stable")
    right = np.cumsum(best[order] == truth[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(right >= PRECISION + _MARGIN)
    return float(sure[order[enough[-1]]]) if len(enough) else 1.01
