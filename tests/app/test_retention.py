"""Retention: what is old goes, what is young stays, and the audit trail says how much went."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Protocol

import psycopg
import pytest

from chengshu.app.retention import prune_changes, retain
from chengshu.kit.db import Database

pytestmark = pytest.mark.db

DAYS = {"reporter": 1095, "session": 30, "notice": 365}
CALLERS = ("aa", "bb")


class Home(Protocol):
    """What these tests use of the shared database."""

    app: Database
    worker: Database

    def owner(self) -> psycopg.Connection[tuple[object, ...]]: ...


def _report(home: Home, report: int, received_at: datetime, caller: str = "aa") -> None:
    with home.owner() as conn:
        conn.execute(
            """insert into incident (id, number, title, matter, domain, stage, area, first_at, last_at, opened_at,
                 changed_at) values (%(id)s, %(id)s::text, '路灯不亮', 'm', 'd', 'opened', 320682, %(at)s, %(at)s,
                 %(at)s, %(at)s)""",
            {"id": report + 10_000, "at": received_at},
        )
        conn.execute(
            """insert into report (id, channel, source, channel_id, received_at, said_at, text, nature, area,
                 caller, code, body_hash)
               values (%(id)s, 'web', 'public', %(id)s::text, %(at)s, %(at)s, '路灯不亮', 'complaint', 320682,
                 %(caller)s, %(id)s::text, '')""",
            {"id": report, "at": received_at, "caller": caller},
        )
        conn.execute(
            "insert into reporter (report, key_version, sealed, masked, confidential) values (%s, 1, 'x', '陈**', false)",
            (report,),
        )
        conn.execute(
            "insert into membership (report, incident, outcome, at) values (%s, %s, 'opened', %s)",
            (report, report + 10_000, received_at),
        )
        conn.execute(
            'insert into profile (incident, body) values (%s, \'{"callers": ["aa", "bb"], "people": 2}\')',
            (report + 10_000,),
        )


def _all(home: Home, query: str) -> list[tuple[object, ...]]:
    with home.owner() as conn:
        return conn.execute(query).fetchall()


def _audit(home: Home) -> list[tuple[object, ...]]:
    return _all(
        home,
        "select subject, (detail->>'erased')::int from audit where act = 'retention' order by id",
    )


def test_reporters_are_erased_when_their_time_is_up(db: Home, now: datetime) -> None:
    limit = now - timedelta(days=1095)
    _report(db, 1, limit - timedelta(seconds=1))
    _report(db, 2, limit)
    assert retain(db.worker, DAYS, now)["reporter"] == 1
    rows = _all(db, "select report, sealed, masked, erased_at from reporter order by report")
    assert rows == [(1, b"", "", now), (2, b"x", "陈**", None)]


def test_the_number_cannot_be_recognised_any_more(db: Home, now: datetime) -> None:
    _report(db, 1, now - timedelta(days=2000))
    _report(db, 2, now)
    assert retain(db.worker, DAYS, now)["caller"] == 1
    assert _all(db, "select id, caller, text from report order by id") == [
        (1, "", "路灯不亮"),  # the report itself stays
        (2, "aa", "路灯不亮"),
    ]
    assert _all(db, "select body from profile order by incident") == [
        ({"callers": ["bb"], "people": 2},),
        ({"callers": ["aa", "bb"], "people": 2},),
    ]


def test_sessions_and_read_notices_go(db: Home, now: datetime) -> None:
    with db.owner() as conn:
        conn.execute(
            """insert into account (id, login, name, password_hash, role, unit, created_at)
               select 1, 'w', '王', 'x', 'dispatcher', min(unit), %s from unit""", (now,)
        )  # fmt: skip
        for name, age in (("old", 31), ("young", 29), ("open", -1)):
            conn.execute(
                """insert into session (token_hash, account, csrf, created_at, seen_at, expires_at)
                   values (%s, 1, '', %s, %s, %s)""",
                (name.encode(), now, now, now - timedelta(days=age)),
            )
        for text, unit, read_at in (
            ("read long ago", "nt", now - timedelta(days=366)),
            ("read", "nt", now - timedelta(days=364)),
            ("unread", "nt", None),
            ("a citizen's", None, now - timedelta(days=366)),
        ):
            conn.execute(
                "insert into notice (unit, text, at, read_at) values (%s, %s, %s, %s)",
                (unit, text, now - timedelta(days=400), read_at),
            )
    erased = retain(db.worker, DAYS, now)
    assert (erased["session"], erased["notice"]) == (1, 1)
    assert _all(db, "select convert_from(token_hash, 'UTF8') from session order by 1") == [
        ("open",),
        ("young",),
    ]
    assert _all(db, "select text from notice order by id") == [
        ("read",),
        ("unread",),
        ("a citizen's",),
    ]
    assert _audit(db) == [("session", 1), ("notice", 1)]


def test_every_batch_is_in_the_audit_trail_and_a_second_run_finds_nothing(
    db: Home, now: datetime
) -> None:
    for report in range(1, 8):
        _report(db, report, now - timedelta(days=2000))
    assert retain(db.worker, DAYS, now, batch=3) == {
        "reporter": 7,
        "caller": 7,
        "session": 0,
        "notice": 0,
    }
    assert _audit(db) == [
        ("reporter", 3),
        ("reporter", 3),
        ("reporter", 1),
        ("caller", 3),
        ("caller", 3),
        ("caller", 1),
    ]
    before = _all(db, "select * from audit order by id")
    assert retain(db.worker, DAYS, now) == {"reporter": 0, "caller": 0, "session": 0, "notice": 0}
    assert _all(db, "select * from audit order by id") == before
    assert _all(db, "select distinct at, account, role, detail->'days' from audit") == [
        (now, None, "worker", 1095)
    ]


def test_four_at_once_erase_each_once(db: Home, now: datetime) -> None:
    for report in range(1, 41):
        _report(db, report, now - timedelta(days=2000))
    totals: list[dict[str, int]] = []
    threads = [
        threading.Thread(target=lambda: totals.append(retain(db.worker, DAYS, now, batch=3)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(t["reporter"] for t in totals) == 40
    assert _all(
        db, "select sum((detail->>'erased')::int) from audit where subject = 'reporter'"
    ) == [(40,)]


def test_zero_days_keeps_for_ever(db: Home, now: datetime) -> None:
    _report(db, 1, now - timedelta(days=9000))
    assert retain(db.worker, dict.fromkeys(DAYS, 0), now) == {}
    assert _all(db, "select masked from reporter") == [("陈**",)]
    assert _audit(db) == []


def test_it_stops_between_batches(db: Home, now: datetime) -> None:
    for report in range(1, 8):
        _report(db, report, now - timedelta(days=2000))
    asked = iter([False, True, True, True, True])
    assert retain(db.worker, DAYS, now, batch=3, stop=lambda: next(asked))["reporter"] == 3
    assert _audit(db) == [("reporter", 3)]


def test_changes_go_after_an_hour(db: Home, now: datetime) -> None:
    with db.owner() as conn:
        for minutes in (61, 600, 59, 0):
            conn.execute(
                "insert into change (kind, subject, area, at) values ('incident', %s, 320600, %s)",
                (minutes, now - timedelta(minutes=minutes)),
            )
    assert prune_changes(db.worker, now, batch=1) == 2
    assert _all(db, "select subject from change order by subject") == [(0,), (59,)]
    assert prune_changes(db.worker, now) == 0


def test_the_serving_role_may_erase_nothing(db: Home, now: datetime) -> None:
    _report(db, 1, now - timedelta(days=2000))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        retain(db.app, DAYS, now)
