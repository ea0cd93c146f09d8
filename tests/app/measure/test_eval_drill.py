"""The synthetic city through the engine: its channels' reports, and what joining alone is counted as."""

from __future__ import annotations

import pytest

from chengshu.app.measure import eval_drill
from chengshu.app.measure.streams import Decision, Streamed, run_through
from chengshu.drill import read_kinds
from chengshu.intake.model import Channel
from chengshu.kit.errors import Invalid
from tests.conftest import Home

pytest.importorskip("sklearn")


def _decisions(*made: tuple[str, int]) -> list[Decision]:
    seen: set[int] = set()
    found = []
    for report, incident in made:
        found.append(Decision(report, incident, incident not in seen))
        seen.add(incident)
    return found


@pytest.mark.parametrize(
    ("made", "right"),
    [
        # what opens an incident joins nothing
        ([("a1", 1), ("b1", 2)], {}),
        ([("a1", 1), ("a2", 1)], {"a2": True}),
        # it is the majority that counts, not any member
        ([("a1", 1), ("b1", 1), ("b2", 1)], {"b1": False, "b2": False}),
        ([("a1", 1), ("b1", 1), ("a2", 1), ("b2", 1)], {"b1": False, "a2": True, "b2": False}),
        # only who was there at that moment is asked
        ([("a1", 1), ("b1", 1), ("b2", 2), ("b3", 2)], {"b1": False, "b3": True}),
    ],
)
def test_a_join_is_right_by_most_of_those_who_were_there(
    made: list[tuple[str, int]], right: dict[str, bool]
) -> None:
    truth = {report: report[0] for report, _ in made}
    assert eval_drill.joined(_decisions(*made), truth) == right


def test_the_figures_of_a_perfect_run(db: Home) -> None:
    lived = eval_drill.live(db.world.city, read_kinds(), 5, 60)
    number = {event: n for n, event in enumerate(sorted(set(lived.truth.values())))}
    home = {report: number[event] for report, event in lived.truth.items()}
    perfect = Streamed(home, [1.0], _decisions(*home.items()))
    figures = eval_drill.measured(lived, perfect, perfect)
    assert figures["lone_precision"] == figures["bcubed_f1"] == figures["auto_recall"] == 1
    assert 0 < figures["alone_share"] == figures["known_share"] < 1
    assert figures["peer_bcubed_f1"] < 1
    assert (figures["reports"], figures["happenings"]) == (60, len(number))


def test_reports_come_over_their_channels_and_are_put_together(db: Home) -> None:
    lived = eval_drill.live(db.world.city, read_kinds(), 5, 60)
    rules = eval_drill.with_register(db.world, lived.sites)
    stream = [eval_drill.report_of(r, rules.locator, db.keyring) for r in lived.told]
    assert {r.channel for r in stream} >= {Channel.HOTLINE, Channel.WEB, Channel.GRID}
    assert [r.received_at for r in stream] == sorted(r.received_at for r in stream)
    assert any(r.caller for r in stream)
    assert any(r.lon for r in stream)
    streamed = run_through(db.worker, db.keyring, stream, rules, 16)
    assert streamed.home.keys() == lived.truth.keys()
    assert {d.report: d.incident for d in streamed.decisions} == streamed.home
    assert len({d.incident for d in streamed.decisions if not d.opened}) > 0
    figures = eval_drill.measured(lived, streamed, streamed)
    assert figures["bcubed_f1"] > figures["peer_bcubed_f1"]
    with db.owner() as conn:
        assert conn.execute("select count(*) from report").fetchone() == (0,)


@pytest.mark.parametrize("how_many", [1, 1_000_000])
def test_an_impossible_number_is_refused_before_anything_starts(db: Home, how_many: int) -> None:
    with pytest.raises(Invalid) as refused:
        eval_drill.run(db.settings, 5, how_many, lambda line: None)
    assert str(how_many) in refused.value.english
