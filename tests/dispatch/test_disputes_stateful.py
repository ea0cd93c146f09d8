"""Whatever units, desks, centres and clocks do in whatever order: no third return, nobody's matter never stays
unwatched, and no clock is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chengshu.agencies.model import Role
from chengshu.app import pipeline
from tests.conftest import NOW, Home
from tests.dispatch.test_disputes import BASIS, JTJ, PLATE, TOWN, WATER, ZJJ, Hall
from tests.security.people import make_api, rows

pytestmark = pytest.mark.db
_UNITS = (JTJ, WATER, ZJJ, TOWN)
_ANY = st.integers(min_value=0, max_value=99)
_REASONS = ("not_my_matter", "not_my_area", "not_my_power")
_LIVE = "('assigned', 'signed', 'handled', 'verified')"


class Disputing(RuleBasedStateMachine):
    """One matter that units hand back, of which the desk, the centre and the workers know no end."""

    home: Home  # set before it runs

    @initialize()
    def begin(self) -> None:
        self.home.empty()
        self.hall = Hall(make_api(self.home, NOW.replace(hour=2, minute=0)), {})
        self.incident = self.hall.happens(PLATE)
        self.due = self.hall.sql("select due_at from incident where id = %s", int(self.incident))[
            0
        ][0]

    @rule(unit=st.sampled_from(_UNITS))
    def give(self, unit: str) -> None:
        answer = self.hall.desk.post(f"/incidents/{self.incident}/assign", {"unit": unit})
        assert answer.status_code in (200, 409)

    @rule(one=_ANY, reason=st.sampled_from(_REASONS))
    def hand_back(self, one: int, reason: str) -> None:
        live = self.orders("('assigned', 'signed')")
        if live:
            order, unit = live[one % len(live)]
            before = len(self.returns())
            status = self.hall.back(str(order), unit, reason).status_code
            assert status in (200, 409)
            assert len(self.returns()) == before + (status == 200)

    @rule(one=_ANY)
    def sign(self, one: int) -> None:
        live = self.orders("('assigned')")
        if live:
            order, unit = live[one % len(live)]
            assert self.hall.at(Role.HANDLER, unit).post(f"/orders/{order}/sign").status_code == 200

    @rule(lead=st.sampled_from(_UNITS), help_=st.sampled_from(_UNITS))
    def ruled(self, lead: str, help_: str) -> None:
        for dispute, state in self.hall.sql("select id, state from dispute"):
            body = {"lead": lead, "assist": [help_], "reason": "权属清楚，就由它办", "basis": BASIS}
            answer = self.hall.at(Role.SUPERVISOR, "nt").post(f"/disputes/{dispute}/rule", body)
            assert answer.status_code == (200 if state == "open" else 409), answer.text

    @rule()
    def revoke(self) -> None:
        for number, gone in self.hall.sql("select number, revoked_at is not null from ruling"):
            answer = self.hall.at(Role.LEADER, "nt").post(
                f"/rulings/{number}/revoke", {"reason": "权属有变"}
            )
            assert answer.status_code == (409 if gone else 200)

    @rule(minutes=st.sampled_from((10, 100, 400)))
    def time_passes(self, minutes: int) -> None:
        self.hall.later(timedelta(minutes=minutes))
        pipeline.handle_clocks(self.home.worker, self.hall.api.clock.now)

    def orders(self, stages: str) -> list[tuple[int, str]]:
        found = rows(
            self.home, f"select id, unit from work_order where stage in {stages} order by id"
        )
        return [(r[0], r[1]) for r in found]

    def returns(self) -> list[tuple[object, ...]]:
        return self.hall.sql(
            "select nth from handback where incident = %s order by nth", int(self.incident)
        )

    @invariant()
    def no_third_return(self) -> None:
        if not hasattr(self, "incident"):
            return
        found = [n for (n,) in self.returns()]
        assert found == list(range(1, len(found) + 1))
        assert len(found) <= 2
        ((stages,),) = self.hall.sql("select count(*) from work_order where stage = 'returned'")
        assert stages == len(found)

    @invariant()
    def somebody_has_it(self) -> None:
        """A live order, the desk's queue with a watch on it, or nobody handed it back yet."""
        if not hasattr(self, "incident") or not self.returns():
            return
        if self.orders(_LIVE):
            return
        ((stage,),) = self.hall.sql("select stage from incident where id = %s", int(self.incident))
        assert stage == "received"
        assert len(self.returns()) == 1, "after the second return a centre has it"

    @invariant()
    def no_clock_is_lost(self) -> None:
        if not hasattr(self, "incident"):
            return
        assert self.hall.sql("select due_at from incident where id = %s", int(self.incident)) == [
            (self.due,)
        ]
        assert {
            d for (d,) in self.hall.sql(f"select due_at from work_order where stage in {_LIVE}")
        } <= {self.due}
        for state, timer, level in self.hall.sql("select state, timer, escalated from dispute"):
            assert (timer is not None) == (state == "open" and level < 2)


def test_disputes_end_whatever_happens(db: Home) -> None:
    class Here(Disputing):
        home = db

    Here.TestCase.settings = settings(
        max_examples=15, stateful_step_count=18, deadline=None, phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    Here.TestCase().runTest()
