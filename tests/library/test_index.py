"""Nothing is lost, nothing stale is found, and two stages find what comparing everything finds."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengshu.kit.errors import Conflict
from chengshu.library import index as indexes
from chengshu.library import segment
from chengshu.library.grams import Bags, Rarity, counted, counted_all, damped, ranges, unit
from chengshu.library.index import FRESH, Index
from chengshu.library.passages import tidy

TEXTS = {
    3: "人民路的路灯坏了三天没人修", 1: "路灯不亮，晚上看不见路", 7: "幼儿园门口的井盖松动",
    9: "小区停水两天，没有通知", 4: "烧烤摊油烟扰民，半夜很吵", 5: "工地半夜施工，噪音扰民",
}  # fmt: skip


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    with Index(tmp_path / "index") as index:
        index.build(TEXTS.items())
    return tmp_path / "index"


def _all_compared(texts: dict[int, str], question: str, rarity: Rarity) -> list[tuple[int, float]]:
    """Cosines with every text, the plainest way."""

    def vector(text: str) -> dict[int, float]:
        terms, times = counted(tidy(text))
        weight = damped(times).astype(np.float16) * rarity.weight(terms).astype(np.float64)
        return dict(zip(terms.tolist(), (weight / np.sqrt(weight @ weight)).tolist(), strict=True))

    asked = vector(question)
    scores = {
        key: sum(v * asked.get(t, 0.0) for t, v in vector(x).items()) for key, x in texts.items()
    }
    found = sorted(scores.items(), key=lambda pair: (-round(pair[1], 5), pair[0]))
    return [(key, score) for key, score in found if score > 0]


def test_two_stages_equal_comparing_everything(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    letters = "路灯坏停水气电井盖噪音扰民半夜施工小区门口垃圾桶老人孩子"
    texts = {
        n: "".join(random.choice(list(letters), int(random.integers(4, 40)))) for n in range(300)
    }
    with Index(tmp_path) as index:
        index.build(list(texts.items())[:200])
        for key, text in list(texts.items())[200:]:
            index.add(key, text)
        rarity = Rarity.of(counted_all([tidy(texts[n]) for n in range(200)]))
        for question in list(texts.values())[::17]:
            wanted = _all_compared(texts, question, rarity)[:10]
            found = index.search(question, 10)
            assert [h.score for h in found] == pytest.approx([s for _, s in wanted], abs=2e-3)
            assert found[0].key == wanted[0][0]
            assert index.search(question, 300) == sorted(
                index.search(question, 300), key=lambda h: (-h.score, h.key)
            )


def test_pruned_lists_still_find_the_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    texts = {n: "".join(map(chr, random.integers(0x4E00, 0x4E00 + 400, 120))) for n in range(400)}
    with Index(tmp_path / "whole") as index:
        index.build(texts.items())
        whole = [index.search(text[20:60], 3)[0] for text in texts.values()]
    for module, name, value in (
        (segment, "SMALL", 10), (indexes, "SMALL", 10), (segment, "_LIST", 40),
        (segment, "_BAG", 100), (indexes, "_QUESTION", 48), (indexes, "DEPTH", 20),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    with Index(tmp_path / "pruned") as index:
        index.build(texts.items())
        found = [index.search(text[20:60], 3)[0] for text in texts.values()]
    assert found == whole


def test_added_is_found_at_once_and_after_opening_again(filled: Path) -> None:
    with Index(filled) as index:
        index.add(11, "河边的柳树倒了，压住了步道")
        assert index.search("柳树倒了")[0].key == 11
    with Index(filled) as index:
        assert index.search("柳树倒了")[0].key == 11
        assert len(index) == len(TEXTS) + 1


def test_removed_is_never_found(filled: Path) -> None:
    with Index(filled) as index:
        assert index.remove(9)
        assert not index.remove(9)
        assert 9 not in {h.key for h in index.search("小区停水两天，没有通知")}
    with Index(filled) as index:
        assert 9 not in index
        index.merge()
        assert 9 not in {h.key for h in index.search("小区停水两天，没有通知")}
        assert len(index) == len(TEXTS) - 1


def test_adding_a_key_again_replaces_its_text(filled: Path) -> None:
    with Index(filled) as index:
        index.add(3, "消防栓漏水")
        index.add(3, "充电桩无法使用")
        assert index.search("充电桩无法使用")[0].key == 3
        assert 3 not in {h.key for h in index.search("消防栓漏水")}
        assert 3 not in {
            h.key for h in index.search("人民路的路灯坏了三天没人修", 6) if h.score > 0.5
        }
        assert len(index) == len(TEXTS)


def test_many_additions_become_segments_and_one_merge_tidies(filled: Path) -> None:
    with Index(filled) as index:
        for n in range(100, 100 + 2 * FRESH + 5):
            index.add(n, f"第{n}号井盖损坏")
        index.remove(101)
        assert len(list(filled.glob("*.seg"))) == 3
        before = index.search("第250号井盖损坏", 1)[0].key
        index.merge()
        assert len(list(filled.glob("*.seg"))) == 1
        assert index.search("第250号井盖损坏", 1)[0].key == before == 250
    with Index(filled) as index:
        assert len(index) == len(TEXTS) + 2 * FRESH + 4
        assert 101 not in index


def test_equal_passages_come_in_order_of_their_keys(tmp_path: Path) -> None:
    with Index(tmp_path) as index:
        index.build([(8, "路灯坏了"), (2, "路灯坏了")])
        index.add(5, "路灯坏了")
        assert [h.key for h in index.search("路灯坏了")] == [2, 5, 8]


@pytest.mark.parametrize(
    "question", ["", "  \n", "路", "?", "\ud800", "灯" * 100_000, "𠮷野家" * 9]
)
def test_odd_questions_are_answered(filled: Path, question: str) -> None:
    with Index(filled) as index:
        found = index.search(question)
        assert all(0 < h.score <= 1.001 for h in found)
        assert bool(found) == (question.startswith(("路", "灯")))


def test_an_empty_index_answers_nothing(tmp_path: Path) -> None:
    with Index(tmp_path) as index:
        assert index.search("路灯") == []
        index.merge()
        assert len(index) == 0
        index.add(1, "")
        assert index.search("路灯") == []


def test_only_wanted_keys_are_compared(filled: Path) -> None:
    with Index(filled) as index:
        index.add(20, "路灯坏了")
        found = index.search("路灯坏了", among=np.array([1, 9, 999]))
        assert [h.key for h in found] == [1]
        assert [h.key for h in index.search("路灯坏了", among=np.array([20, 1]))] == [20, 1]


def test_a_second_holder_is_refused(filled: Path) -> None:
    with Index(filled), pytest.raises(Conflict, match="另一个进程"):
        Index(filled)


# ---------------------------------------------------------------------- crashes


def test_a_crash_between_write_and_rename_changes_nothing(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(path: Path, target: Path) -> Path:
        raise OSError("killed")

    with Index(filled) as index:
        index.add(30, "渣土车撒漏")
        monkeypatch.setattr(Path, "replace", fails)
        with pytest.raises(OSError, match="killed"):
            index.merge()
        assert list(filled.glob("*.part"))
    monkeypatch.undo()
    with Index(filled) as index:
        assert not list(filled.glob("*.part"))
        assert len(index) == len(TEXTS) + 1
        assert index.search("渣土车撒漏")[0].key == 30


@pytest.mark.parametrize("step", range(1, 5))
def test_a_crash_at_any_file_of_a_merge_keeps_the_old_state(
    filled: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    done = 0
    real = Path.replace

    def sometimes(path: Path, target: Path) -> Path:
        nonlocal done
        done += 1
        if done == step:
            raise OSError("killed")
        return real(path, target)

    with Index(filled) as index:
        index.remove(1)
        monkeypatch.setattr(Path, "replace", sometimes)
        with pytest.raises(OSError, match="killed"):
            index.merge()
    monkeypatch.undo()
    with Index(filled) as index:
        assert len(index) == len(TEXTS) - 1
        assert index.search("烧烤摊油烟")[0].key == 4


def test_a_torn_last_record_is_cut_off(filled: Path) -> None:
    with Index(filled) as index:
        index.add(40, "围挡倒塌")
        index.add(41, "广告牌脱落")
    [journal] = filled.glob("*.journal")
    whole = journal.read_bytes()
    for cut in (1, 7, 20):
        journal.write_bytes(whole[:-cut])
        with Index(filled) as index:
            assert 40 in index
            assert 41 not in index
            index.add(42, "又加一条")
            assert 42 in index
        journal.write_bytes(whole)


def test_a_copy_taken_at_any_moment_opens(filled: Path, tmp_path: Path) -> None:
    with Index(filled) as index:
        index.add(50, "护栏断裂")
        copy = tmp_path / "copy"
        shutil.copytree(filled, copy)
        with Index(copy) as other:
            assert other.search("护栏断裂") == index.search("护栏断裂")


def test_building_again_refuses_a_key_twice_and_keeps_what_was(filled: Path) -> None:
    with Index(filled) as index:
        with pytest.raises(ValueError, match="twice"):
            index.build([(1, "甲"), (1, "乙")])
        assert len(index) == len(TEXTS)


def test_a_foreign_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.seg"
    path.write_bytes(b"something else entirely")
    with pytest.raises(ValueError, match="no part of an index"):
        segment.unpack(path)


# ------------------------------------------------------------------------ grams


@given(st.lists(st.text(max_size=30), max_size=6))
@settings(max_examples=60, deadline=None)
def test_many_texts_are_counted_as_each_alone(texts: list[str]) -> None:
    together: Bags = counted_all(texts)
    for number, text in enumerate(texts):
        terms, times = counted(text)
        found = together.one(number)
        assert found[0].tolist() == terms.tolist()
        assert found[1].tolist() == times.tolist()


def test_ranges_and_units_of_nothing() -> None:
    assert ranges(np.array([4]), np.array([4])).tolist() == []
    assert unit(np.zeros(3, np.float32)).tolist() == [0, 0, 0]
    assert Rarity.of(counted_all([])).weight(np.array([5], np.uint32)).tolist() == [1]
