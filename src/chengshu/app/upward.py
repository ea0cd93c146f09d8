"""The line to the platform above: one round a minute, one comparison a day."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx

from chengshu.app.world import World
from chengshu.dispatch.upward.http import HttpUpper
from chengshu.dispatch.upward.port import UpperAwayError
from chengshu.dispatch.upward_act import exchange, reconcile
from chengshu.kit import sealing
from chengshu.kit.db import Database
from chengshu.kit.log import logger
from chengshu.kit.settings import Settings
from chengshu.kit.times import local, utc_now

_TIMEOUT_S = 20.0
_log = logger("upward")


def exchange_round(database: Database, world: World, settings: Settings, now: datetime) -> int:
    """One round with the platform above; nothing where none is set, or it does not answer."""
    if not settings.upper_url:
        return 0
    keyring = sealing.read(settings.data_dir / "keys.json", settings.cipher)
    with _client(settings) as client:
        try:
            return exchange(
                database, keyring, _upper(client, settings), world.office, world.locator, now
            )
        except UpperAwayError as away:
            _log.warning("upper_away", reason=str(away))
            return 0


def reconcile_yesterday(database: Database, settings: Settings, now: datetime) -> int:
    """Compare yesterday with the platform above; returns in how many orders the two disagree."""
    if not settings.upper_url:
        return 0
    with _client(settings) as client:
        day = local(now).date() - timedelta(days=1)
        try:
            found = reconcile(database, _upper(client, settings), day, now)
        except UpperAwayError as away:
            _log.warning("upper_away", reason=str(away))
            return 0
    if found:
        _log.warning("upper_differs", day=str(day), orders=len(found))
    return len(found)


def _client(settings: Settings) -> httpx.Client:
    return httpx.Client(base_url=settings.upper_url, timeout=_TIMEOUT_S)


def _upper(client: httpx.Client, settings: Settings) -> HttpUpper:
    return HttpUpper(client, settings.upper_key, settings.upper_secret.encode(), utc_now)
