"""The outbox: claimed once, in order per key, poison set aside."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from chengshu.kit import outbox
from tests.conftest import Home

pytestmark = pytest.mark.db


def test_each_message_is_claimed_by_one_worker(db: Home, now: datetime) -> None:
    with db.worker.transaction() as conn:
        outbox.send_many(conn, "t", list(range(200)))

    def drain(_: int) -> list[int]:
        mine: list[int] = []
        while True:
            with db.worker.transaction() as conn:
                messages = outbox.claim(conn, "t", 7, now)
                outbox.done(conn, messages)
                mine += [m.key for m in messages]
            if not messages:
                return mine

    with ThreadPoolExecutor(6) as pool:
        taken = [key for part in pool.map(drain, range(6)) for key in part]
    assert sorted(taken) == list(range(200))


def test_messages_of_one_key_wait_for_each_other(db: Home, now: datetime) -> None:
    with db.worker.transaction() as conn:
        outbox.send(conn, "t", 1, {"n": 1})
        outbox.send(conn, "t", 1, {"n": 2})
        outbox.send(conn, "t", 2)
    with db.worker.transaction() as conn:
        first = outbox.claim(conn, "t", 10, now)
        assert [(m.key, m.body.get("n")) for m in first] == [(1, 1), (2, None)]
        with db.worker.transaction() as other:
            assert outbox.claim(other, "t", 10, now) == []


def test_poison_is_set_aside_with_its_reason_and_can_be_tried_again(
    db: Home, now: datetime
) -> None:
    with db.worker.transaction() as conn:
        outbox.send(conn, "t", 5)
    for attempt in range(outbox.MAX_ATTEMPTS):
        at = now + timedelta(hours=attempt)
        with db.worker.transaction() as conn:
            (message,) = outbox.claim(conn, "t", 1, at)
            outbox.fail(conn, message, "text is unreadable", at)
    with db.worker.transaction() as conn:
        assert outbox.claim(conn, "t", 1, now + timedelta(days=9)) == []
        (aside,) = outbox.set_aside(conn)
        assert (aside.key, aside.attempts, aside.reason) == (
            5,
            outbox.MAX_ATTEMPTS,
            "text is unreadable",
        )
        assert outbox.again(conn, aside.id)
        assert [m.key for m in outbox.claim(conn, "t", 1, now)] == [5]


def test_a_failed_message_waits_before_it_is_tried_again(db: Home, now: datetime) -> None:
    with db.worker.transaction() as conn:
        outbox.send(conn, "t", 5)
    with db.worker.transaction() as conn:
        (message,) = outbox.claim(conn, "t", 1, now)
        outbox.fail(conn, message, "no", now)
    with db.worker.transaction() as conn:
        assert outbox.claim(conn, "t", 1, now) == []
        assert len(outbox.claim(conn, "t", 1, now + timedelta(seconds=2))) == 1
