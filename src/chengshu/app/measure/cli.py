"""`chengshu bench` and `chengshu eval`: measured beside peers, printed as a table, written as JSON."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from chengshu.kit import log
from chengshu.kit.settings import shared

bench = typer.Typer(no_args_is_help=True, help="Measure speed beside named peers in the same run.")
evals = typer.Typer(no_args_is_help=True, help="Measure on your own data before you trust a model.")
_out = Console()
Json = Annotated[Path | None, typer.Option("--json", help="Write the figures here.")]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer reports, rougher figures.")]


def show(name: str, figures: dict[str, float], target: Path | None) -> None:
    """Print figures with the machine beside them, and write them when asked."""
    table = Table(
        title=f"{name} · {platform.machine()} · {os.cpu_count()} cores · Python {platform.python_version()}"
    )
    table.add_column("figure")
    table.add_column("value", justify="right")
    for key, value in figures.items():
        table.add_row(key, f"{value:,.3f}" if value < 10 else f"{value:,.0f}")
    _out.print(table)
    if target:
        target.write_text(json.dumps(figures, indent=1) + "\n")


@bench.command("intake")
def bench_intake(target: Json = None, quick: Quick = False) -> None:
    """Reports per second through the whole pipeline, beside a bare FastAPI + psycopg POST-and-INSERT."""
    from chengshu.app.measure.bench_intake import run

    log.setup("error")
    figures = run(shared(), lambda line: _out.print(line, highlight=False), quick=quick)
    show("bench intake", figures, target)


@evals.command("merge")
def eval_merge(
    messages: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="id, time, title, text (CSV).")],
    events: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="event_id, message_id: the truth.")],
    fit: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The same, to learn from first.")] = None,
    ignore: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="message_id: not scored.")] = None,
    target: Json = None,
) -> None:  # fmt: skip
    """How well reports of one happening are put together, on your own messages."""
    from chengshu.app.measure.eval_merge import run

    log.setup("error")
    figures = run(
        shared(), messages, events, fit, ignore, lambda line: _out.print(line, highlight=False)
    )
    show("eval merge", figures, target)


@evals.callback()
def _evals() -> None:
    """Keep `eval` a group while it has one command."""


@bench.callback()
def _bench() -> None:
    """Keep `bench` a group while it has one command."""
