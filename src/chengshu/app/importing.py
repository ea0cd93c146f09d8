"""The command `import reports`: read, write, then work the backlog off and say what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.progress import Progress

from chengshu.app import pipeline
from chengshu.app.world import World
from chengshu.dispatch import outcome
from chengshu.intake.import_table import Summary, import_table
from chengshu.intake.store import RECEIVED
from chengshu.kit import outbox
from chengshu.kit.db import Database
from chengshu.kit.sealing import Keyring
from chengshu.kit.times import utc_now


def bring_in(
    file: Path,
    database: Database,
    world: World,
    keyring: Keyring,
    *,
    say: Callable[[str], None],
    progress: Progress,
    dry_run: bool,
    mapping: Mapping[str, str],
    name: str | None,
    errors: Path | None,
) -> Summary:
    """Import a file and print the summary; with a dry run, only what would happen."""
    reading = progress.add_task("读取 reading", total=None)
    summary = import_table(
        file, transaction=database.transaction, keyring=keyring, locator=world.locator, now=utc_now(),
        name=name or "", mapping=mapping, dry_run=dry_run, errors_path=errors,
        progress=lambda read, total: progress.update(reading, completed=read, total=total),
    )  # fmt: skip
    _say_read(summary, say)
    if dry_run:
        return summary
    began = time.perf_counter()
    handled = _work_off(database, world, progress)
    seconds = time.perf_counter() - began
    with database.transaction() as conn:
        came = outcome.of_source(conn, f"table:{summary.name}")
    say(f"归并 merged: {came.reports} 条线索 reports → {came.incidents} 个事件 incidents"
        f"(最大一件 largest {came.largest} 条),合并建议 suggestions {came.suggestions}")  # fmt: skip
    say(
        f"派遣 dispatched: 自动派单 assigned {came.orders}，已提出承办单位待人确认 proposed {came.proposed}"
    )
    if handled:
        say(f"处理 {handled} 条用时 {seconds:.1f} 秒，{handled / max(seconds, 1e-9):.0f} 条/秒；"
            f"连同读取 {handled / max(seconds + summary.seconds, 1e-9):.0f} 条/秒 reports per second in all")  # fmt: skip
    if came.aside:
        say(f"{came.aside} 条处理失败，已搁置并附原因（系统管理员页面可见）")
    return summary


def _say_read(summary: Summary, say: Callable[[str], None]) -> None:
    columns = ",".join(f"{heading}→{what}" for what, heading in summary.columns.items())
    say(
        f"编码 encoding {summary.encoding}；列 columns {columns}；未用 ignored {','.join(summary.ignored) or '-'}"
    )
    would = "将 would be " if summary.dry_run else ""
    say(f"读到 read {summary.read} 行：{would}新增 new {summary.new}，已有 duplicate {summary.duplicate},"
        f"读不懂 unreadable {summary.errors};{summary.seconds:.1f} 秒")  # fmt: skip
    if summary.errors_file:
        say(f"读不懂的行已存到 {summary.errors_file}，改好后可再导入")


def _work_off(database: Database, world: World, progress: Progress) -> int:
    """Handle the backlog beside whatever workers run, until nothing waits; returns how many this process did."""
    with database.transaction() as conn:
        total = outbox.waiting(conn, RECEIVED)
    bar = progress.add_task("归并与派遣 merging and dispatching", total=total)
    handled = 0
    while True:
        taken = pipeline.handle_reports(database, world, utc_now())
        handled += taken
        progress.update(bar, advance=taken)
        if taken:
            continue
        with database.transaction() as conn:
            if not outbox.waiting(conn, RECEIVED):
                return handled
        time.sleep(0.2)  # other workers hold the rest, or it waits for another attempt
