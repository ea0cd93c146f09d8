"""From answers to candidate weights, and how they would have done: plain values in, plain values out.

Fitted is always from the shipped weights and all answers, so that no answer counts twice however
often it is done; towards there a version goes at most a bit per measure from the one in use.

Source: judging each decision by what came before it is prequential evaluation, A. P. Dawid (1984),
Present position and potential developments: some personal views, JRSS A 147(2), 278-292.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import fsum, log2
from typing import Final

from chengshu.incidents.learning import Sample, nearby
from chengshu.incidents.refit.model import Answer, Decision, Figures, Score
from chengshu.incidents.weights import Weights

_STRENGTH: Final = 40.0  # four surprising answers move a comparison like theirs by about a bit
_FARTHEST: Final = 1.0  # bits by which one version may move what a measure says at its largest
_STOOD_SHARE: Final = 0.5  # what merely stood counts together at most this much of what people said
_PARTS: Final = 5
_SURE: Final = 20.0  # bits: a probability nearer to 0 or 1 is not believed


def candidate(
    decisions: Sequence[Decision], stood: Sequence[Decision], shipped: Weights, active: Weights,
    version: int,
) -> Weights:  # fmt: skip
    """Weights that have learnt from these, a small step from those in use."""
    if not decisions:
        return Weights(version, active.prior, active.bits)
    said, tacit = fsum(d.weight for d in decisions), fsum(d.weight for d in stood)
    share = min(1.0, _STOOD_SHARE * said / tacit) if tacit else 1.0
    counted = [(d, d.weight) for d in decisions] + [(d, d.weight * share) for d in stood]
    most = _largest(decisions)
    samples = [
        Sample(d.report, {n: value / most.get(n, 1.0) for n, value in d.measured.items()}, d.same, weight)
        for d, weight in counted
    ]  # fmt: skip
    start = Weights(0, shipped.prior, {n: b * most.get(n, 1.0) for n, b in shipped.bits.items()})
    fitted = nearby(samples, start, version, _STRENGTH, how_common=1.0)
    goal = {n: b / most.get(n, 1.0) for n, b in fitted.bits.items()}
    moves = {n: goal.get(n, 0.0) - active.bits.get(n, 0.0) for n in {**active.bits, **goal}}
    lift = fitted.prior - active.prior
    widest = max([abs(lift), *(abs(by) * most.get(n, 1.0) for n, by in moves.items())])
    step = min(1.0, _FARTHEST / widest) if widest else 1.0
    bits = {n: round(active.bits.get(n, 0.0) + step * by, 3) for n, by in moves.items()}
    return Weights(
        version, round(active.prior + step * lift, 3), {n: b for n, b in bits.items() if b}
    )


def _largest(decisions: Sequence[Decision]) -> dict[str, float]:
    """The largest value of each measure that goes beyond 1: what is held near the shipped weights is what a
    measure comes to say, not its bits per unit, or those with large numbers would give way first."""
    found: dict[str, float] = {}
    for d in decisions:
        for name, value in d.measured.items():
            found[name] = max(found.get(name, 1.0), abs(value))
    return found


def figures(
    decisions: Sequence[Decision], stood: Sequence[Decision], new: int, shipped: Weights,
    active: Weights, merge_above: float,
) -> Figures:  # fmt: skip
    """Before and after.

    Args:
        decisions: In the order in which they were made.
        new: How many of the newest the weights in use do not know.
    """
    known, unknown = decisions[: len(decisions) - new], decisions[len(decisions) - new :]
    cuts = [round(len(unknown) * part / _PARTS) for part in range(_PARTS + 1)]
    judged: list[tuple[Decision, float]] = []
    for begin, end in pairwise(cuts):
        if begin < end:
            learnt = candidate([*known, *unknown[:begin]], stood, shipped, active, 0)
            judged += [(d, learnt.of(d.measured)) for d in unknown[begin:end]]
    final = candidate(decisions, stood, shipped, active, 0)
    return Figures(
        (score([(d, active.of(d.measured)) for d in unknown], merge_above), score(judged, merge_above)),
        (score([(d, active.of(d.measured)) for d in decisions], merge_above),
         score([(d, final.of(d.measured)) for d in decisions], merge_above)),
        (len(stood), _again(stood, active, merge_above), _again(stood, final, merge_above)),
        Counter(str(d.kind) for d in (*decisions, *stood)),
        new,
    )  # fmt: skip


def score(judged: Sequence[tuple[Decision, float]], merge_above: float) -> Score:
    """How log2 odds do on decisions, each counted by its weight."""
    total = fsum(d.weight for d, _ in judged)
    if not total:
        return Score(0, 0.0, 0.0, None, None)
    sure = _odds(merge_above)
    loss = fsum(
        d.weight * log2(1 + 2.0 ** (-b if d.same else b))
        for d, b in ((d, max(min(b, _SURE), -_SURE)) for d, b in judged)
    )
    right = fsum(d.weight for d, b in judged if (b > 0) == d.same)
    merged = fsum(d.weight for d, b in judged if b >= sure)
    hits = fsum(d.weight for d, b in judged if b >= sure and d.same)
    same = fsum(d.weight for d, _ in judged if d.same)
    return Score(len(judged), round(loss / total, 4), round(right / total, 4),
                 round(hits / merged, 4) if merged else None, round(hits / same, 4) if same else None)  # fmt: skip


def no_worse(found: Figures) -> bool:
    """Whether a candidate is worth a person's look: answers surprise it less, also those it had not
    seen; it merges no more wrongly; and what it merged and stood it would merge again."""
    for before, after in (found.ahead, found.whole):
        if after.loss > before.loss:
            return False
        if None not in (before.precision, after.precision) and (
            (after.precision or 0.0) < (before.precision or 0.0)
        ):
            return False
    _, kept_before, kept_after = found.stood
    return kept_after >= kept_before - 0.01 and found.whole[1].loss < found.whole[0].loss


def _again(stood: Sequence[Decision], weights: Weights, merge_above: float) -> float:
    if not stood:
        return 1.0
    sure = _odds(merge_above)
    return round(sum(weights.of(d.measured) >= sure for d in stood) / len(stood), 4)


def _odds(probability: float) -> float:
    share = min(probability, 1 - 1e-9)
    return log2(share / (1 - share))


STOOD_WEIGHT: Final = 0.1  # nobody corrected it: that says a little


def tacit(report: int, measured: dict[str, float]) -> Decision:
    """A merge that the machine made and nobody corrected."""
    return Decision(0, Answer.STOOD, report, measured, True, STOOD_WEIGHT)
