"""What people said of merging's decisions, and the versions of the weights that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chengshu.incidents.weights import Weights


class Answer(StrEnum):
    """What somebody did that says whether two were one happening."""

    ACCEPTED = "accepted"  # 采纳合并建议: one
    REFUSED = "refused"  # 不采纳合并建议: two
    MERGED = "merged"  # 人工合并: one
    SPLIT = "split"  # 人工拆分: two
    UNMERGED = "unmerged"  # 撤销合并: two
    UNSPLIT = "unsplit"  # 撤销拆分: one
    STOOD = "stood"  # 自动合并未被纠正: probably one


class Kept(StrEnum):
    """Why a comparison was kept."""

    JOINED = "joined"  # 归入: the report was put there
    BESIDE = "beside"  # 未归入: likely enough to be asked about, and not where the report was put


class Standing(StrEnum):
    """Where a version of the weights stands."""

    PROPOSED = "proposed"  # 待启用
    ACTIVE = "active"  # 使用中
    RETIRED = "retired"  # 已停用: was in use
    DROPPED = "dropped"  # 未启用: a later proposal took its place


@dataclass(frozen=True, slots=True)
class Comparison:
    """A report measured against an incident when it was decided.

    Attributes:
        incident: What it was compared with.
        home: Where the report was put then.
        measured: Measure to value.
        version: Of the weights that decided.
    """

    report: int
    incident: int
    home: int
    kind: Kept
    measured: Mapping[str, float]
    probability: float
    version: int


@dataclass(frozen=True, slots=True)
class Decision:
    """An answer with what was measured; many of them are what is learnt from.

    Attributes:
        id: Ascending with time; 0 for what merely stood.
        report: The report that was compared; decisions of one report are alternatives.
        weight: How much it counts, 0 to 1.
    """

    id: int
    kind: Answer
    report: object
    measured: Mapping[str, float]
    same: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """How weights do on answered comparisons.

    Attributes:
        answers: How many.
        loss: Mean surprise at the answer, in bits; 0 is perfect, 1 is a coin.
        right: Share where the likelier side was the answer.
        precision: Of those that would be merged without a person, the share that is one; None if none would.
        recall: Of those that are one, the share that would be merged without a person; None if none is.
    """

    answers: int
    loss: float
    right: float
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Before and after, on past decisions.

    Attributes:
        ahead: New answers, each judged by weights that know only what was answered before it.
        whole: All answers, after learning from all of them.
        stood: What was merged and stood: how many, and the share that would be merged again.
        kinds: Kind of answer to how many were learnt from.
        new: How many answers the weights in use do not know.
    """

    ahead: tuple[Score, Score]
    whole: tuple[Score, Score]
    stood: tuple[int, float, float]
    kinds: Mapping[str, int]
    new: int

    def record(self) -> dict[str, Any]:
        """As it is kept in the database and sent to pages."""

        def pair(scores: tuple[Score, Score]) -> dict[str, Any]:
            return {"before": asdict(scores[0]), "after": asdict(scores[1])}

        stood = dict(zip(("answers", "before", "after"), self.stood, strict=True))
        return {"ahead": pair(self.ahead), "whole": pair(self.whole), "stood": stood,
                "kinds": dict(self.kinds), "new": self.new}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the weights.

    Attributes:
        base: Which shipped weights it was fitted from.
        figures: As `Figures.record` wrote them; empty for the shipped version.
        upto: The last answer that it knows.
    """

    weights: Weights
    base: str
    figures: Mapping[str, Any]
    upto: int
    made_at: datetime | None
    made_by: str
    state: Standing
    activated_at: datetime | None = None
    activated_by: str | None = None
    reason: str = ""
