"""Where every channel ends: one report is written once, and a worker is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from chengshu.intake import store
from chengshu.intake.model import Report, Reporter
from chengshu.intake.store import Filing
from chengshu.kit.db import Connection
from chengshu.kit.errors import Conflict
from chengshu.kit.sealing import Keyring

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: read out over the telephone
_CODE_LETTERS = 12  # 60 bits


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender gets back.

    Attributes:
        code: The citizen's follow-up code, the same for the same report.
        duplicate: True when this very report was here before.
    """

    id: int
    code: str
    duplicate: bool


def follow_up_code(keyring: Keyring, source: str, channel: str, channel_id: str) -> str:
    """The code by which a citizen follows her report; it cannot be guessed from the number."""
    number = int(keyring.keyed_hash(f"code\0{source}\0{channel}\0{channel_id}"), 16)
    letters = "".join(_ALPHABET[number >> 5 * i & 31] for i in range(_CODE_LETTERS))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def code_hash(keyring: Keyring, code: str) -> str:
    """What the database keeps of a follow-up code."""
    return keyring.keyed_hash("follow\0" + "".join(c for c in code.lower() if c in _ALPHABET))


def caller_hash(keyring: Keyring, phone: str) -> str:
    """By which repeated calls are recognised without keeping the number."""
    digits = "".join(c for c in phone if c.isdigit())[-11:]
    return keyring.keyed_hash("caller\0" + digits) if len(digits) >= 7 else ""


def body_hash(report: Report) -> bytes:
    """By which the same message is told from another one under the same number."""
    body = json.dumps([report.title, report.text, report.place, report.nature], ensure_ascii=False)
    return sha256(body.encode()).digest()


def _filing(keyring: Keyring, report: Report, reporter: Reporter | None) -> tuple[Filing, str]:
    code = follow_up_code(keyring, report.source, report.channel, report.channel_id)
    keep = (
        reporter is not None
        and not report.anonymous
        and any((reporter.name, reporter.phone, reporter.identity))
    )
    sealed = None
    if keep and reporter is not None:
        plain = json.dumps(
            {"name": reporter.name, "phone": reporter.phone, "identity": reporter.identity}
        )
        sealed = keyring.seal(plain.encode(), str(report.id).encode())
    filing = Filing(
        report=report,
        code_hash=code_hash(keyring, code),
        body_hash=body_hash(report),
        sealed=sealed,
        masked=reporter.masked() if keep and reporter is not None else "",
    )
    return filing, code


def submit(
    conn: Connection, keyring: Keyring, report: Report, reporter: Reporter | None = None
) -> Receipt:
    """Write a report once, however often it is sent.

    Raises:
        Conflict: Its number was used before for another message.
    """
    filing, code = _filing(keyring, report, reporter)
    if store.add(conn, filing):
        return Receipt(report.id, code, duplicate=False)
    earlier = store.existing(conn, report.source, report.channel, report.channel_id)
    if earlier is None or bytes(earlier[1]) != filing.body_hash:
        raise Conflict(
            f"编号 {report.channel_id} 已用于另一条内容，请换一个编号",
            f"the number {report.channel_id} already belongs to another message; use a new one",
        )
    return Receipt(earlier[0], code, duplicate=True)


def submit_many(
    conn: Connection, keyring: Keyring, reports: Sequence[tuple[Report, Reporter | None]]
) -> list[int]:
    """Write many reports of one source and channel; returns the ids of those that were new."""
    return store.add_many(
        conn, [_filing(keyring, report, reporter)[0] for report, reporter in reports]
    )
