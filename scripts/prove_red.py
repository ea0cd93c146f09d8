"""Show that every tool of `make check` goes red: plant one violation at a time in a copy of the tree.

A check that cannot fail checks nothing. Each is first run on the clean copy, where it must pass.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.check import CHECKS, ROOT, run

_LEFT_OUT = shutil.ignore_patterns(
    ".git",
    ".venv",
    "node_modules",
    "static",
    "dist",
    "build",
    "data",
    "review",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
)


@dataclass(frozen=True, slots=True)
class Violation:
    """What is planted, where, and which check must see it."""

    check: str
    what: str
    path: str
    text: str
    replace: str = ""  # this text is replaced by `text`; empty appends


VIOLATIONS = (
    Violation("ruff", "an import that nothing uses", "src/chengshu/kit/times.py", "\nimport json\n"),
    Violation("ruff", "print in the product", "src/chengshu/kit/times.py", '\nprint("here")\n'),
    Violation("ruff", "a time without zone", "src/chengshu/kit/times.py",
              "\nfrom datetime import datetime as d\n\nNOW = d.now()\n"),
    Violation("format", "single quotes, no spaces", "src/chengshu/kit/times.py", "\nX={'a':1}\n"),
    Violation("size", "a function of 81 lines", "src/chengshu/kit/planted.py",
              "def f() -> None:\n" + "    f()\n" * 80),
    Violation("size", "a file of 501 lines", "src/chengshu/kit/planted.py", "X = 1\n" * 501),
    Violation("size", "a component of 401 lines", "web/src/ui/Planted.vue", "<!-- -->\n" * 401),
    Violation("drawers", "a module called utils", "src/chengshu/kit/utils.py", ""),
    Violation("lock", "an index in the lock", "requirements.lock", "\n--index-url https://pypi.example/simple\n"),
    Violation("sql", "SQL in a route", "src/chengshu/dispatch/planted.py", 'X = "select id from report"\n'),
    Violation("diagram", "a diagram out of date", "ARCHITECTURE.md", "assigned --> handled", "assigned --> signed"),
    Violation("openapi", "a field that the pages do not know", "src/chengshu/dispatch/track.py",
              "    planted: str = \"\"\n    answer: str | None", "    answer: str | None"),
    Violation("layers", "a lower package imports a higher one", "src/chengshu/places/datum.py",
              "\nimport chengshu.dispatch.model\n"),
    Violation("layers", "a rule that knows the web", "src/chengshu/dispatch/workflow.py", "\nimport fastapi\n"),
    Violation("layers", "app reads the dispatch tables", "src/chengshu/app/world.py",
              "\nimport chengshu.dispatch.store\n"),
    Violation("layers", "a package nobody placed", "src/chengshu/planted/__init__.py", ""),
    Violation("layers", "a cycle hidden in a function", "src/chengshu/dispatch/deadlines.py",
              "\n\ndef f() -> None:\n    import chengshu.dispatch.assign\n"),
    Violation("deptry", "an import that is not declared", "src/chengshu/kit/times.py", "\nimport jinja2\n"),
    Violation("deptry", "a dependency that nothing uses", "pyproject.toml", '  "jinja2>=3",\n  "fastapi>=', '  "fastapi>='),
    Violation("mypy", "a wrong type", "src/chengshu/kit/times.py", '\nX: int = "a"\n'),
    Violation("mypy", "a function without types", "tests/kit/test_ids.py", "\n\ndef f(x):\n    return x\n"),
    Violation("web", "a client that is out of date", "web/src/api/schema.ts", "\nexport type Planted = 1;\n"),
    Violation("web", "eslint: a variable that nothing uses", "web/src/main.ts", "\nconst planted = 1;\n"),
    Violation("web", "vue-tsc: a wrong type", "web/src/main.ts", '\nexport const planted: number = "a";\n'),
    Violation("web", "prettier: single quotes", "web/src/main.ts", "\nexport const planted = 'a'\n"),
)  # fmt: skip


def plant(tree: Path, violation: Violation) -> bytes | None:
    """Write a violation; returns what was there before, None for a new file."""
    path = tree / violation.path
    before = path.read_bytes() if path.exists() else None
    text = (before or b"").decode()
    path.parent.mkdir(parents=True, exist_ok=True)
    if violation.replace:
        if violation.replace not in text:
            raise ValueError(f"{violation.path} does not hold {violation.replace!r}")
        path.write_text(text.replace(violation.replace, violation.text, 1))
    else:
        path.write_text(text + violation.text)
    return before


def undo(tree: Path, violation: Violation, before: bytes | None) -> None:
    """Take a violation out again."""
    path = tree / violation.path
    if before is not None:
        path.write_bytes(before)
        return
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def copy(to: Path) -> Path:
    """A copy of the tree that uses this one's .venv and node_modules."""
    tree = to / "tree"
    shutil.copytree(ROOT, tree, ignore=_LEFT_OUT)
    (tree / ".venv").symlink_to(ROOT / ".venv")
    if (ROOT / "web/node_modules").is_dir():
        (tree / "web/node_modules").symlink_to(ROOT / "web/node_modules")
    return tree


def main(wanted: list[str]) -> int:
    """Try the violations of the named checks, or of all; 0 when every one was seen."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = copy(Path(folder))
        # the copy's modules before those that .venv knows
        env = {
            "PYTHONPATH": str(tree / "src"),
            "MYPY_CACHE_DIR": str(Path(folder) / "mypy"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        for check in CHECKS:
            if wanted and check.name not in wanted:
                continue
            green, clean = run(check, tree, env)
            if not green:
                print(f"{check.name:<8} NOT GREEN without any violation\n{clean}", flush=True)
                wrong += 1
            for violation in (v for v in VIOLATIONS if v.check == check.name):
                before = plant(tree, violation)
                passed, said = run(check, tree, env)
                undo(tree, violation, before)
                seen = not passed and said != clean
                wrong += not seen
                print(
                    f"{check.name:<8} {'red' if seen else 'NOT SEEN'}  {violation.what}", flush=True
                )
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
