"""All SQL of corrections and of proposed transfers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chengshu.intake.corrections.model import CorrectionForm, CorrectionView
from chengshu.kit.db import Connection


@dataclass(frozen=True, slots=True)
class Emergency:
    """To whom it was proposed to hand a dangerous message: 110, 119 or 120."""

    report: int
    service: str
    reason: str
    actor: str
    at: datetime


def add(
    conn: Connection, report: int, corrections: Sequence[CorrectionForm], account: int, actor: str, now: datetime
) -> None:  # fmt: skip
    """Keep corrections of one report."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into correction (report, kind, was, now, first, last, account, actor, at)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            [
                (report, c.kind, c.was, c.now, c.start, c.end, account, actor, now)
                for c in corrections
            ],
        )


def of_report(conn: Connection, report: int) -> list[CorrectionView]:
    """Corrections of one report, the first first."""
    rows = conn.execute(
        "select kind, was, now, first, last, actor, at from correction where report = %s order by id", (report,)
    )  # fmt: skip
    return [
        CorrectionView(kind=r[0], was=r[1], now=r[2], start=r[3], end=r[4], actor=r[5], at=r[6])
        for r in rows
    ]


def propose_transfer(conn: Connection, one: Emergency, account: int) -> None:
    """Note that a transfer was proposed; said again, the first stands."""
    conn.execute(
        """insert into emergency (report, service, reason, account, actor, at) values (%s, %s, %s, %s, %s, %s)
           on conflict do nothing""",
        (one.report, one.service, one.reason, account, one.actor, one.at),
    )


def transfers(conn: Connection, reports: Sequence[int]) -> list[Emergency]:
    """What was proposed for these reports, the first first."""
    rows = conn.execute(
        "select report, service, reason, actor, at from emergency where report = any(%s) order by at, service",
        (list(reports),),
    )
    return [Emergency(*row) for row in rows]
