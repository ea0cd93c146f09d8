"""Reports in, groups and reasons out: what merging must do, as a person would say it."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chengshu.incidents import store
from chengshu.intake.model import Channel
from tests.conftest import NOW, Home
from tests.incidents.conftest import Merge, report

_FILE = Path(__file__).parents[1] / "golden/merge/cases.toml"
CASES: list[dict[str, Any]] = tomllib.loads(_FILE.read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_merging(db: Home, merge: Merge, case: dict[str, Any]) -> None:
    begins = NOW - timedelta(days=1)
    reports = [
        report(
            **{k: v for k, v in one.items() if k not in ("minute", "channel")},
            channel=Channel(one["channel"]),
            said_at=begins + timedelta(minutes=one["minute"]),
        )
        for one in case["report"]
    ]
    results = {r.report.id: r.incident.id for r in merge(reports)}
    groups: dict[int, list[int]] = {}
    for n, one in enumerate(reports):
        groups.setdefault(results[one.id], []).append(n)
    assert sorted(groups.values()) == case["groups"]
    with db.worker.transaction() as conn:
        merged = [m for i in groups for m in store.members(conn, i) if m.outcome == "merged"]
    for member in merged:
        speaking = {c["about"] for c in member.clues if float(str(c["bits"])) > 0}
        assert speaking >= set(case.get("because", []))
