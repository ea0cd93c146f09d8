"""A city's rules for scoring (scoring.toml): weights, limits, and what counts as gaming."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from chengshu.agencies.matters import Limit, Span
from chengshu.dispatch.scoring.model import Indicator
from chengshu.kit.errors import CannotStart


@dataclass(frozen=True, slots=True)
class Shrinking:
    """How strongly small counts lean on the tier.

    Attributes:
        usual: Strength where the tier has too few units to tell.
        least, most: Bounds of the estimated strength, in orders.
        units: So many units with orders are needed to estimate it.
    """

    usual: float = 20
    least: float = 5
    most: float = 200
    units: int = 4


@dataclass(frozen=True, slots=True)
class Hardness:
    """How difficulty is reckoned.

    Attributes:
        months: How far back orders are looked at.
        lean: As how many orders the mean of all matters counts.
        by_hours: Share of the handling time in it; the rest is the share done again.
        lowest, highest: Bounds of the factor.
    """

    months: int = 12
    lean: float = 30
    by_hours: float = 0.5
    lowest: float = 0.7
    highest: float = 1.4


@dataclass(frozen=True, slots=True)
class Gaming:
    """What raises a flag.

    Attributes:
        instant_minutes, instant_share: A reply sooner than both this and this share of the matter's
            expected hours, with nobody contacted and nothing shown.
        trivia_hours: Self-reported and handled within so long.
        returns: So many returns of one unit, of which at most `returns_right` proved right.
        split_orders, split_m, split_hours: So many orders of one unit and matter, each so near the next.
        alike_bits: Bits in which two pictures' difference hashes may differ.
        burst_orders, burst_kmh: So many replies of one person in a row, each faster than one can travel.
        away_m: Evidence farther from the place than this.
    """

    instant_minutes: float = 15
    instant_share: float = 0.05
    trivia_hours: float = 4
    returns: int = 5
    returns_right: float = 0.34
    split_orders: int = 3
    split_m: float = 150
    split_hours: float = 24
    alike_bits: int = 4
    burst_orders: int = 3
    burst_kmh: float = 120
    away_m: float = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply is worth.

    Attributes:
        characters: A complete one has so many,
        same: and is not word for word that of more than so many other orders.
        evidence: Without any, an order is on time only where somebody confirmed it before it was due.
    """

    characters: int = 20
    same: int = 2
    evidence: bool = True


_SHRINKING, _HARDNESS, _GAMING, _REPLY = Shrinking(), Hardness(), Gaming(), Reply()
_THREE_DAYS = Limit(3, Span.WORKING_DAYS)
_FIVE_DAYS = Limit(5, Span.WORKING_DAYS)
_TEN_DAYS = Limit(10, Span.WORKING_DAYS)


@dataclass(frozen=True, slots=True)
class ScoreRules:
    """The rules of a city.

    Attributes:
        weights: What each indicator weighs; they sum to 1.
        response: contact or sign: what counts as the first response.
        publish_on: The working day of the next month on which a month is published.
        appeal: How long units may appeal after that.
        answer: Within what an appeal is answered, and an exclusion decided.
        inspect: Within what a flagged order is looked at.
        measures: Within what each kind of measure is approved, and by when the unit reports what it did.
    """

    weights: Mapping[Indicator, float]
    response: str = "sign"
    publish_on: int = 3
    appeal: Limit = _FIVE_DAYS
    answer: Limit = _THREE_DAYS
    inspect: Limit = _THREE_DAYS
    approve: Limit = _THREE_DAYS
    report: Limit = _TEN_DAYS
    shrinking: Shrinking = _SHRINKING
    hardness: Hardness = _HARDNESS
    gaming: Gaming = _GAMING
    reply: Reply = _REPLY

    @property
    def trivia(self) -> timedelta:
        """Within what a self-reported order is trivial."""
        return timedelta(hours=self.gaming.trivia_hours)

    def record(self) -> dict[str, Any]:
        """The numbers, to be kept beside every version."""
        return {
            "weights": {str(k): v for k, v in self.weights.items()},
            "response": self.response,
            **{
                name: {f.name: getattr(part, f.name) for f in fields(part)}
                for name, part in (
                    ("shrinking", self.shrinking),
                    ("hardness", self.hardness),
                    ("gaming", self.gaming),
                    ("reply", self.reply),
                )
            },
        }


def read_scoring(path: Path) -> ScoreRules:
    """Read a city's rules.

    Raises:
        CannotStart: It cannot be read, a key is unknown, or the weights do not sum to 1.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        weights = {Indicator(k): float(v) for k, v in data.pop("weights").items()}
        parts: dict[str, Any] = {
            "shrinking": Shrinking(**data.pop("shrinking", {})),
            "hardness": Hardness(**data.pop("hardness", {})),
            "gaming": Gaming(**data.pop("gaming", {})),
            "reply": Reply(**data.pop("reply", {})),
        }
        for name in ("appeal", "answer", "inspect", "approve", "report"):
            if name in data:
                limit = data.pop(name)
                parts[name] = Limit(int(limit["amount"]), Span(limit["unit"]))
        rules = ScoreRules(weights, **parts, **data)
    except (OSError, tomllib.TOMLDecodeError, KeyError, ValueError, TypeError) as wrong:
        raise CannotStart(
            f"{path.name} 读不懂：{wrong}", f"cannot read {path.name}: {wrong}"
        ) from wrong
    if set(weights) != set(Indicator) or abs(sum(weights.values()) - 1) > 1e-9:
        raise CannotStart(
            f"{path.name}：七项指标的权重须写全，且合计为 1",
            f"{path.name}: all seven weights must be given and sum to 1",
        )
    if min(weights.values()) < 0 or rules.response not in ("sign", "contact"):
        raise CannotStart(
            f"{path.name}：权重不能为负，response 只能是 sign 或 contact",
            f"{path.name}: no weight is negative, and response is sign or contact",
        )
    return rules
