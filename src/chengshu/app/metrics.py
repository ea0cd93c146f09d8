"""Figures for Prometheus: one registry per process, so that tests and processes do not mix."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from chengshu.app.health import Signs

CONTENT_TYPE = CONTENT_TYPE_LATEST
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class Metrics:
    """What one process counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        at = self.registry
        self._requests = Counter(
            "chengshu_http_requests", "HTTP requests", ("method", "route", "status"), registry=at
        )
        self._seconds = Histogram(
            "chengshu_http_seconds", "Seconds until the answer was ready", ("method", "route"),
            buckets=_SECONDS, registry=at,
        )  # fmt: skip
        self._batch_size = Histogram(
            "chengshu_batch_size", "Messages taken in one transaction", ("topic",),
            buckets=_SIZES, registry=at,
        )  # fmt: skip
        self._batch_seconds = Histogram(
            "chengshu_batch_seconds", "Seconds that one batch took", ("topic",),
            buckets=_SECONDS, registry=at,
        )  # fmt: skip
        self._clients = Gauge("chengshu_live_clients", "Open live streams", registry=at)
        self._waiting = Gauge("chengshu_outbox_waiting", "Messages waiting", registry=at)
        self._aside = Gauge(
            "chengshu_outbox_set_aside", "Messages nobody could handle", registry=at
        )
        self._lag = Gauge(
            "chengshu_outbox_lag_seconds", "Age of the oldest due message", registry=at
        )
        self._overdue = Gauge("chengshu_orders_overdue", "Open orders past their time", registry=at)

    def request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Count one answered request.

        Args:
            route: The template, for instance /api/orders/{id}, so that ids make no new series;
                None when no route matched.
        """
        method, route = method if method in _METHODS else "other", route or "unmatched"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def batch(self, topic: str, size: int, seconds: float) -> None:
        """Count one batch of the outbox; empty ones are not counted."""
        if size:
            self._batch_size.labels(topic).observe(size)
            self._batch_seconds.labels(topic).observe(seconds)

    def clients(self, count: int) -> None:
        """Say how many live streams are open now."""
        self._clients.set(count)

    def text(self, signs: Signs | None = None) -> bytes:
        """Everything in Prometheus' text format; `signs` None keeps the last totals."""
        if signs is not None:
            self._waiting.set(signs.waiting)
            self._aside.set(signs.set_aside)
            self._lag.set(signs.lag_s)
            self._overdue.set(signs.overdue)
        return generate_latest(self.registry)
