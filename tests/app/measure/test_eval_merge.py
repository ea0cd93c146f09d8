"""A stream with known happenings: read in the order of time, refused when it cannot be, put together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chengshu.app.measure import eval_merge
from chengshu.app.measure.streams import run_through
from chengshu.incidents.teaching import Teacher
from chengshu.kit.errors import Invalid
from tests.conftest import Home

SITE = (
    "丽景新城旁搅拌站灰尘噪音扰民",
    "丽景新城小区旁边的搅拌站每天灰尘很大，噪音到半夜，居民没法睡觉。",
)
LAMP = ("梧桐中路路灯不亮", "梧桐中路靠望江岔路口两百米的路灯坏了半个月，晚上一片漆黑。")
MESSAGES = f"""id,time,title,text
z,2026-03-03 09:00:00,{SITE[0]},{SITE[1]}
y,2026-03-02 09:00:00,{LAMP[0]},{LAMP[1]}
x,2026-03-01 09:00:00,{SITE[0]},{SITE[1]}再次反映。
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "rows.csv"
    path.write_text(text, "utf-8")
    return path


def test_messages_come_in_the_order_of_time(tmp_path: Path) -> None:
    read = eval_merge.read_messages(_file(tmp_path, MESSAGES))
    assert [r.channel_id for r in read] == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,time,title\na,2026-03-01,t\n", "text"),
        ("id,time,title,text\na,yesterday,t,t\n", "line 2"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        eval_merge.read_messages(_file(tmp_path, text))
    assert says in refused.value.english


def test_one_happening_is_put_together_and_nothing_is_kept(db: Home, tmp_path: Path) -> None:
    stream = eval_merge.read_messages(_file(tmp_path, MESSAGES))
    rules = replace(db.world.rules, merge_above=0.5)
    seen = run_through(db.worker, db.keyring, stream, rules, 1)
    assert seen.home["x"] == seen.home["z"] != seen.home["y"]
    assert len(seen.ms) == 3
    figures = eval_merge.figures(seen, seen, {"x": "site", "z": "site", "y": "lamp"})
    assert figures["bcubed_f1"] == figures["pair_f1"] == figures["auto_precision"] == 1
    assert figures["largest_incident"] == 2
    with db.owner() as conn:
        assert conn.execute("select count(*) from report").fetchone() == (0,)


def test_what_is_told_leads_even_against_the_weights(db: Home, tmp_path: Path) -> None:
    stream = eval_merge.read_messages(_file(tmp_path, MESSAGES))
    teacher = Teacher({"x": "one", "y": "one", "z": "other"})
    seen = run_through(db.worker, db.keyring, stream, db.world.rules, 2, teacher)
    assert seen.home["x"] == seen.home["y"] != seen.home["z"]
