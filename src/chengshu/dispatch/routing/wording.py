"""What the words alone say: which line of business at which tier has the power over it.

A linear model over hashed words and runs of characters, fitted on what units closed. It says as well
how much of a text it has ever met: a text in unknown words is left to a person, however sure the sum
of its few known words looks.

Sources: K. Weinberger and others (2009), Feature hashing for large scale multitask learning, ICML;
corrections as residual weights, J. Duchi, E. Hazan, Y. Singer (2011), Adaptive subgradient methods,
JMLR 12, 2121-2159.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from chengshu.incidents.features import cut, grams, spelled
from chengshu.kit.errors import Invalid

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]

BUCKETS: Final = 1 << 16
_MET: Final = 1 << 22  # bits in which the runs and words that were met are marked
_STEP: Final = 0.5  # of a correction
_WORDS: Final = 6  # that are named as reasons
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Power:
    """Who has the power, apart from where: a line of business (or 镇街) and a tier."""

    line: str
    tier: str

    @classmethod
    def read(cls, text: str) -> Self:
        """The inverse of `str`."""
        line, _, tier = text.partition("|")
        return cls(line, tier)

    def __str__(self) -> str:
        return f"{self.line}|{self.tier}"


@dataclass(frozen=True, slots=True)
class Read:
    """One text as features.

    Attributes:
        rows: Buckets, ascending within words and within runs.
        values: How much each counts.
        known: Share of its words and longest runs that were met when learning, 0..1.
    """

    rows: Rows
    values: Floats
    known: float


@dataclass(slots=True, eq=False)
class Wording:
    """A fitted model.

    Attributes:
        powers: The classes.
        weight: Shape (BUCKETS, powers), int8; times `scale` it is in logits.
        scale: Shape (powers,).
        met: Bits, one for each hash of a feature that was met.
        residual: What corrections added, by bucket, in logits.
        steps: Sums of squared gradients of the corrections, by bucket.
    """

    powers: tuple[Power, ...]
    weight: NDArray[np.int8]
    scale: Floats
    bias: Floats
    met: NDArray[np.uint8]
    residual: dict[int, Floats] = field(default_factory=dict)
    steps: dict[int, Floats] = field(default_factory=dict)

    def read(self, text: str) -> Read:
        """A text as the model sees it."""
        return read(text, self.met)

    def logits(self, seen: Read) -> NDArray[np.float64]:
        """Shape (powers,)."""
        found = seen.values @ self.weight[seen.rows].astype(np.float32) * self.scale + self.bias
        for row, value in zip(seen.rows.tolist(), seen.values.tolist(), strict=True):
            more = self.residual.get(row)
            if more is not None:
                found = found + value * more
        return np.asarray(found, np.float64)

    def shares(self, seen: Read) -> NDArray[np.float64]:
        """Probability of each class by the words alone, shape (powers,)."""
        z = self.logits(seen)
        share = np.exp(z - z.max())
        return np.asarray(share / share.sum())

    def because(self, text: str, power: Power) -> list[str]:
        """The words that speak most for a class, strongest first; none lies within another."""
        if power not in self.powers:
            return []
        at = self.powers.index(power)
        words = cut(text)
        hashes, spells = grams(words).hashes, spelled(words)
        weight = self.weight[(hashes % np.uint64(BUCKETS)).astype(np.int64)].astype(np.float32)
        weight = weight * self.scale
        gain = weight[:, at] - weight.mean(1)
        named: list[str] = []
        for place in np.argsort(-gain, kind="stable").tolist():
            word = spells[place].strip()
            if gain[place] <= 0 or len(named) == _WORDS:
                break
            if len(word) > 1 and not any(word in n or n in word for n in named):
                named.append(word)
        return named

    def correct(self, seen: Read, power: Power) -> None:
        """Take in at once that a text belongs to a class; costs only the features of the text.

        A class that is not known is learnt when the model is fitted anew.
        """
        if power not in self.powers:
            return
        wrong = self.shares(seen).astype(np.float32)
        wrong[self.powers.index(power)] -= 1
        for row, value in zip(seen.rows.tolist(), seen.values.tolist(), strict=True):
            gradient = value * wrong
            steps = self.steps.get(row, np.zeros_like(wrong)) + gradient**2
            self.steps[row] = steps
            moved = self.residual.get(row, np.zeros_like(wrong)) - _STEP * gradient / np.sqrt(
                0.01 + steps
            )
            self.residual[row] = moved.astype(np.float32)

    def save(self, path: Path) -> None:
        """Write one `.npz` without pickled objects; corrections are kept elsewhere."""
        about = json.dumps({"format": _FORMAT, "powers": [str(p) for p in self.powers]})
        np.savez_compressed(
            path, about=np.frombuffer(about.encode(), np.uint8), weight=self.weight,
            scale=self.scale, bias=self.bias, met=self.met,
        )  # fmt: skip

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote.

        Raises:
            Invalid: The file is no such model.
        """
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                about = json.loads(kept["about"].tobytes())
                if about["format"] != _FORMAT:
                    raise ValueError(f"format {about['format']}")
                powers = tuple(Power.read(p) for p in about["powers"])
                return cls(powers, kept["weight"], kept["scale"], kept["bias"], kept["met"])
        except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as why:
            raise Invalid(
                path.name, f"无法读取模型：{why}", f"the model cannot be read: {why}"
            ) from why


def read(text: str, met: NDArray[np.uint8]) -> Read:
    """A text as features; words and runs of characters have length one each, as vectors."""
    found = grams(cut(text))
    rows, values = [], []
    for part in (slice(0, found.words), slice(found.words, None)):
        at = np.unique(found.hashes[part] % np.uint64(BUCKETS)).astype(np.int64)
        rows.append(at)
        values.append(np.full(len(at), 1 / np.sqrt(max(len(at), 1)), np.float32))
    telling = _telling(found.hashes, found.words, len(found.line))
    known = float(_marked(met, telling).mean()) if len(telling) and len(met) else 0.0
    return Read(np.concatenate(rows), np.concatenate(values), known)


def marks(texts: Sequence[str]) -> NDArray[np.uint8]:
    """The bits of `Wording.met` for the texts that were learnt from."""
    met = np.zeros(_MET // 8, np.uint8)
    for text in texts:
        found = grams(cut(text))
        bits = _telling(found.hashes, found.words, len(found.line)) % np.uint64(_MET)
        np.bitwise_or.at(
            met,
            (bits // np.uint64(8)).astype(np.int64),
            (np.uint64(1) << (bits % np.uint64(8))).astype(np.uint8),
        )
    return met


def _telling(hashes: NDArray[np.uint64], words: int, chars: int) -> NDArray[np.uint64]:
    """Hashes of words and pairs of words, and of runs of three: those that say what was met."""
    runs = max(chars - 2, 0)
    return np.concatenate([hashes[:words], hashes[len(hashes) - runs :]])


def _marked(met: NDArray[np.uint8], hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    bits = hashes % np.uint64(_MET)
    return np.asarray(
        (met[(bits // np.uint64(8)).astype(np.int64)] >> (bits % np.uint64(8)).astype(np.uint8))
        & 1,
        bool,
    )
