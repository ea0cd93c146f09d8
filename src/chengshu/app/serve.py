"""Serving HTTP: the port is checked first, so that a taken one ends with a sentence."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from chengshu.app import world as worlds
from chengshu.app.api import DemoAccount, create_app
from chengshu.kit import sealing
from chengshu.kit.db import Database
from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings


def listen(settings: Settings) -> socket.socket:
    """Take the port.

    Raises:
        CannotStart: Somebody has it, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
    except OSError as failure:
        door.close()
        if failure.errno == errno.EADDRINUSE:
            raise CannotStart(
                f"端口 {settings.port} 已被占用；请停掉占用它的程序，或设置 CHENGSHU_PORT",
                f"port {settings.port} is taken: stop the program that has it, or set CHENGSHU_PORT",
            ) from failure
        raise CannotStart(
            f"不能在 {settings.host}:{settings.port} 上监听：{failure.strerror}",
            f"cannot listen on {settings.host}:{settings.port}: {failure.strerror}",
        ) from failure
    door.listen(2048)
    return door


class Server(uvicorn.Server):
    """Lets the open pages go before it waits for what is still being answered: a live stream
    never ends by itself, and waiting for one would take the whole grace time."""

    def __init__(self, config: uvicorn.Config, release: Callable[[], None]) -> None:
        super().__init__(config)
        self._release = release

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End; unlike uvicorn do not raise the signal again afterwards, which would end the
        process before the database is closed and with another status than 0."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True  # the second Ctrl-C waits for nobody
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Release, then end as uvicorn does."""
        await asyncio.to_thread(self._release)
        await super().shutdown(sockets=sockets)


def serve(
    settings: Settings, dsn: str, door: socket.socket, demo: tuple[DemoAccount, ...] = ()
) -> None:
    """Serve until SIGTERM or SIGINT."""
    database = Database(dsn, size=settings.pool_size + 28, name="chengshu-api")
    database.open()
    try:
        with database.transaction({"role": "gate"}) as conn:
            world = worlds.load(settings, conn)
        keyring = sealing.make(settings.data_dir / "keys.json", settings.cipher)
        app = create_app(settings, database, world, keyring, demo=demo)
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=3, proxy_headers=False,
                                server_header=False, http="httptools")  # fmt: skip
        Server(config, app.state.live.stop).run(sockets=[door])
    finally:
        database.close()
