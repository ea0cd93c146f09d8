"""web/openapi.json: what the API promises its pages; compares, or writes it with --write."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fastapi import FastAPI

from chengshu.app.api import create_app
from chengshu.kit.settings import Settings

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "web" / "openapi.json"


def app() -> FastAPI:
    """The real application, with nothing behind it: it can say what it offers, not do it."""
    nothing: Any = SimpleNamespace()
    city = SimpleNamespace(areas=(), code=0)
    world: Any = SimpleNamespace(
        city=city,
        office=SimpleNamespace(
            directory=SimpleNamespace(units={}), lines=None, checks=None, clocks=None
        ),
        rules=SimpleNamespace(matters={}),
    )
    return create_app(Settings(), nothing, world, nothing)


def contract() -> str:
    """The document, the same letters for the same code."""
    return json.dumps(app().openapi(), ensure_ascii=False, indent=1) + "\n"


def main(args: list[str]) -> int:
    """Write the document, or say that it is stale."""
    made = contract()
    if "--write" in args:
        TARGET.write_text(made, encoding="utf-8")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == made:
        return 0
    print(
        "web/openapi.json is not what the API promises now. Write both anew:\n"
        "  .venv/bin/python scripts/openapi.py --write && scripts/node.sh run gen"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
