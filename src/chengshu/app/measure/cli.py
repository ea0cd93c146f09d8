"""`chengshu bench` and `chengshu eval`: measured beside peers, printed as a table, written as JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from chengshu.kit import log
from chengshu.kit.errors import Invalid
from chengshu.kit.settings import shared

bench = typer.Typer(no_args_is_help=True, help="Measure speed beside named peers in the same run.")
evals = typer.Typer(no_args_is_help=True, help="Measure on your own data before you trust a model.")
_out = Console()
Json = Annotated[Path | None, typer.Option("--json", help="Write the figures here.")]
Quick = Annotated[bool, typer.Option("--quick", help="Fewer reports, rougher figures.")]


def _say(line: str) -> None:
    _out.print(line, highlight=False)


def nested(figures: Mapping[str, float | str]) -> dict[str, Any]:
    """Figures whose names have dots as objects in objects; an infinite one is null.

    Examples:
        >>> nested({"rss_mb": 1.0, "peers.lsh.ms": 2.0, "peers.lsh.bcubed_f1": 0.5})
        {'rss_mb': 1.0, 'peers': {'lsh': {'ms': 2.0, 'bcubed_f1': 0.5}}}
    """
    found: dict[str, Any] = {}
    for name, value in figures.items():
        *outer, last = name.split(".")
        at = found
        for part in outer:
            at = at.setdefault(part, {})
        at[last] = None if isinstance(value, float) and not isfinite(value) else value
    return found


def show(name: str, figures: Mapping[str, float | str], target: Path | None) -> None:
    """Print figures with the machine beside them, and write them when asked, those of one peer together."""
    table = Table(
        title=f"{name} · {platform.machine()} · {os.cpu_count()} cores · Python {platform.python_version()}"
    )
    table.add_column("figure")
    table.add_column("value", justify="right")
    for key, value in figures.items():
        told = (
            value if isinstance(value, str) else f"{value:,.3f}" if value < 10 else f"{value:,.0f}"
        )
        table.add_row(key, told)
    _out.print(table)
    if target:
        target.write_text(json.dumps(nested(figures), indent=1) + "\n")


@bench.command("intake")
def bench_intake(target: Json = None, quick: Quick = False) -> None:
    """Reports per second through the whole pipeline, beside a bare FastAPI + psycopg POST-and-INSERT."""
    from chengshu.app.measure.bench_intake import run

    log.setup("error")
    figures = run(shared(), lambda line: _out.print(line, highlight=False), quick=quick)
    show("bench intake", figures, target)


@bench.command("merge")
def bench_merge(target: Json = None, quick: Quick = False) -> None:
    """How well and how fast reports are merged, beside library peers, with up to a million incidents held."""
    from chengshu.app.measure.bench_merge import run

    log.setup("error")
    show("bench merge", run(shared(), _say, quick=quick), target)


@evals.command("merge")
def eval_merge(
    messages: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="id, time, title, text (CSV).")] = None,
    events: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="event_id, message_id: the truth.")] = None,
    fit: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The same, to learn from first.")] = None,
    ignore: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="message_id: not scored.")] = None,
    drill: Annotated[int | None, typer.Option(help="Seed of a synthetic city, in place of messages.")] = None,
    reports: Annotated[int | None, typer.Option(help="With --drill: how many; a month of the city by default.")] = None,
    target: Json = None,
) -> None:  # fmt: skip
    """How well reports of one happening are put together, on your own messages or the synthetic city's."""
    from chengshu.app.measure import eval_drill, eval_merge

    log.setup("error")
    if drill is not None:
        if messages or events or fit or ignore:
            raise Invalid(
                "drill", "--drill 不能与来件文件同时使用", "--drill takes no files of messages"
            )
        show("eval merge", eval_drill.run(shared(), drill, reports, _say), target)
        return
    if messages is None or events is None:
        raise Invalid("messages", "请给出 --messages 与 --events，或者 --drill 种子",
                      "give --messages and --events, or --drill SEED")  # fmt: skip
    if reports is not None:
        raise Invalid(
            "reports", "--reports 只能与 --drill 一起使用", "--reports goes with --drill only"
        )
    show("eval merge", eval_merge.run(shared(), messages, events, fit, ignore, _say), target)


@evals.command("rivers")
def eval_rivers(
    cases: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="标题, 时间, 投诉件内容; 河流 is the truth (CSV).")],
    target: Json = None,
) -> None:  # fmt: skip
    """Whether the nearest earlier case is of the same river: merging must go by places, not by wording."""
    from chengshu.app.measure.eval_rivers import run

    log.setup("error")
    show("eval rivers", run(shared(), cases, _say), target)


@evals.command("address")
def eval_address(
    test: Annotated[Path, typer.Option(exists=True, dir_okay=False,
                                       help="A character and its BIO tag a line, an empty line between addresses.")],
    train: Annotated[Path | None, typer.Option(exists=True, dir_okay=False,
                                               help="The same, to learn from; without it the shipped model reads.")] = None,
    target: Json = None,
) -> None:  # fmt: skip
    """How well the parts of addresses are read, on addresses whose parts are known."""
    from chengshu.app.measure.eval_address import run

    log.setup("error")
    show("eval address", run(test, train, _say), target)


@evals.command("classify")
def eval_classify(
    train: Annotated[list[Path], typer.Option(exists=True, dir_okay=False, help="label, text or seg; may be given again (CSV).")],
    test: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The same, to be measured on.")],
    target: Json = None,
) -> None:  # fmt: skip
    """How often the right class is named for a message, and how many could be left to the program."""
    from chengshu.app.measure.eval_classify import run

    log.setup("error")
    show("eval classify", run(train, test, _say), target)


@evals.command("routing")
def eval_routing(
    seed: Annotated[int, typer.Option(help="Seed of the synthetic city; seeds below 61 were fitted on.")],
    target: Json = None,
) -> None:  # fmt: skip
    """How often the right unit gets the order, alone and among three, with today's keywords and list beside it."""
    from chengshu.app.measure.eval_routing import run

    log.setup("error")
    show("eval routing", run(shared(), seed, _say), target)


@evals.callback()
def _evals() -> None:
    """Keep `eval` a group while it has one command."""


@bench.callback()
def _bench() -> None:
    """Keep `bench` a group while it has one command."""


@evals.command("danger")
def eval_danger(
    test: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="text, danger (CSV); else the shipped set."),
    ] = None,
    target: Json = None,
) -> None:
    """How many dangers ring and how many other messages do, beside the plain word list it replaced."""
    from chengshu.app.measure import eval_danger as measure

    log.setup("error")
    show("eval danger", measure.run(test), target)


@evals.command("retrieve")
def eval_retrieve(
    corpus: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="name, text (JSON lines, may be .gz).")] = None,
    questions: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="question, relevant (JSON lines).")] = None,
    fit: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The same, to learn from first.")] = None,
    fit_corpus: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Passages of --fit, if others.")] = None,
    replies: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="id, title, text, reply (CSV).")] = None,
    folds: Annotated[int, typer.Option(min=2, help="With --replies: asked in so many parts.")] = 5,
    dense: Annotated[bool, typer.Option(help="Add the latent view, learnt from the corpus.")] = False,
    target: Json = None,
) -> None:  # fmt: skip
    """How often the passage that answers a question is among the first, with BM25 over words beside it."""
    from chengshu.app.measure import eval_retrieve as measure

    log.setup("error")
    if replies is not None:
        if corpus or questions or fit or fit_corpus:
            raise Invalid(
                "replies", "--replies 不能与其他文件同时使用", "--replies takes no other files"
            )
        show("eval retrieve", measure.run_replies(replies, folds, _say, dense=dense), target)
        return
    if corpus is None or questions is None:
        raise Invalid("corpus", "请给出 --corpus 与 --questions，或者 --replies",
                      "give --corpus and --questions, or --replies")  # fmt: skip
    if fit_corpus is not None and fit is None:
        raise Invalid(
            "fit_corpus", "--fit-corpus 需要与 --fit 一起使用", "--fit-corpus goes with --fit"
        )
    show(
        "eval retrieve", measure.run(corpus, questions, fit, fit_corpus, _say, dense=dense), target
    )


@bench.command("library")
def bench_library(target: Json = None, quick: Quick = False) -> None:
    """How fast passages are found and added, with up to a million held, beside library peers."""
    from chengshu.app.measure.bench_library import run

    log.setup("error")
    show("bench library", run(shared(), _say, quick=quick), target)


@evals.command("plants")
def eval_plants(
    seed: Annotated[int | None, typer.Option(help="Seed of drill's plants; seeds below 11 were tuned on.")] = None,
    plants: Annotated[int, typer.Option(min=1, max=20_000, help="With --seed: how many.")] = 1500,
    days: Annotated[int, typer.Option(min=120, max=3650, help="With --seed: how long; the first 90 are quiet.")] = 365,
    data: Annotated[Path | None, typer.Option(exists=True, file_okay=False, help="registry, readings, truth (CSV).")] = None,
    knob: Annotated[float, typer.Option(min=0.001, max=50, help="Wished false alarms per plant and year.")] = 0.1,
    plot: Annotated[Path | None, typer.Option(help="Draw the delays here (SVG).")] = None,
    target: Json = None,
) -> None:  # fmt: skip
    """How soon closed plants that run again are found, and how often there is a false alarm, beside single streams."""
    from chengshu.app.measure import eval_plants as measure

    log.setup("error")
    if (seed is None) == (data is None):
        raise Invalid("seed", "请给出 --seed 或 --data 之一", "give either --seed or --data")
    if data is not None:
        show("eval plants", measure.from_files(data, _say, plot, knob), target)
    elif seed is not None:
        show("eval plants", measure.from_drill(seed, plants, days, _say, plot, knob), target)


@evals.command("series")
def eval_series(
    normal: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Time and sensors, nothing wrong (CSV).")],
    test: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="The same with ATT_FLAG.")],
    dev: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="The same as the test, to learn from.")] = None,
    target: Json = None,
) -> None:  # fmt: skip
    """How early and how surely attacks on a water network are found in its sensors."""
    from chengshu.app.measure.eval_series import run

    log.setup("error")
    show("eval series", run(normal, dev, test, _say), target)
