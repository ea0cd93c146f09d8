"""Weights follow what answered questions teach, and a question never hears of its own answer."""

from __future__ import annotations

import numpy as np
import pytest

from chengshu.library.encoder import latent
from chengshu.library.mix import FEATURES, Answered, Asked, Mix, find, fit, measured, weigh
from chengshu.library.passages import Passage, asked, head, source, tidy
from chengshu.library.views import VIEWS, Shelf, Table, bags_of, one

THINGS = "路灯 井盖 电梯 燃气 供水 停车 噪音 油烟 垃圾 绿化 公交 学校".split()


def _shelf() -> Shelf:
    return Shelf(
        [Passage(f"{t}管理条例第{n}条", f"{t}损坏的，由{t}的养护单位在{i + 2}日内修复。")
         for i, t in enumerate(THINGS) for n in "一二"]
    )  # fmt: skip


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return _shelf()


def _known() -> list[Asked]:
    wordings = ("坏了", "出了问题", "没人管")
    return [Asked(f"请问{t}{w}怎么办", (2 * i,)) for i, t in enumerate(THINGS) for w in wordings]


def test_what_is_asked_is_found_first_without_learning(shelf: Shelf) -> None:
    found = find(shelf, None, Mix.plain(), "电梯损坏多久修好")
    assert shelf.names[found.rows[0]].startswith("电梯")
    assert found.shown
    assert len(found.rows) == len(shelf)


@pytest.mark.parametrize("question", ["", " ", "请问", "x", "灯" * 100_000])
def test_odd_questions(shelf: Shelf, question: str) -> None:
    found = find(shelf, None, Mix.plain(), question)
    assert np.isfinite(found.shares).all()
    if not question.strip():
        assert len(found.rows) == 0
    if question in ("", " ", "x"):
        assert not found.shown


def test_an_empty_shelf_answers_nothing() -> None:
    assert not find(Shelf([]), None, Mix.plain(), "路灯").shown


def test_learning_prefers_the_articles_that_were_the_answer(shelf: Shelf) -> None:
    answered = Answered(shelf, _known(), shelf)
    mix = fit(answered, shelf)
    found = find(shelf, answered, mix, "井盖不见了找谁")
    assert shelf.names[found.rows[0]] == "井盖管理条例第一条"
    assert 0 <= mix.floor <= 1


def test_a_question_does_not_hear_of_its_own_answer(shelf: Shelf) -> None:
    known = [*_known(), Asked("独一无二的提问", (5,))]
    answered = Answered(shelf, known, shelf)
    rows, table = measured(shelf, answered, known[-1].text, len(known) - 1)
    row = np.flatnonzero(rows == 5)[0]
    assert table[row, FEATURES.index("vote")] == 0
    assert table[row, FEATURES.index("often")] == pytest.approx(np.log(0.3), abs=1e-5)
    rows, table = measured(shelf, answered, known[-1].text)
    assert table[row, FEATURES.index("vote")] > 0.9


def test_votes_are_silent_where_every_question_has_its_own_passage(shelf: Shelf) -> None:
    answered = Answered(shelf, [Asked(f"{t}坏了", (2 * i,)) for i, t in enumerate(THINGS)], shelf)
    assert not answered.recurs
    _, table = measured(shelf, answered, "路灯坏了")
    assert not table[:, FEATURES.index("vote")].any()
    assert not table[:, FEATURES.index("often")].any()


def test_answers_from_another_shelf_teach_by_their_texts_only(shelf: Shelf) -> None:
    other = Shelf([Passage(f"甲{i}", f"{t}由养护单位修复") for i, t in enumerate(THINGS)])
    answered = Answered(shelf, [Asked(f"{t}坏了", (i,)) for i, t in enumerate(THINGS)], other)
    assert not answered.recurs
    rows, table = measured(shelf, answered, "路灯坏了")
    echo = table[:, FEATURES.index("echo")]
    assert shelf.names[rows[int(echo.argmax())]].startswith("路灯")


def test_newton_finds_the_feature_that_tells() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(60, 12, 3))
    truth = x[:, :, 1] == x[:, :, 1].max(1, keepdims=True)
    w = weigh(x, truth)
    assert w[1] > 5 * max(abs(w[0]), abs(w[2]))


def test_a_constant_feature_gets_no_weight() -> None:
    x = np.random.default_rng(2).normal(size=(20, 5, 2))
    x[:, :, 1] = 4.0
    truth = x[:, :, 0] == x[:, :, 0].max(1, keepdims=True)
    assert weigh(x, truth)[1] == 0


def test_a_table_gives_dot_products(shelf: Shelf) -> None:
    table = Table(shelf.vectors)
    terms, values = one("路灯损坏", bags_of, shelf.rarity)
    weight = dict(zip(terms.tolist(), values.tolist(), strict=True))
    plainly = []
    for n in range(len(shelf)):
        own_terms, own = shelf.vectors.one(n)
        plainly.append(sum(weight.get(t, 0) * v for t, v in zip(own_terms.tolist(), own.tolist(), strict=True)))  # fmt: skip
    assert table.scores(terms, values) == pytest.approx(plainly, abs=1e-5)
    assert set(shelf.views("路灯")) == set(VIEWS)


def test_the_same_text_gives_the_same_shares(shelf: Shelf) -> None:
    a, b = (find(s, None, Mix.plain(), "公交站牌坏了") for s in (shelf, _shelf()))
    assert a.rows.tolist() == b.rows.tolist()
    assert a.shares.tolist() == b.shares.tolist()


def test_titles_heads_and_sources() -> None:
    assert head("路灯坏了\n我住在人民路") == "路灯坏了"
    assert (
        head("您好,一二三四五六七八九十一二三四五六七八九十一二三四五六")
        == ",一二三四五六七八九十一二三四五六七八九十一二三"
    )
    assert asked("请问") == "请问"
    assert source("民法典第一千零七十七条") == "民法典"
    assert len(tidy("灯" * 100_000)) == 8_000
    assert Passage("电梯规定第一条", "甲").text == "电梯规定甲"
    assert Passage("x", "甲", "标题").text == "标题甲"


def test_an_encoder_adds_a_view_and_nothing_without_one(shelf: Shelf) -> None:
    texts = [f"{t}损坏的，由{t}的养护单位修复{n}" for t in THINGS for n in "一二"]
    passages = [Passage(f"甲{i}", text) for i, text in enumerate(texts)]
    with_one = Shelf(passages, latent(texts, 16))
    dense = with_one.views("电梯损坏")["dense"]
    assert int(dense.argmax()) // 2 == THINGS.index("电梯")
    assert (abs(dense) <= 1.001).all()
    assert np.isfinite(with_one.views("")["dense"]).all()
    assert "dense" not in shelf.views("电梯损坏")
