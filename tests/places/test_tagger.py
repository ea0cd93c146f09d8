"""Addresses: read in parts, whatever the text; legal tags; the fast chain against the slow obvious one."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

from chengshu.places.tagger import PartKind, Tagger, shipped
from chengshu.places.tagging.batch import Batch, Index
from chengshu.places.tagging.chain import Layout, best, marginals
from chengshu.places.tagging.learning import Manner
from chengshu.places.tagging.lexicon import Lexicon
from chengshu.places.tagging.runs import (
    DIGITS,
    NUMBERS,
    NUMBERS_LEFT,
    SEEN,
    TWICE,
    kind_of,
    runs,
)
from chengshu.places.tagging.scheme import Scheme, Sentence, labels_of

QUICK = Manner(passes=3, averaged=1, least=1)


def _address(*parts: tuple[str, str]) -> Sentence:
    tokens: list[str] = []
    spans = []
    for label, text in parts:
        start = len(tokens)
        tokens += [text[:-1], text[-1]] if text[0].isdigit() else list(text)
        spans.append((label, start, len(tokens)))
    return Sentence(tuple(tokens), tuple(spans))


def taught() -> list[Sentence]:
    """Roads and estates of a few names, with numbers."""
    heads = "春江 文昌 永和 青年 人民 濠西 世纪 星湖".split()
    return [
        _address(
            ("road", f"{a}路"), ("roadno", f"{n}号"), ("poi", f"{b}花园"), ("roomno", f"{n}室")
        )
        for n, (a, b) in enumerate(itertools.permutations(heads, 2), 1)
    ]


@pytest.fixture(scope="module")
def learnt() -> Tagger:
    return Tagger.learnt(taught(), QUICK)


def test_names_that_were_never_read(learnt: Tagger) -> None:
    found = learnt.parse("长桥路58号 金色花园203室")
    assert [(p.kind, p.text) for p in found] == [
        (PartKind.ROAD, "长桥路"), (PartKind.ROAD_NUMBER, "58号"),
        (PartKind.PLACE, "金色花园"), (PartKind.ROOM, "203室"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "🏚️🚧",
        "Unter den Linden 77",
        "ул. Ленина",
        "号" * 10_000,
        "12-3-4/5",
        "\u0000\ud800",
    ],
)
def test_any_text_is_covered_in_order(learnt: Tagger, text: str) -> None:
    end = 0
    for part in learnt.parse(text):
        assert end <= part.start < part.end <= len(text)
        assert part.text == text[part.start : part.end]
        assert not text[end : part.start].strip()
        end = part.end
    assert not text[end:].strip()


def test_many_are_read_as_one_by_one(learnt: Tagger) -> None:
    tokens = [s.tokens for s in taught()[:9]] + [()]
    assert learnt.tag_many(tokens) == [learnt.tag_many([t])[0] for t in tokens]


def test_what_is_kept_reads_the_same(learnt: Tagger, tmp_path: Path) -> None:
    learnt.write(tmp_path / "kept.npz")
    tokens = [s.tokens for s in taught()]
    assert Tagger.read(tmp_path / "kept.npz").tag_many(tokens) == learnt.tag_many(tokens)


def test_a_simple_one_is_not_kept(tmp_path: Path) -> None:
    simple = Tagger.learnt(taught(), QUICK, simple=True)
    assert simple.tag_many([taught()[0].tokens]) == [taught()[0].spans]
    with pytest.raises(ValueError, match="not kept"):
        simple.write(tmp_path / "kept.npz")


def test_tokens_of_no_part() -> None:
    sentence = Sentence(tuple("请到春江路"), (("road", 2, 5),))
    scheme = Scheme(labels_of([sentence]))
    assert scheme.labels == ("O", "road")
    assert scheme.decode(scheme.encode(sentence).tolist()) == sentence.spans


def test_best_and_marginals_are_those_of_trying_all() -> None:
    scheme = Scheme(("a", "b"))
    rng = np.random.default_rng(3)
    lengths = [1, 3, 2]
    score = rng.normal(size=(6, 8)).astype(np.float32)
    turns = rng.normal(size=(8, 8)).astype(np.float32)
    layout = Layout.of(lengths, [0, 1, 4])
    tags, share = np.empty(6, np.intp), np.empty((6, 8))
    tags[layout.rows] = best(score[layout.rows], turns, scheme, layout)
    share[layout.rows], pairs = marginals(score[layout.rows], turns, scheme, layout)
    expected = np.zeros((8, 8))
    for start, length in ((0, 1), (1, 3), (4, 2)):
        paths, weights = [], []
        for path in itertools.product(range(8), repeat=length):
            legal = scheme.first()[path[0]] and scheme.last()[path[-1]]
            if legal and all(scheme.follows()[p] for p in itertools.pairwise(path)):
                paths.append(path)
                weights.append(
                    sum(score[start + i, t] for i, t in enumerate(path))
                    + sum(turns[p] for p in itertools.pairwise(path))
                )
        chance = np.exp(weights) / np.exp(weights).sum()
        assert tuple(tags[start : start + length]) == paths[int(np.argmax(weights))]
        one = np.zeros((length, 8))
        for path, p in zip(paths, chance, strict=True):
            one[range(length), path] += p
            for pair in itertools.pairwise(path):
                expected[pair] += p
        np.testing.assert_allclose(share[start : start + length], one, atol=1e-5)
    np.testing.assert_allclose(pairs, expected, atol=1e-5)


def test_a_sentence_does_not_look_itself_up() -> None:
    own = _address(("road", "春江路"))
    batch = Batch([own.tokens])
    lexicon = Lexicon.learnt([own])
    assert lexicon.matches(batch)[0].any()
    assert not lexicon.matches(batch, [own])[0].any()
    assert Lexicon.learnt([own, own]).matches(batch, [own])[0].any()


def test_the_longest_part_that_is_known_covers_and_stays_in_its_sentence() -> None:
    lexicon = Lexicon.learnt([_address(("road", "春江"), ("road", "春江路"), ("poi", "江路"))])
    each, whole = lexicon.matches(Batch([tuple("在春江路"), (), tuple("春江"), tuple("路")]))
    assert (each > 0).any(1).tolist() == [False, True, True, True, True, True, False]
    assert (whole[0] % 8).tolist() == [0, 3, 3, 3, 2, 2, 0]
    assert lexicon.labels == ("road", "poi")
    assert each[2, :2].tolist() == [3 * 4 + 2, 2 * 4 + 1]


def test_an_index_finds_what_is_there() -> None:
    rng = np.random.default_rng(5)
    codes = np.unique(
        rng.integers(1, 2**63, 3_000, np.uint64) >> rng.integers(0, 60, 3_000, np.uint64)
        | np.uint64(1)
    )
    index = Index.of(codes)
    assert (index.find(codes) == np.arange(1, len(codes) + 1)).all()
    others = np.array([0, 2**64 - 1, codes.max() + np.uint64(1)], np.uint64)
    assert not index.find(others).any()
    assert not Index.of(codes[:0]).find(codes).any()


def test_what_stands_around_is_that_of_going_through() -> None:
    sentences = ["江苏省江苏省3-12号A楼", "", "、、", "5", "路3路4号路3"]
    batch = Batch([re.findall(r"[0-9]+|.", s) for s in sentences])
    found = runs(batch)
    kinds = [kind_of(batch.names[w]) for w in batch.which]
    for i in range(batch.size):
        own = range(batch.begin[i], batch.end[i])
        numbers = [j for j in own if kinds[j] == DIGITS]
        assert found[NUMBERS, i] == sum(j <= i for j in numbers)
        assert found[NUMBERS_LEFT, i] == sum(j > i for j in numbers)
        cues = {batch.names[batch.which[j]] for j in range(batch.begin[i], i)}
        assert (found[SEEN, i] > 0) == bool(cues & set("路街巷道号幢栋座村省县市镇乡"))
    assert found[TWICE, :6].tolist() == [1, 1 | 1 << 2, 1 << 2, 2, 2 | 2 << 2, 2 << 2]
    one = [runs(Batch([re.findall(r"[0-9]+|.", s)])) for s in sentences]
    assert (np.concatenate(one, 1) == found).all()


@pytest.mark.parametrize("text", ["春江路58号 金色花园", "58号"])
def test_a_label_of_somebody_else_is_another_part(text: str) -> None:
    rows = [_address(("street", f"{a}路"), ("roadno", f"{n}号")) for n, a in enumerate("春江 文昌 永和".split(), 1)]  # fmt: skip
    kinds = {p.kind for p in Tagger.learnt(rows, QUICK).parse(text)}
    assert kinds <= {PartKind.OTHER, PartKind.ROAD_NUMBER}
    assert PartKind.OTHER in kinds or text == "58号"


def test_the_shipped_model_reads_an_address() -> None:
    found = shipped().parse("江苏省南通市崇川区濠西路88号文昌花园3幢2单元501室")
    assert {p.kind: p.text for p in found} == {
        PartKind.PROVINCE: "江苏省", PartKind.CITY: "南通市", PartKind.DISTRICT: "崇川区",
        PartKind.ROAD: "濠西路", PartKind.ROAD_NUMBER: "88号", PartKind.PLACE: "文昌花园",
        PartKind.BUILDING: "3幢", PartKind.ENTRANCE: "2单元", PartKind.ROOM: "501室",
    }  # fmt: skip
