"""What is missing in a message: rules of a city (`questions.toml`), asked while the caller is on the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chengshu.incidents.understand import Understanding
from chengshu.kit.errors import CannotStart
from chengshu.places import Level

FILE: Final = "questions.toml"
MOST: Final = 3
_LEAST_TEXT: Final = 6  # characters: before that nothing is missing yet, the clerk has only begun
_SURE_MATTER: Final = 0.3
_SURE_TIME: Final = 0.45
_ANSWERS: Final = frozenset({"county", "township", "spot", "time", "people", "matter"})
_KEYS: Final = frozenset(
    "what ask ask_en domains matters unless danger answered words weight field lead".split()
)


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask.

    Attributes:
        what: Its name.
        domains: Domains it is for; empty with `matters` empty too: all.
        matters: Matters it is for.
        unless: Domains it is not for.
        danger: Asked only where danger rings.
        answered: What in the text answers it: county, township, spot, time, people or matter.
        words: A pattern of words that answer it; None where there are none.
        weight: The heaviest is asked first.
        field: Where the answer is written: place or text.
        lead: The words that begin the answer in the text.
    """

    what: str
    ask: str
    ask_en: str
    weight: float
    domains: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    danger: bool = False
    answered: frozenset[str] = frozenset()
    words: re.Pattern[str] | None = None
    field: str = "text"
    lead: str = ""


def read_questions(
    folder: Path, matters: Collection[str], domains: Collection[str]
) -> tuple[Question, ...]:
    """Read a city's questions, the heaviest first; none where it has no such file.

    Raises:
        CannotStart: An entry is incomplete, or names a matter, a domain or a key that does not exist.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("question", [])
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise CannotStart(f"{FILE} 读不懂：{wrong}", f"cannot read {FILE}: {wrong}") from wrong
    found: dict[str, Question] = {}
    for number, entry in enumerate(entries, 1):
        try:
            one = _question(entry, matters, domains)
            if one.what in found:
                raise ValueError(f"{one.what} stands twice")
        except (KeyError, TypeError, ValueError, AttributeError, re.error) as wrong:
            raise CannotStart(
                f"{FILE} 第 {number} 项有误：{wrong}", f"{FILE}, entry {number}: {wrong}"
            ) from wrong
        found[one.what] = one
    return tuple(sorted(found.values(), key=lambda q: -q.weight))


def missing(
    questions: Sequence[Question],
    understood: Understanding,
    text: str,
    *,
    level: Level,
    named: bool,
) -> list[Question]:
    """What to ask of a message, at most three, the heaviest first.

    Args:
        level: How deep the area is known.
        named: A road, an estate or another place beneath the areas is named.
    """
    if len(text.strip()) < _LEAST_TEXT:
        return []
    known = _known(understood, level, named)
    chosen = [
        q
        for q in questions
        if _is_for(q, understood)
        and not q.answered & known
        and not (q.words and q.words.search(text))
    ]
    names = {q.what for q in chosen}
    if "county" in names:  # one question for both
        chosen = [q for q in chosen if q.what != "township"]
    return chosen[:MOST]


def _known(understood: Understanding, level: Level, named: bool) -> set[str]:
    known = set()
    if level is not Level.CITY:
        known.add("county")
    if level not in (Level.CITY, Level.COUNTY):
        known.add("township")
    if named:
        known.add("spot")
    if any(m.confidence >= _SURE_TIME for m in understood.moments):
        known.add("time")
    if understood.people:
        known.add("people")
    if understood.confidence >= _SURE_MATTER or understood.ringing.danger:
        known.add("matter")
    return known


def _is_for(question: Question, understood: Understanding) -> bool:
    if question.danger and not understood.danger:
        return False
    if understood.domain in question.unless:
        return False
    if not question.domains and not question.matters:
        return True
    return understood.domain in question.domains or understood.matter in question.matters


def _question(
    entry: Mapping[str, Any], matters: Collection[str], domains: Collection[str]
) -> Question:
    if unknown := set(entry) - _KEYS:
        raise ValueError(f"unknown key {min(unknown)}")
    for name, known in (
        ("matters", matters),
        ("domains", domains),
        ("unless", domains),
        ("answered", _ANSWERS),
    ):
        if strange := set(entry.get(name, ())) - set(known):
            raise ValueError(f"{name}: there is no {min(strange)}")
    field = entry.get("field", "text")
    if field not in ("place", "text"):
        raise ValueError(f"field is place or text, not {field}")
    words = entry.get("words", [])
    return Question(
        what=str(entry["what"]), ask=str(entry["ask"]), ask_en=str(entry["ask_en"]), weight=float(entry["weight"]),
        domains=frozenset(entry.get("domains", ())), matters=frozenset(entry.get("matters", ())),
        unless=frozenset(entry.get("unless", ())), danger=bool(entry.get("danger", False)),
        answered=frozenset(entry.get("answered", ())), words=re.compile("|".join(words)) if words else None,
        field=field, lead=str(entry.get("lead", "")),
    )  # fmt: skip
