"""Read a Chinese address: which part is the province, the road, the house number, the room.

A chain of tags over characters (a run of digits is one), learnt from addresses whose parts are known.
`Tagger.learnt` makes one from any file of such addresses; `shipped` is one that `scripts/train_address.py`
learnt from addresses that it makes up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from chengshu.places.tagging.batch import Codes, Index
from chengshu.places.tagging.chain import Floats, Layout, best, incidence
from chengshu.places.tagging.grams import Sheet, plain, rich, told
from chengshu.places.tagging.learning import Manner, Say, Weights, fit, fit_folds
from chengshu.places.tagging.lexicon import Lexicon
from chengshu.places.tagging.model import AddressPart, PartKind
from chengshu.places.tagging.scheme import Labelled, Scheme, Sentence, labels_of

_BATCH: Final = 512
_COLUMNS: Final = 100  # at most so many are added up
_FOLDS: Final = 4
_TOKEN: Final = re.compile(r"[0-9]+|\S")


_KINDS: Final = {kind.value: kind for kind in PartKind}


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Weights as small numbers, so that more of them are near, and what finds the row of a code.

    Attributes:
        rows: In steps so wide that the sum of a row for every column stays within 16 bits.
        step: Width of a step for each tag.
    """

    weights: Weights
    index: Index
    rows: NDArray[np.int16]
    step: Floats

    @classmethod
    def of(cls, weights: Weights) -> Self:
        """Build the index."""
        most = np.maximum(np.abs(weights.rows).max(0, initial=0), 1e-6)
        step = (most * (_COLUMNS / 32_767)).astype(np.float32)
        return cls(weights, Index.of(weights.codes), np.rint(weights.rows / step).astype(np.int16), step)  # fmt: skip

    def score(self, columns: Sequence[Codes]) -> Floats:
        """Of each token and tag, shape (tokens, tags)."""
        assert len(columns) <= _COLUMNS
        ids = self.index.find(np.stack(columns, 1))
        score: NDArray[np.int16] = incidence(ids, len(self.rows), np.int16) @ self.rows
        return score * self.step


@dataclass(frozen=True, slots=True, eq=False)
class Tagger:
    """A fitted model.

    It reads twice: what was read first around a part, and before and after it, helps the second time
    (a road that follows a road is a side road, a province that is named again was only repeated).
    A simple one reads once, looks at a plain window, and has no lexicon.

    Source: D. H. Wolpert (1992), Stacked Generalization, Neural Networks 5(2), 241-259.
    """

    scheme: Scheme
    first: Table
    second: Table | None
    lexicon: Lexicon | None
    _both: Table | None  # what both readings look up, side by side, so that it is looked up once

    @classmethod
    def of(cls, scheme: Scheme, first: Weights, second: Weights | None, lexicon: Lexicon | None) -> Self:  # fmt: skip
        """Put together; a simple one has neither a second reading nor a lexicon."""
        if second is None:
            return cls(scheme, Table.of(first), None, lexicon, None)
        codes = np.union1d(first.codes, second.codes)
        rows = np.zeros((len(codes), 2 * scheme.size), np.float32)
        rows[np.searchsorted(codes, first.codes), : scheme.size] = first.rows
        rows[np.searchsorted(codes, second.codes), scheme.size :] = second.rows
        both = Table.of(Weights(codes, rows, second.turns))
        return cls(scheme, Table.of(first), Table.of(second), lexicon, both)

    @classmethod
    def learnt(cls, sentences: Sequence[Sentence], manner: Manner | None = None, *,
               simple: bool = False, say: Say = lambda line: None) -> Self:  # fmt: skip
        """Learn from addresses.

        Args:
            sentences: None of them empty, at least one.
            manner: How to learn the first reading.
            simple: Look at a plain window of characters only: a peer to compare with.
            say: Told how far it is.
        """
        scheme, manner = Scheme(labels_of(sentences)), manner or Manner()
        tokens = [s.tokens for s in sentences]
        if simple:
            peer = fit(plain(tokens).columns, sentences, scheme, manner, say=say)
            return cls.of(scheme, peer, None, None)
        lexicon = Lexicon.learnt(sentences)
        sheet = rich(tokens, lexicon, sentences)
        first, said = fit_folds(sheet.columns, sentences, scheme, manner, _FOLDS, say)
        told(sheet, _best(said, first, scheme, sheet), scheme, lexicon.labels)
        again = fit(
            sheet.columns, sentences, scheme, replace(manner, passes=manner.passes + 1), say
        )
        return cls.of(scheme, first, again, lexicon)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a model that `write` wrote."""
        with np.load(path, allow_pickle=False) as kept:
            tables = []
            for name in ("first", "again"):
                rows = kept[f"{name}_rows"].astype(np.float32) * kept[f"{name}_step"]
                codes = np.cumsum(kept[f"{name}_gaps"], dtype=np.uint64)
                tables.append(Weights(codes, rows, kept[f"{name}_turns"]))
            known: dict[str, dict[int, int]] = {}
            for part, column, count in zip(
                kept["parts"].tolist(), kept["columns"].tolist(), kept["counts"].tolist(), strict=True
            ):  # fmt: skip
                known.setdefault(part, {})[column] = count
            lexicon = Lexicon.of(tuple(kept["lexicon_labels"].tolist()), known)
            return cls.of(Scheme(tuple(kept["labels"].tolist())), tables[0], tables[1], lexicon)

    def write(self, path: Path) -> None:
        """Write it, weights in 255 steps; what is read is a little coarser.

        Raises:
            ValueError: It is a simple one, which is for comparing only.
        """
        if self.second is None or self.lexicon is None:
            raise ValueError("a simple tagger is not kept")
        entries = [(p, c, n) for p, found in self.lexicon.known.items() for c, n in found.items()]
        arrays: dict[str, NDArray[np.generic]] = {
            "labels": np.array(self.scheme.labels),
            "lexicon_labels": np.array(self.lexicon.labels, np.str_),
            "parts": np.array([e[0] for e in entries], np.str_),
            "columns": np.array([e[1] for e in entries], np.int8),
            "counts": np.array([e[2] for e in entries], np.int32),
        }
        for name, table in (("first", self.first), ("again", self.second)):
            kept = table.weights
            step = max(float(np.abs(kept.rows).max(initial=0)), 1e-6) / 127
            arrays |= {
                f"{name}_gaps": np.diff(kept.codes, prepend=np.uint64(0)),
                f"{name}_rows": np.rint(kept.rows / step).astype(np.int8),
                f"{name}_step": np.array(step, np.float32),
                f"{name}_turns": kept.turns,
            }
        np.savez_compressed(path, allow_pickle=False, **arrays)

    def parse(self, text: str) -> list[AddressPart]:
        """The parts of an address, in order. Blanks belong to no part, unless they stand inside one.

        A part whose label is no `PartKind` (a model may have learnt others) is `OTHER`.
        """
        found = list(_TOKEN.finditer(text))
        spans = self.tag_many([[m.group() for m in found]])[0]
        return [
            AddressPart(
                _KINDS.get(label, PartKind.OTHER),
                found[start].start(),
                found[end - 1].end(),
                text[found[start].start() : found[end - 1].end()],
            )
            for label, start, end in spans
        ]

    def tag_many(self, sentences: Sequence[Sequence[str]]) -> list[tuple[Labelled, ...]]:
        """The labelled spans of many sentences of tokens; quickest for some hundreds at once."""
        out: list[tuple[Labelled, ...]] = [()] * len(sentences)
        filled = sorted(
            (i for i in range(len(sentences)) if sentences[i]), key=lambda i: len(sentences[i])
        )
        for at in range(0, len(filled), _BATCH):
            part = filled[at : at + _BATCH]
            tags = self._tags([sentences[i] for i in part])
            for i, found in zip(part, tags, strict=True):
                out[i] = self.scheme.decode(found)
        return out

    def _tags(self, sentences: Sequence[Sequence[str]]) -> list[list[int]]:
        sheet = plain(sentences) if self.lexicon is None else rich(sentences, self.lexicon)
        size = self.scheme.size
        if self._both is None or self.second is None or self.lexicon is None:
            tags = _best(self.first.score(sheet.columns), self.first.weights, self.scheme, sheet)
        else:
            seen = len(sheet.columns)
            both = self._both.score(sheet.columns)
            tags = _best(both[:, :size], self.first.weights, self.scheme, sheet)
            told(sheet, tags, self.scheme, self.lexicon.labels)
            score = both[:, size:] + self.second.score(sheet.columns[seen:])
            tags = _best(score, self.second.weights, self.scheme, sheet)
        flat = tags.tolist()
        return [flat[s : s + n] for s, n in zip(sheet.starts, sheet.lengths, strict=True)]


def _best(score: Floats, weights: Weights, scheme: Scheme, sheet: Sheet) -> NDArray[np.intp]:
    """The best tags in the order of tokens, some sentences of like length at once."""
    tags = np.empty(sheet.size, np.intp)
    order = sorted(range(len(sheet.lengths)), key=lambda i: sheet.lengths[i])
    for at in range(0, len(order), _BATCH):
        part = order[at : at + _BATCH]
        layout = Layout.of([sheet.lengths[i] for i in part], [sheet.starts[i] for i in part])
        tags[layout.rows] = best(score[layout.rows], weights.turns, scheme, layout)
    return tags


@cache
def shipped() -> Tagger:
    """The model that comes with the product; it knows Chinese addresses in general, and no city by heart."""
    return Tagger.read(Path(__file__).with_name("addresses.npz"))


__all__ = ["AddressPart", "PartKind", "Tagger", "shipped"]
