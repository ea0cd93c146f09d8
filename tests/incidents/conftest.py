"""Reports for merging, and a way to send them through the workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from chengshu.incidents.attach import Attached, attach
from chengshu.intake.model import Channel, Nature, Report
from chengshu.intake.submit import submit
from chengshu.kit.ids import new_id
from tests.conftest import NOW, Home

Merge = Callable[[Sequence[Report]], list[Attached]]


def report(text: str, **other: object) -> Report:
    """A report with everything else as it mostly is."""
    number = new_id()
    plain = Report(
        id=number, channel=Channel.WEB, source="test", channel_id=str(number), received_at=NOW, said_at=NOW,
        title="", text=text, nature=Nature.HELP, place="", area=320600000000000,
    )  # fmt: skip
    return replace(plain, **other)  # type: ignore[arg-type] # fields by name


@pytest.fixture
def merge(db: Home) -> Merge:
    """Submit reports and decide about them in one batch."""

    def run(reports: Sequence[Report], now: datetime = NOW) -> list[Attached]:
        with db.worker.transaction() as conn:
            for one in reports:
                submit(conn, db.keyring, one)
            return attach(conn, reports, db.world.rules, now)

    return run
