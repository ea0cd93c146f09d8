"""A person's other choice is a lesson that every process takes in when it next looks."""

from __future__ import annotations

import pytest

from chengshu.agencies.model import Role
from chengshu.app import refits
from chengshu.dispatch.routing import lessons, store
from chengshu.dispatch.routing.wording import Power
from tests.conftest import NOW
from tests.security.people import Api, person, rows
from tests.security.scene import RUGAO, file, incident_of, ok

pytestmark = pytest.mark.db
TEXT = "这里有点情况，麻烦安排人来看一下，谢谢。"
UNIT = "nt.rugao.slj"


def taught(api: Api) -> None:
    report = file(person(api, Role.CALL_TAKER, "nt.rugao"), RUGAO, TEXT)
    api.work()
    assert not rows(api.home, "select 1 from work_order")
    who = person(api, Role.DISPATCHER, "nt.rugao")
    ok(who.post(f"/incidents/{incident_of(api, report)}/assign", {"unit": UNIT, "reason": "河道"}))


def test_another_choice_is_learnt_at_once(api: Api) -> None:
    taught(api)
    ((power, unit, buckets),) = rows(
        api.home, "select power, unit, cardinality(buckets) from routing_lesson"
    )
    assert (power, unit) == ("水利局|county", UNIT)
    assert buckets > 10
    before = api.home.world.office.router
    assert before is not None
    with api.home.worker.transaction() as conn:
        after = lessons.refreshed(before, conn)
        assert lessons.refreshed(after, conn) is after  # taken in once
    seen, at = (
        before.wording.read(f"。{TEXT}"),
        before.wording.powers.index(Power("水利局", "county")),
    )
    assert after.wording.shares(seen)[at] > before.wording.shares(seen)[at]
    assert not before.wording.residual


def test_a_second_unit_beside_the_first_is_no_correction(api: Api) -> None:
    taught(api)
    ((incident,),) = rows(api.home, "select incident from work_order")
    who = person(api, Role.DISPATCHER, "nt.rugao")
    ok(who.post(f"/incidents/{incident}/assign", {"unit": "nt.rugao.cgj"}))
    assert len(rows(api.home, "select 1 from routing_lesson")) == 1


def test_what_units_settled_is_counted_and_read(api: Api) -> None:
    taught(api)
    with api.home.owner() as conn:
        conn.execute("update work_order set stage = 'closed', closed_at = %s", (NOW,))
    router = api.home.world.office.router
    assert router is not None
    assert refits.nightly_routing(api.home.worker, router.shipped, NOW) is None  # too few decisions
    ((matter, county),) = rows(api.home, "select matter, county from routing_count")
    with api.home.worker.transaction() as conn:
        assert store.settled(conn, [(str(matter), int(str(county)))]) == {
            (matter, county): {UNIT: 1.0}
        }
        ((incident,),) = rows(api.home, "select incident from work_order")
        assert store.settled_by(conn, [int(str(incident))]) == {incident: UNIT}
    view = ok(person(api, Role.ANALYST, "nt").get("/routing/quality"))
    assert (view["decisions"], view["agreement"], view["current"]) == (1, 0.0, 0)
    assert person(api, Role.ANALYST, "nt.rugao").get("/routing/quality").status_code == 403


def test_a_calibration_is_put_in_use_and_taken_back(api: Api) -> None:
    router = api.home.world.office.router
    assert router is not None
    with api.home.worker.transaction() as conn:
        number = store.propose_version(conn, router.shipped, {"decisions": 300.0}, NOW)
    analyst = person(api, Role.ANALYST, "nt")
    assert (
        ok(analyst.post(f"/routing/versions/{number}/activate", {"reason": "曲线更准"}))["current"]
        == number
    )
    with api.home.worker.transaction() as conn:
        assert lessons.refreshed(router, conn).mix.version == number
    assert ok(analyst.post("/routing/versions/0/activate", {"reason": "退回"}))["current"] == 0
    assert analyst.post("/routing/versions/99/activate", {"reason": "没有"}).status_code == 404
