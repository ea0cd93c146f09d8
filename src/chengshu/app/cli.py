"""The command line: one verb a command; refusals end with a sentence and exit status 2."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from chengshu import __version__
from chengshu.app import found as founding
from chengshu.app import world as worlds
from chengshu.app.duties import duties
from chengshu.app.measure.cli import bench, evals
from chengshu.app.merging_cli import merging
from chengshu.kit import log, migrate, sealing
from chengshu.kit.cluster import reach
from chengshu.kit.db import Database
from chengshu.kit.embedded import Dsns
from chengshu.kit.errors import CannotStart, Refused
from chengshu.kit.settings import Settings, shared
from chengshu.kit.times import utc_now
from chengshu.places import read_city

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="城枢 Chengshu: an open command centre for cities.",
)
imports = typer.Typer(
    no_args_is_help=True, help="Bring in reports, areas, units or named places from files."
)
keys = typer.Typer(no_args_is_help=True, help="The keys that protect personal data.")
retention = typer.Typer(no_args_is_help=True, help="Erase what is older than the settings allow.")
drill = typer.Typer(no_args_is_help=True, help="The synthetic city.")
app.add_typer(drill, name="drill")
app.add_typer(bench, name="bench")
app.add_typer(evals, name="eval")
app.add_typer(imports, name="import")
app.add_typer(duties, name="duties")
app.add_typer(keys, name="keys")
app.add_typer(merging, name="merging")
app.add_typer(retention, name="retention")
out = Console()
err = Console(stderr=True)


def main() -> None:
    """Entry point: turns refusals into sentences."""
    try:
        app()
    except Refused as why:
        err.print(why.chinese, style="red", highlight=False)
        if why.english != why.chinese:
            err.print(why.english, highlight=False)
        sys.exit(2)


def _say(line: str) -> None:
    out.print(line, highlight=False, soft_wrap=True)


@contextmanager
def _database(role: str) -> Iterator[tuple[Settings, Dsns, Database]]:
    """Settings, addresses and one open pool: `worker` or `app`."""
    settings = shared()
    log.setup(settings.log_level)
    with reach(settings) as dsns:
        database = Database(dsns.worker if role == "worker" else dsns.app, size=settings.pool_size)
        database.open()
        try:
            yield settings, dsns, database
        finally:
            database.close()


def _owner(dsns: Dsns) -> str:
    if not dsns.owner:
        raise CannotStart(
            "需要 CHENGSHU_OWNER_DATABASE_URL(拥有者角色)",
            "CHENGSHU_OWNER_DATABASE_URL, the owner's role, is needed",
        )
    return dsns.owner


def _current(dsns: Dsns) -> None:
    """Refuse to serve an older or newer database."""
    if dsns.owner and (at := migrate.current(dsns.owner)) != migrate.newest():
        raise CannotStart(
            f"数据库版本是 {at or '空'}，程序需要 {migrate.newest()}；请先运行 chengshu init 或 chengshu migrate",
            f"the database is at {at or 'nothing'}, the program needs {migrate.newest()}: run chengshu init or chengshu migrate",
        )


@app.command()
def version() -> None:
    """Print the version."""
    _say(__version__)


@app.command()
def init(
    city: Annotated[
        str | None, typer.Option(help="Name of the city's folder; asked for when left out.")
    ] = None,
    passwords_file: Annotated[
        Path | None, typer.Option(help="Write the administrators' first passwords here (0600).")
    ] = None,
) -> None:
    """Found a city: migrate, load its files, make the three administrators."""
    settings = shared()
    if city is None:
        known = worlds.cities(settings)
        city = (
            typer.prompt(f"选择城市 choose a city ({', '.join(known)})", default=settings.city)
            if sys.stdin.isatty()
            else settings.city
        )
    settings = settings.model_copy(update={"city": city})
    worlds.city_folder(settings)
    with reach(settings) as dsns:
        founding.found(settings, _owner(dsns), _say)
        sealing.make(settings.data_dir / "keys.json", settings.cipher)
        fresh = {login: secrets.token_urlsafe(12) for login, _, _ in founding.ADMINS}
        made = founding.add_administrators(_owner(dsns), fresh, utc_now())
        if made and passwords_file:
            passwords_file.touch(mode=0o600)
            passwords_file.write_text("".join(f"{login} {fresh[login]}\n" for login in made))
            _say(f"三员账号已建立，初始密码写入 {passwords_file}；请分别交给三人并修改")
        elif made:
            _say(
                "三员账号已建立（只显示这一次，请分别交给三人） The three administrators, shown this once:"
            )
            for login in made:
                _say(f"  {login:<10} {fresh[login]}")
        _say(
            f"密钥在 {settings.data_dir / 'keys.json'}，请与数据库分开备份 Back up the key file apart from the database."
        )


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to this program's version."""
    with reach(shared()) as dsns:
        ran = migrate.migrate(_owner(dsns), _say)
        _say(f"已执行 {len(ran)} 步 steps run: {', '.join(ran) or '-'}")


@app.command()
def serve() -> None:
    """Serve the API and the pages."""
    from chengshu.app.serve import listen
    from chengshu.app.serve import serve as run

    settings = shared()
    log.setup(settings.log_level)
    door = listen(settings)
    with reach(settings) as dsns:
        _current(dsns)
        _say(f"http://{settings.host}:{settings.port}")
        run(settings, dsns.app, door)


Follow = Annotated[
    bool, typer.Option("--follow", hidden=True, help="End when standard input closes.")
]


_STDIN = 0


def _follow() -> None:
    """End as on SIGTERM when the process that started this one is gone."""

    def watch() -> None:
        # not sys.stdin.buffer: a thread that waits inside it holds its lock, and the interpreter,
        # which must flush it to end, dies of that («_enter_buffered_busy»)
        while os.read(_STDIN, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="follow", daemon=True).start()


@app.command()
def worker(follow: Follow = False) -> None:
    """Work: reports to incidents to orders, clocks, timed jobs."""
    from chengshu.app.work import work

    settings = shared()
    log.setup(settings.log_level)
    if follow:
        _follow()
    with reach(settings) as dsns:
        _current(dsns)
        work(settings, dsns.worker)


@drill.command("live")
def drill_live(
    pace: Annotated[float, typer.Option(min=0.1, max=600)] = 6.0,
    seed: Annotated[int, typer.Option()] = 20200619,
    follow: Follow = False,
) -> None:
    """Let the demo's synthetic people report and its units act; `demo` starts this."""
    from chengshu.app.living import play

    settings = shared()
    log.setup(settings.log_level)
    if follow:
        _follow()
    play(settings, pace=pace, seed=seed)


@drill.command("peers")
def drill_peers(
    seeds: Annotated[list[int] | None, typer.Option("--seed", help="May be repeated.")] = None,
) -> None:
    """How naive peers do on the synthetic city: it counts as hard only while they fail."""
    from chengshu.app.measure.peers import figures
    from chengshu.drill import read_kinds

    city, kinds = read_city(worlds.city_folder(shared())), read_kinds()
    for seed in seeds or [1, 2, 3]:
        found = figures(city, kinds, seed, date(2026, 5, 1), 30, 17)
        _say(f"seed {seed}: " + ", ".join(f"{name} {value:.3f}" for name, value in found.items()))


@app.command()
def demo(
    pace: Annotated[
        float, typer.Option(min=0.1, max=600, help="How many minutes of the city pass in a minute.")
    ] = 6.0,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic city.")] = 20200619,
) -> None:
    """Everything on one machine with a living synthetic city."""
    from chengshu.app.demo import run

    run(shared(), pace=pace, seed=seed, say=_say)


@imports.command("reports")
def import_reports(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    dry_run: Annotated[bool, typer.Option(help="Read and check only; write nothing.")] = False,
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", help="COLUMN=FIELD, e.g. 受理内容=text; may be repeated."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Whose numbering the rows use; the file's name by default.")
    ] = None,
    errors: Annotated[Path | None, typer.Option(help="Where unreadable rows go.")] = None,
) -> None:
    """Import reports from CSV, Excel or JSON lines; run it twice and nothing doubles."""
    from chengshu.app.importing import bring_in

    with _database("worker") as (settings, dsns, database):
        _current(dsns)
        with database.transaction() as conn:
            world = worlds.load(settings, conn)
        keyring = sealing.make(settings.data_dir / "keys.json", settings.cipher)
        with _progress() as progress:
            bring_in(file, database, world, keyring, say=_say, progress=progress, dry_run=dry_run,
                     mapping=dict(m.split("=", 1) for m in mapping or [] if "=" in m), name=name, errors=errors)  # fmt: skip


def _progress() -> Progress:
    return Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
                    TimeElapsedColumn(), console=err, transient=True)  # fmt: skip


@imports.command("units")
def import_units(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Import units from a CSV with the columns of cities/nantong/units.csv."""
    import psycopg

    from chengshu.agencies import store
    from chengshu.agencies.units import read_units

    with reach(shared()) as dsns, psycopg.connect(_owner(dsns)) as conn:
        _say(f"{store.save_units(conn, read_units(file))} 个单位已导入 units imported")


@imports.command("areas")
def import_areas(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Import areas, down to communities and grids, from a CSV with the columns of cities/nantong/areas.csv."""
    from chengshu.places import CityFileError, read_areas, read_city

    settings = shared()
    city = read_city(worlds.city_folder(settings))
    with reach(settings) as dsns:
        try:
            areas = read_areas(file, city.code, city.bbox)
        except CityFileError as wrong:
            raise CannotStart(str(wrong)) from wrong
        _say(f"{founding.add_grids(_owner(dsns), areas, frozenset())} 个区域已导入 areas imported")


@imports.command("sites")
def import_sites(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Import named places with their former names from a CSV: name, aliases (a;b), kind, area, lon, lat."""
    settings = shared()
    with reach(settings) as dsns:
        count = founding.add_sites(settings, _owner(dsns), file)
    _say(f"{count} 个地名已导入，重启 serve 与 worker 后生效")
    _say(f"{count} named places imported: restart serve and worker to use them")


@imports.command("components")
def import_components(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    errors: Annotated[
        Path | None, typer.Option(help="Write rows that cannot be used here, with the reason.")
    ] = None,
) -> None:
    """Import components (部件) from CSV or Excel: id, class, name, grid, owner, lon, lat, state."""
    from chengshu.app.components import add_components

    settings = shared()
    with reach(settings) as dsns:
        written, aside = add_components(settings, dsns.worker, file, errors, _say)
    _say(
        f"{written} 个部件已导入，{aside} 行未用 components imported: {written}, set aside: {aside}"
    )


@app.command()
def backup(file: Path) -> None:
    """Write the whole database into one file; the key file is not in it and needs a backup of its own."""
    from chengshu.app.safekeeping import keep

    settings = shared()
    with reach(settings) as dsns:
        keep(settings, _owner(dsns), file, _say)


@app.command()
def restore(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Fill an empty database from a backup, and compare."""
    from chengshu.app.safekeeping import bring_back

    settings = shared()
    with reach(settings) as dsns:
        bring_back(settings, _owner(dsns), file, _say)


@keys.command("rotate")
def rotate_keys() -> None:
    """Make a new key and seal all personal data anew with it."""
    from chengshu.intake.reseal import reseal
    from chengshu.notices.reseal import reseal_notices

    with _database("worker") as (settings, _, database):
        path = settings.data_dir / "keys.json"
        ring = sealing.rotate(path, settings.cipher)
        done = 0
        while True:
            with database.transaction() as conn:
                some = reseal(conn, ring, 500) + reseal_notices(conn, ring, 500)
            done += some
            if not some:
                break
        _say(
            f"现用密钥第 {ring.active} 版，{done} 份个人信息已重新加密 key {ring.active} is active, {done} records sealed anew"
        )


@retention.command("run")
def run_retention() -> None:
    """Erase what is older than the settings allow, and log how much."""
    from chengshu.app.retention import retain

    with _database("worker") as (settings, _, database):
        for kind, count in retain(database, settings.retention, utc_now()).items():
            _say(f"{kind}: {count}")


if __name__ == "__main__":
    main()
