"""Versions of the weights: proposed when there is enough, switched once, gone back to, told of."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from chengshu.app import world as worlds
from chengshu.app.refits import nightly, prune
from chengshu.incidents.refit import store, versions
from chengshu.incidents.refit.model import Answer, Comparison, Kept, Standing
from chengshu.incidents.refit.versions import Operator
from chengshu.incidents.weights import SHIPPED
from chengshu.kit.errors import Conflict, Invalid, NotFound
from tests.conftest import NOW, Home
from tests.incidents.conftest import Merge, report
from tests.incidents.refit.test_fitting import BIASED
from tests.security.people import rows

pytestmark = pytest.mark.db

NIGHT = datetime(2026, 7, 14, 18, 20, tzinfo=UTC)  # 02:20 in Nantong
ME = Operator("研判员甲")
Say = Callable[..., None]


@pytest.fixture
def pair(merge: Merge) -> tuple[int, int]:
    """Two incidents that people say something about."""
    one, other = merge([report("学田新村12号楼楼道堆物"), report("濠西路路灯不亮")])
    return one.incident.id, other.incident.id


@pytest.fixture
def say(db: Home, pair: tuple[int, int]) -> Say:
    """Writes answers that all say the machine was wrong."""

    def write(n: int, same: bool = False, now: datetime = NOW) -> None:
        found = Comparison(0, pair[1], pair[0], Kept.BESIDE, BIASED, 0.95, 0)
        kind = Answer.ACCEPTED if same else Answer.REFUSED
        with db.worker.transaction() as conn:
            for _ in range(n):
                store.answer(conn, kind, same, *pair, found, report=None, fresh=False, weight=1.0, account=None,
                             actor="派遣员", now=now)  # fmt: skip

    return write


def refit(db: Home, now: datetime = NOW) -> versions.Refit:
    with db.worker.transaction() as conn:
        return versions.refit(conn, "测试", 0.9, now)


def switch(db: Home, version: int, instead_of: int, reason: str = "试用") -> None:
    with db.worker.transaction() as conn:
        versions.activate(conn, version, instead_of, ME, reason, NOW)


def test_few_answers_propose_nothing_and_say_so(db: Home, say: Say) -> None:
    assert refit(db).proposed is None
    say(versions.LEAST - 1)
    found = refit(db)
    assert found.proposed is None
    assert "19" in found.why_not
    assert found.figures.new == versions.LEAST - 1
    say(1)
    proposed = refit(db).proposed
    assert proposed is not None
    assert proposed.weights.version == 1
    assert rows(db, "select state, activated_at from merging_weights") == [("proposed", None)]


def test_answers_that_nothing_is_wrong_about_propose_nothing(db: Home, say: Say) -> None:
    """They agree with the machine on most and contradict one another on the rest."""
    say(5)
    say(40, same=True)
    found = refit(db)
    assert found.proposed is None
    assert "并不更好" in found.why_not


def test_the_same_answers_make_one_proposal(db: Home, say: Say) -> None:
    say(25)
    assert [refit(db).after.version for _ in range(3)] == [1, 1, 1]
    say(5)
    assert refit(db).after.version == 2
    assert rows(db, "select version, state from merging_weights order by 1") == [(1, "dropped"), (2, "proposed")]  # fmt: skip


def test_a_version_is_switched_on_read_by_the_workers_and_gone_back_from(
    db: Home, say: Say
) -> None:
    say(25)
    made = refit(db)
    with db.worker.transaction() as conn:
        assert worlds.refreshed(db.world, conn) is db.world, "a proposal changes nothing"
    switch(db, 1, 0)
    with db.worker.transaction() as conn:
        world = worlds.refreshed(db.world, conn)
        assert worlds.load(db.settings, conn).rules.weights == world.rules.weights
    assert world.rules.weights == made.after
    assert (world.office.matters, world.rules.matters) == (
        db.world.office.matters,
        db.world.rules.matters,
    )
    switch(db, 0, 1, "误并增多")
    with db.worker.transaction() as conn:
        assert worlds.refreshed(world, conn).rules.weights == SHIPPED
    switch(db, 1, 0, "再试")
    said = rows(
        db, "select act, subject, detail->>'instead_of', detail->>'reason' from audit order by id"
    )
    assert said == [
        ("weights_activated", "1", "0", "试用"),
        ("weights_activated", "0", "1", "误并增多"),
        ("weights_activated", "1", "0", "再试"),
    ]
    assert rows(db, "select kind, count(*) from change where kind = 'weights' group by 1") == [("weights", 3)]  # fmt: skip


def test_after_going_back_the_same_answers_propose_nothing_again(db: Home, say: Say) -> None:
    """Who took a version out must not find it in use again the next morning."""
    say(25)
    refit(db)
    switch(db, 1, 0)
    switch(db, 0, 1)
    assert refit(db).proposed is None
    settings = db.settings.model_copy(update={"merging_refit": "night"})
    nightly(db.worker, settings, NIGHT)
    assert rows(db, "select state from merging_weights") == [("retired",)]


@pytest.mark.parametrize(
    ("version", "instead_of", "reason", "refusal"),
    [
        (1, 0, "  ", Invalid),
        (7, 0, "试用", NotFound),
        (1, 2, "试用", Conflict),
        (0, 0, "试用", Conflict),
    ],
    ids=["no reason", "no such version", "another is in use", "in use already"],
)
def test_what_cannot_be_switched(
    db: Home, say: Say, version: int, instead_of: int, reason: str, refusal: type[Exception]
) -> None:
    say(25)
    refit(db)
    with pytest.raises(refusal):
        switch(db, version, instead_of, reason)
    assert rows(db, "select state from merging_weights") == [("proposed",)]
    assert rows(db, "select act from audit") == []


def test_a_dropped_proposal_and_one_of_another_program_cannot_be_switched_on(
    db: Home, say: Say
) -> None:
    say(25)
    refit(db)
    say(5)
    refit(db)
    with pytest.raises(Conflict):
        switch(db, 1, 0)
    with db.owner() as conn:
        conn.execute("update merging_weights set base = 'another' where version = 2")
    with pytest.raises(Conflict):
        switch(db, 2, 0)


def test_weights_of_another_program_do_not_decide(db: Home, say: Say) -> None:
    """After an update that measures other things the shipped weights hold, and answers count anew."""
    say(25)
    refit(db)
    switch(db, 1, 0)
    with db.owner() as conn:
        conn.execute("update merging_weights set base = 'another'")
    with db.worker.transaction() as conn:
        assert versions.in_force(conn) == SHIPPED
    assert refit(db).after.version == 2
    switch(db, 2, 0)
    assert rows(db, "select version, state from merging_weights order by 1") == [(1, "retired"), (2, "active")]  # fmt: skip


def test_of_two_who_switch_at_once_one_is_told_to_look_again(db: Home, say: Say) -> None:
    say(25)
    refit(db)
    switch(db, 1, 0)
    say(25)
    refit(db)
    told: list[str] = []
    start = threading.Barrier(2)

    def go(version: int) -> None:
        start.wait()
        try:
            switch(db, version, 1)
            told.append("done")
        except Conflict:
            told.append("conflict")

    threads = [threading.Thread(target=go, args=(v,)) for v in (0, 2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(told) == ["conflict", "done"]
    assert len(rows(db, "select act from audit")) == 2
    assert len(rows(db, "select 1 from merging_weights where state = 'active'")) <= 1


def test_the_database_itself_keeps_to_one_in_use(db: Home, say: Say) -> None:
    say(25)
    refit(db)
    switch(db, 1, 0)
    say(25)
    refit(db)
    with db.owner() as conn, pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("update merging_weights set state = 'active'")


def test_at_night_it_switches_by_itself_only_where_the_settings_say_so(db: Home, say: Say) -> None:
    say(25)
    asking, night = db.settings, db.settings.model_copy(update={"merging_refit": "night"})
    assert asking.merging_refit == "ask"
    nightly(db.worker, asking, NIGHT)
    nightly(db.worker, night, NOW)  # 19:02: a worker that slept through the night
    nightly(db.worker, night, NIGHT + timedelta(hours=3))  # 05:20
    assert rows(db, "select state from merging_weights") == [("proposed",)]
    nightly(db.worker, night, NIGHT)
    assert rows(db, "select state, activated_by from merging_weights") == [("active", "night")]
    assert rows(db, "select account, subject from audit") == [(None, "1")]


def test_old_comparisons_go(db: Home) -> None:
    def kept(report: int, at: datetime) -> None:
        with db.worker.transaction() as conn:
            store.keep(conn, [Comparison(report, 1, 1, Kept.JOINED, BIASED, 0.9, 0)], at)

    for n in range(5):
        kept(n, NOW - versions.KEPT_FOR - timedelta(days=1))
    kept(9, NOW)
    assert prune(db.worker, NOW, batch=2) == 5
    assert rows(db, "select report from comparison") == [(9,)]


def test_what_was_proposed_says_where_it_stands(db: Home, say: Say) -> None:
    say(25)
    refit(db)
    switch(db, 1, 0)
    with db.worker.transaction() as conn:
        (found,) = store.versions(conn)
    assert (found.state, found.activated_by, found.reason) == (Standing.ACTIVE, "研判员甲", "试用")
    assert found.figures["whole"]["after"]["loss"] < found.figures["whole"]["before"]["loss"]
