"""The yardstick: FastAPI and psycopg, one POST, one INSERT, the same pool and nothing else."""

from __future__ import annotations

import sys
from datetime import datetime

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from chengshu.kit.db import Database


class Body(BaseModel):
    """The same body as the real channel takes."""

    channel_id: str
    text: str
    title: str = ""
    place: str = ""
    said_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None


def bare_app(database: Database) -> FastAPI:
    """One route that inserts a row and commits."""
    app = FastAPI()

    @app.post("/reports", status_code=202)
    def post(body: Body) -> dict[str, str]:
        with database.transaction() as conn:
            row = conn.execute(
                "insert into bare (channel_id, title, text, place, said_at, lon, lat) "
                "values (%s, %s, %s, %s, %s, %s, %s) returning id",
                (
                    body.channel_id,
                    body.title,
                    body.text,
                    body.place,
                    body.said_at,
                    body.lon,
                    body.lat,
                ),
            ).fetchone()
            return {"id": str(row[0]) if row else ""}

    return app


def main(dsn: str, port: int) -> None:
    """Serve until terminated."""
    database = Database(dsn, size=40)
    database.open()
    uvicorn.run(
        bare_app(database),
        host="127.0.0.1",
        port=port,
        log_level="error",
        access_log=False,
        http="httptools",
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
