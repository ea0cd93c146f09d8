"""Exclusions, appeals and measures as one person may see them, with what she may do about each."""

from __future__ import annotations

from dataclasses import dataclass

from chengshu.dispatch.scoring.claims import store
from chengshu.dispatch.scoring.claims.model import Appeal, Exclusion, Measure
from chengshu.dispatch.scoring.claims.store import MeasureStep
from chengshu.dispatch.scoring.claims.terms import (
    NAMES,
    PROPOSERS,
    STEPS,
    Person,
    why_not_act,
    why_not_answer,
    why_not_decide_exclusion,
)
from chengshu.dispatch.scoring.views import (
    ScoreAppealView,
    ScoreExclusionView,
    ScoreMeasureList,
    ScoreMeasureMayView,
    ScoreMeasureStepView,
    ScoreMeasureView,
)
from chengshu.dispatch.views import Names
from chengshu.kit.db import Connection


@dataclass(frozen=True, slots=True)
class ClaimReader:
    """One person's view of what was said about the figures."""

    conn: Connection
    names: Names
    who: Person

    def exclusions(self) -> list[ScoreExclusionView]:
        """Proposals within the scope."""
        return [self.exclusion(e) for e in store.exclusions(self.conn)]

    def exclusion(self, e: Exclusion) -> ScoreExclusionView:
        """One proposal."""
        why = why_not_decide_exclusion(e, self.who)
        return ScoreExclusionView(
            id=str(e.id), order=str(e.order), number=e.number, unit=e.unit, unit_name=self.names.unit(e.unit) or e.unit,
            unit_name_en=self.names.unit_en(e.unit) or e.unit, reason=e.reason, words=e.words, actor=e.actor, at=e.at,
            due_at=e.due_at, late=e.late, state=e.state, decided_actor=e.decided_actor, decided_at=e.decided_at,
            decided_words=e.decided_words, why_not_decide=why.chinese if why else None,
            why_not_decide_en=why.english if why else None,
        )  # fmt: skip

    def appeals(self) -> list[ScoreAppealView]:
        """Appeals within the scope."""
        return [self.appeal(p) for p in store.appeals(self.conn)]

    def appeal(self, p: Appeal) -> ScoreAppealView:
        """One appeal."""
        why = why_not_answer(p, self.who)
        return ScoreAppealView(
            id=str(p.id), month=p.month, order=str(p.order), number=p.number, unit=p.unit,
            unit_name=self.names.unit(p.unit) or p.unit, unit_name_en=self.names.unit_en(p.unit) or p.unit,
            wants=p.wants, indicator=p.indicator, words=p.words, evidence=[str(a) for a in p.evidence], actor=p.actor,
            at=p.at, due_at=p.due_at, late=p.late, state=p.state, answered_actor=p.answered_actor,
            answered_at=p.answered_at, answer=p.answer, why_not_answer=why.chinese if why else None,
            why_not_answer_en=why.english if why else None,
        )  # fmt: skip

    def measures(self) -> ScoreMeasureList:
        """Measures within the scope."""
        found = store.measures(self.conn)
        history: dict[int, list[MeasureStep]] = {}
        for s in store.steps(self.conn, [m.id for m in found]):
            history.setdefault(s.measure, []).append(s)
        return ScoreMeasureList(
            items=[self._measure(m, history.get(m.id, [])) for m in found],
            may_propose=self.who.role in PROPOSERS,
        )

    def measure(self, one: int) -> ScoreMeasureView | None:
        """One measure; None where the scope does not show it."""
        found = store.measure(self.conn, one)
        return self._measure(found, store.steps(self.conn, [one])) if found else None

    def _measure(self, m: Measure, steps: list[MeasureStep]) -> ScoreMeasureView:
        may = []
        for act in STEPS:
            why = why_not_act(act, m, self.who)
            if m.state in STEPS[act].at:
                may.append(ScoreMeasureMayView(
                    act=act, label=NAMES[act][0], label_en=NAMES[act][1], why_not=why.chinese if why else None,
                    why_not_en=why.english if why else None,
                ))  # fmt: skip
        return ScoreMeasureView(
            id=str(m.id), kind=m.kind, unit=m.unit, unit_name=self.names.unit(m.unit) or m.unit,
            unit_name_en=self.names.unit_en(m.unit) or m.unit, month=m.month, words=m.words,
            by_name=self.names.unit(m.by_unit) or m.by_unit, by_name_en=self.names.unit_en(m.by_unit) or m.by_unit,
            actor=m.actor, at=m.at, due_at=m.due_at, late=m.late, state=m.state, struck_at=m.struck_at,
            steps=[self._step(s) for s in steps], may=may,
        )  # fmt: skip

    def _step(self, s: MeasureStep) -> ScoreMeasureStepView:
        return ScoreMeasureStepView(at=s.at, actor=s.actor, unit_name=self.names.unit(s.unit) or s.unit,
                               unit_name_en=self.names.unit_en(s.unit) or s.unit, act=s.act, words=s.words)  # fmt: skip
