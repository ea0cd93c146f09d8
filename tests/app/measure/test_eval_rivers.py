"""Cases about rivers: read in order, their river hidden, compared with the earlier ones only."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengshu.app.measure import eval_rivers
from chengshu.kit.errors import Invalid
from tests.conftest import Home

pytest.importorskip("sklearn")

HEAD = "河流,标题,时间,投诉件内容\n"
CASES = f"""{HEAD}柳溪河,柳溪河又臭了,2020-05-04,柳溪河今年还是黑臭，居民不敢开窗。
枫桥河,枫桥河黑臭,2020-05-03,枫桥河的水发黑发臭，居民不敢开窗。
柳溪河,柳溪河黑臭,2020-05-01,柳溪河的水发黑发臭，垃圾漂在水面上。
,水管漏水,2020-05-02,小区的水管漏水了。
枫桥河,水发黑,2020-05-05,水发黑，居民不敢开窗。
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "cases.csv"
    path.write_text(text, "utf-8")
    return path


def test_cases_come_in_the_order_of_time(tmp_path: Path) -> None:
    read = eval_rivers.read_cases(_file(tmp_path, CASES))
    assert [c.river for c in read] == ["柳溪河", "", "枫桥河", "柳溪河", "枫桥河"]
    assert [c.names_it for c in read] == [True, False, True, True, False]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("河流,标题,时间\na,b,2020-05-01\n", "投诉件内容"),
        (f"{HEAD}a,b,yesterday,d\n", "line 2"),
        (f"{HEAD}a,b,,d\n", "line 2"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        eval_rivers.read_cases(_file(tmp_path, text))
    assert says in refused.value.english


@pytest.mark.parametrize(
    ("nearest", "same_river", "any_candidate", "compared"),
    [
        # lines 2 and 3 name their rivers; the one whose river is not in its words is not asked
        ({"2": "4", "6": "3"}, 1.0, 1 / 3, 1),
        ({"2": "3", "3": "4"}, 0.0, 2 / 3, 2),
        # a candidate that names no river counts as a candidate, and is not compared
        ({"2": "4", "3": "5"}, 1.0, 2 / 3, 1),
    ],
)
def test_only_those_who_both_name_one_are_compared(
    tmp_path: Path, nearest: dict[str, str], same_river: float, any_candidate: float, compared: int
) -> None:
    read = eval_rivers.read_cases(_file(tmp_path, CASES))
    figures = eval_rivers.figures(read, nearest)
    assert figures["same_river"] == same_river
    assert figures["any_candidate"] == pytest.approx(any_candidate)
    assert figures["compared"] == compared


def test_a_complaint_filed_under_two_rivers_is_about_both(tmp_path: Path) -> None:
    words = "两条河都黑臭,2020-05-01,柳溪河和枫桥河都发臭。"
    text = f"{HEAD}柳溪河,{words}\n枫桥河,{words}\n"
    figures = eval_rivers.figures(eval_rivers.read_cases(_file(tmp_path, text)), {"3": "2"})
    assert (figures["same_river"], figures["same_river_filed"]) == (0, 1)
    assert figures["first_share"] == 1


def test_nobody_to_compare_with_is_said(tmp_path: Path) -> None:
    read = eval_rivers.read_cases(_file(tmp_path, CASES))
    with pytest.raises(Invalid):
        eval_rivers.figures(read, {})


def test_the_engine_finds_the_earlier_case_and_never_a_later_one(db: Home, tmp_path: Path) -> None:
    read = eval_rivers.read_cases(_file(tmp_path, CASES))
    order = [c.report.channel_id for c in read]
    rules = db.world.rules
    found = eval_rivers.nearest_earlier(db.worker, db.keyring, read, rules)
    assert all(0 < probability < 1 for _, probability in found.values())
    for nearest in (
        {case: other for case, (other, _) in found.items()},
        eval_rivers.nearest_by_characters(read),
    ):
        assert nearest["2"] == "4"
        assert all(order.index(other) < order.index(case) for case, other in nearest.items())
    with db.owner() as conn:
        assert conn.execute("select count(*) from incident").fetchone() == (0,)


def test_the_river_is_hidden_from_the_engine(tmp_path: Path) -> None:
    told = eval_rivers.read_cases(_file(tmp_path, f"{HEAD}柳溪河,水发黑,2020-05-01,水发黑。\n"))
    assert "柳溪河" not in repr(told[0].report)
