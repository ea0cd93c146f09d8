"""The demo: database, API, workers and a living synthetic city on one machine.

It keeps to a folder of its own inside the data folder, so that it can never touch a real
installation; its accounts exist only there.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import psycopg

from chengshu.agencies import accounts, store
from chengshu.agencies.model import Account, Role
from chengshu.agencies.passwords import hash_password
from chengshu.app import found as founding
from chengshu.app.api import DemoAccount
from chengshu.app.components import add_components
from chengshu.app.serve import listen, serve
from chengshu.app.world import city_folder
from chengshu.drill import Grids, build_grids, build_sites, write_components, write_sites
from chengshu.kit import sealing
from chengshu.kit.embedded import Embedded
from chengshu.kit.errors import CannotStart
from chengshu.kit.ids import new_id
from chengshu.kit.log import setup
from chengshu.kit.settings import Settings
from chengshu.kit.times import utc_now
from chengshu.places import City, read_city

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_WATCH_S = 0.5
_END_S = 10
_SHARED_PASSWORD = "nantong-2020-0619"  # on loopback only; elsewhere each run draws its own
_Row: TypeAlias = tuple[str, str, Role, str, int | None]  # login, name, role, unit, grid
_PEOPLE = (
    ("caller", "沈受理", Role.CALL_TAKER, "nt"),
    ("dispatcher", "顾派遣", Role.DISPATCHER, "nt"),
    ("supervisor", "陆督办", Role.SUPERVISOR, "nt"),
    ("analyst", "钱研判", Role.ANALYST, "nt"),
    ("leader", "值班领导", Role.LEADER, "nt"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in the demo: accounts for people, keys for outside systems."""

    shown: tuple[DemoAccount, ...]
    acting: dict[str, str]  # «role:unit» or «role:grid» to login name
    keys: dict[str, str]
    password: str


def run(settings: Settings, *, pace: float, seed: int, say: Callable[[str], None]) -> None:
    """Run the demo until Ctrl-C."""
    if settings.database_url:
        raise CannotStart(
            "演示只用内置数据库；请去掉 CHENGSHU_DATABASE_URL",
            "the demo uses the embedded database: unset CHENGSHU_DATABASE_URL",
        )
    setup(settings.log_level)
    door = listen(settings)
    settings = settings.model_copy(update={"data_dir": settings.data_dir / "demo"})
    server = Embedded(settings.data_dir)
    say("启动内置数据库 starting the embedded database …")
    server.start()
    try:
        dsns = server.dsns()
        founding.found(settings, dsns.owner, say)
        city = read_city(city_folder(settings))
        grids = build_grids(city, seed)
        special = frozenset(post.area.code for post in grids.posts if post.special)
        founding.add_grids(dsns.owner, grids.areas, special)
        sites = build_sites(city, seed, grids)
        write_sites(settings.data_dir, sites)
        founding.add_sites(settings, dsns.owner, settings.data_dir / "sites.csv")
        add_components(settings, dsns.worker, write_components(settings.data_dir, sites, seed))
        cast = _cast(settings, dsns.owner, city, grids)
        sealing.make(settings.data_dir / "keys.json", settings.cipher)
        _write_cast(settings.data_dir / "cast.json", cast)
        _tell(settings, cast, say)
        children = [["worker"] for _ in range(settings.workers)]
        children.append(["drill", "live", "--pace", str(pace), "--seed", str(seed)])
        with _kept_running(settings, children):
            serve(settings, dsns.app, door, cast.shown)
    finally:
        server.stop()


def _tell(settings: Settings, cast: Cast, say: Callable[[str], None]) -> None:
    say("")
    say(f"  城枢已就绪 Chengshu is ready:  http://{settings.host}:{settings.port}")
    say(f"  演示账号 demo accounts (password {cast.password}):")
    for account in cast.shown:
        say(f"    {account.login:<16} {account.role:<14} {account.unit_name}")
    say("  Ctrl-C 结束 ends it")
    say("")


def _password(settings: Settings) -> str:
    return _SHARED_PASSWORD if settings.host in _LOOPBACK else secrets.token_urlsafe(12)


def _cast(settings: Settings, dsn_owner: str, city: City, grids: Grids) -> Cast:
    """Make the accounts and keys that are missing; the same ones on every run.

    Of the grids, only the first of each township's first community has a worker with an account
    (none where that one is 专属网格): the drill lets the nearest one of them act for all others.
    """
    password, now = _password(settings), utc_now()
    hashed = hash_password(password, "demo-accounts")
    with psycopg.connect(dsn_owner) as conn:
        units = [
            (str(u), str(n), str(k))
            for u, n, k in conn.execute("select unit, name, kind from unit order by unit")
        ]
        rows: list[_Row] = [(login, name, role, unit, None) for login, name, role, unit in _PEOPLE]
        for unit, _, kind in units:
            short = unit.removeprefix("nt.").replace(".", "-")
            rows.append((f"h.{short}", "经办人（演示）", Role.HANDLER, unit, None))
            if kind == "centre" and unit != "nt":
                rows.append((f"d.{short}", "派遣员（演示）", Role.DISPATCHER, unit, None))
        names = {u: n for u, n, _ in units}
        centres = {
            int(a): str(u)
            for u, a in conn.execute("select unit, area from unit where kind = 'centre'")
        }
        for post in grids.posts:
            if (
                not post.special
                and post.area.code % 10**6 // 1000 == 1
                and post.area.code % 1000 == 1
            ):
                unit = centres.get(post.area.code // 10**6 * 10**6) or centres.get(
                    post.area.code // 10**9 * 10**9, "nt"
                )
                rows.append(
                    (f"g.{post.area.code}", post.worker, Role.GRID_WORKER, unit, post.area.code)
                )
        rows += [(login, name, role, "nt", None) for login, name, role in founding.ADMINS]
        have = {r[0] for r in conn.execute("select login from account")}
        for login, name, role, unit, grid in rows:
            if login not in have:
                store.add_account(
                    conn, Account(new_id(), login, name, role, unit, grid, True), hashed, now
                )
        keys = _keys(conn, settings)
    shown = _shown(rows, names, password)
    acting = {f"{role}:{grid or unit}": login for login, _, role, unit, grid in rows}
    return Cast(shown, acting, keys, password)


def _shown(rows: list[_Row], names: dict[str, str], password: str) -> tuple[DemoAccount, ...]:
    """The accounts that the login page offers: one of each role, and a few places."""
    wanted = [login for login, *_ in _PEOPLE] + [
        "d.rugao", "h.rugao-cgj", "h.rugao-rucheng", "h.chongchuan-cgj", "d.haian", "h.cgj",
        next(r[0] for r in rows if r[2] is Role.GRID_WORKER), "sysadmin", "secadmin", "auditor",
    ]  # fmt: skip
    by_login = {r[0]: r for r in rows}
    return tuple(
        DemoAccount(login, password, by_login[login][1], str(by_login[login][2]), names.get(by_login[login][3], ""))
        for login in wanted if login in by_login
    )  # fmt: skip


def _keys(conn: psycopg.Connection[tuple[Any, ...]], settings: Settings) -> dict[str, str]:
    """Keys of the 110 desk and of another system; kept in the demo's folder, made once."""
    path = settings.data_dir / "cast.json"
    if path.exists():
        kept = json.loads(path.read_text("utf-8")).get("keys", {})
        if kept:
            return {str(k): str(v) for k, v in kept.items()}
    made = {}
    for channel, name in (("police110", "110 指挥中心（演示）"), ("other", "智慧城管平台（演示）")):
        _, made[channel] = accounts.add_credential(conn, name, [channel], utc_now())
    return made


def _write_cast(path: Path, cast: Cast) -> None:
    body = {
        "password": cast.password,
        "keys": cast.keys,
        "acting": cast.acting,
        "shown": [asdict(a) for a in cast.shown],
    }
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(body, file, ensure_ascii=False)


@contextmanager
def _kept_running(settings: Settings, commands: list[list[str]]) -> Iterator[None]:
    """Child processes that are started again when they end; all end with the block.

    Each child watches its standard input: when this process is killed, the pipe closes and
    the child ends by itself.
    """
    env = {**os.environ, "CHENGSHU_DATA_DIR": str(settings.data_dir), "CHENGSHU_PORT": str(settings.port),
           "CHENGSHU_HOST": settings.host}  # fmt: skip
    ending = threading.Event()

    def keep(command: list[str]) -> None:
        while not ending.is_set():
            child = subprocess.Popen([sys.executable, "-m", "chengshu.app", *command, "--follow"], env=env,
                                     stdin=subprocess.PIPE, start_new_session=True)  # fmt: skip
            while child.poll() is None and not ending.wait(_WATCH_S):
                pass
            if child.poll() is None:
                child.terminate()
                try:
                    child.wait(_END_S)
                except subprocess.TimeoutExpired:
                    child.kill()
            else:
                time.sleep(1)  # it ended by itself: not in a tight loop

    threads = [threading.Thread(target=keep, args=(c,), name=" ".join(c[:2])) for c in commands]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ending.set()
        for thread in threads:
            thread.join(_END_S + 5)
