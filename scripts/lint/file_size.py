"""A file or function that outgrows its screen gets a second reason to change, and nobody reads it whole.

Ceilings: source 500 lines, tests 800, Vue components 400, Python functions 80. The generated
TypeScript client is exempt: nobody edits it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("src", "scripts", "tests", "web/src")
SOURCE, TEST, COMPONENT, FUNCTION = 500, 800, 400, 80
GENERATED = {"web/src/api/schema.ts"}


def too_long(root: Path) -> Iterator[str]:
    """One sentence for each file or function above its ceiling."""
    for path in sorted(p for folder in FOLDERS for p in (root / folder).rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix not in (".py", ".ts", ".vue") or name in GENERATED:
            continue
        text = path.read_text(encoding="utf-8")
        test = name.startswith("tests/") or name.endswith(".test.ts")
        most = COMPONENT if path.suffix == ".vue" else TEST if test else SOURCE
        if (lines := text.count("\n")) > most:
            yield f"{name}: {lines} lines, at most {most}"
        for node in ast.walk(ast.parse(text)) if path.suffix == ".py" else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > FUNCTION:
                    yield f"{name}:{node.lineno}: {node.name} has {size} lines, at most {FUNCTION}"


if __name__ == "__main__":
    sys.exit("\n".join(too_long(Path(sys.argv[1] if len(sys.argv) > 1 else "."))) or 0)
