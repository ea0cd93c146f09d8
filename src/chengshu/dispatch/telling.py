"""Writing notices to units, for packages above."""

from __future__ import annotations

from chengshu.dispatch.store import notify_units

__all__ = ["notify_units"]
