"""Outside systems' keys that were looked up a moment ago, so that a burst does not ask for each report."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

KEPT_S = 5.0  # a key that was switched off in another process is still taken for so long
_MOST = 1000


@dataclass(slots=True)
class KnownKeys:
    """One process's memory; threads may share it, because each entry is written in one go."""

    _entries: dict[bytes, tuple[float, int, tuple[str, ...]]] = field(default_factory=dict)

    def recall(self, key_hash: bytes) -> tuple[int, tuple[str, ...]] | None:
        """Credential and channels of a key, None when it was not seen within KEPT_S."""
        entry = self._entries.get(key_hash)
        if entry is None or entry[0] < time.monotonic():
            return None
        return entry[1], entry[2]

    def remember(self, key_hash: bytes, credential: int, channels: tuple[str, ...]) -> None:
        """Keep what the database said."""
        if len(self._entries) >= _MOST:
            self.forget()
        self._entries[key_hash] = (time.monotonic() + KEPT_S, credential, channels)

    def forget(self) -> None:
        """Forget all, for instance because a key was switched off here."""
        self._entries = {}
