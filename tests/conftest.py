"""The tests' database: one embedded server for all, one database per test process, emptied per test."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from chengshu.agencies import store as agency_store
from chengshu.agencies.units import read_units
from chengshu.app import world as worlds
from chengshu.app.world import World
from chengshu.kit import migrate, sealing
from chengshu.kit.db import Database
from chengshu.kit.embedded import Dsns, Embedded
from chengshu.kit.sealing import Keyring
from chengshu.kit.settings import Settings
from chengshu.places import read_city
from chengshu.places.store import save_areas

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 7, 14, 11, 2, tzinfo=UTC)  # 19:02 in Nantong, a Tuesday
TEMPLATE = "chengshu_template"
_EMPTY = """do $$ declare t text; begin
  for t in select tablename from pg_tables where schemaname = 'public' and tablename not in ('area', 'unit', 'alembic_version')
  loop execute format('delete from %I', t); end loop; end $$"""


@dataclass(frozen=True, repr=False)
class Home:
    """A database of the tests' own, with the pools of the roles and the keys.

    Attributes:
        root: Address for the superuser, who may do what no role of the product may.
    """

    dsns: Dsns
    app: Database
    worker: Database
    world: World
    keyring: Keyring
    settings: Settings
    root: str

    def owner(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection that bypasses row-level security, to look at what is really there."""
        return psycopg.connect(self.dsns.owner, autocommit=True)

    def empty(self) -> None:
        """Remove everything but the city: rows, for to truncate costs by tables, of which there are many."""
        with psycopg.connect(self.root, autocommit=True) as conn:
            conn.execute(
                "set session_replication_role = replica"
            )  # neither triggers nor foreign keys
            conn.execute(_EMPTY)


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    """The embedded server, shared by all test processes through its folder."""
    folder = Path(tempfile.gettempdir()) / f"chengshu-tests-{os.getuid()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    embedded = Embedded(folder)
    embedded.start()
    yield embedded
    embedded.stop()


def _template(server: Embedded, settings: Settings) -> None:
    """Make the migrated template with the city once; a changed schema makes it anew."""
    mark = server.folder / "template.version"
    source = sorted((ROOT / "src/chengshu/kit/migrations/versions").glob("*")) + sorted(
        (ROOT / "cities/nantong").glob("*.csv")
    )
    version = str(max(p.stat().st_mtime_ns for p in source))
    with (server.folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(server.dsn("postgres", "postgres")) as conn:
            made = conn.execute(
                "select 1 from pg_database where datname = %s", (TEMPLATE,)
            ).fetchone()
        if made and mark.exists() and mark.read_text() == version:
            return
        with psycopg.connect(server.dsn("postgres", "postgres"), autocommit=True) as conn:
            conn.execute(f"drop database if exists {TEMPLATE} with (force)")
            conn.execute(f"create database {TEMPLATE} owner chengshu_owner")
        owner = server.dsns(TEMPLATE).owner
        migrate.migrate(owner)
        folder = worlds.city_folder(settings)
        with psycopg.connect(owner) as conn:
            save_areas(conn, read_city(folder).areas)
            agency_store.save_units(conn, read_units(folder / "units.csv"))
        mark.write_text(version)


@pytest.fixture(scope="session")
def home(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """This process's own database."""
    data = tmp_path_factory.mktemp("data")
    settings = Settings(data_dir=data)
    _template(server, settings)
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'solo')}_{os.getpid()}"
    with psycopg.connect(server.dsn("postgres", "postgres"), autocommit=True) as conn:
        conn.execute(f"create database {name} template {TEMPLATE} owner chengshu_owner")
    dsns = server.dsns(name)
    app, worker = Database(dsns.app, size=24), Database(dsns.worker, size=24)
    app.open()
    worker.open()
    with worker.transaction() as scoped:
        world = worlds.load(settings, scoped)
    yield Home(dsns, app, worker, world, sealing.make(data / "keys.json"), settings,
               server.dsn("postgres", name))  # fmt: skip
    app.close()
    worker.close()
    with psycopg.connect(server.dsn("postgres", "postgres"), autocommit=True) as conn:
        conn.execute(f"drop database {name} with (force)")


@pytest.fixture
def db(home: Home) -> Home:
    """The database, empty but for the city, before every test."""
    home.empty()
    return home


@pytest.fixture
def now() -> datetime:
    """The instant at which tests happen."""
    return NOW
