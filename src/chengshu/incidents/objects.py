"""What a message is about: the things it names, with the class of component where they have one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chengshu.incidents.words import plain
from chengshu.places.components.classes import ComponentClass
from chengshu.places.gazetteer import pattern_of

_MOST: Final = 20_000  # characters that are read
# 路灯下, 井盖旁: where it is, not what it is about
_BESIDE: Final = re.compile(r"(?:旁|下面|下|边|附近|那里|对面|门口|背后|后面)")


@dataclass(frozen=True, slots=True)
class Object:
    """A thing that is named: text[start:end].

    Attributes:
        code: Class of component (部件), empty for a thing that is none.
        name: What things of the class are called, else the word itself.
        aside: It only says where something is (路灯旁).
    """

    start: int
    end: int
    text: str
    code: str
    name: str
    name_en: str
    aside: bool = False


class Things:
    """The words for things of one city."""

    def __init__(self, classes: Iterable[ComponentClass] = (), others: Mapping[str, str] | None = None) -> None:  # fmt: skip
        """Take the classes of components with their words, and other things with their English names."""
        self._known: dict[str, tuple[str, str, str]] = {
            plain(word): ("", word, english) for word, english in (others or {}).items()
        }
        for one in classes:
            for word in (one.name, *one.words):
                self._known[plain(word)] = (one.code, one.name, one.name_en)
        self._pattern = pattern_of(self._known)

    def find(self, text: str) -> tuple[Object, ...]:
        """The things that a text names, in order, the longest word first, without overlaps."""
        said = plain(text[:_MOST])
        return tuple(
            Object(m.start(), m.end(), text[m.start() : m.end()], *self._known[m[0]], bool(_BESIDE.match(said, m.end())))
            for m in self._pattern.finditer(said)
        )  # fmt: skip


def main_object(objects: Iterable[Object], keywords: Mapping[str, float]) -> Object | None:
    """The thing that a message is about: of those that do not only say where, the one most like the matter.

    Args:
        keywords: Words of the matter, with their weights.
    """
    here = [o for o in objects if not o.aside]
    if not here:
        return None
    return max(
        here,
        key=lambda o: (
            max((v for k, v in keywords.items() if o.text in k or k in o.text), default=0.0),
            -o.start,
        ),
    )
