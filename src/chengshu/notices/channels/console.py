"""The twin of every gateway for a developer's machine and for drills: one line of JSON per message in a file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from chengshu.kit.db import dumps
from chengshu.notices.model import Message
from chengshu.notices.sender import Undelivered


@dataclass(frozen=True, slots=True)
class Console:
    """Appends to a file that only its owner reads; nothing leaves the machine."""

    path: Path

    def send(self, message: Message) -> None:
        """See `Sender.send`."""
        if not message.address:
            raise Undelivered("no address", final=True)
        line = dumps({"key": message.key, "to": message.address, "subject": message.subject, "text": message.text,
                      "at": message.at.isoformat()})  # fmt: skip
        try:
            with os.fdopen(
                os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                "a",
                encoding="utf-8",
            ) as out:
                out.write(line + "\n")
        except OSError as failure:
            raise Undelivered(f"cannot write {self.path.name}: {failure.strerror}") from failure
