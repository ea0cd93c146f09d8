"""Serving HTTP: the port is checked first, so that a taken one ends with a sentence."""

from __future__ import annotations

import errno
import socket

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
        uvicorn.Server(config).run(sockets=[door])
    finally:
        database.close()
