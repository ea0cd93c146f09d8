"""Passages and questions of the bench come from the seed alone; ours and the peers answer them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from chengshu.app.measure import bench_library
from chengshu.app.measure.bench_library import asked_of, ours, passages, questions


def test_a_passage_depends_on_its_key_alone() -> None:
    some = dict(passages(990, 1_010))
    assert list(some) == list(range(990, 1_010))
    assert dict(passages(1_000, 1_001))[1_000] == some[1_000]
    assert len(set(some.values())) == 20


def test_questions_tell_their_passage_in_other_words() -> None:
    asked = questions(500, 20)
    assert asked == questions(500, 20)
    assert len({key for key, _ in asked}) == 20
    for key, text in asked:
        whole = dict(passages(key, key + 1))[key]
        assert text not in whole
        assert sum(c in whole for c in text) > 0.7 * len(text)


def test_ours_finds_adds_and_puts_back(tmp_path: Path) -> None:
    said: list[str] = []
    asked = questions(300, 10)
    first = ours(tmp_path, "10k", 300, asked, said.append)
    again = ours(tmp_path, "10k", 300, asked, said.append)
    assert first["recall_10_10k"] == again["recall_10_10k"] > 0.8
    assert "fill_10k_s" in first
    assert "fill_10k_s" not in again  # it was kept
    assert first["index_mb"] > 0
    json.dumps(first)


@pytest.mark.parametrize("name", [name for name, _ in bench_library.PEERS])
def test_each_peer_that_is_installed_finds(name: str, tmp_path: Path) -> None:
    if name != "sqlite_fts5":
        pytest.importorskip(name)
    make: Callable[[Path, Sequence[tuple[int, str]]], bench_library.Search] = dict(
        bench_library.PEERS
    )[name]
    recall, p50, p95 = asked_of(make(tmp_path, list(passages(0, 200))), questions(200, 10))
    assert recall > 0.5
    assert 0 < p50 <= p95


def test_a_peer_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(folder: Path, rows: Sequence[tuple[int, str]]) -> bench_library.Search:
        raise ImportError("no such module", name="somewhere")

    monkeypatch.setattr(bench_library, "PEERS", (("somewhere", missing),))
    said: list[str] = []
    assert bench_library.beside(tmp_path, "10k", 100, questions(100, 2), {}, said.append) == {}
    assert "[bench]" in said[0]
