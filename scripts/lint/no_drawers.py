"""A module is named for what is done in it: `utils` and its kin are drawers into which everything falls.

Every file of three thousand lines that we have met was called one of these names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("src", "scripts", "tests", "web/src")
DRAWERS = set("utils util helpers helper common base core misc service services manager".split())


def drawers(root: Path) -> Iterator[str]:
    """One sentence for each module or folder with a drawer's name."""
    for path in sorted(p for folder in FOLDERS for p in (root / folder).rglob("*")):
        is_module = path.suffix in (".py", ".ts", ".vue") or path.is_dir()
        if is_module and path.name.split(".")[0].lower() in DRAWERS:
            yield f"{path.relative_to(root).as_posix()}: name it for what is done there"


if __name__ == "__main__":
    sys.exit("\n".join(drawers(Path(sys.argv[1] if len(sys.argv) > 1 else "."))) or 0)
