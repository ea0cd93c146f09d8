"""The loop from end to end: what merging measures is kept, people answer, and merging decides otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chengshu.app import world as worlds
from chengshu.incidents.attach import attach
from chengshu.incidents.refit import store, versions
from chengshu.incidents.refit.model import Answer, Kept
from chengshu.incidents.refit.versions import Operator
from chengshu.intake.model import Report
from chengshu.intake.submit import submit
from tests.conftest import NOW, Home
from tests.incidents.conftest import Merge, report
from tests.security.people import rows

pytestmark = pytest.mark.db

PLACE = "崇川区学田街道学田新村{}号楼"


def pair(n: int, apart: bool = True) -> list[Report]:
    """Two neighbours' reports about the stairs of two houses of one estate."""
    first, second = PLACE.format(n * 2 + 1), PLACE.format(n * 2 + 2 if apart else n * 2 + 1)
    return [
        report(f"{first}楼道里堆满杂物，通行困难", title="楼道堆物", place=first),
        report(f"{second}楼道堆放很多东西，请清理", title="楼道堆物", place=second, said_at=NOW + timedelta(hours=1)),
    ]  # fmt: skip


def test_what_was_measured_is_kept_for_where_it_joined_and_what_came_near(
    merge: Merge, db: Home
) -> None:
    results = merge([*pair(0), *pair(1)])
    kept = rows(db, "select report, incident, home, kind, version, probability from comparison")
    assert kept
    homes = {r.report.id: r.incident.id for r in results}
    for report_id, incident, home, kind, version, probability in kept:
        assert homes[report_id] == home
        assert (kind == Kept.JOINED) == (incident == home)
        assert version == db.world.rules.weights.version
        assert 0 < probability <= 1
    per_report = rows(
        db, "select max(n) from (select count(*) n from comparison group by report) c"
    )
    assert per_report[0][0] <= 3
    joined = {r.report.id for r in results if not r.opened}
    assert joined == {row[0] for row in kept if row[3] == Kept.JOINED}


def test_people_teach_merging_to_keep_two_houses_apart(merge: Merge, db: Home) -> None:
    """Twenty-four reports that merging put together and people took apart; the next pair stays apart."""
    merge(pair(0))
    found_first = "select measured, probability from comparison where kind = 'joined'"
    ((measured, probability),) = rows(db, found_first)
    assert probability > 0.9, "the machine is sure, and wrong in this city"
    apart = merge([report("濠西路路灯不亮"), report("人民路窨井盖缺失")])
    one, other = apart[0].incident.id, apart[1].incident.id
    with db.worker.transaction() as conn:
        found = store.joinings(conn, *_home(db))
        assert found[0].measured == measured
        for _ in range(24):  # as many splits of the like, written down without walking through each
            store.answer(conn, Answer.SPLIT, False, one, other, found[0], report=None, fresh=False, weight=1.0,
                         account=None, actor="派遣员", now=NOW)  # fmt: skip
    world = db.world
    for n in (1, 2, 3):
        with db.worker.transaction() as conn:
            made = versions.refit(conn, "测试", 0.9, NOW)
            if made.proposed is None:
                break
            versions.activate(conn, n, n - 1, Operator("研判员甲"), "试用", NOW)
            world = worlds.refreshed(world, conn)
    assert world.rules.weights.version >= 1
    assert world.rules.weights.of(measured) < db.world.rules.weights.of(measured)
    db.empty()
    two = pair(0)
    with db.worker.transaction() as conn:
        for r in two:
            submit(conn, db.keyring, r)
        results = attach(conn, two, world.rules, NOW)
    assert all(r.opened for r in results), "now a person is asked"
    assert rows(db, "select state from suggestion") == [("open",)]


def _home(db: Home) -> tuple[int, list[int]]:
    ((incident, joined),) = rows(
        db, "select incident, report from comparison where kind = 'joined'"
    )
    return incident, [joined]
