"""A simulated platform above: a real HTTP server that signs, loses answers, repeats and reorders."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chengshu.dispatch.upward.signing import is_signed, sign

SECRET = b"between-two-platforms"


@dataclass
class Platform:
    """What the platform above knows.

    Attributes:
        loses: How many of the next answers get lost after the work was done.
        effects: Messages that had an effect, by their number: a repetition has none.
        seen: Every arrival, repetitions too.
    """

    now: datetime
    rng: random.Random
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    effects: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    loses: int = 0
    repeats: bool = False
    forges: bool = False

    def hand_down(
        self, number: str, title: str, text: str, place: str = "如皋市白蒲镇", days: int = 3
    ) -> None:
        self.orders[number] = {
            "number": number, "title": title, "text": text, "place": place, "sent_at": self.now.isoformat(),
            "due_at": (self.now + timedelta(days=days)).isoformat(),
        }  # fmt: skip
        self.states[number] = "sent"

    def answer(self, verb: str, path: str, body: bytes) -> tuple[int, Any]:
        if (verb, path) == ("GET", "/orders"):
            waiting = [
                o for n, o in self.orders.items() if self.repeats or self.states[n] == "sent"
            ]
            self.rng.shuffle(waiting)
            return 200, {"orders": waiting + (waiting[:1] if self.repeats else [])}
        if path.startswith("/days/"):
            return 200, {"orders": [{"number": n, "state": s} for n, s in self.states.items()]}
        number, message = path.split("/")[2], json.loads(body)
        if number not in self.orders:
            return 404, {"detail": "no such order"}
        self.seen.append(message["id"])
        self.effects.setdefault(message["id"], {"number": number, **message})
        becomes = {"receipt": "received", "return": "returned", "reply": "answered"}.get(
            message["kind"]
        )
        if becomes and not (becomes == "received" and self.states[number] != "sent"):
            self.states[number] = becomes
        told = {"receipt": f"R-{message['id']}"}
        return 200, told | ({"verdict": "granted"} if message["kind"] == "extension" else {})


@contextmanager
def running(platform: Platform) -> Iterator[str]:
    """The platform at an address of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, verb: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            stamp, signature = self.headers.get("x-time", ""), self.headers.get("x-signature", "")
            if not is_signed(SECRET, verb, self.path, stamp, body, signature, platform.now):
                self._send(401, b"{}", verb)
                return
            status, told = platform.answer(verb, self.path, body)
            if platform.loses > 0:
                platform.loses -= 1
                self.close_connection = True
                return  # the work is done, and nobody hears of it
            self._send(status, json.dumps(told).encode(), verb)

        def _send(self, status: int, content: bytes, verb: str) -> None:
            stamp = platform.now.isoformat()
            secret = b"somebody else" if platform.forges else SECRET
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("X-Time", stamp)
            self.send_header("X-Signature", sign(secret, verb, self.path, stamp, content))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing on the screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
