"""What early warning works on: daily readings of many entities, stream by stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Whole = NDArray[np.int64]


class StreamKind(StrEnum):
    """What the values of a stream are, which decides how they are weighed."""

    AMOUNT = "amount"  # 用量: a meter, any real number
    EVENTS = "events"  # 次数: how many a day
    ONLINE = "online"  # 在线: seen that day or not


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of reading.

    Attributes:
        key: Its name in data.
        chinese, english: Its name for people.
        kind: What its values are.
        likely: Chance that what is looked for shows in it at all, before anything is seen.
    """

    key: str
    chinese: str
    english: str
    kind: StreamKind
    likely: float = 0.7


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of N entities over D days.

    Attributes:
        entities: N names.
        states: N registered states; entities of one state are each other's peers.
        values: By stream key, shape (N, D); NaN where no reading arrived.
    """

    entities: tuple[str, ...]
    states: tuple[str, ...]
    values: Mapping[str, Floats]

    def __post_init__(self) -> None:
        shapes = {array.shape for array in self.values.values()}
        if len(self.states) != len(self.entities) or len(shapes) != 1:
            raise ValueError("one state an entity, one shape for all streams")
        if next(iter(shapes))[0] != len(self.entities):
            raise ValueError("one row an entity")

    @property
    def days(self) -> int:
        """How many days the readings span."""
        return int(next(iter(self.values.values())).shape[1])
