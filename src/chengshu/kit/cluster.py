"""Where the database is: the embedded server, or the one that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chengshu.kit.embedded import Dsns, Embedded
from chengshu.kit.errors import CannotStart
from chengshu.kit.settings import Settings


@contextmanager
def reach(settings: Settings) -> Iterator[Dsns]:
    """The three addresses; the embedded server runs at least as long as the block.

    Raises:
        CannotStart: Only some of the three addresses are set, or the server cannot start.
    """
    given = (settings.database_url, settings.worker_database_url, settings.owner_database_url)
    if settings.database_url:
        if not settings.worker_database_url:
            raise CannotStart(
                "设置了 CHENGSHU_DATABASE_URL,还需设置 CHENGSHU_WORKER_DATABASE_URL(工作进程的角色)",
                "CHENGSHU_DATABASE_URL is set: CHENGSHU_WORKER_DATABASE_URL, the workers' role, is needed too",
            )
        yield Dsns(*given)
        return
    if any(given):
        raise CannotStart(
            "设置了部分数据库地址，但缺少 CHENGSHU_DATABASE_URL",
            "CHENGSHU_DATABASE_URL is missing beside the others",
        )
    server = Embedded(settings.data_dir)
    server.start()
    try:
        yield server.dsns()
    finally:
        server.stop()
