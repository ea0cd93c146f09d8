"""Why a warning: what each stream said over time, what it would be without one, in sentences.

The stack is exact: streams and what is taken off (harmless spells, days of rest, doubt about which
streams take part) add up to the suspicion of each day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from chengshu.warning.fuse import Fusion
from chengshu.warning.model import Floats, Readings
from chengshu.warning.watch import Watched

_BEGUN: Final = 0.5  # nats below which nothing was suspected
_LATELY_DAYS: Final = 7
_SAID: Final = 0.5  # nats of a stream that are worth a sentence
_LEVELS_ZH: Final = ("无", "一级（关注）", "二级（预警）", "三级（紧急）")
_LEVELS_EN: Final = ("none", "level 1 (attention)", "level 2 (warning)", "level 3 (urgent)")


@dataclass(frozen=True, slots=True)
class Without:
    """What would be without one stream.

    Attributes:
        stream: Its key.
        suspicion: In nats, on the day explained.
        level: 0 to 3.
    """

    stream: str
    suspicion: float
    level: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """A warning taken apart.

    Attributes:
        days: The days from the first suspicion to the day explained.
        stack: (days, streams) sum of what each stream said so far, in nats.
        taken_off: (days,) what makes up the difference to `suspicion`.
        suspicion: (days,) in nats.
        level: 0 to 3, on the last day.
        without: One a stream.
        chinese, english: Sentences for an operator, the same number in the same order.
    """

    days: tuple[int, ...]
    stack: Floats
    taken_off: Floats
    suspicion: Floats
    level: int
    without: tuple[Without, ...]
    chinese: tuple[str, ...]
    english: tuple[str, ...]


def level_of(suspicion: float, thresholds: tuple[float, ...]) -> int:
    """How many of the rising thresholds a suspicion reaches: 0 to 3."""
    return int(sum(suspicion >= threshold for threshold in thresholds))


def explain(watched: Watched, readings: Readings, entity: int, day: int, likely: Floats) -> Explanation:  # fmt: skip
    """Take the suspicion of one entity on one day apart.

    Args:
        likely: (streams,) chance that what is looked for shows in a stream, as it was fused with.

    Raises:
        ValueError: The day is one of the quiet days, or beyond the last.
    """
    if not watched.quiet_days <= day < watched.suspicion.shape[1]:
        raise ValueError("the day was not watched")
    before = watched.suspicion[entity, watched.quiet_days : day]
    calm = np.flatnonzero(before < _BEGUN)
    begin = watched.quiet_days + (int(calm[-1]) + 1 if calm.size else 0)
    said = watched.ratios[entity, begin : day + 1] * watched.discount
    stack = np.cumsum(said, 0)
    suspicion = watched.suspicion[entity, begin : day + 1]
    level = level_of(float(suspicion[-1]), watched.thresholds)
    without = tuple(_without(watched, entity, day, at, likely) for at in range(said.shape[1]))
    words = _sentences(watched, readings, entity, (begin, day), stack[-1], level, without)
    return Explanation(tuple(range(begin, day + 1)), stack, suspicion - stack.sum(1), suspicion,
                       level, without, words[0], words[1])  # fmt: skip


def _without(watched: Watched, entity: int, day: int, at: int, likely: Floats) -> Without:
    """The fusion run again for this entity, one stream silent."""
    ratios = watched.ratios[entity : entity + 1, watched.quiet_days : day + 1].copy()
    ratios[..., at] = 0.0
    fusion = Fusion(watched.spells.fresh(np.array([entity])), likely, watched.discount)
    last = float(fusion.run(ratios)[0, -1])
    return Without(watched.streams[at].key, last, level_of(last, watched.thresholds))


def _sentences(watched: Watched, readings: Readings, entity: int, span: tuple[int, int],
               sums: Floats, level: int, without: tuple[Without, ...],
               ) -> tuple[tuple[str, ...], tuple[str, ...]]:  # fmt: skip
    """The level, the streams that spoke for it, and what it would be without each of those."""
    state, length = readings.states[entity], span[1] - span[0] + 1
    chinese = [f"登记状态“{state}”；疑点已持续 {length} 天，达到{_LEVELS_ZH[level]}。"]
    english = [f"Registered as «{state}»; suspected for {length} days, {_LEVELS_EN[level]}."]
    for at in np.argsort(-sums):
        if sums[at] < _SAID:
            continue
        stream, less = watched.streams[at], without[at].level
        usual, lately = _means(readings.values[stream.key][entity], watched.quiet_days, span)
        then_zh = f"没有这一项则为{_LEVELS_ZH[less]}" if less < level else "没有这一项仍为同级"
        then_en = (
            f"without it: {_LEVELS_EN[less]}" if less < level else "without it: the same level"
        )
        chinese.append(
            f"{stream.chinese}：平时日均 {usual}，近期 {lately}，证据 {sums[at]:+.1f}；{then_zh}。"
        )
        english.append(f"{stream.english}: usually {usual} a day, lately {lately}, "
                       f"evidence {sums[at]:+.1f}; {then_en}.")  # fmt: skip
    return tuple(chinese), tuple(english)


def _means(values: Floats, quiet_days: int, span: tuple[int, int]) -> tuple[str, str]:
    """Mean of quiet days and of the last week of the suspected span; a dash without readings."""
    lately = values[max(span[0], span[1] + 1 - _LATELY_DAYS) : span[1] + 1]
    return _mean(values[:quiet_days]), _mean(lately)


def _mean(values: Floats) -> str:
    there = values[~np.isnan(values)]
    return f"{there.mean():.3g}" if there.size else "—"
