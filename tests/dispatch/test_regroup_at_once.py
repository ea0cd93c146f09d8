"""Several people and workers regroup the same incidents at once: one wins, the others hear a clear sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from tests.dispatch.test_regroup import state
from tests.security.people import rows
from tests.security.scene import HAIAN, RUGAO, Scene, file, incident_of, ok

pytestmark = pytest.mark.db


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """What came of all of them, begun in the same moment, each in a thread of its own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(30)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def codes(answers: Sequence[object]) -> list[int]:
    found = [a.status_code for a in answers if isinstance(a, httpx.Response)]
    for answer in answers:
        if isinstance(answer, httpx.Response) and answer.status_code != 200:
            assert answer.json()["code"] in ("conflict", "not_found"), answer.text
            assert answer.json()["detail"]
    return sorted(found)


def test_one_merges_where_many_do(scene: Scene) -> None:
    """The same pair in both directions, eight people: one merge, and one undoing of it."""
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    a, b = ids["incident"], ids["sent_incident"]
    before = state(scene.api.home)
    pairs = [(a, b), (b, a)] * 4

    def merge(lead: str, other: str) -> Callable[[], object]:
        return lambda: who.post(
            f"/incidents/{lead}/merge", {"other": other, "reason": "同一件"}, quiet=True
        )

    assert codes(at_once([merge(*p) for p in pairs])) == [200] + [409] * 7
    ((lead, other),) = rows(
        scene.api.home, "select lead::text, other::text from regroup where undone_at is null"
    )

    def unmerge() -> object:
        return who.post(
            f"/incidents/{lead}/unmerge", {"other": other, "reason": "两件"}, quiet=True
        )

    assert codes(at_once([unmerge] * 4)) == [200, 409, 409, 409]
    assert state(scene.api.home) == before


def test_merging_and_splitting_at_once(scene: Scene) -> None:
    """Two split the same report off, two merge the whole into another: what was first stands, and can be undone."""
    ids, who, home = scene.rugao.ids, scene.rugao.people["dispatcher"], scene.api.home
    a, b, c = ids["incident"], ids["waiting"], ids["sent_incident"]
    ok(who.post(f"/incidents/{a}/merge", {"other": b, "reason": "同一件"}))
    body = {"report": ids["waiting_report"], "reason": "另一件"}
    acts: list[Callable[[], object]] = [
        lambda: who.post(f"/incidents/{a}/split", body, quiet=True),
        lambda: who.post(f"/incidents/{c}/merge", {"other": a, "reason": "同一件"}, quiet=True),
    ] * 2
    answers = codes(at_once(acts))
    assert answers.count(200) in (1, 2)  # a split before the merge is no hindrance to it
    found = rows(home, "select count(*), count(distinct report) from membership where incident in "
                       "(select id from incident where stage <> 'merged')")  # fmt: skip
    assert found[0][0] == found[0][1] == 10
    live = """select incident, unit from work_order where stage in ('assigned', 'signed', 'handled', 'verified')
      group by 1, 2 having count(*) > 1"""
    assert rows(home, live) == []


def test_merging_while_reports_of_both_are_decided(scene: Scene) -> None:
    """Workers decide about further reports of two incidents while people merge and unmerge them."""
    ids, home = scene.rugao.ids, scene.api.home
    who, desk = scene.rugao.people["dispatcher"], scene.rugao.people["call_taker"]
    a, b = ids["incident"], ids["sent_incident"]
    filed = [
        file(desk, RUGAO, text)
        for n in range(6)
        for text in (f"葫芦作坊半夜切割石料,噪音扰民{n}", f"灯笼店油烟直排{n}")
    ]

    def regroup() -> object:
        done = who.post(f"/incidents/{a}/merge", {"other": b, "reason": "同一件"}, quiet=True)
        assert done.status_code == 200, done.text
        return who.post(f"/incidents/{a}/unmerge", {"other": b, "reason": "两件"}, quiet=True)

    answers = at_once([regroup, scene.api.work, scene.api.work, scene.api.work])
    assert codes(answers) == [200]
    assert rows(home, "select count(*) from outbox where failed is not null") == [(0,)]
    homes = {incident_of(scene.api, report) for report in filed}
    merged = "select 1 from incident where stage = 'merged' and id = any(%s)"
    assert rows(home, merged, [int(i) for i in homes]) == []
    wrong = rows(home, "select i.id from incident i left join membership m on m.incident = i.id "
                       "group by i.id, i.reports having i.reports <> count(m.report)")  # fmt: skip
    assert wrong == []


def test_signing_while_the_order_moves_to_another_incident(scene: Scene) -> None:
    """Whoever signs meanwhile: the order and the incident that it is part of agree."""
    ids, home = scene.rugao.ids, scene.api.home
    who, bureau = scene.rugao.people["dispatcher"], scene.rugao.people["bureau"]
    lead, other, order = ids["waiting"], ids["sent_incident"], ids["sent_order"]
    answers = at_once([
        lambda: who.post(f"/incidents/{lead}/merge", {"other": other, "reason": "同一件"}, quiet=True),
        lambda: bureau.post(f"/orders/{order}/sign", quiet=True),
    ])  # fmt: skip
    assert 200 in codes(answers)
    ((stage, incident, follows),) = rows(
        home,
        "select o.stage, o.incident::text, i.stage from work_order o join incident i on i.id = o.incident where o.id = %s",
        int(order),
    )
    assert incident == lead
    assert (stage, follows) in {("assigned", "assigned"), ("signed", "handling")}


def test_answering_a_suggestion_while_a_batch_suggests(scene: Scene) -> None:
    ids, who = scene.rugao.ids, scene.rugao.people["dispatcher"]
    for n in range(4):
        file(scene.rugao.people["call_taker"], RUGAO, f"馄饨摊贩占道经营,垃圾没人清{n}")
        file(scene.haian.people["call_taker"], HAIAN, f"风筝摊贩占道经营,垃圾没人清{n}")
    answers = at_once([
        lambda: who.post(f"/suggestions/{ids['suggestion']}", {"accept": True}, quiet=True),
        lambda: who.post(f"/suggestions/{ids['suggestion']}", {"accept": True}, quiet=True),
        scene.api.work,
        scene.api.work,
    ])  # fmt: skip
    assert codes(answers) == [200, 409]
