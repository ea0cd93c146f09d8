"""Wiring only: HTTP API, live stream, workers, command line, refusals to HTTP."""
