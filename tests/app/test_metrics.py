"""Metrics: what was counted is in the text, and ids make no new series."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from chengshu.app.health import Signs
from chengshu.app.metrics import CONTENT_TYPE, Metrics


def _samples(
    metrics: Metrics, signs: Signs | None = None
) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (s.name, tuple(value for _, value in sorted(s.labels.items()))): s.value
        for family in text_string_to_metric_families(metrics.text(signs).decode())
        for s in family.samples
    }


def test_requests() -> None:
    metrics = Metrics()
    for status, seconds in ((200, 0.02), (200, 0.2), (404, 0.02)):
        metrics.request("GET", "/api/orders/{id}", status, seconds)
    seen = _samples(metrics)
    assert seen["chengshu_http_requests_total", ("GET", "/api/orders/{id}", "200")] == 2
    assert seen["chengshu_http_requests_total", ("GET", "/api/orders/{id}", "404")] == 1
    assert seen["chengshu_http_seconds_count", ("GET", "/api/orders/{id}")] == 3
    assert seen["chengshu_http_seconds_bucket", ("0.025", "GET", "/api/orders/{id}")] == 2


def test_what_a_stranger_sends_makes_no_new_series() -> None:
    metrics = Metrics()
    for n in range(50):
        metrics.request(f"ODD{n}", None, 404, 0.001)
    counts = [key for key in _samples(metrics) if key[0] == "chengshu_http_requests_total"]
    assert counts == [("chengshu_http_requests_total", ("other", "unmatched", "404"))]


def test_batches() -> None:
    metrics = Metrics()
    metrics.batch("report.received", 64, 0.3)
    metrics.batch("report.received", 0, 0.001)
    seen = _samples(metrics)
    assert seen["chengshu_batch_size_sum", ("report.received",)] == 64
    assert seen["chengshu_batch_seconds_count", ("report.received",)] == 1


def test_totals() -> None:
    metrics = Metrics()
    metrics.clients(7)
    seen = _samples(metrics, Signs("0003", waiting=5, set_aside=2, lag_s=1.5, overdue=3))
    assert {
        name: seen[f"chengshu_{name}", ()]
        for name in ("live_clients", "outbox_waiting", "outbox_set_aside", "outbox_lag_seconds", "orders_overdue")
    } == {
        "live_clients": 7, "outbox_waiting": 5, "outbox_set_aside": 2, "outbox_lag_seconds": 1.5,
        "orders_overdue": 3,
    }  # fmt: skip


def test_two_processes_worth_of_figures_do_not_mix() -> None:
    one, two = Metrics(), Metrics()
    one.request("GET", "/", 200, 0.1)
    assert ("chengshu_http_requests_total", ("GET", "/", "200")) not in _samples(two)
    assert CONTENT_TYPE.startswith("text/plain")
