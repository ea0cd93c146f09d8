"""Merging against the database: one happening, one incident, whoever hurries; and no text stops it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chengshu.app.pipeline import handle_reports
from chengshu.incidents import store
from chengshu.incidents.attach import attach
from chengshu.incidents.model import Stage
from chengshu.incidents.rebuild import rebuild
from chengshu.intake.submit import submit
from chengshu.kit.ids import new_id
from tests.conftest import NOW, Home
from tests.incidents.conftest import Merge, report

_SAID = (
    "春江花园3号楼楼道堆满纸箱,消防通道走不过去",
    "春江花园3号楼楼道堆放杂物,堵住消防通道",
    "春江花园3号楼有人把纸箱堆在消防通道里",
    "春江花园楼道杂物多,消防通道不通",
)


def _count(home: Home, what: str) -> int:
    with home.owner() as conn:
        row = conn.execute(f"select count(*) from {what}").fetchone()
        assert row
        return int(str(row[0]))


@pytest.mark.slow
@pytest.mark.parametrize("run", range(5))
def test_twenty_at_once_make_one_incident(db: Home, run: int) -> None:
    def send(n: int) -> None:
        said = report(
            _SAID[n % len(_SAID)], place="春江花园3号楼", said_at=NOW - timedelta(minutes=n)
        )
        with db.worker.transaction() as conn:
            submit(conn, db.keyring, said)
        handle_reports(db.worker, db.world, NOW, limit=3)

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(send, range(20)))
    while handle_reports(db.worker, db.world, NOW):
        pass
    assert _count(db, "membership") == 20
    assert _count(db, "incident") == 1
    with db.owner() as conn:
        assert conn.execute("select reports from incident").fetchone() == (20,)


ODD = [
    ("", ""),
    ("垃圾", ""),
    ("。", ""),
    ("好", ""),
    ("垃圾没人清运" * 17_000, ""),
    ("a" * 100_000, ""),
    ("😀" * 50_000, ""),
    ("😀😀😀🔥", ""),
    ("مرحبا بالعالم", ""),
    ("Straßenlaterne defekt, ünïcödé", "Straße 7"),
    ("не горит фонарь во дворе", "двор"),
    ("가로등이 고장났어요", ""),
    ("𠮷野家门口", "𠮷𠮷𠮷"),
    ("没有地点的一句话", ""),
    ("", "春江花园"),
    ("", "7号楼"),
    ("", "崇川区"),
    ("\x7f\u200b", "\u200b"),
]


@pytest.mark.parametrize(("text", "place"), ODD)
def test_no_text_is_too_odd(merge: Merge, text: str, place: str) -> None:
    results = merge([report(text, place=place), report(text, place=place)])
    assert len(results) == 2
    assert results[0].incident.title


def test_odd_texts_are_decided_beside_each_other_and_again(db: Home, merge: Merge) -> None:
    """Each meets all the others in the batch, and their kept profiles in the next one."""
    for _ in range(2):
        found = merge([report(text, place=place) for text, place in ODD] + [report(_SAID[0])])
        assert len(found) == len(ODD) + 1
    assert _count(db, "membership") == 2 * (len(ODD) + 1)
    with db.worker.transaction() as conn:
        for one in {done.incident.id for done in found}:
            (before,) = store.profiles(conn, [one]).values()
            rebuild(conn, one, db.world.rules, NOW)
            (after,) = store.profiles(conn, [one]).values()
            assert after.bag == before.bag
            assert after.topics.tolist() == before.topics.tolist()


def test_odd_titles_are_decided(merge: Merge) -> None:
    found = merge([report(text, title=text[:200], place=place) for text, place in ODD])
    assert len(found) == len(ODD)


def test_without_a_time_of_its_own_what_was_received_counts(merge: Merge) -> None:
    """Who names no time is taken to have said it when it came."""
    at = NOW - timedelta(minutes=5)
    found = merge(
        [report(text, place="春江花园", received_at=at, said_at=at) for text in _SAID[:2]]
    )
    assert len({one.incident.id for one in found}) == 1
    assert (found[0].incident.first_at, found[0].incident.last_at) == (at, at)


def test_what_comes_again_after_closing_is_a_recurrence(db: Home, merge: Merge) -> None:
    first = merge([report(_SAID[0], place="春江花园", said_at=NOW - timedelta(days=1))])[0].incident
    with db.worker.transaction() as conn:
        assert store.move(
            conn, first.id, [Stage.RECEIVED], Stage.CLOSED, NOW - timedelta(hours=20), closed=True
        )
    again = merge([report(_SAID[0], place="春江花园", said_at=NOW - timedelta(hours=2))])[0]
    assert again.opened
    assert again.incident.recurrence_of == first.id


def test_what_was_said_before_closing_still_joins(db: Home, merge: Merge) -> None:
    first = merge([report(_SAID[0], place="春江花园", said_at=NOW - timedelta(days=1))])[0].incident
    with db.worker.transaction() as conn:
        store.move(
            conn, first.id, [Stage.RECEIVED], Stage.CLOSED, NOW - timedelta(hours=20), closed=True
        )
    late = merge([report(_SAID[0], place="春江花园", said_at=NOW - timedelta(hours=23))])[0]
    assert late.incident.id == first.id


def test_a_report_is_decided_once(db: Home, merge: Merge) -> None:
    one = report(_SAID[0], id=new_id())
    merge([one])
    with db.worker.transaction() as conn:
        assert attach(conn, [one], db.world.rules, NOW) == []


def test_people_are_counted_once(merge: Merge) -> None:
    said = [
        report(_SAID[0], place="春江花园", caller="a", said_at=NOW - timedelta(minutes=m))
        for m in (3, 2, 1)
    ]
    assert merge(said)[-1].incident.people == 1
