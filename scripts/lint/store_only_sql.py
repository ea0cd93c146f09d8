"""SQL stands in `store.py`, one per package, so that whoever changes a table finds every reader of it.

Free to write SQL: any `store.py`, and `kit`, which is the database's own package. The exceptions
below are named, each with its reason; a file that no longer holds SQL must leave the list.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

SQL = re.compile(r"^\s*(select\s.+\sfrom\s|select \w+\(|insert\s+into\s|update\s+\w+\s+(\w+\s+)?set\s|"
                 r"delete\s+from\s|truncate\s|with\s+\w+\s+as\s*\()", re.IGNORECASE | re.DOTALL)  # fmt: skip
EXCEPTIONS = {
    "dispatch/lists.py": "the list's filters build one statement, and are its only users",
    "dispatch/outcome.py": "one count of what an import became, read at its end only",
    "intake/reseal.py": "keys rotate over a table of this package, in batches, from the command line",
    "app/demo.py": "the demo makes its own accounts and keys, as the owner, over several packages",
    "app/found.py": "founding asks over several packages whether a city is there",
    "app/health.py": "one call of the function that tells totals, whose table is no package's",
    "app/retention.py": "one statement per kind of data, side by side, so that an auditor reads one page",
}


def strays(root: Path) -> Iterator[str]:
    """One sentence for each SQL text outside the stores, and each exception that is none any more."""
    package, unused = root / "src/chengshu", set(EXCEPTIONS)
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if path.name == "store.py" or name.startswith(("kit/", "app/measure/")):
            continue
        lines = _sql_lines(ast.parse(path.read_text(encoding="utf-8")))
        if name in EXCEPTIONS:
            unused -= {name} if lines else set()
        else:
            yield from (f"src/chengshu/{name}:{line}: SQL belongs into store.py" for line in lines)
    yield from (
        f"src/chengshu/{name}: holds no SQL, take it off the list" for name in sorted(unused)
    )


def _sql_lines(tree: ast.AST) -> list[int]:
    said = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # docstrings
    parts = {id(p) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for p in n.values[1:]}
    return [n.lineno for n in ast.walk(tree)
            if isinstance(n, ast.Constant) and isinstance(n.value, str)
            and id(n) not in said | parts and SQL.match(n.value)]  # fmt: skip


if __name__ == "__main__":
    sys.exit("\n".join(strays(Path(sys.argv[1] if len(sys.argv) > 1 else "."))) or 0)
