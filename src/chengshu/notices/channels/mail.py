"""E-mail by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from chengshu.kit.times import local
from chengshu.notices.model import Message
from chengshu.notices.sender import Undelivered

_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail server.

    Attributes:
        tls: "starttls", "tls" (from the first byte), or "none" inside one machine room.
        context: Which certificates are believed; None for the system's.
    """

    host: str
    port: int
    sender: str
    tls: str = "starttls"
    user: str = ""
    password: str = ""
    timeout_s: float = 15.0
    context: ssl.SSLContext | None = None

    def send(self, message: Message) -> None:
        """See `Sender.send`; the key is the Message-ID, by which mail systems drop repetitions."""
        if "@" not in message.address or any(c in message.address for c in "\r\n,"):
            raise Undelivered("no mailbox", final=True)
        try:
            with self._connect() as server:
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(self._mail(message))
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            raise Undelivered(
                f"SMTP {code}: recipient refused", final=code >= _PERMANENT
            ) from refused
        except smtplib.SMTPResponseException as refused:
            final = refused.smtp_code >= _PERMANENT and not isinstance(
                refused, smtplib.SMTPAuthenticationError
            )
            raise Undelivered(f"SMTP {refused.smtp_code}", final=final) from refused
        except (smtplib.SMTPException, OSError) as failure:
            raise Undelivered(type(failure).__name__) from failure

    def _connect(self) -> smtplib.SMTP:
        context = self.context or ssl.create_default_context()
        if self.tls == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        if self.tls == "starttls":
            try:
                server.starttls(
                    context=context
                )  # raises when the server has none: never in the clear then
            except BaseException:
                server.close()
                raise
        return server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"], mail["To"] = self.sender, message.address
        mail["Subject"] = " ".join((message.subject or message.text[:40]).split())
        mail["Date"] = format_datetime(local(message.at))
        mail["Message-ID"] = f"<{message.key}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail
