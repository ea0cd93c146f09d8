"""A stream of reports through the real engine, in a throw-away database; nothing is kept."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Final

from chengshu.app import found as founding
from chengshu.app import world as worlds
from chengshu.app.measure.ground import bench
from chengshu.app.world import World
from chengshu.incidents import store
from chengshu.incidents.attach import Rules, attach
from chengshu.incidents.teaching import Teacher
from chengshu.intake.model import Report
from chengshu.intake.submit import submit_many
from chengshu.kit import sealing
from chengshu.kit.db import Connection, Database
from chengshu.kit.errors import Invalid
from chengshu.kit.ids import new_id
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.places import Locator, Register

Say = Callable[[str], None]
SOURCE: Final = "eval"  # whose numbering the reports of a stream use
BATCH: Final = 64  # reports decided at once, as in a worker
_DATABASE: Final = "eval_merge"
_HERE: Final = 0.05  # share of messages that name an area, below which they are not of this city


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one report when it came: its incident, and whether it opened it."""

    report: str
    incident: int
    opened: bool


@dataclass(frozen=True, slots=True)
class Streamed:
    """What became of a stream.

    Attributes:
        home: Number of a report to its incident.
        ms: How long each decision took, one figure per batch.
        decisions: In the order in which they were made.
    """

    home: dict[str, int]
    ms: list[float]
    decisions: list[Decision] = field(default_factory=list)


class _Undone(Exception):
    """Leaves a transaction without keeping anything."""


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """Rows of a CSV that has these columns.

    Raises:
        Invalid: A column is missing.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [c for c in columns if c not in (reader.fieldnames or ())]:
            raise Invalid(
                path.name,
                f"缺少列：{'、'.join(missing)}",
                f"columns are missing: {', '.join(missing)}",
            )
        yield from reader


@contextmanager
def ground(settings: Settings, say: Say) -> Iterator[tuple[Database, World, Keyring]]:
    """A database with the city and nothing else, dropped afterwards."""
    with bench(settings, say) as b:
        b.drop(_DATABASE)
        with b.admin() as conn:
            conn.execute(f"create database {_DATABASE} owner chengshu_owner")
        dsns = b.server.dsns(_DATABASE)
        founding.found(b.settings, dsns.owner, lambda line: None)
        keys = b.settings.data_dir / "eval-keys.json"
        database = Database(dsns.worker, size=2)
        database.open()
        try:
            with database.transaction() as conn:
                world = worlds.load(b.settings, conn)
            yield database, world, sealing.read(keys) if keys.exists() else sealing.make(keys)
        finally:
            database.close()
            b.drop(_DATABASE)


def rules_for(stream: Sequence[Report], world: World, say: Say) -> Rules:
    """The rules, without the names of this city's areas where the messages are of another city."""
    sample = stream[:: max(len(stream) // 500, 1)]
    here = sum(
        world.locator.locate(text=f"{r.title} {r.text}").code != world.city.code for r in sample
    )
    if here >= _HERE * len(sample):
        return world.rules
    say(
        f"{here} of {len(sample)} messages name an area of {world.city.name_en}: they are read as another city's"
    )
    bare = replace(
        world.city, areas=tuple(a for a in world.city.areas if a.code == world.city.code)
    )
    return replace(world.rules, locator=Locator(bare, Register()))


def run_through(database: Database, keyring: Keyring, stream: Sequence[Report], rules: Rules, batch: int,
                teacher: Teacher | None = None) -> Streamed:  # fmt: skip
    """Let reports come in this order, so many at a time, each decided as it comes.

    Args:
        stream: Of the source SOURCE; their ids are given here, an area of 0 means unknown.
    """
    home: dict[str, int] = {}
    ms: list[float] = []
    decisions: list[Decision] = []
    try:
        with database.transaction() as conn:
            for start in range(0, len(stream), batch):
                part = [
                    replace(r, id=new_id(), area=r.area or rules.locator.city.code)
                    for r in stream[start : start + batch]
                ]
                for _, same in groupby(
                    sorted(part, key=lambda r: r.channel), lambda r: r.channel
                ):  # a submission is of one channel
                    submit_many(conn, keyring, [(r, None) for r in same])
                began = time.perf_counter()
                made = attach(conn, part, rules, part[-1].received_at, teacher)
                ms.append((time.perf_counter() - began) * 1e3 / len(part))
                decisions += [Decision(a.report.channel_id, a.incident.id, a.opened) for a in made]
            home = _homes(conn, stream)
            raise _Undone
    except _Undone:
        return Streamed(home, ms, decisions)


def _homes(conn: Connection, stream: Sequence[Report]) -> dict[str, int]:
    found = store.homes(conn, SOURCE)
    if lost := [r.channel_id for r in stream if r.channel_id not in found]:
        raise RuntimeError(f"{len(lost)} messages belong to no incident, such as {lost[0]}")
    return found
