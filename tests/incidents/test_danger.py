"""The danger set is large and varied; what is dangerous rings, with its words marked; look-alikes stay quiet."""

from __future__ import annotations

import csv
import re
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengshu.incidents.danger import detect, find
from chengshu.incidents.danger.cues import CUES, KINDS
from chengshu.incidents.danger.gates import gates
from chengshu.incidents.danger.slips import mend

FOLDER = Path(detect.__file__).parent


def rows(half: str) -> list[dict[str, str]]:
    with (FOLDER / f"set_{half}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


BOTH = [*rows("a"), *rows("b")]
# Recall at least, false alarms at most. Half A was in view when rules and weights were made; what
# half B shows is what unseen wordings get, and it must not get worse.
BARS = [("a", 0.99, 0.02), ("b", 0.93, 0.065)]


def test_the_set_is_large_and_of_all_kinds() -> None:
    dangers = [row for row in BOTH if row["danger"] == "1"]
    assert len(dangers) >= 300
    assert len(BOTH) - len(dangers) >= 1_000
    assert {row["kind"] for row in dangers} == set(KINDS)
    assert abs(len(rows("a")) - len(rows("b"))) <= 1


def test_no_two_texts_of_the_set_are_alike() -> None:
    said = [frozenset(re.sub(r"\W", "", row["text"])) for row in BOTH]
    assert all(len(a & b) < 0.8 * len(a | b) for a, b in combinations(said, 2))


def test_no_text_learnt_from_stands_in_half_b() -> None:
    learnt = {row["text"] for row in (*rows("a"), *rows("learn"))}
    assert not learnt & {row["text"] for row in rows("b")}


@pytest.mark.parametrize(("half", "recall", "false_rate"), BARS)
def test_the_halves(half: str, recall: float, false_rate: float) -> None:
    rang = [(row["danger"] == "1", find(row["text"]).danger) for row in rows(half)]
    yes = [said for truth, said in rang if truth]
    no = [said for truth, said in rang if not truth]
    assert sum(yes) / len(yes) >= recall
    assert sum(no) / len(no) <= false_rate


def test_what_rings_says_why() -> None:
    for row in rows("a"):
        found = find(row["text"])
        if found.danger:
            assert found.kind in KINDS
            assert found.service == detect.SERVICE[found.kind]
            assert found.why.endswith(f"建议转接{found.service}。")
            assert found.service in found.why_en
            assert found.spans
        else:
            assert (found.kind, found.spans, found.service, found.why) == ("", (), "", "")


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("屋里一股煤气味，嘶嘶响", "119"),
        ("三楼着火了，浓烟滚滚", "119"),
        ("他拿刀追着人砍", "110"),
        ("女儿吃了一整瓶安眠药，留了遗书", "110"),
        ("老人突然倒地，口吐白沫，叫不醒", "120"),
    ],
)
def test_the_line_to_call(text: str, service: str) -> None:
    assert find(text).service == service


@pytest.mark.parametrize(
    ("now", "not_now"),
    [
        ("厨房着火了", "去年厨房着火的赔偿款什么时候发"),
        ("有人落水了，快来人", "没有人落水，捞上来的是旧衣服"),
        ("孩子走失了，找了一个小时", "孩子已经找到了，谢谢民警"),
        ("有人持刀砍人", "剧组在拍持刀砍人的戏，太吵"),
        ("闻到浓烈的煤气味，报警器一直响", "燃气安全讲座教大家闻到煤气味怎么办理报修"),
    ],
)
def test_time_and_denial(now: str, not_now: str) -> None:
    assert find(now).danger
    assert not find(not_now).danger


@settings(max_examples=60)
@given(
    st.text(
        st.sampled_from("煤气漏火烧着人倒地孩子不见，。！\n着伙店电") | st.characters(),
        max_size=200,
    )
)
def test_any_text_is_judged(text: str) -> None:
    found = find(text)
    assert 0 <= found.probability <= 1
    assert all(text[s.start : s.end] == s.text and s.text for s in found.spans)
    assert all(one.end <= two.start for one, two in zip(found.spans, found.spans[1:], strict=False))


def test_nothing_said_is_no_danger() -> None:
    assert find("") == detect.QUIET
    assert not find(" \n").danger


@given(st.text(st.sampled_from("着伙失或电体触店火楼") | st.characters(), max_size=60))
def test_mending_keeps_the_length(text: str) -> None:
    assert len(mend(text)) == len(text)


def test_gates_shut_out_no_match() -> None:
    for row in rows("a"):
        text = mend(row["text"])
        for cue in CUES:
            if cue.pattern.search(text):
                assert all(not need.isdisjoint(text) for need in gates(cue.pattern))
