"""What of a text was understood, as spans with a kind, laid so that none covers another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# Danger is always shown; then what a place or a time is made of; the words of the matter last.
KINDS: Final = ("danger", "time", "people", "place", "urgency", "object", "matter")
_RANK: Final = {kind: rank for rank, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the text that was understood: text[start:end].

    Attributes:
        kind: One of KINDS.
        said: What it was understood as, in Chinese; empty where the words say it all.
        said_en: The same in English.
        confidence: 0..1 that this reading is right.
    """

    start: int
    end: int
    kind: str
    text: str
    said: str = ""
    said_en: str = ""
    confidence: float = 1.0


def laid(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Marks in the order of the text without overlaps: danger beats all, then KINDS, then the longer.

    Examples:
        >>> [m.kind for m in laid([Mark(0, 4, "matter", "煤气泄漏"), Mark(0, 2, "danger", "煤气")])]
        ['danger']
    """
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (_RANK.get(m.kind, 99), m.start - m.end, m.start)):
        if mark.start < mark.end and all(mark.end <= k.start or mark.start >= k.end for k in kept):
            kept.append(mark)
    return tuple(sorted(kept, key=lambda m: m.start))
