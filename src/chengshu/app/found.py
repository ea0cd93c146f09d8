"""Founding: a city's files into the database, and the first administrators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import psycopg

from chengshu.agencies import accounts, store
from chengshu.agencies.duties import change as duty_change
from chengshu.agencies.duties.files import ground_of, read_catalogue
from chengshu.agencies.model import Account, Role
from chengshu.agencies.units import read_units
from chengshu.app.world import city_folder
from chengshu.kit import migrate
from chengshu.kit.errors import CannotStart, Conflict
from chengshu.kit.ids import new_id
from chengshu.kit.settings import Settings
from chengshu.kit.times import utc_now
from chengshu.places import Area, CityFileError, read_city, read_sites
from chengshu.places.store import save_areas, save_sites

ADMINS = (
    ("sysadmin", "系统管理员", Role.SYSTEM_ADMIN),
    ("secadmin", "安全管理员", Role.SECURITY_ADMIN),
    ("auditor", "审计员", Role.AUDIT_ADMIN),
)


def found(settings: Settings, dsn_owner: str, say: Callable[[str], None]) -> None:
    """Migrate and load the city's areas, units and responsibility list; running it again brings changed files in.

    Raises:
        BadList: The responsibility list breaks a rule; areas and units were not loaded either.
    """
    migrate.migrate(dsn_owner, say)
    folder = city_folder(settings)
    city = read_city(folder)
    units = read_units(folder / "units.csv")
    with psycopg.connect(dsn_owner) as conn:
        areas = save_areas(conn, city.areas)
        count = store.save_units(conn, units)
        catalogue = read_catalogue(folder)
        ground = ground_of(catalogue, city, store.units(conn))
        running, fresh = duty_change.take_folder(conn, catalogue.rows, ground, unreadable=catalogue.faults,
                                                 now=utc_now())  # fmt: skip
    say(f"{city.name}:{areas} 个区域，{count} 个单位已载入")
    if running is not None:
        done = "已启用" if fresh else "沿用（此后在工作台或导入有改动的，文件夹不覆盖）"
        say(f"职责清单第 {running.version} 版{done} responsibility list, version {running.version}")


def is_founded(dsn_owner: str) -> bool:
    """Whether a city was loaded and somebody can log in."""
    if migrate.current(dsn_owner) is None:
        return False
    with psycopg.connect(dsn_owner) as conn:
        row = conn.execute(
            "select exists (select 1 from unit) and exists (select 1 from account)"
        ).fetchone()
        return bool(row and row[0])


def add_administrators(dsn_owner: str, passwords: dict[str, str], now: datetime) -> list[str]:
    """Make the three administrators, three persons with three passwords; those that exist stay as they are.

    Returns:
        The login names that were made.
    """
    made = []
    with psycopg.connect(dsn_owner) as conn:
        for login, name, role in ADMINS:
            if login not in passwords:
                continue
            account = Account(new_id(), login, name, role, _root(conn), None, True)
            try:
                with conn.transaction():
                    accounts.add_first(conn, account, passwords[login], now)
            except Conflict:
                continue
            made.append(login)
    return made


def _root(conn: psycopg.Connection[tuple[object, ...]]) -> str:
    row = conn.execute(
        "select unit from unit where strpos(unit, '.') = 0 order by unit limit 1"
    ).fetchone()
    assert row is not None
    return str(row[0])


def add_grids(dsn_owner: str, areas: Iterable[Area], special: frozenset[int]) -> int:
    """Load communities and grids below the townships."""
    with psycopg.connect(dsn_owner) as conn:
        return save_areas(conn, areas, special)


def add_sites(settings: Settings, dsn_owner: str, file: Path) -> int:
    """Bring a register of named places in; those with the same area, kind and name are replaced.

    Raises:
        CannotStart: A row cannot be used; nothing was written.
    """
    city = read_city(city_folder(settings))
    try:
        sites = read_sites(file, city)
    except CityFileError as wrong:
        raise CannotStart(
            f"地名文件有误：{wrong}", f"the file of places is wrong: {wrong}"
        ) from wrong
    with psycopg.connect(dsn_owner) as conn:
        return save_sites(conn, sites)
