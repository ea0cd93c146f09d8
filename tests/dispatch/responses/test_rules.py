"""What another level changes, against a slow and obvious way to say it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chengshu.dispatch.responses.model import ResponseTask, TaskSpec
from chengshu.dispatch.responses.rules import difference, why_not_table
from chengshu.dispatch.workflow import LIVE, OrderStage

_UNIT, _TEXT = st.sampled_from(["nt.a", "nt.b", "nt.c"]), st.sampled_from(["巡查", "值守"])
_SPECS = st.lists(st.builds(TaskSpec, _UNIT, _TEXT, st.just(5), st.just(60)), max_size=6,
                  unique_by=lambda t: (t.unit, t.text))  # fmt: skip
_RUNNING = st.lists(st.tuples(_UNIT, _TEXT, st.sampled_from(OrderStage)), max_size=8)


@given(_RUNNING, _SPECS)
def test_what_ends_and_what_begins(
    rows: list[tuple[str, str, OrderStage]], table: list[TaskSpec]
) -> None:
    running = [
        ResponseTask(n, u, t, n, str(n), s, None, None, None, 0, False)
        for n, (u, t, s) in enumerate(rows)
    ]
    found = difference(running, table)
    wanted = [(t.unit, t.text) for t in table]
    for task in running:
        ends = (task.unit, task.text) not in wanted and task.stage in (
            OrderStage.ASSIGNED,
            OrderStage.SIGNED,
        )
        assert (task in found.ended) == ends
    assert [t.nth for t in found.ended] == sorted(t.nth for t in found.ended)
    has = [(t.unit, t.text) for t in running if t.stage in LIVE]
    assert list(found.begun) == [t for t in table if (t.unit, t.text) not in has]


def test_a_table_is_checked_whole() -> None:
    good = TaskSpec("nt", "值守", 5, 60)
    assert why_not_table([good]) is None
    for bad in (
        [],
        [good, good],
        [TaskSpec("nt", " ", 5, 60)],
        [TaskSpec("nt", "值守", 0, 60)],
        [good] * 501,
    ):
        assert why_not_table(bad) is not None
