"""`make check`: every tool in turn, one line each; the words of those that fail; changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
_BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Check:
    """One tool and how it is called from the root of the tree."""

    name: str
    command: tuple[str, ...]


def _tool(name: str, *args: str) -> tuple[str, ...]:
    return (str(_BIN / name), *args)


def _lint(name: str) -> tuple[str, ...]:
    return (sys.executable, f"scripts/lint/{name}.py")


CHECKS = (
    Check("ruff", _tool("ruff", "check", "--quiet", "--output-format=concise")),
    Check("format", _tool("ruff", "format", "--check", "--quiet", "--output-format=concise")),
    Check("size", _lint("file_size")),
    Check("drawers", _lint("no_drawers")),
    Check("lock", _lint("lock_has_no_host")),
    Check("sql", _lint("store_only_sql")),
    Check("diagram", (sys.executable, "scripts/diagram.py")),
    Check("openapi", (sys.executable, "scripts/openapi.py")),
    Check("layers", _tool("lint-imports", "--no-cache")),
    Check("deptry", _tool("deptry", "src", "--no-ansi")),
    Check("mypy", _tool("mypy", "--no-error-summary")),
    Check("web", ("scripts/node.sh", "run", "check")),
)


def run(check: Check, tree: Path, env: dict[str, str] | None = None) -> tuple[bool, str]:
    """Run one check in a tree; whether it passed, and what it said."""
    done = subprocess.run(
        check.command, cwd=tree, env={**os.environ, "NO_COLOR": "1", **(env or {})},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return done.returncode == 0, done.stdout.strip()


def main(wanted: list[str]) -> int:
    """Run the named checks, or all."""
    known = [c.name for c in CHECKS]
    if unknown := sorted(set(wanted) - set(known)):
        print(f"No check is called {', '.join(unknown)}; there are: {', '.join(known)}.")
        return 2
    failed = []
    for check in CHECKS:
        if wanted and check.name not in wanted:
            continue
        began = time.monotonic()
        passed, said = run(check, ROOT)
        print(
            f"{check.name:<8} {'ok' if passed else 'FAILED'}  {time.monotonic() - began:5.1f} s",
            flush=True,
        )
        if not passed:
            failed.append(check.name)
            print(said or "(it said nothing)", end="\n\n", flush=True)
    if failed:
        print(f"Not passed: {', '.join(failed)}. `make fix` mends what a tool can mend by itself.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
