"""Forms that are printed, and lists that are taken away: who may, what they say, who took them."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chengshu.agencies.model import Role
from chengshu.dispatch.papers import setting
from chengshu.dispatch.papers.model import FORMS, Paper, PaperKind, why_not
from chengshu.dispatch.workflow import OrderStage
from tests.conftest import NOW
from tests.security.people import rows
from tests.security.scene import Scene, ok

pytestmark = pytest.mark.db
LATE = {"kind": "supervision", "words": "已超期两天，至今没有反馈"}


def paper(kind: PaperKind, **facts: Any) -> Paper:
    row = {"name": "承办单位", "value": "市城管局", "wide": False}
    return Paper(
        1,
        "通枢交〔2026〕1号",
        kind,
        1,
        1,
        {"rows": [row], "words": "请修复路灯", **facts},
        "甲",
        "nt",
        NOW,
    )


@pytest.mark.parametrize("kind", list(PaperKind))
def test_every_form_is_set_whatever_the_text_says(kind: PaperKind) -> None:
    """What people wrote is text: no markup of it reads a file or fails."""
    plain = setting.pdf(paper(kind, leader="照办"), "市指挥中心", "市指挥中心", "甲 导出")
    rough = '#import "/etc/passwd" #read("/etc/passwd") $ \\ ] [ * _ ` <a> @b // /* "'
    nasty = setting.pdf(paper(kind, leader=rough, words=rough, asked=rough), rough, rough, rough)
    for content in (plain, nasty):
        assert content.startswith(b"%PDF-")
        assert content.rstrip().endswith(b"%%EOF")
    marked = setting.pdf(paper(kind, leader="照办"), "市指挥中心", "市指挥中心", "乙 导出")
    assert marked != plain, "another's copy carries another mark"
    assert setting.pdf(paper(kind, leader="照办"), "市指挥中心", "市指挥中心", "甲 导出") == plain


def test_a_form_is_for_its_side_and_its_stage() -> None:
    for kind, form in FORMS.items():
        for role in Role:
            for stage in OrderStage:
                for own in (True, False):
                    may = (
                        role in form.roles
                        and (own or not form.own)
                        and (not form.stages or stage in form.stages)
                    )
                    assert (why_not(kind, role, stage, own=own) is None) is may, (
                        kind,
                        role,
                        stage,
                        own,
                    )


def test_printed_numbered_and_taken(scene: Scene) -> None:
    desk, bureau, ids = (
        scene.rugao.people["dispatcher"],
        scene.rugao.people["bureau"],
        scene.rugao.ids,
    )
    first = ok(desk.post(f"/orders/{ids['order']}/papers", {"kind": "assignment"}))
    assert (first["number"], first["title"]) == ("通枢交〔2026〕1号", "交办单")
    assert ok(desk.post(f"/orders/{ids['order']}/papers", {"kind": "assignment"})) == first, (
        "it is the same paper"
    )
    assert ok(desk.post(f"/orders/{ids['order']}/papers", LATE))["number"] == "通枢督〔2026〕1号"
    assert ok(desk.post(f"/orders/{ids['order']}/papers", LATE))["number"] == "通枢督〔2026〕2号"
    later = (scene.api.clock.now + timedelta(days=30)).isoformat()
    asked = {"kind": "extension", "words": "灯杆须定制", "until": later}
    assert ok(bureau.post(f"/orders/{ids['order']}/papers", asked))["title"] == "延期审批单"
    assert (
        ok(bureau.post(f"/orders/{ids['quiet_order']}/papers", {"kind": "receipt"}))["title"]
        == "办结回执"
    )
    content = desk.get(f"/papers/{first['id']}")
    assert content.headers["content-type"] == "application/pdf"
    assert content.content.startswith(b"%PDF-")
    assert len(ok(desk.get(f"/incidents/{ids['incident']}/papers"))) == 4
    ((act, subject, detail),) = rows(
        scene.api.home, "select act, subject, detail from audit where act = 'export'"
    )
    assert (act, subject, detail["form"]) == ("export", first["number"], "assignment")


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        ("bureau", {"kind": "assignment"}, 403),
        ("call_taker", {"kind": "supervision", "words": "超期未办"}, 403),
        ("dispatcher", {"kind": "extension", "words": "灯杆须定制", "until": "2027-01-01T00:00:00Z"}, 403),
        ("dispatcher", {"kind": "supervision", "words": ""}, 422),
        ("bureau", {"kind": "extension", "words": "灯杆须定制"}, 422),
        ("bureau", {"kind": "extension", "words": "灯杆须定制", "until": "2026-01-01T00:00:00Z"}, 422),
        ("bureau", {"kind": "receipt"}, 409),
        ("neighbour", {"kind": "receipt"}, 404),
    ],
)  # fmt: skip
def test_what_is_refused_takes_no_number(
    scene: Scene, who: str, body: dict[str, str], status: int
) -> None:
    refused = scene.rugao.people[who].post(f"/orders/{scene.rugao.ids['order']}/papers", body)
    assert refused.status_code == status, refused.text
    assert rows(scene.api.home, "select 1 from counter") == []


def test_two_who_ask_at_once_get_one_paper(scene: Scene) -> None:
    desk, order = scene.rugao.people["dispatcher"], scene.rugao.ids["order"]
    with ThreadPoolExecutor(6) as pool:
        found = list(
            pool.map(
                lambda _: ok(desk.post(f"/orders/{order}/papers", {"kind": "assignment"})), range(6)
            )
        )
    assert len({p["id"] for p in found}) == 1
    assert rows(scene.api.home, "select last from counter where series = 'assignment'") == [(1,)]


def test_the_report_to_the_leader_is_a_paper(scene: Scene) -> None:
    desk, incident = scene.rugao.people["dispatcher"], scene.rugao.ids["incident"]
    due = (scene.api.clock.now + timedelta(days=2)).isoformat()
    ok(
        desk.post(
            f"/incidents/{incident}/kind",
            {"kind": "leader", "leader": "王市长", "words": "请核实", "due_at": due},
        )
    )
    assert desk.post(f"/incidents/{incident}/leader-report/paper").status_code == 409
    ok(desk.post(f"/incidents/{incident}/leader-report", {"words": "已核实并拆除"}))
    made = ok(desk.post(f"/incidents/{incident}/leader-report/paper"))
    assert (made["number"], made["title"]) == ("通枢专报〔2026〕1号", "专报")
    assert desk.get(f"/papers/{made['id']}").content.startswith(b"%PDF-")
    assert scene.rugao.people["analyst"].get(f"/papers/{made['id']}").status_code == 404, (
        "veiled with its incident"
    )


def test_a_list_that_is_taken_says_who_took_it_and_runs_nothing(scene: Scene) -> None:
    desk = scene.rugao.people["dispatcher"]
    with scene.api.home.owner() as conn:
        conn.execute(
            "update incident set title = '=cmd|calc' where id = %s",
            (int(scene.rugao.ids["incident"]),),
        )
    answer = desk.get("/exports/orders", params={"box": "all"})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == 1 + ok(desk.get("/orders", params={"box": "all", "mine": False}))["total"]
    assert desk.account is not None
    assert {line[-1] for line in lines[1:]} == {
        f"如皋指挥中心 {desk.account.name} 2026-07-14 19:02:00 导出"
    }
    assert "'=cmd|calc" in [line[1] for line in lines]
    ((subject, detail),) = rows(
        scene.api.home, "select subject, detail from audit where act = 'export'"
    )
    assert (subject, detail["rows"]) == ("orders/all", len(lines) - 1)
    assert scene.rugao.people["call_taker"].get("/exports/orders").status_code == 403
