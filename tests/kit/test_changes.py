"""The change feed shows every commit exactly once, the late ones too."""

from __future__ import annotations

import pytest

from chengshu.kit import outbox
from chengshu.kit.changes import Reader
from tests.conftest import Home

pytestmark = pytest.mark.db


def test_a_late_committer_is_not_missed(db: Home) -> None:
    reader = Reader()
    with db.worker.transaction() as conn:
        assert reader.read(conn) == []
    with db.worker.transaction() as slow:
        outbox.changed(slow, "incident", 1, 0)  # takes the lower number, commits last
        with db.worker.transaction() as quick:
            outbox.changed(quick, "incident", 2, 0)
        with db.worker.transaction() as conn:
            assert [c.subject for c in reader.read(conn)] == [2]
    with db.worker.transaction() as conn:
        assert [c.subject for c in reader.read(conn)] == [1]
        assert reader.read(conn) == []
