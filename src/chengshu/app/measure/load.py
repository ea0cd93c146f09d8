"""A small HTTP client for load: keep-alive connections, pipelined by nothing, little work per request."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answered:
    """What a load run saw.

    Attributes:
        seconds: From the first request to the last answer.
        refused: Answers other than 2xx, by status.
    """

    sent: int
    seconds: float
    refused: dict[int, int]

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return self.sent / self.seconds


def post_request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of one POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json",
             f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send(
    port: int, requests: Sequence[bytes], connections: int = 16, per_s: float | None = None
) -> Answered:
    """Send all requests over so many connections; with `per_s`, no faster than that."""
    with ThreadPoolExecutor(1) as apart:  # the caller may have an event loop of its own
        return apart.submit(asyncio.run, _send(port, requests, connections, per_s)).result()


async def _send(
    port: int, requests: Sequence[bytes], connections: int, per_s: float | None
) -> Answered:
    refused: dict[int, int] = {}
    waiting = iter(requests)
    began = time.perf_counter()
    turns = _turns(began, per_s)
    await asyncio.gather(*(_client(port, waiting, turns, refused) for _ in range(connections)))
    return Answered(len(requests), time.perf_counter() - began, refused)


def _turns(began: float, per_s: float | None) -> Iterator[float]:
    number = 0
    while True:
        yield began + number / per_s if per_s else 0.0
        number += 1


async def _client(
    port: int, waiting: Iterator[bytes], turns: Iterator[float], refused: dict[int, int]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for request in waiting:
            if (wait := next(turns) - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head[9:12])
            length = next(
                int(line[15:])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            )
            await reader.readexactly(length)
            if not 200 <= status < 300:
                refused[status] = refused.get(status, 0) + 1
    finally:
        writer.close()
