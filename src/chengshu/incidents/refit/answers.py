"""Recording what a person said of two incidents, with what merging had measured of them.

The last word counts: whatever was said of the same two before is withdrawn. Transactions and the lock
under which merges are made are the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chengshu.incidents.evidence import Verdict
from chengshu.incidents.refit import store
from chengshu.incidents.refit.model import Answer, Comparison, Kept
from chengshu.kit.db import Connection

_MOST = 5  # comparisons of one act: thirty reports split off together are one opinion


@dataclass(frozen=True, slots=True)
class Person:
    """Who says it."""

    account: int | None
    name: str


def measured_now(one: int, other: int, verdict: Verdict, version: int) -> Comparison:
    """A comparison of two incidents as they are, where none was kept."""
    return Comparison(0, other, one, Kept.BESIDE, verdict.measured, verdict.probability, version)


def say(conn: Connection, kind: Answer, same: bool, one: int, other: int, kept: Sequence[Comparison],
        fresh: Comparison | None, by: Person, now: datetime, *, weight: float = 1.0) -> None:  # fmt: skip
    """Keep an answer about two incidents.

    Args:
        kept: What merging measured when it decided; together they count as one answer.
        fresh: What is measured now, used when nothing was kept.
        weight: Of the fresh one; two large incidents beside each other are not what merging compares.
    """
    store.withdraw(conn, one, other, now)
    some = list(kept)[:_MOST]
    for found in some:
        store.answer(conn, kind, same, one, other, found, report=found.report, fresh=False, weight=1 / len(some),
                     account=by.account, actor=by.name, now=now)  # fmt: skip
    if not some and fresh is not None and fresh.measured:
        store.answer(conn, kind, same, one, other, fresh, report=None, fresh=True, weight=weight,
                     account=by.account, actor=by.name, now=now)  # fmt: skip


def turn(conn: Connection, kind: Answer, one: int, other: int, by: Person, now: datetime) -> bool:
    """Somebody took back what she said of these two, and so says the opposite; False when nothing was said."""
    stood = store.withdraw(conn, one, other, now)
    if stood:
        store.turn_over(conn, stood, kind, by.account, by.name, now)
    return bool(stood)


def forget(conn: Connection, one: int, other: int, now: datetime) -> None:
    """Nothing is said of these two: the question is open again."""
    store.withdraw(conn, one, other, now)
