"""A small stream through peers and engine, and a small database copied: what is counted is what happened."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chengshu.app.measure import bench_merge, held
from chengshu.app.measure.clusters import bcubed
from chengshu.app.measure.eval_drill import with_register
from chengshu.app.measure.ground import Bench
from chengshu.app.measure.held import Founded, founded, grow
from chengshu.app.measure.merge_peers import (
    PEERS,
    Choice,
    Messages,
    Peer,
    by_rapidfuzz,
    measured,
    tuned,
)
from chengshu.drill import Reported, build_sites
from chengshu.kit.embedded import Embedded
from chengshu.kit.settings import Settings
from tests.conftest import Home

SEED = 5
ALIKE = ["路灯坏了", "路灯坏了", "井盖不见了", "路灯坏了"]
DAYS = [0.0, 1.0, 1.0, 20.0]


@pytest.fixture(scope="module")
def told(home: Home) -> list[Reported]:
    return bench_merge._told(home.settings, SEED, 150, 17.0)


@pytest.fixture(scope="module")
def stream(home: Home, told: list[Reported]) -> Messages:
    return bench_merge.messages(home.settings, told)


def test_ours_is_above_every_peer(db: Home, told: list[Reported], stream: Messages) -> None:
    pytest.importorskip("river")
    rules = replace(with_register(db.world, build_sites(db.world.city, SEED)), merge_above=0.5)
    city = Founded(db.worker, db.world, db.keyring, db.dsns)
    ours, ms = bench_merge.decided(city, told, rules)
    assert ms > 0
    for peer in PEERS:
        scores = [bcubed(peer.group(stream, c), stream.truth).f1 for c in peer.choices()[::2]]
        assert ours > max(scores), peer.name
        assert min(scores) > 0


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: str(peer.name))
def test_a_peer_puts_the_same_words_together(peer: Peer) -> None:
    pytest.importorskip("river")
    said = Messages(ALIKE, [""] * 4, [d * 86_400 for d in DAYS], [1] * 4, ["a", "a", "b", "c"])
    groups = peer.group(said, Choice("text", peer.thresholds[0]))
    assert groups[0] == groups[1] != groups[2]
    windowed = peer.name in ("datasketch_lsh", "rapidfuzz")
    assert (groups[3] == groups[0]) is not windowed  # weeks later


def test_the_best_choice_is_taken_and_what_fails_says_why(stream: Messages) -> None:
    pytest.importorskip("rapidfuzz")
    peer = Peer("fuzz", "", by_rapidfuzz, (1.0, 70.0), ("place",))
    choice = tuned(peer, stream.first(60), 60)
    assert choice == Choice("place", 70.0)  # of the two the other puts all together
    assert measured(peer, stream.first(60), choice, 60).f1 > 0
    assert measured(peer, stream, choice, 0).reason == "not finished after 0 s"
    broken = replace(stream.first(60), at=[])
    assert "ended by itself (exit 1" in measured(peer, broken, choice, 60).reason


def test_a_peer_that_cannot_is_named(stream: Messages) -> None:
    said: list[str] = []
    known = {peer.name: 100.0 for peer in PEERS}
    choices = {peer.name: Choice("place", 0.5) for peer in PEERS[1:]}
    assert bench_merge.beside(said.append, stream, choices, "100k", 10.0, known) == {}
    assert len(said) == len(PEERS)
    assert "not tuned" in said[0]
    assert "it would take 100 s or more, its time is 10 s" in said[1]


def test_copies_are_incidents_like_others(
    server: Embedded, told: list[Reported], tmp_path: Path
) -> None:
    b = Bench(server, Settings(data_dir=tmp_path), lambda _: None)
    base, large = f"held_{os.getpid()}_base", f"held_{os.getpid()}_large"
    try:
        with founded(b, base, bench_merge.register_of(b.settings, SEED)) as city:
            bench_merge.decided(city, told[:60], city.world.rules)
        made = grow(b, large, base, 300)
        before, after = (_look(b, name) for name in (base, large))
        copies = made // before["incident"]
        assert made >= 300
        assert made == before["incident"] * copies
        for table in ("profile", "posting", "people"):
            assert after[table] == before[table] * copies, table
        assert after["total"] == before["total"] * copies == made
        assert after["strays"] == 0
        assert after["indexes"] == before["indexes"]
        assert before["terms"] < after["terms"] < before["terms"] * copies
        assert after["oldest"] <= held.LIVE_DAYS
        ms, rss, now_held = bench_merge._in_its_own_process(b, large, told[60:65])
        assert len(ms) == 5
        assert rss > 0
        assert made <= now_held <= made + 5
    finally:
        b.drop(base)
        b.drop(large)


def _look(b: Bench, name: str) -> dict[str, int]:
    asked = {
        "incident": "select count(*) from incident", "profile": "select count(*) from profile",
        "posting": "select count(*) from posting", "people": "select sum(reports) from incident",
        "total": "select reports from term_count where term = 0",
        "terms": "select count(distinct term) from posting",
        "strays": "select count(*) from posting where incident not in (select id from incident)",
        "indexes": "select count(*) from pg_indexes where tablename in ('incident', 'posting')",
        "oldest": "select extract(day from max(last_at) - min(last_at)) from incident",
    }  # fmt: skip
    with held._loader(b, name) as conn:
        return {what: held._number(conn, query) for what, query in asked.items()}


def test_a_stream_is_as_long_as_wanted_and_in_order(told: list[Reported]) -> None:
    at = [r.told.arrives_at for r in told]
    assert len(told) == 150
    assert at == sorted(at)
    assert at[-1] - at[0] > timedelta(hours=12)
