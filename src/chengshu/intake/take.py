"""Take one report in, with the files that came with it."""

from __future__ import annotations

from collections.abc import Sequence

from chengshu.intake import store
from chengshu.intake.model import Report, Reporter
from chengshu.intake.submit import Receipt, submit
from chengshu.kit.db import Connection
from chengshu.kit.sealing import Keyring


def take(conn: Connection, keyring: Keyring, report: Report, reporter: Reporter | None,
         attachments: Sequence[str] = ()) -> Receipt:  # fmt: skip
    """Submit a report and link the sender's own uploads to it; sent again, nothing is linked twice.

    Raises:
        Conflict: Its number was used before for another message.
        Invalid: An attachment is unknown, another's, or in use.
    """
    receipt = submit(conn, keyring, report, reporter)
    if attachments and not receipt.duplicate:
        store.link_to_report(conn, [int(a) for a in attachments], receipt.id)
    return receipt


def receipt_number(report: int) -> str:
    """回执编号: what an outside system keeps as proof that we have its report."""
    return f"CS{report}"
