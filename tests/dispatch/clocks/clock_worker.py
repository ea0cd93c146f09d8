"""A worker process for the soak: rounds of clocks until it is killed.

Run as: python clock_worker.py DSN. It reads no city's files: clocks keep plain office hours.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

import psycopg

from chengshu.app import pipeline
from chengshu.kit.db import Database

MOST = 500


def main(dsn: str) -> None:
    database = Database(dsn, size=2, name="clock-soak")
    database.open()
    while True:
        try:
            acted = pipeline.handle_clocks(database, datetime.now(UTC), MOST)
        except psycopg.OperationalError:
            time.sleep(0.5)
            continue
        if acted < MOST:
            time.sleep(1.0)  # as app.work does


if __name__ == "__main__":
    main(sys.argv[1])
