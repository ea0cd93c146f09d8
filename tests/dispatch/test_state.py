"""How an incident is drawn: the rule and the SQL that filters lists by it never differ."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import cast

import pytest

from chengshu.dispatch import lists
from chengshu.incidents.model import ENDED, Stage, state_of
from tests.conftest import Home

DUE = [None, *(timedelta(minutes=m) for m in (-1000, -1, 0, 1, 59, 60, 61, 1000))]


@pytest.mark.db
def test_rule_and_sql_agree(db: Home, now: datetime) -> None:
    cases = list(
        product(Stage, (True, False), (True, False), [None if d is None else now + d for d in DUE])
    )
    with db.owner() as conn:
        found = conn.execute(
            f"""select i.stage, i.danger, i.overdue, i.due_at, {lists._STATE}
                from unnest(%s::text[], %s::bool[], %s::bool[], %s::timestamptz[]) i(stage, danger, overdue, due_at)""",
            (
                [str(s) for s in ENDED],
                now,
                now,
                *(list(column) for column in zip(*cases, strict=True)),
            ),
        ).fetchall()
    assert len(found) == len(cases)
    for row in found:
        stage, danger, overdue, due_at, state = cast(
            "tuple[str, bool, bool, datetime | None, str]", row
        )
        assert state_of(stage, danger, overdue, due_at, now) == state, row


@pytest.mark.parametrize(("stage", "danger", "overdue", "due", "state"), [
    (Stage.CLOSED, True, True, -1, "closed"),  # what has ended is calm
    (Stage.MERGED, True, False, None, "closed"),
    (Stage.RECEIVED, True, True, -1, "danger"),  # danger before everything
    (Stage.HANDLING, False, False, 0, "overdue"),  # at the very instant
    (Stage.HANDLING, False, True, 100, "overdue"),
    (Stage.RECEIVED, False, False, 60, "due_soon"),
    (Stage.RECEIVED, False, False, 61, "new"),
    (Stage.ASSIGNED, False, False, None, "handling"),
])  # fmt: skip
def test_state_of(
    stage: Stage, danger: bool, overdue: bool, due: int | None, state: str, now: datetime
) -> None:
    due_at = None if due is None else now + timedelta(minutes=due)
    assert state_of(stage, danger, overdue, due_at, now) == state
