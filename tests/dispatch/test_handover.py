"""Hand-over to 110 and the like against a small platform that is slow, deaf, forgetful or unwilling."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chengshu.agencies.model import Role
from chengshu.app.notifying import Ways, carry_due
from chengshu.dispatch.handover import carry
from chengshu.dispatch.handover.http_line import HttpLine
from chengshu.dispatch.handover.line import Note, Unanswered
from chengshu.dispatch.handover.model import HandoverAnswer, OtherSide
from chengshu.dispatch.handover.rules import HandoverRules, read_handover
from chengshu.kit.errors import CannotStart
from tests.conftest import NOW, Home
from tests.notices.servers import Answer as HttpAnswer
from tests.notices.servers import Heard, HttpEnd, http_end
from tests.security import people
from tests.security.people import Api, Someone, forget_grids, log_in, make_api, rows
from tests.security.scene import RUGAO, file, incident_of, ok

pytestmark = pytest.mark.db
DANGER = "楼道里有很浓的煤气味,老人已经头晕"


@dataclass
class Platform:
    """A simulated 110: gives its own number once for each of ours, however often it hears it.

    Attributes:
        mood: What it does with what it hears: take, refuse, drop (take, and lose the answer), slow, fail, babble.
        cases: Our number to its.
    """

    end: HttpEnd
    mood: str = "take"
    cases: dict[str, str] = field(default_factory=dict)

    def __call__(self, heard: Heard) -> HttpAnswer:
        number = heard.json["number"]
        assert heard.headers["Idempotency-Key"] == number
        if self.mood == "fail":
            return 503, {}
        if self.mood == "refuse":
            return 200, {"accepted": False, "reason": "不属于警务事项", "by": "接警员07"}
        known = number in self.cases
        self.cases.setdefault(number, f"JJD{len(self.cases) + 1:04}")
        if self.mood == "drop":
            return None
        if self.mood == "slow":
            time.sleep(0.5)
        if self.mood == "babble":
            return 200, {"ok": "yes"}
        return (409 if known else 200), {
            "accepted": True,
            "number": self.cases[number],
            "by": "接警员07",
        }


@dataclass
class Hall:
    """A desk, a line to the platform, and the worker."""

    api: Api
    platform: Platform
    ways: Ways
    who: dict[str, Someone] = field(default_factory=dict)

    def at(self, role: Role, unit: str = "nt.rugao") -> Someone:
        key = f"{role}@{unit}"
        if key not in self.who:
            self.who[key] = people.person(self.api, role, unit)
        return self.who[key]

    @property
    def desk(self) -> Someone:
        return self.at(Role.CALL_TAKER)

    def happens(self, **more: object) -> str:
        report = file(self.desk, RUGAO, DANGER, transfer="110", transfer_reason="有人头晕", **more)
        self.api.work()
        return incident_of(self.api, report)

    def offer(self, incident: str, party: str = "110") -> dict[str, Any]:
        made: dict[str, Any] = ok(
            self.desk.post(f"/incidents/{incident}/handovers", {"party": party})
        )
        return made

    def shown(self, incident: str) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.desk.get(f"/incidents/{incident}/handovers"))
        return found

    def round(self, by: timedelta = timedelta(0)) -> int:
        if by:
            self.api.clock.now += by
            self.who = {k: log_in(self.api, s.account) for k, s in self.who.items() if s.account}
        home = self.api.home
        return carry_due(home.worker, home.world, self.ways, home.keyring, self.api.clock.now)

    def sql(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return rows(self.api.home, query, *args)

    def states(self) -> list[tuple[Any, ...]]:
        return self.sql("select party, state, holds from handover order by id")


@pytest.fixture
def hall(db: Home) -> Iterator[Hall]:
    with http_end() as end:
        platform = Platform(end)
        end.answers = platform
        line = HttpLine(end.url, "their-key", timeout_s=0.25)
        yield Hall(make_api(db, NOW), platform, Ways({}, {OtherSide.POLICE: line}))
    forget_grids(db)


def test_one_key_hands_over_and_the_receipt_says_who_has_it(hall: Hall) -> None:
    incident = hall.happens()
    before = hall.shown(incident)
    assert before["holder"]["party"] is None
    assert [(p["party"], p["reason"]) for p in before["proposed"]] == [("110", "有人头晕")]
    offered = hall.offer(incident)
    assert (offered["holder"]["party"], offered["holder"]["asked"]) == (None, ["110"])
    assert offered["proposed"] == []
    hall.round()
    after = hall.shown(incident)
    assert after["holder"] == {**after["holder"], "party": "110", "number": "JJD0001", "asked": []}
    assert hall.round(timedelta(minutes=5)) == 0, "it is over"
    verbs = [
        v for (v,) in hall.sql("select verb from step where verb like 'handover%%' order by id")
    ]
    assert verbs == ["handover_offer", "handover_acknowledged"]


def test_the_note_says_who_what_where_and_whom_to_ring_back(hall: Hall) -> None:
    incident = hall.happens()
    hall.offer(incident)
    hall.round()
    note = hall.platform.end.heard[0].json
    assert hall.platform.end.heard[0].headers["X-API-Key"] == "their-key"
    assert (note["to"], note["callback"], note["place"], note["said"]) == (
        "110", "13911110001", RUGAO.town, DANGER)  # fmt: skip
    assert note["incident"] == hall.sql("select number from incident")[0][0]
    assert hall.sql("select act, detail->>'purpose' from audit where act = 'reveal'") == [
        ("reveal", "转接 110")
    ]
    assert "13911110001" not in str(hall.sql("select * from handover"))


def test_of_a_confidential_report_no_telephone_is_given(hall: Hall) -> None:
    hall.offer(hall.happens(confidential=True, nature="denunciation"))
    hall.round()
    assert hall.platform.end.heard[0].json["callback"] == ""


@pytest.mark.parametrize("mood", ["drop", "slow", "babble"])
def test_a_lost_answer_is_asked_for_again_and_opens_no_second_case(hall: Hall, mood: str) -> None:
    hall.platform.mood = mood
    incident = hall.happens()
    hall.offer(incident)
    hall.round()
    assert hall.states() == [("110", "offered", False)], (
        "they may have it, but until they say so it is ours"
    )
    hall.platform.mood = "take"
    hall.round(timedelta(seconds=5))
    assert hall.states() == [("110", "acknowledged", True)]
    assert len(hall.platform.end.heard) == 2
    assert list(hall.platform.cases.values()) == ["JJD0001"]


def test_without_an_answer_it_is_lost_shown_and_told_up_to_the_leader(hall: Hall) -> None:
    hall.platform.mood = "fail"
    incident = hall.happens()
    hall.offer(incident)
    for _ in range(4):
        hall.round(timedelta(seconds=30))
    assert hall.states() == [("110", "lost", False)]
    (one,) = hall.shown(incident)["items"]
    assert (one["state"], one["climbed"], one["last_error"]) == ("lost", 1, "HTTP 503")
    assert [h["id"] for h in ok(hall.desk.get("/handovers"))["items"]] == [one["id"]]
    assert ok(hall.at(Role.CALL_TAKER, "nt.haian").get("/handovers"))["items"] == []
    for _ in range(3):
        hall.round(timedelta(seconds=30))
    told = hall.sql(
        "select event, level, unit from notice where event like 'handover%%' order by id"
    )
    assert told == [("handover_lost", 1, "nt.rugao"), ("handover_lost_leader", 2, "nt.rugao"),
                    ("handover_lost_leader", 2, "nt")]  # fmt: skip
    for _ in range(10):
        hall.round(timedelta(seconds=30))
    assert len(hall.sql("select 1 from notice where event like 'handover%%'")) == 3, (
        "each level once"
    )
    hall.platform.mood = "take"
    hall.round(timedelta(seconds=30))
    assert hall.states() == [("110", "acknowledged", True)], "late is better than never"


def test_a_refusal_leaves_it_with_us_and_the_desk_is_told(hall: Hall) -> None:
    hall.platform.mood = "refuse"
    incident = hall.happens()
    hall.offer(incident)
    hall.round()
    assert hall.states() == [("110", "refused", False)]
    assert hall.shown(incident)["holder"]["party"] is None
    ((event, text),) = hall.sql("select event, text from notice where event like 'handover%%'")
    assert event == "handover_refused"
    assert "不属于警务事项" in str(text)
    hall.platform.mood = "take"
    hall.offer(incident)  # it may be offered again, under a new number
    hall.round()
    assert hall.states()[-1] == ("110", "acknowledged", True)


def test_by_telephone_where_there_is_no_line(hall: Hall) -> None:
    incident = hall.happens()
    made = hall.offer(incident, "120")
    hall.round()
    number = made["items"][0]["id"]
    hall.round(timedelta(seconds=60))
    assert hall.states() == [("120", "lost", False)], "the clock runs for the telephone too"
    path = f"/handovers/{number}/answer"
    assert hall.desk.post(path, {}).status_code == 422
    assert hall.at(Role.HANDLER, "nt.rugao").post(path, {"number": "X1"}).status_code == 403
    assert hall.at(Role.CALL_TAKER, "nt.haian").post(path, {"number": "X1"}).status_code == 404
    done = ok(hall.desk.post(path, {"number": "JZ-77", "by": "调度员李"}))
    assert done["holder"] == {**done["holder"], "party": "120", "number": "JZ-77"}
    assert hall.desk.post(path, {"number": "JZ-78"}).status_code == 409
    assert hall.round(timedelta(minutes=10)) == 0


def test_what_comes_back_is_ours_again(hall: Hall) -> None:
    incident = hall.happens()
    made = hall.offer(incident)
    number = made["items"][0]["id"]
    assert hall.desk.post(f"/handovers/{number}/back", {"words": "不是警情"}).status_code == 409, (
        "they do not have it"
    )
    hall.round()
    assert hall.desk.post(f"/handovers/{number}/back", {"words": ""}).status_code == 422
    done = ok(hall.desk.post(f"/handovers/{number}/back", {"words": "到场核实不是警情"}))
    assert done["holder"]["party"] is None
    assert hall.states() == [("110", "handed_back", False)]


def test_fire_and_ambulance_may_both_come_and_one_of_them_holds_it(hall: Hall) -> None:
    incident = hall.happens()
    ids = [hall.offer(incident, p)["items"][0]["id"] for p in ("119", "120")]
    with ThreadPoolExecutor(2) as pool:
        list(
            pool.map(
                lambda i: ok(hall.desk.post(f"/handovers/{i}/answer", {"number": f"N{i}"})), ids
            )
        )
    assert sorted(s for _, s, _ in hall.states()) == ["acknowledged", "acknowledged"]
    assert sorted(h for _, _, h in hall.states()) == [False, True]
    held = hall.shown(incident)["holder"]
    assert {held["party"], *held["joint"]} == {"119", "120"}


def test_the_database_knows_one_holder_only(hall: Hall) -> None:
    incident = hall.happens()
    for party in ("119", "120"):
        hall.offer(incident, party)
    with (
        hall.api.home.owner() as conn,
        pytest.raises(psycopg.errors.UniqueViolation, match="one_holder"),
    ):
        conn.execute("update handover set state = 'acknowledged', their_number = 'x', holds = true")


def test_two_offers_to_one_party_are_one(hall: Hall) -> None:
    incident = hall.happens()

    def press(_: int) -> int:
        return hall.desk.post(f"/incidents/{incident}/handovers", {"party": "110"}).status_code

    hall.at(Role.CALL_TAKER)
    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(press, range(4)))
    assert codes == [200, 409, 409, 409]
    assert len(hall.states()) == 1


def test_a_worker_that_dies_after_asking_asks_again(hall: Hall) -> None:
    home, incident = hall.api.home, hall.happens()
    hall.offer(incident)
    with home.worker.transaction() as conn:
        (one,) = carry.due(
            conn, NOW, hall.ways.lines, home.world.handover, home.keyring, "南通", 10
        )
    answer, _ = carry.ask(one, hall.ways.lines)
    assert answer is not None
    assert answer.number == "JJD0001"
    hall.round(timedelta(seconds=10))
    assert hall.states() == [("110", "offered", False)], "its claim still holds"
    hall.round(carry.LEASE)
    assert hall.states() == [("110", "acknowledged", True)]
    with home.worker.transaction() as conn:  # the first one was only slow after all
        assert not carry.carried(
            conn, one, HandoverAnswer("", "", "不接收"), "", home.world.handover, hall.api.clock.now
        )
    assert hall.states() == [("110", "acknowledged", True)], "the first answer stands"


def test_who_may_hand_over(hall: Hall) -> None:
    incident = hall.happens()
    path, body = f"/incidents/{incident}/handovers", {"party": "110"}
    assert hall.at(Role.ANALYST).post(path, body).status_code == 403
    assert hall.at(Role.HANDLER).post(path, body).status_code == 403
    assert hall.at(Role.CALL_TAKER, "nt.haian").post(path, body).status_code == 404
    shown = ok(hall.at(Role.ANALYST).get(path))
    assert all(m["why_not"] for m in shown["may"])
    assert shown["may_answer"] is False


# ---------------------------------------------------------------- the line itself
@pytest.mark.parametrize(
    "body", [{}, {"accepted": "yes"}, {"accepted": True}, {"accepted": True, "number": " "}]
)
def test_an_answer_that_says_neither_is_none(body: dict[str, object]) -> None:
    with http_end() as end:
        end.answers = lambda _: (200, body)
        note = Note("ZJ1", OtherSide.POLICE, "南通", "甲", "", "x", "", None, None, "1", "", NOW)
        with pytest.raises(Unanswered):
            HttpLine(end.url).offer(note)


def test_the_citys_file_is_read_and_a_wrong_one_refused(tmp_path: Path) -> None:
    nantong = Path(__file__).parent.parent.parent / "cities/nantong/handover.toml"
    assert read_handover(nantong).lost_after == timedelta(seconds=60)
    assert read_handover(tmp_path / "none.toml") == HandoverRules()
    wrong = tmp_path / "handover.toml"
    wrong.write_text(nantong.read_text("utf-8").replace('"119"', '"118"'), "utf-8")
    with pytest.raises(CannotStart, match=r"handover\.toml"):
        read_handover(wrong)
