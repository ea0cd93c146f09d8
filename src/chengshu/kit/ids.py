"""Identifiers: 63-bit integers, in order of time, made without asking the database.

Layout: 41 bits of milliseconds since 2024, 10 bits drawn per process, 12 bits counting
within the millisecond. Two processes that drew the same 10 bits would have to make the same
count in the same millisecond to collide, and then the primary key refuses the second.
"""

from __future__ import annotations

import secrets
import threading
import time

_EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z


class _Maker:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = secrets.randbits(10)
        self._last_ms = 0
        self._count = 0

    def make(self) -> int:
        with self._lock:
            now_ms = time.time_ns() // 1_000_000 - _EPOCH_MS
            if now_ms > self._last_ms:
                self._last_ms, self._count = now_ms, 0
            else:  # same millisecond, or the clock was set back: never go back ourselves
                self._count += 1
                if self._count >= 1 << 12:
                    self._last_ms, self._count = self._last_ms + 1, 0
            return self._last_ms << 22 | self._process << 12 | self._count


_maker = _Maker()


def new_id() -> int:
    """A new identifier, larger than every earlier one of this process."""
    return _maker.make()
