"""Understanding a report: its matter, danger, urgency, and the words that say so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from chengshu.agencies.matters import OTHER, Matter
from chengshu.incidents.danger import QUIET, Finding, find
from chengshu.incidents.marks import Mark
from chengshu.incidents.moments import Moment, moments
from chengshu.incidents.objects import Object, Things, main_object
from chengshu.incidents.people import People, people
from chengshu.incidents.words import plain

__all__ = ["Mark", "Reader", "Understanding", "calibrated"]

# Share of the score to the chance that the matter leads to the right line, on drill seeds 101-104
# (8,402 reports): words alone seldom tell which of several lines a thing belongs to.
_RIGHT = ((0.0, 0.0), (0.15, 0.14), (0.25, 0.19), (0.4, 0.26), (0.5, 0.31), (0.65, 0.33), (0.8, 0.38), (1.0, 0.4))  # fmt: skip
_SEVERE = re.compile(
    r"紧急|马上|立刻|立即|危险|受伤|伤人|砸到|摔伤|孕妇|婴儿|高烧|断水|停水|停电|大面积|随时"
)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a report is about.

    Attributes:
        matter: Id of the most likely matter.
        confidence: 0..1 that it is right, as measured, not the share of the score.
        runners_up: The next matters, on the same scale.
        danger: Life is in danger: the words say so, or the matter is dangerous by itself.
        marks: The spans that say so, of every kind but place, which a Locator knows.
        ringing: What the words say of danger, with the line to which transfer is proposed.
        moments: When, resolved against the time of the report; empty where none was given.
        people: Numbers of people.
        objects: Things that are named.
        object: The one that it is about.
    """

    matter: str
    domain: str
    confidence: float
    runners_up: tuple[tuple[str, float], ...]
    urgency: int
    danger: bool
    marks: tuple[Mark, ...]
    ringing: Finding = QUIET
    moments: tuple[Moment, ...] = ()
    people: tuple[People, ...] = ()
    objects: tuple[Object, ...] = ()
    object: Object | None = None


class Reader:
    """Reads texts against one city's list of matters and its words for things."""

    def __init__(self, matters: Mapping[str, Matter], things: Things | None = None) -> None:
        self._matters = matters
        self._things = things or Things()
        self._by_word: dict[str, list[tuple[str, float]]] = {}
        for matter in matters.values():
            for word, weight in matter.keywords.items():
                self._by_word.setdefault(plain(word), []).append((matter.id, weight))
        self._pattern = _any_of(self._by_word)

    def read(self, title: str, text: str, said_at: datetime | None = None) -> Understanding:
        """Class, urgency, danger, time, people and things of one report.

        Words of the title count half as much again for the class.

        Args:
            said_at: When it was said, aware: what «昨晚» is resolved against. Without it times,
                people and things are not looked for.
        """
        scores: dict[str, float] = {}
        marks: list[Mark] = []
        self._add(title, 1.5, scores, None)
        self._add(text, 1.0, scores, marks)
        ringing = find(text)
        danger = tuple(Mark(s.start, s.end, "danger", s.text) for s in ringing.spans)
        if not ringing.danger:
            # marks lie in the text; the words of a title stand in `ringing` alone
            ringing = find(title, within=len(title) + len(text))
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        total = sum(score for _, score in ranked[:5])
        best, score = ranked[0] if ranked else (OTHER, 0.0)
        matter = self._matters[best]
        share = score / (total + 1.5) if total else 0.0
        confidence = calibrated(share)
        scale = confidence / share if share else 0.0
        pressing = [Mark(m.start(), m.end(), "urgency", m[0]) for m in _SEVERE.finditer(text)]
        urgency = max(matter.urgency, 3 if ringing.danger else 0, 2 if pressing else 0)
        when = moments(text, said_at) if said_at else ()
        counted = people(text) if said_at else ()
        things = self._things.find(text) if said_at else ()
        more = [Mark(m.start, m.end, "time", m.text, *m.said(), m.confidence) for m in when]
        more += [Mark(p.start, p.end, "people", p.text, *p.said(), p.confidence) for p in counted]
        more += [
            Mark(o.start, o.end, "object", o.text, o.name, o.name_en, 0.9)
            for o in things
            if not o.aside
        ]
        return Understanding(
            matter=best,
            domain=matter.domain,
            confidence=confidence,
            runners_up=tuple((m, scale * s / (total + 1.5)) for m, s in ranked[1:4]),
            urgency=urgency,
            danger=ringing.danger or (matter.danger and share > 0.5),
            marks=(*danger, *more, *pressing, *(m for m in marks if self._speaks_for(m, best))),
            ringing=ringing,
            moments=when,
            people=counted,
            objects=things,
            object=main_object(things, matter.keywords),
        )

    def _speaks_for(self, mark: Mark, matter: str) -> bool:
        return any(matter == found for found, _ in self._by_word[plain(mark.text)])

    def _add(
        self, text: str, factor: float, scores: dict[str, float], marks: list[Mark] | None
    ) -> None:
        seen: set[str] = set()
        for found in self._pattern.finditer(plain(text)):
            word = found.group()
            if marks is not None:
                marks.append(
                    Mark(found.start(), found.end(), "matter", text[found.start() : found.end()])
                )
            if word in seen:
                continue
            seen.add(word)
            for matter, weight in self._by_word[word]:
                scores[matter] = scores.get(matter, 0.0) + weight * factor


def calibrated(share: float) -> float:
    """The chance of being right for a matter's share of the score, by interpolation.

    Examples:
        >>> calibrated(0.45)
        0.285
    """
    for (low, at_low), (high, at_high) in pairwise(_RIGHT):
        if share <= high:
            return round(at_low + (at_high - at_low) * (share - low) / (high - low), 4)
    return _RIGHT[-1][1]


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds the longest of the words, grouped by first character to be quick."""
    groups: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        groups.setdefault(word[0], []).append(re.escape(word[1:]))
    return re.compile(
        "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in groups.items())
        or r"$^"
    )
