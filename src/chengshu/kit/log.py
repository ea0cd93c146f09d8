"""Structured logs: one JSON object a line, each with the request's or the job's id."""

from __future__ import annotations

import logging
import sys

import structlog


def setup(level: str = "info") -> None:
    """Send structlog and the standard library's records to stderr as JSON lines."""
    number = getattr(logging, level.upper())
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        # the stderr of the moment, not of this call: a program run within another one takes its own away
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `where=name`."""
    return structlog.get_logger(where=name)  # type: ignore[no-any-return]
