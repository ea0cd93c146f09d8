"""The quick tools of `make check` go red on a planted violation; `make prove` tries them all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
QUICK = (
    "ruff",
    "format",
    "size",
    "drawers",
    "lock",
    "sql",
    "diagram",
    "openapi",
    "layers",
    "deptry",
)


@pytest.mark.slow
def test_every_violation_is_seen() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scripts.prove_red", *QUICK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    seen = [
        line
        for line in done.stdout.splitlines()
        if line.split(maxsplit=1)[:1] and line.split()[0] in QUICK
    ]
    assert not [line for line in seen if "NOT SEEN" in line], done.stdout + done.stderr
    # whether the tree itself is green is for `make check` to say
    assert {line.split()[0] for line in seen if line.split()[1] == "red"} == set(QUICK)
