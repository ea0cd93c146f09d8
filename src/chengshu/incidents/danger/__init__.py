"""Danger in a message: it rings at once, with its words marked and the line to be called."""

from chengshu.incidents.danger.detect import QUIET, Finding, Span, find

__all__ = ["QUIET", "Finding", "Span", "find"]
