"""`chengshu merging`: what merging learnt from people's answers, before and after, and switching versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chengshu.incidents.refit import store, versions
from chengshu.incidents.refit.model import Figures
from chengshu.incidents.refit.names import NAMES, PRIOR
from chengshu.incidents.refit.versions import Operator
from chengshu.incidents.weights import Weights
from chengshu.kit import log
from chengshu.kit.cluster import reach
from chengshu.kit.db import Database
from chengshu.kit.settings import Settings, shared
from chengshu.kit.times import local, utc_now

merging = typer.Typer(
    no_args_is_help=True, help="What merging learns from people's merges, splits and answers."
)
_out = Console()
_CONSOLE = "console"  # a page says it in words
Reason = Annotated[str, typer.Option(help="Why; goes into the audit trail.")]


@merging.command("refit")
def refit(
    activate: Annotated[bool, typer.Option("--activate", help="Put the proposal in use at once.")] = False,
    reason: Reason = "命令行启用",
) -> None:  # fmt: skip
    """Fit the weights to all answers, show before and after, and propose them where they are no worse."""
    with _database() as (settings, database):
        now = utc_now()
        with database.transaction() as conn:
            found = versions.refit(conn, _CONSOLE, settings.merge_above, now)
            if activate and found.proposed is not None:
                versions.activate(conn, found.after.version, found.before.version, Operator(_CONSOLE), reason, now)  # fmt: skip
    _out.print(_scores(found.figures))
    _out.print(_changes(found.before, found.after))
    if found.proposed is None:
        _say(found.why_not, found.why_not_en)
    elif activate:
        _say(
            f"第 {found.after.version} 版已启用，各进程随即改用",
            f"version {found.after.version} is in use",
        )
    else:
        _say(
            f"第 {found.after.version} 版待启用",
            f"version {found.after.version} waits: chengshu merging activate",
        )


@merging.command("list")
def show() -> None:
    """All versions of the weights, the newest first."""
    with _database() as (_, database), database.transaction() as conn:
        known, used = store.versions(conn), versions.in_force(conn).version
    table = Table()
    for column in ("version", "state", "made", "by", "activated", "by", "reason"):
        table.add_column(column)
    for v in known:
        made, put = (
            f"{local(at):%Y-%m-%d %H:%M}" if at else "" for at in (v.made_at, v.activated_at)
        )
        table.add_row(
            str(v.weights.version), v.state, made, v.made_by, put, v.activated_by or "", v.reason
        )
    table.add_row("0", "retired" if used else "active", "", "shipped", "", "", "")
    _out.print(table)


@merging.command("activate")
def activate(version: int, reason: Reason = "命令行启用") -> None:
    """Put a version in use: a proposal, an earlier one, or 0 for the shipped weights."""
    with _database() as (_, database), database.transaction() as conn:
        used = versions.in_force(conn).version
        versions.activate(conn, version, used, Operator(_CONSOLE), reason, utc_now())
    _say(f"第 {version} 版已启用", f"version {version} is in use")


@contextmanager
def _database() -> Iterator[tuple[Settings, Database]]:
    settings = shared()
    log.setup(settings.log_level)
    with reach(settings) as dsns:
        database = Database(dsns.worker, size=2)
        database.open()
        try:
            yield settings, database
        finally:
            database.close()


def _say(chinese: str, english: str) -> None:
    _out.print(chinese, highlight=False, soft_wrap=True)
    _out.print(english, highlight=False, soft_wrap=True)


def _scores(found: Figures) -> Table:
    kinds = ", ".join(f"{kind} {count}" for kind, count in found.kinds.items()) or "-"
    table = Table(title=f"before → after · {kinds}")
    for column in ("", "answers", "surprise, bits", "right", "precision", "recall"):
        table.add_column(column, justify="left" if not column else "right")
    for name, (before, after) in (("new, judged beforehand", found.ahead), ("all", found.whole)):
        pairs = [(s.loss, s.right, s.precision, s.recall) for s in (before, after)]
        cells = [f"{_figure(b)} → {_figure(a)}" for b, a in zip(*pairs, strict=True)]
        table.add_row(name, str(before.answers), *cells)
    answers, again, then = found.stood
    table.add_row("stood, merged again", str(answers), "", "", "", f"{again:.3f} → {then:.3f}")
    return table


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _changes(before: Weights, after: Weights) -> Table:
    table = Table(title=f"version {before.version} → {after.version}")
    for column in ("measure", "bits", "", "change"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    rows = [(PRIOR, before.prior, after.prior)]
    rows += [(NAMES[n], before.bits.get(n, 0.0), after.bits.get(n, 0.0)) for n in NAMES]
    moved = [(name, was, now) for name, was, now in rows if abs(now - was) >= 0.005]
    for (chinese, english), was, now in sorted(moved, key=lambda row: -abs(row[2] - row[1])):
        table.add_row(f"{chinese} {english}", f"{was:+.2f}", f"{now:+.2f}", f"{now - was:+.2f}")
    return table
