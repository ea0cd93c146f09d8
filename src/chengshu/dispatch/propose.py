"""Which unit: from the responsibility list, the place and how sure both are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log2

from chengshu.agencies.matters import OTHER, Matter
from chengshu.agencies.model import Kind, Tier, Unit
from chengshu.dispatch.model import Proposal
from chengshu.incidents.evidence import Clue
from chengshu.incidents.understand import Understanding
from chengshu.places import Level, Located, ancestor_at, level_of

_LEAST = 0.01  # a reading less likely than this is none


class Directory:
    """Units by line and area, and centres by area."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units: dict[str, Unit] = {}
        self._lines: dict[tuple[str, int], Unit] = {}
        self._centres: dict[int, Unit] = {}
        self.city: Unit | None = None
        for unit in units:
            self.units[unit.unit] = unit
            if unit.kind is Kind.CENTRE:
                self._centres[unit.area] = unit
                if unit.tier is Tier.CITY:
                    self.city = unit
            else:
                self._lines.setdefault((unit.line, unit.area), unit)

    def centre(self, area: int, level: Level) -> Unit | None:
        """The centre of the area of this level that `area` lies in."""
        code = ancestor_at(area, level)
        return None if code is None else self._centres.get(code)

    def bureau(self, line: str, area: int, tier: Tier) -> Unit | None:
        """The bureau of a line at a tier; the city's own when the county has none or is unknown."""
        county = ancestor_at(area, Level.COUNTY) if tier is not Tier.CITY else None
        if county is not None and (found := self._lines.get((line, county))):
            return found
        return self._lines.get((line, self.city.area)) if self.city else None


@dataclass(frozen=True, slots=True)
class Question:
    """What routing is asked: the message's class, and where it is."""

    understanding: Understanding
    located: Located


def propose(
    question: Question, matters: Mapping[str, Matter], directory: Directory
) -> list[Proposal]:
    """At most three units with the probability that each is right, best first.

    The probability is the product of how sure the class and the place are, as far as the
    unit depends on them; what remains goes to the centre of the place, whose dispatchers decide.
    """
    u, where = question.understanding, question.located
    found: dict[str, Proposal] = {}
    left = 1.0  # all readings together are no surer than certain
    for matter_id, share in ((u.matter, u.confidence), *u.runners_up):
        matter = matters[matter_id]
        sure = min(share, left)  # measured, so taken as it is
        left -= sure
        unit = _unit_for(matter, where.code, directory)
        if unit is None or matter_id == OTHER or sure < _LEAST:
            continue
        sure_place = (
            1.0
            if unit.tier is Tier.CITY and matter.tier is Tier.CITY
            else _place_share(unit, where)
        )
        probability = sure * sure_place
        clues = (
            Clue("matter", _bits(sure), f"内容像「{matter.name}」，把握 {share:.0%}",
                 f"reads like «{matter.name_en}», {share:.0%} sure"),
            Clue("duty", 2.0, f"职责清单：{matter.name}由{matter.lead or '属地镇街'}牵头，时限 {matter.limit.text()}",
                 f"responsibility list: led by {unit.name_en}"),
            Clue("area", _bits(sure_place), f"地点归属 {unit.name}，把握 {sure_place:.0%}",
                 f"the place lies there, {sure_place:.0%} sure"),
        )  # fmt: skip
        earlier = found.get(unit.unit)
        if earlier is None:
            found[unit.unit] = Proposal(unit.unit, probability, clues)
        else:  # another reading that leads to the same unit: it may be either
            found[unit.unit] = Proposal(unit.unit, earlier.probability + probability, earlier.clues)
    for unit in _fallbacks(where.code, directory):
        if unit.unit not in found:
            left = max(0.02, (1 - sum(p.probability for p in found.values())) * 0.5)
            clue = Clue(
                "fallback",
                _bits(left),
                f"属地兜底：由{unit.name}研判",
                f"the centre of the place decides: {unit.name_en}",
            )
            found[unit.unit] = Proposal(unit.unit, left, (clue,))
    return sorted(found.values(), key=lambda p: -p.probability)[:3]


def _unit_for(matter: Matter, area: int, directory: Directory) -> Unit | None:
    if matter.lead and matter.lead != "镇街":
        return directory.bureau(matter.lead, area, matter.tier)
    return directory.centre(area, Level.TOWNSHIP) or directory.centre(area, Level.COUNTY)


def _fallbacks(area: int, directory: Directory) -> list[Unit]:
    centres = (
        directory.centre(area, level) for level in (Level.COUNTY, Level.TOWNSHIP, Level.CITY)
    )
    return [centre for centre in centres if centre is not None]


def _place_share(unit: Unit, where: Located) -> float:
    """How sure it is that the unit's area is the right one; a city bureau stood in for an unknown county."""
    if unit.tier is Tier.CITY:
        return 0.3 if level_of(where.code) is Level.CITY else 0.6
    return where.confidence


def _bits(probability: float) -> float:
    p = min(max(probability, 0.01), 0.99)
    return log2(p / (1 - p))
