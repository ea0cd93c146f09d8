"""Who declares, what a task table must hold, what a changed level ends and begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from chengshu.agencies.model import Kind, Role, Unit
from chengshu.dispatch.responses.model import ResponseTask, TaskSpec
from chengshu.dispatch.workflow import LIVE, OrderStage, Why

LEVELS: Final = {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"}
MOST_TASKS: Final = 500
_LONGEST_MIN = 60 * 24 * 30


def why_not_declare(role: Role, unit: Unit) -> Why | None:
    """Why this person may not declare a level; None: she may."""
    if unit.kind is not Kind.CENTRE or role not in (Role.LEADER, Role.SUPERVISOR):
        return Why(
            "应急响应由指挥中心的领导或督办员发布",
            "a level is declared by a centre's leader or supervisor",
        )
    return None


def why_not_table(tasks: Sequence[TaskSpec]) -> Why | None:
    """Why this is no table of tasks; None: it is one."""
    if not 0 < len(tasks) <= MOST_TASKS:
        return Why(f"任务表须有 1 至 {MOST_TASKS} 项", f"a table holds 1 to {MOST_TASKS} tasks")
    keys = [(t.unit, t.text) for t in tasks]
    if len(set(keys)) != len(keys):
        return Why("任务表有重复项", "a task stands twice in the table")
    for n, t in enumerate(tasks, 1):
        if not t.text.strip() or not 0 < t.acknowledge_min <= t.finish_min <= _LONGEST_MIN:
            return Why(
                f"任务表第 {n} 项的内容或时限有误（签收不晚于完成）",
                f"task {n}: no text, or its minutes are wrong (acknowledge before finish)",
            )
    return None


@dataclass(frozen=True, slots=True)
class Difference:
    """What another level changes: tasks that end, in their order, and tasks that begin."""

    ended: tuple[ResponseTask, ...]
    begun: tuple[TaskSpec, ...]


def difference(running: Iterable[ResponseTask], table: Sequence[TaskSpec]) -> Difference:
    """Compare the live tasks with the table of the new level; what stands in both goes on untouched.

    What was reported back already does not end: it is checked and closed as always.
    """
    wanted = {(t.unit, t.text) for t in table}
    live = [t for t in running if t.stage in LIVE]
    has = {(t.unit, t.text) for t in live}
    ended = tuple(
        t for t in sorted(live, key=lambda t: t.nth)
        if (t.unit, t.text) not in wanted and t.stage in (OrderStage.ASSIGNED, OrderStage.SIGNED)
    )  # fmt: skip
    return Difference(ended, tuple(t for t in table if (t.unit, t.text) not in has))


def level_name(level: int | None) -> str:
    """As it is said.

    Examples:
        >>> level_name(3), level_name(None)
        ('Ⅲ级响应', '响应终止')
    """
    return f"{LEVELS[level]}级响应" if level else "响应终止"
