"""How often one address may send: a bucket of tokens each, in memory, per process."""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from math import ceil

_MOST_ADDRESSES = 20_000
_V6_NETWORK = 64  # one household holds a whole /64


@dataclass(slots=True)
class Allowance:
    """So many sendings a minute and address; at most 20,000 addresses are remembered.

    Source: token bucket as in RFC 2697 (1999), with a full bucket of one minute's tokens.
    """

    per_minute: int
    most: int = _MOST_ADDRESSES
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait_s(self, address: str, at_s: float) -> int:
        """Take one token; 0 when there was one, else the seconds until there is.

        Args:
            at_s: Seconds of a clock that never goes back.

        >>> two = Allowance(2)
        >>> [two.wait_s("10.0.0.1", 0.0) for _ in range(3)], two.wait_s("10.0.0.1", 30.0)
        ([0, 0, 30], 0)
        """
        key, rate = _network(address), self.per_minute / 60
        with self._lock:
            tokens, seen_s = self._buckets.pop(key, (float(self.per_minute), at_s))
            tokens = min(float(self.per_minute), tokens + max(0.0, at_s - seen_s) * rate)
            allowed = tokens >= 1
            self._buckets[key] = (tokens - 1 if allowed else tokens, at_s)
            if len(self._buckets) > self.most:
                self._buckets.popitem(last=False)
        return 0 if allowed else ceil((1 - tokens) / rate)


def _network(address: str) -> str:
    """An address as it is counted: an IPv6 one by its network."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped or ipaddress.ip_network((found, _V6_NETWORK), strict=False))
