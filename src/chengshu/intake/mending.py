"""Rows that could not be imported, kept in a table that can be mended and imported again."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from chengshu.intake.sheet import Row, cell_text
from chengshu.kit.errors import Invalid

NUMBER, REASON, SOURCE = "导入_行号", "导入_原因", "导入_来源"
NOTES = (NUMBER, REASON, SOURCE)


class Mending:
    """The table of one import's unreadable rows, made when the first one turns up.

    An existing file is never overwritten unless it was asked for by name: somebody may be
    mending it, or may be importing it just now. The file is complete only after `close`.
    """

    def __init__(self, beside: Path, headings: Sequence[str], asked: Path | None = None) -> None:
        self._keep = [n for n, name in enumerate(headings) if name not in NOTES]
        self._headings = [headings[n] for n in self._keep]
        self._path = asked or _free(beside)
        self._draft = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        self._file: IO[str] | None = None
        self._writer: Any = None

    def add(self, row: Row, reason: str, source: str) -> None:
        """Keep one row with its reason in words.

        Raises:
            Invalid: The file cannot be written.
        """
        if self._file is None:
            try:
                # a byte-order mark, or Excel reads Chinese as rubbish
                self._file = self._draft.open("w", encoding="utf-8-sig", newline="")
            except OSError as wrong:
                raise Invalid("errors", f"写不了错误行文件 {self._path}:{wrong.strerror}",
                              f"cannot write {self._path}: {wrong.strerror}") from wrong  # fmt: skip
            self._writer = csv.writer(self._file)
            self._writer.writerow([*self._headings, *NOTES])
        cells = [cell_text(row.cells[n]) if n < len(row.cells) else "" for n in self._keep]
        safe = [c.encode("utf-8", "replace").decode() for c in cells]
        self._writer.writerow([*safe, row.number, f"第 {row.number} 行：{reason}", source])

    def close(self) -> Path | None:
        """Put the file in its place; None when every row was readable."""
        if self._file is None:
            return None
        self._file.close()
        self._draft.replace(self._path)
        return self._path

    def drop(self) -> None:
        """Leave nothing behind, after an import that was broken off."""
        if self._file is not None:
            self._file.close()
            self._draft.unlink(missing_ok=True)


def _free(beside: Path) -> Path:
    folder = beside.parent if os.access(beside.parent, os.W_OK) else Path.cwd()
    path, n = folder / "import-errors.csv", 1
    while path.exists():
        n += 1
        path = folder / f"import-errors-{n}.csv"
    return path
