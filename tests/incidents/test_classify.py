"""A classifier learnt from a few invented texts: probabilities, reasons, corrections, and being kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chengshu.incidents.classify import Classifier, _alike, _folds, _telling, _threshold
from chengshu.incidents.encoder import Encoder, LatentEncoder, TopicEncoder
from chengshu.incidents.features import Doc, cut, grams, learn_stops, sketch, spelled, split
from chengshu.kit.errors import Invalid

pytest.importorskip("sklearn")
sparse = pytest.importorskip("scipy.sparse")

SAID = {
    "环境": ("工厂夜里偷偷排放废气", "河水发黑有臭味", "工地扬尘污染空气", "化工厂污水流进河道"),
    "教育": ("学校补课收费太高", "老师在校外办培训班", "孩子入学名额不够", "幼儿园学费上涨"),
    "交通": ("公交车班次太少", "出租车拒载乱收费", "客运站票价不合理", "高速公路堵车"),
}
PLACES = "东城 西园 南桥 北苑 新港 老街 江口 山前".split()


def taught() -> tuple[list[str], list[str]]:
    """Ninety-six texts of three classes, each with a place and a wish of its own."""
    texts, labels = [], []
    for label, sayings in SAID.items():
        for n, saying in enumerate(sayings):
            for m, place in enumerate(PLACES):
                other = sayings[(n + 1 + m % 3) % len(sayings)]
                texts.append(f"{place}{saying}，{other}，已有{n + m + 2}个月，希望尽快派人看看。")
                labels.append(label)
    return texts, labels


@pytest.fixture(scope="module")
def fitted() -> Classifier:
    return Classifier.fit(*taught())


def test_probabilities_sum_to_one(fitted: Classifier) -> None:
    share = fitted.proba(["学校老师补课", "", "？！", "Ω≈ç", ("河水", "发黑")])
    assert share.shape == (5, 3)
    assert share.sum(1) == pytest.approx(np.ones(5))
    assert (share >= 0).all()
    assert fitted.proba([]).shape == (0, 3)


@pytest.mark.parametrize(
    ("doc", "label"),
    [("南桥的学校补课乱收费", "教育"), (("化工厂", "污水"), "环境"), ("公交车班次少", "交通")],
)
def test_the_right_class_is_named(fitted: Classifier, doc: Doc, label: str) -> None:
    best = fitted.best(doc)
    assert best[0][0] == label
    assert best == sorted(best, key=lambda b: -b[1])


def test_what_it_never_saw_is_left_to_a_person(fitted: Classifier) -> None:
    assert fitted.proba(["zzz qqq"])[0].max() < fitted.threshold


def test_reasons_stand_in_the_text_and_speak_for_the_class(fitted: Classifier) -> None:
    text = "新港化工厂污水流进河道"
    speaks_for, against = fitted.explain(text, "环境")
    assert {"化工厂", "污水", "河道"} & {part for term in speaks_for for part in cut(term.text)}
    assert all(term.weight > 0 for term in speaks_for)
    assert all(term.weight < 0 for term in against)
    assert all(part in text for term in [*speaks_for, *against] for part in term.text.split())


def test_a_correction_counts_at_once() -> None:
    model = Classifier.fit(*taught())
    text, other = "江口学校食堂的污水", "东城公交车班次太少"
    before, unmoved = model.proba([text])[0], model.proba([other])[0]
    for _ in range(10):
        model.correct(text, "交通")
    after = model.proba([text])[0]
    at = model.labels.index("交通")
    assert after[at] > before[at]
    assert model.best(text)[0][0] == "交通"
    assert model.proba([other])[0].argmax() == unmoved.argmax()


def test_kept_and_read_again_it_says_the_same(tmp_path: Path) -> None:
    texts, labels = taught()
    model = Classifier.fit(texts, labels)
    model.correct(texts[0], labels[-1])
    model.save(tmp_path / "model.npz")
    again = Classifier.load(tmp_path / "model.npz")
    assert np.array_equal(model.proba(texts), again.proba(texts))
    assert (again.labels, again.threshold, again.aside) == (
        model.labels,
        model.threshold,
        model.aside,
    )
    again.correct(texts[1], labels[-1])
    model.correct(texts[1], labels[-1])
    assert np.array_equal(model.proba(texts), again.proba(texts))


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04 broken"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        Classifier.load(path)
    assert refused.value.field == "model.npz"


def test_learning_twice_gives_the_same() -> None:
    texts, labels = taught()
    one, two = Classifier.fit(texts, labels), Classifier.fit(texts, labels)
    assert np.array_equal(one.weight, two.weight)
    assert one.threshold == two.threshold


def test_rows_that_cannot_be_learnt_from_are_set_aside() -> None:
    texts, labels = taught()
    n = len(texts)
    model = Classifier.fit(
        [*texts, "……", texts[3], "村里的鱼塘承包"], [*labels, "环境", labels[3], "农业"]
    )
    assert (model.aside.empty, model.aside.alone) == ((n,), (n + 2,))
    assert n + 1 in model.aside.repeated
    assert "农业" not in model.labels


@pytest.mark.parametrize(
    ("texts", "labels"),
    [([], []), (["路灯坏了", "井盖丢了"], ["a", "b"]), (["甲", "乙"], ["a", "a"])],
)
def test_too_little_is_refused(texts: list[str], labels: list[str]) -> None:
    with pytest.raises(Invalid, match="两个类别"):
        Classifier.fit(texts, labels)


def test_an_unknown_class_is_refused(fitted: Classifier) -> None:
    with pytest.raises(Invalid):
        fitted.correct("学校", "没有")
    with pytest.raises(Invalid):
        fitted.explain("学校", "没有")


def test_written_and_segmented_texts_are_read_alike() -> None:
    written = [cut(f"我们{place}的路灯坏了吗") for place in PLACES]
    segmented = [
        tuple(w for w in words if w not in ("我们", "的", "了", "吗")) for words in written
    ]
    assert learn_stops(written, segmented) == {"我们", "的", "了", "吗"}
    assert learn_stops(written, segmented[:2]) == frozenset()
    assert split(" 路灯   坏 ， Ａ3 ") == ("路灯", "坏", "a3")


def test_every_feature_can_be_spelled() -> None:
    words = ("路灯", "坏", "了")
    found = grams(words)
    assert len(spelled(words)) == len(found.hashes) == len(found.weights)
    # 路灯, 坏, 了 and the pair of the last two are runs of characters as well
    assert len(np.unique(found.hashes)) == len(set(spelled(words))) + 4
    assert len(grams(()).hashes) == 0


def test_near_duplicates_are_held_out_together() -> None:
    text = (
        "北苑小区三号楼旁的化工厂每天夜里排放刺鼻的废气，老人孩子都无法开窗睡觉，请环保部门查处。"
    )
    others = ["学校门口每天早上堵车，公交车进不来，学生迟到。", ""]
    near, same = _alike([cut(text), cut(text + "再次反映。"), *(cut(o) for o in others)])
    assert near[0] == near[1] != near[2]
    assert same[2] == 2
    fold = _folds(np.array([0, 0, 1, 1]), near)
    assert fold[0] == fold[1]
    assert len(sketch(())) == 0


def test_a_threshold_that_nothing_reaches_lets_nothing_through() -> None:
    share = np.array([[0.9, 0.1], [0.8, 0.2]])
    assert _threshold(share, np.array([1, 1])) > 1
    assert _threshold(share, np.array([0, 0])) == pytest.approx(0.8)


def test_a_feature_of_one_class_tells_more_than_one_of_both() -> None:
    # columns: of the class, of the others, of both alike, in no text, an encoder's
    table = sparse.csr_matrix(np.array([[1, 0, 1, 0, -3], [0, 1, 1, 0, 2]], np.float32))
    scale = _telling(table, np.array([True, False]), known=4)
    assert scale[0] == pytest.approx(scale[1])
    assert scale[0] > 1 > scale[2]
    assert scale[2:4] == pytest.approx([0.5, 0.5])
    assert scale[4] == 1
    none = _telling(table[:, 2:], np.array([True, False]), known=2)
    assert none == pytest.approx([0.5, 0.5, 1])


@pytest.fixture(params=["topics", "latent"])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    if request.param == "topics":
        return TopicEncoder()
    return LatentEncoder.learn([cut(text) for text in taught()[0]], width=8)


def test_an_encoder_keeps_its_promises(encoder: Encoder) -> None:
    texts = [cut(text) for text in ("学校补课收费", "河水发黑", "")]
    rows = encoder(texts)
    assert rows.shape == (3, encoder.width)
    assert np.isfinite(rows).all()
    assert (np.linalg.norm(rows, axis=1) < 1.001).all()
    assert encoder(texts[1:2])[0] == pytest.approx(rows[1], abs=1e-5)
    assert encoder([]).shape == (0, encoder.width)


def test_a_dense_view_is_learnt_with_the_words(encoder: Encoder, tmp_path: Path) -> None:
    texts, labels = taught()
    model = Classifier.fit(texts, labels, encoder)
    assert len(model.weight) == len(model.words.known) + encoder.width
    assert model.best("学校老师补课收费")[0][0] == "教育"
    model.save(tmp_path / "model.npz")
    assert np.array_equal(
        Classifier.load(tmp_path / "model.npz", encoder).proba(texts[:9]), model.proba(texts[:9])
    )
    with pytest.raises(Invalid):
        Classifier.load(tmp_path / "model.npz")
    speaks_for, _ = model.explain("学校老师补课收费", "教育")
    assert speaks_for
