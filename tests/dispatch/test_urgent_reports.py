"""First, follow-up and final reports of an emergency: clocks, signer, recipients, words, and who is late."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.dispatch.urgent_reports.act import watch_urgent
from chengshu.dispatch.urgent_reports.rules import read_urgent
from chengshu.kit.errors import CannotStart
from tests.conftest import NOW
from tests.security import people
from tests.security.people import Api, Someone, log_in, rows
from tests.security.scene import RUGAO, file, incident_of, ok

pytestmark = pytest.mark.db
NANTONG = Path(__file__).parent.parent.parent / "cities/nantong/urgent_reports.toml"
DANGER = "楼道里有很浓的煤气味,老人已经头晕"
FULL = {
    "casualties": "1人头晕，已送医",
    "measures": "已关阀疏散",
    "cause": "胶管老化",
    "outcome": "已更换",
}


class Room:
    """The people who report, and a clock."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._who: dict[str, Someone] = {}

    def at(self, role: Role, unit: str = "nt.rugao") -> Someone:
        key = f"{role}@{unit}"
        if key not in self._who:
            self._who[key] = people.person(self.api, role, unit)
        return self._who[key]

    def later(self, **by: float) -> None:
        self.api.clock.now += timedelta(**by)
        self._who = {k: log_in(self.api, s.account) for k, s in self._who.items() if s.account}

    def watch(self) -> list[int]:
        home = self.api.home
        with home.worker.transaction() as conn:
            return watch_urgent(conn, self.api.clock.now, home.world.urgent, 50)

    def sql(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        return rows(self.api.home, query, *args)


@pytest.fixture
def room(api: Api) -> Room:
    return Room(api)


@pytest.fixture
def path(room: Room) -> str:
    """The address of an incident's urgent reports."""
    report = file(room.at(Role.CALL_TAKER), RUGAO, DANGER)
    room.api.work()
    return f"/incidents/{incident_of(room.api, report)}/urgent"


def due(view: dict[str, Any]) -> tuple[str, int, timedelta] | None:
    """Kind, number and time after NOW of what is due."""
    found = view["due"]
    return (
        None
        if found is None
        else (found["kind"], found["nth"], datetime.fromisoformat(found["due_at"]) - NOW)
    )


def test_the_whole_way_from_first_to_final(room: Room, path: str) -> None:
    leader = room.at(Role.LEADER)
    begun = ok(room.at(Role.DISPATCHER).post(path, {"level": 3}))
    assert due(begun) == ("first", 1, timedelta(minutes=30))
    assert begun["addressed"] == ["南通市市域治理现代化指挥中心", "市政府总值班室"]
    room.later(minutes=20)
    assert leader.post(f"{path}/end").status_code == 409, "the first report comes first"
    first = ok(leader.post(f"{path}/sign", {"entries": {"casualties": "1人头晕"}}))
    assert due(first) == ("follow_up", 2, timedelta(minutes=120))
    assert first["reports"][0]["late"] is False
    room.later(minutes=40)
    second = ok(leader.post(f"{path}/sign", {"entries": FULL, "level": 2}))
    assert due(second) == ("follow_up", 3, timedelta(minutes=60) + timedelta(hours=4))
    assert second["level"] == 2
    over = ok(leader.post(f"{path}/end"))
    assert due(over) == ("final", 3, timedelta(minutes=60) + timedelta(hours=24))
    last = ok(leader.post(f"{path}/sign", {"entries": FULL}))
    assert last["due"] is None
    assert last["why_not_sign"] == "终报已经报出"
    assert [r["kind"] for r in last["reports"]] == ["final", "follow_up", "first"]
    told = room.sql("select unit, level from notice where event = 'urgent_report'")
    assert told == [("nt", 2)] * 3
    verbs = [v for (v,) in room.sql("select verb from step where verb like 'urgent%%' order by id")]
    assert verbs == [
        "urgent_begin",
        "urgent_report",
        "urgent_report",
        "urgent_end",
        "urgent_report",
    ]


def test_every_line_comes_from_a_fact_an_entry_or_a_quotation(room: Room, path: str) -> None:
    ok(room.at(Role.DISPATCHER).post(path, {"level": 4}))
    draft = ok(room.at(Role.DISPATCHER).post(f"{path}/draft", {"entries": {}}))
    assert draft["missing"] == ["casualties"]
    text = draft["text"].splitlines()
    number, title = room.sql("select number, title from incident")[0]
    assert text[0] == f"【首报】{title}"
    assert f"事件编号：{number}" in text[1]
    assert f"首次反映原文：「{DANGER}」" in text
    assert "涉及人身或财产危险" in draft["text"]
    assert not any(line.startswith("伤亡") for line in text), "what nobody entered is not said"
    assert text[-1] == "截至时间：7月14日19:02"
    again = ok(
        room.at(Role.DISPATCHER).post(f"{path}/draft", {"entries": {"casualties": "1人头晕"}})
    )
    assert set(again["text"].splitlines()) - set(text) == {"伤亡情况：1人头晕"}
    assert room.sql("select count(*) from urgent_report where submitted_at is not null") == [(0,)]


def test_what_must_be_said_is_asked_for(room: Room, path: str) -> None:
    leader = room.at(Role.LEADER)
    ok(leader.post(path, {"level": 4}))
    answer = leader.post(f"{path}/sign", {"entries": {"casualties": "  "}})
    assert answer.status_code == 422
    assert "伤亡情况" in answer.text
    assert (
        leader.post(f"{path}/sign", {"entries": {"casualties": "无", "weather": "晴"}}).status_code
        == 422
    )


def test_a_confidential_report_is_not_quoted(room: Room) -> None:
    report = file(room.at(Role.CALL_TAKER), RUGAO, DANGER, confidential=True, nature="denunciation")
    room.api.work()
    path = f"/incidents/{incident_of(room.api, report)}/urgent"
    ok(room.at(Role.DISPATCHER).post(path, {"level": 4}))
    draft = ok(room.at(Role.DISPATCHER).post(f"{path}/draft", {"entries": {}}))
    assert "首次反映原文：「（保密件，原文从略）」" in draft["text"]


def test_who_begins_and_who_signs(room: Room, path: str) -> None:
    assert room.at(Role.CALL_TAKER).post(path, {"level": 4}).status_code == 403
    assert room.at(Role.DISPATCHER, "nt.haian").post(path, {"level": 4}).status_code == 404
    assert room.at(Role.LEADER).post(f"{path}/sign", {"entries": {}}).status_code == 409, (
        "not begun"
    )
    ok(room.at(Role.DISPATCHER).post(path, {"level": 4}))
    assert room.at(Role.DISPATCHER).post(path, {"level": 4}).status_code == 409
    body = {"entries": {"casualties": "无"}}
    assert room.at(Role.DISPATCHER).post(f"{path}/sign", body).status_code == 403
    assert room.at(Role.CALL_TAKER).post(f"{path}/draft", {"entries": {}}).status_code == 403
    seen = ok(room.at(Role.DISPATCHER).get(path))
    assert seen["why_not_sign"] == "签发人须是领导或督办人员"
    assert ok(room.at(Role.LEADER, "nt").get(path))["why_not_sign"] is None, (
        "the city may sign for it"
    )
    ok(room.at(Role.SUPERVISOR).post(f"{path}/sign", body))


def test_two_who_sign_at_once_sign_one(room: Room, path: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    leader = room.at(Role.LEADER)
    ok(leader.post(path, {"level": 4}))
    with ThreadPoolExecutor(3) as pool:
        codes = sorted(
            pool.map(lambda _: leader.post(f"{path}/sign", {"entries": FULL}).status_code, range(3))
        )
    made = room.sql("select nth, kind, submitted_at is null from urgent_report order by nth")
    signed = [m for m in made if not m[2]]
    assert codes.count(200) == len(signed)
    assert [m[0] for m in made] == list(range(1, len(made) + 1))
    assert sum(m[2] for m in made) == 1, "one is due"


def test_a_late_report_is_told_and_climbs_each_level_once(room: Room, path: str) -> None:
    ok(room.at(Role.DISPATCHER).post(path, {"level": 4}))
    room.later(minutes=29, seconds=59)
    assert room.watch() == []
    room.later(seconds=1)
    assert len(room.watch()) == 1
    assert room.watch() == []
    room.later(minutes=15)
    assert len(room.watch()) == 1
    room.later(hours=3)
    assert room.watch() == [], "there is nobody further up"
    told = room.sql("select event, unit from notice where event like 'urgent_late%%' order by id")
    assert told == [
        ("urgent_late", "nt.rugao"),
        ("urgent_late_above", "nt.rugao"),
        ("urgent_late_above", "nt"),
    ]
    (listed,) = ok(room.at(Role.LEADER, "nt").get("/urgent-reports"))["items"]
    assert (listed["report"]["late"], listed["level"]) == (True, 4)
    signed = ok(room.at(Role.LEADER).post(f"{path}/sign", {"entries": FULL}))
    assert signed["reports"][0]["late"] is True
    assert due(signed) == ("follow_up", 2, room.api.clock.now - NOW), (
        "the written one is due at once"
    )
    assert ok(room.at(Role.LEADER, "nt.haian").get("/urgent-reports"))["items"] == []


def test_nantongs_values_and_their_sources() -> None:
    rules = read_urgent(NANTONG)
    assert (rules.first, rules.written) == (timedelta(minutes=30), timedelta(hours=2))
    assert all(rules.sources[name] for name in ("first", "written", "every", "final"))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("minutes = 30\n", "minutes = 0\n"),
        ('signers = ["leader"', 'signers = ["boss"'),
        ("level = 4", "level = 5"),
        ('needed = ["first", "follow_up", "final"]', 'needed = ["second"]'),
        ("minutes = 120\n", "minutes = 20\n"),
    ],
)
def test_a_wrong_file_stops_the_start(tmp_path: Path, was: str, now: str) -> None:
    wrong = tmp_path / "urgent_reports.toml"
    text = NANTONG.read_text("utf-8")
    assert was in text
    wrong.write_text(text.replace(was, now, 1), "utf-8")
    with pytest.raises(CannotStart, match=r"urgent_reports\.toml"):
        read_urgent(wrong)
