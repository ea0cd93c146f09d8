"""Lock files say what, by hash, and never from where: a city installs from the mirror it trusts.

`requirements.lock` holds no address and no index option, and every package in it has a hash;
`package-lock.json` holds no `resolved`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

HOST = re.compile(r"\w+://|^--?(index-url|extra-index-url|find-links|i|f|trusted-host)\b")


def hosts(root: Path) -> Iterator[str]:
    """One sentence for each line that names a host, and each package that has no hash."""
    lines = (root / "requirements.lock").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if HOST.search(line):
            yield f"requirements.lock:{number}: names a host: {line.strip()[:80]}"
        if "==" in line and not line.startswith((" ", "#")) and not line.endswith("\\"):
            yield f"requirements.lock:{number}: no hash: {line.strip()[:80]}"
    npm = (root / "web/package-lock.json").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(npm, 1):
        if '"resolved":' in line:
            yield f"web/package-lock.json:{number}: names a host: {line.strip()[:80]}"


if __name__ == "__main__":
    sys.exit("\n".join(hosts(Path(sys.argv[1] if len(sys.argv) > 1 else "."))) or 0)
