"""The live stream: what changed, to every open page that may see it, within half a second.

One thread per process reads the change feed four times a second. For each scope that has an
open page it reads the changed incidents and orders once, under that scope, and hands the same
bytes to all its pages; row-level security decides, not this file.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from chengshu.agencies.model import Role, Unit
from chengshu.agencies.scope import RELAY, Scope
from chengshu.dispatch.live import changed_views
from chengshu.dispatch.views import Names
from chengshu.kit.changes import Change, Reader
from chengshu.kit.db import Database, dumps
from chengshu.kit.log import logger

TICK_S = 0.25
_KEEP_ALIVE_S = 15.0
_QUEUE = 200
_MOST_AT_ONCE = 400  # more changes than this in one tick: pages read the truth again instead
_REMEMBERED = 20_000
_log = logger("live")


def event(name: str, data: Any) -> bytes:
    """One server-sent event."""
    return f"event: {name}\ndata: {dumps(data)}\n\n".encode()


class Page:
    """One open page: a bounded queue of events."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_QUEUE)

    def give(self, data: bytes | None) -> None:
        """Hand an event over, from any thread; a page that does not read is told to start again."""
        self._loop.call_soon_threadsafe(self._put, data)

    def _put(self, data: bytes | None) -> None:
        if self._queue.full():
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(event("resync", {}))
        self._queue.put_nowait(data)

    async def events(self, still_valid: Callable[[], bool]) -> AsyncIterator[bytes]:
        """Events as they come; every quarter of a minute, however busy, the login is checked again
        and a comment is sent."""
        check_at = self._loop.time() + _KEEP_ALIVE_S
        while True:
            try:
                data = await asyncio.wait_for(
                    self._queue.get(), max(check_at - self._loop.time(), 0.0)
                )
            except TimeoutError:
                data = b": still here\n\n"
            if self._loop.time() >= check_at:
                check_at = self._loop.time() + _KEEP_ALIVE_S
                if not await asyncio.to_thread(still_valid):
                    yield event("bye", {})
                    return
            if data is None:
                return
            yield data


@dataclass(slots=True)
class _Group:
    """All pages of one scope."""

    scope: Scope
    role: Role
    unit: Unit
    pages: set[Page] = field(default_factory=set)
    told: OrderedDict[int, None] = field(default_factory=OrderedDict)  # ids these pages know of

    def remember(self, ids: Sequence[int]) -> None:
        for i in ids:
            self.told[i] = None
            self.told.move_to_end(i)
        while len(self.told) > _REMEMBERED:
            self.told.popitem(last=False)


class Live:
    """The feed of one process."""

    def __init__(self, database: Database, names: Names, clock: Callable[[], datetime],
                 weights_changed: Callable[[], None] = lambda: None) -> None:  # fmt: skip
        self._database, self._names, self._clock = database, names, clock
        self._weights_changed = weights_changed
        self._groups: dict[tuple[str, ...], _Group] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._lost = False

    def start(self) -> None:
        """Begin to read the feed."""
        self._thread = threading.Thread(target=self._run, name="live", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and let every page go; a page that comes afterwards is let go at once."""
        self._stop.set()
        with self._lock:
            for group in self._groups.values():
                for page in group.pages:
                    page.give(None)
        if self._thread:
            self._thread.join(5)

    @property
    def pages(self) -> int:
        """How many pages are open."""
        with self._lock:
            return sum(len(g.pages) for g in self._groups.values())

    def join(self, page: Page, scope: Scope, role: Role, unit: Unit, *,
             apart: bool = False) -> Callable[[], None]:  # fmt: skip
        """Add a page; returns what removes it.

        Args:
            apart: She is named for veiled incidents: her pages are not shared with her colleagues', and
                theirs are read without anybody's name, so that they show what all of them may see.
        """
        if not apart:
            scope = replace(scope, account=None)
        key = tuple(scope.settings().values())
        with self._lock:
            group = self._groups.setdefault(key, _Group(scope, role, unit))
            group.pages.add(page)
            if self._stop.is_set():
                page.give(None)

        def leave() -> None:
            with self._lock:
                group.pages.discard(page)
                if not group.pages:
                    self._groups.pop(key, None)

        return leave

    def _run(self) -> None:
        reader = Reader()
        while not self._stop.wait(TICK_S):
            try:
                with self._database.transaction(RELAY.settings()) as conn:
                    changes = reader.read(conn)
                if self._lost or any(c.kind == "weights" for c in changes):
                    self._weights_changed()
                if (
                    self._lost
                ):  # the database was away: what happened meanwhile may be more than the feed kept
                    self._lost = False
                    self._to_all(event("resync", {}))
                elif changes:
                    self._spread(changes)
            except (psycopg.Error, PoolTimeout) as failure:
                if not self._lost:
                    _log.error("feed_lost", reason=repr(failure))
                self._lost = True
            except Exception:  # one view that fails must not end the feed of every page
                _log.exception("feed_failed")
                self._to_all(event("resync", {}))

    def _to_all(self, data: bytes) -> None:
        with self._lock:
            pages = [p for g in self._groups.values() for p in g.pages]
        for page in pages:
            page.give(data)

    def _spread(self, changes: Sequence[Change]) -> None:
        if len(changes) > _MOST_AT_ONCE:
            self._to_all(event("resync", {}))
            return
        incidents = list({c.subject for c in changes if c.kind == "incident"})
        orders = list({c.subject for c in changes if c.kind == "order"})
        areas: dict[int, list[int]] = {}
        for change in changes:
            areas.setdefault(change.subject, []).append(change.area)
        with self._lock:
            groups = [(g, list(g.pages)) for g in self._groups.values()]
        for group, pages in groups:
            data = self._events(group, incidents, orders, areas)
            for page in pages if data else ():
                page.give(data)

    def _events(self, group: _Group, incidents: Sequence[int], orders: Sequence[int],
                areas: Mapping[int, Sequence[int]]) -> bytes:  # fmt: skip
        """The events of one scope, made once for all its pages; ids it never saw are not even named.

        What a page read by itself before it joined may leave its area: the change says where it lay.
        """
        now = self._clock()
        with self._database.transaction(group.scope.settings()) as conn:
            seen = changed_views(conn, incidents, orders, self._names, group.role, group.unit, now)
        parts = []
        visible = {int(v["id"]) for v in [*seen.incidents, *seen.orders]}
        known = {
            i for i in (*incidents, *orders)
            if i in group.told or any(group.scope.may_include(area) for area in areas.get(i, ()))
        }  # fmt: skip
        gone = [i for i in incidents if i not in visible and i in known]
        gone_orders = [i for i in orders if i not in visible and i in known]
        group.remember(list(visible))
        if seen.incidents or gone:
            parts.append(
                event(
                    "incidents",
                    {"as_of": now, "changed": seen.incidents, "gone": [str(i) for i in gone]},
                )
            )
        if seen.orders or gone_orders:
            parts.append(
                event(
                    "orders",
                    {"as_of": now, "changed": seen.orders, "gone": [str(i) for i in gone_orders]},
                )
            )
        if parts:
            parts.append(event("figures", {"as_of": now}))
        return b"".join(parts)
