"""From a message to numbers: its windows, the cues in each and the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chengshu.incidents.danger.context import AGAINST, OTHER, SIGNS
from chengshu.incidents.danger.cues import CUES, Cue
from chengshu.incidents.danger.gates import gates

_END: Final = re.compile(r"[。！？!?；;\n…]+")
_PAUSE: Final = re.compile(r"[，,、：: ]")
_LONG = 56  # characters of a sentence before it is cut at a pause
_AROUND = (14, 10)  # characters before and after a cue that belong to it
MOST_WINDOWS: Final = 60  # a longer letter is read so far
_GATED: Final = tuple((cue, gates(cue.pattern)) for cue in CUES)
# Character to the cues of whose first gate it is one, and the cues that have no gate.
_FIRST: Final[dict[str, tuple[int, ...]]] = {}
for _number, (_, _needs) in enumerate(_GATED):
    for _char in _needs[0] if _needs else ():
        _FIRST[_char] = (*_FIRST.get(_char, ()), _number)
_ALWAYS: Final = frozenset(n for n, (_, needs) in enumerate(_GATED) if not needs)


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue found: where in the message, and of which kind and strength."""

    start: int
    end: int
    cue: Cue


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a message that is judged by itself."""

    start: int
    end: int
    hits: tuple[Hit, ...]
    features: dict[str, float]


def windows(text: str) -> Iterator[tuple[int, int]]:
    """Sentences, the long ones cut at pauses, as spans."""
    begin = 0
    for end in (*(m.end() for m in _END.finditer(text)), len(text)):
        while end - begin > _LONG:
            cut = 0
            for pause in _PAUSE.finditer(text, begin + _LONG // 2, begin + _LONG):
                cut = pause.end()
            cut = cut or begin + _LONG
            yield begin, cut
            begin = cut
        if end > begin:
            yield begin, end
        begin = end


def read(text: str, start: int, end: int) -> Window:
    """One window of a mended text."""
    seen = OTHER.sub(lambda other: "\0" * len(other.group()), text[start:end])
    holds = frozenset(seen)
    tried = sorted(_ALWAYS.union(*(_FIRST[char] for char in holds if char in _FIRST)))
    hits = tuple(
        Hit(start + found.start(), start + found.end(), cue)
        for cue, needs in (_GATED[number] for number in tried)
        if not any(holds.isdisjoint(need) for need in needs[1:])
        for found in cue.pattern.finditer(seen)
        if found.end() > found.start()
    )
    return Window(start, end, hits, _numbers(text, start, end, hits))


def _numbers(text: str, start: int, end: int, hits: tuple[Hit, ...]) -> dict[str, float]:
    part = text[start:end]
    strongest = max((hit.cue.strength for hit in hits), default=0)
    patterns = {(hit.cue.kind, hit.cue.pattern.pattern): hit.cue.strength for hit in hits}
    strong = sum(strength == 3 for strength in patterns.values())
    weak = len(patterns) - strong
    found: dict[str, float] = {
        "cue:sure": float(strongest == 3),
        "cue:second_sure": float(strong > 1),
        "cue:third_sure": float(strong > 2),
        "cue:half": float(weak > 0),
        "cue:second_half": float(weak > 1),
        "cue:kinds": float(min(len({kind for kind, _ in patterns}), 3)),
        "cue:share": min(sum(hit.end - hit.start for hit in hits) / max(len(part), 12), 1.0),
    }
    for kind in {hit.cue.kind for hit in hits}:
        found[f"kind:{kind}"] = 1.0
    before, after = _AROUND
    near = "".join(
        text[max(hit.start - before, start) : min(hit.end + after, end)] + "|" for hit in hits
    )
    for name, pattern in SIGNS.items():
        if pattern.search(part):
            found[f"in:{name}"] = 1.0
            if pattern.search(near):
                found[f"at:{name}"] = 1.0
    against = sum(f"in:{name}" in found for name in AGAINST)
    found["cue:clean"] = float(strongest == 3 and not against)
    found["cue:half_clean"] = float(strongest == 2 and not against)
    for hit in hits:
        found[f"c:{hit.cue.kind}{hit.cue.number}"] = 1.0
    return found
