"""From a report to at most three units with probabilities and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from chengshu.agencies.duties.current import Responsibilities
from chengshu.agencies.duties.model import Duty, DutyStage
from chengshu.agencies.matters import OTHER, Matter
from chengshu.agencies.model import Kind, Tier, Unit
from chengshu.dispatch.model import Proposal
from chengshu.dispatch.propose import Directory
from chengshu.dispatch.routing import reasons
from chengshu.dispatch.routing.accused import not_to_the_accused
from chengshu.dispatch.routing.combine import DOUBTS, Mix, logit, sources
from chengshu.dispatch.routing.wording import Power, Wording
from chengshu.incidents.evidence import Clue
from chengshu.incidents.understand import Reader
from chengshu.places import Level, Located, ancestor_at, level_of

FOLDER: Final = Path(__file__).parent
TOWNSHIP: Final = "镇街"
_MOST: Final = 8  # powers that the words propose
_SHOWN: Final = 3
_SMOOTH: Final = 2.0  # decisions that history must outweigh
_TOLD: Final = 0.02  # share by the words below which they are no reason
# Of sentences that were learnt from, 99 in 100 are known to .92 and more; of those never met, 95 in
# 100 to .67 at most. Where the reading is this sure of those, words and list are right equally often
# (.31 and .31 of 1,480 on drill), so that the law decides: what goes wrong by it can be mended in it.
_FAMILIAR: Final = 0.8
_READ: Final = 0.31


@dataclass(frozen=True, slots=True)
class Similar:
    """An earlier case like this one, and who settled it.

    Attributes:
        likeness: Probability by merging that it is the same thing, 0..1.
    """

    number: str
    unit: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What routing knows of an incident.

    Attributes:
        nature: The report's, such as complaint.
        matter: As the incident is filed; the key of history.
        settled: How often each unit settled this matter in this county.
        similar: Closed cases like it, the likeliest first.
        day: On which the list must hold.
    """

    title: str
    text: str
    nature: str
    matter: str
    located: Located
    day: date
    settled: Mapping[str, float] = field(default_factory=dict)
    similar: tuple[Similar, ...] = ()


@dataclass(frozen=True, slots=True)
class Weighed:
    """All choices with what was seen of each: what fitting learns from.

    Attributes:
        seen: Power, as text → source → value.
        rows: Power → the row of the list that names it.
        known: Share of the words that were met when learning, 0..1.
        read: How sure the reading of the matter is, 0..1.
    """

    seen: dict[str, dict[str, float]]
    rows: dict[str, Duty]
    words: dict[str, float]
    listed: dict[str, float]
    history: dict[str, float]
    votes: dict[str, float]
    known: float
    read: float


@dataclass(slots=True)
class Router:
    """One city's routing.

    Attributes:
        mix: The calibration in use. `shipped`: the one of this program.
        learnt: Number of the last lesson that `wording` has taken in.
    """

    wording: Wording
    mix: Mix
    reader: Reader
    matters: Mapping[str, Matter]
    duties: Responsibilities
    directory: Directory
    shipped: Mix
    learnt: int = 0

    def weigh(self, asked: Asked) -> Weighed:
        """What each source says of each power."""
        said = f"{asked.title}。{asked.text}"
        read = self.wording.read(said)
        share = self.wording.shares(read)
        order = sorted(range(len(share)), key=lambda i: -share[i])[:_MOST]
        words = {str(self.wording.powers[i]): float(share[i]) for i in order}
        listed, rows, sure = self._listed(asked)
        history = self._by_power(asked.settled)
        total = sum(history.values())
        history = {p: n / (total + _SMOOTH) for p, n in history.items()}
        votes: dict[str, float] = {}
        for one in asked.similar:
            power = self.power_of(one.unit)
            if power is not None:
                votes[str(power)] = max(votes.get(str(power), 0.0), one.likeness)
        seen = {
            p: sources(
                words.get(p, 0.0), listed.get(p, 0.0), history.get(p, 0.0), votes.get(p, 0.0), read.known
            )
            for p in dict.fromkeys([*words, *listed, *history, *votes])
        }  # fmt: skip
        return Weighed(seen, rows, words, listed, history, votes, read.known, sure)

    def ranked(self, weighed: Weighed, asked: Asked) -> list[tuple[Unit, str, float]]:
        """Units with the power that led to each and their share, best first."""
        shares = self._by_law(self.mix.shares(weighed.seen), weighed, asked)
        found: dict[str, tuple[Unit, str, float]] = {}
        for power, share in sorted(shares.items(), key=lambda s: -s[1]):
            unit = self.unit_of(Power.read(power), asked.located.code)
            if unit is not None:
                kept = found.get(unit.unit)
                found[unit.unit] = (
                    (unit, power, share) if kept is None else (unit, kept[1], kept[2] + share)
                )
        return sorted(found.values(), key=lambda f: -f[2])

    def _by_law(
        self, shares: Mapping[str, float], weighed: Weighed, asked: Asked
    ) -> dict[str, float]:
        """The shares, with the list's choice first where the words are unfamiliar and the matter is clear."""
        found = dict(shares)
        if weighed.known >= _FAMILIAR or weighed.read < _READ or not weighed.listed:
            return found
        listed = max(weighed.listed, key=lambda p: weighed.listed[p])
        best = max(found, key=lambda p: found[p])
        if self.unit_of(Power.read(listed), asked.located.code) is not None:
            found[listed], found[best] = found[best], found[listed]
        return found

    def doubts(
        self, weighed: Weighed, ranked: list[tuple[Unit, str, float]], asked: Asked
    ) -> dict[str, float]:
        """What can make the best unit wrong."""
        _, power, share = ranked[0]
        tier = Power.read(power).tier
        level = level_of(asked.located.code)
        in_county = ancestor_at(asked.located.code, Level.COUNTY)
        vote = weighed.votes.get(power, 0.0)
        against = max((v for p, v in weighed.votes.items() if p != power), default=0.0)
        values = {
            "one": 1.0,
            "margin": logit(share),
            "known": weighed.known,
            "margin_known": logit(share) * weighed.known,
            "list_agrees": weighed.listed.get(power, 0.0),
            "history_agrees": weighed.history.get(power, 0.0),
            "votes_agree": vote,
            "votes_against": against,
            "county_unknown": float(tier != "city" and in_county is None),
            "county_only": float(tier == "county" and level is Level.COUNTY),
            "township_only": float(tier == "township" and level is Level.COUNTY),
            "place": 0.0 if tier == "city" else logit(min(asked.located.confidence, 0.97)),
        }
        assert values.keys() == set(DOUBTS)
        return values

    def propose(self, asked: Asked) -> list[Proposal]:
        """At most three units with the probability that each is right, best first."""
        weighed = self.weigh(asked)
        ranked = self.ranked(weighed, asked)
        if not ranked:
            return []
        sure = self.mix.sure(self.doubts(weighed, ranked, asked))
        rest = sum(share for _, _, share in ranked[1:])
        found: list[Proposal] = []
        for place, (unit, power, share) in enumerate(ranked[:_SHOWN]):
            chance = sure if place == 0 else (1 - sure) * share / rest if rest else 0.0
            clues = self._reasons(asked, weighed, unit, power)
            found.append(Proposal(unit.unit, chance, clues))
        text = f"{asked.title}。{asked.text}"
        return not_to_the_accused(found, asked.nature, text, self.directory.units)

    def unit_of(self, power: Power, area: int) -> Unit | None:
        """The unit that has a power at a place; for 镇街 and the township tier the centre of the place."""
        if power.tier == "township" or power.line == TOWNSHIP:
            levels = {"township": (Level.TOWNSHIP, Level.COUNTY), "county": (Level.COUNTY,)}
            for level in (*levels.get(power.tier, ()), Level.CITY):
                if centre := self.directory.centre(area, level):
                    return centre
            return None
        return self.directory.bureau(power.line, area, Tier(power.tier))

    def power_of(self, unit: str) -> Power | None:
        """What a unit stands for, apart from where; None for one that is no longer there."""
        known = self.directory.units.get(unit)
        if known is None:
            return None
        return Power(TOWNSHIP if known.kind is Kind.CENTRE else known.line, str(known.tier))

    def _by_power(self, settled: Mapping[str, float]) -> dict[str, float]:
        found: dict[str, float] = {}
        for unit, number in settled.items():
            power = self.power_of(unit)
            if power is not None:
                found[str(power)] = found.get(str(power), 0.0) + number
        return found

    def _listed(self, asked: Asked) -> tuple[dict[str, float], dict[str, Duty], float]:
        """Shares of the powers that the list gives to the matters which the words may mean, its rows,
        and how sure the best of those matters is."""
        u = self.reader.read(asked.title, asked.text)
        readings = [(u.matter, u.confidence), *u.runners_up]
        total = sum(share for _, share in readings)
        listed: dict[str, float] = {}
        rows: dict[str, Duty] = {}
        for matter, share in readings:
            row = self.duties.of(matter, asked.located.code, DutyStage.HANDLE, asked.day)
            if row is None or matter == OTHER or not total:
                continue
            power = str(Power(row.lead, "township" if row.lead == TOWNSHIP else str(row.tier)))
            listed[power] = listed.get(power, 0.0) + share / total
            rows.setdefault(power, row)
        return listed, rows, u.confidence

    def _reasons(self, asked: Asked, weighed: Weighed, unit: Unit, power: str) -> tuple[Clue, ...]:
        """Why this unit, strongest sources first, in both languages."""
        share, row = weighed.words.get(power, 0.0), weighed.rows.get(power)
        text = f"{asked.title}。{asked.text}"
        words = self.wording.because(text, Power.read(power)) if share >= _TOLD else []
        alike = [s for s in asked.similar if str(self.power_of(s.unit)) == power]
        found = [
            reasons.of_words(unit, words, share) if words else None,
            None if row is None else reasons.of_list(unit, row, self.matters[row.matter], weighed.listed[power]),
            reasons.of_tier(unit),
            reasons.of_history(weighed.history.get(power, 0.0)),
            reasons.of_similar([s.number for s in alike], alike[0].likeness) if alike else None,
            reasons.of_place(unit, asked.located.confidence),
        ]  # fmt: skip
        return tuple(clue for clue in found if clue is not None)


def shipped_models() -> tuple[Wording, Mix]:
    """The models beside this file."""
    return Wording.load(FOLDER / "wording.npz"), Mix.load(FOLDER / "mix.json")
