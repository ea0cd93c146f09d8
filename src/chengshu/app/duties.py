"""The command `duties`: check, export and import the responsibility list."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from rich.console import Console

from chengshu.agencies import store as agency_store
from chengshu.agencies.duties import change, store
from chengshu.agencies.duties.files import (
    FOLDER,
    Catalogue,
    ground_of,
    must_hold,
    read_catalogue,
    read_rows,
)
from chengshu.agencies.duties.model import Fault, Placed
from chengshu.agencies.duties.table import read_table, write_csv, write_xlsx
from chengshu.agencies.units import read_units
from chengshu.app.world import city_folder
from chengshu.kit.cluster import reach
from chengshu.kit.errors import CannotStart, Invalid
from chengshu.kit.settings import shared
from chengshu.kit.times import utc_now
from chengshu.places import read_city

duties = typer.Typer(no_args_is_help=True, help="The responsibility list: check, export, import.")
_out = Console()


def _say(line: str) -> None:
    _out.print(line, highlight=False, soft_wrap=True, markup=False)


@duties.command("check")
def check_list(
    path: Annotated[
        Path | None,
        typer.Argument(
            help="A city's folder, or one table or TOML file; the set city when left out."
        ),
    ] = None,
) -> None:
    """Check a list by the city's files; every fault with its row and reason, exit status 2."""
    folder = path if path is not None and path.is_dir() else city_folder(shared())
    city, catalogue = read_city(folder), read_catalogue(folder)
    ground = ground_of(catalogue, city, read_units(folder / "units.csv"))
    rows, faults = (
        (catalogue.rows, catalogue.faults)
        if path is None or path.is_dir()
        else _rows_of(path, catalogue)
    )
    held = must_hold(rows, ground, utc_now().date(), faults)
    cited = [b for duty in held for b in duty.basis]
    _say(f"合规 in order: {len(ground.matters)} 个事项 matters, {len(held)} 行 rows, "
         f"{len(cited)} 条依据 citations, {sum(not b.checked for b in cited)} 条未核对 not looked up")  # fmt: skip


@duties.command("export")
def export_list(
    file: Annotated[Path, typer.Argument(help="Ends in .csv or .xlsx.")],
    version: Annotated[
        int | None, typer.Option(help="Another version than the active one.")
    ] = None,
) -> None:
    """Write the active version as CSV or Excel."""
    write = {".csv": write_csv, ".xlsx": write_xlsx}.get(file.suffix.lower())
    if write is None:
        raise Invalid(
            "file", "文件名应以 .csv 或 .xlsx 结尾", "the file's name must end in .csv or .xlsx"
        )
    settings = shared()
    catalogue = read_catalogue(city_folder(settings))
    with reach(settings) as dsns, psycopg.connect(dsns.worker) as conn:
        found = (
            store.active(conn) if version is None else (store.version(conn, version) or (None,))[0]
        )
        if found is None:
            raise CannotStart(
                "没有这个版本的职责清单", "there is no such version of the responsibility list"
            )
        rows = store.rows_of(conn, found.version)
    file.write_bytes(write(rows, catalogue.matters))
    _say(
        f"第 {found.version} 版，{len(rows)} 行已写入 {file} version {found.version}, {len(rows)} rows written"
    )


@duties.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    note: Annotated[str, typer.Option(help="Why, kept in the history.")] = "",
    dry_run: Annotated[bool, typer.Option(help="Check only; write nothing.")] = False,
) -> None:
    """Make a whole list from CSV, Excel or TOML the active version; one fault, and nothing is taken."""
    settings = shared()
    folder = city_folder(settings)
    city, catalogue = read_city(folder), read_catalogue(folder)
    rows, faults = _rows_of(file, catalogue)
    with reach(settings) as dsns, psycopg.connect(dsns.worker) as conn:
        ground = ground_of(catalogue, city, agency_store.units(conn))
        if dry_run:
            must_hold(rows, ground, utc_now().date(), faults)
            _say(f"合规 in order: {len(rows)} 行 rows")
            return
        made = change.take(
            conn, rows, ground, unreadable=faults, source=file.name, note=note, now=utc_now()
        )
    _say(
        f"第 {made.version} 版已启用，{len(rows)} 行 version {made.version} is active, {len(rows)} rows"
    )


def _rows_of(file: Path, catalogue: Catalogue) -> tuple[tuple[Placed, ...], tuple[Fault, ...]]:
    """The rows of one file. A TOML file of the city's folder stands for its part of the list."""
    if file.suffix.lower() != ".toml":
        rows, faults = read_table(file)
        return tuple(rows), tuple(faults)
    try:
        text = file.read_text("utf-8")
        found = tomllib.loads(text).get("duty", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise Invalid(
            "file", f"{file.name} 读不懂：{why}", f"cannot read {file.name}: {why}"
        ) from why
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[duty]]"]
    some, wrong = read_rows(file.name, zip(lines, found, strict=False))
    if file.resolve().parent.name != FOLDER:
        return tuple(some), tuple(wrong)
    others = [row for row in catalogue.rows if row.file != file.name]
    return (*others, *some), tuple(wrong)
