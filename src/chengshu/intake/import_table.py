"""Import a table of old reports: in chunks, twice without doubling, with the bad rows kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from psycopg.errors import UniqueViolation

from chengshu.intake import store
from chengshu.intake.form import Taker
from chengshu.intake.mending import NOTES, SOURCE, Mending
from chengshu.intake.model import Channel, Nature, Report, Reporter, clean
from chengshu.intake.sheet import Row, Sheet, cell_text, open_sheet
from chengshu.intake.submit import body_hash, submit_many
from chengshu.intake.table import report_of_row
from chengshu.intake.where import Datum
from chengshu.kit.db import Connection
from chengshu.kit.errors import Invalid
from chengshu.kit.sealing import Keyring
from chengshu.places import Locator

_CHUNK = 500
_ATTEMPTS = 5
_NAME_LETTERS = 80

Transaction = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an import did, or in a dry run would do.

    Attributes:
        name: The numbering that the rows' ids belong to.
        columns: What to heading.
        ignored: Headings that nothing was made of.
        errors_file: Where the rows are that need mending.
    """

    name: str
    encoding: str
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    read: int = 0
    new: int = 0
    duplicate: int = 0
    errors: int = 0
    errors_file: Path | None = None
    dry_run: bool = False
    seconds: float = 0.0


def import_table(path: Path, *, transaction: Transaction, keyring: Keyring, locator: Locator, now: datetime,
                 name: str = "", mapping: Mapping[str, str] | None = None, dry_run: bool = False,
                 errors_path: Path | None = None, nature: Nature = Nature.HELP, datum: Datum = "wgs84",
                 progress: Callable[[int, int | None], None] = lambda _read, _total: None) -> Summary:  # fmt: skip
    """Read a CSV, Excel (.xlsx) or JSON-lines file into reports.

    Args:
        transaction: Opens one transaction of the workers' role; called once for 500 rows.
        name: Whose numbering the ids are; the file's name without ending when left out, and
            for a file of mended rows the name that its import had.
        mapping: What (see `Column`) to heading, for headings that are not known.
        dry_run: Read and compare everything, write nothing but the file of bad rows.
        errors_path: Where bad rows go; `import-errors.csv` beside the file when left out.
        nature: Of rows that name none.
        datum: Of the table's positions.
        progress: Told rows read so far, and how many there are (None: not known).

    Raises:
        Invalid: The file as a whole cannot be read; nothing was written.
    """
    began_s = time.perf_counter()
    with open_sheet(path, mapping) as sheet:
        mending = Mending(path, sheet.headings, errors_path)
        taker = Taker(f"table:{_name(name or path.stem)}", now, locator, keyring)
        run = _Run(sheet, taker, transaction, mending, dry_run, datum, nature, named=bool(name))
        try:
            for row in sheet.rows:
                run.take(row)
                if len(run.waiting) >= _CHUNK:
                    run.flush()
                    progress(run.read, None)
            run.flush()
        except BaseException:
            mending.drop()
            raise
        progress(run.read, run.read)
        used = {n: column.value for column, n in sheet.columns.items()}
        return Summary(
            name=run.taker.source.removeprefix("table:"), encoding=sheet.encoding,
            columns={what: sheet.headings[n] for n, what in used.items()},
            ignored=tuple(h for n, h in enumerate(sheet.headings) if h and n not in used and h not in NOTES),
            read=run.read, new=run.new, duplicate=run.duplicate, errors=run.errors,
            errors_file=mending.close(), dry_run=dry_run, seconds=time.perf_counter() - began_s,
        )  # fmt: skip


def _name(name: str) -> str:
    cleaned = clean(name)[:_NAME_LETTERS]
    if not cleaned:
        raise Invalid("name", "来源名称不能为空", "the name must not be empty")
    return cleaned


class _Raced(Exception):
    """Another import wrote some of these rows meanwhile: look again."""


@dataclass(slots=True)
class _Run:
    """One import under way: what was counted, and the rows that wait for the next transaction."""

    sheet: Sheet
    taker: Taker
    transaction: Transaction
    mending: Mending
    dry_run: bool
    datum: Datum
    nature: Nature
    named: bool
    read: int = 0
    new: int = 0
    duplicate: int = 0
    errors: int = 0
    waiting: list[tuple[Row, Report, Reporter | None]] = field(default_factory=list)
    # a dry run writes nothing, so it remembers two hashes of every row: some 150 bytes
    seen: dict[bytes, bytes] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        """Read one row into a report, or keep it for mending."""
        if not row.unreadable and not any(cell_text(c).strip() for c in row.cells):
            return
        if not self.read:
            self._follow_notes(row)
        self.read += 1
        try:
            self.waiting.append((row, *self._report(row)))
        except Invalid as wrong:
            self._set_aside(row, wrong.chinese)

    def flush(self) -> None:
        """Write what waits, in one transaction; a race with the same import elsewhere is run again."""
        if not self.waiting:
            return
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                fresh, doubled, clashing = self._write()
                break
            except (UniqueViolation, _Raced):
                if attempt == _ATTEMPTS:
                    raise
        self.new += fresh
        self.duplicate += doubled
        for row, report in clashing:
            self._set_aside(row, f"编号“{report.channel_id}”已用于另一条内容")
        self.waiting.clear()

    def _write(self) -> tuple[int, int, list[tuple[Row, Report]]]:
        with self.transaction() as conn:
            ids = [report.channel_id for _, report, _ in self.waiting]
            have = store.body_hashes(conn, self.taker.source, Channel.TABLE, ids)
            fresh: list[tuple[Report, Reporter | None]] = []
            doubled, clashing = 0, []
            for row, report, reporter in self.waiting:
                body = body_hash(report)
                earlier = have.get(report.channel_id) or self.seen.get(_short(report.channel_id))
                if earlier is None:
                    have[report.channel_id] = body
                    fresh.append((report, reporter))
                elif earlier == body:
                    doubled += 1
                else:
                    clashing.append((row, report))
            if not self.dry_run and len(submit_many(conn, self.taker.keyring, fresh)) < len(fresh):
                raise _Raced
        if self.dry_run:
            self.seen |= {_short(report.channel_id): body_hash(report) for report, _ in fresh}
        return len(fresh), doubled, clashing

    def _report(self, row: Row) -> tuple[Report, Reporter | None]:
        if row.unreadable:
            raise Invalid("row", row.unreadable)
        beyond = [c for c in row.cells[len(self.sheet.headings) :] if cell_text(c).strip()]
        if beyond:
            raise Invalid("row", f"比表头多 {len(beyond)} 格，多半是内容里的分隔符没有加引号")
        cells = {what: row.cells[n] for what, n in self.sheet.columns.items() if n < len(row.cells)}
        if self.sheet.damaged and any("\ufffd" in cell_text(c) for c in cells.values()):
            raise Invalid("row", f"有读不出的字（按 {self.sheet.encoding} 读）")
        return report_of_row(cells, self.taker, datum=self.datum, nature=self.nature)

    def _set_aside(self, row: Row, reason: str) -> None:
        self.errors += 1
        self.mending.add(row, reason, self.taker.source.removeprefix("table:"))

    def _follow_notes(self, row: Row) -> None:
        """A file of mended rows belongs to the numbering of the import that it came from."""
        if self.named or SOURCE not in self.sheet.headings:
            return
        place = self.sheet.headings.index(SOURCE)
        if place < len(row.cells) and (name := clean(cell_text(row.cells[place]))):
            self.taker = replace(self.taker, source=f"table:{_name(name)}")


def _short(number: str) -> bytes:
    return blake2b(number.encode(), digest_size=8).digest()
