"""Whatever people and reports do in whatever order: counters, orders and memberships stay true, and
an act that is taken back at once leaves no trace but in the history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chengshu.agencies.model import Role
from chengshu.dispatch.workflow import Verb
from chengshu.incidents import store as incident_store
from chengshu.incidents.rebuild import rebuild
from tests.conftest import NOW, Home
from tests.dispatch.test_regroup import TEXTS, state
from tests.dispatch.test_verbs import do
from tests.security import people
from tests.security.people import Someone, rows
from tests.security.scene import RUGAO, file, ok

pytestmark = pytest.mark.db
_UNITS = ("nt.rugao.cgj", "nt.rugao.slj")
_ANY = st.integers(min_value=0, max_value=99)
_SAME = ("还是这件事一直没人来", "我也要反映同样的情况", "请尽快派人到现场看看")


class Regrouping(RuleBasedStateMachine):
    """Reports arrive, people merge, split and undo, units work; one county, two bureaus."""

    home: Home  # set before it runs

    @initialize(chosen=st.lists(st.sampled_from(TEXTS), min_size=3, max_size=4, unique=True))
    def begin(self, chosen: list[str]) -> None:
        self.home.empty()
        self.api = people.make_api(self.home, NOW)
        self.desk = people.person(self.api, Role.CALL_TAKER, "nt.rugao")
        self.who = people.person(self.api, Role.DISPATCHER, "nt.rugao")
        self.units = {u: people.person(self.api, Role.HANDLER, u) for u in _UNITS}
        self.filed = 0
        for text in chosen:
            self.arrive(text, 0)

    # ------------------------------------------------------------ what happens
    @rule(text=st.sampled_from(TEXTS), again=st.integers(min_value=0, max_value=2))
    def arrive(self, text: str, again: int) -> None:
        self.filed += 1
        said = NOW - timedelta(days=2) + timedelta(minutes=self.filed)
        phone = f"139{again:04d}{self.filed % 3:04d}"
        file(self.desk, RUGAO, f"{text}，{_SAME[again]}", said_at=said.isoformat(),
             reporter={"name": "陈小姐", "phone": phone})  # fmt: skip
        self.api.work()

    @rule(incident=_ANY, unit=st.sampled_from(_UNITS))
    def assign(self, incident: int, unit: str) -> None:
        self.who.post(f"/incidents/{self.open(incident)}/assign", {"unit": unit})

    @rule(
        order=_ANY,
        verb=st.sampled_from((Verb.SIGN, Verb.SIGN, Verb.HANDLE, Verb.RETURN, Verb.ACCEPT)),
    )
    def work(self, order: int, verb: Verb) -> None:
        live = rows(
            self.home,
            "select id, unit from work_order where stage in ('assigned', 'signed', 'handled') order by id",
        )
        if live:
            number, unit = live[order % len(live)]
            person = self.who if verb is Verb.ACCEPT else self.units.get(unit)
            if person:
                do(person, verb, str(number))

    @rule(one=_ANY, other=_ANY)
    def merge(self, one: int, other: int) -> None:
        lead, second = self.open(one), self.open(other)
        if lead != second:
            self.settled(
                self.who, f"/incidents/{lead}/merge", {"other": second, "reason": "同一件"}
            )

    @precondition(lambda self: self.splittable())
    @rule(one=_ANY, chosen=st.sets(_ANY, min_size=1, max_size=3))
    def split(self, one: int, chosen: set[int]) -> None:
        found = self.splittable()
        incident, reports = found[one % len(found)]
        body = {"reports": sorted({reports[n % len(reports)] for n in chosen}), "reason": "另一件"}
        self.settled(self.who, f"/incidents/{incident}/split", body)

    @rule(one=_ANY)
    def undo(self, one: int) -> None:
        """Whatever was done since: refused with a sentence, or done; what it kept was foretold."""
        acts = rows(
            self.home, "select verb, lead, other from regroup where undone_at is null order by id"
        )
        if acts:
            self.take_back(*acts[one % len(acts)])

    @rule()
    def undo_the_last(self) -> None:
        acts = rows(
            self.home,
            "select verb, lead, other from regroup where undone_at is null order by id desc",
        )
        if acts:
            self.take_back(*acts[0])

    def take_back(self, verb: str, lead: int, other: int) -> None:
        told = ok(
            self.who.get(f"/incidents/{lead}/undo", params={"other": str(other), "verb": verb})
        )
        at, second = (lead, other) if verb == "merge" else (other, lead)
        done = self.who.post(f"/incidents/{at}/un{verb}", {"other": str(second), "reason": "撤销"})
        assert done.status_code == (200 if told["possible"] else 409), (told, done.text)
        if not told["possible"]:
            assert done.json()["detail"] == told["why_not"]
        else:
            assert (told["verb"], told["lead"], told["other"]) == (verb, str(lead), str(other))
            steps = ok(self.who.get(f"/incidents/{lead}"))["steps"]
            assert [s for s in steps if s["verb"] == f"un{verb}"][-1]["detail"]["kept"] == told[
                "kept"
            ]

    # ------------------------------------------------------------ helpers
    def open(self, n: int) -> str:
        found = rows(self.home, "select id from incident where closed_at is null order by id")
        return str(found[n % len(found)][0])

    def splittable(self) -> list[tuple[int, list[str]]]:
        found = rows(self.home, "select incident, array_agg(report::text order by report) from membership "
                                "group by 1 having count(*) > 1 order by 1")  # fmt: skip
        return [(r[0], r[1]) for r in found]

    def settled(self, who: Someone, path: str, body: dict[str, Any]) -> None:
        """Do it, take it back at once: everything is as it was. Then do it again, to go on from there."""
        before = state(self.home)
        answer = who.post(path, body)
        if answer.status_code != 200:
            assert answer.status_code in (403, 409), answer.text
            assert state(self.home) == before
            return
        ((verb, lead, other),) = rows(
            self.home, "select verb, lead, other from regroup order by id desc limit 1"
        )
        told = ok(who.get(f"/incidents/{lead}/undo", params={"other": str(other)}))
        assert told["possible"]
        assert told["kept"] == []
        self.take_back(verb, lead, other)
        gone = {other} if verb == "split" else set()
        assert state(self.home, gone) == before
        ok(who.post(path, body))

    # ------------------------------------------------------------ what always holds
    @invariant()
    def every_report_belongs_to_one_open_place(self) -> None:
        assert rows(self.home, "select count(*) from membership") == [(self.filed,)]
        merged = "select 1 from membership m join incident i on i.id = m.incident where i.stage = 'merged'"
        assert rows(self.home, merged) == []

    @invariant()
    def counters_are_what_is_counted(self) -> None:
        wrong = rows(self.home, """
          select i.id, i.reports, i.people, i.urged, c.* from incident i left join lateral (
            select count(*) n, count(distinct r.caller) people, count(*) filter (where m.relation = 'urged') urged
            from membership m join report r on r.id = m.report where m.incident = i.id) c on true
          where (i.reports, i.people, i.urged) is distinct from (c.n, c.people, c.urged)""")  # fmt: skip
        assert wrong == []

    @invariant()
    def a_unit_has_one_live_order_of_an_open_incident(self) -> None:
        live = "o.stage in ('assigned', 'signed', 'handled', 'verified')"
        assert (
            rows(
                self.home,
                f"select unit, incident from work_order o where {live} group by 1, 2 having count(*) > 1",
            )
            == []
        )
        ended = "('closed', 'answered', 'refused', 'referred', 'void', 'merged')"
        assert rows(self.home, f"select o.id from work_order o join incident i on i.id = o.incident "
                               f"where {live} and i.stage in {ended}") == []  # fmt: skip

    @invariant()
    def a_profile_is_that_of_its_reports(self) -> None:
        """Apart from how rare words were: places, positions and callers are those of a rebuild."""
        for (incident,) in rows(self.home, "select distinct incident from membership"):
            with self.home.worker.transaction() as conn, conn.transaction(force_rollback=True):
                kept = incident_store.profiles(conn, [incident])[incident]
                rebuild(conn, incident, self.home.world.rules, NOW)
                made = incident_store.profiles(conn, [incident])[incident]
            assert (kept.places, kept.callers, kept.points) == (
                made.places,
                made.callers,
                made.points,
            )
            assert (kept.xs, kept.ys) == pytest.approx((made.xs, made.ys))


def _run(home: Home, examples: int, steps: int) -> None:
    class Machine(Regrouping):
        pass

    Machine.home = home
    Machine.TestCase.settings = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.reuse, Phase.generate),  # every step is many requests: shrinking takes minutes
    )  # fmt: skip
    Machine.TestCase("runTest").runTest()


@pytest.mark.parametrize(
    ("examples", "steps"), [(6, 12), pytest.param(150, 30, marks=pytest.mark.soak)]
)
def test_whatever_happens(db: Home, examples: int, steps: int) -> None:
    _run(db, examples, steps)
