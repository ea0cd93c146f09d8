"""A stream of which some is known: the known goes where it belongs, and every comparison is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from chengshu.incidents.attach import attach
from chengshu.incidents.evidence import MEASURES
from chengshu.incidents.learning import fit
from chengshu.incidents.teaching import Teacher
from chengshu.incidents.weights import SHIPPED
from chengshu.intake.model import Report
from chengshu.intake.submit import submit
from tests.conftest import NOW, Home
from tests.incidents.conftest import report

pytestmark = pytest.mark.db

Teach = Callable[[Sequence[Report], "Teacher | None"], dict[str, int]]
HEAP = "春江花园3号楼楼道堆满纸箱,消防通道走不过去"
SAID = {
    "heap": HEAP,
    "heap again": "春江花园3号楼楼道堆放杂物,堵住消防通道",
    "heap in other words": "下楼要侧着身子走,物业说了几次也不管",
    "other heap": HEAP.replace("走不过去", "完全走不过去"),
    "light": "文峰路路灯不亮,晚上一片漆黑",
    "stranger": "春江花园3号楼楼道堆满纸箱,消防通道不通",
}
TRUTH = {"heap": "a", "heap again": "a", "heap in other words": "a", "other heap": "b", "light": "c"}  # fmt: skip


def _stream() -> list[Report]:
    begins = NOW - timedelta(hours=2)
    return [
        replace(report(text, channel_id=number), said_at=begins + timedelta(minutes=10 * n))
        for n, (number, text) in enumerate(SAID.items())
    ]


@pytest.fixture(params=[1, 2, 6])
def teach(db: Home, request: pytest.FixtureRequest) -> Teach:
    """Decide about a stream in batches; the incident of each report by its number."""

    def run(stream: Sequence[Report], teacher: Teacher | None) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(stream), request.param):
            batch = stream[start : start + request.param]
            with db.worker.transaction() as conn:
                for one in batch:
                    submit(conn, db.keyring, one)
                for done in attach(conn, batch, db.world.rules, NOW, teacher):
                    found[done.report.channel_id] = done.incident.id
        return found

    return run


def test_known_reports_go_where_they_belong(teach: Teach) -> None:
    teacher = Teacher(TRUTH)
    found = teach(_stream(), teacher)
    assert found["heap"] == found["heap again"] == found["heap in other words"]
    assert len({found["heap"], found["other heap"], found["light"]}) == 3
    # a stranger would blur what is known of them
    assert found["stranger"] not in {found[number] for number in TRUTH}
    for number in TRUTH:
        assert teacher.knows(number)
        assert teacher.home(number) == found[number]
        assert teacher.owns(found[number])
    assert not teacher.knows("stranger")
    assert not teacher.owns(found["stranger"])


def test_untaught_they_go_where_they_look_alike(teach: Teach) -> None:
    found = teach(_stream(), None)
    assert found["heap"] == found["heap again"] == found["other heap"] == found["stranger"]
    assert found["heap in other words"] != found["heap"]


def test_comparisons_of_known_reports_are_kept_with_their_answers(teach: Teach) -> None:
    teacher = Teacher(TRUTH)
    found = teach(_stream(), teacher)
    assert {s.report for s in teacher.samples} <= TRUTH.keys()
    assert {s.report for s in teacher.samples if s.same} >= {"heap again"}
    assert "other heap" in {s.report for s in teacher.samples if not s.same}
    assert "heap" not in {s.report for s in teacher.samples}  # it was the first
    assert all(s.measured.keys() <= set(MEASURES) for s in teacher.samples)
    assert found


def test_what_was_seen_can_be_learnt(teach: Teach) -> None:
    teacher = Teacher(TRUTH)
    teach(_stream(), teacher)
    fitted = fit(teacher.samples, SHIPPED, 1)
    assert fitted.version == 1
    assert fitted != replace(SHIPPED, version=1)


def test_who_knows_nothing_changes_nothing(teach: Teach) -> None:
    teacher = Teacher({})
    found = teach(_stream(), teacher)
    assert teacher.samples == []
    assert found["heap"] == found["heap again"] == found["stranger"]
