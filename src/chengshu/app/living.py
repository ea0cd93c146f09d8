"""The process that lets the demo's synthetic people report and its units act."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from chengshu.app.world import city_folder
from chengshu.drill import build_grids, build_sites, read_kinds
from chengshu.drill.clients import Cast, Product
from chengshu.drill.living import Stage, live
from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings
from chengshu.places import read_city

_PATIENCE_S = 60.0
_LOOK_S = 0.5
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def play(settings: Settings, *, pace: float, seed: int) -> None:
    """Let the city live until SIGTERM or SIGINT.

    Args:
        pace: Minutes of the city that pass in a minute.
        seed: The one with which the demo made its grids.

    Raises:
        CannotStart: There is no demo to play in, or it does not answer within a minute.
    """
    path = settings.data_dir / "cast.json"
    try:
        cast = Cast.read(path)
    except (OSError, ValueError) as wrong:
        raise CannotStart(
            f"读不到演示账号 {path}:{wrong}；请用 chengshu demo 启动",
            f"cannot read the demo's accounts, {path}: {wrong}; start it with chengshu demo",
        ) from wrong
    with suppress(asyncio.CancelledError):
        asyncio.run(_play(settings, cast, pace, seed))


async def _play(settings: Settings, cast: Cast, pace: float, seed: int) -> None:
    playing = asyncio.current_task()
    assert playing is not None
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, playing.cancel)
    async with Product(address(settings), cast) as product:
        stage = await asyncio.to_thread(_stage, settings, seed)
        await _wait_for(product, address(settings))
        await live(product, stage, pace, seed)


def address(settings: Settings) -> str:
    """Where the API of this machine is reached.

    Examples:
        >>> address(Settings(host="0.0.0.0", port=8000)), address(Settings(host="::1", port=80))
        ('http://127.0.0.1:8000', 'http://[::1]:80')
    """
    host = _ANYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _stage(settings: Settings, seed: int) -> Stage:
    city = read_city(city_folder(settings))
    grids = build_grids(city, seed)
    return Stage(city, read_kinds(), build_sites(city, seed, grids), grids.posts)


async def _wait_for(product: Product, base: str) -> None:
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    while not await product.ready():
        if asyncio.get_running_loop().time() > deadline:
            raise CannotStart(f"{base} 一分钟内没有就绪", f"{base} was not ready within a minute")
        await asyncio.sleep(_LOOK_S)
