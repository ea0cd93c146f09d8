"""The other ends: real servers on this machine that can be slow, refuse, or lose their answers."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = tuple[int, dict[str, Any]] | None  # None: the answer is lost


@dataclass
class Heard:
    """One request as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Its body."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class HttpEnd:
    """A server that answers as it is told, and remembers what it heard."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answers: Callable[[Heard], Answer] = lambda _: (200, {})


@contextmanager
def http_end() -> Iterator[HttpEnd]:
    """A real HTTP server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            one = Heard(dict(self.headers.items()), self.rfile.read(length))
            end.heard.append(one)
            answer = end.answers(one)
            if answer is None:  # taken, and the line breaks before anybody hears so
                self.close_connection = True
                self.connection.close()
                return
            status, body = answer
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Silence."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A connection that was closed on purpose is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    end = HttpEnd(f"http://127.0.0.1:{server.server_address[1]}/in")
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield end
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class MailEnd:
    """A mail server with STARTTLS and a login."""

    host: str
    port: int
    context: ssl.SSLContext
    mails: list[Mail] = field(default_factory=list)
    tls: list[bool] = field(default_factory=list)
    refuse: str = ""  # what it answers to a recipient, such as "550 no such user"


@contextmanager
def mail_end(folder: Path, *, with_tls: bool = True) -> Iterator[MailEnd]:
    """A real SMTP server."""
    certificate, key = certify(folder)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    believed = ssl.create_default_context(cafile=str(certificate))

    class Handler:  # the names are aiosmtpd's
        async def handle_RCPT(  # noqa: N802
            self, _s: Any, _session: Any, envelope: Any, address: str, _o: Any
        ) -> str:
            if end.refuse:
                return end.refuse
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
            end.mails.append(message_from_bytes(envelope.content))
            end.tls.append(server._tls_protocol is not None)
            return "250 taken"

    controller = Controller(
        Handler(), hostname="127.0.0.1", port=_free_port(), tls_context=served if with_tls else None, require_starttls=with_tls
    )  # fmt: skip
    end = MailEnd("localhost", controller.port, believed)
    controller.start()
    try:
        yield end
    finally:
        controller.stop()


def _free_port() -> int:
    """A port that nobody uses: aiosmtpd rings itself up to see that it runs, so it must know its own."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def certify(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost, good for a day, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                          serialization.NoEncryption()))  # fmt: skip
    return certificate, private
