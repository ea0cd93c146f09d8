"""`chengshu eval rivers`: real cases about rivers; is the nearest earlier case of the same river?

The river's name stands in nearly every text, but texts of two rivers are alike in everything else:
measured is whether merging goes by places. The column with the river is hidden from the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from chengshu.app.measure.streams import (
    BATCH,
    SOURCE,
    Say,
    ground,
    rows_of,
    rules_for,
    run_through,
)
from chengshu.incidents.attach import Rules
from chengshu.incidents.evidence import Verdict
from chengshu.incidents.teaching import Teacher
from chengshu.incidents.weights import Weights
from chengshu.intake.model import Channel, Nature, Report
from chengshu.kit.db import Database
from chengshu.kit.errors import Invalid
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.kit.times import as_local

_COLUMNS: Final = ("河流", "标题", "时间", "投诉件内容")
_NEVER: Final = 2.0  # a probability above which nothing joins


@dataclass(frozen=True, slots=True)
class Case:
    """One case, and the river that it is about; "" when that is unknown."""

    report: Report
    river: str

    @property
    def words(self) -> str:
        """Title and text."""
        return f"{self.report.title} {self.report.text}"

    @property
    def names_it(self) -> bool:
        """Whether its words name its river."""
        return bool(self.river) and self.river in self.words


@dataclass(slots=True)
class Watcher(Teacher):
    """Teaches nothing, and remembers the best earlier report of each.

    Attributes:
        best: Number of a report to the weight in bits and the incident of its best candidate.
        opener: Incident to the report that opened it; each report opens its own.
    """

    weights: Weights = field(kw_only=True)
    best: dict[str, tuple[float, int]] = field(default_factory=dict)
    opener: dict[int, str] = field(default_factory=dict)

    def opened(self, report: str, incident: int) -> None:
        """A report opened its incident."""
        self.opener[incident] = report

    def saw(self, report: str, incident: int, measured: Mapping[str, float]) -> None:
        """Two were compared; of two that are as likely the earlier counts, as in `attach`."""
        one = self.weights.of(measured), incident
        held = self.best.get(report)
        if held is None or (one[0], -one[1]) > (held[0], -held[1]):
            self.best[report] = one


def run(settings: Settings, cases: Path, say: Say) -> dict[str, float]:
    """All figures, by name.

    `same_river` is over the cases that name their river and whose best earlier candidate names its
    own; `any_candidate` is the share of the cases naming their river that have a candidate at all.
    `same_river_filed` takes a complaint that was filed word for word under several rivers as being
    about each of them. `suggested_*` is over the candidates that an operator is shown. `first_share`
    is the part of those compared whose river no earlier case names: there nothing can be right.
    `peer_same_river` is `same_river` of the nearest earlier case by characters.

    Raises:
        Invalid: A column is missing, a time cannot be read, or no two cases name a river.
    """
    read = read_cases(cases)
    with ground(settings, say) as (database, world, keyring):
        rules = rules_for([c.report for c in read], world, say)
        nearest = nearest_earlier(database, keyring, read, rules)
    found = figures(read, {case: other for case, (other, _) in nearest.items()})
    shown = {case: other for case, (other, p) in nearest.items() if p >= rules.suggest_above}
    suggested = figures(read, shown)
    peer = figures(read, nearest_by_characters(read))
    return {
        **found,
        "suggested_same_river": suggested["same_river"],
        "suggested_share": suggested["any_candidate"],
        "peer_same_river": peer["same_river"],
        "peer_any_candidate": peer["any_candidate"],
    }


def read_cases(path: Path) -> list[Case]:
    """Cases in the order of time, then of words: neither ids nor the order of rows may help.

    Raises:
        Invalid: A column is missing, or a time cannot be read.
    """
    found = []
    for line, row in enumerate(rows_of(path, _COLUMNS), 2):
        try:
            at = as_local(datetime.fromisoformat(row["时间"]))
        except ValueError:
            raise Invalid("时间", f"第 {line} 行的时间无法识别：{row['时间']}",
                          f"line {line}: time {row['时间']!r} cannot be read") from None  # fmt: skip
        found.append(Case(Report(
            id=0, channel=Channel.TABLE, source=SOURCE, channel_id=str(line), received_at=at, said_at=at,
            title=row["标题"], text=row["投诉件内容"], nature=Nature.COMPLAINT, place="", area=0, imported=True,
        ), row["河流"].strip()))  # fmt: skip
    return sorted(found, key=lambda c: (c.report.said_at, c.report.title, c.report.text))


def nearest_earlier(
    database: Database, keyring: Keyring, cases: Sequence[Case], rules: Rules
) -> dict[str, tuple[str, float]]:
    """Number of each case that has a candidate to the earlier case with most evidence, and its probability."""
    watcher = Watcher({}, weights=rules.weights)
    apart = replace(rules, merge_above=_NEVER)
    run_through(database, keyring, [c.report for c in cases], apart, BATCH, watcher)
    return {
        report: (watcher.opener[incident], Verdict((), bits).probability)
        for report, (bits, incident) in watcher.best.items()
    }


def nearest_by_characters(cases: Sequence[Case]) -> dict[str, str]:
    """The same by character TF-IDF, over all cases at once."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True).fit_transform(
        [c.words for c in cases]
    )
    alike = np.tril((vectors @ vectors.T).toarray(), -1)
    numbers = [c.report.channel_id for c in cases]
    return {
        numbers[at]: numbers[int(alike[at, :at].argmax())]
        for at in range(1, len(cases))
        if alike[at, :at].max() > 0
    }


def figures(cases: Sequence[Case], nearest: Mapping[str, str]) -> dict[str, float]:
    """What share of the nearest earlier cases is of the same river.

    Args:
        nearest: Number of a case to that of its nearest earlier case.

    Raises:
        Invalid: No case that names its river has a candidate that does.
    """
    by_number = {c.report.channel_id: c for c in cases}
    naming = [c for c in cases if c.names_it]
    pairs = [
        (c, by_number[nearest[c.report.channel_id]])
        for c in naming
        if c.report.channel_id in nearest
    ]
    both = [(c, other) for c, other in pairs if other.names_it]
    if not both:
        raise Invalid("河流", "没有两件来件写到河流的名称", "no two cases name a river")
    filed: dict[str, set[str]] = {}
    first: dict[str, str] = {}
    for case in cases:
        filed.setdefault(case.words, set()).add(case.river)
        if case.names_it:
            first.setdefault(case.river, case.report.channel_id)
    about_one = sum(bool(filed[c.words] & filed[other.words]) for c, other in both)
    return {
        "cases": float(len(cases)),
        "naming": float(len(naming)),
        "compared": float(len(both)),
        "any_candidate": len(pairs) / len(naming),
        "same_river": sum(c.river == other.river for c, other in both) / len(both),
        "same_river_filed": about_one / len(both),
        "first_share": sum(first[c.river] == c.report.channel_id for c, _ in both) / len(both),
    }
