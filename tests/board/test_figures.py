"""Today's figures: counted right, within the scope, each leading to its list."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from chengshu.board.figures import day_began, figures_of, sentence
from chengshu.kit.times import SHANGHAI
from tests.security.people import Someone, rows
from tests.security.scene import RUGAO, Scene, ok

NONE = {
    "danger": 0,
    "overdue": 0,
    "due_soon": 0,
    "waiting": 0,
    "reports": 0,
    "incidents": 0,
    "in_hand": 0,
    "closed": 0,
}


@pytest.mark.parametrize(("counted", "unsigned", "parts"), [
    ({}, 0, ["平稳"]),
    ({"danger": 2}, 0, ["2 件危及生命"]),
    ({"overdue": 3, "waiting": 1}, 0, ["3 件已超期", "1 件等待派遣"]),
    ({"due_soon": 4}, 3, ["4 件将在一小时内到期", "3 件无人签收"]),
    ({"due_soon": 4}, 0, ["4 件将在一小时内到期"]),
])  # fmt: skip
def test_the_sentence_says_what_is_wrong(
    counted: dict[str, int], unsigned: int, parts: list[str]
) -> None:
    chinese, english = sentence({**NONE, **counted}, unsigned)
    assert all(part in chinese for part in parts)
    assert ("无人签收" in chinese) == bool(unsigned)
    assert str(next(iter(counted.values()), "calm")) in english


def test_the_citys_day_begins_at_its_own_midnight() -> None:
    late = datetime(2026, 7, 14, 0, 30, tzinfo=SHANGHAI)
    assert day_began(late) == datetime(2026, 7, 14, tzinfo=SHANGHAI)
    links = {f.key: f.link for f in figures_of(NONE, day_began(late))}
    assert (
        dict(parse_qsl(urlsplit(links["incidents"]).query))["since"] == "2026-07-14T00:00:00+08:00"
    )


def figures(who: Someone) -> dict[str, int]:
    return {f["key"]: f["value"] for f in ok(who.get("/figures/today"))["figures"]}


@pytest.mark.db
def test_figures_are_ones_own(scene: Scene) -> None:
    """A county's, a bureau's and the city's; what an administrator sees is nothing."""
    assert figures(scene.rugao.people["dispatcher"])["incidents"] == 5
    assert figures(scene.rugao.people["bureau"])["incidents"] == 3
    assert figures(scene.rugao.people["neighbour"])["incidents"] == 0
    assert figures(scene.city["dispatcher"])["incidents"] == 10
    today = ok(scene.rugao.people["dispatcher"].get("/figures/today"))
    assert [c["code"] for c in today["by_county"]] == [str(RUGAO.county)]
    assert sum(d["today"] for d in today["by_domain"]) == sum(today["hours"]) == 5
    assert today["hours"][19] == 5  # 19:02 in Nantong


@pytest.mark.db
def test_each_number_opens_its_list(scene: Scene) -> None:
    """The total of the list behind a number is the number; «reports» leads to the incidents they became."""
    who = scene.rugao.people["dispatcher"]
    for figure in ok(who.get("/figures/today"))["figures"]:
        if figure["key"] in (
            "reports",
            "closed",
        ):  # several reports one incident; the list of settled ones is all of them
            continue
        found = ok(who.get(figure["link"].replace("/incidents", "/api/v1/incidents")))
        assert found["total"] == figure["value"], figure


@pytest.mark.db
def test_the_map_shows_what_is_open(scene: Scene) -> None:
    who, ids = scene.rugao.people["dispatcher"], scene.rugao.ids
    shown = ok(who.get("/incidents/map"))
    all_five = ("incident", "quiet_incident", "waiting", "other", "sent_incident")
    assert {row[0] for row in shown["rows"]} == {ids[k] for k in all_five}
    assert len(shown["columns"]) == len(shown["rows"][0])
    ok(who.post(f"/incidents/{ids['other']}/merge", {"other": ids["waiting"], "reason": "同一件"}))
    assert ids["waiting"] not in {row[0] for row in ok(who.get("/incidents/map"))["rows"]}
    with scene.api.home.owner() as conn:
        conn.execute(
            "update incident set stage = 'closed', closed_at = now() - interval '9 days' where id = %s",
            (ids["other"],),
        )
        conn.execute(
            "update incident set closed_at = '2026-07-13 15:59:59+00' where id = %s",
            (ids["other"],),
        )  # yesterday
    assert ids["other"] not in {row[0] for row in ok(who.get("/incidents/map"))["rows"]}
    assert rows(scene.api.home, "select count(*) from incident where closed_at is not null") == [
        (2,)
    ]
