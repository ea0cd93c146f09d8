"""Four things told apart: the first report, other people's, the same person's again, and her urging."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chengshu.incidents.model import Relation
from chengshu.incidents.relations import is_another_person, presses, relate, relation_of
from chengshu.intake.model import Channel, Nature
from tests.conftest import NOW, ROOT, Home
from tests.incidents.conftest import Merge, report

_PRESSES = (
    (
        "上次反映的楼道堆物至今无人处理，请催办",
        "names her earlier report and says nothing was done",
    ),
    ("您好，我来催一下前天报的那个路灯", "she says so"),
    ("麻烦帮我催一下", "only that"),
    ("市民来电催办，要求尽快给答复", "the call-taker's own word"),
    ("怎么还没有人来修？", "asks why nobody came"),
    ("都一个星期了，还没有人来", "nobody came"),
    ("请问我那个投诉什么时候能解决", "asks when"),
    ("还要等多久？", "asks how long"),
    ("来电人再次来电，表示问题仍未解决", "called again"),
    ("第三次打电话了，请尽快处理", "counts her calls"),
    ("已经反映过三次了，一直没有答复", "said before, no answer"),
    ("反映了好几次都没用", "counts her reports"),
    ("打了五次电话，没人管", "counts her calls"),
    ("多次投诉无果", "counts, no result"),
    ("我之前投诉过，到现在没有人联系我", "nobody called back"),
    ("昨天已经打过电话了，还是没人管", "called yesterday"),
    ("工单号20260501000123，查询进度", "gives the number of her order"),
    ("工单编号 CS88213 现在处理得怎么样了", "the same, other words"),
    ("询问办理结果", "asks for the result"),
    ("想问问我反映的事情有结果了吗", "asks for the result"),
    ("问题解决了吗", "asks whether it is settled"),
    ("上次来电说的下水道，现在什么情况，处理了没", "asks whether it is settled"),
    ("说好三天修，结果还是没来", "a promise not kept"),
    ("承办单位承诺周三前修好，至今仍没修好", "a promise not kept"),
    ("投诉石沉大海，没有下文", "no answer, in a set phrase"),
    ("等了半个月了还没动静", "how long she waits"),
    ("迟迟得不到回复", "no answer"),
    ("为什么到今天还没有回音", "no answer"),
    ("仍然没有人上门", "nobody came"),
    ("此事未得到解决，市民不满意", "not settled"),
    ("到底管不管？", "out of patience"),
)
_DOES_NOT = (
    ("上次下雨也这样", "last time it rained, not her last report"),
    ("上次停电是周一", "the last power cut"),
    ("小区停水三天了，一直没有来水", "the matter itself: no water"),
    ("公交车一直没有来", "the matter itself: no bus"),
    ("小区到现在没有通天然气", "the matter itself: no gas"),
    ("垃圾桶一直没人收", "the matter itself: nobody empties it"),
    ("垃圾没有人清运", "the matter itself"),
    ("等公交等了四十分钟", "waiting for a bus"),
    ("物业催缴物业费态度恶劣", "others press her for money"),
    ("催收公司天天打电话骚扰", "debt collectors"),
    ("物业催促业主交钱", "the property manager urges"),
    ("学校什么时候开学", "asks when school begins"),
    ("路灯坏了，请尽快处理", "every report ends so"),
    ("再次反映楼道堆物", "says the matter again"),
    ("楼道里又堆满了纸箱", "it happened again"),
    ("上次反映的是东门，这次是西门的井盖", "another place: a new fact"),
    ("昨天反映过漏水，今天又发现墙体裂缝", "a new fact"),
    ("上次反映的油烟，现在更严重了", "it became worse: a new fact"),
    ("至今未处理，另外二楼也开始漏水", "presses and brings a new fact"),
    ("我要补充说明，工单号20260501，车牌是苏F12345", "adds evidence"),
    ("井盖还没修好，刚才有人摔倒受伤", "somebody was hurt meanwhile"),
    ("孩子处理不了这个问题", "the word alone"),
    ("", "nothing said"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "why"), _PRESSES)
def test_she_presses(text: str, why: str) -> None:
    assert presses(text), why


@pytest.mark.parametrize(("text", "why"), _DOES_NOT)
def test_she_does_not_press(text: str, why: str) -> None:
    assert not presses(text), why


_URGE = "上次反映的楼道堆物至今无人处理，请催办"


@pytest.mark.parametrize(
    ("text", "caller", "nature", "relation", "why"),
    [
        (_URGE, "a", Nature.COMPLAINT, Relation.URGED, "the same person presses"),
        ("楼道堆满纸箱", "a", Nature.COMPLAINT, Relation.REPEATED, "the same person says it again"),
        ("楼道堆满纸箱", "b", Nature.COMPLAINT, Relation.JOINED, "somebody else"),
        (_URGE, "b", Nature.COMPLAINT, Relation.JOINED, "a stranger presses about another's matter"),
        (_URGE, "", Nature.COMPLAINT, Relation.JOINED, "anonymous: nobody knows whether it is she"),
        (_URGE, "a", Nature.PRAISE, Relation.REPEATED, "praise does not press"),
        (_URGE, "a", Nature.INQUIRY, Relation.URGED, "asking how far it is, is an inquiry too"),
    ],
)  # fmt: skip
def test_who_says_what(
    text: str, caller: str, nature: Nature, relation: Relation, why: str
) -> None:
    assert relation_of(report(text, caller=caller, nature=nature), {"a"}) is relation, why


def test_the_first_is_first_and_the_others_follow_in_time() -> None:
    said = [
        report("楼道堆满纸箱", caller="a"),
        report(_URGE, caller="b"),
        report(_URGE, caller="a"),
        report("楼道堆满纸箱", caller="b"),
        report("楼道堆满纸箱"),
        report("楼道堆满纸箱"),
    ]
    assert list(relate(said).values()) == ["first", "joined", "urged", "repeated", "joined", "joined"]  # fmt: skip
    assert list(relate(said[2:]).values())[:2] == [Relation.FIRST, Relation.JOINED]


@pytest.mark.parametrize(
    ("channel", "caller", "another", "why"),
    [
        (Channel.HOTLINE, "b", True, "a new number"),
        (Channel.HOTLINE, "a", False, "a known number"),
        (Channel.WEB, "", True, "anonymous counts as one each time"),
        (Channel.OTHER, "", False, "a camera is no person"),
        (Channel.OTHER, "b", True, "another system that passes a person on"),
    ],
)
def test_who_counts_as_a_person(channel: Channel, caller: str, another: bool, why: str) -> None:
    assert is_another_person(report("x", channel=channel, caller=caller), {"a"}) is another, why


def _relations(home: Home) -> list[object]:
    with home.owner() as conn:
        rows = conn.execute(
            "select m.relation from membership m join report r on r.id = m.report order by r.said_at, r.id"
        ).fetchall()
    return [row[0] for row in rows]


def test_an_incident_counts_them_apart(db: Home, merge: Merge) -> None:
    text = "春江花园3号楼楼道堆满纸箱,消防通道走不过去"
    said = [
        report(f"{more}{text}", place="春江花园3号楼", caller=caller, channel=channel,
               said_at=NOW - timedelta(minutes=60 - n))
        for n, (more, caller, channel) in enumerate(
            [("", "a", Channel.WEB), ("", "b", Channel.WEB), ("", "a", Channel.WEB),
             ("上次反映的至今无人处理，", "a", Channel.WEB), ("", "", Channel.OTHER)])
    ]  # fmt: skip
    first, *later = said
    merge([first])
    incident = merge(later)[-1].incident
    assert _relations(db) == ["first", "joined", "repeated", "urged", "joined"]
    assert (incident.reports, incident.people, incident.urged) == (5, 2, 1)
    with db.owner() as conn:
        assert conn.execute("select urged, people from incident").fetchall() == [(1, 2)]


def test_what_only_machines_saw_has_no_people(merge: Merge) -> None:
    assert merge([report("路口积水", channel=Channel.OTHER)])[0].incident.people == 0


def test_what_was_decided_before_gets_its_relation(db: Home, merge: Merge) -> None:
    """The step of the migration that reads old memberships: nobody looked for urging then."""
    text = "春江花园3号楼楼道堆满纸箱,消防通道走不过去"
    said = [
        report(text, place="春江花园3号楼", caller=caller, said_at=NOW - timedelta(minutes=60 - n))
        for n, caller in enumerate(["a", "", "b", "a", ""])
    ]
    merge(said)
    sql = (ROOT / "src/chengshu/kit/migrations/versions/0007_relations.sql").read_text("utf-8")
    step = sql[sql.index("update membership") : sql.index("alter table incident")]
    with db.owner() as conn:
        conn.execute("update membership set relation = 'joined'")
        conn.execute(step)
    assert _relations(db) == ["first", "joined", "joined", "repeated", "joined"]
